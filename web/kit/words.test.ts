/** Which language somebody gets, and what stands where a word is missing. */
import { afterEach, expect, test } from "vitest";
import { languageOf, speak, t } from "./words.ts";

afterEach(() => speak("en", {}));

for (const [chosen, wanted, gets] of [
  [null, ["de-AT", "en"], "de"],
  [null, ["fr", "de"], "de"],
  [null, ["fr"], "en"],
  [null, [], "en"],
  ["en", ["de"], "en"],
  ["de", ["en"], "de"],
] as const)
  test(`who chose ${chosen ?? "nothing"} and whose browser wants ${wanted.join(", ") || "nothing"} gets ${gets}`, () => {
    expect(languageOf(chosen, wanted)).toBe(gets);
  });

test("a sentence has its values put in, in the order of its language", () => {
  expect(t("{a} before {b}", { a: "x", b: 2 })).toBe("x before 2");
  speak("de", { "{a} before {b}": "{b} nach {a}" });
  expect(t("{a} before {b}", { a: "x", b: 2 })).toBe("2 nach x");
});

test("what the catalogue lacks is said in English, and a value that is missing is seen", () => {
  speak("de", {});
  expect(t("Nothing burns.")).toBe("Nothing burns.");
  expect(t("{a} burns", {})).toBe("{a} burns");
});
