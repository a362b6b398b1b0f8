/** The verbs that move an incident: acknowledge, defer, severity, mitigate, resolve, reopen, close, cancel. */
import { incidentId, type Severity } from "../../../contract/ids.ts";
import { sqlState } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { later, toIso } from "../../base/instant.ts";
import { ENGINE_READER, may, personOf, readerOf } from "../account/account.ts";
import { acknowledgeAlerts, closeAlertsOf, countAlerts } from "../alert/incidentAlertStore.ts";
import {
  meetClock,
  pauseClock,
  recomputeClock,
  resumeClock,
  startClock,
  withdrawClock,
  withdrawClocks,
} from "../deadline/commands.ts";
import type { Deadline } from "../deadline/deadline.ts";
import {
  continueEscalation,
  holdEscalation,
  startEscalation,
  stopEscalation,
} from "../escalation/commands.ts";
import { markAcknowledged, requestUpdates } from "../notification/store.ts";
import { type EffectiveTerms, isHigherSeverity, isRun, mayDefer } from "../policy/policy.ts";
import { RECORDED } from "../../../contract/recorded.ts";
import { fill, say } from "../../../contract/texts.ts";
import {
  begin,
  chronicle,
  type Command,
  nameOf,
  recordAcceptance,
  save,
  termsOf,
  urgencyOf,
} from "./commands.ts";
import { appointCommander, callIn, escalationOf } from "./calling.ts";
import { calendarOf, clocksOf, startClocks } from "./declare.ts";
import { endDeferral, endDeferrals } from "./deferral.ts";
import { type News, tellAudiences, tellThoseWhoHaveIt, tellUnawareCommander } from "./telling.ts";
import { beginLease } from "./lease.ts";
import { openedWithoutLeavers } from "./leaving.ts";
import {
  type Incident,
  isOpen,
  isTheirs,
  missingPieces,
  owedPieces,
  PIECE_HELP,
} from "./incident.ts";
import {
  deleteAcceptance,
  findIncident,
  lastSavedAt,
  listAcceptance,
  listOpenSeverities,
  lockIncident,
} from "./store.ts";

/**
 * “I have it”: stops escalation and drops every page that has not started, in this transaction. Again by
 * the same person it changes nothing; by somebody else it is refused, naming who has it.
 */
export async function acknowledge(command: Command, number: number): Promise<Incident> {
  const incident = await begin(command, number, "acknowledge");
  return isTheirs(incident, personOf(command.actor)) ? incident : takeIt(command, incident);
}

/**
 * It counts from when no page can begin any more. The incident may have been waited for, and a page have begun meanwhile:
 * an instant from before that would say that somebody was paged who had it.
 */
async function takeIt(asked: Command, incident: Incident): Promise<Incident> {
  const { tx, actor, config, world } = asked;
  const person = personOf(actor);
  const subject = incidentId(incident.number);
  await stopEscalation(tx, incident.number, "acknowledged", asked.now);
  const now = later(asked.now, world.clock.now());
  const command = { ...asked, now };
  await markAcknowledged(tx, incident.number, now);
  await acknowledgeAlerts(tx, incident.number);
  await resumeClock(command, subject, "acknowledge");
  await meetClock(command, subject, "acknowledge");
  await chronicle(command, incident.number, "acknowledged", { person: nameOf(config, actor) });
  const answered = say("answered", { person: nameOf(config, actor), at: toIso(now) });
  await requestUpdates(tx, incident.number, answered, now);
  const taken = await save(command, {
    ...incident,
    acknowledgedAt: now,
    acknowledgedBy: person,
    commanderId: incident.commanderId ?? person,
    deferredFor: null,
    deferredBecause: null,
  });
  await beginLease(command, taken);
  await tellUnawareCommander(command, taken, answered);
  return taken;
}

/** Whoever works on it has it: moving an incident on acknowledges it as well, and comes no sooner than that. */
async function taken(
  command: Command,
  incident: Incident,
): Promise<{ readonly command: Command; readonly incident: Incident }> {
  if (incident.acknowledgedAt !== null) return { command, incident };
  const theirs = await takeIt(command, incident);
  return {
    command: { ...command, now: later(command.now, theirs.acknowledgedAt ?? command.now) },
    incident: theirs,
  };
}

/** Puts it off while a higher severity burns: the acknowledge clock and the pages wait, with the reason. */
export async function defer(
  command: Command,
  number: number,
  because: string,
  forId: string | null,
): Promise<Incident> {
  const { tx } = command;
  const burningBeside = async ({ severity }: Incident) =>
    (await listOpenSeverities(tx)).filter(
      (other) =>
        isHigherSeverity(other.severity, severity) &&
        (forId === null || incidentId(other.number) === forId),
    );
  // What burns is locked before what waits for it, here as by whoever ends it.
  const seen = await findIncident(tx, readerOf(command.actor), number);
  const first = seen === null ? undefined : (await burningBeside(seen))[0];
  if (first !== undefined) await lockIncident(tx, ENGINE_READER, first.number);
  const incident = await begin(command, number, "defer");
  const id = incidentId(number);
  if (incident.acknowledgedAt !== null)
    throw new Refusal("incident.not_deferrable", { id, why: "it is acknowledged" });
  const burning = await burningBeside(incident);
  const terms = termsOf(command.config, incident);
  const severities = burning.map((other) => other.severity);
  const noneOpen = { id, why: "no higher severity is open" };
  if (!mayDefer(terms, severities)) {
    const may = { id, why: `a ${incident.severity} may not be deferred` };
    throw new Refusal("incident.not_deferrable", burning.length === 0 ? noneOpen : may);
  }
  const higher = burning[0]!.number;
  // Looked at again, locked: one that ends at this moment would not find this deferral to end it.
  const burns = await lockIncident(tx, ENGINE_READER, higher);
  if (
    burns === null ||
    !isOpen(burns.state) ||
    !isHigherSeverity(burns.severity, incident.severity)
  )
    throw new Refusal("incident.not_deferrable", noneOpen);
  await pauseClock(command, id, "acknowledge", because);
  await holdEscalation(tx, number, "deferred");
  await chronicle(command, number, "deferred", { incident: incidentId(higher), because }, because);
  return save(command, { ...incident, deferredFor: higher, deferredBecause: because });
}

/** Computes all clocks again; pages when the new severity asks for it and nobody has it yet. */
export async function changeSeverity(
  command: Command,
  number: number,
  severity: Severity,
  because: string,
): Promise<Incident> {
  const { tx, now } = command;
  const before = await begin(command, number, "severity");
  const id = incidentId(number);
  if (before.severity === severity) throw new Refusal("incident.severity_same", { id, severity });
  const isRaised = isHigherSeverity(severity, before.severity);
  const since = `${id} is now ${severity}`;
  // A deferral was for the severity it had.
  const awake =
    isRaised && before.deferredFor !== null ? await endDeferral(command, before, since) : before;
  const incident = await save(command, { ...awake, severity });
  const terms = termsOf(command.config, incident);
  const specs = clocksOf(terms, calendarOf(command.config, incident));
  for (const spec of specs) {
    const changed = await recomputeClock(command, id, spec);
    if (changed === null && spec.kind === "status update") {
      await startClock(command, id, incident.teamIds[0] ?? null, spec, command.now);
    }
  }
  // What an acknowledge of one severity is worth is not what it is worth of another.
  if (incident.acknowledgedAt !== null) await beginLease(command, incident);
  if (!specs.some((spec) => spec.kind === "status update"))
    await withdrawClock(command, id, "status update", "not owed");
  await chronicle(
    command,
    number,
    "severity changed",
    { before: before.severity, severity, because },
    because,
  );
  if (!isRaised) {
    await endDeferrals(command, number, since, (waiting) =>
      isHigherSeverity(severity, waiting.severity),
    );
    // What no longer pages must not wake the next step either.
    if (urgencyOf(command.config, incident, command.now).value === "low") {
      await stopEscalation(tx, number, `now ${severity}`, now);
      // Its pages may have been dropped before anybody got one.
      if (incident.acknowledgedAt === null) await callIn(command, incident, terms);
    }
    return incident;
  }
  const urgency = urgencyOf(command.config, incident, command.now).value;
  const quiet = urgencyOf(command.config, before, command.now).value === "low";
  const mine =
    personOf(command.actor) !== null && personOf(command.actor) === incident.acknowledgedBy;
  // An acknowledge of something quiet is no promise for something that wakes people.
  const asked =
    quiet && urgency === "high" && incident.acknowledgedAt !== null && !mine
      ? await takeAcknowledgeBack(command, incident, terms, raised(before, severity))
      : incident;
  const commanded =
    asked.commanderId === null ? await appointCommander(command, asked, terms) : asked;
  if (commanded.acknowledgedAt === null) await callIn(command, commanded, terms);
  else await tellThoseWhoHaveIt(command, commanded, raised(before, severity));
  await tellAudiences(command, commanded, terms);
  return commanded;
}

async function takeAcknowledgeBack(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
  news: News,
): Promise<Incident> {
  await tellThoseWhoHaveIt(command, incident, news);
  const calendarId = calendarOf(command.config, incident);
  const spec = clocksOf(terms, calendarId).find((clock) => clock.kind === "acknowledge");
  const team = incident.teamIds[0] ?? null;
  if (spec !== undefined) {
    await startClock(command, incidentId(incident.number), team, spec, command.now);
  }
  await chronicle(command, incident.number, "acknowledge taken back", {
    person: incident.acknowledgedBy ?? "a token",
    severity: incident.severity,
  });
  return save(command, { ...incident, acknowledgedAt: null, acknowledgedBy: null });
}

const raised = (before: Incident, severity: Severity): News => ({
  occasion: `raised to ${severity}`,
  now: { kind: "raised", params: { incident: incidentId(before.number), severity } },
  lines: [say("raised", { before: before.severity, severity })],
});

/** Users no longer hurt. Kept within its SLA it is its own evidence of containment. */
export async function mitigate(
  asked: Command,
  number: number,
  text: string | null,
): Promise<Incident> {
  const { command, incident } = await taken(asked, await begin(asked, number, "mitigate"));
  await noteContainment(command, number, await meetClock(command, incidentId(number), "mitigate"));
  await chronicle(command, number, "mitigated", {}, text);
  await endDeferrals(command, number, `${incidentId(number)} is mitigated`);
  return save(command, { ...incident, state: "mitigated", mitigatedAt: command.now });
}

async function noteContainment(
  command: Command,
  number: number,
  clock: Deadline | null,
): Promise<void> {
  if (clock === null || clock.breachedAt !== null) return;
  await recordAcceptance(
    command,
    number,
    "containment",
    fill(RECORDED["in time"], { due: toIso(clock.dueAt), source: clock.source }),
  );
}

/** The cause is gone. The engine drafts the postmortem; alerts of one-shot tools close with it. */
export async function resolve(
  asked: Command,
  number: number,
  text: string | null,
  kind: "resolved" | "resolved by alerts" = "resolved",
): Promise<Incident> {
  const begun = await begin(asked, number, "resolve");
  const { command, incident } =
    kind === "resolved" ? await taken(asked, begun) : { command: asked, incident: begun };
  const { tx, now } = command;
  const id = incidentId(number);
  await noteContainment(command, number, await meetClock(command, id, "mitigate"));
  await meetClock(command, id, "resolve");
  await withdrawClock(command, id, "acknowledge", "resolved");
  await withdrawClock(command, id, "status update", "resolved");
  await stopEscalation(tx, number, "resolved", now);
  await closeAlertsOf(tx, number, `${id} was resolved`, now);
  await chronicle(command, number, kind, {}, text);
  const { open } = await countAlerts(tx, number);
  if (open > 0) await chronicle(command, number, "alerts still firing", { count: open });
  await requestUpdates(tx, number, say("over", { incident: id, state: "resolved" }), now);
  await endDeferrals(command, number, `${id} is resolved`);
  return save(command, {
    ...incident,
    state: "resolved",
    mitigatedAt: incident.mitigatedAt ?? now,
    resolvedAt: now,
    deferredFor: null,
    deferredBecause: null,
    attendAt: now,
  });
}

/**
 * It is not over: clocks start again from now, and whoever reopens it has it. When its own alerts reopen
 * it (it flaps), whoever had it still has it, and an escalation goes on instead of starting again. Whoever has left
 * since has no part in it any more.
 */
export async function reopen(command: Command, number: number, because: string): Promise<Incident> {
  const { now, config, tx, world } = command;
  const before = await begin(command, number, "reopen");
  const terms = termsOf(config, before);
  const by = personOf(command.actor);
  const isFlap = command.actor.kind === "engine";
  const reopened: Incident = {
    ...before,
    state: "declared",
    resolvedAt: null,
    mitigatedAt: null,
    closedAt: null,
    acknowledgedAt: isFlap ? before.acknowledgedAt : by === null ? null : now,
    acknowledgedBy: isFlap ? before.acknowledgedBy : by,
    attendAt: null,
  };
  const savedAt = await lastSavedAt(tx, number);
  await saveReopened(command, reopened);
  await chronicle(command, number, "reopened", { because }, because);
  const incident = await openedWithoutLeavers(command, reopened, savedAt);
  const isTaken = incident.acknowledgedAt !== null;
  if (isTaken) await beginLease(command, incident);
  await startClocks(command, incident, terms);
  if (isTaken) await meetClock(command, incidentId(number), "acknowledge");
  await withdrawClock(command, incidentId(number), "postmortem", "reopened");
  await deleteAcceptance(tx, number, ["containment", "verification", "lessons"]);
  const policy = escalationOf(command, incident);
  if (!isTaken && policy !== null && urgencyOf(config, incident, now).value === "high") {
    // Where whoever had it has left, the patience of its last step was for them.
    const goesOn = isFlap && reopened.acknowledgedAt === null;
    const begins = goesOn ? continueEscalation : startEscalation;
    await begins(tx, world, number, policy, now);
  }
  await tellThoseWhoHaveIt(command, incident, {
    occasion: "reopened",
    now: { kind: "reopened", params: { incident: incidentId(number) } },
    lines: [say("reopened", { incident: incidentId(number) })],
  });
  return incident;
}

/** The unique index decides when another incident of the same service and rule has opened meanwhile. */
export async function saveReopened(command: Command, incident: Incident): Promise<void> {
  try {
    await save(command, incident);
  } catch (error) {
    if (sqlState(error) !== "23505") throw error;
    throw new Refusal("incident.open_twin", {
      id: incidentId(incident.number),
      twin: "another incident",
    });
  }
}

/** Whether the policy demands a postmortem of this incident. */
export const owesPostmortem = (command: Pick<Command, "config">, incident: Incident): boolean =>
  isRun(incident.severity) && termsOf(command.config, incident).postmortemWithin.value !== null;

/** Paperwork done. What is missing is named; somebody with the right may override it with a reason. */
export async function close(
  command: Command,
  number: number,
  override: string | null,
): Promise<Incident> {
  const incident = await begin(command, number, "close");
  const owed = owedPieces(incident.severity, owesPostmortem(command, incident));
  const missing = missingPieces(owed, await listAcceptance(command.tx, number));
  if (missing.length > 0 && override === null) {
    throw new Refusal("incident.evidence_missing", {
      id: incidentId(number),
      missing: missing.map((piece) => PIECE_HELP[piece]),
    });
  }
  if (missing.length > 0 && override !== null) {
    mayOverride(command, incident);
    for (const piece of missing) {
      await recordAcceptance(command, number, piece, override, true);
      await chronicle(
        command,
        number,
        "acceptance overridden",
        { piece, because: override },
        override,
      );
    }
  }
  // A postmortem that was waived is no longer owed; one that is there keeps its clock as it ended.
  if (missing.includes("lessons") && override !== null) {
    await withdrawClock(command, incidentId(number), "postmortem", override);
  }
  await chronicle(command, number, "closed");
  return save(command, { ...incident, state: "closed", closedAt: command.now, attendAt: null });
}

function mayOverride({ actor }: Command, incident: Incident): void {
  const right = "incidents.override";
  if (may(actor, right, null) || incident.teamIds.some((team) => may(actor, right, team))) return;
  throw new Refusal("access.forbidden", { permission: right, roles: "no such role here" });
}

export type Cancellation = {
  readonly reason: "false alarm" | "duplicate" | "drill";
  readonly of: number | null;
  readonly note: string | null;
};

/** A false alarm or a duplicate: everything stops and nothing is owed. */
export async function cancel(
  command: Command,
  number: number,
  { reason, of, note }: Cancellation,
): Promise<Incident> {
  const { tx, now } = command;
  const incident = await begin(command, number, "cancel");
  if (reason === "duplicate" && of === null) throw new Refusal("incident.duplicate_of");
  const original = of === null ? null : await findIncident(tx, readerOf(command.actor), of);
  if (of !== null && original === null)
    throw new Refusal("incident.not_found", { id: incidentId(of) });
  await stopEscalation(tx, number, "cancelled", now);
  await withdrawClocks(command, incidentId(number), reason);
  await closeAlertsOf(tx, number, `${incidentId(number)} was cancelled: ${reason}`, now);
  const words = of === null ? reason : `${reason} of ${incidentId(of)}`;
  await chronicle(command, number, "cancelled", { reason: words }, note);
  await requestUpdates(
    tx,
    number,
    say("over", { incident: incidentId(number), state: "cancelled" }),
    now,
  );
  await endDeferrals(command, number, `${incidentId(number)} is cancelled`);
  return save(command, {
    ...incident,
    state: "cancelled",
    cancelledBecause: words,
    attendAt: null,
  });
}
