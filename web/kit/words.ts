/**
 * Sentences in the reader's language. The English sentence is its own key; a language is one catalogue
 * from it, loaded before the first page is drawn. What a catalogue lacks is said in English.
 */
import { createElement, Fragment, type ReactNode } from "react";
import { type Language, LANGUAGES } from "../../contract/language.ts";
import { refusalIn } from "../../contract/refused.ts";
import type { Sentence } from "../../contract/route.ts";
import { fill } from "../../contract/texts.ts";

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

const YEAR_SECONDS = 365 * 24 * 3_600;

/** Keeps the choice; the page is read anew, so that nothing stays behind in the other language. */
export function chooseLanguage(language: Language | null): void {
  if (language === null) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, language);
  // For the door and other pages that the server draws (server/app/language.ts).
  const age = language === null ? 0 : YEAR_SECONDS;
  document.cookie = `tocsin-language=${language ?? ""}; path=/; samesite=lax; max-age=${age}`;
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
  fill(said(template), values, said);

/** The same, as the server gives it beside its own sentence. */
export const toldBy = (made: Sentence | undefined, own: string): string =>
  made === undefined ? own : told(made.template, made.params);

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

/** A refusal of the server in the reader's language; null: the server's own sentence stands. */
export const refusalSaid = (
  code: string,
  params: Readonly<Record<string, unknown>>,
): string | null => refusalIn(catalogue, code, params);
