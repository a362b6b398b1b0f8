/**
 * Alerts that are the first of their home: nothing is open that they could join, so that incidents are declared
 * for them, for many homes in one transaction and with one statement of each kind (decisions/0066). Everything
 * else is met one incident at a time, in attend.ts.
 */
import { endsInThisTurn, isStoreAway, pipelined, transact } from "../base/db.ts";
import { addMs, type Instant, MINUTE } from "../base/instant.ts";
import { ENGINE } from "../domain/account/account.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { lockAttended, lockNews, type News, saveAttended } from "../domain/alert/attentionStore.ts";
import { awakenHeld } from "../domain/alert/holdStore.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";
import type { Consequences } from "../domain/incident/consequences.ts";
import { declareAll } from "../domain/incident/declare.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { findTaken, type Home } from "../domain/incident/waiting.ts";
import type { NewNotification } from "../domain/notification/store.ts";
import { calmTerms } from "../domain/signal/waiting.ts";
import { listLiveSilences } from "../domain/silence/store.ts";
import { type Calm, calmOf, groupRef, letWait } from "./calm.ts";
import { carryOver, waitsOf } from "./carryOver.ts";
import type { Claim } from "./claims.ts";
import type { Sender } from "./deliver.ts";
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
import type { EngineParts } from "./parts.ts";

/** The home whose first alerts these may be; null when they belong to an incident, or look for a cause. */
export function homeOfFirst(config: Snapshot, group: Group): Home | null {
  const first = group[0]!;
  if (first.incidentNumber !== null) return null;
  const home = homeOf(config, first);
  return home === null || calmTerms(config, home.ruleId).group.causesMs > 0 ? null : home;
}

/** An incident that its own alerts resolved is taken up again when they fire within this time. */
export const FLAP_WINDOW_MS = 10 * MINUTE;

/** What was done, and the pages that were claimed with it: they leave when it is committed. */
export type Attended = { readonly done: number; readonly claims: readonly Claim[] };

/**
 * Attends groups whose homes have no incident; `done` counts alerts. Where another node declares at the same
 * time, the alerts stay due and find its incident.
 */
export async function attendFirst(
  command: Command,
  groups: readonly Group[],
  sender: Sender | null,
): Promise<Attended> {
  const { tx, config } = command;
  const locked = await lockAttended(tx, idsOf(groups.flat()));
  const here = Map.groupBy(locked, (alert) => {
    // What changed its incident or its home since we looked stays due, and is found there.
    const home = homeOfFirst(config, [alert]);
    return home === null ? "" : nameOf(home);
  });
  return attendHomes(command, homesOf(config, groups), {
    alertsOf: (name) => here.get(name) ?? [],
    calm: calmOf(command),
    sender,
    atOnce: false,
  });
}

/** From so many on a crowd waits, of which the worst comes first: see attend.ts. */
export const CROWD = 50;

/** `found` is what waited there, and `isLeft` whether some of it waits for the ticks. */
export type Looked = { readonly done: number; readonly found: number; readonly isLeft: boolean };

/**
 * The short way for what has just come: the open alerts that wait are locked in the first question and declared with
 * the fewest waits (decisions/0086). Whatever cannot go this way `isLeft`: what joins, a crowd, and what another node
 * declares at the same time.
 */
export async function attendNews(
  parts: EngineParts,
  sender: Sender | null,
  now: Instant,
): Promise<Looked> {
  const { world } = parts;
  const since = addMs(now, -FLAP_WINDOW_MS);
  try {
    const { claims, ...looked } = await transact(world.db, async (tx) => {
      const [config, news, live] = await pipelined([
        parts.config(tx),
        lockNews(tx, now, since, CROWD),
        listLiveSilences(tx, now),
      ]);
      const found = news.length;
      if (found === 0 || found === CROWD)
        return { done: 0, claims: [], found, isLeft: found === CROWD };
      const command: Command = { tx, world, config, actor: ENGINE, now };
      const free = await freeHomes(command, news, since);
      const attended = await attendHomes(
        command,
        sorted([...free.values()].map(({ home }) => home)),
        {
          alertsOf: (name) => free.get(name)?.alerts ?? [],
          calm: calmOf(command, live),
          sender,
          atOnce: true,
        },
      );
      return { ...attended, found, isLeft: attended.done < found };
    });
    sender?.send(claims, now);
    return looked;
  } catch (error) {
    if (isStoreAway(error)) throw error;
    // Told by the long way, where each is attended by itself in the end.
    return { done: 0, found: 0, isLeft: true };
  }
}

type Free = { readonly home: Home; readonly alerts: readonly AlertRow[] };

/** Those of the homes for which nothing stands that their alerts could join or take up again. */
async function freeHomes(
  { tx, config }: Command,
  news: readonly News[],
  since: Instant,
): Promise<ReadonlyMap<string, Free>> {
  const found = new Map<string, Free & { readonly isTaken: boolean }>();
  for (const [name, alerts] of Map.groupBy(news, (alert) => {
    const home = homeOfFirst(config, [alert]);
    return home === null ? "" : nameOf(home);
  })) {
    const home = homeOfFirst(config, [alerts[0]!]);
    const isTaken = alerts.some((alert) => alert.isTaken);
    if (home !== null) found.set(name, { home, alerts, isTaken });
  }
  const grouped = [...found].filter(([, { home }]) => home.groupKey !== null);
  const taken = await findTaken(
    tx,
    grouped.map(([, { home }]) => home),
    since,
  );
  const namesTaken = new Set(grouped.filter((_, at) => taken.has(at)).map(([name]) => name));
  return new Map(
    [...found].filter(([name, { home, isTaken }]) =>
      home.groupKey === null ? !isTaken : !namesTaken.has(name),
    ),
  );
}

type Homes = {
  readonly alertsOf: (name: string) => readonly AlertRow[];
  readonly calm: Calm;
  readonly sender: Sender | null;
  readonly atOnce: boolean;
};

async function attendHomes(
  command: Command,
  homes: readonly (readonly [string, Home])[],
  { alertsOf, calm, ...how }: Homes,
): Promise<Attended> {
  const openings: Opening[] = [];
  const silent: AlertRow[] = [];
  let done = 0;
  for (const [name, home] of homes) {
    const alerts = alertsOf(name);
    const speaking = await letWait({ ...command, calm }, home, null, alerts);
    const declaring = declaringOf(speaking);
    if (declaring === null) silent.push(...speaking);
    else openings.push({ ...declaring, home });
    done += alerts.length - (declaring === null ? 0 : speaking.length);
  }
  const [opened] = await pipelined([
    open(command, openings, how),
    saveAttended(
      command.tx,
      silent.map(({ id }) => ({ id, incidentNumber: null })),
    ),
  ]);
  return { done: done + opened.done, claims: opened.claims };
}

type Opening = Declaring & { readonly home: Home };

/** The homes of the groups by their names. */
const homesOf = (
  config: Snapshot,
  groups: readonly Group[],
): readonly (readonly [string, Home])[] =>
  sorted(groups.flatMap((group) => homeOfFirst(config, group) ?? []));

/** In the order in which every node declares. */
const sorted = (homes: readonly Home[]): readonly (readonly [string, Home])[] =>
  homes
    .map((home) => [nameOf(home), home] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

async function open(
  command: Command,
  openings: readonly Opening[],
  { sender, atOnce }: Pick<Homes, "sender" | "atOnce">,
): Promise<Attended> {
  if (openings.length === 0) return { done: 0, claims: [] };
  const { tx, config, now } = command;
  const openedOf = (declared: readonly (Incident | null)[]): readonly Opened[] =>
    openings.flatMap((opening, at) => {
      const incident = declared[at] ?? null;
      return incident === null ? [] : [{ ...opening, incident }];
    });
  let pages: readonly NewNotification[] = [];
  let claims: readonly Claim[] = [];
  const { incidents, messages } = await declareAll(
    command,
    openings.map((opening) => declarationOf(command, opening.home, opening)),
    {
      atOnce,
      async further(begun, known) {
        // Whoever has it already at its tool is not paged for it.
        const paged = await withFirstPages(command, begun, known, (at) => isFiring(openings[at]!));
        const firing = paged.flatMap((then, at) => (isFiring(openings[at]!) ? then.messages : []));
        pages = sender?.claimed(config, firing, now) ?? [];
        const claimed = new Map(pages.map((page) => [page.id, page]));
        return paged.map((then, at): Consequences => {
          const waits = waitsOf(command, begun[at]!.incident, openings[at]!.alerts);
          const rows = then.messages.map((message) => claimed.get(message.id) ?? message);
          return { ...then, facts: [...then.facts, ...waits], messages: rows };
        });
      },
      async beside(declared) {
        const opened = openedOf(declared);
        const attended = opened.flatMap(({ alerts, incident }) =>
          alerts.map(({ id }) => ({ id, incidentNumber: incident.number })),
        );
        const last = pipelined([
          saveAttended(tx, attended),
          awakenCompany(command, opened, now),
          sender?.claimsOf(tx, config, pages) ?? [],
        ]);
        // Nothing follows from how it went: the commit need not wait for the answers.
        if (atOnce && openings.every(isFiring)) endsInThisTurn(tx);
        [, , claims] = await last;
      },
    },
  );
  const opened = openedOf(incidents);
  // Few do more than fire.
  for (const { incident, alerts } of opened)
    if (!isFiring({ alerts })) await carryOver(command, incident, alerts);
  return {
    done: opened.reduce((sum, { alerts }) => sum + alerts.length, 0),
    // Of those that were not written, another node has an incident.
    claims: claims.filter(({ row }) => messages.has(row.id)),
  };
}

type Opened = Opening & { readonly incident: Incident };

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
