/** What all pages are made of: the frame, times in a reader's zone, the marks that carry meaning. */
import type { Severity } from "../../contract/ids.ts";
import type { Language } from "../../contract/language.ts";
import { html, type Html, type HtmlValue } from "../base/html.ts";
import { fromIso, type Instant, toIso } from "../base/instant.ts";
import { Raw } from "../base/routes.ts";
import { type Speaker, speaker, wordIn } from "../base/words.ts";
import type { Snapshot } from "../domain/config/config.ts";

/** What people are called; whoever is gone from configuration keeps the id. */
export const nameIn =
  (config: Snapshot) =>
  (personId: string): string =>
    config.get("people", personId)?.body.name ?? personId;

/** Where and when somebody reads; every time on a page is told for them. */
export type Reading = {
  readonly now: Instant;
  readonly zone: string;
  readonly language: Language;
};

export type PageOptions = {
  readonly language: Language;
  readonly title: string;
  /** A page for reading, with a way home on top; without it one thing to do, made for a phone. */
  readonly wide?: boolean;
  readonly status?: number;
};

/** A whole page around its body: no script, kept by no cache, not telling where one came from. */
export function pageAround(options: PageOptions, body: Html): Raw {
  const markup = html`<!doctype html>
<html lang="${options.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<title>${options.title} · Tocsin</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/tocsin.css">
</head>
<body>${options.wide === true ? bar(speaker(options.language)) : null}<main class="${options.wide === true ? "wide" : "narrow"}">${body}</main></body>
</html>
`;
  const headers = { "cache-control": "no-store", "referrer-policy": "no-referrer" };
  return new Raw("text/html; charset=utf-8", markup.toString(), headers, options.status ?? 200);
}

const icon = (paths: Html): Html =>
  html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${paths}</svg>`;

export const ICONS = {
  bell: icon(
    html`<path d="M3.5 11.5h9c-1-1-1.3-2-1.3-4.2a3.2 3.2 0 0 0-6.4 0c0 2.2-.3 3.2-1.3 4.2Z"/>
<path d="M6.6 13.6a1.5 1.5 0 0 0 2.8 0"/>`,
  ),
  eye: icon(
    html`<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8Z"/>
<circle cx="8" cy="8" r="1.8"/>`,
  ),
  flame: icon(
    html`<path d="M8 1.8c.4 2.3 3.7 3.6 3.7 7a3.7 3.7 0 0 1-7.4 0
c0-1.5.7-2.5 1.6-3.4.3 1 .8 1.4 1.3 1.5C7 4.8 6.9 3.4 8 1.8Z"/>`,
  ),
  up: icon(html`<path d="M8 13V3.5M4.3 7 8 3.3 11.7 7"/>`),
  clock: icon(html`<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>`),
  person: icon(html`<circle cx="8" cy="5.3" r="2.6"/><path d="M2.9 13.6a5.2 5.2 0 0 1 10.2 0"/>`),
  tick: icon(html`<path d="m3 8.5 3.3 3.3L13 4.8"/>`),
  cross: icon(html`<path d="M8 4.5v4.2M8 11.4v.1"/><circle cx="8" cy="8" r="6"/>`),
} as const;

const bar = (t: Speaker): Html =>
  html`<nav class="bar" aria-label="${t("Main")}"><a class="mark" href="/">${ICONS.bell}Tocsin</a>
<a href="/">${t("Home")}</a> <a href="/incidents">${t("Incidents")}</a> <a href="/docs">API</a></nav>`;

/** The mark in a browser's tab: the bell on ink. */
export const FAVICON = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3.5" fill="#1c1a16"/>
<g fill="none" stroke="#f6f4ef" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round">
<path d="M3.5 11h9c-1-1-1.3-2-1.3-4.2a3.2 3.2 0 0 0-6.4 0c0 2.2-.3 3.2-1.3 4.2Z"/>
<path d="M6.7 13a1.5 1.5 0 0 0 2.6 0"/></g></svg>`;

/** The word, bars and fill of a severity, in that order of trust. */
export const severityMark = (severity: Severity): Html =>
  html`<span class="sev ${severity}">${BARS}${severity}</span>`;

const BARS = html`<b aria-hidden="true"><i></i><i></i><i></i><i></i></b>`;

const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

const zoned = (at: Instant, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

/** “14:09”, or “Mon 23 Nov 14:09” when that is not today, in the reader's zone. */
export function timeText(at: Instant, { now, zone, language }: Reading, seconds = false): string {
  const [then, today] = [zoned(at, zone), zoned(now, zone)];
  const time = then.toPlainTime().toString({ smallestUnit: seconds ? "second" : "minute" });
  if (then.toPlainDate().equals(today.toPlainDate())) return time;
  const year = then.year === today.year ? {} : ({ year: "numeric" } as const);
  const day = then.toLocaleString(LOCALES[language], {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...year,
  });
  return `${day.replace(",", "")} ${time}`;
}

/** A sentence whose values are parts of the page. */
export const tParts = (
  language: Language,
  text: string,
  values: Readonly<Record<string, HtmlValue>>,
): Html => {
  const parts = wordIn(text, language).split(/\{(\w+)\}/);
  return html`${parts.map((part, at) => (at % 2 === 0 ? part : (values[part] ?? null)))}`;
};

/** The same for a page: the exact instant stands behind it. One to the second names its zone: the others are in it too. */
export const timeMark = (at: Instant, reading: Reading, seconds = false): Html =>
  html`<time datetime="${toIso(at)}" title="${toIso(at)}">${timeText(at, reading, seconds)}${seconds ? ` ${zoneName(at, reading)}` : ""}</time>`;

/** “CET”, “UTC”. */
const zoneName = (at: Instant, { zone, language }: Reading): string =>
  new Intl.DateTimeFormat(LOCALES[language], { timeZone: zone, timeZoneName: "short" })
    .formatToParts(at)
    .find(({ type }) => type === "timeZoneName")?.value ?? zone;

/** Replaces every instant that stands in a text as ISO 8601 by the reader's time. */
export const inReadersTime = (text: string, reading: Reading): string =>
  text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, (iso) => {
    const at = fromIso(iso);
    return at === null ? iso : timeText(at, reading);
  });

/** One block of a page with one thing to do: what it is about, and what there is to know. */
export const line = (mark: Html, heading: string, ...body: readonly HtmlValue[]): Html =>
  html`<div>${mark}<div><h2>${heading}</h2>${body}</div></div>`;

/** “checkout and cart” or the regions, or nothing. */
export const listText = (t: Speaker, values: readonly string[]): string =>
  values.length < 2
    ? values.join("")
    : t("{others} and {last}", {
        others: values.slice(0, -1).join(", "),
        last: values.at(-1),
      });
