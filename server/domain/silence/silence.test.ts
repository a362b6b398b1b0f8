import { describe, expect, test } from "vitest";
import { fromIso, toIso } from "../../base/instant.ts";
import { snapshot } from "../config/config.ts";
import { allMatch, compileMatcher, matchesEmpty, normalMatchers, valuesOf } from "./matching.ts";
import { silenceWarnings } from "./warnings.ts";
import { type Mute, noticeAt, recurrenceFault, spanAt, spanFrom } from "./silence.ts";

const at = (iso: string) => fromIso(iso)!;
const nothing = snapshot(1, []);
const alert = {
  title: "Disk is full",
  severity: "warning",
  source: "db-1",
  serviceId: "checkout",
  keyId: "k",
  dedupKey: "d",
  labels: { alertname: "DiskFull", service: "checkout-api", severity: "page", empty: "" },
};

describe("a matcher", () => {
  for (const [matcher, meant] of [
    ["alertname=DiskFull", true],
    ["alertname=Disk", false],
    ['alertname="DiskFull"', true],
    ["alertname!=DiskFull", false],
    ["alertname!=Other", true],
    ['alertname=~"Disk.*"', true],
    // Anchored at both ends, as people know it.
    ['alertname=~"Disk"', false],
    ['alertname!~"Disk"', true],
    ['alertname!~"Disk.*"', false],
    // The service of the catalogue and the tool's own label: either.
    ["service=checkout", true],
    ["service=checkout-api", true],
    ["service!=checkout", false],
    ["severity=warning", true],
    // What an alert does not have is empty.
    ['absent=""', true],
    ["absent!=x", true],
    ['absent=~".+"', false],
    ['empty=""', true],
  ] as const)
    test(`${matcher} ${meant ? "means" : "does not mean"} the alert`, () => {
      expect(allMatch([matcher], valuesOf(nothing, alert))).toBe(meant);
    });

  test("says what is wrong with its pattern, and no pattern can hang", () => {
    expect(compileMatcher('a=~"("')).toMatch(/missing/);
    const hostile = { ...alert, labels: { a: `${"a".repeat(50_000)}!` } };
    expect(allMatch(['a=~"(a+)+b"'], valuesOf(nothing, hostile))).toBe(false);
  });

  test("one that an empty value satisfies would mute everything", () => {
    expect(matchesEmpty(['a=~".*"', "b!=c"])).toBe(true);
    expect(matchesEmpty(['a=~".*"', "b=c"])).toBe(false);
  });

  test("reads back what it is written as", () => {
    expect(normalMatchers(['a = "x\\"y\\\\"'])).toEqual(['a="x\\"y\\\\"']);
    expect(normalMatchers(normalMatchers(["a!~b"]))).toEqual(['a!~"b"']);
  });
});

describe("before a silence is made", () => {
  const reach = {
    matchers: ["alertname=Gone"],
    open: 5,
    meant: 1,
    inIncidents: 0,
    among: 9,
    recent: 1,
  };
  const none = { meant: 0, recent: 0 };
  for (const [promise, change, codes] of [
    ["nothing is said of what means some", {}, []],
    ["that it means nothing is said", none, ["means nothing"]],
    [
      "a service that is not known is named",
      { ...none, matchers: ["service=chekout"] },
      ["means nothing", "unknown name"],
    ],
    ["a label of the tool may have such a name", { matchers: ["service=chekout"] }, []],
    ["that it means all is said", { meant: 5 }, ["means all"]],
    ["all of two are no surprise", { open: 2, meant: 2 }, []],
    ["what goes on is said", { inIncidents: 1 }, ["goes on"]],
    ["an empty house is no mistake", { ...none, open: 0, among: 0 }, []],
  ] as const)
    test(promise, () => {
      const warnings = silenceWarnings(nothing, { ...reach, ...change });
      expect(warnings.map(({ code }) => code)).toEqual(codes);
    });
});

const mute = (change: Partial<Mute>): Mute => ({
  ref: "silence:x",
  kind: "silence",
  id: "x",
  matchers: ["a=b"],
  services: [],
  reason: "r",
  owner: "ann",
  startsAt: at("2026-11-23T10:00:00Z"),
  endsAt: at("2026-11-23T12:00:00Z"),
  recurs: null,
  source: "API",
  ...change,
});
const text = (span: { from: number; to: number } | null) =>
  span === null ? null : `${toIso(span.from as never)} ${toIso(span.to as never)}`;

describe("a span", () => {
  for (const [promise, when, running] of [
    ["is not in force before its start", "2026-11-23T09:59:59.999Z", false],
    ["is in force at its start", "2026-11-23T10:00:00Z", true],
    ["is in force until its end", "2026-11-23T11:59:59.999Z", true],
    ["is over at its end", "2026-11-23T12:00:00Z", false],
  ] as const)
    test(promise, () => expect(spanAt(mute({}), at(when)) !== null).toBe(running));

  test("its owner hears a quarter hour before its end, of a short one later", () => {
    expect(toIso(noticeAt(spanAt(mute({}), at("2026-11-23T11:00:00Z"))!))).toBe(
      "2026-11-23T11:45:00.000Z",
    );
    const short = { from: at("2026-11-23T10:00:00Z"), to: at("2026-11-23T10:20:00Z") };
    expect(toIso(noticeAt(short))).toBe("2026-11-23T10:15:00.000Z");
  });
});

describe("a recurrence on the wall clock", () => {
  const sundays = mute({
    startsAt: at("2026-03-15T01:30:00Z"),
    endsAt: at("2027-01-01T00:00:00Z"),
    recurs: { rule: "FREQ=WEEKLY;BYDAY=SU", timezone: "Europe/Berlin", duration: "PT2H" },
  });
  for (const [promise, when, span] of [
    [
      "runs in winter time",
      "2026-03-22T02:00:00Z",
      "2026-03-22T01:30:00.000Z 2026-03-22T03:30:00.000Z",
    ],
    // 02:30 does not exist on this day: it begins when the clocks jump, and lasts as long as ever.
    [
      "is not lost when the clocks skip it",
      "2026-03-29T02:00:00Z",
      "2026-03-29T01:00:00.000Z 2026-03-29T03:00:00.000Z",
    ],
    [
      "runs an hour earlier by UTC in summer",
      "2026-04-05T01:00:00Z",
      "2026-04-05T00:30:00.000Z 2026-04-05T02:30:00.000Z",
    ],
    [
      "is at the first of two when the clocks go back",
      "2026-10-25T01:00:00Z",
      "2026-10-25T00:30:00.000Z 2026-10-25T02:30:00.000Z",
    ],
    ["is not in force on another day", "2026-04-06T01:00:00Z", null],
    ["is over after its end, though the rule goes on", "2027-01-03T02:00:00Z", null],
  ] as const)
    test(promise, () => expect(text(spanAt(sundays, at(when)))).toBe(span));

  test("knows its next time", () => {
    expect(text(spanFrom(sundays, at("2026-04-06T00:00:00Z")))).toBe(
      "2026-04-12T00:30:00.000Z 2026-04-12T02:30:00.000Z",
    );
    expect(spanFrom(sundays, at("2026-12-28T00:00:00Z"))).toBeNull();
  });

  test("answers alike whatever was asked before, every quarter hour of a year", () => {
    let inside = 0;
    for (
      let when = at("2026-03-15T00:00:00Z");
      when < sundays.endsAt;
      when = (when + 900_000) as never
    ) {
      const fresh = spanAt({ ...sundays, endsAt: (sundays.endsAt + (when % 7)) as never }, when);
      const kept = spanAt(sundays, when);
      expect(kept?.from).toBe(fresh?.from);
      if (kept !== null) inside += 1;
      if (when % 3_600_000 === 0) when = (when + 7 * 900_000) as never;
    }
    expect(inside).toBeGreaterThan(10);
  });

  test("says what is wrong with its rule", () => {
    expect(
      recurrenceFault({ ...sundays, recurs: { ...sundays.recurs!, rule: "FREQ=WEEKLY;BYDAY=XX" } }),
    ).toMatch(/BYDAY/);
    const never = { ...sundays.recurs!, rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" };
    expect(recurrenceFault({ ...sundays, recurs: never })).not.toBeNull();
    expect(recurrenceFault(sundays)).toBeNull();
  });
});
