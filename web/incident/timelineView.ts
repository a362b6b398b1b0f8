/** The timeline for reading: names and the reader's times in the sentences, kinds, silences. Pure. */
import type { TimelineEntry } from "../../contract/incident.ts";
import { recordedAs } from "../../contract/recorded.ts";
import { fill, TIMELINE, type TimelineKind } from "../../contract/texts.ts";
import type { IconName } from "../kit/icons.tsx";
import { at, inReadersTime, lengthText, listText, MINUTE } from "../kit/time.ts";
import { later, said, t, toldBy } from "../kit/words.ts";

export type Group = "states" | "pages" | "notes" | "alerts" | "work";
export const GROUPS: Readonly<Record<Group, string>> = {
  states: later("States"),
  pages: later("Pages"),
  notes: later("Notes"),
  alerts: later("Alerts"),
  work: later("Work"),
};

type Look = {
  readonly group: Group;
  readonly icon: IconName;
  readonly look?: "state" | "hot" | "risk";
};

const state = { group: "states", icon: "right", look: "state" } as const;
const LOOKS: Readonly<Partial<Record<TimelineKind, Look>>> = {
  declared: { group: "states", icon: "flame", look: "hot" },
  "declared by rule": { group: "states", icon: "flame", look: "hot" },
  "alert joined": { group: "alerts", icon: "bell" },
  "alert attached": { group: "alerts", icon: "bell" },
  "alert resolved": { group: "alerts", icon: "bell" },
  "alerts resolved": { group: "alerts", icon: "bell" },
  "all alerts resolved": { group: "alerts", icon: "bell" },
  "alerts waited": { group: "alerts", icon: "pause" },
  "alerts still firing": { group: "alerts", icon: "bell" },
  "commander assigned": { group: "states", icon: "swap" },
  "no commander": { group: "states", icon: "warning", look: "hot" },
  "command offered": { group: "states", icon: "swap" },
  "command accepted": { group: "states", icon: "swap", look: "state" },
  "commander left": { group: "states", icon: "warning", look: "hot" },
  "offer ended": { group: "states", icon: "swap" },
  "command declined": { group: "states", icon: "swap" },
  acknowledged: { group: "states", icon: "check", look: "state" },
  "acknowledge taken back": { group: "states", icon: "warning", look: "hot" },
  deferred: { group: "states", icon: "pause" },
  "deferral ended": { group: "states", icon: "clock" },
  paged: { group: "pages", icon: "phone" },
  "manager paged": { group: "pages", icon: "phone" },
  "nobody to page": { group: "pages", icon: "warning", look: "hot" },
  unreachable: { group: "pages", icon: "warning", look: "hot" },
  "page failed": { group: "pages", icon: "cross", look: "hot" },
  "page failed over": { group: "pages", icon: "swap", look: "hot" },
  "policy exhausted": { group: "pages", icon: "warning", look: "hot" },
  "no escalation policy": { group: "pages", icon: "warning", look: "hot" },
  "nobody told": { group: "pages", icon: "warning", look: "hot" },
  "severity changed": state,
  "role assigned": { group: "work", icon: "person" },
  "role released": { group: "work", icon: "person" },
  note: { group: "notes", icon: "message" },
  "task added": { group: "work", icon: "dash" },
  "task finished": { group: "work", icon: "check" },
  "status update": { group: "notes", icon: "horn" },
  "not told": { group: "pages", icon: "warning" },
  "audience told": { group: "pages", icon: "horn" },
  "impact set": { group: "work", icon: "pen" },
  "root cause set": { group: "work", icon: "pen" },
  "acceptance recorded": { group: "work", icon: "seal" },
  "acceptance overridden": { group: "work", icon: "seal", look: "risk" },
  merged: { group: "states", icon: "right", look: "state" },
  "merged here": { group: "states", icon: "right" },
  mitigated: { group: "states", icon: "check", look: "state" },
  resolved: { group: "states", icon: "check", look: "state" },
  "resolved by alerts": { group: "states", icon: "check", look: "state" },
  reopened: { group: "states", icon: "flame", look: "hot" },
  "reopened by alert": { group: "states", icon: "flame", look: "hot" },
  closed: { group: "states", icon: "check", look: "state" },
  cancelled: { group: "states", icon: "cross", look: "state" },
  restricted: { group: "states", icon: "lock" },
  unrestricted: { group: "states", icon: "lock" },
  "at risk": { group: "states", icon: "clock", look: "risk" },
  breached: { group: "states", icon: "clock", look: "hot" },
  "postmortem drafted": { group: "work", icon: "document" },
  "postmortem published": { group: "work", icon: "document" },
  "action item added": { group: "work", icon: "dash" },
  "action item changed": { group: "work", icon: "dash" },
  "action item owner": { group: "work", icon: "person" },
  "action item due": { group: "work", icon: "clock" },
  "review meeting": { group: "work", icon: "calendar" },
};

export type Reader = {
  readonly now: number;
  readonly me: string | null;
  readonly person: (id: string) => string;
};

/** What an entry, or one of a run, is told by. */
type Told = Pick<TimelineEntry, "kind" | "params" | "text">;
type Reading = Pick<Reader, "now" | "person">;

export type Row =
  | { readonly kind: "silence"; readonly id: string; readonly text: string }
  | {
      readonly kind: "entry";
      readonly id: string;
      readonly iso: string;
      readonly group: Group;
      readonly icon: IconName;
      readonly look: "state" | "hot" | "risk" | "plain";
      /** The catalogue's sentence; null for a note, which is its words. */
      readonly sentence: string | null;
      /** What a person wrote. */
      readonly words: string | null;
      /** A status update stands in a box of its own. */
      readonly boxed: boolean;
      readonly author: string;
      readonly mine: boolean;
    };

const SILENCE_MS = 5 * MINUTE;

/** Not whole: a row ahead says that earlier entries are on their way. */
export function timelineRows(
  entries: readonly TimelineEntry[],
  reader: Reader,
  whole = true,
): readonly Row[] {
  let before: number | null = null;
  const rows = entries.flatMap((entry): readonly Row[] => {
    const then = at(entry.at);
    const silent = before === null ? 0 : then - before;
    before = then;
    const row = rowOf(entry, reader);
    if (silent < SILENCE_MS) return [row];
    const text = t("{length} without an entry", { length: lengthText(silent) });
    return [{ kind: "silence", id: `before ${entry.id}`, text }, row];
  });
  if (whole) return rows;
  return [{ kind: "silence", id: "earlier", text: t("Earlier entries are on their way") }, ...rows];
}

const UNKNOWN: Look = { group: "work", icon: "dash" };

function rowOf(entry: TimelineEntry, reader: Reader): Row {
  const look = LOOKS[entry.kind as TimelineKind] ?? UNKNOWN;
  const { sentence, words } = wordsOf(entry, reader);
  return {
    kind: "entry",
    id: entry.id,
    iso: entry.at,
    group: look.group,
    icon: look.icon,
    look: look.look ?? "plain",
    sentence,
    words,
    boxed: entry.kind === "status update",
    author: authorOf(entry, reader),
    mine: reader.me !== null && entry.actor.kind === "person" && entry.actor.id === reader.me,
  };
}

/** The catalogue's sentence with names, apart from what a person wrote. */
function wordsOf(
  entry: Told,
  reader: Reading,
): { readonly sentence: string | null; readonly words: string | null } {
  if (entry.kind === "note") return { sentence: null, words: entry.text };
  const template = TIMELINE[entry.kind as TimelineKind] as string | undefined;
  if (template === undefined) return { sentence: inReadersTime(entry.text, reader), words: null };
  const plain = fill(template, entry.params);
  if (!entry.text.startsWith(plain))
    return { sentence: inReadersTime(entry.text, reader), words: null };
  const params = Object.fromEntries(
    Object.entries(entry.params).map(([key, value]) => [key, readable(reader, key, value)]),
  );
  const written = entry.text.slice(plain.length).trim();
  const words = recordedSaid(entry.kind, written);
  return {
    sentence: inReadersTime(fill(said(template), params, said), reader).replace(/\.$/, ""),
    words: words === "" ? null : words === written ? words : inReadersTime(words, reader),
  };
}

/** Words that Tocsin wrote itself; a person's stay as they are. */
export function recordedSaid(kind: string, words: string): string {
  if (kind === "impact set") return words.replace(/(?<=^|; )[a-z]+(?=: )/g, said);
  const own = kind === "acceptance recorded" ? recordedAs(words) : null;
  return own === null ? words : toldBy(own, words);
}

/** An entry in one line, such as one of a run. */
export function entrySaid(entry: Told, reader: Reading): string {
  const { sentence, words } = wordsOf(entry, reader);
  return [sentence, words].filter((part) => part !== null).join(" ");
}

/** What the server chose of a few words. */
const WORD_PARAMS: ReadonlySet<string> = new Set(
  "role piece why kind reason deadline status answer risk learned".split(" "),
);
const PERSON_PARAMS: ReadonlySet<string> = new Set(["person", "people", "before"]);

/** A word of the server's, or who named a commander: the schedule in it is a name. */
function clauseSaid(clause: string): string {
  const [, schedule] = /^on call in (.+)$/.exec(clause) ?? [];
  return schedule === undefined ? said(clause) : t("on call in {schedule}", { schedule });
}

function readable({ person }: Reading, key: string, value: unknown): unknown {
  if (key === "audiences" && Array.isArray(value)) return listText(value.map(String));
  if (WORD_PARAMS.has(key) && typeof value === "string") return clauseSaid(value);
  if (!PERSON_PARAMS.has(key)) return value;
  if (Array.isArray(value)) return listText(value.map((each) => person(String(each))));
  return typeof value === "string" ? person(value) : value;
}

function authorOf({ actor }: TimelineEntry, { me, person }: Reader): string {
  if (actor.kind === "engine") return "Tocsin";
  if (actor.id === null) return actor.kind;
  if (actor.kind !== "person")
    return actor.kind === "key" ? actor.id : t("{id}, by token", { id: actor.id });
  return actor.id === me ? `${person(actor.id)}${t(", you")}` : person(actor.id);
}

/** How many entries each group has, and all of them have. */
export function countsOf(rows: readonly Row[]): Readonly<Record<Group | "all", number>> {
  const counts = { all: 0, states: 0, pages: 0, notes: 0, alerts: 0, work: 0 };
  for (const row of rows) {
    if (row.kind !== "entry") continue;
    counts.all += 1;
    counts[row.group] += 1;
  }
  return counts;
}

/** Rows of a group and with the words that are searched for; silences only while all is shown. */
export function filtered(
  rows: readonly Row[],
  group: Group | "all",
  search: string,
): readonly Row[] {
  const wanted = search.trim().toLowerCase();
  if (group === "all" && wanted === "") return rows;
  if (wanted === "") return rows.filter((row) => row.kind === "entry" && row.group === group);
  return rows.filter(
    (row) =>
      row.kind === "entry" &&
      (group === "all" || row.group === group) &&
      `${row.sentence ?? ""} ${row.words ?? ""} ${row.author}`.toLowerCase().includes(wanted),
  );
}
