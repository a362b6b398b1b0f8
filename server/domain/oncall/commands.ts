/** Overrides: adding one and taking it back. What has been is never rewritten. */
import type { Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { say } from "../../../contract/texts.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import type { World } from "../../base/world.ts";
import { type Actor, actorRef, allow, markOf, personOf } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { askSchedule } from "./asking.ts";
import { holdersOf } from "./oncall.ts";
import {
  insertOverride,
  lockOverride,
  type OverrideRow,
  removeOverride,
  saveOverrideEnd,
} from "./store.ts";

export type OverrideCommand = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly actor: Actor;
  readonly now: Instant;
};

export type NewOverride = Pick<
  OverrideRow,
  "scheduleId" | "personId" | "replaces" | "startsAt" | "endsAt" | "reason"
>;

/**
 * Adds an override. It may begin in the past but counts from now on: who was on call before stays
 * as it was. A later override wins over an earlier one.
 */
export async function addOverride(
  command: OverrideCommand,
  wanted: NewOverride,
): Promise<OverrideRow> {
  const { tx, world, config, actor, now } = command;
  allowOn(command, wanted.scheduleId);
  for (const person of [wanted.personId, wanted.replaces]) {
    if (person !== null && config.get("people", person) === null) {
      throw new Refusal("incident.unknown_person", { person });
    }
  }
  if (wanted.personId === wanted.replaces) throw new Refusal("swap.with_oneself");
  if (wanted.startsAt >= wanted.endsAt) throw new Refusal("oncall.override_empty");
  if (wanted.endsAt <= now) {
    throw new Refusal("oncall.override_past", { endsAt: toIso(wanted.endsAt) });
  }
  const row: OverrideRow = {
    ...wanted,
    id: world.chance.id(now),
    startsAt: wanted.startsAt < now ? now : wanted.startsAt,
    createdAt: now,
    createdBy: markOf(actor),
  };
  await insertOverride(tx, row);
  await recordOverride(command, row, "override added");
  return row;
}

/**
 * Somebody takes the shift that is under way, from now until it ends or until they say. Only while the
 * person who has it now would hold it; of several who have it together the one who is named; a gap is filled
 * as a whole. Whoever had it is told.
 */
export async function takeShift(
  command: OverrideCommand,
  wanted: {
    readonly scheduleId: string;
    readonly personId: string | null;
    readonly replaces: string | null;
    readonly endsAt: Instant | null;
    readonly reason: string | null;
  },
): Promise<OverrideRow> {
  const { tx, world, config, actor, now } = command;
  const { scheduleId } = wanted;
  allowOn(command, scheduleId);
  if (config.get("schedules", scheduleId) === null)
    throw new Refusal("oncall.unknown_schedule", { id: scheduleId });
  const personId = wanted.personId ?? personOf(actor);
  if (personId === null) throw new Refusal("oncall.take_needs_person");
  const answer = await askSchedule(tx, config, scheduleId, now);
  if (answer === null) throw new Refusal("oncall.unknown_schedule", { id: scheduleId });
  const { until } = answer;
  const holders = holdersOf(answer);
  if (holders.includes(personId))
    throw new Refusal("oncall.already_holds", { person: personId, id: scheduleId });
  const before = placeTaken(holders, wanted.replaces, scheduleId);
  const endsAt = wanted.endsAt ?? until;
  if (endsAt === null) throw new Refusal("oncall.take_endless", { id: scheduleId });
  const { reason } = wanted;
  const span = { startsAt: now, endsAt };
  const row = await addOverride(command, {
    ...span,
    scheduleId,
    personId,
    replaces: before,
    reason,
  });
  if (before !== null) {
    const facts = { person: personId, schedule: scheduleId, until: toIso(endsAt) };
    await tellPeople(tx, world, config, [before], takenFrom(row, facts, now), now);
  }
  return row;
}

/** Whose place is taken; null is a gap, which nobody has to give up. */
function placeTaken(
  holders: readonly string[],
  wanted: string | null,
  scheduleId: string,
): string | null {
  if (wanted !== null && !holders.includes(wanted))
    throw new Refusal("oncall.not_holding", { person: wanted, id: scheduleId });
  if (wanted === null && holders.length > 1)
    throw new Refusal("oncall.take_whose", { people: holders, id: scheduleId });
  return wanted ?? holders[0] ?? null;
}

/** Somebody who goes on watching a pager that is no longer theirs is not there when it matters. */
const takenFrom = (
  row: OverrideRow,
  facts: Readonly<Record<string, string>>,
  now: Instant,
): Telling => ({
  subject: `override:${row.id}`,
  occasion: "taken",
  kind: "notice",
  urgency: "low",
  incidentNumber: null,
  runId: null,
  acceptedAt: null,
  dueAt: now,
  why: { you: { kind: "had the shift", params: facts }, now: { kind: "taken", params: facts } },
  words: () => ({
    kind: "notice",
    subject: say("taken subject", facts),
    lines: row.reason === null ? [] : [row.reason],
    facts: [],
    actions: [],
    attachments: [],
    thread: null,
  }),
});

/**
 * Takes an override back. One that has not begun is gone; one that has begun ends now; one that is
 * over is refused.
 */
export async function endOverride(command: OverrideCommand, id: string): Promise<OverrideRow> {
  const { tx, now } = command;
  const row = await lockOverride(tx, id);
  if (row === null) throw new Refusal("oncall.override_unknown", { id });
  allowOn(command, row.scheduleId);
  if (row.endsAt <= now) {
    throw new Refusal("oncall.override_over", { id, endsAt: toIso(row.endsAt) });
  }
  if (row.startsAt >= now) {
    await removeOverride(tx, id, now);
    await recordOverride(command, row, "override removed");
    return row;
  }
  const ended = { ...row, endsAt: now };
  await saveOverrideEnd(tx, id, now);
  await recordOverride(command, ended, "override ended");
  return ended;
}

/** The right counts in the schedule's team; a schedule without one, or gone, needs it everywhere. */
export function allowOn(
  { config, actor }: Pick<OverrideCommand, "config" | "actor">,
  scheduleId: string,
): void {
  allow(actor, "oncall.override", config.get("schedules", scheduleId)?.body.team ?? null);
}

/** One entry of the on-call stream: who did what to which override, swap or leave. */
export const recordOnCall = (
  { tx, world, actor, now }: OverrideCommand,
  action: string,
  objectRef: string,
  payload: object,
): Promise<void> =>
  record(tx, world, {
    stream: "oncall",
    at: now,
    actorRef: actorRef(actor),
    action,
    objectRef,
    payload,
  });

const recordOverride = (
  command: OverrideCommand,
  { id, scheduleId, personId, replaces, startsAt, endsAt, reason }: OverrideRow,
  action: string,
): Promise<void> =>
  recordOnCall(command, action, `override:${id}`, {
    scheduleId,
    personId,
    replaces,
    startsAt,
    endsAt,
    reason,
  });
