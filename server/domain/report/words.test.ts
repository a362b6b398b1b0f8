import { describe, expect, test } from "vitest";
import { almostHolds, excerptOf, likeOf, rankOf, tsqueryOf, wordsOf } from "./words.ts";

describe("words", () => {
  for (const [promise, text, words] of [
    ["are in lower case, each once", "Card CARD payments", ["card", "payments"]],
    ["keep names of machines whole", "db-3.eu_1 checkout-3ds", ["db-3.eu_1", "checkout-3ds"]],
    ["are of all languages", "支払い Überlauf", ["支払い", "überlauf"]],
    ["are none in signs alone", "' & | !", []],
  ] as const)
    test(promise, () => expect(wordsOf(text)).toEqual(words));

  test("no sign of a query language is left in them", () => {
    expect(tsqueryOf(wordsOf("card:* & !pay <-> 'x' db-3"))).toBe(
      "card:* & pay:* & x:* & db:* & 3:*",
    );
    expect(likeOf("50%_\\")).toBe("%50\\%\\_\\\\%");
  });

  test("what is just that comes before what begins so, before what holds it", () => {
    const texts = ["Recheckouted", "The checkout", "Checkout is slow", "checkout"];
    const ranked = texts.toSorted((a, b) => rankOf(a, ["checkout"]) - rankOf(b, ["checkout"]));
    expect(ranked).toEqual(["checkout", "Checkout is slow", "The checkout", "Recheckouted"]);
  });

  for (const [promise, text, words, found] of [
    ["a letter too few is a slip", "Checkout", "chekout", true],
    ["a letter too many is one", "Checkout", "checkkout", true],
    ["another letter is one", "Payments, primary", "paiments", true],
    ["two the wrong way round are one", "Payments, primary", "paymetns", true],
    ["two slips are another word", "Checkout", "chekuot", false],
    ["short words are meant as they stand", "Cart", "car", true],
    ["a short word has no slips", "Car", "cat", false],
    ["umlauts may be missing", "Zürich", "zurich", true],
    ["umlauts may be spelled out", "Zürich", "zuerich", true],
    ["umlauts may be too many", "Zurich", "zürich", true],
    ["every word must be there", "Payments, primary", "paymnts secondary", false],
  ] as const)
    test(promise, () => expect(almostHolds(text, words.split(" "))).toBe(found));

  test("the line that holds most of them is shown, cut around the first", () => {
    const text = `# Title\n\n- ${"long ".repeat(60)}turn the **flag** off\n- the flag`;
    expect(excerptOf(text, ["flag", "off"])).toMatch(/^….*turn the flag off$/);
    expect(excerptOf(text, ["nowhere"])).toBeNull();
  });
});
