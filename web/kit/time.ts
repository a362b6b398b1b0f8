/** Lengths and instants in words, for the reader's own zone. Pure. */
import type { Language } from "../../contract/language.ts";
import { language, later, locale, said, t } from "./words.ts";

/** Where the page is drawn for somebody elsewhere, their zone; else the browser's own. */
let readersZone: string | undefined;
export const setReadersZone = (zone: string | undefined): void => void (readersZone = zone);

/** As the server drew the page: to ask a phone's browser reads the tables of all zones, for up to 200 ms. */
let zoneDrawn: string | undefined;
export const setZoneDrawn = (zone: string | undefined): void => void (zoneDrawn = zone);

/** “Europe/Berlin”: what the reader's zone is called. */
export const zoneName = (): string =>
  readersZone ?? zoneDrawn ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const at = (iso: string): number => Date.parse(iso);

const two = (value: number): string => String(value).padStart(2, "0");

/** “4:12”, “3 h 24”, “2 d 4 h”: a countdown that ticks. */
export function countdown(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / SECOND);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return lengthText(Math.abs(ms));
}

/** “35 s”, “12 min”, “3 h 24”, “2 d 4 h”: a length that need not tick. */
export function lengthText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${two(minutes % 60)}`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

type Zoned = {
  readonly now: number;
  readonly zone?: string | undefined;
  readonly seconds?: boolean;
};

const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string | undefined, options: Intl.DateTimeFormatOptions) {
  const key = JSON.stringify([locale(), zone, options]);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone });
  formats.set(key, made);
  return made;
}

/** What the clock on the wall shows at an instant, as if it were UTC. */
export function wallOf(ms: number, zone: string | undefined): number {
  if (zone === undefined) return ms - new Date(ms).getTimezoneOffset() * MINUTE;
  const parts = format(zone, {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  }).formatToParts(ms);
  const part = (type: string): number =>
    Number(parts.find((each) => each.type === type)?.value ?? 0);
  const date = Date.UTC(part("year"), part("month") - 1, part("day"));
  const time = part("hour") * HOUR + part("minute") * MINUTE + part("second") * SECOND;
  return date + time + (ms % SECOND);
}

/** The instant at which the clock on the wall shows that; where it is turned, one of those that are meant. */
export function instantAt(wall: number, zone: string | undefined): number {
  const guess = wall - (wallOf(wall, zone) - wall);
  return wall - (wallOf(guess, zone) - guess);
}

/** The calendar of the reader's own zone is at hand; that of another is asked for. */
const dayOf = (ms: number, zone: string | undefined = readersZone): string =>
  zone === undefined
    ? new Date(ms).toDateString()
    : format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);

/** “14:09”, “14:09:30”: the time of day. */
export function clockText(
  ms: number,
  { zone = readersZone, seconds }: Omit<Zoned, "now"> = {},
): string {
  if (zone === undefined) {
    const time = new Date(ms);
    const parts = [
      time.getHours(),
      time.getMinutes(),
      ...(seconds === true ? [time.getSeconds()] : []),
    ];
    return parts.map(two).join(":");
  }
  return format(zone, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(seconds === true && { second: "2-digit" }),
  }).format(ms);
}

/** As the browser's own formats have them; to make the first of those takes 20 ms of a desk's processor, 80 of a phone's. */
const CALENDAR: Readonly<Record<Language, { days: string; months: string; dot: string }>> = {
  en: {
    days: "Sun Mon Tue Wed Thu Fri Sat",
    months: "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    dot: "",
  },
  de: {
    days: "So Mo Di Mi Do Fr Sa",
    months: "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    dot: ".",
  },
};

function dayText(ms: number): string {
  const { days, months, dot } = CALENDAR[language()];
  const day = new Date(ms);
  const [name, month] = [days.split(" ")[day.getDay()], months.split(" ")[day.getMonth()]];
  return `${name}${dot} ${day.getDate()}${dot} ${month}`;
}

/** “Mon 23 Nov”, with the year when it is another one. */
export function dateText(ms: number, { now, zone = readersZone }: Zoned): string {
  const year = (value: number): string =>
    zone === undefined
      ? String(new Date(value).getFullYear())
      : format(zone, { year: "numeric" }).format(value);
  const day =
    zone === undefined
      ? dayText(ms)
      : format(zone, { weekday: "short", day: "numeric", month: "short" })
          .format(ms)
          .replace(",", "");
  return year(ms) === year(now) ? day : `${day} ${year(ms)}`;
}

/** Whether both lie on one day of the reader's calendar. */
export const onSameDay = (one: number, other: number): boolean =>
  dayOf(one, undefined) === dayOf(other, undefined);

/** “14:09”, or “Mon 23 Nov 14:09” when that is not today. */
export function timeText(ms: number, zoned: Zoned): string {
  const time = clockText(ms, zoned);
  return dayOf(ms, zoned.zone) === dayOf(zoned.now, zoned.zone)
    ? time
    : `${dateText(ms, zoned)} ${time}`;
}

/** Replaces every instant that stands in a text as ISO 8601 by the reader's time. */
export const inReadersTime = (text: string, zoned: Zoned): string =>
  text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, (iso) =>
    Number.isNaN(at(iso)) ? iso : timeText(at(iso), zoned),
  );

/** “Ada, Bo and Cy”. */
export const listText = (values: readonly string[]): string =>
  values.length < 2
    ? values.join("")
    : t("{others} and {last}", {
        others: values.slice(0, -1).join(", "),
        last: values.at(-1) ?? "",
      });

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const NUMBERS = [
  "0",
  later("One"),
  later("Two"),
  later("Three"),
  later("Four"),
  later("Five"),
  later("Six"),
  later("Seven"),
  later("Eight"),
  later("Nine"),
];
/** “Three”, “12”. */
export const numberWord = (count: number): string => said(NUMBERS[count] ?? String(count));
/** “1 alert”, “3 alerts”. */
export const counted = (count: number, noun: string): string =>
  said(`{count} ${noun}${count === 1 ? "" : "s"}`).replace(
    "{count}",
    count < 1_000 ? String(count) : count.toLocaleString(locale()).replaceAll(",", " "),
  );
