/**
 * Damaged payloads over all adapters, as hostile and broken tools send them: nothing throws, nothing
 * takes long, and whatever is accepted keeps its limits and gets a decision. A few thousand here; a
 * million with TOCSIN_LONG=1 (npm run test:long).
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_RULES } from "../../domain/policy/defaultRules.ts";
import { compileRules, decide } from "../../domain/signal/rules.ts";
import { DEDUP_KEY_MAX, fits, type Signal, TITLE_MAX } from "../../domain/signal/signal.ts";
import { bodyOf } from "./body.ts";
import { goldenNames, NOW } from "./golden/samples.ts";
import { ADAPTER_LIST, ADAPTERS } from "./index.ts";
import { FAULT, joined, readBody } from "./recognise.ts";
import { isLong } from "../../../test/long.ts";

const PAYLOADS = isLong ? 1_000_000 : 4_000;
if (!isLong) console.log(`skipped: all but ${PAYLOADS} of 1000000 payloads, without TOCSIN_LONG=1`);
/** Nothing may hold a node up longer than this. */
const SLOW_MS = 50;
const SEED = 0x7c51;

/** A small generator with a seed, so that a finding can be met again. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const deep = (levels: number): unknown => (levels === 0 ? [] : { a: deep(levels - 1) });

/** What fields are damaged with: wrong types, extremes, text that spoils stores, names of JavaScript's own. */
const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.MAX_SAFE_INTEGER,
  0.1,
  "",
  " ",
  "0",
  "null",
  "\0",
  "\ud83d",
  "🚒",
  "a".repeat(3_000),
  "\n".repeat(500),
  "[".repeat(300),
  "/".repeat(300),
  "javascript:alert(1)",
  "https://",
  "https://example.org/\u202e",
  "9999-99-99T99:99:99Z",
  "2026-11-21 09:58:00",
  "1795255080",
  "resolved",
  "OK",
  "critical",
  "%%%",
  "{}",
  "[]",
  [],
  {},
  [null],
  [[]],
  [{}],
  { toString: 1, valueOf: 1 },
  { length: -1 },
  JSON.parse('{"__proto__": {"x": 1}, "constructor": null, "hasOwnProperty": 1}'),
  deep(60),
  Array.from({ length: 200 }, (_, at) => at),
  Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`k${at}`, at])),
];

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
type Rows = Record<string, readonly { readonly body: unknown }[]>;
const variants = readdirSync(new URL("variants/", import.meta.url)).flatMap((name) =>
  Object.values(JSON.parse(read(`variants/${name}`)) as Rows).flatMap((rows) =>
    rows.map(({ body }) => (typeof body === "string" ? body : JSON.stringify(body))),
  ),
);
const texts = [...goldenNames().map((name) => read(`golden/${name}`)), ...variants];

/** The body with one place holding something else, or gone, or twice. */
function damage(body: unknown, next: (below: number) => number): unknown {
  if (typeof body !== "object" || body === null || next(6) === 0) return JUNK[next(JUNK.length)];
  if (Array.isArray(body)) {
    const copy = [...body];
    const at = next(copy.length + 1);
    if (at === copy.length) copy.push(JUNK[next(JUNK.length)]);
    else if (next(4) === 0) copy.splice(at, 1);
    else copy[at] = damage(copy[at], next);
    return copy;
  }
  const names = Object.keys(body);
  const name = names[next(names.length + 1)] ?? "extra";
  const copy: Record<string, unknown> = { ...body };
  if (next(8) === 0) delete copy[name];
  else copy[name] = damage(copy[name], next);
  return copy;
}

/** The text with a few characters lost, doubled or replaced: cut bodies, broken encodings. */
function spoil(text: string, next: (below: number) => number): string {
  let spoilt = text;
  for (let times = next(4); times >= 0; times--) {
    const at = next(spoilt.length + 1);
    const how = next(4);
    if (how === 0) spoilt = spoilt.slice(0, at);
    else if (how === 1) spoilt = spoilt.slice(0, at) + spoilt.slice(at + 1 + next(20));
    else if (how === 2)
      spoilt = spoilt.slice(0, at) + '"{}[]\\,:/*\n\0&='[next(13)] + spoilt.slice(at);
    else spoilt = spoilt.slice(0, at) + spoilt.slice(0, at).slice(-next(200)) + spoilt.slice(at);
  }
  return spoilt;
}

const RULES = compileRules(DEFAULT_RULES);

function mustKeepLimits(signal: Signal): void {
  if (!fits(signal.title, TITLE_MAX)) throw new Error("the title is too long");
  if (signal.action === "trigger" && signal.title === "") throw new Error("the title is empty");
  if (signal.dedupKey !== null && !fits(signal.dedupKey, DEDUP_KEY_MAX))
    throw new Error("the dedup key is too long");
  if (signal.link !== null && !/^https?:\/\//.test(signal.link))
    throw new Error(`a link ${signal.link}`);
  if ((signal.severity === null) !== (signal.action !== "trigger"))
    throw new Error("a severity out of place");
  const text = JSON.stringify(signal);
  if (/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/.test(text)) throw new Error("text that no store takes");
  const facts = {
    ...signal,
    severity: signal.severity ?? ("info" as const),
    service: "till",
    tier: 1,
    team: "red",
    key: "key",
  };
  if (decide(RULES, facts).because === undefined) throw new Error("no decision");
}

/** Protocols whose lists may be empty, which says nothing and is no mistake. */
const LISTS = new Set(["alertmanager-api", "tocsin", "cloudevents"]);

function readAll(body: unknown, named: number): void {
  const input = { body, headers: {}, now: NOW };
  for (const adapter of [null, ADAPTER_LIST[named]!]) {
    const parts = readBody(ADAPTERS, adapter, input);
    const { signals, refused, findings, changes, indicators } = joined(parts);
    for (const { signal } of signals) mustKeepLimits(signal);
    const fault = findings.find(({ finding }) => finding.endsWith(FAULT));
    if (fault !== undefined) throw new Error(fault.finding);
    const said = [signals, refused, findings, changes, indicators].some((part) => part.length > 0);
    if (!said && !parts.some(({ adapter: own }) => LISTS.has(own.about.id))) {
      throw new Error("nothing was said of it");
    }
  }
}

test(
  `${PAYLOADS} damaged payloads: none throws, none takes ${SLOW_MS} ms, each signal is decided`,
  () => {
    const next = chance(SEED);
    const slow: string[] = [];
    for (let count = 0; count < PAYLOADS; count++) {
      const text = texts[next(texts.length)]!;
      const spoilt = next(3) === 0 ? spoil(text, next) : text;
      const named = next(ADAPTER_LIST.length);
      const form = bodyOf(spoilt);
      let body = form.kind === "body" ? form.body : "";
      for (let times = next(4); times > 0; times--) body = damage(body, next);
      const ms = (): number => {
        // The processor's time: on a busy machine the clock on the wall says nothing of us.
        const start = process.cpuUsage();
        try {
          bodyOf(spoilt);
          readAll(body, named);
        } catch (error) {
          const told = JSON.stringify(body)?.slice(0, 2_000) ?? "undefined";
          throw new Error(`payload ${count}, ${ADAPTER_LIST[named]!.about.id}: ${told}`, {
            cause: error,
          });
        }
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1_000;
      };
      // Collecting garbage is not the adapter's: only what is slow every time is slow.
      if (ms() > SLOW_MS && ms() > SLOW_MS && ms() > SLOW_MS) {
        slow.push(`${ADAPTER_LIST[named]!.about.id}: ${JSON.stringify(body)?.slice(0, 2_000)}`);
      }
    }
    expect(slow).toEqual([]);
  },
  isLong ? 3_600_000 : 60_000,
);
