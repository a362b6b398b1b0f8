import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Severity } from "../../../contract/ids.ts";
import { seededChance } from "../../base/chance.ts";
import { keyring, sha256 } from "../../base/crypto.ts";
import { instant } from "../../base/instant.ts";
import { decisionSource, fold, type Intake, type Keyed, takeFlush } from "./alert.ts";
import { openBodies, sealBodies } from "./batch.ts";

type Action = Keyed["signal"]["action"];
const keyed = (dedupKey: string, action: Action = "trigger", keyId = "k"): Keyed => ({
  keyId,
  signal: { dedupKey, action },
});
const world = { keys: keyring(sha256("test")), chance: seededChance("alert") };

describe("one flush", () => {
  for (const [promise, items, most, taken, left] of [
    [
      "takes everything when every key does one thing",
      [keyed("a"), keyed("b"), keyed("a")],
      9,
      [0, 1, 2],
      [],
    ],
    ["leaves the resolve that follows a trigger", [keyed("a"), keyed("a", "resolve")], 9, [0], [1]],
    [
      "leaves all that follows on a key once one had to wait",
      [keyed("a"), keyed("a", "resolve"), keyed("a"), keyed("b")],
      9,
      [0, 3],
      [1, 2],
    ],
    [
      "keeps keys of different senders apart",
      [keyed("a"), keyed("a", "resolve", "l"), keyed("a")],
      9,
      [0, 2],
      [1],
    ],
    [
      "does one thing: what others ask for waits",
      [keyed("a", "resolve"), keyed("b"), keyed("c", "resolve")],
      9,
      [0, 2],
      [1],
    ],
    ["takes at most what it may", [keyed("a"), keyed("b"), keyed("c")], 2, [0, 1], [2]],
    [
      "does not let a later signal overtake when it is full",
      [keyed("a"), keyed("b"), keyed("a")],
      1,
      [0],
      [1, 2],
    ],
    ["takes nothing from nothing", [], 9, [], []],
  ] as const)
    test(promise, () => expect(takeFlush(items, most)).toEqual({ taken, left }));

  test("leaves what is being written, with all that follows on its key, and does what the others ask for", () => {
    const items = [
      keyed("a", "resolve"),
      keyed("b"),
      keyed("a"),
      keyed("c", "resolve"),
      keyed("d"),
    ];
    const isBusy = (position: number) => items[position]!.signal.dedupKey === "a";
    expect(takeFlush(items, 9, isBusy)).toEqual({ taken: [1, 4], left: [0, 2, 3] });
  });

  test("after flush upon flush every key's signals were taken in the order they came", () => {
    const signals = fc.array(
      fc.record({
        key: fc.constantFrom("a", "b", "c"),
        action: fc.constantFrom<Action>("trigger", "acknowledge", "resolve"),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(signals, fc.integer({ min: 1, max: 7 }), (drawn, most) => {
        let queue = drawn.map(({ key, action }, at) => ({ ...keyed(key, action), at }));
        const order = new Map<string, number[]>();
        while (queue.length > 0) {
          const { taken, left } = takeFlush(queue, most);
          expect(taken.length).toBeGreaterThan(0);
          expect(taken.length).toBeLessThanOrEqual(most);
          const did = new Map<string, Action>();
          for (const position of taken) {
            const { at, signal } = queue[position]!;
            expect(did.get(signal.dedupKey) ?? signal.action).toBe(signal.action);
            did.set(signal.dedupKey, signal.action);
            order.set(signal.dedupKey, [...(order.get(signal.dedupKey) ?? []), at]);
          }
          queue = left.map((position) => queue[position]!);
        }
        for (const seen of order.values()) expect(seen).toEqual(seen.toSorted((a, b) => a - b));
        expect([...order.values()].flat()).toHaveLength(drawn.length);
      }),
      { seed: 20261121 },
    );
  });
});

const intake = (dedupKey: string, title = "t", keyId = "k"): Intake => ({
  keyId,
  adapter: "tocsin",
  resends: false,
  serviceId: "checkout",
  signal: {
    dedupKey,
    action: "trigger",
    title,
    severity: "critical",
    source: null,
    labels: {},
    details: null,
    link: null,
    startedAt: null,
    endsAt: null,
  },
  decision: {
    ruleId: null,
    ruleFile: null,
    ruleLine: null,
    outcome: "record",
    because: "",
    declareSeverity: null,
    autoResolve: false,
  },
  raw: Buffer.from("{}"),
  receivedAt: instant(0),
});

const declaring = (dedupKey: string, severity: Severity | null): Intake => {
  const item = intake(dedupKey);
  const outcome = severity === null ? "record" : "declare";
  return { ...item, decision: { ...item.decision, outcome, declareSeverity: severity } };
};

describe("folding", () => {
  test("makes one row of all signals of a key: the last one's words, all of their count", () => {
    const [folded, ...others] = fold([intake("a", "first"), intake("a", "last")]);
    expect(others).toEqual([]);
    expect(folded).toMatchObject({ count: 2, members: [0, 1] });
    expect(folded?.last.signal.title).toBe("last");
  });

  test("puts the keys in one order, whoever came first", () => {
    const keys = (items: readonly Intake[]) => fold(items).map((f) => f.last.signal.dedupKey);
    expect(keys([intake("b"), intake("a"), intake("c")])).toEqual(["a", "b", "c"]);
    expect(keys([intake("c"), intake("b"), intake("a")])).toEqual(["a", "b", "c"]);
  });

  for (const [promise, before, after, severity] of [
    ["a worse moment outlasts the milder repeat that follows it", "SEV1", null, "SEV1"],
    ["a worse repeat outweighs what came before it", null, "SEV2", "SEV2"],
    ["of two declarations the higher severity counts", "SEV3", "SEV2", "SEV2"],
  ] as const)
    test(promise, () => {
      const [folded] = fold([declaring("a", before), declaring("a", after)]);
      expect(folded?.decision.declareSeverity).toBe(severity);
    });

  test("never mixes the same key of two senders", () => {
    expect(fold([intake("a", "t", "k"), intake("a", "t", "l")])).toHaveLength(2);
  });
});

for (const [promise, row, source] of [
  ["no rule has no source", { ruleId: null, ruleFile: null, ruleLine: null }, null],
  [
    "a rule of no file comes from the defaults or the API",
    { ruleId: "r", ruleFile: null, ruleLine: null },
    "defaults or API",
  ],
  [
    "a rule of a file is named with its line",
    { ruleId: "r", ruleFile: "rules.yaml", ruleLine: 7 },
    "rules.yaml:7",
  ],
] as const)
  test(promise, () => expect(decisionSource(row)).toBe(source));

describe("raw bodies", () => {
  test("come back byte by byte, each for its signal, and shared ones are stored once", () => {
    const shared = Buffer.from("[1,2]");
    const odd = Buffer.from([0xff, 0x00, 0xfe]);
    const sealed = sealBodies(world, [shared, odd, shared]);
    expect(openBodies(world.keys, sealed).map((body) => body.toString("hex"))).toEqual(
      [shared, odd, shared].map((body) => body.toString("hex")),
    );
    const big = Buffer.alloc(10_000, 1);
    expect(sealBodies(world, [big, big, big]).length).toBeLessThan(11_000);
  });

  test("cannot be opened when they were altered", () => {
    const sealed = sealBodies(world, [Buffer.from("secret")]);
    expect(sealed.includes("secret")).toBe(false);
    sealed[sealed.length - 1]! ^= 1;
    expect(() => openBodies(world.keys, sealed)).toThrow();
  });
});
