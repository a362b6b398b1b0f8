/** Times as logs write them, where the year is often left out. */
import { DAY, type Instant } from "../../../base/instant.ts";
import { momentOf } from "../times.ts";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** 12/16-20:33:33.603502 and 26/12/16-…, as Snort writes; UTC unless its machine says otherwise. */
const DIGITS = /^(?:(\d\d)\/)?(\d\d)\/(\d\d)-(\d\d:\d\d:\d\d\.\d{1,9})$/;
/** Jul 19 22:31:02 and Jul 19 2026 22:31:02, as syslog (RFC 3164) and CEF write. */
const NAMED =
  /^([A-Z][a-z]{2}) +(\d{1,2})(?: +(\d{4}))? +(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: +(UTC|GMT|Z|[+-]\d\d:?\d\d))?$/;

/** The instant of a line, or null. Without a year it is of the twelve months up to tomorrow. */
export function logTime(text: string, now: Instant): Instant | null {
  const digits = DIGITS.exec(text);
  if (digits !== null) {
    const [, year, month, day, clock] = digits;
    return dated({ year: year && `20${year}`, date: `${month}-${day}T${clock}Z` }, now);
  }
  const named = NAMED.exec(text);
  if (named === null) return momentOf(text);
  const [, name = "", day = "", year, clock, zone = "Z"] = named;
  const month = String(MONTHS.indexOf(name) / 3 + 1).padStart(2, "0");
  const offset = zone === "UTC" || zone === "GMT" ? "Z" : zone;
  return dated({ year, date: `${month}-${day.padStart(2, "0")}T${clock}${offset}` }, now);
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
