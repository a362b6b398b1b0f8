/** Two incidents that are one: merging them, and taking that back. */
import { incidentId } from "../../../contract/ids.ts";
import type { Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Reader, readerOf } from "../account/account.ts";
import { listServicesOf, moveAlerts, returnAlerts } from "../alert/incidentAlertStore.ts";
import { meetClock, withdrawClocks } from "../deadline/commands.ts";
import { startEscalation, stopEscalation } from "../escalation/commands.ts";
import { isHigherSeverity } from "../policy/policy.ts";
import { allowOn, begin, chronicle, type Command, save, termsOf, urgencyOf } from "./commands.ts";
import { escalationOf } from "./calling.ts";
import { startClocks, teamsOf } from "./declare.ts";
import { endDeferrals } from "./deferral.ts";
import { beginLease } from "./lease.ts";
import { openedWithoutLeavers } from "./leaving.ts";
import { type Incident, isOpen } from "./incident.ts";
import { changeSeverity, saveReopened } from "./respond.ts";
import { findIncident, lastSavedAt, lockIncident } from "./store.ts";
import { listMergedInto } from "./waiting.ts";

/**
 * The graver incident is locked first, as it is by a deferral and by its end, and of equals the older one: nobody
 * who needs two of them waits for somebody who waits for the other.
 */
async function lockBoth(tx: Tx, reader: Reader, one: number, other: number): Promise<void> {
  const seen = [await findIncident(tx, reader, one), await findIncident(tx, reader, other)];
  const inOrder = seen
    .filter((incident) => incident !== null)
    .toSorted((a, b) =>
      a.severity === b.severity ? a.number - b.number : a.severity < b.severity ? -1 : 1,
    );
  for (const { number } of inOrder) await lockIncident(tx, reader, number);
}

/** Moves everything that matters into another open incident and ends this one. */
export async function merge(command: Command, number: number, into: number): Promise<Incident> {
  const { tx, actor, now } = command;
  if (number === into) throw new Refusal("incident.merge_self");
  const reader = readerOf(actor);
  await lockBoth(tx, reader, number, into);
  const source = await begin(command, number, "merge");
  const target = await lockIncident(tx, reader, into);
  if (target === null) throw new Refusal("incident.not_found", { id: incidentId(into) });
  await allowOn(command, "incidents.respond", target);
  if (source.restricted && !target.restricted) {
    const id = incidentId(number);
    throw new Refusal("incident.merge_restricted", { id, into: incidentId(into) });
  }
  if (!isOpen(target.state))
    throw new Refusal("incident.merge_target", { into: incidentId(into), state: target.state });
  await moveAlerts(tx, number, into);
  await stopEscalation(tx, number, "merged", now);
  await withdrawClocks(command, incidentId(number), `merged into ${incidentId(into)}`);
  await chronicle(command, number, "merged", { incident: incidentId(into) });
  await chronicle(command, into, "merged here", { incident: incidentId(number) });
  await endDeferrals(command, number, `${incidentId(number)} was merged`);
  await save(command, {
    ...source,
    state: "cancelled",
    cancelledBecause: "merged",
    mergedInto: into,
    attendAt: null,
  });
  const joined = await save(command, {
    ...target,
    services: [...new Set([...target.services, ...source.services])],
    regions: [...new Set([...target.regions, ...source.regions])],
    teamIds: [...new Set([...target.teamIds, ...source.teamIds])],
  });
  if (!isHigherSeverity(source.severity, target.severity)) return joined;
  return changeSeverity(command, into, source.severity, `${incidentId(number)} was merged`);
}

/**
 * Takes a merge back: the incident is open again with the alerts that it had and those that would have
 * joined it since. Nobody had it while it was merged, so unless it was acknowledged before it pages anew.
 */
export async function unmerge(command: Command, number: number): Promise<Incident> {
  const { tx, world, now, actor, config } = command;
  const reader = readerOf(actor);
  const into = (await findIncident(tx, reader, number))?.mergedInto ?? null;
  if (into !== null) await lockBoth(tx, reader, number, into);
  const source = await lockIncident(tx, reader, number);
  if (source === null) throw new Refusal("incident.not_found", { id: incidentId(number) });
  await allowOn(command, "incidents.respond", source);
  if (into === null || source.mergedInto !== into)
    throw new Refusal("incident.not_merged", { id: incidentId(number) });
  const target = await lockIncident(tx, reader, into);
  if (target === null) throw new Refusal("incident.not_found", { id: incidentId(into) });
  await allowOn(command, "incidents.respond", target);
  const unmerged: Incident = {
    ...source,
    state: "declared",
    cancelledBecause: null,
    mergedInto: null,
    mitigatedAt: null,
  };
  const savedAt = await lastSavedAt(tx, number);
  await saveReopened(command, unmerged);
  await returnAlerts(tx, number, await listMergedInto(tx, number));
  await chronicle(command, number, "unmerged", { incident: incidentId(into) });
  await chronicle(command, into, "unmerged here", { incident: incidentId(number) });
  const open = await openedWithoutLeavers(command, unmerged, savedAt);
  const terms = termsOf(config, open);
  await startClocks(command, open, terms);
  if (open.acknowledgedAt !== null) {
    await meetClock(command, incidentId(number), "acknowledge");
    await beginLease(command, open);
  }
  const policy = escalationOf(command, open);
  if (
    open.acknowledgedAt === null &&
    policy !== null &&
    urgencyOf(config, open, now).value === "high"
  )
    await startEscalation(tx, world, number, policy, now);
  const still = new Set(await listServicesOf(tx, into));
  const services = target.services.filter(
    (service) =>
      service === target.serviceId || still.has(service) || !source.services.includes(service),
  );
  await save(command, { ...target, services, teamIds: teamsOf(command, services) });
  return open;
}
