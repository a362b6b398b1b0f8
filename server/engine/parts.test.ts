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
