/**
 * An acknowledge counts for a while: whoever has an incident that burns is reminded, and when they neither
 * renew it nor do anything, it pages again. Everything that they do to the incident renews it.
 */
import { incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { addDuration } from "../../base/duration.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, type Instant, MINUTE, toIso } from "../../base/instant.ts";
import { ENGINE_READER } from "../account/account.ts";
import { startEscalation } from "../escalation/commands.ts";
import { begin, chronicle, type Command, termsOf, urgencyOf } from "./commands.ts";
import { callManager, escalationOf } from "./calling.ts";
import { withoutAcknowledge } from "./escalating.ts";
import { type Incident, isOpen } from "./incident.ts";
import { deleteLease, extendLease, findLease, type Lease, saveLease } from "./leaseStore.ts";
import { lockIncident } from "./store.ts";
import { tellOne } from "./telling.ts";

/** Time to answer the reminder: half an hour, or a quarter of a short lease. */
const remindsAt = ({ until, lengthMs }: Pick<Lease, "until" | "lengthMs">): Instant =>
  addMs(until, -Math.min(30 * MINUTE, Math.floor(lengthMs / 4)));

/** Begins with the acknowledge, where the policy of the severity sets a length and it would page. */
export async function beginLease(command: Command, incident: Incident): Promise<void> {
  const { tx, config, now } = command;
  const { value } = termsOf(config, incident).acknowledgeLease;
  if (value === null || urgencyOf(config, incident, now).value === "low")
    return deleteLease(tx, incident.number);
  const until = addDuration(now, value);
  const lengthMs = until - now;
  const attendAt = remindsAt({ until, lengthMs });
  const personId = incident.acknowledgedBy;
  await saveLease(tx, { incidentNumber: incident.number, personId, lengthMs, until, attendAt });
}

/** “Still on it”: the acknowledge counts for its whole length again. */
export async function renew(command: Command, number: number): Promise<Incident> {
  const { tx, now } = command;
  const incident = await begin(command, number, "renew");
  const lease = incident.acknowledgedAt === null ? null : await findLease(tx, number);
  if (lease === null) throw new Refusal("incident.no_lease", { id: incidentId(number) });
  await extendLease(tx, number, lease.personId, now);
  const until = addMs(now, lease.lengthMs);
  await chronicle(command, number, "lease renewed", { until: toIso(until) });
  return incident;
}

/** What an incident whose lease is due leads to: nothing any more, a reminder, or the escalation anew. */
export async function attendLease(command: Command, number: number): Promise<boolean> {
  const { tx, now } = command;
  const incident = await lockIncident(tx, ENGINE_READER, number);
  const lease = await findLease(tx, number);
  if (lease === null || lease.attendAt > now) return false;
  if (incident === null || !isOpen(incident.state) || incident.acknowledgedAt === null) {
    await deleteLease(tx, number);
  } else if (now < lease.until) {
    await saveLease(tx, { ...lease, attendAt: lease.until });
    if (lease.personId !== null) await remind(command, incident, lease, lease.personId);
  } else {
    await deleteLease(tx, number);
    await pageAgain(command, incident, "it is not resolved, and nobody renewed it");
  }
  return true;
}

async function remind(
  command: Command,
  incident: Incident,
  { until }: Lease,
  person: string,
): Promise<void> {
  const id = incidentId(incident.number);
  await tellOne(command, incident, person, `lease ends ${until}`, {
    you: { kind: "has it", params: { incident: id } },
    now: { kind: "lease ends", params: { at: toIso(until) } },
    lines: [say("lease ends", { incident: id, at: toIso(until) })],
  });
}

/** Nobody has it any more, which is told with the reason, and it pages as if nobody had. */
export async function pageAgain(command: Command, incident: Incident, why: string): Promise<void> {
  const { tx, world, config, now } = command;
  const { number } = incident;
  const free = await withoutAcknowledge(command, incident, why);
  if (urgencyOf(config, free, now).value === "low") return;
  const policy = escalationOf(command, free);
  if (policy !== null) return startEscalation(tx, world, number, policy, now);
  const over = { kind: "lease over", params: { incident: incidentId(number) } };
  await callManager(command, free, { pages: true, occasion: `lease ended ${now}`, now: over });
}
