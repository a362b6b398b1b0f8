/**
 * Storms: projects what was spooled as far as there is room, and tells about it in one incident, which takes
 * in what the same keys had declared before.
 */
import { incidentId } from "../../contract/ids.ts";
import { spoken } from "../base/duration.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { SpoolingDesk } from "../domain/alert/spool.ts";
import {
  deleteStorm,
  findIncidentsOfKeys,
  findSpoolDepth,
  findStorm,
  listStormKeys,
  lockStorm,
  saveStorm,
  type StormKey,
} from "../domain/alert/spoolStore.ts";
import {
  spooledOf,
  STORM_GROUP,
  STORM_RULE,
  topSources,
  waitingOf,
} from "../domain/alert/storm.ts";
import { chronicle, type Command } from "../domain/incident/commands.ts";
import { declare } from "../domain/incident/declare.ts";
import { merge } from "../domain/incident/merging.ts";
import { isOpen } from "../domain/incident/incident.ts";
import { findIncident } from "../domain/incident/store.ts";
import { findTwin } from "../domain/incident/waiting.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

const LOOK_EVERY_MS = SECOND;
const TELL_EVERY_MS = 5 * MINUTE;
/** So long nothing more was spooled and nothing waits: it is over. */
const OVER_AFTER_MS = 30 * SECOND;
/** What the keys declared so long before belongs to the storm. */
const BEFORE_MS = 10 * MINUTE;

export function stormStep(parts: EngineParts, desk: SpoolingDesk): Step {
  let lookedAt: Instant | null = null;
  return {
    name: "storm",
    async run(now) {
      const looks = lookedAt === null || now - lookedAt >= LOOK_EVERY_MS || now < lookedAt;
      if (looks) await desk.measure(now);
      // Deciding comes before telling: a timeline that cannot be written holds nothing up.
      let done = await desk.project(now);
      const keys = await listStormKeys(parts.world.db);
      if (looks && keys.length > 0)
        done += await asEngine(parts, now, (command) => tell(command, keys));
      if (looks) lookedAt = now;
      return { done, nextAt: keys.length === 0 ? null : addMs(now, LOOK_EVERY_MS) };
    },
  };
}

/** Declares the incident of the storm, tells how it goes, and that it is over. Returns what it wrote. */
async function tell(command: Command, keys: readonly StormKey[]): Promise<number> {
  const { tx, now } = command;
  if (!(await lockStorm(tx))) return 0;
  const storm = await findStorm(tx);
  if (storm === null) {
    const number = (await findTwin(tx, HOME)) ?? (await declareStorm(command, keys));
    await chronicle(command, number, "storm began", paramsOf(keys));
    await takeIn(command, number, keys);
    await saveStorm(tx, { incidentNumber: number, toldAt: now });
    return 1;
  }
  const taken = await takeIn(command, storm.incidentNumber, keys);
  const last = Math.max(...keys.map(({ lastAt }) => lastAt));
  if (waitingOf(keys) === 0 && now - last >= OVER_AFTER_MS) {
    await chronicle(command, storm.incidentNumber, "storm over", paramsOf(keys));
    await deleteStorm(tx);
    return 1;
  }
  if (now - storm.toldAt < TELL_EVERY_MS) return taken;
  const { oldestAt } = await findSpoolDepth(tx);
  const age = oldestAt === null ? "0 s" : spoken(now - oldestAt);
  await chronicle(command, storm.incidentNumber, "storm goes on", { ...paramsOf(keys), age });
  await saveStorm(tx, { ...storm, toldAt: now });
  return 1;
}

const HOME = { ruleId: STORM_RULE, serviceId: "", groupKey: STORM_GROUP } as const;

const paramsOf = (keys: readonly StormKey[]) => ({
  keys: keys.length,
  signals: spooledOf(keys),
  waiting: waitingOf(keys),
  top: topSources(keys),
});

const SERVICES_NAMED = 20;

async function declareStorm(command: Command, keys: readonly StormKey[]): Promise<number> {
  const { config, now } = command;
  const services = new Set(
    keys.flatMap(({ keyId }) => config.get("keys", keyId)?.body.service ?? []),
  );
  const incident = await declare(command, {
    title: `Alert storm from ${keys.length} key(s)`,
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

/** What the same keys declared a moment before, or on their way past the spool, belongs to the storm. */
async function takeIn(
  command: Command,
  number: number,
  keys: readonly StormKey[],
): Promise<number> {
  const { tx } = command;
  const storm = await findIncident(tx, ENGINE_READER, number);
  if (storm === null || !isOpen(storm.state)) return 0;
  const since = addMs(Math.min(...keys.map((key) => key.since)) as Instant, -BEFORE_MS);
  const names = keys.map(({ keyId }) => keyId);
  const others = (await findIncidentsOfKeys(tx, names, since)).filter((other) => other !== number);
  for (const other of others) {
    await merge(command, other, number);
    command.world.log.info("taken in by a storm", { incident: incidentId(other) });
  }
  return others.length;
}
