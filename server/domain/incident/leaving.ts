/**
 * Somebody has left who had a part in an incident that is open: nobody goes on waiting for them. Their roles are free, the
 * command is offered to whom the policy means now, and what they had acknowledged pages again.
 */
import { incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import type { Instant } from "../../base/instant.ts";
import { ENGINE, ENGINE_READER, personSince } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { chronicle, type Command, letIn, meaningOf, save, termsOf } from "./commands.ts";
import { callManager, escalationOf } from "./calling.ts";
import { withoutAcknowledge } from "./escalating.ts";
import type { IncidentRole } from "../../../contract/incident.ts";
import { type Incident, isOpen } from "./incident.ts";
import { pageAgain } from "./lease.ts";
import { deleteLease } from "./leaseStore.ts";
import { endRequest } from "./responders.ts";
import { listRequests } from "./responderStore.ts";
import { deleteRole, listRoles, lockIncident } from "./store.ts";
import { tellOne } from "./telling.ts";

const LEFT = "they have left";

export async function goOnWithoutLeavers(command: Command, number: number): Promise<boolean> {
  const { tx, config, now } = command;
  const incident = await lockIncident(tx, ENGINE_READER, number);
  if (incident === null || !isOpen(incident.state)) return false;
  const free = await freeOfLeavers(command, incident, now);
  if (hasLeft(config, incident.acknowledgedBy, now)) {
    await deleteLease(tx, number);
    await pageAgain(command, free, LEFT);
  }
  return true;
}

/**
 * The same for an incident that opens again, of which nobody asked while it was over. `savedAt`: when it was last
 * changed before; since then an id may have come to stand for somebody else. What they had acknowledged nobody has;
 * whoever opens it pages.
 */
export async function openedWithoutLeavers(
  command: Command,
  incident: Incident,
  savedAt: Instant,
): Promise<Incident> {
  const byEngine = { ...command, actor: ENGINE };
  const free = await freeOfLeavers(byEngine, incident, savedAt);
  const { acknowledgedBy, acknowledgedAt } = free;
  if (acknowledgedAt === null || !hasLeft(command.config, acknowledgedBy, acknowledgedAt))
    return free;
  await deleteLease(command.tx, free.number);
  return withoutAcknowledge(byEngine, free, LEFT);
}

/** Whoever had a part at that time is not there any more, or their id is somebody else's now. */
function hasLeft(config: Snapshot, person: string | null, at: Instant): person is string {
  if (person === null) return false;
  const found = config.get("people", person);
  return found === null || personSince(found.ref) > at;
}

/** Their roles are free, what they were asked or offered is over, and the command is offered to somebody else. */
async function freeOfLeavers(
  command: Command,
  incident: Incident,
  savedAt: Instant,
): Promise<Incident> {
  const { tx, config } = command;
  const { number, offeredCommanderId, commanderId } = incident;
  for (const { role, personId, assignedAt } of await listRoles(tx, number)) {
    if (!hasLeft(config, personId, assignedAt)) continue;
    await deleteRole(tx, number, role as IncidentRole, personId);
    await chronicle(command, number, "role released", { person: personId, role });
  }
  for (const request of await listRequests(tx, number))
    if (request.answer === null && hasLeft(config, request.personId, savedAt))
      await endRequest(command, incident, request);
  let free = incident;
  if (hasLeft(config, offeredCommanderId, savedAt)) {
    free = await save(command, { ...free, offeredCommanderId: null });
    await chronicle(command, number, "offer ended", { person: offeredCommanderId });
  }
  return hasLeft(config, commanderId, savedAt) ? offered(command, free, commanderId) : free;
}

/** To whom the policy names, or is on call now; where that is nobody, the manager of the team hears of it. */
async function offered(command: Command, incident: Incident, left: string): Promise<Incident> {
  const { config } = command;
  const { number } = incident;
  const id = incidentId(number);
  await chronicle(command, number, "commander left", { person: left });
  const free = { ...incident, commanderId: null };
  if (incident.offeredCommanderId !== null) return save(command, free);
  const { commander } = termsOf(config, incident);
  const first = escalationOf(command, incident)?.body.steps[0]?.notify ?? [];
  const targets = commander === null ? first : [commander.value, ...first];
  const meaning = await meaningOf(command, targets);
  const to = targets
    .flatMap((target) => meaning(target)?.personId ?? [])
    .find((person) => config.get("people", person) !== null);
  const why = { kind: "holder left", params: { person: left, incident: id } };
  if (to === undefined) {
    await chronicle(command, number, "no commander", { why: "nobody is on call" });
    await callManager(command, free, { pages: false, occasion: `${left} left`, now: why });
    return save(command, free);
  }
  await letIn(command, number, [to]);
  await chronicle(command, number, "command offered", { person: to });
  await tellOne(command, incident, to, `command offered, ${left} left`, {
    you: { kind: "command free", params: { incident: id } },
    now: why,
    subject: say("offer subject", { incident: id }),
    lines: [say("command free line", { person: left, incident: id })],
  });
  return save(command, { ...free, offeredCommanderId: to });
}
