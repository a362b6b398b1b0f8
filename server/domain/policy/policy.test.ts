import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConfigEntry } from "../../../contract/config.ts";
import { SEVERITIES } from "../../../contract/ids.ts";
import { SeverityPolicy, type SeverityTerms } from "../../../contract/policy.ts";
import { DEFAULT_POLICY } from "./defaults.ts";
import {
  actionItemReview,
  effectiveTerms,
  highestSeverity,
  isHigherSeverity,
  isRun,
  mayDefer,
  type PolicyLayer,
  policyLayers,
} from "./policy.ts";

const says = (level: PolicyLayer["level"], source: string, terms: SeverityTerms): PolicyLayer => ({
  level,
  source,
  policy: { severities: { SEV1: terms } },
});
const runbook = (terms: SeverityTerms) => says("runbook", "runbook.md:12", terms);
const team = (terms: SeverityTerms) => says("applied", "team.yaml:3", terms);
const common = (terms: SeverityTerms) => says("applied", "default.yaml:5", terms);

describe("the default policy", () => {
  test("is a policy that could have been applied", () => {
    expect(SeverityPolicy.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
  });

  for (const [severity, acknowledge, mitigate, resolve, postmortem, review, tells] of [
    [
      "SEV1",
      "PT15M",
      "PT1H",
      "PT4H",
      "PT48H",
      true,
      ["executives", "status-page", "customers", "engineering"],
    ],
    ["SEV2", "PT1H", "PT4H", "PT24H", "P1W", true, ["status-page", "customers", "engineering"]],
    ["SEV3", "PT4H", "PT24H", "P1W", null, false, ["engineering"]],
    ["SEV4", "PT24H", "P1W", "P1M", null, false, ["engineering"]],
  ] as const)
    test(`promises for ${severity} what the procedure says`, () => {
      const terms = effectiveTerms(severity, []);
      expect({
        deadlines: [terms.acknowledge.value, terms.mitigate.value, terms.resolve.value],
        postmortem: terms.postmortemWithin.value,
        review: terms.reviewMeeting.value,
        tells: terms.tells.map((audience) => audience.value),
      }).toEqual({ deadlines: [acknowledge, mitigate, resolve], postmortem, review, tells });
    });

  for (const [severity, updateEvery, commanderWhen, urgency] of [
    ["SEV1", "PT30M", "at once", "high"],
    ["SEV2", "PT1H", "at once", "high"],
    ["SEV3", "P1D", "may defer", "low"],
    ["SEV4", undefined, "business hours", "low"],
  ] as const)
    test(`says how ${severity} is led`, () => {
      const terms = effectiveTerms(severity, []);
      const led = [terms.updateEvery?.value, terms.commanderWhen.value, terms.urgency.value];
      expect(led).toEqual([updateEvery, commanderWhen, urgency]);
    });

  test("names no commander, and itself as the source", () => {
    const terms = effectiveTerms("SEV1", []);
    expect([terms.commander, terms.means.source]).toEqual([null, "defaults"]);
    expect(actionItemReview([])).toEqual({ value: "P1W", source: "defaults" });
  });
});

describe("a deadline", () => {
  for (const [promise, layers, value, source] of [
    ["is the default's when nobody states it", [team({ mitigate: "PT2H" })], "PT15M", "defaults"],
    [
      "is the configuration's before the default's, even when longer",
      [team({ acknowledge: "PT2H" })],
      "PT2H",
      "team.yaml:3",
    ],
    [
      "is the runbook's before the configuration's, even when longer",
      [runbook({ acknowledge: "PT3H" }), team({ acknowledge: "PT5M" })],
      "PT3H",
      "runbook.md:12",
    ],
    [
      "is the stricter of team and default file",
      [team({ acknowledge: "PT20M" }), common({ acknowledge: "PT10M" })],
      "PT10M",
      "default.yaml:5",
    ],
    [
      "is the stricter one from the other side",
      [team({ acknowledge: "PT5M" }), common({ acknowledge: "PT10M" })],
      "PT5M",
      "team.yaml:3",
    ],
    [
      "is the team's when both are equally long",
      [team({ acknowledge: "PT60M" }), common({ acknowledge: "PT1H" })],
      "PT60M",
      "team.yaml:3",
    ],
    [
      "compares units, not texts",
      [team({ acknowledge: "P1D" }), common({ acknowledge: "PT25H" })],
      "P1D",
      "team.yaml:3",
    ],
    [
      "takes one month for stricter than 30 days",
      [team({ acknowledge: "P30D" }), common({ acknowledge: "P1M" })],
      "P1M",
      "default.yaml:5",
    ],
    [
      "takes four weeks and one month for the same",
      [team({ acknowledge: "P4W" }), common({ acknowledge: "P1M" })],
      "P4W",
      "team.yaml:3",
    ],
  ] as const)
    test(promise, () =>
      expect(effectiveTerms("SEV1", layers).acknowledge).toEqual({ value, source }),
    );

  test("names its own line where the source knows it", () => {
    const table = {
      ...runbook({ acknowledge: "PT5M", mitigate: "PT1H" }),
      termSources: { SEV1: { acknowledge: "runbook.md:31" } },
    };
    const terms = effectiveTerms("SEV1", [table]);
    expect([terms.acknowledge.source, terms.mitigate.source]).toEqual([
      "runbook.md:31",
      "runbook.md:12",
    ]);
  });
  test("of one severity says nothing about another", () => {
    expect(effectiveTerms("SEV2", [team({ acknowledge: "PT2M" })]).acknowledge.value).toBe("PT1H");
  });
});

describe("a postmortem", () => {
  for (const [promise, layers, value, source] of [
    ["is taken away by a higher level", [team({ postmortemWithin: "none" })], null, "team.yaml:3"],
    [
      "is not taken away while the same level demands it",
      [team({ postmortemWithin: "none" }), common({ postmortemWithin: "P3D" })],
      "P3D",
      "default.yaml:5",
    ],
    [
      "is demanded by the highest level against a lower “none”",
      [runbook({ postmortemWithin: "P5D" }), team({ postmortemWithin: "none" })],
      "P5D",
      "runbook.md:12",
    ],
    [
      "is due at the stricter of two demands",
      [team({ postmortemWithin: "P3D" }), common({ postmortemWithin: "P1D" })],
      "P1D",
      "default.yaml:5",
    ],
  ] as const)
    test(promise, () =>
      expect(effectiveTerms("SEV1", layers).postmortemWithin).toEqual({ value, source }),
    );

  test("has its review meeting when anybody on the level asks for one", () => {
    const meeting = (...layers: PolicyLayer[]) => effectiveTerms("SEV1", layers).reviewMeeting;
    expect(meeting(team({ reviewMeeting: false }))).toEqual({
      value: false,
      source: "team.yaml:3",
    });
    expect(meeting(team({ reviewMeeting: false }), common({ reviewMeeting: true }))).toEqual({
      value: true,
      source: "default.yaml:5",
    });
  });
});

describe("other terms", () => {
  test("audiences of one level are all told, each with who names it", () => {
    const layers = [
      team({ tells: ["engineering", "board"] }),
      common({ tells: ["board", "press"] }),
    ];
    expect(effectiveTerms("SEV1", layers).tells).toEqual([
      { value: "engineering", source: "team.yaml:3" },
      { value: "board", source: "team.yaml:3" },
      { value: "press", source: "default.yaml:5" },
    ]);
  });
  test("a higher level may take audiences away", () => {
    expect(effectiveTerms("SEV1", [team({ tells: [] })]).tells).toEqual([]);
  });
  test("what describes or assigns is the team's before everybody's", () => {
    const layers = [
      team({ means: "ours", urgency: "low", commander: { schedule: "ours" } }),
      common({
        means: "theirs",
        urgency: "high",
        commander: { schedule: "theirs" },
        commanderWhen: "business hours",
      }),
    ];
    const terms = effectiveTerms("SEV1", layers);
    expect(terms.means.value).toBe("ours");
    expect(terms.urgency.value).toBe("low");
    expect(terms.commander).toEqual({ value: { schedule: "ours" }, source: "team.yaml:3" });
    expect(terms.commanderWhen).toEqual({ value: "business hours", source: "default.yaml:5" });
  });
  test("the action item review is the stricter of one level", () => {
    const every = (level: PolicyLayer, iso: string): PolicyLayer => ({
      ...level,
      policy: { severities: {}, actionItemReviewEvery: iso },
    });
    const layers = [every(team({}), "P1M"), every(common({}), "P2W")];
    expect(actionItemReview(layers)).toEqual({ value: "P2W", source: "default.yaml:5" });
  });
});

describe("the layers of a team", () => {
  const entry = (id: string, owner: ConfigEntry["owner"], line: number | null) =>
    ({
      kind: "policies",
      id,
      owner,
      body: { severities: {} },
      source: line === null ? null : { file: "policies.yaml", line },
    }) satisfies ConfigEntry<"policies">;
  const applied = [
    entry("default", "file", 1),
    entry("payments", "api", null),
    entry("search", "file", 9),
  ];
  const sources = (teamId: string | null, entries = applied) =>
    policyLayers({
      runbooks: [{ policy: { severities: {} }, source: "sev.md:4" }],
      applied: entries,
      team: teamId,
    }).map(({ level, source }) => `${level} ${source}`);

  for (const [promise, teamId, expected] of [
    [
      "are runbooks, its own and everybody's",
      "search",
      ["runbook sev.md:4", "applied policies.yaml:9", "applied policies.yaml:1"],
    ],
    [
      "name the API where no file speaks",
      "payments",
      ["runbook sev.md:4", "applied API", "applied policies.yaml:1"],
    ],
    ["of nobody are everybody's", null, ["runbook sev.md:4", "applied policies.yaml:1"]],
    [
      "of a team called default count once",
      "default",
      ["runbook sev.md:4", "applied policies.yaml:1"],
    ],
  ] as const)
    test(promise, () => expect(sources(teamId)).toEqual(expected));

  test("leave built-in defaults to come last by themselves", () => {
    expect(sources("search", [entry("default", "default", null)])).toEqual(["runbook sev.md:4"]);
  });
});

describe("severities", () => {
  test("are ordered from SEV1 down", () => {
    const pairs = SEVERITIES.flatMap((a) => SEVERITIES.map((b) => [a, b] as const));
    for (const [a, b] of pairs) expect(isHigherSeverity(a, b)).toBe(a < b);
  });
  test("of a group are its worst", () => {
    expect(highestSeverity(["SEV3", "SEV2", "SEV4"])).toBe("SEV2");
    expect(highestSeverity([])).toBeNull();
  });
  test("all but SEV4 are run", () =>
    expect(SEVERITIES.filter(isRun)).toEqual(["SEV1", "SEV2", "SEV3"]));

  for (const [promise, severity, open, may] of [
    ["SEV3 may wait while a SEV2 burns", "SEV3", ["SEV4", "SEV2"], true],
    ["SEV3 may not wait for its like", "SEV3", ["SEV3", "SEV4"], false],
    ["SEV3 may not wait for nothing", "SEV3", [], false],
    ["SEV2 may never wait", "SEV2", ["SEV1"], false],
  ] as const)
    test(promise, () => expect(mayDefer(effectiveTerms(severity, []), open)).toBe(may));
});

test("every term of any mix of policies names a source that stated it", () => {
  const terms = fc.record(
    {
      acknowledge: fc.constantFrom("PT5M", "PT1H", "P1M"),
      postmortemWithin: fc.constantFrom("none", "P1D"),
      tells: fc.subarray(["executives", "press"]),
    },
    { requiredKeys: [] },
  );
  const level = fc.constantFrom("runbook" as const, "applied" as const);
  const layers = fc
    .array(fc.tuple(level, terms), { maxLength: 5 })
    .map((voices) => voices.map(([at, said], index) => says(at, `voice:${index}`, said)));
  fc.assert(
    fc.property(layers, (voices) => {
      const { acknowledge, postmortemWithin, tells } = effectiveTerms("SEV1", voices);
      const all = [...voices, { source: "defaults", policy: DEFAULT_POLICY }];
      const termsOf = (source: string) =>
        all.find((voice) => voice.source === source)?.policy.severities.SEV1;
      expect(termsOf(acknowledge.source)?.acknowledge).toBe(acknowledge.value);
      expect(termsOf(postmortemWithin.source)?.postmortemWithin).toBe(
        postmortemWithin.value ?? "none",
      );
      for (const { value, source } of tells) expect(termsOf(source)?.tells).toContain(value);
    }),
    { seed: 20_261_121, numRuns: 300 },
  );
});
