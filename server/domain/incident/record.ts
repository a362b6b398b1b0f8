/** The verbs that write facts down: notes, tasks, impact, root cause, evidence, alerts, roles, readers. */
import type {
  AcceptancePiece,
  Impact,
  IncidentRole,
  RootCause,
} from "../../../contract/incident.ts";
import { incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import { readerOf } from "../account/account.ts";
import { findAlert } from "../alert/store.ts";
import { attachToIncident } from "../alert/incidentAlertStore.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import {
  begin,
  chronicle,
  type Command,
  letIn,
  mustBePerson,
  mustKnowPerson,
  nameOf,
  recordAcceptance,
  save,
} from "./commands.ts";
import { tellOne } from "./telling.ts";
import type { Incident } from "./incident.ts";
import { deleteRole, finishTask, insertRole, insertTask } from "./store.ts";

export async function note(command: Command, number: number, text: string): Promise<Incident> {
  const incident = await begin(command, number, "note");
  await chronicle(command, number, "note", {}, text);
  return incident;
}

export async function addTask(
  command: Command,
  number: number,
  task: {
    readonly title: string;
    readonly ownerId: string | null;
    readonly dueAt: Instant | null;
    readonly kind?: string;
  },
): Promise<Incident> {
  const incident = await begin(command, number, "task");
  if (task.ownerId !== null) mustKnowPerson(command.config, task.ownerId);
  const id = command.world.chance.id(command.now);
  await insertTask(
    command.tx,
    number,
    { ...task, id, kind: task.kind ?? "task", doneAt: null },
    command.now,
  );
  await chronicle(command, number, "task added", { title: task.title, task: id });
  return incident;
}

export async function doneTask(command: Command, number: number, task: string): Promise<Incident> {
  const incident = await begin(command, number, "finish-task");
  const by = command.actor.kind === "person" ? command.actor.personId : null;
  const done = await finishTask(command.tx, number, task, by, command.now);
  if (done === null) throw new Refusal("incident.task_not_found", { id: incidentId(number), task });
  await chronicle(command, number, "task finished", { title: done.title, task });
  return incident;
}

/** “customers: about 1 900 orders; percent: 14”. */
const impactText = (impact: Impact): string =>
  Object.entries(impact)
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ");

export async function setImpact(
  command: Command,
  number: number,
  impact: Impact,
): Promise<Incident> {
  const incident = await begin(command, number, "impact");
  await chronicle(command, number, "impact set", {}, impactText(impact));
  return save(command, { ...incident, impact: { ...incident.impact, ...impact } });
}

export async function setRootCause(
  command: Command,
  number: number,
  rootCause: RootCause,
): Promise<Incident> {
  const incident = await begin(command, number, "root-cause");
  await chronicle(command, number, "root cause set", {}, rootCause.whatHappened);
  await recordAcceptance(command, number, "root cause", rootCause.whatHappened);
  return save(command, { ...incident, rootCause });
}

/** Evidence that a person states: verification, notification, what was preserved, a breach explained. */
export async function recordPiece(
  command: Command,
  number: number,
  piece: AcceptancePiece,
  text: string,
): Promise<Incident> {
  const incident = await begin(command, number, "record");
  if (piece === "root cause")
    return setRootCause(command, number, { ...incident.rootCause, whatHappened: text });
  await recordAcceptance(command, number, piece, text);
  await chronicle(command, number, "acceptance recorded", { piece }, text);
  return incident;
}

export async function attach(command: Command, number: number, alertId: string): Promise<Incident> {
  const { tx, actor, config } = command;
  const incident = await begin(command, number, "attach");
  const reader = readerOf(actor);
  const alert = await findAlert(tx, reader, servicesOfReader(config, reader), alertId);
  if (alert === null) throw new Refusal("alert.not_found", { id: alertId });
  if (alert.incidentNumber === number) return incident;
  await attachToIncident(tx, alertId, number);
  await chronicle(command, number, "alert attached", { title: alert.title, alert: alertId });
  return incident;
}

export async function assignRole(
  command: Command,
  number: number,
  role: IncidentRole,
  personId: string,
): Promise<Incident> {
  const incident = await begin(command, number, "role");
  mustKnowPerson(command.config, personId);
  if (await insertRole(command.tx, number, role, personId, command.now)) {
    await chronicle(command, number, "role assigned", { person: personId, role });
    await tellOne(command, incident, personId, `role ${role}`, {
      you: { kind: "role in incident", params: { role, incident: incidentId(number) } },
    });
  }
  return incident;
}

export async function releaseRole(
  command: Command,
  number: number,
  role: IncidentRole,
  personId: string,
): Promise<Incident> {
  const incident = await begin(command, number, "release-role");
  if (await deleteRole(command.tx, number, role, personId)) {
    await chronicle(command, number, "role released", { person: personId, role });
  }
  return incident;
}

/** Offers the command; it changes hands only when the other accepts. */
export async function handOver(command: Command, number: number, to: string): Promise<Incident> {
  const incident = await begin(command, number, "hand-over");
  mustKnowPerson(command.config, to);
  const id = incidentId(number);
  if (incident.commanderId === to)
    throw new Refusal("incident.commander_already", { person: to, id });
  await letIn(command, number, [to]);
  await chronicle(command, number, "command offered", { person: to });
  const person = nameOf(command.config, command.actor);
  await tellOne(command, incident, to, `command offered ${command.world.chance.id(command.now)}`, {
    you: { kind: "offered", params: { person, incident: id } },
    subject: say("offer subject", { incident: id }),
    lines: [say("offer line", { person, incident: id })],
  });
  return save(command, { ...incident, offeredCommanderId: to });
}

export async function acceptCommand(command: Command, number: number): Promise<Incident> {
  const incident = await begin(command, number, "accept-command");
  const person = mustBePerson(command.actor);
  if (incident.offeredCommanderId !== person)
    throw new Refusal("incident.no_offer", { id: incidentId(number) });
  await chronicle(command, number, "command accepted", {
    person,
    before: incident.commanderId ?? "nobody",
  });
  return save(command, { ...incident, commanderId: person, offeredCommanderId: null });
}

export async function declineCommand(command: Command, number: number): Promise<Incident> {
  const incident = await begin(command, number, "decline-command");
  const person = mustBePerson(command.actor);
  if (incident.offeredCommanderId !== person)
    throw new Refusal("incident.no_offer", { id: incidentId(number) });
  await chronicle(command, number, "command declined", { person });
  return save(command, { ...incident, offeredCommanderId: null });
}

/** Closes the incident to all but named people and those with a part in it, or opens it again. */
export async function restrict(
  command: Command,
  number: number,
  restricted: boolean,
  readers: readonly string[],
): Promise<Incident> {
  const incident = await begin(command, number, "restrict", "incidents.restrict");
  for (const person of readers) mustKnowPerson(command.config, person);
  const self = command.actor.kind === "person" ? [command.actor.personId] : [];
  await letIn(command, number, [...readers, ...self]);
  await chronicle(command, number, restricted ? "restricted" : "unrestricted", {
    readers: readers.length,
  });
  return save(command, { ...incident, restricted });
}
