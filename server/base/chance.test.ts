import { expect, test } from "vitest";
import { realChance, seededChance } from "./chance.ts";
import { instant } from "./instant.ts";

const at = instant(Date.UTC(2026, 10, 21));
const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("the same seed gives the same bytes, however they are asked for", () => {
  const [one, two] = [seededChance("s"), seededChance("s")];
  const inParts = Buffer.concat([one.bytes(3), one.bytes(70), one.bytes(1)]);
  expect(inParts).toEqual(two.bytes(74));
  expect(seededChance("t").bytes(74)).not.toEqual(inParts);
});

for (const [name, chance] of [
  ["real", realChance()],
  ["seeded", seededChance("ids")],
] as const) {
  test(`${name} ids are version 7, carry their time and sort as they were made`, () => {
    const ids = Array.from({ length: 10_000 }, () => chance.id(at));
    expect(ids.every((id) => UUID_7.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
    expect(Number.parseInt((ids[0] ?? "").replaceAll("-", "").slice(0, 12), 16)).toBe(at);
  });

  test(`${name} ids go on upward when the clock steps back`, () => {
    const late = chance.id(instant(at + 60_000));
    expect(chance.id(at) > late).toBe(true);
  });

  test(`${name} fractions lie in [0, 1) and spread`, () => {
    const found = Array.from({ length: 2_000 }, () => chance.fraction());
    expect(found.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });
}
