/**
 * Somebody has left who had a part in an incident that is open: nobody goes on waiting for them. Their roles are free, the
 * command is offered to whom the policy means now, and what they had acknowledged pages again.
 */
import { incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { ENGINE_READER } from "../account/account.ts";
import { chronicle, type Command, letIn, meaningOf, save, termsOf } from "./commands.ts";
import { callManager, escalationOf } from "./calling.ts";
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
  const { tx, config } = command;
  const incident = await lockIncident(tx, ENGINE_READER, number);
  if (incident === null || !isOpen(incident.state)) return false;
  const hasLeft = (person: string | null): person is string =>
    person !== null && config.get("people", person) === null;
  for (const { role, personId } of await listRoles(tx, number)) {
    if (!hasLeft(personId)) continue;
    await deleteRole(tx, number, role as IncidentRole, personId);
    await chronicle(command, number, "role released", { person: personId, role });
  }
  for (const request of await listRequests(tx, number))
    if (request.answer === null && hasLeft(request.personId))
      await endRequest(command, incident, request);
  const { offeredCommanderId, commanderId, acknowledgedBy } = incident;
  let now = incident;
  if (hasLeft(offeredCommanderId)) {
    now = await save(command, { ...now, offeredCommanderId: null });
    await chronicle(command, number, "offer ended", { person: offeredCommanderId });
  }
  if (hasLeft(commanderId)) now = await offered(command, now, commanderId);
  if (hasLeft(acknowledgedBy)) {
    await deleteLease(tx, number);
    await pageAgain(command, now, LEFT);
  }
  return true;
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
