/** Why somebody is on call: the reasons of an answer as values and as sentences. */
import type { Schedule } from "../../../contract/oncall.ts";
import type { OnCallReason } from "../../../contract/schedule.ts";
import { fill, ON_CALL } from "../../../contract/texts.ts";
import { type Instant, MINUTE, toIso, toIsoOrNull } from "../../base/instant.ts";
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
  const words = { person, replaces, from: wallText(startsAt, zone), to: wallText(endsAt, zone) };
  const sentences = [
    fill(ON_CALL[replaces === null ? "override all" : "override for"], words),
    verdict === "waits" ? fill(ON_CALL["override waits"], words) : ON_CALL[verdict],
  ];
  const span = { startsAt: toIso(startsAt), endsAt: toIso(endsAt) };
  const text = sentences.join(" ");
  return {
    ...EMPTY,
    ...span,
    kind: "override",
    verdict,
    zone,
    person,
    override: id,
    replaces,
    text,
  };
}

function ofHold(
  schedule: Schedule,
  { verdict, layer, zone, shift }: Of<"layer holds">,
): OnCallReason {
  const { person, startsAt, endsAt } = shift;
  const people = peopleOf(shift).join(" and ");
  const words = {
    layer,
    person: people,
    zone,
    from: wallText(startsAt, zone),
    to: wallText(endsAt, zone),
  };
  const sentences = [
    fill(ON_CALL["layer holds"], words),
    ...clockSentences(schedule, layer, zone, shift),
    ON_CALL[verdict],
  ];
  const span = { startsAt: toIso(startsAt), endsAt: toIso(endsAt) };
  const text = sentences.join(" ");
  return { ...EMPTY, ...span, kind: "layer holds", verdict, layer, zone, person, text };
}

function ofSilence({ layer, zone, because, until }: Of<"layer silent">): OnCallReason {
  const words = { layer, until: until === null ? ON_CALL.never : wallText(until, zone) };
  return {
    ...EMPTY,
    kind: "layer silent",
    verdict: "silent",
    layer,
    zone,
    endsAt: toIsoOrNull(until),
    because,
    text: fill(ON_CALL[because], words),
  };
}

/** What the clocks do to the shift; nothing on ordinary days. */
function clockSentences(
  schedule: Schedule,
  name: string,
  zone: string,
  shift: Shift,
): readonly string[] {
  const layer = schedule.layers.find(
    (candidate) => candidate.name === name && zoneOf(candidate, schedule.timezone) === zone,
  );
  if (layer === undefined) return [];
  const { notes } = explainShift(layer, schedule.timezone, shift);
  return notes.map((note) => fill(ON_CALL[note.kind], wordsOf(note, zone)));
}

function wordsOf(note: ClockNote, zone: string): Readonly<Record<string, unknown>> {
  if (note.kind !== "clocks jump") return note;
  const minutes = note.byMs / MINUTE;
  return { minutes: minutes > 0 ? `+${minutes}` : minutes, at: wallText(note.at, zone) };
}

const wallText = (at: Instant, zone: string): string =>
  wallAt(at, zone).toString({ smallestUnit: "minute" }).replace("T", " ");
