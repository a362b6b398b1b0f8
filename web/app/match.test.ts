import { expect, test } from "vitest";
import { matches } from "./match.ts";

const lines = [
  { words: "INC-12 Payments fail", also: "SEV1 Checkout" },
  { words: "Mitigate, INC-12", also: "mitigate" },
  { words: "Incidents" },
];
const found = (search: string): readonly string[] =>
  matches(lines, search).map(({ words }) => words);

test("every word must be there, in any order, also in what is not shown", () => {
  expect(found("sev1 pay")).toEqual(["INC-12 Payments fail"]);
  expect(found("12 miti")).toEqual(["Mitigate, INC-12"]);
  expect(found("zebra")).toEqual([]);
});
test("what begins with it comes first, and signs are only signs", () => {
  expect(found("inc")[0]).toBe("INC-12 Payments fail");
  expect(found("(")).toEqual([]);
});
test("without words all is shown", () => expect(found(" ")).toHaveLength(3));
