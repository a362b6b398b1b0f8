import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Condition } from "../../../contract/signal.ts";
import { addMs, HOUR, instant, type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import { judge, type Sample, samplesNeededSince, type Verdict } from "./condition.ts";

const start = instant(Date.UTC(2026, 10, 21, 9));
/** Minutes after the start. */
const at = (minutes: number): Instant => addMs(start, minutes * MINUTE);

/** One value per minute from the start; null leaves a minute out. */
const perMinute = (...values: (number | null)[]): Sample[] =>
  values.flatMap((value, minute) => (value === null ? [] : [{ at: at(minute), value }]));

const condition = (text: object): Condition =>
  Condition.parse({ measure: "error_rate", comparator: ">", threshold: 10, ...text });

const above10for5 = condition({ sustained: "PT5M" });

describe("above 10 for more than 5 minutes", () => {
  const sick = perMinute(1, 12, 12, 12, 12, 12, 12);
  for (const [promise, samples, now, verdict] of [
    ["is healthy with a healthy last sample", perMinute(12, 12, 3), at(2), { kind: "healthy" }],
    ["exactly 10 is healthy", perMinute(10), at(0), { kind: "healthy" }],
    [
      "is holding from the first sick sample",
      sick.slice(0, 2),
      at(1),
      { kind: "holding", since: at(1), until: addMs(at(6), 1) },
    ],
    [
      "is only holding at exactly 5 minutes",
      sick,
      at(6),
      { kind: "holding", since: at(1), until: addMs(at(6), 1) },
    ],
    ["holds a millisecond later", sick, addMs(at(6), 1), { kind: "holds", since: at(1) }],
    [
      "a healthy sample in between starts it anew",
      perMinute(12, 12, 12, 9, 12, 12, 12),
      at(6),
      { kind: "holding", since: at(4), until: addMs(at(9), 1) },
    ],
    [
      "samples exactly a gap apart still join",
      perMinute(12, null, 12, null, 12, null, 12),
      addMs(at(6), 1),
      { kind: "holds", since: at(0) },
    ],
    [
      "a hole longer than the gap starts it anew",
      perMinute(12, 12, 12, null, null, 12, 12),
      at(6),
      { kind: "holding", since: at(5), until: addMs(at(10), 1) },
    ],
    [
      "what began inside a gap counts from the first sample after it",
      perMinute(1, 1, null, null, null, null, 12, 12),
      at(7),
      { kind: "holding", since: at(6), until: addMs(at(11), 1) },
    ],
    [
      "without any sample nothing is known",
      [],
      at(6),
      { kind: "gap", from: null, to: at(6), because: "no sample" },
    ],
    [
      "a last sample speaks for exactly the gap",
      perMinute(12, 12, 12, 12, 12),
      at(6),
      { kind: "holds", since: at(0) },
    ],
    [
      "after that nothing is known, even if it held before",
      perMinute(12, 12, 12, 12, 12, 12, 12),
      addMs(at(8), 1),
      { kind: "gap", from: at(8), to: addMs(at(8), 1), because: "no sample" },
    ],
    ["a sample of later than now is not looked at", perMinute(1, 12), at(0), { kind: "healthy" }],
  ] as [string, Sample[], Instant, Verdict][]) {
    test(promise, () => expect(judge(above10for5, samples, now)).toEqual(verdict));
  }

  test("of two samples at the same instant the one given last counts", () => {
    const twice = [...perMinute(12, 12), { at: at(1), value: 2 }];
    expect(judge(above10for5, twice, at(1)).kind).toBe("healthy");
    expect(judge(above10for5, twice.toReversed(), at(1)).kind).toBe("holding");
  });

  test("a late sample changes the verdict as if it had been there", () => {
    const late = [...perMinute(12, 12, 12, null, 12, 12, 12), { at: at(3), value: 1 }];
    expect(judge(above10for5, late, at(6))).toMatchObject({ kind: "holding", since: at(4) });
  });

  test("a value that is no finite number is a broken promise of intake", () => {
    expect(() => judge(above10for5, perMinute(Number.NaN), at(0))).toThrow("finite");
  });
});

describe("the procedure's other conditions", () => {
  test("with no time given, the first sample decides", () => {
    expect(judge(condition({}), perMinute(11), at(0))).toEqual({ kind: "holds", since: at(0) });
  });

  test("p95 > 5 s for > 10 min", () => {
    const slow = condition({ threshold: 5, sustained: "PT10M" });
    const samples = perMinute(...Array<number>(11).fill(5.2));
    expect(judge(slow, samples, at(10)).kind).toBe("holding");
    expect(judge(slow, samples, addMs(at(10), 1)).kind).toBe("holds");
  });

  test("a band holds from its lower end up to its upper end, both included", () => {
    const band = condition({ comparator: ">=", threshold: 5, upTo: 10 });
    const kinds = [4.9, 5, 7, 10, 10.1].map((value) => judge(band, perMinute(value), at(0)).kind);
    expect(kinds).toEqual(["healthy", "holds", "holds", "holds", "healthy"]);
  });

  test("a value leaving the band upwards ends the span of the band", () => {
    const band = condition({ comparator: ">=", threshold: 5, upTo: 10, sustained: "PT15M" });
    expect(judge(band, perMinute(7, 7, 12, 7), at(3))).toMatchObject({ since: at(3) });
  });

  test("availability < 95", () => {
    const low = condition({ comparator: "<", threshold: 95 });
    expect(judge(low, perMinute(95), at(0)).kind).toBe("healthy");
    expect(judge(low, perMinute(94.9), at(0)).kind).toBe("holds");
    const atMost = condition({ comparator: "<=", threshold: 95 });
    expect(judge(atMost, perMinute(95), at(0)).kind).toBe("holds");
  });
});

describe("three times the baseline", () => {
  const tickets = condition({ threshold: 3, baseline: "PT10M", sustained: "PT2M" });
  const usual = Array<number>(12).fill(4);

  for (const [promise, values, verdict] of [
    ["three times is not more than three times", [...usual, 12], { kind: "healthy" }],
    ["more is sick", [...usual, 13], { kind: "holding", since: at(12) }],
    [
      "what lasts does not raise its own limit before the sample that shows it",
      [...usual, 13, 13, 13, 13],
      { kind: "holds", since: at(12) },
    ],
    [
      "fewer than three samples are too little data",
      [4, null, null, null, null, null, null, null, null, null, 4, null, 40],
      { kind: "gap", from: at(12), to: at(12), because: "baseline has too little data" },
    ],
    [
      "nothing in the first half of the window is too little data",
      [null, null, null, ...usual.slice(3), 40],
      { kind: "gap", from: at(12), to: at(12), because: "baseline has too little data" },
    ],
    [
      "of a mean of zero there is no multiple",
      [...usual.map(() => 0), 1],
      { kind: "gap", from: at(12), to: at(12), because: "baseline is not above zero" },
    ],
  ] as const) {
    test(promise, () => {
      const samples = perMinute(...values);
      expect(judge(tickets, samples, samples.at(-1)!.at)).toMatchObject(verdict);
    });
  }

  test("a span does not reach back over samples without a baseline", () => {
    const samples = perMinute(...Array<number>(6).fill(50), ...Array<number>(7).fill(500));
    expect(judge(tickets, samples, at(12))).toMatchObject({ kind: "holding", since: at(10) });
  });
});

/** Samples at distinct instants in the two hours before `now`, sick and healthy. */
const now = at(120);
const someSamples = fc
  .uniqueArray(
    fc.record({ second: fc.integer({ min: 0, max: 7_200 }), value: fc.nat({ max: 20 }) }),
    {
      selector: ({ second }) => second,
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((all) => all.map(({ second, value }) => ({ at: addMs(start, second * SECOND), value })));

/** A dense stretch up to `now`, so that spans are long enough to hold. */
const denseSamples = fc
  .array(fc.record({ step: fc.integer({ min: 20, max: 140 }), value: fc.nat({ max: 40 }) }), {
    minLength: 5,
    maxLength: 60,
  })
  .map((steps) => {
    let seconds = 0;
    return steps.map(({ step, value }) => {
      const sample = { at: addMs(now, -seconds * SECOND), value };
      seconds += step;
      return sample;
    });
  });
const samplesArbitrary = fc.oneof(someSamples, denseSamples);
const conditions = fc.constantFrom(
  above10for5,
  condition({}),
  condition({ comparator: "<=", threshold: 8, sustained: "PT1M" }),
  condition({ comparator: ">=", threshold: 5, upTo: 30, sustained: "PT15M", gap: "PT3M" }),
  condition({ threshold: 1, baseline: "PT20M", sustained: "PT2M" }),
);
const parameters = { seed: 20_261_121, numRuns: 400 };
const sinceOf = (verdict: Verdict): number => ("since" in verdict ? verdict.since : Infinity);

describe("whatever the samples are", () => {
  test("the verdict does not depend on the order in which they came", () => {
    const shuffled = samplesArbitrary.chain((samples) =>
      fc.tuple(
        fc.constant(samples),
        fc.shuffledSubarray(samples, { minLength: samples.length, maxLength: samples.length }),
      ),
    );
    fc.assert(
      fc.property(conditions, shuffled, (each, [samples, other]) => {
        expect(judge(each, other, now)).toEqual(judge(each, samples, now));
      }),
      parameters,
    );
  });

  test("a healthy sample inside a span never makes it longer", () => {
    const simple = conditions.filter((each) => each.baseline === undefined);
    fc.assert(
      fc.property(simple, samplesArbitrary, fc.nat(), (each, samples, pick) => {
        const before = judge(each, samples, now);
        if (!("since" in before)) return;
        const inside = addMs(before.since, pick % (now - before.since + 1));
        const value = each.comparator.startsWith(">") ? 0 : 100;
        const after = judge(each, [...samples, { at: inside, value }], now);
        expect(sinceOf(after)).toBeGreaterThanOrEqual(inside);
      }),
      parameters,
    );
  });

  test("a gap counts neither as holding nor as health", () => {
    fc.assert(
      fc.property(
        conditions,
        samplesArbitrary,
        fc.nat({ max: 10 * HOUR }),
        (each, samples, later) => {
          const gapMs = Number(each.gap.slice(2, -1)) * MINUTE;
          const verdict = judge(each, samples, addMs(now, later));
          const ordered = samples.map((sample) => sample.at).sort((a, b) => a - b);
          if (addMs(now, later) - ordered.at(-1)! > gapMs) {
            expect(verdict).toMatchObject({ kind: "gap", from: ordered.at(-1)! + gapMs });
          }
          const span = ordered.filter((sample) => sample >= sinceOf(verdict));
          for (const [index, sample] of span.slice(1).entries()) {
            expect(sample - span[index]!).toBeLessThanOrEqual(gapMs);
          }
        },
      ),
      parameters,
    );
  });

  test("while no sample comes it only moves on: holding, holds, gap, or healthy, gap", () => {
    const rank = { healthy: 0, holding: 1, holds: 2, gap: 3 };
    const moments = fc.array(fc.nat({ max: 30 * MINUTE }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(conditions, samplesArbitrary, moments, (each, samples, delays) => {
        const verdicts = delays
          .sort((a, b) => a - b)
          .map((delay) => judge(each, samples, addMs(now, delay)));
        for (const [index, later] of verdicts.slice(1).entries()) {
          const earlier = verdicts[index]!;
          expect(rank[later.kind]).toBeGreaterThanOrEqual(rank[earlier.kind]);
          if (earlier.kind === "healthy") expect(["healthy", "gap"]).toContain(later.kind);
          if ("since" in earlier && "since" in later) expect(later.since).toBe(earlier.since);
        }
      }),
      parameters,
    );
  });

  test("holding turns into holds at its `until` and not before, as long as samples go on", () => {
    fc.assert(
      fc.property(conditions, samplesArbitrary, (each, samples) => {
        const verdict = judge(each, samples, now);
        if (verdict.kind !== "holding" || each.baseline !== undefined) return;
        const value = each.comparator.startsWith(">") ? 15 : 0;
        const more: Sample[] = [];
        for (let next = addMs(now, 1); next < verdict.until; next = addMs(next, 10 * SECOND)) {
          more.push({ at: next, value });
        }
        const all = [...samples, ...more];
        expect(judge(each, all, addMs(verdict.until, -1)).kind).toBe("holding");
        expect(judge(each, all, verdict.until).kind).toBe("holds");
      }),
      parameters,
    );
  });

  test("samples before samplesNeededSince cannot change the kind of verdict", () => {
    fc.assert(
      fc.property(conditions, samplesArbitrary, (each, samples) => {
        const needed = samplesNeededSince(each, now);
        const recent = samples.filter((sample) => sample.at >= needed);
        const [whole, part] = [judge(each, samples, now), judge(each, recent, now)];
        expect(part.kind).toBe(whole.kind);
        if (whole.kind === "holding") expect(part).toEqual(whole);
        if (whole.kind === "holds") expect(sinceOf(part)).toBeGreaterThanOrEqual(whole.since);
      }),
      parameters,
    );
  });
});

test("a condition needs its span, one gap and its baseline loaded", () => {
  expect(samplesNeededSince(above10for5, at(60))).toBe(addMs(at(53), -1));
  const weekly = condition({ threshold: 3, baseline: "P1W", gap: "PT2H" });
  expect(samplesNeededSince(weekly, at(60))).toBe(addMs(at(60), -7 * 24 * HOUR - 4 * HOUR - 1));
});

describe("a condition that cannot be judged is refused", () => {
  for (const [promise, text] of [
    ["without measure and PromQL", { measure: undefined }],
    ["with a month, which has no fixed length", { sustained: "P1M" }],
    ["with a gap of nothing", { gap: "PT0S" }],
    ["with a band below its threshold", { upTo: 5 }],
    ["with a band for “less than”", { comparator: "<", upTo: 20 }],
  ] as const) {
    test(promise, () => expect(() => condition(text)).toThrow());
  }
});
