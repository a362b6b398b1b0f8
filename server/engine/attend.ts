/**
 * Draws the consequences of alerts: joins them to the one open incident of their service and rule or
 * declares it, carries an acknowledge or a resolve of the tool over to the incident, and closes what
 * its tool stopped repeating.
 */
import { incidentId } from "../../contract/ids.ts";
import { transact } from "../base/db.ts";
import { spoken } from "../base/duration.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { holdText } from "../domain/alert/hold.ts";
import {
  type Attention,
  countAlerts,
  expireAlerts,
  findAttention,
  findNextAttention,
  findNextExpiry,
  isJoined,
  lockAttended,
  putOffAttention,
  saveAttended,
} from "../domain/alert/store.ts";
import { REPEATS_EVERY_MS } from "../domain/alert/repeats.ts";
import { chronicle, type Command } from "../domain/incident/commands.ts";
import { declare } from "../domain/incident/declare.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { acknowledge, changeSeverity, reopen, resolve } from "../domain/incident/respond.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { findMergedInto, lockFlapping, lockOpenTwin } from "../domain/incident/waiting.ts";
import { isHigherSeverity } from "../domain/policy/policy.ts";
import { letWait } from "./calm.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const LIMIT = 500;
/** Incidents at most in one portion: the pages of the first ones must not wait for the last one. */
const GROUPS = 50;
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
  async run(now) {
    const waiting = await findAttention(parts.world.db, now, LIMIT);
    const done = await each(parts, {
      now,
      items: groups(waiting).slice(0, GROUPS),
      work: (group) => asEngine(parts, now, (command) => attendGroup(command, group)),
      putOff: (group, until) => putOffAttention(parts.world.db, idsOf(group), until),
    });
    return { done, nextAt: await findNextAttention(parts.world.db) };
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

/** One group per incident that will be locked: what belongs to one already, or will join the same one. */
function groups(waiting: readonly Attention[]): readonly (readonly Attention[])[] {
  const found = new Map<string, Attention[]>();
  for (const item of waiting) {
    const key =
      item.incidentNumber === null
        ? `rule ${item.serviceId} ${item.ruleId}`
        : `incident ${item.incidentNumber}`;
    found.set(key, [...(found.get(key) ?? []), item]);
  }
  return [...found.values()];
}

const idsOf = (group: readonly Attention[]): readonly string[] => group.map((item) => item.id);

async function attendGroup(command: Command, group: readonly Attention[]): Promise<number> {
  const first = group[0]!;
  // The incident is locked before its alerts, here as in every command.
  const known = await lockKnown(command, first);
  const locked = await lockAttended(command.tx, idsOf(group));
  // What was merged or attached to another incident since we looked stays due, and is found there.
  const here = locked.filter((alert) => alert.incidentNumber === first.incidentNumber);
  if (here.length === 0) return 0;
  const alerts = await letWait(command, here);
  if (alerts.length === 0) return here.length;
  const incident = await homeOf(command, known, alerts);
  await saveAttended(
    command.tx,
    alerts.map((alert) => alert.id),
    incident?.number ?? null,
  );
  if (incident !== null) {
    await tellWaits(command, incident, alerts);
    await carryOver(command, incident, alerts);
  }
  return here.length;
}

/** The incident that alerts belong to already, or the open one of their service and rule. */
async function lockKnown({ tx }: Command, alert: Attention): Promise<Incident | null> {
  const { incidentNumber, serviceId, ruleId } = alert;
  if (incidentNumber !== null) return lockIncident(tx, ENGINE_READER, incidentNumber);
  if (ruleId === null) return null;
  const twin = await lockOpenTwin(tx, serviceId, ruleId);
  if (twin !== null) return twin;
  // What was merged goes on in the other incident, and so do its next alerts while that is open.
  const mergedInto = await findMergedInto(tx, serviceId, ruleId);
  const home = mergedInto === null ? null : await lockIncident(tx, ENGINE_READER, mergedInto);
  return home !== null && isOpen(home.state) ? home : null;
}

/** The incident that the alerts belong to: the known one, one taken up again, or a new one. */
async function homeOf(
  command: Command,
  known: Incident | null,
  alerts: readonly AlertRow[],
): Promise<Incident | null> {
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
  if (known !== null && !isNews) {
    await welcome(command, known, alerts);
    return raise(command, known, worst);
  }
  if (worst === undefined) return null;
  const flapping = await takeUpAgain(command, worst);
  if (flapping !== null) return flapping;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const declared = await declareFor(command, worst, declaring, alerts);
    if (declared !== null) return declared;
    // Another node declared it between our look and our insert: join that one, unless it is over already.
    const twin = await lockOpenTwin(command.tx, worst.serviceId, worst.ruleId ?? "");
    if (twin === null) continue;
    await welcome(command, twin, alerts);
    return raise(command, twin, worst);
  }
  throw new Error("the incident of these alerts comes and goes; they stay due");
}

function declareFor(
  command: Command,
  worst: AlertRow,
  declaring: readonly AlertRow[],
  alerts: readonly AlertRow[],
): Promise<Incident | null> {
  return declare(command, {
    title: worst.title,
    severity: worst.declareSeverity ?? "SEV4",
    services: [worst.serviceId],
    regions: [],
    summary: null,
    detectedAt: alerts.reduce(
      (at, alert) => (alert.firstReceivedAt < at ? alert.firstReceivedAt : at),
      command.now,
    ),
    rule: { id: worst.ruleId ?? "", file: worst.ruleFile, line: worst.ruleLine },
    autoResolve: declaring.every((alert) => alert.autoResolve),
    restricted: false,
    readers: [],
  });
}

const isWorse = (alert: AlertRow | undefined, incident: Incident): boolean =>
  alert?.declareSeverity != null && isHigherSeverity(alert.declareSeverity, incident.severity);

async function welcome(
  command: Command,
  incident: Incident,
  alerts: readonly AlertRow[],
): Promise<void> {
  for (const alert of alerts) {
    if (alert.incidentNumber !== null) continue;
    await chronicle(command, incident.number, "alert joined", {
      title: alert.title,
      alert: alert.id,
    });
  }
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
async function takeUpAgain(command: Command, alert: AlertRow): Promise<Incident | null> {
  const since = addMs(command.now, -FLAP_WINDOW_MS);
  const incident = await lockFlapping(command.tx, alert.serviceId, alert.ruleId ?? "", since);
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
  for (const alert of resolved)
    await chronicle(command, number, "alert resolved", { title: alert.title, alert: alert.id });
  if (resolved.length === 0 || (await countAlerts(command.tx, number)).open > 0) return;
  await chronicle(command, number, "all alerts resolved");
  if (!incident.autoResolve) return;
  // One that fires already and only waits to join would take it up again in the next moment.
  if (await isJoined(command.tx, incident.serviceId ?? "", incident.ruleId ?? "")) return;
  await resolve(command, number, null, "resolved by alerts");
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
