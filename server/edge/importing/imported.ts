/**
 * What an export of another tool becomes: objects of configuration, overrides, a list of everything that has no
 * place here, and that tool's own rendered shifts, with which ours are compared. Nothing is left out in silence.
 */
import type { z } from "zod";
import { CONFIG_KINDS, type ConfigKind } from "../../../contract/config.ts";
import type { Layer, Restriction } from "../../../contract/oncall.ts";
import { PhoneNumber, Slug, WEEKDAYS, Zone } from "../../../contract/ids.ts";
import { fromIso, type Instant } from "../../base/instant.ts";
import { wallAt } from "../../domain/oncall/wallclock.ts";

type Written<K extends ConfigKind> = z.input<(typeof CONFIG_KINDS)[K]>;

export type ImportedObject = {
  readonly kind: ConfigKind;
  readonly id: string;
  readonly body: unknown;
};

export type ImportedShift = {
  readonly person: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

/** A schedule there; where several hold it at once, it becomes one schedule here for each of them. */
export type ImportedSchedule = {
  readonly name: string;
  readonly parts: readonly string[];
  readonly overrides: readonly (ImportedShift & { readonly schedule: string })[];
  readonly timezone: string;
  /** As the tool itself says it will be; null: the export does not say. */
  readonly rendered: Rendered | null;
  /** Why nothing of it became configuration; absent: something did. */
  readonly lost?: string;
};

export type Rendered = {
  readonly shifts: readonly ImportedShift[];
  readonly from: Instant;
  readonly to: Instant;
};

/** Why a schedule is lost that could be read. */
export const NOT_EXPRESSED = "nothing of it could be expressed";

/** What was rendered, and from when to when: as far as its shifts reach, unless that is told. */
export function renderedOf(
  shifts: readonly ImportedShift[],
  told: { readonly from: Instant | null; readonly to: Instant | null } = { from: null, to: null },
): Rendered | null {
  const [first] = shifts;
  if (first === undefined) return null;
  let { startsAt: from, endsAt: to } = first;
  for (const { startsAt, endsAt } of shifts) {
    if (startsAt < from) from = startsAt;
    if (endsAt > to) to = endsAt;
  }
  return { shifts, from: told.from ?? from, to: told.to ?? to };
}

export type Imported = {
  readonly objects: readonly ImportedObject[];
  readonly schedules: readonly ImportedSchedule[];
  /** What could not be expressed, or needs a hand: one sentence each. */
  readonly notes: readonly string[];
};

/** One file of an export, read. */
export type ExportDocument = { readonly file: string; readonly value: unknown };

export type ImportDraft = ReturnType<typeof openDraft>;

/** Collects what an export holds. Ids there become names here, the same name for the same thing. */
export function openDraft(tool: string) {
  const objects: ImportedObject[] = [];
  const schedules: ImportedSchedule[] = [];
  const notes: string[] = [];
  const names = new Map<string, string>();
  const taken = new Set<string>();

  /** The name here of a thing there; made from its words when it is met first. */
  function nameOf(kind: ConfigKind, id: string, words: string): string {
    const key = `${kind} ${id}`;
    let name = names.get(key);
    if (name === undefined) {
      name = freeName(taken, kind, words, tool);
      names.set(key, name);
    }
    return name;
  }

  const isThere = (kind: ConfigKind, name: string): boolean =>
    objects.some((object) => object.kind === kind && object.id === name);

  const draft = {
    nameOf,
    isThere,
    note: (text: string): void => void (notes.includes(text) || notes.push(text)),
    /** Adds an object, or says what of it does not fit. */
    add<K extends ConfigKind>(kind: K, id: string, body: Written<K>): boolean {
      if (isThere(kind, id)) return true;
      const read = CONFIG_KINDS[kind].safeParse(body);
      if (read.success) objects.push({ kind, id, body: read.data });
      else {
        const [issue] = read.error.issues;
        draft.note(
          `${kind}.${id} is not written: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
        );
      }
      return read.success;
    },
    addSchedule: (schedule: ImportedSchedule): void => void schedules.push(schedule),
    /** A schedule there of which nothing is here: it stands among the proofs, so that nobody takes it for proved. */
    loseSchedule: (name: string, lost: string): void =>
      void schedules.push({
        name,
        parts: [],
        overrides: [],
        timezone: "UTC",
        rendered: null,
        lost,
      }),
    /** Somebody whom the export names without telling more: kept, with an address that reaches nobody. */
    personOf(id: string, words: string): string {
      const name = nameOf("people", id, words);
      if (!isThere("people", name)) {
        draft.add("people", name, { name: words, email: `${name}@unknown.invalid` });
        draft.note(`${words} is named but not in the export: write the address of people.${name}`);
      }
      return name;
    },
    /** The team for what has none there. */
    teamOr(name: string | null): string {
      if (name !== null) return name;
      draft.add("teams", tool, { name: `From ${tool}` });
      draft.note(`what has no team there belongs to the team “${tool}”: give it to its owners`);
      return tool;
    },
    /** Every step and layer that names a schedule there names all of its parts here. */
    partsOf: (name: string): readonly string[] =>
      schedules.find((schedule) => schedule.parts[0] === name)?.parts ?? [name],
    result: (): Imported => ({ objects, schedules, notes }),
  };
  return draft;
}

function freeName(taken: Set<string>, kind: string, words: string, tool: string): string {
  const plain = words
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 55);
  const base = Slug.safeParse(plain).success ? plain : tool;
  for (let at = 1; ; at += 1) {
    const name = at === 1 ? base : `${base}-${at}`;
    if (taken.has(`${kind} ${name}`)) continue;
    taken.add(`${kind} ${name}`);
    return name;
  }
}

/** Adds people with an address each, and the one channel that reaches it. */
export function addPerson(
  draft: ImportDraft,
  id: string,
  person: { name: string; email: string; timezone?: string | null; phone?: string | null },
): void {
  const { name, email } = person;
  // What nobody can read of them is no reason to lose their address.
  const timezone = usable(draft, `${name}: the time zone`, Zone, person.timezone);
  const phone = usable(draft, `${name}: the phone number`, PhoneNumber, person.phone);
  draft.add("channels", "mail", {
    type: "email",
    from: `tocsin@${email.split("@")[1] ?? "localhost"}`,
  });
  draft.add("people", draft.nameOf("people", id, email.split("@")[0] ?? name), {
    name,
    email,
    ...(timezone !== null && { timezone }),
    ...(phone !== null && { phone }),
    contacts: [{ channel: "mail", address: email }],
    roles: [{ role: "responder" }],
  });
}

/** The value, where it is of the form that it has here; else null, said where there was one. */
function usable(
  draft: ImportDraft,
  what: string,
  shape: z.ZodString,
  value: string | null | undefined,
): string | null {
  if (value == null || value === "") return null;
  if (shape.safeParse(value).success) return value;
  draft.note(`${what} “${value}” is left out: nobody knows it here`);
  return null;
}

type Turns = Pick<Layer, "every" | "count">;

/** Turns of so many seconds, which all tools mean by the wall clock; null: no such turns here. */
export function turnsOfSeconds(seconds: number): Turns | null {
  for (const [every, length] of [
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
  ] as const) {
    const count = seconds / length;
    if (Number.isInteger(count) && count >= 1 && count <= 366) return { every, count };
  }
  return null;
}

/** The day and time of day at which a clock of the zone shows an instant. */
export function wallOf(
  text: string,
  zone: string,
): { day: string; time: string; isWhole: boolean } | null {
  const at = fromIso(text);
  if (at === null) return null;
  const wall = wallAt(at, zone);
  return {
    day: wall.toPlainDate().toString(),
    time: wall.toPlainTime().toString().slice(0, 5),
    isWhole: wall.second === 0 && wall.millisecond === 0,
  };
}

const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;

const clockText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Hours of every day, from a minute of the day on. */
export const dailyHours = (start: number, length: number): Restriction => ({
  from: clockText(start),
  to: clockText((start + length) % DAY_MINUTES),
});

/** A span of the week, from a minute after Monday's midnight on, cut at midnights: none here is longer than a day. */
export function weeklyHours(start: number, length: number): readonly Restriction[] {
  const pieces: Restriction[] = [];
  let left = Math.min(length, WEEK_MINUTES);
  let at = start % WEEK_MINUTES;
  while (left > 0) {
    const inDay = at % DAY_MINUTES;
    const piece = Math.min(left, DAY_MINUTES - inDay);
    const day = WEEKDAYS[Math.floor(at / DAY_MINUTES)] ?? "mon";
    pieces.push({
      days: [day],
      from: clockText(inDay),
      to: clockText((inDay + piece) % DAY_MINUTES),
    });
    left -= piece;
    at = (at + piece) % WEEK_MINUTES;
  }
  return joinedDays(pieces);
}

/** The same hours on several days are one entry. */
export function joinedDays(pieces: readonly Restriction[]): readonly Restriction[] {
  const byHours = new Map<string, Restriction>();
  for (const piece of pieces) {
    const key = `${piece.from} ${piece.to}`;
    const days = [...(byHours.get(key)?.days ?? []), ...(piece.days ?? [])];
    const sorted = WEEKDAYS.filter((day) => days.includes(day));
    byHours.set(key, { from: piece.from, to: piece.to, days: sorted });
  }
  return [...byHours.values()];
}
