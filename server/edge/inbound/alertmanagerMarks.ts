/**
 * Recognises alerts that a Prometheus sends again word by word, without parsing them: an alert's text with
 * its endsAt taken out, hashed. Reading one costs several times as much, and a firing alert comes every
 * minute. It understands just enough of JSON to tell where an alert ends; whatever looks unusual gets no
 * mark and is read. What it cannot judge does no harm: a text counts only after the same text has
 * been parsed, read and stored.
 */
import { hash } from "node:crypto";
import { type Instant, instant } from "../../base/instant.ts";
import type { Mark } from "../../domain/signal/signal.ts";

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const ENDS_AT = Buffer.from('"endsAt":"');

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The marks of a JSON array of alerts, by index; null when the body is no such array. */
export function alertMarks(body: Buffer): readonly (Mark | null)[] | null {
  const text = Buffer.from(body);
  const marks: (Mark | null)[] = [];
  const times = readTimes(text);
  let at = skipSpace(text, 0);
  if (text[at] !== OPEN_LIST) return null;
  do {
    at = skipSpace(text, at + 1);
    if (text[at] !== OPEN) return null;
    const item = scanItem(text, at);
    if (item === null) return null;
    marks.push(markOf(text, at, item, times));
    at = skipSpace(text, item.end);
  } while (text[at] === COMMA);
  return text[at] === CLOSE_LIST && skipSpace(text, at + 1) === text.length ? marks : null;
}

function skipSpace(text: Buffer, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

/** Behind the object's end; where its one endsAt has its value, 0 for none, -1 for several. */
type Item = { readonly end: number; readonly endsAt: number };

function scanItem(text: Buffer, start: number): Item | null {
  let depth = 0;
  let endsAt = 0;
  for (let at = start; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      if (depth === 1 && text[at + 1] === ENDS_AT[1] && isEndsAt(text, at))
        endsAt = endsAt === 0 ? at + ENDS_AT.length : -1;
      for (at++; text[at] !== QUOTE; at++) {
        if (text[at] === BACKSLASH) at++;
        if (at >= text.length) return null;
      }
    } else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return { end: at + 1, endsAt };
  }
  return null;
}

function isEndsAt(text: Buffer, at: number): boolean {
  for (let offset = 2; offset < ENDS_AT.length; offset++)
    if (text[at + offset] !== ENDS_AT[offset]) return false;
  return true;
}

function markOf(text: Buffer, start: number, item: Item, times: ReadTime): Mark | null {
  const { end, endsAt: from } = item;
  if (from <= 0) return null;
  let to = from;
  while (text[to] !== QUOTE) to++;
  const endsAt = times(from, to);
  if (endsAt === null) return null;
  // The end is taken out by moving what stands before it; `text` is a copy of the body.
  const length = to - from;
  text.copyWithin(start + length, start, from);
  return { text: hash("sha256", text.subarray(start + length, end), "latin1"), endsAt };
}

type ReadTime = (from: number, to: number) => Instant | null;

/** Reads times of one body, whose alerts nearly always end together. */
function readTimes(text: Buffer): ReadTime {
  let last = "";
  let lastTime: Instant | null = null;
  const isLast = (from: number, to: number): boolean => {
    if (to - from !== last.length) return false;
    for (let at = from; at < to; at++) if (text[at] !== last.charCodeAt(at - from)) return false;
    return true;
  };
  return (from, to) => {
    if (isLast(from, to)) return lastTime;
    last = text.toString("latin1", from, to);
    return (lastTime = utcTime(last));
  };
}

/** Reads 2026-11-21T10:00:00Z with or without a fraction; anything else is left to those who read. */
function utcTime(value: string): Instant | null {
  if (!/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value)) return null;
  const ms = Date.parse(value.length > 24 ? `${value.slice(0, 23)}Z` : value);
  return Number.isNaN(ms) ? null : instant(ms);
}
