/**
 * Storms: projects what was spooled as far as there is room, and tells about it in one incident, which takes
 * in what the same keys had declared before.
 */
import { incidentId } from "../../contract/ids.ts";
import { transact, type Tx } from "../base/db.ts";
import { spoken } from "../base/duration.ts";
import { errorFields } from "../base/log.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { forgetOvertaken } from "../domain/alert/asideStore.ts";
import { silenceOf } from "../domain/alert/calm.ts";
import { listDeclaring, saveHolds } from "../domain/alert/holdStore.ts";
import { mayBeInhibited } from "../domain/alert/inhibition.ts";
import type { Arrival } from "../domain/alert/intake.ts";
import type { HeldAlert, SpoolingDesk, StormHome } from "../domain/alert/spool.ts";
import {
  claimWaiting,
  deleteStorm,
  findIncidentsOfKeys,
  findJoined,
  findSpoolDepth,
  findStorm,
  listStormKeys,
  lockStorm,
  saveStorm,
} from "../domain/alert/spoolStore.ts";
import {
  spooledOf,
  STORM_GROUP,
  STORM_RULE,
  type StormKey,
  topSources,
  waitingOf,
} from "../domain/alert/storm.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { chronicle, type Command, save } from "../domain/incident/commands.ts";
import { declare, teamsOf } from "../domain/incident/declare.ts";
import { isOpen } from "../domain/incident/incident.ts";
import { merge } from "../domain/incident/merging.ts";
import { changeSeverity } from "../domain/incident/respond.ts";
import { findIncident, lockIncident } from "../domain/incident/store.ts";
import { findTwin } from "../domain/incident/waiting.ts";
import { isHigherSeverity } from "../domain/policy/policy.ts";
import { type MatchedAlert, valuesOf } from "../domain/silence/matching.ts";
import { inForce, mutesOf } from "../domain/silence/silence.ts";
import { keepSilences, listLiveSilences, saveHits } from "../domain/silence/store.ts";
import { hitsOf, silenceIn } from "./calm.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

const LOOK_EVERY_MS = SECOND;
/** While something waits: between two turns, in which it is decided and told. */
const REST_MS = 200;
/** While nothing waits any more, and the keys may begin again. */
const LULL_MS = 5 * SECOND;
const TELL_EVERY_MS = 5 * MINUTE;
/** So long nothing more was spooled and nothing waits: it is over. */
const OVER_AFTER_MS = 30 * SECOND;
/** What the keys declared so long before belongs to the storm. */
const BEFORE_MS = 10 * MINUTE;
const TAKEN_AT_ONCE = 10;
const CLAIMED_AT_ONCE = 2_000;
/** What another node committed so late is looked at twice. */
const OVERLAP_MS = 2 * SECOND;

export type Storm = Step & {
  /** Waits until what is under way is done. */
  drain(): Promise<void>;
};

/**
 * Works beside the ticks, as sends do: what takes so long that it has to be spooled must not stand between an
 * alert and its page. A tick only looks whether it storms, and begins.
 */
export function stormStep(parts: EngineParts, desk: SpoolingDesk): Storm {
  const { clock, db, log, nudge } = parts.world;
  let underWay: Promise<void> | null = null;
  let lookedAt: Instant | null = null;
  let isStorming = false;
  /** What joined until then is told of: its services and its severity. */
  let knownUntil: Instant | null = null;

  async function work(now: Instant, keys: readonly StormKey[]): Promise<void> {
    const home = await homeOf(parts, now);
    if (home !== null) await gather(parts, home.incidentNumber, keys, now);
    // Deciding comes before telling: a timeline that cannot be written holds nothing up.
    for (let done = 1; done > 0 && clock.now() - now < LOOK_EVERY_MS;)
      done = await desk.project(clock.now(), home);
    const told = await listStormKeys(db);
    if (told.length === 0) return;
    await asEngine(parts, clock.now(), (command) => tell(command, told, knownUntil));
    knownUntil = addMs(now, -OVERLAP_MS);
  }

  return {
    name: "storm",
    async run(now) {
      const rest = desk.isSpooling() ? REST_MS : isStorming ? LULL_MS : LOOK_EVERY_MS;
      const isTime = lookedAt === null || now - lookedAt >= rest || now < lookedAt;
      const nextAt = isStorming ? addMs(lookedAt ?? now, rest) : null;
      if (underWay !== null || !isTime)
        return { done: 0, nextAt: underWay === null ? nextAt : null };
      await desk.measure(now);
      const keys = await listStormKeys(db);
      lookedAt = now;
      isStorming = keys.length > 0;
      if (!isStorming) return { done: 0, nextAt: null };
      underWay = work(now, keys)
        .catch((error: unknown) => log.error("a storm could not be handled", errorFields(error)))
        .finally(() => {
          underWay = null;
          lookedAt = clock.now();
          nudge();
        });
      // What it leaves to the steps after it is found in the next tick.
      return { done: 1, nextAt: null };
    },
    async drain() {
      await underWay;
    },
  };
}

/** Declares the incident of the storm, tells how it goes, and that it is over. */
async function tell(
  command: Command,
  keys: readonly StormKey[],
  knownUntil: Instant | null,
): Promise<void> {
  const { tx, now } = command;
  if (!(await lockStorm(tx))) return;
  const storm = await findStorm(tx);
  if (storm === null) {
    const number = (await findTwin(tx, HOME)) ?? (await declareStorm(command, keys));
    await chronicle(command, number, "storm began", paramsOf(keys));
    await saveStorm(tx, { incidentNumber: number, toldAt: now });
    return;
  }
  const { incidentNumber } = storm;
  const last = Math.max(...keys.map(({ lastAt }) => lastAt));
  const isOver = waitingOf(keys) === 0 && now - last >= OVER_AFTER_MS;
  await spread(command, incidentNumber, { keys: keys.length, since: isOver ? null : knownUntil });
  if (isOver) {
    await chronicle(command, incidentNumber, "storm over", paramsOf(keys));
    await deleteStorm(tx);
    await forgetOvertaken(tx);
    return;
  }
  if (now - storm.toldAt < TELL_EVERY_MS) return;
  const { oldestAt } = await findSpoolDepth(tx);
  const age = oldestAt === null ? "0 s" : spoken(now - oldestAt);
  await chronicle(command, incidentNumber, "storm goes on", { ...paramsOf(keys), age });
  await saveStorm(tx, { ...storm, toldAt: now });
}

const HOME = { ruleId: STORM_RULE, serviceId: "", groupKey: STORM_GROUP } as const;

const paramsOf = (keys: readonly StormKey[]) => ({
  keys: keys.length,
  signals: spooledOf(keys),
  waiting: waitingOf(keys),
  top: topSources(keys),
});

const titleOf = (keys: number): string => `Alert storm from ${keys} ${keys === 1 ? "key" : "keys"}`;
/** Whether it is what we called a storm of fewer keys; a title that somebody gave it stays. */
const isOfFewer = (title: string, keys: number): boolean =>
  Array.from({ length: keys - 1 }, (_, fewer) => titleOf(fewer + 1)).includes(title);

const SERVICES_NAMED = 20;

async function declareStorm(command: Command, keys: readonly StormKey[]): Promise<number> {
  const { config, now } = command;
  const services = new Set(
    keys.flatMap(({ keyId }) => config.get("keys", keyId)?.body.service ?? []),
  );
  const incident = await declare(command, {
    title: titleOf(keys.length),
    severity: "SEV2",
    services: [...services].slice(0, SERVICES_NAMED),
    // A key that left the configuration names no service any more.
    regions: services.size === 0 ? ["unknown"] : [],
    summary: null,
    detectedAt: keys.reduce((at, { since }) => (since < at ? since : at), now),
    rule: { id: STORM_RULE, file: null, line: null, groupKey: STORM_GROUP },
    autoResolve: false,
    restricted: false,
    readers: [],
  });
  if (incident === null) throw new Error("the storm was declared meanwhile; it is told later");
  return incident.number;
}

/**
 * What joined without the engine counts all the same: the incident names its services and is as bad as it, and its
 * title says of how many keys it became.
 */
async function spread(
  command: Command,
  number: number,
  { keys, since }: { readonly keys: number; readonly since: Instant | null },
): Promise<void> {
  const { tx } = command;
  const joined = await findJoined(tx, number, since);
  let incident = await lockIncident(tx, ENGINE_READER, number);
  if (incident === null || !isOpen(incident.state)) return;
  if (isOfFewer(incident.title, keys))
    incident = await save(command, { ...incident, title: titleOf(keys) });
  if (joined === null) return;
  const services = [...new Set([...incident.services, ...joined.services])].slice(
    0,
    SERVICES_NAMED,
  );
  if (services.length > incident.services.length) {
    const teamIds = [...new Set([...incident.teamIds, ...teamsOf(command, services)])];
    await save(command, { ...incident, services, teamIds });
  }
  if (isHigherSeverity(joined.worst, incident.severity))
    await changeSeverity(command, number, joined.worst, joined.title);
}

/**
 * What the same keys sent on their way past the spool, or declared a moment before, belongs to the storm.
 * Each in a transaction of its own: what others wait for is not held for long.
 */
async function gather(
  parts: EngineParts,
  number: number,
  keys: readonly StormKey[],
  now: Instant,
): Promise<void> {
  const { db, log } = parts.world;
  if (keys.length === 0) return;
  const names = keys.map(({ keyId }) => keyId);
  await transact(db, (tx) => claimWaiting(tx, names, CLAIMED_AT_ONCE));
  const since = addMs(Math.min(...keys.map((key) => key.since)) as Instant, -BEFORE_MS);
  for (const other of await findIncidentsOfKeys(db, names, since, TAKEN_AT_ONCE)) {
    await asEngine(parts, now, (command) => merge(command, other, number));
    log.info("taken in by a storm", { incident: incidentId(other) });
  }
}

/** Whether the incident of the storm is open, and what may join it at once: what nothing could let wait. */
async function homeOf(parts: EngineParts, now: Instant): Promise<StormHome | null> {
  const { db } = parts.world;
  const storm = await findStorm(db);
  if (storm === null) return null;
  const { incidentNumber } = storm;
  const incident = await findIncident(db, ENGINE_READER, incidentNumber);
  if (incident === null || !isOpen(incident.state)) return null;
  const config = await parts.config(db);
  const mutes = inForce(mutesOf(config, await listLiveSilences(db, now)), now);
  const isQuiet = mutes.length === 0 && config.all("inhibitions").length === 0;
  return {
    incidentNumber,
    mayJoin(arrival) {
      if (isQuiet) return true;
      const alert = matchedOf(arrival);
      const values = valuesOf(config, alert);
      return silenceOf(mutes, alert.serviceId, values) === null && !mayBeInhibited(config, alert);
    },
    holdOf(arrival) {
      if (mutes.length === 0) return null;
      const alert = matchedOf(arrival);
      const silence = silenceOf(mutes, alert.serviceId, valuesOf(config, alert));
      return silence === null ? null : { ...silence, since: now, config: config.version };
    },
    hold: (tx, held, at) => holdMuted({ tx, config, now: at }, held),
  };
}

const matchedOf = ({ signal, serviceId, keyId }: Arrival): MatchedAlert => ({
  ...signal,
  severity: signal.severity ?? "warning",
  serviceId,
  keyId,
});

/** As the engine does it for an alert of its own: the silence is kept, the hold written, the hit counted. */
async function holdMuted(
  given: { readonly tx: Tx; readonly config: Snapshot; readonly now: Instant },
  held: readonly HeldAlert[],
): Promise<ReadonlySet<string>> {
  const { tx, now } = given;
  if (held.length === 0) return new Set();
  const silences = [...new Set(held.flatMap(({ hold }) => silenceIn(hold)))];
  const kept = await keepSilences(tx, silences, now);
  const wanted = held.filter(({ hold }) => silenceIn(hold).every((id) => kept.has(id)));
  const declaring = await listDeclaring(
    tx,
    wanted.map(({ id }) => id),
  );
  const muted = wanted.flatMap(({ id, hold }) => {
    const alert = declaring.get(id);
    return alert === undefined ? [] : [{ alert, hold }];
  });
  await saveHolds(
    tx,
    muted.map(({ alert, hold }) => ({ id: alert.id, hold })),
  );
  await saveHits(tx, hitsOf(given, muted), now);
  return new Set(muted.map(({ alert }) => alert.id));
}
