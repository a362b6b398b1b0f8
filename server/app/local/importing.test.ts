/**
 * Exports in the documented shapes of four tools. What each tool would render is worked out here, by half hours on
 * the wall clock, with a sentence for each rotation and nothing of Tocsin's own calculator.
 */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fromIso, type Instant, instant } from "../../base/instant.ts";
import { snapshot } from "../../domain/config/config.ts";
import { checkSnapshot } from "../../domain/config/check.ts";
import { readFiles } from "../../domain/config/files.ts";
import type { ExportDocument } from "../../edge/importing/imported.ts";
import { IMPORTERS } from "../../edge/importing/index.ts";
import { type ImportReport, reportOf } from "./importing.ts";

const GOLDEN = new URL("../../edge/importing/golden/", import.meta.url);
const HALF_HOUR = 30 * 60_000;
const WEEK = 7 * 24 * 60 * 60_000;

async function exportOf(tool: string): Promise<Map<string, unknown>> {
  const names = await readdir(new URL(`${tool}/`, GOLDEN));
  const read = async (name: string) =>
    [name, JSON.parse(await readFile(new URL(`${tool}/${name}`, GOLDEN), "utf8"))] as const;
  return new Map(await Promise.all(names.toSorted().map(read)));
}

function report(tool: string, files: ReadonlyMap<string, unknown>): ImportReport {
  const documents = [...files].map(([file, value]): ExportDocument => ({ file, value }));
  return reportOf(tool, IMPORTERS[tool]!(documents), documents);
}

type Shift = { readonly who: string; readonly start: string; readonly end: string };
type Wall = Temporal.PlainDateTime;

/** Whoever `hold` names, half an hour after the other, joined where they follow each other. */
function rendered(
  zone: string,
  from: string,
  weeks: number,
  hold: (wall: Wall, at: Instant) => readonly string[],
) {
  const open = new Map<string, number>();
  const shifts: Shift[] = [];
  const iso = (at: number) => new Date(at).toISOString();
  const begin = fromIso(from)!;
  const end = begin + weeks * WEEK;
  for (let at = begin as number; at <= end; at += HALF_HOUR) {
    const wall = Temporal.Instant.fromEpochMilliseconds(at)
      .toZonedDateTimeISO(zone)
      .toPlainDateTime();
    const now = at === end ? [] : hold(wall, instant(at));
    for (const [who, start] of open)
      if (!now.includes(who)) {
        shifts.push({ who, start: iso(start), end: iso(at) });
        open.delete(who);
      }
    for (const who of now) if (!open.has(who)) open.set(who, at);
  }
  return shifts;
}

/** Whole turns of so many days since a moment of the wall clock. */
const turn = (wall: Wall, since: string, days: number): number =>
  Math.floor(
    Temporal.PlainDateTime.from(since).until(wall, { largestUnit: "hours" }).total("hours") /
      (24 * days),
  );
const of = <T>(list: readonly T[], at: number): T =>
  list[((at % list.length) + list.length) % list.length]!;
const hourOf = (wall: Wall): number => wall.hour + wall.minute / 60;

async function pagerduty(weeks = 54): Promise<Map<string, unknown>> {
  const files = await exportOf("pagerduty");
  const holiday = [fromIso("2026-12-24T23:00:00Z")!, fromIso("2026-12-25T23:00:00Z")!] as const;
  const shifts = rendered("America/New_York", "2026-11-26T05:00:00Z", weeks, (wall, at) => {
    if (at >= holiday[0] && at < holiday[1]) return ["PBOB001"];
    if (wall.dayOfWeek >= 6) return [of(["PCAT001", "PBOB001"], turn(wall, "2026-11-21T00:00", 7))];
    return [of(["PANN001", "PBOB001", "PCAT001"], turn(wall, "2026-11-16T09:00", 7))];
  });
  const { schedule } = files.get("primary.json") as { schedule: { final_schedule: object } };
  Object.assign(schedule.final_schedule, {
    rendered_schedule_entries: shifts.map(({ who, start, end }) => ({
      start,
      end,
      user: { id: who },
    })),
  });
  return files;
}

async function opsgenie(): Promise<Map<string, unknown>> {
  const files = await exportOf("opsgenie");
  const zone = "Europe/Berlin";
  const day = rendered(zone, "2026-11-26T00:00:00Z", 53, (wall) =>
    hourOf(wall) >= 8 && hourOf(wall) < 20
      ? [of(["u-ann", "u-bo"], turn(wall, "2026-11-23T08:00", 1))]
      : [],
  );
  const lead = rendered(zone, "2026-11-26T00:00:00Z", 53, (wall) => {
    const hour = hourOf(wall);
    const isOn =
      (wall.dayOfWeek === 1 && hour >= 9 && hour < 17.5) ||
      (wall.dayOfWeek === 5 && hour >= 22) ||
      wall.dayOfWeek === 6 ||
      (wall.dayOfWeek === 7 && hour < 6);
    return isOn ? [of(["u-cy", "u-ann"], turn(wall, "2026-11-23T08:00", 14))] : [];
  });
  const periods = (shifts: readonly Shift[]) =>
    shifts.map(({ who, start, end }) => ({
      startDate: start,
      endDate: end,
      type: "historical",
      recipient: { type: "user", id: who },
    }));
  const { data } = files.get("timeline.json") as { data: Record<string, unknown> };
  Object.assign(data, {
    startDate: "2026-11-26T00:00:00Z",
    endDate: "2027-12-02T00:00:00Z",
    finalTimeline: {
      rotations: [
        { id: "r-day", name: "Days", order: 1, periods: periods(day) },
        { id: "r-work", name: "Lead", order: 2, periods: periods(lead) },
      ],
    },
  });
  return files;
}

async function grafanaOncall(): Promise<Map<string, unknown>> {
  const files = await exportOf("grafana-oncall");
  const shifts = rendered("Europe/Zurich", "2026-11-25T23:00:00Z", 53, (wall) => {
    if (wall.toPlainDate().toString() === "2026-12-25") return ["UBEN"];
    if (wall.dayOfWeek >= 6 && wall.hour >= 10 && wall.hour < 20) return ["UCLEO"];
    return [of(["UBEN", "UANN"], turn(wall, "2026-11-23T09:00", 7))];
  });
  const results = shifts.map(({ who, start, end }) => ({
    user_pk: who,
    user_email: "",
    user_username: "",
    shift_start: start,
    shift_end: end,
  }));
  files.set("final_shifts-SPLATFORM.json", { results });
  return files;
}

async function goalert(): Promise<Map<string, unknown>> {
  const files = await exportOf("goalert");
  const shifts = rendered("Australia/Lord_Howe", "2026-11-26T00:00:00Z", 53, (wall) => {
    const tide = of(["0b", "0c", "0a"], turn(wall, "2026-11-23T09:00", 7));
    const isWork = wall.dayOfWeek <= 5 && wall.hour >= 9 && wall.hour < 17;
    return isWork ? [tide, "0c"] : [tide];
  });
  const { data } = files.get("export.json") as { data: { schedules: { nodes: object[] } } };
  Object.assign(data.schedules.nodes[0]!, {
    shifts: shifts.map(({ who, start, end }) => ({ userID: who, start, end, truncated: false })),
  });
  return files;
}

const EXPORTS = { pagerduty, opsgenie, "grafana-oncall": grafanaOncall, goalert } as const;

for (const [tool, exported] of Object.entries(EXPORTS))
  describe(tool, () => {
    test("names the same people at every boundary of 52 weeks, over both clock changes", async () => {
      const { proofs } = report(tool, await exported());
      expect(proofs.map(({ verdict, differences }) => [verdict, differences])).toEqual([
        ["same", []],
      ]);
    });

    test("is written as configuration that reads back and refers to nothing that is not there", async () => {
      const { files, notes } = report(tool, await exported());
      const sources = Object.entries(files).map(([path, text]) => ({ path, text }));
      const { objects, findings } = readFiles(sources, tool);
      expect(findings).toEqual([]);
      const entries = objects.map(({ kind, id, body }) => ({
        kind,
        id,
        body,
        owner: "file",
        source: null,
        ref: id,
      }));
      const problems = checkSnapshot(snapshot(1, entries as never), () => []);
      expect(problems.filter(({ level }) => level === "refused")).toEqual([]);
      const text = [...notes, "", ...Object.values(files)].join("\n");
      await expect(text).toMatchFileSnapshot(fileURLToPath(new URL(`${tool}.txt`, GOLDEN)));
    });

    test("without rendered shifts nothing is proved", async () => {
      const { proofs } = report(tool, await exportOf(tool));
      expect(proofs.map(({ verdict }) => verdict)).toEqual(["not proved"]);
    });
  });

test("an export that reaches less than a year proves no more than that", async () => {
  const { proofs } = report("pagerduty", await pagerduty(20));
  expect(proofs).toMatchObject([{ verdict: "short", to: "2027-04-15T05:00:00.000Z" }]);
});

test("what differs is listed with its span, its people and a reason", async () => {
  const files = await pagerduty();
  const { schedule } = files.get("primary.json") as {
    schedule: { schedule_layers: { users: unknown[] }[] };
  };
  schedule.schedule_layers[1]!.users.reverse();
  const [proof] = report("pagerduty", files).proofs;
  expect(proof?.verdict).toBe("different");
  expect(proof?.differences[0]).toEqual({
    from: "2026-11-30T14:00:00.000Z",
    to: "2026-12-05T05:00:00.000Z",
    here: ["ann"],
    there: ["cat"],
    because: "another person's turn: an order, a start or an override differs",
  });
});

/** A schedule of GoAlert in Berlin, its shifts by half hours from one instant on. */
function berlin(targets: readonly object[], shifts: readonly Shift[], rotations: object[] = []) {
  const schedule = {
    id: "s",
    name: "Berlin",
    timeZone: "Europe/Berlin",
    targets,
    shifts: shifts.map(({ who, start, end }) => ({ userID: who, start, end })),
  };
  const users = {
    nodes: ["0a", "0b"].map((id) => ({ id, name: id, email: `${id}@acme.example` })),
  };
  const steps = [{ delayMinutes: 5, targets: [{ id: "s", type: "schedule", name: "Berlin" }] }];
  const escalationPolicies = { nodes: [{ id: "p", name: "Berlin", repeat: 0, steps }] };
  const data = {
    users,
    escalationPolicies,
    rotations: { nodes: rotations },
    schedules: { nodes: [schedule] },
  };
  return report("goalert", new Map([["export.json", { data }]]));
}
const EVERY_DAY = Array.from({ length: 7 }, () => true);
const always = { start: "00:00", end: "00:00", weekdayFilter: EVERY_DAY };

test("GoAlert: whose turn of twelve hours it is at night is whose it is here", () => {
  const rotation = {
    id: "r",
    name: "Twelve",
    timeZone: "Europe/Berlin",
    start: "2026-01-05T07:00:00Z",
    type: "hourly",
    shiftLength: 12,
    userIDs: ["0a", "0b"],
    activeUserIndex: 0,
    nextHandoffTimes: ["2026-11-27T07:00:00Z"],
  };
  const shifts = rendered("Europe/Berlin", "2026-11-26T19:00:00Z", 2, ({ hour }) =>
    hour >= 8 && hour < 20 ? ["0b"] : ["0a"],
  );
  const targets = [{ target: { id: "r", type: "rotation", name: "Twelve" }, rules: [always] }];
  expect(berlin(targets, shifts, [rotation]).proofs).toMatchObject([{ differences: [] }]);
});

test("GoAlert: always and some hours are always, and no day is never", () => {
  const target = (id: string) => ({ id, type: "user", name: id });
  const work = { start: "09:00", end: "17:00", weekdayFilter: EVERY_DAY };
  const never = { ...work, weekdayFilter: EVERY_DAY.map(() => false) };
  const shifts = rendered("Europe/Berlin", "2026-11-26T19:00:00Z", 2, () => ["0a"]);
  const { proofs, notes, counts } = berlin(
    [
      { target: target("0b"), rules: [] },
      { target: target("0a"), rules: [always, work] },
      { target: target("0b"), rules: [never] },
    ],
    shifts,
  );
  expect(proofs).toMatchObject([{ differences: [] }]);
  expect(counts).toMatchObject({ schedules: 1, escalations: 1 });
  expect(notes).toContain("schedule Berlin: user 0b is on call at no time: left out");
});

test("what cannot be expressed is said: an odd turn, a page that is missing, a person who is not there", () => {
  const layer = {
    id: "L",
    start: "2026-11-23T09:00:00Z",
    rotation_virtual_start: "2026-11-23T09:00:00Z",
    users: [{ user: { id: "P1", summary: "Nia Nowhere" } }],
  };
  const schedule = (id: string, seconds: number) => ({
    id,
    name: id,
    time_zone: "UTC",
    schedule_layers: [{ ...layer, rotation_turn_length_seconds: seconds }],
  });
  const value = {
    schedules: [schedule("odd", 5_400), schedule("even", 86_400), { id: "x" }],
    more: true,
  };
  const { notes, counts, proofs } = report("pagerduty", new Map([["schedules.json", value]]));
  expect(counts).toEqual({ people: 1, schedules: 1 });
  expect(proofs.map(({ schedule, because }) => `${schedule}: ${because}`)).toEqual([
    "x: it could not be read",
    "odd: nothing of it could be expressed",
    "even: the export holds no rendered shifts",
  ]);
  expect(notes.map((note) => note.slice(0, 60))).toEqual([
    "schedules.json: a schedule could not be read: name: required",
    "schedule odd, layer L: a turn of 5400 seconds is no whole nu",
    "schedule odd has no layer that could be expressed",
    "Nia Nowhere is named but not in the export: write the addres",
    "schedules.json is one page of several: see that all of them ",
  ]);
});

test.each<[tool: string, lost: string, value: unknown]>([
  ["pagerduty", "Prim", { schedules: [{ id: "S", name: "Prim", time_zone: "Mars/Olympus" }] }],
  ["pagerduty", "S", { schedules: [{ id: "S", time_zone: "UTC" }] }],
  ["pagerduty", "a schedule without a name", { schedules: [{}] }],
  ["pagerduty", "Prim", { schedules: [{ id: "S", name: "Prim", time_zone: "UTC" }] }],
  ["opsgenie", "Prim", { data: [{ id: "s", name: "Prim", timezone: "UTC", rotations: [{}] }] }],
  ["opsgenie", "Prim", { data: [{ id: "s", name: "Prim", timezone: "UTC", rotations: [] }] }],
  [
    "grafana-oncall",
    "Prim",
    { results: [{ id: "S", name: "Prim", type: "ical", on_call_now: [] }] },
  ],
  ["goalert", "Prim", { data: { schedules: [{ id: "s", name: "Prim", timeZone: "UTC" }] } }],
  ["goalert", "Prim", { data: { schedules: [{ id: "s", name: "Prim", timeZone: "+25:00" }] } }],
])("%s: a schedule that is lost, here %s, is not proved", (tool, lost, value) => {
  const { proofs, notes } = report(tool, new Map([["export.json", value]]));
  expect(proofs).toMatchObject([{ schedule: lost, verdict: "not proved", parts: [] }]);
  expect(proofs[0]?.because).toMatch(/could (not be read|be expressed)$/);
  expect(notes).not.toEqual([]);
});

test("somebody whose time zone or number nobody knows keeps the address", () => {
  const user = {
    id: "U",
    name: "Ann",
    email: "ann@acme.example",
    time_zone: "Eastern Time (US & Canada)",
    contact_methods: [{ type: "phone_contact_method", address: "110", country_code: 49 }],
  };
  const users = [
    user,
    { ...user, id: "V", email: "bo@acme.example", time_zone: "", contact_methods: [] },
  ];
  const { counts, notes, files } = report("pagerduty", new Map([["users.json", { users }]]));
  expect(counts).toMatchObject({ people: 2 });
  expect(Object.values(files).join()).toContain("ann@acme.example");
  expect(notes).toEqual([
    "Ann: the time zone “Eastern Time (US & Canada)” is left out: nobody knows it here",
    "Ann: the phone number “+49110” is left out: nobody knows it here",
  ]);
});

test("a schedule that one file cannot tell is known by the file that can", async () => {
  const files = await pagerduty();
  files.set("list.json", { schedules: [{ id: "PSCHED1", name: "Checkout primary" }] });
  expect(report("pagerduty", files).proofs.map(({ verdict }) => verdict)).toEqual(["same"]);
});

const CORPUS = new URL("../../../../shared/corpus/alerts/", import.meta.url);
const OBJECTS = ["pagerduty-oncall--01.json", "pagerduty-oncall--02.json"];
const isThere = OBJECTS.every((name) => existsSync(new URL(name, CORPUS)));
test.skipIf(!isThere)(
  `PagerDuty's own objects are read${isThere ? "" : " (skipped: ../shared/corpus is not there)"}`,
  async () => {
    const read = async (name: string) =>
      [name, JSON.parse(await readFile(new URL(name, CORPUS), "utf8"))] as const;
    const { counts, proofs } = report("pagerduty", new Map(await Promise.all(OBJECTS.map(read))));
    expect(counts).toEqual({ teams: 1, people: 2, schedules: 1, escalations: 1 });
    expect(proofs).toMatchObject([{ verdict: "short", differences: [] }]);
  },
);
