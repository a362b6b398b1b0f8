/**
 * How a heartbeat stands after a ping, or after none. Silence rings only when a node could have heard the
 * ping: what may have been sent while nobody listened is excused, and waited for once more.
 */
import type { Heartbeat, HeartbeatStatus } from "../../../contract/heartbeat.ts";
import { assert } from "../../base/errors.ts";
import { durationMs } from "../../base/duration.ts";
import { addMs, type Instant, instant, SECOND, toIso } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import { type Cron, readCron, turnAfter } from "./cron.ts";

/** What a configured heartbeat is judged by. */
export type Pulse = {
  readonly id: string;
  readonly serviceId: string;
  readonly graceMs: number;
  readonly rhythm: string;
  /** The turn that follows a ping, or the beginning. */
  readonly next: (after: Instant) => Expected;
};

/** From when on a ping counts for the next turn, when it is expected, and when its absence rings. */
export type Expected = {
  readonly expectedFrom: Instant;
  readonly expectedAt: Instant;
  readonly dueAt: Instant;
};

export type Beat = Expected & {
  readonly id: string;
  readonly serviceId: string;
  readonly rhythm: string;
  /** `gone`: it is configured no longer, and its alert has still to end. */
  readonly status: HeartbeatStatus | "gone";
  readonly since: Instant;
  readonly pings: number;
  readonly lastPingAt: Instant | null;
  readonly lastPing: string | null;
  readonly startedAt: Instant | null;
  readonly excusedAt: Instant | null;
  readonly excusedExpectedAt: Instant | null;
  readonly telling: Told | null;
  readonly told: Told | null;
  readonly attendAt: Instant | null;
};

export type Told = "ring" | "end";

/** A sender's clock may be this much ahead of ours: its ping is for the turn that is about to begin. */
const EARLY_MS = 30 * SECOND;

/** The text that says when it is expected; a change of it begins anew. */
export const rhythmOf = ({ every, cron, timezone }: Heartbeat): string =>
  cron === undefined ? `every ${every ?? ""}` : `${cron} in ${timezone ?? ""}`;

export function pulseOf(id: string, body: Heartbeat): Pulse {
  const graceMs = durationMs(body.grace);
  const next =
    body.cron === undefined
      ? everyNext(durationMs(body.every ?? ""), graceMs)
      : cronNext(body.cron, body.timezone ?? "UTC", graceMs);
  const rhythm = `${rhythmOf(body)}, grace ${body.grace}`;
  return { id, serviceId: body.service, graceMs, rhythm, next };
}

function everyNext(everyMs: number, graceMs: number): Pulse["next"] {
  return (after) => {
    const expectedAt = addMs(after, everyMs);
    // Nobody pings to the second; what came a grace before its time was for this turn as well.
    const expectedFrom = addMs(expectedAt, -Math.min(graceMs, everyMs / 2));
    return { expectedFrom, expectedAt, dueAt: addMs(expectedAt, graceMs) };
  };
}

function cronNext(text: string, zone: string, graceMs: number): Pulse["next"] {
  const cron: Cron | { readonly problem: string } = readCron(text);
  return (after) => {
    assert(!("problem" in cron), "the times of a heartbeat were checked when it was applied");
    const turn = turnAfter(cron, zone, addMs(after, EARLY_MS));
    assert(turn !== null, "a crontab that was accepted has a next turn");
    return {
      expectedFrom: addMs(turn.from, -EARLY_MS),
      expectedAt: turn.by,
      dueAt: addMs(turn.by, graceMs),
    };
  };
}

/** Waits from now on, as if it had just been heard: who never pings rings as well. */
export const begun = (pulse: Pulse, now: Instant): Beat => {
  const next = pulse.next(now);
  return {
    ...next,
    id: pulse.id,
    serviceId: pulse.serviceId,
    rhythm: pulse.rhythm,
    status: "waiting",
    since: now,
    pings: 0,
    lastPingAt: null,
    lastPing: null,
    startedAt: null,
    excusedAt: null,
    excusedExpectedAt: null,
    telling: null,
    told: null,
    attendAt: next.dueAt,
  };
};

/**
 * What becomes of a row with newer configuration. One that is gone, or another service's now, first ends
 * its alert where it rang; null: nothing is left of it.
 */
export function keptBeat(beat: Beat, pulse: Pulse | null, now: Instant): Beat | null {
  const isSame =
    pulse !== null && pulse.serviceId === beat.serviceId && pulse.rhythm === beat.rhythm;
  if (isSame && beat.status !== "gone") return beat;
  if (beat.told === "ring" || beat.telling === "ring") {
    if (beat.status === "gone") return beat;
    return { ...beat, status: "gone", since: now, attendAt: beat.telling ? beat.attendAt : now };
  }
  if (pulse === null) return null;
  const { pings, lastPingAt, lastPing } = beat;
  return { ...begun(pulse, now), pings, lastPingAt, lastPing };
}

const isAlarm = (status: Beat["status"]): boolean => status === "missed" || status === "failed";

/** What a ping makes of it. `word`: null is “I am well”, as is exit code 0. */
export function pinged(beat: Beat, pulse: Pulse, word: string | null, now: Instant): Beat {
  const heard = { ...beat, pings: beat.pings + 1, lastPingAt: now, lastPing: pingText(word) };
  if (word === "log") return heard;
  if (word === "start") {
    if (isAlarm(beat.status)) return { ...heard, startedAt: now };
    const dueAt = instant(Math.min(beat.dueAt, addMs(now, pulse.graceMs)));
    return awaken({ ...heard, startedAt: now, dueAt }, now);
  }
  const status = word === null || Number(word) === 0 ? "up" : "failed";
  const since = beat.status === status ? beat.since : now;
  return awaken({ ...heard, ...pulse.next(now), status, since, startedAt: null }, now);
}

const pingText = (word: string | null): string =>
  word === null ? "ok" : /^\d/.test(word) ? `exit ${Number(word)}` : word;

/**
 * What its silence makes of it once it is due. `listened`: some node could hear pings all the time between
 * two instants. Otherwise the next turn counts from when nodes listened again.
 */
export function silent(
  beat: Beat,
  pulse: Pulse,
  now: Instant,
  heard: { readonly listened: (from: Instant, to: Instant) => boolean; readonly since: Instant },
): Beat {
  if (beat.status === "gone" || isAlarm(beat.status) || beat.dueAt > now) return awaken(beat, now);
  const from = beat.startedAt ?? beat.expectedFrom;
  if (heard.listened(from, beat.dueAt))
    return awaken({ ...beat, status: "missed", since: now }, now);
  const next = pulse.next(instant(Math.max(heard.since, beat.expectedAt)));
  const excused = { excusedAt: now, excusedExpectedAt: beat.expectedAt };
  return awaken({ ...beat, ...next, ...excused, startedAt: null }, now);
}

/** What the intake should have been told, where it was told something else. */
export function owedBy(beat: Beat): Told | null {
  const wanted = isAlarm(beat.status) ? "ring" : "end";
  return beat.told === wanted || (wanted === "end" && beat.told === null) ? null : wanted;
}

/** When it is to be looked at again; while something is being told, that is when its lease ends. */
export function awaken(beat: Beat, now: Instant): Beat {
  if (beat.telling !== null) return beat;
  if (owedBy(beat) !== null) return { ...beat, attendAt: now };
  return { ...beat, attendAt: isAlarm(beat.status) || beat.status === "gone" ? null : beat.dueAt };
}

/** The sentence of its alert. */
export function alarmText(name: string, beat: Beat): string {
  if (beat.status === "failed") return `${name} says that it failed (${beat.lastPing ?? "fail"})`;
  if (beat.startedAt !== null)
    return `${name} started at ${toIso(beat.startedAt)} and has not come to its end`;
  return beat.lastPingAt === null
    ? `${name} has never been heard`
    : `${name} has not been heard since ${toIso(beat.lastPingAt)}`;
}

/** Spans in which a node could hear pings; whether together they leave no hole in another one. */
export function covers(
  spans: readonly { readonly since: Instant; readonly until: Instant }[],
  from: Instant,
  to: Instant,
): boolean {
  let reached = from;
  for (const { since, until } of spans.toSorted((a, b) => a.since - b.since)) {
    if (since > reached) break;
    if (until > reached) reached = until;
  }
  return reached >= to;
}

const known = new WeakMap<Snapshot, ReadonlyMap<string, Pulse>>();

/** Every configured heartbeat by id; made once per snapshot. */
export function pulsesOf(config: Snapshot): ReadonlyMap<string, Pulse> {
  let pulses = known.get(config);
  if (pulses === undefined) {
    pulses = new Map(config.all("heartbeats").map(({ id, body }) => [id, pulseOf(id, body)]));
    known.set(config, pulses);
  }
  return pulses;
}

/** What is wrong with crontabs, for {@link checkSnapshot}. */
export const checkHeartbeats = (config: Snapshot) =>
  config.all("heartbeats").flatMap(({ id, body }) => {
    const cron = body.cron === undefined ? null : readCron(body.cron);
    return cron !== null && "problem" in cron
      ? [{ kind: "heartbeats" as const, id, path: "cron", message: `expected ${cron.problem}` }]
      : [];
  });
