/**
 * Home and the page of an incident with their first sight drawn, for whoever asks: with the answers that the API gives to the
 * very same session, so that nobody sees here what they could not ask for. Whatever is in the way, the app's own page is
 * sent instead, which asks and says what is wrong. decisions/0090
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { sleepReal } from "../base/clock.ts";
import { escapeHtml } from "../base/html.ts";
import { errorFields, type Log } from "../base/log.ts";
import { Raw, type RequestFacts } from "../base/routes.ts";
import type { Reader } from "./reader.ts";

/** The API's answer to a question under the same session as JSON; null: anything but an answer. */
export type AskAs = (address: string, request: RequestFacts) => Promise<string | null>;

/** What `web/app/drawPage.tsx` gives. */
type Hand = {
  drawPage(asked: {
    readonly address: string;
    readonly given: Given;
    readonly language: string;
    readonly zone: string;
    readonly now: number;
  }): Promise<{ readonly title: string; readonly markup: string }>;
};
type Given = { readonly overview: { readonly now: string } };

/** A page that comes drawn, and what is asked for it. */
export type Sight = {
  readonly address: string;
  /** As `web/app/early.ts` asks, where nothing is drawn. */
  readonly questions: Readonly<Record<string, string>>;
};

const AROUND = { me: "/v1/me", overview: "/v1/overview", directory: "/v1/directory" };

export const HOME: Sight = { address: "/", questions: AROUND };

export const incidentSight = (id: string): Sight => ({
  address: `/incidents/${id}`,
  questions: {
    ...AROUND,
    incident: `/v1/incidents/${id}`,
    timeline: `/v1/incidents/${id}/timeline?limit=500&end=true`,
  },
});

/** A store that takes longer than this is not waited for with an empty screen. */
export const PATIENCE_MS = 500;
/** Larger answers come beside the script, and what is drawn with them is too large to come first. */
const LARGEST = 256 * 1_024;

type Drawing = {
  readonly builtIn: string;
  readonly ask: AskAs;
  readonly log: Log;
  readonly page: string;
  readonly readerAt: (at: number) => Reader;
};

/** Null: it cannot be drawn now. */
export async function drawnPage(
  sight: Sight,
  request: RequestFacts,
  drawing: Drawing,
): Promise<Raw | null> {
  const answers = await inTime(answersTo(sight, request, drawing.ask));
  if (answers === null) return null;
  try {
    return await drawn(sight, request, drawing, answers);
  } catch (error) {
    drawing.log.warn("a page could not be drawn", errorFields(error));
    return null;
  }
}

async function answersTo(
  { questions }: Sight,
  request: RequestFacts,
  ask: AskAs,
): Promise<string | null> {
  const asked = Object.entries(questions).map(async ([name, address]) => {
    const answer = await ask(address, request);
    return answer === null ? null : `"${name}":${answer}`;
  });
  const answers = await Promise.all(asked);
  const all = `{${answers.join()}}`;
  return answers.includes(null) || all.length > LARGEST ? null : all;
}

async function inTime<T>(work: Promise<T>): Promise<T | null> {
  const done = new AbortController();
  const late = sleepReal(PATIENCE_MS, done.signal).then(() => null);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

async function drawn(
  { address }: Sight,
  request: RequestFacts,
  { builtIn, page, readerAt }: Drawing,
  answers: string,
): Promise<Raw | null> {
  const given = JSON.parse(answers) as Given;
  const now = Date.parse(given.overview.now);
  const { language, scheme, zone, offset } = readerAt(now);
  const { drawPage } = await handIn(builtIn);
  const { title, markup } = await drawPage({ address, given, language, zone, now });
  const words: Readonly<Record<string, string>> = {
    LANGUAGE: language,
    SCHEME: scheme,
    DRAWN: given.overview.now,
    STILL: `${given.overview.now.slice(11, 19)} UTC`,
    OFFSET: String(offset),
    ZONE: escapeHtml(zone),
    TITLE: escapeHtml(title),
    MARKUP: markup,
    // In a block of data only this could end it.
    GIVEN: answers.replaceAll("<", "\\u003c"),
  };
  const filled = page.replace(/%([A-Z]+)%/g, (whole, name: string) => words[name] ?? whole);
  return packed(filled, request);
}

const brotli = promisify(brotliCompress);

async function packed(page: string, { headers }: RequestFacts): Promise<Raw> {
  const type = "text/html; charset=utf-8";
  const own = {
    "cache-control": "no-store",
    vary: "cookie, accept-language, accept-encoding",
    "referrer-policy": "same-origin",
  };
  if (!/\bbr\b/.test(headers["accept-encoding"] ?? "")) return new Raw(type, page, own);
  const small = await brotli(page, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  return new Raw(type, small, { ...own, "content-encoding": "br" });
}

let hand: Promise<Hand> | null = null;

/** Loaded by the first page: a server that nobody looks at does not hold it. */
function handIn(builtIn: string): Promise<Hand> {
  hand ??= import(pathToFileURL(join(builtIn, "hand/drawPage.js")).href) as Promise<Hand>;
  return hand;
}
