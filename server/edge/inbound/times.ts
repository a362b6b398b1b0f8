/** The many ways in which tools write an instant. Vendors' pages say UTC wherever no zone stands. */
import { fromIso, type Instant, isTellable } from "../../base/instant.ts";

const YEAR_2001_MS = 978_307_200_000;
const YEAR_2100_MS = 4_102_444_800_000;
/** Seconds, milliseconds, microseconds and nanoseconds of today differ by their length alone. */
const PER_MS = [0.001, 1, 1_000, 1_000_000];

/** The instant that a text or number means; null when it means none, or the first of times. */
export function momentOf(value: unknown, zone = "Z"): Instant | null {
  if (typeof value === "number") return ofNumber(value);
  if (typeof value !== "string" || value.length > 60) return null;
  const text = value.trim();
  if (/^\d{9,20}(\.\d{1,9})?$/.test(text)) return ofNumber(Number(text));
  return told(ofText(text, zone));
}

function ofNumber(value: number): Instant | null {
  for (const perMs of PER_MS) {
    // Parts of a second are not exact: .1 comes a hair short of a hundred milliseconds.
    const ms = Math.floor(value / perMs + 0.001);
    if (ms >= YEAR_2001_MS && ms < YEAR_2100_MS) return ms as Instant;
  }
  return null;
}

/** Year 1 and 1970 are how languages write “never”. */
const told = (at: Instant | null): Instant | null => (at === null || at <= 0 ? null : at);

/** Behind an offset, Go prints the name of the zone too, and how its process counts. */
const DATE = String.raw`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})`;
const CLOCK = String.raw`(\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?)`;
const WRITTEN = new RegExp(
  String.raw`^${DATE}[T ]+${CLOCK} *(Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?(?: [A-Z]{2,5})?(?: m=[+-][\d.]+)?$`,
);
const DAY_ONLY = /^\d{4}-\d\d-\d\d$/;
/** 8/22/2022, 8/22/2022 6:07:16 PM, also without the seconds, with an offset or UTC behind it: month first, as .NET writes. */
const AMERICAN =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: +(\d{1,2}):(\d\d(?::\d\d)?)(?: ?([AP])M)?(?: +([+-]\d\d:?\d\d|UTC|GMT))?)?$/i;
/** 20261121T100000.123456Z, the short form of ISO 8601. */
const SHORT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d(?:\.\d{1,9})?)Z$/;
/** Tue, 21 Nov 2026 10:00:00 GMT, without its day of the week, Sat Nov 21 10:00:00 2026, and all in whole words. */
const OF_MAIL =
  /^(?:[A-Z][a-z]{2},? |\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:|[A-Z][a-z]+day, [A-Z][a-z]+ \d{1,2}, \d{4} )/;

function ofText(text: string, zone: string): Instant | null {
  const iso = fromIso(text);
  if (iso !== null) return iso;
  const [, year, month, day, clock = "", offset] = WRITTEN.exec(text) ?? [];
  if (year !== undefined) {
    const date = `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
    const time = clock.replace(",", ".").padStart(/^\d:/.test(clock) ? clock.length + 1 : 0, "0");
    return fromIso(`${date}T${time}${offsetOf(offset ?? zone)}`);
  }
  if (DAY_ONLY.test(text)) return fromIso(`${text}T00:00:00${offsetOf(zone)}`);
  const american = AMERICAN.exec(text);
  if (american !== null) return ofAmerican(american, zone);
  const short = SHORT.exec(text);
  if (short !== null) {
    return fromIso(`${short[1]}-${short[2]}-${short[3]}T${short[4]}:${short[5]}:${short[6]}Z`);
  }
  if (!OF_MAIL.test(text)) return null;
  const ms = Date.parse(/(GMT|UTC|Z|[+-]\d{4})\)?$/.test(text) ? text : `${text} UTC`);
  return isTellable(ms) ? (ms as Instant) : null;
}

function ofAmerican(parts: RegExpExecArray, zone: string): Instant | null {
  const [, month = "", day = "", year, hour = "0", rest = "00:00", half, offset = zone] = parts;
  const twelve = half === undefined ? 0 : half.toUpperCase() === "P" ? 12 : 0;
  const at = half === undefined ? Number(hour) : (Number(hour) % 12) + twelve;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return fromIso(
    `${date}T${String(at).padStart(2, "0")}:${rest.padEnd(5, ":00")}${offsetOf(offset)}`,
  );
}

const offsetOf = (zone: string): string =>
  /^[+-]\d{2}$/.test(zone)
    ? `${zone}:00`
    : /^[+-]\d{4}$/.test(zone)
      ? `${zone.slice(0, 3)}:${zone.slice(3)}`
      : /^(UTC|GMT)$/.test(zone)
        ? "Z"
        : zone;
