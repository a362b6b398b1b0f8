/**
 * Alerts that are the first of their home: nothing is open that they could join, so that incidents are declared
 * for them, for many homes in one transaction and with one statement of each kind (decisions/0066). Everything
 * else is met one incident at a time, in attend.ts.
 */
import type { Instant } from "../base/instant.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { awakenHeld } from "../domain/alert/holdStore.ts";
import { lockAttended, saveAttended } from "../domain/alert/attentionStore.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { chronicleAll, type Command } from "../domain/incident/commands.ts";
import { declareAll } from "../domain/incident/declare.ts";
import type { Home } from "../domain/incident/waiting.ts";
import { calmTerms } from "../domain/signal/waiting.ts";
import { calmOf, groupRef, letWait } from "./calm.ts";
import { carryOver, waitsOf } from "./carryOver.ts";
import {
  declarationOf,
  type Declaring,
  declaringOf,
  type Group,
  homeOf,
  idsOf,
  nameOf,
} from "./homes.ts";
import { withFirstPages } from "./paging.ts";

/** The home whose first alerts these may be; null when they belong to an incident, or look for a cause. */
export function homeOfFirst(config: Snapshot, group: Group): Home | null {
  const first = group[0]!;
  if (first.incidentNumber !== null) return null;
  const home = homeOf(config, first);
  return home === null || calmTerms(config, home.ruleId).group.causesMs > 0 ? null : home;
}

type Opening = Declaring & { readonly home: Home };

/**
 * Attends groups whose homes have no incident; returns how many alerts. Where another node declares at the same
 * time, the alerts stay due and find its incident.
 */
export async function attendFirst(command: Command, groups: readonly Group[]): Promise<number> {
  const { tx, config } = command;
  const locked = await lockAttended(tx, idsOf(groups.flat()));
  const here = Map.groupBy(locked, (alert) => {
    // What changed its incident or its home since we looked stays due, and is found there.
    const home = homeOfFirst(config, [alert]);
    return home === null ? "" : nameOf(home);
  });
  const calm = calmOf(command);
  const openings: Opening[] = [];
  const silent: AlertRow[] = [];
  let done = 0;
  for (const [name, home] of homesOf(config, groups)) {
    const alerts = here.get(name) ?? [];
    const speaking = await letWait({ ...command, calm }, home, null, alerts);
    const declaring = declaringOf(speaking);
    if (declaring === null) silent.push(...speaking);
    else openings.push({ ...declaring, home });
    done += alerts.length - (declaring === null ? 0 : speaking.length);
  }
  const opened = await open(command, openings);
  await saveAttended(
    tx,
    silent.map(({ id }) => ({ id, incidentNumber: null })),
  );
  return done + opened;
}

/** The homes of the groups by their names, in the order in which every node declares. */
const homesOf = (
  config: Snapshot,
  groups: readonly Group[],
): readonly (readonly [string, Home])[] =>
  groups
    .flatMap((group) => homeOfFirst(config, group) ?? [])
    .map((home) => [nameOf(home), home] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

async function open(command: Command, openings: readonly Opening[]): Promise<number> {
  if (openings.length === 0) return 0;
  const { tx, now } = command;
  const declared = await declareAll(
    command,
    openings.map((opening) => declarationOf(command, opening.home, opening)),
    // Whoever has it already at its tool is not paged for it.
    (begun) => withFirstPages(command, begun, (at) => isFiring(openings[at]!)),
  );
  const opened = openings.flatMap((opening, at) => {
    const incident = declared[at] ?? null;
    return incident === null ? [] : [{ ...opening, incident }];
  });
  await saveAttended(
    tx,
    opened.flatMap(({ alerts, incident }) =>
      alerts.map(({ id }) => ({ id, incidentNumber: incident.number })),
    ),
  );
  const waits = opened.flatMap(({ alerts, incident }) => waitsOf(command, incident, alerts));
  await chronicleAll(command, waits);
  await awakenCompany(command, opened, now);
  // Few do more than fire.
  for (const { incident, alerts } of opened)
    if (!isFiring({ alerts })) await carryOver(command, incident, alerts);
  return opened.reduce((sum, { alerts }) => sum + alerts.length, 0);
}

const isFiring = ({ alerts }: Pick<Opening, "alerts">): boolean =>
  alerts.every(({ status }) => status === "firing");

/** What waits for company has it now. */
const awakenCompany = (
  { tx }: Command,
  opened: readonly Pick<Opening, "home">[],
  now: Instant,
): Promise<number> =>
  awakenHeld(
    tx,
    opened.map(({ home }) => groupRef(home)),
    now,
  );
