/**
 * The verbs of an incident, one each, in the caller's transaction: lock the subject → load → allow →
 * decide → save → record. This file holds what all of them share; nothing here sends.
 */
import type { AcceptancePiece, IncidentRole } from "../../../contract/incident.ts";
import type { Calendar } from "../../../contract/deadline.ts";
import type { Target } from "../../../contract/escalation.ts";
import { incidentId } from "../../../contract/ids.ts";
import type { TimelineKind } from "../../../contract/texts.ts";
import type { Permission } from "../../../contract/access.ts";
import { pipelined, type Queryable, type Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, later } from "../../base/instant.ts";
import { recordAll } from "../../base/ledger.ts";
import type { World } from "../../base/world.ts";
import {
  type Actor,
  actorRef,
  allow,
  markOf,
  may,
  personOf,
  readerOf,
} from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { isOpen as isCalendarOpen, nextTurn } from "../deadline/calendar.ts";
import { runbookLayers } from "../policy/published.ts";
import {
  type EffectiveTerms,
  effectiveTerms,
  effectiveUrgency,
  policyLayers,
} from "../policy/policy.ts";
import { askSchedules } from "../oncall/asking.ts";
import { type Incident, mustAllow, type Verb } from "./incident.ts";
import { extendLease } from "./leaseStore.ts";
import {
  addReaders,
  insertTimeline,
  lockIncident,
  saveAcceptance,
  saveIncident,
  takesPart,
} from "./store.ts";

/** What every command is given. */
export type Command = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly actor: Actor;
  readonly now: Instant;
};

/** What happened to an incident. Free text goes into `text`, where it can be erased. */
export type Fact = {
  readonly number: number;
  readonly kind: TimelineKind;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly text?: string | null;
};

/** Writes facts on the timelines of their incidents and in the ledger, in their order. */
export async function chronicleAll(command: Command, facts: readonly Fact[]): Promise<void> {
  const { tx, actor, now } = command;
  // Whoever has it and does something has it still.
  if (actor.kind === "person")
    for (const number of new Set(facts.map((fact) => fact.number)))
      await extendLease(tx, number, actor.personId, now);
  await write(command, facts);
}

function write({ tx, world, actor, now }: Command, facts: readonly Fact[]): Promise<unknown> {
  const [mark, ref] = [markOf(actor), actorRef(actor)];
  // In the order in which they came to be: a command may have waited for one that was asked for after it.
  const recordedAt = later(now, world.clock.now());
  const rows = facts.map(({ number, kind, params = {}, text = null }) => ({
    id: world.chance.id(recordedAt),
    incidentNumber: number,
    at: now,
    recordedAt,
    kind,
    actor: mark,
    params,
    text,
  }));
  return pipelined([
    insertTimeline(tx, rows),
    recordAll(
      tx,
      world,
      rows.map(({ id, incidentNumber, kind, params, text }) => ({
        stream: `incident:${incidentNumber}`,
        at: now,
        actorRef: ref,
        action: kind,
        objectRef: `incident:${incidentNumber}`,
        payload: { entry: id, params, text },
      })),
    ),
  ]);
}

/** Writes one fact. */
export const chronicle = (
  command: Command,
  number: number,
  kind: TimelineKind,
  params: Readonly<Record<string, unknown>> = {},
  text: string | null = null,
): Promise<void> => chronicleAll(command, [{ number, kind, params, text }]);

/** Locks an incident the actor may see and act on, and checks that its state allows the verb. */
export async function begin(
  command: Command,
  number: number,
  verb: Verb,
  permission: Permission = "incidents.respond",
): Promise<Incident> {
  const incident = await lockIncident(command.tx, readerOf(command.actor), number);
  if (incident === null) throw new Refusal("incident.not_found", { id: incidentId(number) });
  await allowOn(command, permission, incident);
  mustAllow(incident, verb);
  return incident;
}

/** What whoever has a part in an incident may do to it, also from another team. */
const BY_PART: readonly Permission[] = [
  "incidents.respond",
  "postmortems.write",
  "postmortems.publish",
  "runbooks.run",
];

/** The right counts in a team that owns an affected service, or by having a part in the incident. */
export async function allowOn(
  command: Command,
  permission: Permission,
  incident: Incident,
): Promise<void> {
  const { actor, tx } = command;
  if (incident.teamIds.some((team) => may(actor, permission, team)) || may(actor, permission, null))
    return;
  const { personId, since } = readerOf(actor);
  if (
    BY_PART.includes(permission) &&
    personId !== null &&
    (await takesPart(tx, incident.number, { personId, since }))
  )
    return;
  allow(actor, permission, incident.teamIds[0] ?? null);
}

export async function save(command: Command, incident: Incident): Promise<Incident> {
  await saveIncident(command.tx, incident, command.now);
  return incident;
}

/** The terms that hold for an incident now. */
export const termsOf = (
  config: Snapshot,
  incident: Pick<Incident, "severity" | "teamIds">,
): EffectiveTerms =>
  effectiveTerms(
    incident.severity,
    policyLayers({
      runbooks: runbookLayers(config, incident.teamIds[0] ?? null),
      applied: config.all("policies"),
      team: incident.teamIds[0] ?? null,
    }),
  );

type Urgent = Pick<Incident, "severity" | "teamIds" | "services">;

/** The hours of the team in charge. */
export function hoursOfTeam(config: Snapshot, team: string | undefined): Calendar | null {
  const id = config.get("teams", team ?? "")?.body.calendar;
  return id === undefined ? null : (config.get("calendars", id)?.body ?? null);
}

/** Whether it pages or only notifies at `now`: by severity, tier and hours. */
export function urgencyOf(
  config: Snapshot,
  incident: Urgent,
  now: Instant,
): EffectiveTerms["urgency"] {
  const team = incident.teamIds[0] ?? null;
  const calendar = hoursOfTeam(config, incident.teamIds[0]);
  const tiers = incident.services.flatMap((id) => config.get("services", id)?.body.tier ?? []);
  const layers = policyLayers({
    runbooks: runbookLayers(config, team),
    applied: config.all("policies"),
    team,
  });
  return effectiveUrgency(incident.severity, layers, {
    tier: tiers.length === 0 ? null : Math.min(...tiers),
    inHours: calendar === null ? null : isCalendarOpen(calendar, now),
  });
}

/** When something quiet becomes urgent because the hours change; null: not by that. */
export function becomesUrgentAt(config: Snapshot, incident: Urgent, now: Instant): Instant | null {
  const calendar = hoursOfTeam(config, incident.teamIds[0]);
  const at = calendar === null ? null : nextTurn(calendar, now);
  return at !== null && urgencyOf(config, incident, at).value === "high" ? at : null;
}

type Asking = Pick<Command, "config" | "now"> & { readonly tx: Queryable };
/** Whom a target means, with the words for why; null when nobody. */
type Meant = { readonly personId: string; readonly why: string } | null;
export type Meaning = (target: Target) => Meant;

/** Whom targets mean at `now`, asked once for all of them. */
export async function meaningOf(asking: Asking, targets: readonly Target[]): Promise<Meaning> {
  const { tx, config, now } = asking;
  const ids = targets.flatMap((target) => ("schedule" in target ? [target.schedule] : []));
  const onCall = await askSchedules(tx, config, [...new Set(ids)], now);
  return (target) => {
    if ("person" in target) return { personId: target.person, why: "named in the policy" };
    if ("team" in target) {
      const manager = config.get("teams", target.team)?.body.manager;
      return manager === undefined ? null : { personId: manager, why: `manages ${target.team}` };
    }
    const person = onCall.get(target.schedule)?.person ?? null;
    return person === null ? null : { personId: person, why: `on call in ${target.schedule}` };
  };
}

/** Refuses a name that is nobody's. */
export function mustKnowPerson(config: Snapshot, personId: string): void {
  if (config.get("people", personId) === null)
    throw new Refusal("incident.unknown_person", { person: personId });
}

/** The acting person; refuses where only a person makes sense. */
export function mustBePerson(actor: Actor): string {
  const person = personOf(actor);
  if (person === null) throw new Refusal("incident.needs_person");
  return person;
}

/** How an actor is shown in a sentence. */
export function nameOf(config: Snapshot, actor: Actor): string {
  switch (actor.kind) {
    case "person":
      return actor.personId;
    case "token":
      return `token “${actor.label}”`;
    case "key":
      return config.get("keys", actor.keyId)?.body.description ?? `key ${actor.keyId}`;
    case "engine":
      return "Tocsin";
  }
}

/** Records a piece of acceptance evidence, by whichever noun has it. */
export async function recordAcceptance(
  command: Command,
  number: number,
  piece: AcceptancePiece,
  text: string,
  overridden = false,
): Promise<void> {
  const recordedBy = markOf(command.actor);
  await saveAcceptance(command.tx, number, {
    piece,
    text,
    overridden,
    recordedAt: command.now,
    recordedBy,
  });
}

/** People who were called in may see the incident, also a restricted one. */
export async function letIn(
  command: Command,
  number: number,
  people: readonly string[],
): Promise<void> {
  await addReaders(
    command.tx,
    people.map((personId) => ({ incidentNumber: number, personId })),
  );
}

export type { IncidentRole };
