/**
 * From what a tool tells to a signal under its limits. Adapters say what they found, in the tool's
 * own values; cleaning, cutting, safe links, labels and keys are the same for all of them.
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Instant } from "../../base/instant.ts";
import {
  type AdapterInput,
  cleanJson,
  cleanText,
  clip,
  DEDUP_KEY_MAX,
  fingerprint,
  fits,
  LABEL_VALUE_MAX,
  type SignalAction,
  TITLE_MAX,
} from "../../domain/signal/signal.ts";
import {
  isObject,
  type Json,
  type LabelBox,
  putLabel,
  type Reading,
  safeLink,
  scalarText,
} from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";

export type Status = "firing" | "acknowledged" | "resolved";

const ACTION_OF: Readonly<Record<Status, SignalAction>> = {
  firing: "trigger",
  acknowledged: "acknowledge",
  resolved: "resolve",
};

/** An alert in the tool's own values; what is unknown may be undefined or of any type. */
export type Told = {
  readonly status: Status;
  readonly title: string;
  readonly severity: AlertSeverity;
  /** The same for the firing and the end of a condition; parts of one are joined by the adapter. */
  readonly dedupKey: string | null;
  readonly service?: unknown;
  readonly source?: unknown;
  readonly link?: unknown;
  readonly startedAt?: Instant | null;
  readonly endsAt?: Instant | null;
  /** Lone values become labels; what is empty or nested is passed over. */
  readonly labels?: Json;
  readonly details?: unknown;
};

const LABELS_MAX = 100;

/** Puts the alert among the signals of the reading. */
export function tell(reading: Reading, index: number, told: Told): void {
  const action = ACTION_OF[told.status];
  const box = labelsOf(reading, index, told.labels ?? {});
  const details = told.details === undefined ? null : cleanJson(told.details);
  reading.accept(
    index,
    {
      action,
      dedupKey: told.dedupKey === null ? null : keyOf(told.dedupKey),
      title: titleOf(told.title),
      severity: action === "trigger" ? told.severity : null,
      source: textOf(told.source),
      labels: box.labels,
      details: box.overflow === null ? details : { ...asObject(details), ...box.overflow },
      link: safeLink(reading, index, "link", told.link),
      startedAt: told.startedAt ?? null,
      endsAt: told.endsAt ?? null,
      service: textOf(told.service),
    },
    told.severity,
  );
}

/**
 * What is not seen: control characters, zero-width and bidirectional marks. Names come from whoever
 * attacks, and may not turn a line around, hide a word or speak to a terminal.
 */
const UNSEEN = /[\p{Cc}\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** On one line, as it reads: a title stands in lists, mails and on a phone's lock screen. */
export const titleOf = (text: string): string =>
  clip(
    cleanText(text.slice(0, 8 * TITLE_MAX))
      .replace(UNSEEN, " ")
      .replaceAll(/\s+/g, " ")
      .trim() || "(no title)",
    TITLE_MAX,
  );

/** The tool's identity, or its hash when it is too long to be stored. */
export const keyOf = (key: string): string => {
  const clean = cleanText(key);
  return fits(clean, DEDUP_KEY_MAX) ? clean : fingerprint({ key: clean });
};

/** A short text, or null. */
function textOf(value: unknown): string | null {
  const text = scalarText(value)?.trim() ?? "";
  return text === "" ? null : clip(text, LABEL_VALUE_MAX);
}

function labelsOf(reading: Reading, index: number, values: Json): LabelBox {
  const box: LabelBox = { labels: {}, overflow: null };
  let count = 0;
  for (const name in values) {
    const text = scalarText(values[name]);
    if (text === null || text.trim() === "") continue;
    if (++count > LABELS_MAX) {
      reading.find(
        index,
        "labels",
        `more than ${LABELS_MAX}: the others stand in the details only`,
      );
      break;
    }
    putLabel(reading, index, box, [cleanText(name), text]);
  }
  return box;
}

const asObject = (details: unknown): Json =>
  isObject(details) ? details : details === null ? {} : { details };

/** The severity for the tool's own word by its table; Tocsin's usual words count where it has none. */
export function severityBy(
  table: Readonly<Record<string, AlertSeverity>>,
  word: unknown,
): AlertSeverity {
  const text = scalarText(word)?.trim();
  if (text === undefined) return severityOfWord(null);
  if (Object.hasOwn(table, text)) return table[text]!;
  const lower = text.toLowerCase();
  const name = Object.keys(table).find((known) => known.toLowerCase() === lower);
  return name === undefined ? severityOfWord(text) : table[name]!;
}

/** The value at a path of names; undefined when something on the way is no object. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) {
    if (!isObject(here) || !Object.hasOwn(here, name)) return undefined;
    here = here[name];
  }
  return here;
}

/** The first of the values that is a text with something in it, or a number, as text. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const text = scalarText(value);
    if (text !== null && text.trim() !== "") return text.trim();
  }
  return null;
}

/** The list itself, its only element where a tool leaves the brackets away, or nothing. */
export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value)
    ? value
    : value === undefined || value === null || value === ""
      ? []
      : [value];

/** Tags such as “service:checkout”, as a list or joined by commas, by their names; bare ones under "". */
export function tagsOf(value: unknown): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  const parts = typeof value === "string" ? value.split(",") : listOf(value);
  for (const part of parts.slice(0, LABELS_MAX)) {
    const text = scalarText(part)?.trim() ?? "";
    const colon = text.search(/[:=]/);
    const name = colon < 0 ? `tag.${text}` : text.slice(0, colon).trim();
    if (text !== "" && name !== "__proto__")
      tags[name] = colon < 0 ? "true" : text.slice(colon + 1).trim();
  }
  return tags;
}

/** Parts of an identity, readable; each tool joins the same number of them, so they stay apart. */
export const joinKey = (...parts: readonly unknown[]): string =>
  parts.map((part) => scalarText(part) ?? "").join("/");

/** Adapters whose body is one object ask this of it; a list is divided before they are asked. */
export const recogniseObject =
  (test: (body: Json, input: AdapterInput) => boolean | number) =>
  (input: AdapterInput): number => {
    if (!isObject(input.body)) return 0;
    return Number(test(input.body, input));
  };

/** Whether the object has every one of these fields, whatever is in them. */
export const has = (body: Json, ...names: readonly string[]): boolean =>
  names.every((name) => Object.hasOwn(body, name));
