/** Times as logs write them, where the year is often left out. */
import { DAY, type Instant } from "../../../base/instant.ts";
import { momentOf } from "../times.ts";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/**
 * 12/16-20:33:33.603502, with a year 26/12/16-… in Snort 3, 12/16/26-… in Snort 2 and 12/16/2026-… in
 * Suricata; UTC unless its machine says otherwise.
 */
const DIGITS = /^(\d\d)\/(\d\d)(?:\/(\d\d(?:\d\d)?))?-(\d\d:\d\d:\d\d\.\d{1,9})$/;
/** Jul 19 22:31:02 and Jul 19 2026 22:31:02, as syslog (RFC 3164) and CEF write. */
const NAMED =
  /^([A-Z][a-z]{2}) +(\d{1,2})(?: +(\d{4}))? +(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: +(UTC|GMT|Z|[+-]\d\d:?\d\d))?$/;

/** The instant of a line, or null. Without a year it is of the twelve months up to tomorrow. */
export function logTime(text: string, now: Instant): Instant | null {
  const digits = DIGITS.exec(text);
  if (digits !== null) return ofDigits(digits, now);
  const named = NAMED.exec(text);
  if (named === null) return momentOf(text);
  const [, name = "", day = "", year, clock, zone = "Z"] = named;
  const month = String(MONTHS.indexOf(name) / 3 + 1).padStart(2, "0");
  const offset = zone === "UTC" || zone === "GMT" ? "Z" : zone;
  return dated({ year, date: `${month}-${day.padStart(2, "0")}T${clock}${offset}` }, now);
}

/** Where the year may stand at either end, the day nearest before now is meant. */
function ofDigits([, first, second, third, clock]: RegExpExecArray, now: Instant): Instant | null {
  if (third === undefined) return dated({ year: third, date: `${first}-${second}T${clock}Z` }, now);
  const years =
    third.length === 4
      ? [`${third}-${first}-${second}`]
      : [`20${first}-${second}-${third}`, `20${third}-${first}-${second}`];
  const found = years.map((date) => momentOf(`${date}T${clock}Z`)).filter((at) => at !== null);
  const past = found.filter((at) => at <= now + DAY);
  return past.toSorted((a, b) => b - a)[0] ?? found[0] ?? null;
}

function dated(
  { year, date }: { readonly year: string | undefined; readonly date: string },
  now: Instant,
): Instant | null {
  if (year !== undefined) return momentOf(`${year}-${date}`);
  const thisYear = new Date(now).getUTCFullYear();
  const found = momentOf(`${thisYear}-${date}`);
  return found === null || found <= now + DAY ? found : momentOf(`${thisYear - 1}-${date}`);
}
