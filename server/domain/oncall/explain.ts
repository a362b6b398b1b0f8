/** Why somebody is on call: the reasons of an answer as values and as sentences. */
import type { Schedule } from "../../../contract/oncall.ts";
import type { Sentence } from "../../../contract/route.ts";
import type { OnCallReason } from "../../../contract/schedule.ts";
import { fill, ON_CALL } from "../../../contract/texts.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import type { Reason } from "./oncall.ts";
import { type ClockNote, explainShift, type Shift, zoneOf } from "./rotation.ts";
import { peopleOf } from "./walk.ts";
import { wallAt } from "./wallclock.ts";

/** One reason with its sentence, in the wall-clock time of the layer or schedule it is about. */
export function presentReason(schedule: Schedule, reason: Reason): OnCallReason {
  switch (reason.kind) {
    case "override":
      return ofOverride(schedule, reason);
    case "layer holds":
      return ofHold(schedule, reason);
    case "layer silent":
      return ofSilence(reason);
  }
}

const sentence = (kind: keyof typeof ON_CALL, params: Sentence["params"] = {}): Sentence => ({
  template: ON_CALL[kind],
  params,
});

/** The sentences, and the text that they make in English. */
const told = (sentences: Sentence[]): Pick<OnCallReason, "text" | "sentences"> => ({
  text: sentences
    .map(({ template, params }) =>
      fill(
        template,
        Object.fromEntries(
          Object.entries(params).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(" and ") : value,
          ]),
        ),
      ),
    )
    .join(" "),
  sentences,
});

type Of<K extends Reason["kind"]> = Extract<Reason, { kind: K }>;

const EMPTY = {
  layer: null,
  zone: null,
  person: null,
  override: null,
  replaces: null,
  startsAt: null,
  endsAt: null,
  because: null,
} as const;

function ofOverride(schedule: Schedule, { verdict, override }: Of<"override">): OnCallReason {
  const { id, person, replaces, startsAt, endsAt } = override;
  const zone = schedule.timezone;
  const words = { person, zone, from: wallText(startsAt, zone), to: wallText(endsAt, zone) };
  const sentences = [
    replaces === null
      ? sentence("override all", words)
      : sentence("override for", { ...words, replaces }),
    verdict === "waits"
      ? sentence("override waits", { replaces: replaces ?? "?" })
      : sentence(verdict),
  ];
  const span = { startsAt: toIso(startsAt), endsAt: toIso(endsAt) };
  return {
    ...EMPTY,
    ...span,
    kind: "override",
    verdict,
    zone,
    person,
    override: id,
    replaces,
    ...told(sentences),
  };
}

function ofHold(
  schedule: Schedule,
  { verdict, layer, zone, shift }: Of<"layer holds">,
): OnCallReason {
  const { person, startsAt, endsAt } = shift;
  const people = [...peopleOf(shift)];
  const words = {
    layer,
    person: people,
    zone,
    from: wallText(startsAt, zone),
    to: wallText(endsAt, zone),
  };
  const sentences = [
    sentence(people.length > 1 ? "layer holds together" : "layer holds", words),
    ...clockSentences(schedule, layer, zone, shift),
    sentence(verdict),
  ];
  const span = { startsAt: toIso(startsAt), endsAt: toIso(endsAt) };
  return {
    ...EMPTY,
    ...span,
    kind: "layer holds",
    verdict,
    layer,
    zone,
    person,
    ...told(sentences),
  };
}

function ofSilence({ layer, zone, because, until }: Of<"layer silent">): OnCallReason {
  const words = {
    layer,
    until: until === null ? ON_CALL.never : `${wallText(until, zone)} (${zone})`,
  };
  return {
    ...EMPTY,
    kind: "layer silent",
    verdict: "silent",
    layer,
    zone,
    endsAt: toIsoOrNull(until),
    because,
    ...told([sentence(because, words)]),
  };
}

/** What the clocks do to the shift; nothing on ordinary days. */
function clockSentences(
  schedule: Schedule,
  name: string,
  zone: string,
  shift: Shift,
): readonly Sentence[] {
  const layer = schedule.layers.find(
    (candidate) => candidate.name === name && zoneOf(candidate, schedule.timezone) === zone,
  );
  if (layer === undefined) return [];
  const { notes } = explainShift(layer, schedule.timezone, shift);
  return notes.map((note) => sentence(note.kind, wordsOf(note, zone)));
}

function wordsOf(note: ClockNote, zone: string): Sentence["params"] {
  switch (note.kind) {
    case "skipped":
      return { wall: spaced(note.wall), edge: note.edge, shown: spaced(note.shown) };
    case "doubled":
      return { wall: spaced(note.wall), edge: note.edge };
    case "clocks jump":
      return jumpWords(note, zone);
  }
}

/** What the clock would have shown at the jump, and what it shows instead; the day again only where it is another. */
function jumpWords({ at, byMs }: { at: Instant; byMs: number }, zone: string): Sentence["params"] {
  const after = wallAt(at, zone);
  const before = after.subtract({ milliseconds: byMs });
  const isSameDay = before.toPlainDate().equals(after.toPlainDate());
  const shown = textOf(after);
  return { at: textOf(before), shown: isSameDay ? shown.slice(-"09:00".length) : shown };
}

const spaced = (wall: string): string => wall.replace("T", " ");
const textOf = (wall: Temporal.PlainDateTime): string =>
  spaced(wall.toString({ smallestUnit: "minute" }));
const wallText = (at: Instant, zone: string): string => textOf(wallAt(at, zone));
