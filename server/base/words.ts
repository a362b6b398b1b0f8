/** Puts what is said into the language of whoever reads it. A sentence is kept as its kind and values until that is known. */
import { german } from "../../contract/german/german.ts";
import type { Language } from "../../contract/language.ts";
import { refusalIn } from "../../contract/refused.ts";
import { fill, type Said, sentence, type Text } from "../../contract/texts.ts";

const CATALOGUES: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {},
  de: german,
};

/** A word or sentence of Tocsin's own; what has no other is said in English. */
export const wordIn = (text: string, language: Language): string =>
  CATALOGUES[language][text] ?? text;

export function inWords(text: Text, language: Language): string {
  if (typeof text === "string") return text;
  const said = (word: string): string => wordIn(word, language);
  return fill(said(text.template), valuesIn(text.params, language), said);
}

function valuesIn(params: Said["params"], language: Language): Said["params"] {
  if (!Object.values(params).some(isSaid)) return params;
  const values = Object.entries(params).map(
    ([name, value]) => [name, isSaid(value) ? inWords(value, language) : value] as const,
  );
  return Object.fromEntries(values);
}

/** Says the sentences of a page that the server draws; the German ones stand in contract/german/pages.ts. */
export type Speaker = (text: string, params?: Said["params"]) => string;
export const speaker =
  (language: Language): Speaker =>
  (text, params = {}) =>
    inWords(sentence(text, params), language);

/** Marks a sentence of a table, which {@link wordIn} says once it is known to whom. */
export const later = <Text extends string>(text: Text): Text => text;

/** Why it was refused, as far as there are words for it. */
export const refusalInWords = (
  {
    code,
    params,
    message,
  }: {
    readonly code: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly message: string;
  },
  language: Language,
): string => refusalIn(CATALOGUES[language], code, params) ?? message;

const isSaid = (value: unknown): value is Said =>
  typeof value === "object" && value !== null && "template" in value;
