/**
 * Lets heartbeats ring that have fallen silent, and ends what rang once they are heard again. What follows is
 * owed in the row before the intake is told, as with conditions: a crash in between only repeats it.
 */
import { sql, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, instant, SECOND, toIso } from "../base/instant.ts";
import type { Arrival, IntakeDesk } from "../domain/alert/intake.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { dueUnlessChanged, findConfigVersion } from "../domain/config/store.ts";
import {
  alarmText,
  awaken,
  type Beat,
  begun,
  keptBeat,
  owedBy,
  pulsesOf,
  silent,
} from "../domain/signal/heartbeat.ts";
import {
  beginBeats,
  forgetBeats,
  lockAllBeats,
  lockDueBeats,
  lockTold,
  nextBeat,
  saveBeats,
} from "../domain/signal/heartbeatStore.ts";
import type { Listening } from "../domain/signal/listening.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

const BEATS_PER_TICK = 200;
/** The intake answers in milliseconds; after this it is told again. */
const LEASE_MS = 10 * SECOND;
/** Stands for the intake key of what a heartbeat says by its silence. */
const HEARTBEAT_KEY = "heartbeat";

export function heartbeatsStep(parts: EngineParts, desk: IntakeDesk, listening: Listening): Step {
  const { db } = parts.world;
  let keptFor: number | null = null;
  let isUsed = false;
  return {
    name: "heartbeats",
    dueAt(now) {
      const isNoteDue = listening.isNoteDue(now);
      return dueUnlessChanged(keptFor, isUsed && isNoteDue ? sql`0` : nextBeat);
    },
    async run(now) {
      const config = await parts.config(db);
      if (keptFor !== config.version && (await takeUp(parts, config, now)))
        keptFor = config.version;
      isUsed = config.all("heartbeats").length > 0;
      if (isUsed && listening.isNoteDue(now)) await listening.note(now);
      const lease = addMs(now, LEASE_MS);
      const { looked, telling } = await look(parts, config, listening, { now, lease });
      if (telling.length > 0) await tell(parts, config, desk, { telling, lease });
      return { done: looked, nextAt: null };
    },
  };
}

/**
 * New configuration: heartbeats begin and end. False: it is the newest no more, and what another node has begun by a
 * newer one must not end by this.
 */
async function takeUp({ world }: EngineParts, config: Snapshot, now: Instant): Promise<boolean> {
  const pulses = pulsesOf(config);
  return transact(world.db, async (tx) => {
    const before = await lockAllBeats(tx);
    // Asked after the rows were read: whatever began them is known by now.
    if ((await findConfigVersion(tx)) > config.version) return false;
    const known = new Set(before.map(({ id }) => id));
    const kept = before.map((beat) => keptBeat(beat, pulses.get(beat.id) ?? null, now));
    const isNew = [...pulses.values()].filter(({ id }) => !known.has(id));
    const changed = kept.filter((beat, at) => beat !== null && beat !== before[at]);
    const left = before.filter((_, at) => kept[at] === null).map(({ id }) => id);
    await saveBeats(
      tx,
      changed.filter((beat) => beat !== null),
    );
    await beginBeats(
      tx,
      isNew.map((pulse) => begun(pulse, now)),
    );
    if (left.length > 0) await forgetBeats(tx, left);
    return true;
  });
}

type Span = { readonly now: Instant; readonly lease: Instant };

async function look(
  { world }: EngineParts,
  config: Snapshot,
  listening: Listening,
  { now, lease }: Span,
): Promise<{ looked: number; telling: readonly Beat[] }> {
  const pulses = pulsesOf(config);
  return transact(world.db, async (tx) => {
    const due = await lockDueBeats(tx, now, BEATS_PER_TICK);
    if (due.length === 0) return { looked: 0, telling: [] };
    const from = instant(Math.min(...due.map((beat) => beat.startedAt ?? beat.expectedFrom)));
    const listened = await listening.heard(tx, from, now);
    const heard = { listened, since: listening.since(now) };
    const next = due.map((beat): Beat => {
      const pulse = pulses.get(beat.id);
      // Another node knows newer configuration, or this one has not taken its own up.
      if (pulse === undefined && beat.status !== "gone") return { ...beat, attendAt: lease };
      const looked = pulse === undefined ? beat : silent(beat, pulse, now, heard);
      const telling = looked.telling ?? owedBy(looked);
      return telling === null ? awaken(looked, now) : { ...looked, telling, attendAt: lease };
    });
    await saveBeats(tx, next);
    return { looked: due.length, telling: next.filter(({ telling }) => telling !== null) };
  });
}

async function tell(
  { world }: EngineParts,
  config: Snapshot,
  desk: IntakeDesk,
  { telling, lease }: { readonly telling: readonly Beat[]; readonly lease: Instant },
): Promise<void> {
  const results = await desk.accept(telling.map((beat) => arrivalOf(config, beat)));
  const told = telling.filter(({ id }, at) => {
    const result = results[at];
    if (!(result instanceof Refusal)) return true;
    world.log.error("the intake refused a heartbeat's signal", {
      heartbeat: id,
      code: result.code,
    });
    return false;
  });
  const now = world.clock.now();
  await transact(world.db, async (tx) => {
    const rows = await lockTold(
      tx,
      told.map(({ id }) => id),
      lease,
    );
    const settled = rows.map((row) => settledBeat(config, row, now));
    await saveBeats(
      tx,
      settled.filter((beat) => beat !== null),
    );
    const left = rows.filter((_, at) => settled[at] === null).map(({ id }) => id);
    if (left.length > 0) await forgetBeats(tx, left);
  });
}

/** Null: it is configured no longer, and its alert has ended. */
function settledBeat(config: Snapshot, row: Beat, now: Instant): Beat | null {
  const told: Beat = { ...row, told: row.telling, telling: null };
  if (row.status !== "gone" || told.told === "ring") return awaken(told, now);
  return keptBeat(told, pulsesOf(config).get(row.id) ?? null, now);
}

function arrivalOf(config: Snapshot, beat: Beat): Arrival {
  const entry = config.get("heartbeats", beat.id);
  const ring = beat.telling === "ring";
  const name = entry?.body.name ?? beat.id;
  const because = ring ? alarmText(name, beat) : "heard again";
  return {
    keyId: HEARTBEAT_KEY,
    adapter: "heartbeat",
    resends: false,
    serviceId: beat.serviceId,
    signal: {
      action: ring ? "trigger" : "resolve",
      dedupKey: `heartbeat:${beat.id}`,
      title: ring ? because : "",
      severity: ring ? (entry?.body.severity ?? "critical") : null,
      source: null,
      labels: { heartbeat: beat.id },
      details: ring
        ? {
            rhythm: beat.rhythm,
            lastPingAt: beat.lastPingAt === null ? null : toIso(beat.lastPingAt),
            expectedAt: toIso(beat.expectedAt),
          }
        : null,
      link: null,
      startedAt: ring ? beat.since : null,
      endsAt: null,
    },
    decided: {
      ruleId: `heartbeat:${beat.id}`,
      ruleFile: entry?.source?.file ?? null,
      ruleLine: entry?.source?.line ?? null,
      outcome: ring ? "declare" : "record",
      because,
      declareSeverity: ring ? (entry?.body.declare ?? "SEV3") : null,
      autoResolve: ring,
    },
    raw: Buffer.from(JSON.stringify({ heartbeat: beat.id, because })),
  };
}
