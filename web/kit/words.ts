/**
 * Sentences in the reader's language. The English sentence is its own key; a language is one catalogue
 * from it, loaded before the first page is drawn. What a catalogue lacks is said in English.
 */
import { createElement, Fragment, type ReactNode } from "react";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;
export type Catalogue = Readonly<Record<string, string>>;

const KEPT = "tocsin.language";
const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

const isLanguage = (value: unknown): value is Language =>
  typeof value === "string" && Object.hasOwn(LANGUAGES, value);

/** What the person chose; null: as the browser says. */
export function chosenLanguage(): Language | null {
  const value = globalThis.localStorage?.getItem(KEPT);
  return isLanguage(value) ? value : null;
}

/** The first of the browser's languages that there is. */
export function languageOf(chosen: Language | null, wanted: readonly string[]): Language {
  const found = wanted.map((each) => each.toLowerCase().split("-")[0]).find(isLanguage);
  return chosen ?? found ?? "en";
}

/** Keeps the choice; the page is read anew, so that nothing stays behind in the other language. */
export function chooseLanguage(language: Language | null): void {
  if (language === null) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, language);
  location.reload();
}

let current: Language = "en";
let catalogue: Catalogue = {};

export const language = (): Language => current;
/** For dates and numbers. */
export const locale = (): string => LOCALES[current];

export function speak(chosen: Language, words: Catalogue): void {
  [current, catalogue] = [chosen, words];
}

/** A word that a table or the server chose, in the reader's language. */
export const said = (text: string): string => catalogue[text] ?? text;

/** Marks the words of a table, which is made before the language is known; {@link said} says them. */
export const later = <Text extends string>(text: Text): Text => text;

/** The name of a thing within a sentence; German writes it large there too. */
export const inSentence = (word: string): string => (current === "de" ? word : word.toLowerCase());

/** A sentence that the server chose, with its values put in where `{name}` stands. */
export const told = (template: string, values: Readonly<Record<string, unknown>>): string =>
  said(template).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** A sentence of the page with its values. */
export const t = (text: string, values: Readonly<Record<string, string | number>> = {}): string =>
  told(text, values);

/** The same where values are parts of the page. */
export function tParts(text: string, values: Readonly<Record<string, ReactNode>>): ReactNode {
  const parts = said(text).split(/\{(\w+)\}/);
  return parts.map((part, index) =>
    createElement(
      Fragment,
      { key: index },
      index % 2 === 0 || !(part in values) ? part : values[part],
    ),
  );
}

/**
 * A refusal of the server in the reader's language, by its code. Null: there is none, or it would name what the server
 * did not give; then the server's own sentence stands.
 */
export function refusalSaid(
  code: string,
  params: Readonly<Record<string, unknown>>,
): string | null {
  const sentence = catalogue[code];
  if (sentence === undefined) return null;
  let isWhole = true;
  const text = sentence.replace(
    /\{(said:)?(\w+)\}/g,
    (_, word: string | undefined, name: string) => {
      const value = params[name];
      isWhole &&= value !== undefined && value !== null;
      const values = (Array.isArray(value) ? value : [value]).map(String);
      return (word === undefined ? values : values.map(numberedSaid)).join(", ");
    },
  );
  return isWhole ? text : null;
}

/** A word or clause that the server chose, whose numbers are places: “merged into INC-{1}”. */
function numberedSaid(text: string): string {
  const numbers: string[] = [];
  const key = text.replace(/\d+/g, (digits) => `{${numbers.push(digits)}}`);
  const found = catalogue[key];
  return (
    found?.replace(/\{(\d)\}/g, (_, place: string) => numbers[Number(place) - 1] ?? "") ?? text
  );
}
