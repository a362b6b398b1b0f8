/** Which language somebody gets, and what stands where a word is missing. */
import { afterEach, expect, test } from "vitest";
import { de } from "../words/de.ts";
import { languageOf, refusalSaid, speak, t } from "./words.ts";

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
  expect(t("{a} burns", {})).toBe("? burns");
});

test("a refusal is told in German by its code, with the words that the server chose for it", () => {
  speak("de", de);
  const wrong = { id: "INC-4", state: "merged into INC-12", verb: "mitigate", allowed: ["note"] };
  expect(refusalSaid("incident.wrong_state", wrong)).toBe(
    "INC-4 ist mit INC-12 zusammengeführt, darum geht „eindämmen“ nicht. Jetzt möglich: Notiz.",
  );
  const short = "it has 6 characters, and 15 are the least. A few words in a row do well";
  expect(refusalSaid("access.password_weak", { problem: short })).toContain("es hat 6 Zeichen");
  // What somebody named stays as it is; what the server did not give is left to its own sentence.
  expect(refusalSaid("run.inputs_missing", { missing: ["note"] })).toContain("fehlen Werte: note.");
  expect(refusalSaid("run.inputs_missing", {})).toBeNull();
  expect(refusalSaid("start.failed", {})).toBeNull();
});
