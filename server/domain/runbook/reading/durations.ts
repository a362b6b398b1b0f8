/** “15 mins”, “1h30m”, “2 business days”, “an hour”, “next business day” → ISO 8601. */
import type { RunbookDeadline } from "../../../../contract/runbook.ts";

export type Calendar = RunbookDeadline["calendar"];

export type FoundDuration = {
  readonly iso: string;
  readonly calendar: Calendar;
  readonly start: number;
  readonly end: number;
};

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  sixty: 60,
  ninety: 90,
  half: 0.5,
};

const AMOUNT =
  "(?:(?<low>\\d{1,5})\\s{0,2}(?:-|\\u2013|\\u2014|to)\\s{0,2})?(?<number>\\d{1,6}(?:\\.\\d{1,2})?)|(?<word>half an|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety)(?=[\\s-])";
const UNIT =
  "(?<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mths?|years?|yrs?|y)";
const DURATION = new RegExp(
  `(?<=^|[^\\w.$#/-]|\\d[hdw])(?:${AMOUNT})[ \\t\\u00A0]{0,2}-?(?<business>(?:business|working|work|office)[ -])?${UNIT}(?![A-Za-z_/])`,
  "giu",
);
const NEXT_DAY =
  /\b(?:next|same|within the|by end of|end of)(?: the)? (?:business|working) day\b/gi;

const LETTERS: Readonly<Record<string, Unit>> = { s: "S", m: "TM", h: "H", d: "D", w: "W", y: "Y" };
type Unit = "S" | "TM" | "H" | "D" | "W" | "M" | "Y";

function unitOf(word: string): Unit {
  const lower = word.toLowerCase();
  if (lower.startsWith("mo") || lower.startsWith("mth")) return "M";
  return LETTERS[lower[0] ?? ""] ?? "D";
}

/** Every length of time in the text, from left to right. “1 h 30 min” is one. */
export function findDurations(text: string): readonly FoundDuration[] {
  const found: FoundDuration[] = [];
  const parts: { amount: number; unit: Unit }[] = [];
  for (const match of text.matchAll(DURATION)) {
    const groups = match.groups ?? {};
    const amount = amountOf(groups);
    const unit = unitOf(groups["unit"] ?? "");
    if (!isUsable(groups, amount)) continue;
    const end = match.index + match[0].length;
    const last = found.at(-1);
    const before = parts.at(-1);
    if (last !== undefined && before !== undefined && goesOn(text.slice(last.end, match.index))) {
      if (isSmaller(unit, before.unit)) {
        parts.push({ amount, unit });
        found[found.length - 1] = { ...last, iso: isoOf(parts), end };
        continue;
      }
    }
    parts.splice(0, parts.length, { amount, unit });
    const inBusiness =
      groups["business"] !== undefined || /^\s?\(?business\b/.test(text.slice(end));
    const calendar: Calendar = inBusiness ? "business" : "always";
    found.push({ iso: isoOf(parts), calendar, start: match.index, end });
  }
  for (const match of text.matchAll(NEXT_DAY)) {
    const end = match.index + match[0].length;
    if (found.some((other) => other.start < end && match.index < other.end)) continue;
    found.push({ iso: "P1D", calendar: "business", start: match.index, end });
  }
  return found.toSorted((a, b) => a.start - b.start);
}

const amountOf = (groups: Readonly<Record<string, string | undefined>>): number => {
  const word = groups["word"]?.toLowerCase();
  if (word !== undefined) return word === "half an" ? 0.5 : (NUMBER_WORDS[word] ?? 1);
  return Number(groups["number"]);
};

/** “a s” and “one m” are no lengths of time; neither is nothing. */
const isUsable = (groups: Readonly<Record<string, string | undefined>>, amount: number): boolean =>
  amount > 0 &&
  groups["unit"] !== "M" &&
  (groups["word"] === undefined || (groups["unit"] ?? "").length > 2);

const goesOn = (between: string): boolean => /^(?:,? ?and ?|,? ?)$/.test(between);

const ORDER: readonly Unit[] = ["S", "TM", "H", "D", "W", "M", "Y"];
const isSmaller = (a: Unit, b: Unit): boolean => ORDER.indexOf(a) < ORDER.indexOf(b);

/** What a unit with a fraction is counted in instead. */
const FINER: Readonly<Record<Unit, readonly [Unit, number]>> = {
  S: ["S", 1],
  TM: ["S", 60],
  H: ["TM", 60],
  D: ["H", 24],
  W: ["D", 7],
  M: ["D", 30],
  Y: ["M", 12],
};

function isoOf(parts: readonly { readonly amount: number; readonly unit: Unit }[]): string {
  const whole = parts.map(({ amount, unit }) => {
    if (Number.isInteger(amount)) return { amount, unit };
    const [finer, times] = FINER[unit];
    return { amount: Math.max(1, Math.round(amount * times)), unit: finer };
  });
  const of = (unit: Unit): string => {
    const sum = whole
      .filter((part) => part.unit === unit)
      .reduce((all, part) => all + part.amount, 0);
    return sum === 0 ? "" : `${sum}${unit === "TM" ? "M" : unit}`;
  };
  const date = `${of("Y")}${of("M")}${of("W")}${of("D")}`;
  const time = `${of("H")}${of("TM")}${of("S")}`;
  return `P${date}${time === "" ? "" : `T${time}`}`;
}

const OFTEN: Readonly<Record<string, string>> = {
  hourly: "PT1H",
  daily: "P1D",
  weekly: "P1W",
  monthly: "P1M",
};

/** What a cell of a table promises; null where it names no length of time. */
export function durationOfCell(
  cell: string,
): { readonly iso: string; readonly calendar: Calendar; readonly isExact: boolean } | null {
  const durations = findDurations(cell);
  // “15-30 min”: the later end is what can be held to.
  const [first] = durations;
  if (first !== undefined) {
    const businessHours = /\bbusiness (?:hours|days)\b/i.test(cell);
    return {
      iso: first.iso,
      calendar: businessHours ? "business" : first.calendar,
      isExact: durations.length === 1,
    };
  }
  const often =
    /^\W{0,4}(?:(?:updates?|every|at least|once)\s){0,2}(hourly|daily|weekly|monthly)\b/i.exec(
      cell,
    )?.[1];
  const every = often === undefined ? undefined : OFTEN[often.toLowerCase()];
  if (every !== undefined) return { iso: every, calendar: "always", isExact: true };
  if (/^\W{0,4}(?:immediate(?:ly)?|instant(?:ly)?|at once|right away)\b/i.test(cell))
    return { iso: "PT0S", calendar: "always", isExact: false };
  return null;
}

/** Seconds, for comparing; months count 30 days, business days as days. */
export function secondsOf(iso: string): number {
  const found =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(
      iso,
    );
  const [years, months, weeks, days, hours, minutes, seconds] = (found ?? [])
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const allDays = (years ?? 0) * 365 + (months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0);
  return allDays * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}
