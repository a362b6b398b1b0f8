import { describe, expect, test } from "vitest";
import { CONFIG_KINDS, type ConfigKind } from "../../../contract/config.ts";
import { addMs, DAY, instant, toIso } from "../../base/instant.ts";
import { type Desired, planApply } from "./apply.ts";
import { type AnyEntry, snapshot } from "./config.ts";
import { differences } from "./difference.ts";
import { compareOnCall, laterWindows, nearOf } from "./oncallDiff.ts";
import { presentChange, reportText } from "./report.ts";
import { hashedKey } from "./secrets.ts";

const team = (name: string) => CONFIG_KINDS.teams.parse({ name });
const entry = (
  kind: ConfigKind,
  id: string,
  body: object,
  file: string | null,
  line = 1,
): AnyEntry =>
  ({
    kind,
    id,
    body,
    owner: file === null ? "api" : "file",
    source: file === null ? null : { file, line },
    ref: `ref-${id}`,
  }) as AnyEntry;
const wanted = (id: string, name: string, line = 1): Desired => ({
  kind: "teams",
  id,
  body: team(name),
  source: { file: "acme/teams.yaml", line },
});

const now = snapshot(7, [
  entry("teams", "own", team("Own"), "acme/teams.yaml"),
  entry("teams", "theirs", team("Theirs"), "other/teams.yaml", 4),
  entry("teams", "api", team("Api"), null),
]);
const own = wanted("own", "Own");

const plan = (objects: readonly Desired[], take = false) => {
  const made = planApply(now, { set: "acme", objects, take }, () => "ref-new");
  return {
    changes: made.changes.map(({ verb, before, after }) => `${verb} ${(after ?? before).id}`),
    moved: made.moved.map(({ id }) => id),
    unchanged: made.unchanged,
    conflicts: made.conflicts.map(({ path, message }) => `${path}: ${message}`),
    version: made.after.version,
    teams: made.after.all("teams").map(({ id }) => id),
  };
};
const nothing = {
  changes: [],
  moved: [],
  unchanged: 1,
  conflicts: [],
  version: 7,
  teams: ["api", "own", "theirs"],
};

describe("planApply", () => {
  for (const [promise, objects, take, expected] of [
    ["changes nothing when everything is as the files say", [own], false, nothing],
    [
      "creates what is new",
      [own, wanted("new", "New")],
      false,
      { ...nothing, changes: ["create new"], version: 8, teams: ["api", "new", "own", "theirs"] },
    ],
    [
      "updates what it owns",
      [wanted("own", "Other")],
      false,
      { ...nothing, changes: ["update own"], unchanged: 0, version: 8 },
    ],
    [
      "follows an object to another line without calling it a change",
      [wanted("own", "Own", 9)],
      false,
      { ...nothing, moved: ["own"], version: 8 },
    ],
    [
      "removes what vanished from its own files, and nothing else",
      [wanted("new", "New")],
      false,
      {
        ...nothing,
        changes: ["create new", "remove own"],
        unchanged: 0,
        version: 8,
        teams: ["api", "new", "theirs"],
      },
    ],
    [
      "does not overwrite what the API or another set owns",
      [own, wanted("api", "Mine"), wanted("theirs", "Mine")],
      false,
      {
        ...nothing,
        conflicts: [
          "teams.api: owned by the API; --take takes it over",
          "teams.theirs: owned by other/teams.yaml:4; --take takes it over",
        ],
      },
    ],
    [
      "leaves an identical object with its owner",
      [own, wanted("api", "Api")],
      false,
      { ...nothing, unchanged: 2 },
    ],
    [
      "takes objects over when asked",
      [own, wanted("api", "Api"), wanted("theirs", "Mine")],
      true,
      { ...nothing, changes: ["update api", "update theirs"], version: 8 },
    ],
  ] as const)
    test(promise, () => expect(plan(objects, take)).toEqual(expected));

  test("keeps the reference of an object that changes hands", () => {
    const made = planApply(
      now,
      { set: "acme", objects: [wanted("api", "X")], take: true },
      () => "ref-new",
    );
    expect(made.after.get("teams", "api")).toMatchObject({ ref: "ref-api", owner: "file" });
  });
  test("settles after one apply: the second changes nothing", () => {
    const objects = [wanted("own", "Other", 3), wanted("new", "New", 8)];
    const first = planApply(now, { set: "acme", objects, take: false }, () => "ref-new");
    const second = planApply(first.after, { set: "acme", objects, take: false }, () => "ref-newer");
    expect(second).toMatchObject({ changes: [], moved: [], unchanged: 2, conflicts: [] });
    expect(second.after.version).toBe(first.after.version);
  });
});

describe("differences", () => {
  for (const [promise, before, after, expected] of [
    ["finds none whatever the order of keys", { a: 1, b: [1] }, { b: [1], a: 1 }, []],
    ["names a field", { a: { b: 1 } }, { a: { b: 2 } }, [{ path: "a.b", before: 1, after: 2 }]],
    ["shows an absent side as null", { a: 1 }, {}, [{ path: "a", before: 1, after: null }]],
    [
      "shows a list of words as one value",
      { dependsOn: ["a"] },
      { dependsOn: ["b", "a"] },
      [{ path: "dependsOn", before: ["a"], after: ["b", "a"] }],
    ],
    [
      "goes into lists of objects",
      { steps: [{ t: 5 }] },
      { steps: [{ t: 6 }, { t: 7 }] },
      [
        { path: "steps.0.t", before: 5, after: 6 },
        { path: "steps.1", before: null, after: { t: 7 } },
      ],
    ],
    [
      "hides the hash of a key",
      { secret: hashedKey("one") },
      { secret: hashedKey("two") },
      [{ path: "secret", before: "sha256:…", after: "sha256:…" }],
    ],
  ] as const)
    test(promise, () => expect(differences(before, after)).toEqual(expected));
});

describe("compareOnCall", () => {
  const at = (hour: number) => instant(Date.UTC(2026, 10, 21, hour));
  const span = (person: string | null, from: number, to: number, schedule = "primary") => ({
    schedule,
    people: person === null ? [] : [person],
    startsAt: at(from),
    endsAt: at(to),
  });
  const iso = (hour: number) => `2026-11-21T${String(hour).padStart(2, "0")}:00:00.000Z`;
  const moment = (hour: number, before: string | null, after: string | null) => ({
    at: iso(hour),
    before,
    after,
  });

  const facts = { now: at(8), to: at(20), countsFrom: new Map([["primary", at(12)]]) };
  const countsFrom = "2026-11-21T12:00:00.000Z";

  test("shows now and the next handoffs of a schedule that stays as it is", () => {
    const spans = [span("ann", 8, 12), span("ann", 12, 13), span("bob", 13, 20)];
    expect(compareOnCall(spans, spans, { ...facts, countsFrom: new Map() })).toEqual([
      {
        schedule: "primary",
        changes: false,
        countsFrom: null,
        spans: [],
        hours: [],
        moments: [moment(8, "ann", "ann"), moment(13, "bob", "bob")],
      },
    ]);
  });
  test("shows the weeks from when on it counts, where that is far", () => {
    const since = addMs(at(8), 60 * DAY);
    const countsFrom = new Map([["primary", since]]);
    const later = laterWindows(countsFrom, at(8));
    const of = (person: string) => ({
      ...span(person, 8, 12),
      startsAt: since,
      endsAt: later.get("primary")!.to,
    });
    const near = [span("ann", 8, 12), span("bob", 12, 20)];
    const [change] = compareOnCall([...near, of("bob")], [...near, of("eve")], {
      ...facts,
      countsFrom,
      later,
    });
    const to = toIso(addMs(since, 28 * DAY));
    expect(change).toEqual({
      schedule: "primary",
      changes: true,
      countsFrom: toIso(since),
      spans: [{ startsAt: toIso(since), endsAt: to, before: "bob", after: "eve" }],
      hours: [
        { person: "bob", before: 672, after: 0 },
        { person: "eve", before: 0, after: 672 },
      ],
      moments: [moment(8, "ann", "ann"), { at: toIso(since), before: "bob", after: "eve" }],
    });
    // What counts within two weeks is seen among the next four anyway.
    expect(laterWindows(new Map([["primary", addMs(at(8), 14 * DAY)]]), at(8)).size).toBe(0);
  });
  test("counts each hour once where the weeks from now and those from then on overlap", () => {
    const [now, since] = [at(8), addMs(at(8), 20 * DAY)];
    const countsFrom = new Map([["primary", since]]);
    const later = laterWindows(countsFrom, now);
    const day = (person: string, n: number) => ({
      ...span(person, 8, 12),
      startsAt: addMs(now, n * DAY),
      endsAt: addMs(now, (n + 1) * DAY),
    });
    const days = (person: string, from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => day(person, from + n));
    const other = span("eve", 8, 12, "secondary");
    // Somebody has it until long after then: as near days, and as one long turn.
    const long = { ...day("ann", 0), endsAt: addMs(now, 28 * DAY) };
    for (const near of [days("ann", 0, 28), [long]]) {
      const seen = nearOf([...near, other], later, now);
      expect(seen).toContain(other);
      const [change] = compareOnCall(
        [...seen, ...days("ann", 20, 48)],
        [...seen, ...days("bob", 20, 48)],
        { now, to: addMs(now, 28 * DAY), countsFrom, later },
      );
      expect(change!.hours).toEqual([
        { person: "ann", before: 672, after: 0 },
        { person: "bob", before: 0, after: 672 },
      ]);
      expect(change!.moments[0]).toMatchObject({ before: "ann", after: "ann" });
    }
  });
  test("shows the moments in which somebody else would be on call", () => {
    const before = [span("ann", 8, 12), span("bob", 12, 20)];
    // An edge in between is no difference of its own.
    const after = [
      span("ann", 8, 12),
      span("eve", 12, 14),
      span("eve", 14, 16),
      span("bob", 16, 20),
    ];
    expect(compareOnCall(before, after, facts)).toEqual([
      {
        schedule: "primary",
        changes: true,
        countsFrom,
        spans: [{ startsAt: iso(12), endsAt: iso(16), before: "bob", after: "eve" }],
        hours: [
          { person: "bob", before: 8, after: 4 },
          { person: "eve", before: 0, after: 4 },
        ],
        moments: [moment(8, "ann", "ann"), moment(12, "bob", "eve")],
      },
    ]);
  });
  test("shows a new schedule as one that nobody had, and a gap as nobody", () => {
    expect(compareOnCall([], [span("ann", 8, 12), span(null, 12, 20)], facts)).toEqual([
      {
        schedule: "primary",
        changes: true,
        countsFrom,
        spans: [{ startsAt: iso(8), endsAt: iso(12), before: null, after: "ann" }],
        moments: [moment(8, null, "ann")],
        hours: [{ person: "ann", before: 0, after: 4 }],
      },
    ]);
  });
});

test("a report reads as a diff with a summary", () => {
  const made = planApply(
    now,
    { set: "acme", objects: [wanted("api", "Api", 2), wanted("new", "New", 5)], take: true },
    () => "ref-new",
  );
  const report = {
    dryRun: true,
    changes: made.changes.map(presentChange),
    unchanged: 3,
    warnings: [],
    onCall: [],
  };
  expect(reportText(report)).toEqual([
    "~ teams.api  (acme/teams.yaml:2)",
    '    owner: "API" → "acme"',
    "+ teams.new  (acme/teams.yaml:5)",
    "- teams.own  (acme/teams.yaml:1)",
    "= 3 unchanged",
    "",
    "Dry run, nothing was changed: 1 to create, 1 to update, 1 to remove.",
  ]);
});

test("a report without changes says so", () => {
  const report = { dryRun: false, changes: [], unchanged: 3, warnings: [], onCall: [] };
  expect(reportText(report).at(-1)).toBe("Nothing to change: everything is as the files say.");
});
