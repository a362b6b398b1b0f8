import { expect, test } from "vitest";
import { languageFor } from "./language.ts";

for (const [promise, headers, language] of [
  ["English where nothing is said", {}, "en"],
  ["the first language that there is", { "accept-language": "fr-FR, de-AT;q=0.8, en;q=0.5" }, "de"],
  ["English before German", { "accept-language": "en-GB,de;q=0.9" }, "en"],
  [
    "what was chosen in this browser",
    { "accept-language": "en", cookie: "tocsin=x; tocsin-language=de" },
    "de",
  ],
  ["nothing else than a language", { cookie: "tocsin-language=../../etc" }, "en"],
] as const)
  test(`a page speaks ${promise}`, () => expect(languageFor(headers)).toBe(language));
