/** Times as people write and read them, in the zone of their machine. */
import { ClientError } from "./client.ts";

const zone = (): string => Temporal.Now.timeZoneId();
const local = (iso: string): Temporal.ZonedDateTime =>
  Temporal.Instant.from(iso).toZonedDateTimeISO(zone());

/** "2026-11-21 12:03", in local time. */
export const localTime = (iso: string): string => clockText(local(iso), "minute");

/** "2026-11-21 12:03:09", for ledgers. */
export const exactTime = (iso: string): string => clockText(local(iso), "second");

const clockText = (at: Temporal.ZonedDateTime, smallestUnit: "minute" | "second"): string =>
  at.toPlainDateTime().toString({ smallestUnit }).replace("T", " ");

/** "12:03" on the day of `now`, "11-20 12:03" in its year, else the year alone before it. */
export function briefTime(iso: string, now: number): string {
  const text = localTime(iso);
  const today = localTime(new Date(now).toISOString());
  if (text.slice(0, 10) === today.slice(0, 10)) return text.slice(11);
  return text.slice(0, 4) === today.slice(0, 4) ? text.slice(5) : text.slice(0, 10);
}

/** "under a minute", "3 min", "2 h 5 min", "4 d 2 h". */
export function spanText(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 1) return "under a minute";
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The instants in a sentence of the server, in local time. */
export const localized = (text: string): string =>
  text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z/g, (iso) => localTime(iso));

const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const FORMS = "such as “2026-11-21 09:00” (local), “09:00” (today), “+2h” or 2026-11-21T09:00:00Z";

/** The instant, as ISO 8601 in UTC, that somebody typed. Refuses what is none of the forms. */
export function typedInstant(text: string, now: number): string {
  const typed = text.trim();
  const ahead = /^\+(\d{1,5})([mhdw])$/.exec(typed);
  try {
    if (ahead !== null)
      return new Date(now + Number(ahead[1]) * (UNITS[ahead[2] ?? ""] ?? 0)).toISOString();
    if (/(Z|[+-]\d\d:?\d\d)$/i.test(typed)) {
      return new Date(Temporal.Instant.from(typed).epochMilliseconds).toISOString();
    }
    const day = localTime(new Date(now).toISOString()).slice(0, 10);
    const plain = /^\d\d:\d\d$/.test(typed) ? `${day} ${typed}` : typed;
    const at = Temporal.PlainDateTime.from(plain).toZonedDateTime(zone());
    return new Date(at.epochMilliseconds).toISOString();
  } catch {
    throw new ClientError(`“${text}” is no time ${FORMS}`);
  }
}
