/** A portion in sets: what can be done is done, whatever stands beside it. */
import { expect, test } from "vitest";
import { instant } from "../base/instant.ts";
import { silentLog } from "../base/log.ts";
import { each, type EngineParts, inSets } from "./parts.ts";

const parts = { world: { log: silentLog } } as unknown as EngineParts;
const now = instant(1_000_000);

/** Does sets of numbers, unless one of them is bad. */
function working(bad: readonly number[]) {
  const sets: (readonly number[])[] = [];
  const later: [number, number][] = [];
  return {
    sets,
    later,
    work: async (set: readonly number[]) => {
      if (set.some((item) => bad.includes(item))) throw new Error("cannot be done");
      sets.push(set);
      return set.length;
    },
    putOff: async (item: number, until: number) => void later.push([item, until]),
  };
}

test("a set is done together", async () => {
  const { sets, later, ...rest } = working([]);
  expect(await inSets(parts, { now, sets: [[1, 2, 3], [], [4]], ...rest })).toBe(4);
  expect(sets).toEqual([[1, 2, 3], [4]]);
  expect(later).toEqual([]);
});

test("a set that cannot be done is halved until the bad item is alone, which is put off", async () => {
  const { sets, later, ...rest } = working([5]);
  expect(await inSets(parts, { now, sets: [[1, 2, 3, 4, 5, 6, 7, 8]], ...rest })).toBe(7);
  expect(sets).toEqual([[1, 2, 3, 4], [6], [7, 8]]);
  expect(later).toEqual([[5, now + 10_000]]);
});

test("what comes up meanwhile is begun as soon as there is room, and waits for nobody", async () => {
  const { sets, ...rest } = working([]);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const coming = [[[1]], [[2], [3]], [], []];
  const asked: number[] = [];
  const done = inSets(parts, {
    now,
    sets: [],
    atOnce: 2,
    more: async (underWay) => {
      asked.push(underWay);
      return coming.shift() ?? [];
    },
    ...rest,
    work: async (set) => {
      if (set[0] === 1) await first.promise;
      if (set[0] === 3) second.resolve();
      return rest.work(set);
    },
  });
  await second.promise;
  first.resolve();
  expect(await done).toBe(3);
  expect(sets).toEqual([[2], [3], [1]]);
  expect(asked.slice(0, 2)).toEqual([0, 1]);
});

test("a store that is away while it is asked for more ends the portion when all that was begun has ended", async () => {
  const away = Object.assign(new Error("gone"), { code: "ECONNRESET" });
  const { sets, ...rest } = working([]);
  const more = async (): Promise<never> => Promise.reject(away);
  await expect(inSets(parts, { now, sets: [[1], [2]], atOnce: 2, more, ...rest })).rejects.toBe(
    away,
  );
  expect(sets).toEqual([[1], [2]]);
});

test("a store that is away ends the portion, and nothing is put off", async () => {
  const { later, putOff } = working([]);
  const away = Object.assign(new Error("gone"), { code: "ECONNRESET" });
  const work = async (): Promise<never> => Promise.reject(away);
  await expect(inSets(parts, { now, sets: [[1, 2]], work, putOff })).rejects.toBe(away);
  expect(later).toEqual([]);
});

test("nothing but faults is a fault of the step", async () => {
  const { later, work, putOff } = working([1, 2]);
  const one = (item: number): Promise<number> => work([item]);
  await expect(each(parts, { now, items: [1, 2], work: one, putOff })).rejects.toThrow("cannot");
  expect(later.map(([item]) => item)).toEqual([1, 2]);
});
