/** Swaps: offering a shift, asking somebody for it, and what a yes does. Nothing moves before it. */
import { say } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant, toIso } from "../../base/instant.ts";
import { may, personOf } from "../account/account.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { bySchedule } from "./asking.ts";
import { addOverride, allowOn, type OverrideCommand, recordOnCall } from "./commands.ts";
import { finalShifts, holdersOf } from "./oncall.ts";
import type { Span } from "./rotation.ts";
import { listOverrides } from "./store.ts";
import { insertSwap, lockSwap, putOffSwap, saveSwap, type SwapRow } from "./swapStore.ts";
import { peopleOfLayer } from "../../../contract/oncall.ts";

/** How far ahead somebody's next shift is looked for. */
const LOOKAHEAD_MS = 200 * DAY;
/** Older news of a shift that nobody took helps nobody. */
const STALE_MS = DAY;

export type WantedSwap = {
  readonly scheduleId: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly span: Span | null;
  readonly inReturn: Span | null;
  readonly reason: string | null;
};

/** Asks somebody to take a shift, or offers it to everybody of the team; they hear of it. */
export async function askSwap(command: OverrideCommand, wanted: WantedSwap): Promise<SwapRow> {
  const { tx, world, config, actor, now } = command;
  const { scheduleId, to, inReturn } = wanted;
  allowOn(command, scheduleId);
  if (config.get("schedules", scheduleId) === null)
    throw new Refusal("oncall.unknown_schedule", { id: scheduleId });
  const from = wanted.from ?? personOf(actor);
  if (from === null) throw new Refusal("swap.needs_person");
  mustActFor(command, scheduleId, from);
  for (const person of [from, to])
    if (person !== null && config.get("people", person) === null)
      throw new Refusal("incident.unknown_person", { person });
  if (from === to) throw new Refusal("swap.with_oneself");
  const span = await mustHold(command, scheduleId, from, wanted.span);
  if (inReturn !== null) {
    if (to === null) throw new Refusal("swap.return_of_whom");
    await mustHold(command, scheduleId, to, inReturn);
  }
  const row: SwapRow = {
    id: world.chance.id(now),
    scheduleId,
    fromPerson: from,
    toPerson: to,
    ...span,
    returnStartsAt: inReturn?.startsAt ?? null,
    returnEndsAt: inReturn?.endsAt ?? null,
    reason: wanted.reason,
    askedAt: now,
    state: "open",
    takenBy: null,
    answeredAt: null,
  };
  await insertSwap(tx, row);
  await chronicle(command, row, to === null ? "shift offered" : "swap asked");
  const heard = to === null ? colleaguesOf(command, row) : [to];
  await tell(command, row, heard, {
    occasion: "asked",
    subject: "swap asked subject",
    person: from,
  });
  return row;
}

/** The shift is theirs from now on, and where one was asked in exchange that one is the other's. */
export async function acceptSwap(
  command: OverrideCommand,
  id: string,
  wanted: string | null,
): Promise<SwapRow> {
  const { now } = command;
  const row = await mustBeOpen(command, id);
  const person = wanted ?? personOf(command.actor) ?? row.toPerson;
  if (person === null) throw new Refusal("swap.needs_person");
  if (row.toPerson !== null && row.toPerson !== person)
    throw new Refusal("swap.not_yours", { person: row.toPerson });
  mustActFor(command, row.scheduleId, person);
  if (person === row.fromPerson) throw new Refusal("swap.with_oneself");
  const { scheduleId, fromPerson, reason, startsAt, endsAt, returnStartsAt, returnEndsAt } = row;
  const given = { scheduleId, reason, startsAt, endsAt };
  await addOverride(command, { ...given, personId: person, replaces: fromPerson });
  if (returnStartsAt !== null && returnEndsAt !== null && returnEndsAt > now) {
    const back = { startsAt: returnStartsAt, endsAt: returnEndsAt };
    await addOverride(command, { ...given, ...back, personId: fromPerson, replaces: person });
  }
  const taken = await answer(command, row, "accepted", person);
  const heard = new Set([fromPerson, person, ...colleaguesOf(command, row)]);
  await tell(command, taken, [...heard], {
    occasion: "accepted",
    subject: "swap accepted subject",
    person,
  });
  return taken;
}

/** A no of whoever was asked; an offer to everybody needs none. */
export async function declineSwap(command: OverrideCommand, id: string): Promise<SwapRow> {
  const row = await mustBeOpen(command, id);
  if (row.toPerson === null) throw new Refusal("swap.asked_nobody");
  mustActFor(command, row.scheduleId, row.toPerson);
  const declined = await answer(command, row, "declined", null);
  await tell(command, declined, [row.fromPerson], {
    occasion: "declined",
    subject: "swap declined subject",
    person: row.toPerson,
  });
  return declined;
}

export async function withdrawSwap(command: OverrideCommand, id: string): Promise<SwapRow> {
  const row = await mustBeOpen(command, id);
  mustActFor(command, row.scheduleId, row.fromPerson);
  const withdrawn = await answer(command, row, "withdrawn", null);
  const heard = row.toPerson === null ? [] : [row.toPerson];
  await tell(command, withdrawn, heard, {
    occasion: "withdrawn",
    subject: "swap withdrawn subject",
    person: row.fromPerson,
  });
  return withdrawn;
}

async function mustBeOpen(command: OverrideCommand, id: string): Promise<SwapRow> {
  const row = await lockSwap(command.tx, id);
  if (row === null) throw new Refusal("swap.unknown", { id });
  allowOn(command, row.scheduleId);
  const state = row.state === "open" && row.endsAt <= command.now ? "lapsed" : row.state;
  if (state !== "open") throw new Refusal("swap.not_open", { id, state });
  return row;
}

async function answer(
  command: OverrideCommand,
  row: SwapRow,
  state: Exclude<SwapRow["state"], "open">,
  takenBy: string | null,
): Promise<SwapRow> {
  const answered = { ...row, state, takenBy, answeredAt: command.now };
  await saveSwap(command.tx, answered);
  await chronicle(command, answered, `swap ${state}`);
  return answered;
}

/** Nobody has taken it: whoever offers the shift hears so before it begins, and once more when it is over. */
export async function attendSwap(command: OverrideCommand, id: string): Promise<boolean> {
  const { tx, now } = command;
  const row = await lockSwap(tx, id);
  if (row === null || row.state !== "open") return false;
  const isOver = row.endsAt <= now;
  const after = isOver ? { ...row, state: "lapsed" as const } : row;
  if (isOver) {
    await saveSwap(tx, after);
    await chronicle(command, after, "swap lapsed");
  } else await putOffSwap(tx, id, row.endsAt);
  if (now - row.endsAt > STALE_MS) return true;
  await tell(command, after, [row.fromPerson], {
    occasion: isOver ? "lapsed" : "unanswered",
    subject: isOver ? "swap lapsed subject" : "swap unanswered subject",
    person: row.fromPerson,
  });
  return true;
}

/** For oneself, or with the right to act for others of the schedule's team. */
function mustActFor({ config, actor }: OverrideCommand, scheduleId: string, person: string): void {
  if (personOf(actor) === person) return;
  const team = config.get("schedules", scheduleId)?.body.team ?? null;
  if (!may(actor, "oncall.manage", team)) throw new Refusal("swap.not_yours", { person });
}

/** The span in which they hold the schedule, or their shift under way or to come. */
async function mustHold(
  { tx, config, now }: OverrideCommand,
  scheduleId: string,
  person: string,
  span: Span | null,
): Promise<Span> {
  const schedule = config.get("schedules", scheduleId)!;
  if (span !== null && span.startsAt >= span.endsAt) throw new Refusal("oncall.override_empty");
  if (span !== null && span.endsAt <= now)
    throw new Refusal("oncall.override_past", { endsAt: toIso(span.endsAt) });
  const from = span === null || span.startsAt < now ? now : span.startsAt;
  const to = span?.endsAt ?? addMs(now, LOOKAHEAD_MS);
  const overrides = bySchedule(await listOverrides(tx, [scheduleId], from, to))(scheduleId);
  const held = finalShifts(config.versionsOf(schedule), overrides, from, to).find((shift) =>
    holdersOf(shift).includes(person),
  );
  if (held === undefined) throw new Refusal("swap.nothing_held", { person, id: scheduleId });
  return span ?? { startsAt: held.startsAt, endsAt: held.endsAt };
}

/** Everybody of the team and of the schedule's layers, but for whose shift it is. */
function colleaguesOf({ config }: OverrideCommand, row: SwapRow): readonly string[] {
  const body = config.get("schedules", row.scheduleId)?.body;
  const members = config.get("teams", body?.team ?? "")?.body.members ?? [];
  const all = new Set([...members, ...(body?.layers ?? []).flatMap(peopleOfLayer)]);
  return [...all].filter(
    (person) => person !== row.fromPerson && config.get("people", person) !== null,
  );
}

async function tell(
  { tx, world, config, now }: OverrideCommand,
  row: SwapRow,
  people: readonly string[],
  what: {
    readonly occasion: string;
    readonly subject: Parameters<typeof say>[0];
    readonly person: string;
  },
): Promise<void> {
  const { scheduleId, startsAt, endsAt, returnStartsAt, returnEndsAt } = row;
  const at = (instant: Instant): string => toIso(instant);
  const params = {
    person: what.person,
    schedule: scheduleId,
    from: row.fromPerson,
    start: at(startsAt),
    end: at(endsAt),
  };
  const back =
    returnStartsAt === null || returnEndsAt === null
      ? []
      : [say("swap return line", { ...params, start: at(returnStartsAt), end: at(returnEndsAt) })];
  const telling: Telling = {
    subject: `swap:${row.id}`,
    occasion: what.occasion,
    kind: "notice",
    urgency: "low",
    incidentNumber: null,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why: {
      you: { kind: "shares the schedule", params: { schedule: scheduleId } },
      now: { kind: "asked", params: {} },
    },
    words: () => ({
      kind: "notice",
      subject: say(what.subject, params),
      lines: [
        say("swap line", params),
        ...back,
        ...(row.reason === null ? [] : [row.reason]),
        ...(what.occasion === "asked" ? [say("swap how", { id: row.id })] : []),
      ],
      facts: [],
      actions: [{ label: say("open on call"), url: `${world.publicUrl}/oncall`, verb: "open" }],
      attachments: [],
      thread: null,
    }),
  };
  await tellPeople(tx, world, config, people, telling, now);
}

const chronicle = (
  command: OverrideCommand,
  { id, scheduleId, fromPerson, toPerson, takenBy, startsAt, endsAt }: SwapRow,
  action: string,
): Promise<void> =>
  recordOnCall(command, action, `swap:${id}`, {
    scheduleId,
    fromPerson,
    toPerson,
    takenBy,
    startsAt,
    endsAt,
  });
