import { expect, test } from "vitest";
import { atMost } from "./atMost.ts";

test("so many work at once, the others in their order, also where one fails", async () => {
  const few = atMost(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const ended = ends.map(({ promise }, place) =>
    few(() => {
      begun.push(place);
      return promise;
    }).catch((error: unknown) => String(error)),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]!.reject("one");
  expect(await ended[1]).toBe("one");
  expect(begun).toEqual([0, 1, 2]);
  for (const [place, { resolve }] of ends.entries()) resolve(place);
  expect(await Promise.all(ended)).toEqual([0, "one", 2, 3, 4]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  await few(async () => void begun.push(5));
  expect(begun.at(-1)).toBe(5);
});
