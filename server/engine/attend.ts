/**
 * Draws the consequences of alerts: joins them to the one open incident of their service and rule or
 * declares it, carries an acknowledge or a resolve of the tool over to the incident, and closes what
 * its tool stopped repeating.
 */
import { IncidentKind } from "../../contract/ids.ts";
import { incidentId } from "../../contract/ids.ts";
import { say } from "../../contract/texts.ts";
import { pipelined, transact } from "../base/db.ts";
import { spoken } from "../base/duration.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { groupKey } from "../domain/alert/group.ts";
import { holdText } from "../domain/alert/hold.ts";
import { awakenHeld } from "../domain/alert/holdStore.ts";
import {
  type Attention,
  expireAlerts,
  findAttention,
  findHeads,
  findNextExpiry,
  hasOpenAlerts,
  listUnattended,
  lockAttended,
  nextAttention,
  putOffAttention,
  saveAttended,
} from "../domain/alert/store.ts";
import { REPEATS_EVERY_MS } from "../domain/alert/repeats.ts";
import { STORM_GROUP, STORM_RULE } from "../domain/alert/storm.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { chronicle, type Command, save } from "../domain/incident/commands.ts";
import { declare, teamsOf } from "../domain/incident/declare.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { acknowledge, changeSeverity, reopen, resolve } from "../domain/incident/respond.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { tellThoseWhoHaveIt } from "../domain/incident/telling.ts";
import {
  findMergedInto,
  type Home,
  lockCauses,
  lockFlapping,
  lockOpenTwin,
} from "../domain/incident/waiting.ts";
import { isHigherSeverity } from "../domain/policy/policy.ts";
import { calmTerms } from "../domain/signal/waiting.ts";
import { groupRef, letWait } from "./calm.ts";
import { joinCauses } from "./causes.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

/** Many at once cost little: what joins the same incident is written together. */
const LIMIT = 2_000;
/** From so many on, a crowd waits. */
const CROWD = 50;
/** Incidents at most in one portion, and how long it may take: the pages of the first ones must not wait for the last one. */
const GROUPS = 16;
const PORTION_MS = 200;
/** Transactions at once: each waits for the store some twenty times. */
const AT_ONCE = 4;
/** How often a declaration that others overtake is tried again at once. */
const ATTEMPTS = 3;
/** An incident that its own alerts resolved is taken up again when they fire within this time. */
const FLAP_WINDOW_MS = 10 * MINUTE;
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

export const attendStep = (parts: EngineParts): Step => ({
  name: "attend alerts",
  dueAt: () => nextAttention,
  async run(now) {
    const { db } = parts.world;
    const oldest = await findAttention(db, now, LIMIT);
    // Behind a crowd: the first alert of each service and rule comes before its like, so that a page of one
    // service does not stand behind the storm of another.
    const heads = oldest.length < CROWD ? [] : await findHeads(db, now, GROUPS);
    const known = new Set(oldest.map(({ id }) => id));
    const waiting = [...heads.filter(({ id }) => !known.has(id)), ...oldest];
    const items = waiting.length === 0 ? [] : groups(await parts.config(db), waiting);
    const done = await each(parts, {
      now,
      items: items.slice(0, GROUPS),
      atOnce: AT_ONCE,
      withinMs: PORTION_MS,
      work: (group) => asEngine(parts, now, (command) => attendGroup(command, group)),
      putOff: (group, until) => putOffAttention(db, idsOf(group), until),
    });
    return { done, nextAt: null };
  },
});

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

type Belonging = Pick<
  Attention,
  "serviceId" | "ruleId" | "keyId" | "dedupKey" | "title" | "severity" | "source" | "labels"
>;

/** What an alert has in common with those of its incident; null: no rule speaks for it. */
function homeOf(config: Snapshot, alert: Belonging): Home | null {
  const { ruleId, serviceId } = alert;
  if (ruleId === null) return null;
  if (ruleId === STORM_RULE) return { ruleId, serviceId, groupKey: STORM_GROUP };
  const { group } = calmTerms(config, ruleId);
  const isPlain = group.by.length === 0 && !group.acrossServices;
  return { ruleId, serviceId, groupKey: isPlain ? null : groupKey(group, config, alert) };
}

/** One group per incident that will be locked: what belongs to one already, or will join the same one. */
function groups(
  config: Snapshot,
  waiting: readonly Attention[],
): readonly (readonly Attention[])[] {
  const found = Map.groupBy(waiting, (item) => {
    if (item.incidentNumber !== null) return `incident ${item.incidentNumber}`;
    const home = homeOf(config, item);
    return home === null ? `service ${item.serviceId}` : `home ${nameOf(home)}`;
  });
  return [...found.values()];
}

const nameOf = ({ ruleId, serviceId, groupKey: group }: Home): string =>
  group === null ? `${ruleId} ${serviceId}` : `${ruleId} group ${group}`;

const idsOf = (group: readonly Attention[]): readonly string[] => group.map((item) => item.id);

async function attendGroup(command: Command, group: readonly Attention[]): Promise<number> {
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
    const own = homeOf(config, alert);
    return own === null || home === null ? own === home : nameOf(own) === nameOf(home);
  });
  if (here.length === 0) return 0;
  const alerts = await letWait(command, home, known, here);
  if (alerts.length === 0) return here.length;
  const { incident, takenFrom = mergedFrom } = await incidentFor(command, home, known, alerts);
  await saveAttended(
    tx,
    alerts.map((alert) => alert.id),
    incident?.number ?? null,
    takenFrom,
  );
  if (incident !== null) {
    await tellWaits(command, incident, alerts);
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
  const declaring = alerts.filter((alert) => alert.outcome === "declare" && alert.ruleId !== null);
  const worst = declaring.toSorted((a, b) =>
    (a.declareSeverity ?? "") < (b.declareSeverity ?? "") ? -1 : 1,
  )[0];
  // What got worse after its incident was over is news; what only repeats or resolves is not. A repeat is
  // never attended, so what fires here was decided anew.
  const isNews =
    known !== null &&
    !isOpen(known.state) &&
    (isWorse(worst, known) || declaring.some((alert) => alert.status === "firing"));
  if (known !== null && !isNews)
    return { incident: await raise(command, await welcome(command, known, alerts), worst) };
  if (worst === undefined || home === null) return { incident: null };
  const flapping = await takeUpAgain(command, home, worst);
  if (flapping !== null) return { incident: flapping };
  if (calmTerms(command.config, home.ruleId).group.causesMs > 0) await lockCauses(command.tx);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const declared = await declareFor(command, home, { worst, declaring, alerts });
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

type Declaring = {
  readonly worst: AlertRow;
  readonly declaring: readonly AlertRow[];
  readonly alerts: readonly AlertRow[];
};

function declareFor(
  command: Command,
  home: Home,
  { worst, declaring, alerts }: Declaring,
): Promise<Incident | null> {
  const services = new Set([worst, ...declaring].map((alert) => alert.serviceId));
  return declare(command, {
    title: worst.title,
    kind: kindOf(command, worst),
    severity: worst.declareSeverity ?? "SEV4",
    services: [...services],
    regions: [],
    summary: null,
    detectedAt: alerts.reduce(
      (at, alert) => (alert.firstReceivedAt < at ? alert.firstReceivedAt : at),
      command.now,
    ),
    rule: {
      id: home.ruleId,
      file: worst.ruleFile,
      line: worst.ruleLine,
      groupKey: home.groupKey,
    },
    autoResolve: declaring.every((alert) => alert.autoResolve),
    restricted: false,
    readers: [],
  });
}

/** What kind of incident an alert declares: as its label says, otherwise as its service's are. */
function kindOf({ config }: Command, alert: AlertRow): IncidentKind {
  const labelled = IncidentKind.safeParse(alert.labels["class"]);
  if (labelled.success) return labelled.data;
  return config.get("services", alert.serviceId)?.body.incidentKind ?? "service";
}

const isWorse = (alert: AlertRow | undefined, incident: Incident): boolean =>
  alert?.declareSeverity != null && isHigherSeverity(alert.declareSeverity, incident.severity);

/** More than these are told as one entry: a timeline is for people. */
const TOLD_ONE_BY_ONE = 10;
const TITLES_TOLD = 3;

const titlesOf = (alerts: readonly AlertRow[]): readonly string[] =>
  [...new Set(alerts.map(({ title }) => title))].slice(0, TITLES_TOLD);

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
  if (isOpen(incident.state) && intervalMs > 0) {
    const id = incidentId(number);
    await tellThoseWhoHaveIt(command, incident, {
      occasion: "alerts joined",
      now: { kind: "joined", params: { incident: id } },
      lines: [say("joined", { incident: id, count: news.length, titles })],
    });
  }
  if (!isOpen(incident.state)) return incident;
  const teamIds = [...new Set([...incident.teamIds, ...teamsOf(command, services)])];
  return save(command, { ...incident, services, teamIds, joinedAt: command.now });
}

/** Every delay has its reason on the timeline: one entry for each thing that held alerts back. */
async function tellWaits(
  command: Command,
  incident: Incident,
  alerts: readonly AlertRow[],
): Promise<void> {
  const waited = Map.groupBy(
    alerts.filter((alert) => alert.incidentNumber === null && alert.hold !== null),
    (alert) => alert.hold?.by ?? "",
  );
  for (const group of waited.values()) {
    const hold = group[0]?.hold;
    if (hold == null) continue;
    const since = Math.min(...group.map((alert) => alert.hold?.since ?? command.now));
    await chronicle(command, incident.number, "alerts waited", {
      count: group.length,
      length: spoken(command.now - since),
      why: holdText(hold),
      by: hold.by,
    });
  }
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

/** What the tool said about its alerts counts for the incident too. */
async function carryOver(
  command: Command,
  incident: Incident,
  alerts: readonly AlertRow[],
): Promise<void> {
  const { number } = incident;
  if (!isOpen(incident.state)) return;
  const acknowledged = alerts.some((alert) => alert.status === "acknowledged");
  if (acknowledged && incident.acknowledgedAt === null) await acknowledgeByTool(command, number);
  const resolved = alerts.filter((alert) => alert.status === "resolved");
  if (resolved.length > TOLD_ONE_BY_ONE)
    await chronicle(command, number, "alerts resolved", {
      count: resolved.length,
      titles: titlesOf(resolved),
    });
  else
    for (const alert of resolved)
      await chronicle(command, number, "alert resolved", { title: alert.title, alert: alert.id });
  if (resolved.length === 0 || (await hasOpenAlerts(command.tx, number))) return;
  await chronicle(command, number, "all alerts resolved");
  if (!incident.autoResolve) return;
  // One that fires already and only waits to join would take it up again in the next moment.
  if (await isJoined(command, incident)) return;
  await resolve(command, number, null, "resolved by alerts");
}

/** Whether an alert that fires waits to join this incident. */
async function isJoined({ tx, config }: Command, incident: Incident): Promise<boolean> {
  const { ruleId, serviceId, groupKey: group } = incident;
  if (ruleId === null || serviceId === null) return false;
  const own = nameOf({ ruleId, serviceId, groupKey: group });
  return (await listUnattended(tx, ruleId)).some((alert) => {
    const home = homeOf(config, alert);
    return home !== null && nameOf(home) === own;
  });
}

async function acknowledgeByTool(command: Command, number: number): Promise<void> {
  try {
    await acknowledge(command, number);
  } catch (error) {
    // Somebody was faster: the tool's acknowledge adds nothing.
    if (!(error instanceof Refusal)) throw error;
    command.world.log.info("acknowledged meanwhile", { incident: incidentId(number) });
  }
}
