import { describe, expect, test } from "vitest";
import type { TimelineEntry } from "../../../contract/incident.ts";
import { SECTION_KEYS } from "../../../contract/postmortem.ts";
import { fromIso, type Instant, toIso } from "../../base/instant.ts";
import { meet, startDeadline, withdraw } from "../deadline/deadline.ts";
import type { Deadline } from "../deadline/deadline.ts";
import type { Incident } from "../incident/incident.ts";
import { type DraftFacts, draftSections } from "./draft.ts";

const at = (time: string): Instant => fromIso(`2026-11-21T${time}:00Z`)!;
const NOW = at("18:00");

const incident: Incident = {
  number: 7,
  title: "Payments | fail",
  severity: "SEV1",
  state: "resolved",
  serviceId: "checkout",
  services: ["checkout", "payments"],
  regions: ["eu-west"],
  teamIds: ["shop", "data"],
  ruleId: "payment-failures",
  ruleFile: "rules.yaml",
  ruleLine: 12,
  summary: null,
  impact: {},
  rootCause: {},
  commanderId: "ann",
  offeredCommanderId: null,
  acknowledgedBy: "ann",
  detectedAt: at("10:00"),
  declaredAt: at("10:01"),
  acknowledgedAt: at("10:04"),
  mitigatedAt: at("10:40"),
  resolvedAt: at("12:30"),
  closedAt: null,
  cancelledBecause: null,
  kind: "service",
  mergedInto: null,
  autoResolve: false,
  deferredFor: null,
  deferredBecause: null,
  restricted: false,
  declaredBy: { kind: "engine" },
  attendAt: null,
  groupKey: null,
  joinedAt: null,
};

const clock = (kind: Deadline["kind"], iso: string, source = "policy.yaml:4"): Deadline =>
  startDeadline(
    { kind, length: { iso, unit: "running" }, calendarId: null, source },
    incident.declaredAt,
    null,
    "UTC",
  );

const entry = (
  kind: TimelineEntry["kind"],
  text: string,
  more: Partial<TimelineEntry> = {},
): TimelineEntry => ({
  id: "00000000-0000-7000-8000-000000000000",
  at: toIso(at("10:02")),
  kind,
  actor: { kind: "engine", id: null },
  text,
  params: {},
  ...more,
});

const facts: DraftFacts = {
  incident,
  roles: [{ role: "scribe", personId: "bob" }],
  deadlines: [],
  timeline: [],
  timelineIsCut: false,
  alertCount: 3,
  updateCount: 0,
  acceptance: [],
  runs: [],
  form: null,
  actionItems: [],
  personName: (id) => ({ ann: "Ann Ash", bob: "Bob Beech" })[id] ?? id,
  teamName: (id) => ({ shop: "Shop", data: "Data" })[id] ?? id,
};

const drafted = (change: Partial<DraftFacts> = {}) => draftSections({ ...facts, ...change }, NOW);

test("all nine sections have words, whatever is known", () => {
  const draft = drafted();
  expect(Object.keys(draft)).toEqual(SECTION_KEYS);
  for (const key of SECTION_KEYS) expect(draft[key].trim()).not.toBe("");
});

describe("summary", () => {
  test("names id, severity, times from detection, duration, commander, roles and teams", () => {
    const { summary } = drafted();
    for (const row of [
      "| Incident | INC-7: Payments \\| fail |",
      "| Severity | SEV1 |",
      "| Detected | 2026-11-21 10:00:00 UTC |",
      "| Declared | 2026-11-21 10:01:00 UTC by rule payment-failures (rules.yaml:12) |",
      "| Acknowledged | 2026-11-21 10:04:00 UTC (4 min after detection) by Ann Ash |",
      "| Mitigated | 2026-11-21 10:40:00 UTC (40 min after detection) |",
      "| Duration | 2 h 30 min |",
      "| Commander | Ann Ash |",
      "| Roles | Bob Beech (scribe) |",
      "| Teams | Shop, Data |",
      "| Services | checkout, payments |",
      "| Alerts | 3 |",
    ]) {
      expect(summary).toContain(row);
    }
  });

  test("says so when nobody acknowledged, commanded or declared by rule", () => {
    const { summary } = drafted({
      incident: {
        ...incident,
        ruleId: null,
        declaredBy: { kind: "person", personId: "bob" },
        acknowledgedAt: null,
        acknowledgedBy: null,
        commanderId: null,
      },
    });
    expect(summary).toContain("| Acknowledged | never |");
    expect(summary).toContain("| Commander | nobody |");
    expect(summary).toContain("UTC by Bob Beech |");
  });
});

describe("impact", () => {
  test("shows what was entered and says what was not", () => {
    const { impact } = drafted({
      incident: { ...incident, impact: { customers: "EU shops", percent: 12.5, revenue: "9 k€" } },
    });
    expect(impact).toContain("| Customers | EU shops; 12.5 % of customers |");
    expect(impact).toContain("| Revenue | 9 k€ |");
    expect(impact).toContain("| Services | checkout, payments |");
    expect(impact).toContain("| Data | not stated |");
  });

  test("computes the SLA from the clocks: kept, missed by how much, no longer owed", () => {
    const { impact } = drafted({
      deadlines: [
        meet(clock("acknowledge", "PT15M"), at("10:04")),
        meet(clock("mitigate", "PT30M"), at("10:40")),
        withdraw(clock("resolve", "PT4H"), "reopened", at("11:00")),
        meet(clock("postmortem", "PT48H"), at("13:00")),
      ],
    });
    expect(impact).toContain("**SLA breached.**");
    expect(impact).toContain(
      "| 2026-11-21 10:16:00 UTC | 2026-11-21 10:04:00 UTC | 12 min to spare | policy.yaml:4 |",
    );
    expect(impact).toContain("| missed by 9 min |");
    expect(impact).toContain("| no longer owed: reopened |");
    expect(impact).not.toContain("postmortem");
  });

  test("an SLA that was kept is said to be", () => {
    const deadlines = [meet(clock("acknowledge", "PT15M"), at("10:04"))];
    expect(drafted({ deadlines }).impact).toContain("**SLA kept.**");
  });

  test("a breach that a later start of the clock forgot is known from the timeline", () => {
    const timeline = [entry("breached", "Missed.", { params: { deadline: "mitigate" } })];
    expect(drafted({ timeline }).impact).toContain("**SLA breached.**");
  });
});

describe("timeline", () => {
  test("is a table of time, event, action and owner that begins with the first signal", () => {
    const { timeline } = drafted({
      timeline: [
        entry("acknowledged", "Acknowledged by ann.", { actor: { kind: "person", id: "ann" } }),
        entry("paged", "Paged ann."),
        entry("note", "a | b\nsecond line", { actor: { kind: "token", id: "ci" } }),
      ],
    });
    expect(timeline.split("\n")).toEqual([
      "| Time | Event | Action | Owner |",
      "| --- | --- | --- | --- |",
      "| 2026-11-21 10:00:00 UTC | Detected | The first signal came. | – |",
      "| 2026-11-21 10:02:00 UTC | Acknowledged | Acknowledged by ann. | Ann Ash |",
      "| 2026-11-21 10:02:00 UTC | Paged | Paged ann. | Tocsin |",
      "| 2026-11-21 10:02:00 UTC | Note | a \\| b second line | token ci |",
    ]);
  });

  test("counts the single alerts of a storm beyond fifty and keeps everything else", () => {
    const storm = Array.from({ length: 70 }, (_, n) => entry("alert joined", `Alert joined: ${n}`));
    const { timeline } = drafted({ timeline: [...storm, entry("mitigated", "Mitigated.")] });
    expect(timeline.match(/Alert joined/g)).toHaveLength(50 * 2);
    expect(timeline).toContain("Mitigated.");
    expect(timeline).toContain("20 more entries of single alerts are left out");
  });

  test("leaves out warnings and the paperwork of the review itself", () => {
    const { timeline } = drafted({
      timeline: [
        entry("at risk", "At risk."),
        entry("postmortem drafted", "Postmortem drafted."),
        entry("task added", "Task added: Review"),
        entry("task added", "Task added: Drain", { actor: { kind: "person", id: "bob" } }),
      ],
    });
    expect(timeline).not.toMatch(/At risk|drafted|Review/);
    expect(timeline).toContain("Drain");
  });

  test("says that it goes on when there are more entries than anybody reads", () => {
    expect(drafted({ timelineIsCut: true }).timeline).toContain("timeline goes on");
  });
});

test("root cause shows what is documented and asks for the rest", () => {
  const rootCause = { whatHappened: "A deploy.", underlying: "No canary." };
  const draft = drafted({ incident: { ...incident, rootCause } })["root-cause"];
  expect(draft).toContain("### What happened\n\nA deploy.");
  expect(draft).toContain("### Underlying cause\n\nNo canary.");
  expect(draft).toContain("### Immediate cause\n\n_What set it off?_");
});

describe("suggestions", () => {
  test("what went well: found by a rule, clocks kept, stakeholders told, recovery verified", () => {
    const well = drafted({
      deadlines: [meet(clock("acknowledge", "PT15M"), at("10:04"))],
      updateCount: 2,
      acceptance: [
        { piece: "verification", text: "error rate 0.1 %", overridden: false, recordedAt: NOW },
      ],
    })["went-well"];
    expect(well).toContain("- Found by monitoring: rule payment-failures declared it.");
    expect(well).toContain("- Kept: the acknowledge clock, with 12 min to spare.");
    expect(well).toContain("- Stakeholders heard 2 status updates.");
    expect(well).toContain("- Recovery was verified: error rate 0.1 %");
  });

  test("what went poorly: missed clocks, unanswered and failed pages, gaps, delay", () => {
    const poorly = drafted({
      deadlines: [meet(clock("mitigate", "PT30M"), at("10:40"))],
      timeline: [
        entry("paged", "Paged ann.", { params: { step: 1, round: 1 } }),
        entry("paged", "Paged bob.", { params: { step: 2, round: 1 } }),
        entry("page failed", "The page failed."),
        entry("nobody to page", "Nobody."),
        entry("breached", "The mitigate clock was missed.", { params: { deadline: "mitigate" } }),
        entry("breached", "The status update clock was missed.", {
          params: { deadline: "status update" },
        }),
      ],
    })["went-poorly"];
    expect(poorly).toContain(
      "- Missed: the mitigate clock, due 2026-11-21 10:31:00 UTC (missed by 9 min).",
    );
    expect(poorly).toContain("- The status update clock was missed.");
    expect(poorly).not.toContain("- The mitigate clock was missed.");
    expect(poorly).toContain("- 1 page went unanswered");
    expect(poorly).toContain("- 1 page could not be delivered.");
    expect(poorly).toContain("a gap in on-call");
    expect(poorly).toContain("- It took 4 min from detection until somebody had it.");
  });

  test("what went poorly says that nobody acknowledged and that no rule found it", () => {
    const poorly = drafted({ incident: { ...incident, acknowledgedAt: null, ruleId: null } });
    expect(poorly["went-poorly"]).toContain("- Nobody acknowledged it.");
    expect(poorly["went-poorly"]).toContain("- No rule declared it");
    expect(poorly.prevention).toContain("No rule found it; a person did.");
  });
});

test("action items are a table of id, priority, action, owner, due date and status", () => {
  const item = {
    number: 3,
    incidentNumber: 7,
    priority: "P0" as const,
    title: "Add a canary",
    ownerId: "bob",
    dueAt: at("17:00"),
    status: "in progress" as const,
    doneAt: null,
    createdAt: at("13:00"),
    note: null,
  };
  const draft = drafted({ actionItems: [item, { ...item, number: 4, status: "done" }] });
  expect(draft["action-items"]).toContain(
    "| AI-3 | P0 | Add a canary | Bob Beech | 2026-11-21 | in progress, overdue |",
  );
  expect(draft["action-items"]).toContain(
    "| AI-4 | P0 | Add a canary | Bob Beech | 2026-11-21 | done |",
  );
});

test("prevention asks about monitoring, testing, documentation and architecture", () => {
  const { prevention } = drafted();
  for (const heading of ["Monitoring", "Testing", "Documentation", "Architecture"]) {
    expect(prevention).toContain(`### ${heading}`);
  }
  expect(prevention).toContain("Rule payment-failures found it 1 min after the first signal.");
});
