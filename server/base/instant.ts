/**
 * Time as Tocsin counts it: whole milliseconds since 1970-01-01 UTC. A time of day exists only in
 * rotations and calendars; everything that is stored, compared or passed on is an Instant.
 */
import { Refusal } from "./errors.ts";

export type Instant = number & { readonly __instant: true };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Brands a count of epoch milliseconds; asserts that it is a whole, finite number. */
export function instant(epochMs: number): Instant {
  if (!Number.isSafeInteger(epochMs)) throw new RangeError(`not an instant: ${epochMs}`);
  return epochMs as Instant;
}

/** `at` moved by `ms` (may be negative), rounded down to a whole millisecond. */
export const addMs = (at: Instant, ms: number): Instant => instant(Math.floor(at + ms));

/** The day that was told last, and how: most of what is told in a row is of one day. */
let toldDay = NaN;
let toldDate = "";
const TWO = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));

/** ISO 8601 in UTC with milliseconds, as every response shows it. */
export function toIso(at: Instant): string {
  const day = Math.floor(at / DAY);
  if (day !== toldDay) {
    toldDate = new Date(at).toISOString().slice(0, -"00:00:00.000Z".length);
    toldDay = day;
  }
  const ms = at - day * DAY;
  const hour = TWO[Math.floor(ms / HOUR)]!;
  const minute = TWO[Math.floor(ms / MINUTE) % 60]!;
  const second = TWO[Math.floor(ms / SECOND) % 60]!;
  return `${toldDate}${hour}:${minute}:${second}.${String(ms % SECOND).padStart(3, "0")}Z`;
}

/** The same, passing null through: the shape of most optional columns. */
export const toIsoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at));

/** The years 0 to 9999: what lies beyond is written with a sign, which no contract and few readers take. */
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = 253_402_300_799_999;

/** Whether the instant can be told as every response tells instants. */
export const isTellable = (epochMs: number): boolean => epochMs >= FIRST_MS && epochMs <= LAST_MS;

/**
 * Reads an ISO 8601 instant with a zone or offset. Finer than a millisecond is cut off.
 * Returns null when the text is no such instant, so that each caller can name its own field.
 */
export function fromIso(text: string): Instant | null {
  // As nearly everybody writes it, and a tenth of the price; Date would take the 31st of February for a day.
  if (/^\d{4}-\d\d-(?:[01]\d|2[0-8])T[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? null : instant(ms);
  }
  try {
    const ms = Temporal.Instant.from(
      text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"),
    ).epochMilliseconds;
    return isTellable(ms) ? instant(ms) : null;
  } catch {
    return null;
  }
}

/** Reads an instant of a request; refuses, naming the field. */
export function mustBeInstant(text: string, field: string): Instant {
  const at = fromIso(text);
  if (at === null) throw new Refusal("request.invalid", { field, expected: "an ISO 8601 instant" });
  return at;
}

export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** The earlier of two instants, null counting as never. */
export function earlier(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  if (b === null) return a;
  return a < b ? a : b;
}
