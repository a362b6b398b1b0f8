/** Promises that every adapter keeps, whatever it is sent. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEDUP_KEY_MAX, fits, type ReadResult, TITLE_MAX } from "../../domain/signal/signal.ts";
import { ADAPTER_LIST, ADAPTERS } from "./index.ts";
import { readMeasurements } from "./measurements.ts";
import { golden, goldenNames, NOW, readAt } from "./golden/samples.ts";

const SEED = 20261121;
const PROTOCOL_SAMPLES = [
  "pagerduty-events.trigger.json",
  "pagerduty-events.resolve.json",
  "alertmanager-api.firing.json",
  "alertmanager-api.resolved.json",
  "alertmanager-webhook.v4.json",
  "alertmanager-webhook.v3.json",
  "own-json.list.json",
  "own-json.one.json",
  "cloud-events.structured.json",
  "cloud-events.batch.json",
  "measurements.json",
];
/** What an adapter meets most: the samples of its own, and the protocols that all are mixed with. */
const samplesFor = (id: string): readonly unknown[] =>
  [...PROTOCOL_SAMPLES, ...goldenNames().filter((name) => name.startsWith(`${id}.`))].map(golden);

/** What spoils text: NUL, halves of surrogate pairs, quotes, and now and then nothing at all. */
const DIRT = fc.constantFrom("a", " ", "é", "🚒", "\0", "\ud83d", "\ude00", '"', "\\");
const anyJson = fc.oneof(
  fc.jsonValue({ stringUnit: DIRT, maxDepth: 4 }),
  fc.jsonValue({ stringUnit: "binary", maxDepth: 4 }),
  fc.string({ unit: DIRT }),
  // What JavaScript would call on its own, were it turned into text or a number.
  fc.constant({ toString: 1, valueOf: 1, hasOwnProperty: 1, constructor: 1, length: -1 }),
);

/** A sample in which one place, chosen by `turns`, holds something else. */
function damaged(sample: unknown, turns: readonly number[], value: unknown): unknown {
  const [turn, ...rest] = turns;
  if (turn === undefined || typeof sample !== "object" || sample === null) return value;
  const names = Object.keys(sample);
  const name = names[turn % Math.max(names.length, 1)];
  if (name === undefined) return value;
  const copy = structuredClone(sample) as Record<string, unknown>;
  copy[name] = damaged(copy[name], rest, value);
  return copy;
}

const anyBodyOf = (samples: readonly unknown[]) =>
  fc.oneof(
    anyJson,
    fc
      .tuple(fc.constantFrom(...samples), fc.array(fc.nat(12), { maxLength: 4 }), anyJson)
      .map(([sample, turns, value]) => damaged(sample, turns, value)),
  );
const anyHeaders = fc.constantFrom<Record<string, string>>(
  {},
  { "content-type": "application/json" },
  { "content-type": "application/cloudevents+json" },
  { "content-type": "application/cloudevents-batch+json" },
  { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "s%", "ce-type": "t" },
);

/** How many items a body has, for a protocol that divides it under `name`. */
function itemCount(body: unknown, name: string | null): number {
  if (Array.isArray(body)) return body.length;
  const list = name === null ? null : (body as Record<string, unknown> | null)?.[name];
  return Array.isArray(list) ? list.length : 1;
}

const LIST_NAME: Readonly<Record<string, string | null>> = {
  "pagerduty-events": null,
  "alertmanager-api": null,
  "alertmanager-webhook": "alerts",
  tocsin: "signals",
  cloudevents: null,
};

/** Fields that stand for the body itself, so that one refusal answers all of its items. */
const WHOLE = new Set(["body", "version", "alerts", "signals", "measurements"]);

/** Each index once: accepted, or refused (perhaps for several reasons), or item 0 for the whole. */
function expectAccounted(
  accepted: readonly { readonly index: number }[],
  refused: readonly { readonly index: number; readonly field: string }[],
  count: number,
): void {
  const refusedOnce = [...new Set(refused.map(({ index }) => index))];
  const all = [...accepted.map(({ index }) => index), ...refusedOnce].sort((a, b) => a - b);
  const whole = all.length === 1 && refused[0]?.index === 0 && WHOLE.has(refused[0].field);
  if (!whole) expect(all).toEqual(Array.from({ length: count }, (_, index) => index));
}

/** What divides its body in its own way: never nothing, and nothing both taken and refused. */
function expectAnswered(result: ReadResult): void {
  const { signals, refused, findings, changes = [], indicators = [] } = result;
  expect([signals, refused, findings, changes, indicators].flat()).not.toEqual([]);
  const taken = new Set(signals.map(({ index }) => index));
  expect(refused.filter(({ index }) => taken.has(index))).toEqual([]);
}

/** Enough to meet every branch together with the golden samples; the long run goes far beyond. */
const RUNS = 100;

for (const [id, adapter] of ADAPTERS) {
  const protocol = Object.hasOwn(LIST_NAME, id);
  const numRuns = protocol ? 2_000 : RUNS;
  const anyBody = anyBodyOf(samplesFor(id));

  describe(id, () => {
    test("never throws, and accounts for every item", () => {
      fc.assert(
        fc.property(anyBody, anyHeaders, (body, headers) => {
          const result = readAt(adapter, body, headers);
          if (!protocol) return expectAnswered(result);
          const binary = id === "cloudevents" && headers["ce-specversion"] !== undefined;
          const count = binary ? 1 : itemCount(body, LIST_NAME[id] ?? null);
          expectAccounted(result.signals, result.refused, count);
        }),
        { seed: SEED, numRuns },
      );
    });

    test("keeps the limits of a signal, in text that PostgreSQL takes", () => {
      fc.assert(
        fc.property(anyBody, anyHeaders, (body, headers) => {
          const result = readAt(adapter, body, headers);
          for (const { signal } of result.signals) {
            expect(fits(signal.title, TITLE_MAX)).toBe(true);
            expect(signal.dedupKey === null || fits(signal.dedupKey, DEDUP_KEY_MAX)).toBe(true);
            expect(signal.link ?? "https://").toMatch(/^https?:\/\//);
            if (signal.action === "trigger") expect(signal.title).not.toBe("");
            expect(signal.severity === null).toBe(signal.action !== "trigger");
          }
          expect(JSON.stringify(result)).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/);
        }),
        { seed: SEED, numRuns },
      );
    });

    test("recognising never throws", () => {
      fc.assert(
        fc.property(anyBody, anyHeaders, (body, headers) => {
          const score = adapter.recognise?.({ body, headers, now: NOW }) ?? 0;
          expect(score >= 0 && score <= 1).toBe(true);
        }),
        { seed: SEED, numRuns },
      );
    });

    test("refuses nonsense, naming the field and what was expected", () => {
      for (const body of [null, 17, true, [], {}, "", [null]]) {
        const { signals, refused } = readAt(adapter, body);
        // An empty list of a protocol that takes lists says nothing, which is no mistake.
        if (protocol && Array.isArray(body) && body.length === 0) continue;
        expect(signals).toEqual([]);
        expect(refused.length).toBeGreaterThan(0);
        expect(refused.every(({ field, expected }) => field !== "" && expected !== "")).toBe(true);
      }
    });
  });
}

test("measurements never throw, and account for every item", () => {
  fc.assert(
    fc.property(anyBodyOf(PROTOCOL_SAMPLES.map(golden)), (body) => {
      const { measurements, refused } = readMeasurements({ body, now: NOW });
      expectAccounted(measurements, refused, itemCount(body, "measurements"));
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

test("every adapter stands under its own id, which no other has", () => {
  const ids = ADAPTER_LIST.map(({ about }) => about.id);
  expect(ids).toEqual([...new Set(ids)]);
  for (const [id, { about }] of ADAPTERS) expect(about.id).toBe(id);
});

test("only a protocol that promises repeats is read as one", () => {
  const repeating = [...ADAPTERS.values()].filter(({ resendsByContract }) => resendsByContract);
  expect(repeating.map(({ about }) => about.id)).toEqual(["alertmanager-api"]);
});
