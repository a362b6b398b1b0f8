/**
 * Draws the consequences of alerts: joins them to the one open incident of their service and rule or
 * declares it, carries an acknowledge or a resolve of the tool over to the incident, and closes what
 * its tool stopped repeating.
 */
import { incidentId } from "../../contract/ids.ts";
import { say } from "../../contract/texts.ts";
import { pipelined, type Queryable, transact } from "../base/db.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { isCompany } from "../domain/alert/calm.ts";
import { awakenHeld } from "../domain/alert/holdStore.ts";
import { expireAlerts, findNextExpiry } from "../domain/alert/store.ts";
import {
  type Attention,
  findAttention,
  findHeads,
  lockAttended,
  nextAttention,
  putOffAttention,
  saveAttended,
} from "../domain/alert/attentionStore.ts";
import { REPEATS_EVERY_MS } from "../domain/alert/repeats.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { chronicle, chronicleAll, type Command, save } from "../domain/incident/commands.ts";
import { declare, teamsOf } from "../domain/incident/declare.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { changeSeverity, reopen } from "../domain/incident/respond.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { tellThoseWhoHaveIt } from "../domain/incident/telling.ts";
import {
  findMergedInto,
  findTaken,
  type Home,
  lockCauses,
  lockFlapping,
  lockOpenTwin,
} from "../domain/incident/waiting.ts";
import { isHigherSeverity } from "../domain/policy/policy.ts";
import { calmTerms } from "../domain/signal/waiting.ts";
import { calmOf, groupRef, letWait } from "./calm.ts";
import { carryOver, titlesOf, TOLD_ONE_BY_ONE, waitsOf } from "./carryOver.ts";
import { joinCauses } from "./causes.ts";
import type { Sender } from "./deliver.ts";
import type { Step } from "./engine.ts";
import { attendFirst, attendNews, CROWD, FLAP_WINDOW_MS, homeOfFirst } from "./firstOfHome.ts";
import {
  declarationOf,
  declaringOf,
  type Group,
  groupsOf,
  homeOf,
  idsOf,
  isSameHome,
  worstFirst,
} from "./homes.ts";
import { asEngine, type EngineParts, inSets } from "./parts.ts";

/** Many at once cost little: what joins the same incident is written together. */
const LIMIT = 2_000;
/** How many of its groups are looked at for those that would page somebody. */
const LOOKED_AT = 256;
/**
 * Incidents at most in one portion, new ones and such as are joined, and how long it may take: the pages of the
 * first ones must not wait for the last one.
 */
const FIRST = 64;
const JOINED = 16;
const PORTION_MS = 200;
/** Transactions at once: each waits for the store some twenty times. */
const AT_ONCE = 4;
/** How often a declaration that others overtake is tried again at once. */
const ATTEMPTS = 3;
/** How patiently an expiry is believed. */
export type Patience = {
  /** It counts only this long after it passed: the last repeat may still be in another node's hand. */
  readonly graceMs: number;
  /** The longest time between two repeats of a firing alert. */
  readonly resendMs: number;
};
/** Twice the time after which repeats are written; a tool that sends again after one minute may miss once. */
const PATIENCE: Patience = { graceMs: 2 * REPEATS_EVERY_MS, resendMs: 2 * MINUTE };
/** A node that did not look for this long could not listen either. */
const DEAF_AFTER_MS = 30 * SECOND;

/** `sender` sends the pages that are decided here, if it has room; without it they are claimed when they are due. */
export function attendStep(parts: EngineParts, sender: Sender | null = null): AttendStep {
  const { db } = parts.world;
  const headsBehind = headFinder(parts);
  let underWay: Promise<unknown> = Promise.resolve();
  const attendsNews = (now: Instant): ReturnType<typeof attendNews> => {
    const attending = attendNews(parts, sender, now);
    underWay = attending.catch(() => undefined);
    return attending;
  };
  return {
    name: "attend alerts",
    dueAt: () => nextAttention,
    news: attendsNews,
    async run(now) {
      // What this node attends already is seen as due until it is done, and would be waited for by its locks.
      await underWay;
      const news = await attendsNews(now);
      if (news.done > 0) return { done: news.done, nextAt: null };
      const oldest = await findAttention(db, now, LIMIT);
      if (oldest.length === 0) return { done: 0, nextAt: null };
      const config = await parts.config(db);
      const groups = groupsOf(config, [...(await headsBehind(oldest, now)), ...oldest]);
      // Behind a crowd: what pages comes before what only joins, and the worst first, so that a page of one
      // service does not stand behind the storm of another.
      const looked = (oldest.length < CROWD ? groups : worstFirst(groups)).slice(0, LOOKED_AT);
      const free = await freeOf(db, config, looked, now);
      const together = looked.filter((group) => free.has(group) && isFirst(config, group));
      const first = new Set(together.slice(0, FIRST));
      const others = looked
        .filter((group) => !free.has(group) || !isFirst(config, group))
        .toSorted((a, b) => Number(free.has(b)) - Number(free.has(a)));
      const done = await inSets(parts, {
        now,
        sets: [[...first], ...others.slice(0, JOINED).map((group) => [group])],
        atOnce: AT_ONCE,
        withinMs: PORTION_MS,
        async work(set) {
          if (!first.has(set[0]!))
            return asEngine(parts, now, (command) => attendGroup(command, set[0]!));
          const attended = await asEngine(parts, now, (command) =>
            attendFirst(command, set, sender),
          );
          sender?.send(attended.claims, now);
          return attended.done;
        },
        putOff: (group, until) => putOffAttention(db, idsOf(group), until),
      });
      return { done, nextAt: null };
    },
  };
}

export type AttendStep = Step & {
  /** The short way alone, for whoever knows that something came. */
  news(now: Instant): ReturnType<typeof attendNews>;
};

const isFirst = (config: Snapshot, group: Group): boolean => homeOfFirst(config, group) !== null;

/**
 * Finds what would page somebody behind those that are looked at anyway. The more wait, the longer it takes to look
 * through them: it may take a fifth of the engine's time.
 */
function headFinder({ world }: EngineParts) {
  let rests: { readonly from: Instant; readonly until: Instant } | null = null;
  return async (oldest: readonly Attention[], now: Instant): Promise<Group> => {
    const before = world.clock.now();
    const isResting = rests !== null && before >= rests.from && before < rests.until;
    if (oldest.length < LIMIT || isResting) return [];
    const heads = await findHeads(world.db, now, FIRST);
    const after = world.clock.now();
    rests = { from: after, until: addMs(after, Math.min((after - before) * 4, SECOND)) };
    const known = new Set(oldest.map(({ id }) => id));
    return heads.filter(({ id }) => !known.has(id));
  };
}

/**
 * Closes what its tool stopped repeating. Not soon after this node began to listen, or came back to its
 * store: the repeats that were missed meanwhile say nothing about the alert.
 */
export function expireStep(parts: EngineParts, { graceMs, resendMs }: Patience = PATIENCE): Step {
  let listeningSince: Instant | null = null;
  let lastRun: Instant | null = null;
  return {
    name: "expire alerts",
    async run(now) {
      const next = await findNextExpiry(parts.world.db);
      // Counted only when the store answered: while it was away, nothing could be taken in either.
      if (listeningSince === null || lastRun === null || now - lastRun > DEAF_AFTER_MS)
        listeningSince = now;
      lastRun = now;
      if (next === null) return { done: 0, nextAt: null };
      const due = addMs(next, graceMs);
      const trusted = addMs(listeningSince, resendMs);
      const at = due > trusted ? due : trusted;
      if (now < at) return { done: 0, nextAt: at };
      const before = addMs(now, -graceMs);
      const done = await transact(parts.world.db, (tx) => expireAlerts(tx, before, now, LIMIT));
      return { done, nextAt: null };
    },
  };
}

/** Those of the groups for which nothing stands that they could join or take up again. */
async function freeOf(
  db: Queryable,
  config: Snapshot,
  groups: readonly Group[],
  now: Instant,
): Promise<ReadonlySet<Group>> {
  const asked = groups.flatMap((group) => {
    const home = group[0]!.incidentNumber === null ? homeOf(config, group[0]!) : null;
    return home === null ? [] : [{ group, home }];
  });
  const homes = asked.map(({ home }) => home);
  const taken = await findTaken(db, homes, addMs(now, -FLAP_WINDOW_MS));
  return new Set(asked.flatMap(({ group }, at) => (taken.has(at) ? [] : [group])));
}

async function attendGroup(command: Command, group: Group): Promise<number> {
  const { tx, config } = command;
  const first = group[0]!;
  const home = homeOf(config, first);
  // The incident is locked before its alerts, here as in every command.
  const { known, mergedFrom } = await lockKnown(command, first, home);
  const locked = await lockAttended(tx, idsOf(group));
  // What changed its incident or its home since we looked stays due, and is found there.
  const here = locked.filter((alert) => {
    if (alert.incidentNumber !== null || first.incidentNumber !== null)
      return alert.incidentNumber === first.incidentNumber;
    return isSameHome(homeOf(config, alert), home);
  });
  if (here.length === 0) return 0;
  const alerts = await letWait({ ...command, calm: calmOf(command) }, home, known, here);
  if (alerts.length === 0) return here.length;
  const { incident, takenFrom = mergedFrom } = await incidentFor(command, home, known, alerts);
  await saveAttended(
    tx,
    alerts.map(({ id }) => ({ id, incidentNumber: incident?.number ?? null })),
    takenFrom,
  );
  if (incident !== null) {
    await chronicleAll(command, waitsOf(command, incident, alerts));
    // What waits for company has it now.
    if (home !== null && known === null) await awakenHeld(tx, [groupRef(home)], command.now);
    await carryOver(command, incident, alerts);
  }
  return here.length;
}

type Known = { readonly known: Incident | null; readonly mergedFrom: number | null };

/** The incident that alerts belong to already, or the open one of their home. */
async function lockKnown(
  { tx }: Command,
  { incidentNumber }: Attention,
  home: Home | null,
): Promise<Known> {
  if (incidentNumber !== null)
    return { known: await lockIncident(tx, ENGINE_READER, incidentNumber), mergedFrom: null };
  if (home === null) return { known: null, mergedFrom: null };
  // What was merged goes on in the other incident, and so do its next alerts while that is open.
  const [twin, merged] = await pipelined([lockOpenTwin(tx, home), findMergedInto(tx, home)]);
  if (twin !== null) return { known: twin, mergedFrom: null };
  const into = merged === null ? null : await lockIncident(tx, ENGINE_READER, merged.home);
  return into !== null && isOpen(into.state)
    ? { known: into, mergedFrom: merged?.merged ?? null }
    : { known: null, mergedFrom: null };
}

/** `takenFrom`: the incident that was declared for them and merged into this one at once. */
type Found = { readonly incident: Incident | null; readonly takenFrom?: number };

/** The incident that the alerts belong to: the known one, one taken up again, or a new one. */
async function incidentFor(
  command: Command,
  home: Home | null,
  known: Incident | null,
  alerts: readonly AlertRow[],
): Promise<Found> {
  const declaring = declaringOf(alerts);
  const worst = declaring?.worst;
  // What got worse after its incident was over is news; what only repeats or resolves is not. A repeat is
  // never attended, so what fires here was decided anew.
  const isNews =
    known !== null &&
    !isOpen(known.state) &&
    (isWorse(worst, known) ||
      declaring?.declaring.some((alert) => alert.status === "firing") === true);
  if (known !== null && !isNews)
    return { incident: await raise(command, await welcome(command, known, alerts), worst) };
  if (declaring === null || worst === undefined || home === null) return { incident: null };
  const flapping = await takeUpAgain(command, home, worst);
  if (flapping !== null) return { incident: flapping };
  if (calmTerms(command.config, home.ruleId).group.causesMs > 0) await lockCauses(command.tx);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const declared = await declare(command, declarationOf(command, home, declaring));
    if (declared !== null) {
      const incident = await joinCauses(command, declared);
      const isTaken = incident.number !== declared.number;
      return { incident, ...(isTaken && { takenFrom: declared.number }) };
    }
    // Another node declared it between our look and our insert: join that one, unless it is over already.
    const twin = await lockOpenTwin(command.tx, home);
    if (twin === null) continue;
    return { incident: await raise(command, await welcome(command, twin, alerts), worst) };
  }
  throw new Error("the incident of these alerts comes and goes; they stay due");
}

const isWorse = (alert: AlertRow | undefined, incident: Incident): boolean =>
  alert?.declareSeverity != null && isHigherSeverity(alert.declareSeverity, incident.severity);

/** Tells which alerts joined; the incident then also names their services. */
async function welcome(
  command: Command,
  incident: Incident,
  alerts: readonly AlertRow[],
): Promise<Incident> {
  const { number } = incident;
  const news = alerts
    .filter((alert) => alert.incidentNumber === null)
    .toSorted((a, b) => a.firstReceivedAt - b.firstReceivedAt);
  if (news.length === 0) return incident;
  const titles = titlesOf(news);
  if (news.length > TOLD_ONE_BY_ONE)
    await chronicle(command, number, "alerts joined", { count: news.length, titles });
  else
    for (const alert of news)
      await chronicle(command, number, "alert joined", { title: alert.title, alert: alert.id });
  const services = [...new Set([...incident.services, ...news.map((alert) => alert.serviceId)])];
  const { intervalMs } = calmTerms(command.config, incident.ruleId).group;
  // What waited for company is why it was declared: whoever has it was told of that.
  const later = news.filter((alert) => !isCompany(alert));
  if (isOpen(incident.state) && intervalMs > 0 && later.length > 0) {
    const id = incidentId(number);
    await tellThoseWhoHaveIt(command, incident, {
      occasion: "alerts joined",
      now: { kind: "joined", params: { incident: id } },
      lines: [say("joined", { incident: id, count: later.length, titles: titlesOf(later) })],
    });
  }
  if (!isOpen(incident.state)) return incident;
  const teamIds = [...new Set([...incident.teamIds, ...teamsOf(command, services)])];
  return save(command, { ...incident, services, teamIds, joinedAt: command.now });
}

/** An alert that is worse than its open incident raises it. */
async function raise(
  command: Command,
  incident: Incident,
  worst: AlertRow | undefined,
): Promise<Incident> {
  const severity = worst?.declareSeverity ?? null;
  if (
    severity === null ||
    !isOpen(incident.state) ||
    !isHigherSeverity(severity, incident.severity)
  )
    return incident;
  return changeSeverity(command, incident.number, severity, worst?.title ?? "a worse alert joined");
}

/** Flapping: resolved by its own alerts a moment ago, firing again. Nobody who has it is paged again. */
async function takeUpAgain(
  command: Command,
  home: Home,
  alert: AlertRow,
): Promise<Incident | null> {
  const since = addMs(command.now, -FLAP_WINDOW_MS);
  const incident = await lockFlapping(command.tx, home, since);
  if (incident === null) return null;
  const reopened = await reopen(command, incident.number, alert.title);
  await chronicle(command, incident.number, "reopened by alert", { title: alert.title });
  return raise(command, reopened, alert);
}
