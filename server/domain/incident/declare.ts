/** Declaring: an incident with its commander, its clocks, its escalation and the audiences that are told. */
import { incidentId, type IncidentKind, type Severity } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { pipelined } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { markOf } from "../account/account.ts";
import { isOpen as isCalendarOpen, nextOpening } from "../deadline/calendar.ts";
import { startClocksFrom } from "../deadline/commands.ts";
import type { DeadlineSpec } from "../deadline/deadline.ts";
import { putToWork, startEscalation } from "../escalation/commands.ts";
import { lockActiveRun } from "../escalation/store.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { publishedEscalation } from "../policy/published.ts";
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import type { EffectiveTerms, Sourced } from "../policy/policy.ts";
import {
  becomesUrgentAt,
  chronicle,
  type Command,
  hoursOfTeam,
  letIn,
  mustKnowPerson,
  resolveTarget,
  save,
  termsOf,
  urgencyOf,
} from "./commands.ts";
import type { Incident } from "./incident.ts";
import { pageWords, tellAudiences, tellingOf } from "./telling.ts";
import { insertIncident, nextIncidentNumber } from "./store.ts";

export type Declaration = {
  readonly title: string;
  /** A service incident unless something else is said. */
  readonly kind?: IncidentKind;
  readonly severity: Severity;
  readonly services: readonly string[];
  readonly regions: readonly string[];
  readonly summary: string | null;
  readonly detectedAt: Instant;
  /** The rule that declares, when no person does. */
  readonly rule: {
    readonly id: string;
    readonly file: string | null;
    readonly line: number | null;
    /** Its group, where the rule groups otherwise than by service. */
    readonly groupKey: string | null;
  } | null;
  readonly autoResolve: boolean;
  readonly restricted: boolean;
  readonly readers: readonly string[];
};

/**
 * Declares an incident. Returns null when an open incident of the same rule and group exists, which
 * the caller then joins. Deadlines start now; durations are shown from `detectedAt`.
 */
export async function declare(command: Command, facts: Declaration): Promise<Incident | null> {
  const { tx, config, now, actor } = command;
  if (facts.services.length === 0 && facts.regions.length === 0)
    throw new Refusal("incident.names_nothing");
  for (const service of facts.services) {
    // An alert that was accepted declares also when its service left the catalogue in the meantime.
    if (facts.rule === null && config.get("services", service) === null)
      throw new Refusal("incident.unknown_service", { service });
  }
  for (const person of facts.readers) mustKnowPerson(config, person);
  const incident: Incident = {
    number: await nextIncidentNumber(tx),
    title: facts.title,
    kind: facts.kind ?? "service",
    severity: facts.severity,
    state: "declared",
    serviceId: facts.services[0] ?? null,
    services: facts.services,
    regions: facts.regions,
    teamIds: teamsOf(command, facts.services),
    ruleId: facts.rule?.id ?? null,
    groupKey: facts.rule?.groupKey ?? null,
    joinedAt: facts.rule === null ? null : now,
    ruleFile: facts.rule?.file ?? null,
    ruleLine: facts.rule?.line ?? null,
    summary: facts.summary,
    impact: {},
    rootCause: {},
    commanderId: null,
    offeredCommanderId: null,
    acknowledgedBy: null,
    detectedAt: facts.detectedAt < now ? facts.detectedAt : now,
    declaredAt: now,
    acknowledgedAt: null,
    mitigatedAt: null,
    resolvedAt: null,
    closedAt: null,
    cancelledBecause: null,
    mergedInto: null,
    autoResolve: facts.autoResolve,
    deferredFor: null,
    deferredBecause: null,
    restricted: facts.restricted,
    declaredBy: markOf(actor),
    attendAt: null,
  };
  if (!(await insertIncident(tx, incident))) return null;
  const readers = [...facts.readers, ...(actor.kind === "person" ? [actor.personId] : [])];
  // In this order, but without waiting for each other.
  const [, , inMotion] = await pipelined([
    chronicleDeclaration(command, incident),
    letIn(command, incident.number, readers),
    setInMotion(command, incident),
  ]);
  return inMotion;
}

/** The teams that own the services, in the order of the services. */
export const teamsOf = (
  { config }: Pick<Command, "config">,
  services: readonly string[],
): string[] => [...new Set(services.flatMap((id) => config.get("services", id)?.body.team ?? []))];

async function chronicleDeclaration(command: Command, incident: Incident): Promise<void> {
  const { severity, title } = incident;
  if (incident.ruleId === null)
    return chronicle(command, incident.number, "declared", { severity, title });
  const source =
    incident.ruleFile === null
      ? "defaults or API"
      : `${incident.ruleFile}:${incident.ruleLine ?? 1}`;
  await chronicle(command, incident.number, "declared by rule", {
    severity,
    title,
    rule: incident.ruleId,
    source,
  });
}

/** Everything that follows from a severity: commander, clocks, escalation, audiences. */
async function setInMotion(command: Command, incident: Incident): Promise<Incident> {
  const terms = termsOf(command.config, incident);
  const [, commanded] = await pipelined([
    startClocks(command, incident, terms),
    appointCommander(command, incident, terms),
  ]);
  await callIn(command, commanded, terms);
  await tellAudiences(command, commanded, terms);
  return commanded;
}

/**
 * The clocks that a severity starts, with their lengths and sources. `calendarId` is the team's calendar:
 * its zone says where a day ends, and its hours count where the terms ask for business hours. Updates to
 * stakeholders are owed around the clock.
 */
export function clocksOf(
  terms: EffectiveTerms,
  calendarId: string | null,
): readonly DeadlineSpec[] {
  const counted =
    terms.clockHours.value === "business" && calendarId !== null ? "business" : "running";
  const spec = (
    kind: DeadlineSpec["kind"],
    { value, source }: Sourced<string>,
    unit: "running" | "business",
  ): DeadlineSpec => ({ kind, length: { iso: value, unit }, calendarId, source });
  return [
    spec("acknowledge", terms.acknowledge, counted),
    spec("mitigate", terms.mitigate, counted),
    spec("resolve", terms.resolve, counted),
    ...(terms.updateEvery === null ? [] : [spec("status update", terms.updateEvery, "running")]),
  ];
}

/** The calendar of the team in charge. */
export const calendarOf = (
  config: Command["config"],
  incident: Pick<Incident, "teamIds">,
): string | null => config.get("teams", incident.teamIds[0] ?? "")?.body.calendar ?? null;

export async function startClocks(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<void> {
  const clocks = clocksOf(terms, calendarOf(command.config, incident));
  const [subject, team] = [incidentId(incident.number), incident.teamIds[0] ?? null];
  await startClocksFrom(command, subject, team, clocks, command.now);
}

/**
 * Names the commander that the severity asks for: the policy's target, otherwise whoever the first step
 * of the service's escalation policy reaches. A SEV4 waits for business hours, for which the engine is
 * told when to come back.
 */
export async function appointCommander(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<Incident> {
  const { config, now } = command;
  if (terms.commanderWhen.value === "business hours") {
    const calendarId = calendarOf(config, incident);
    const calendar =
      calendarId === null ? null : (config.get("calendars", calendarId)?.body ?? null);
    const opensAt = calendar === null ? null : nextOpening(calendar, now);
    // A calendar that never opens holds nothing up.
    if (calendar !== null && opensAt !== null && !isCalendarOpen(calendar, now)) {
      return save(command, { ...incident, attendAt: opensAt });
    }
  }
  const policy = escalationOf(command, incident);
  const targets =
    terms.commander === null ? (policy?.body.steps[0]?.notify ?? []) : [terms.commander.value];
  for (const target of targets) {
    const found = await resolveTarget(command, target);
    if (found === null || config.get("people", found.personId) === null) continue;
    const facts = { person: found.personId, why: found.why };
    const [commanded] = await pipelined([
      save(command, { ...incident, commanderId: found.personId, attendAt: null }),
      chronicle(command, incident.number, "commander assigned", facts),
    ]);
    return commanded;
  }
  const why = targets.length === 0 ? "no policy names one" : "nobody is on call";
  await chronicle(command, incident.number, "no commander", { why });
  return save(command, { ...incident, attendAt: null });
}

/** That of a published runbook, otherwise of the first affected service that has one. */
export function escalationOf(
  { config }: Pick<Command, "config">,
  incident: Pick<Incident, "services" | "kind" | "severity" | "teamIds">,
): { readonly id: string; readonly body: EscalationPolicy } | null {
  const published = publishedEscalation(config, incident);
  if (published !== null) return published;
  for (const service of incident.services) {
    const id = config.get("services", service)?.body.escalation;
    const policy = id === undefined ? null : config.get("escalations", id);
    if (policy !== null) return policy;
  }
  return null;
}

/**
 * Pages by the service's policy, or tells the commander alone when the severity does not page. Where
 * neither reaches anybody, the manager of the team in charge hears: an incident has somebody who knows.
 */
export async function callIn(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<void> {
  const { tx, world, now } = command;
  const policy = escalationOf(command, incident);
  const pages = urgencyOf(command.config, incident, now).value === "high";
  // A run that is at work goes on: starting anew would wake the next person later, not sooner.
  const atWork = pages ? await lockActiveRun(tx, incident.number) : null;
  // One that waits for business hours was planned for less.
  const isHeld = atWork !== null && atWork.heldUntil !== null;
  if (pages && policy !== null && (atWork === null || isHeld)) {
    const begin = isHeld ? startEscalation : putToWork;
    await begin(tx, world, incident.number, policy, now);
  }
  if (pages && policy === null) {
    await chronicle(command, incident.number, "no escalation policy", {
      service: incident.serviceId ?? "none",
    });
  }
  const runs = pages && policy !== null;
  const firstPaged = runs ? await peopleOfFirstStep(command, incident) : [];
  const commander = incident.commanderId;
  if (commander !== null && firstPaged.includes(commander)) return;
  const why = terms.commander === null ? "on call" : "severity policy";
  const you = { kind: "commander", params: { why } };
  const lines = [say("page command")];
  const whyNow = { kind: "declared", params: declaration(incident) };
  const call = { pages, now: whyNow, occasion: `declared ${incident.severity}` };
  if (!pages) await waitForHours(command, incident);
  const told = await callOne(command, incident, commander, { ...call, you, lines });
  // One that waits for business hours is told then; a run goes on to the next person by itself.
  if (told || runs || incident.attendAt !== null) return;
  if (await callManager(command, incident, call)) return;
  await chronicle(command, incident.number, "nobody told");
}

/** What is quiet only by the hour is looked at again when the hours change. */
async function waitForHours(command: Command, incident: Incident): Promise<void> {
  const at = becomesUrgentAt(command.config, incident, command.now);
  if (at !== null && (incident.attendAt === null || at < incident.attendAt))
    await save(command, { ...incident, attendAt: at });
}

/** When a quiet word about it is told: with everything else that waited for the morning; null: at once. */
function digestAt({ config, actor, now }: Command, incident: Incident): Instant | null {
  const calendar = hoursOfTeam(config, incident.teamIds[0]);
  if (calendar === null) return null;
  if (!isCalendarOpen(calendar, now)) return nextOpening(calendar, now);
  return actor.kind === "engine" && incident.declaredAt < now ? now : null;
}

/** The last resort: the manager of the team in charge. False when there is none to be reached. */
export async function callManager(
  command: Command,
  incident: Incident,
  call: Pick<Call, "pages" | "occasion" | "now">,
): Promise<boolean> {
  const team = incident.teamIds[0] ?? "";
  // Whoever restricted it has named the people; a manager is not one by office.
  const managed = incident.restricted ? null : command.config.get("teams", team);
  const manager = managed?.body.manager ?? null;
  const you = { kind: "manager", params: { team } };
  return callOne(command, incident, manager, { ...call, you, lines: [] });
}

const declaration = (incident: Incident) => ({
  incident: incidentId(incident.number),
  severity: incident.severity,
});

type Call = {
  readonly pages: boolean;
  readonly you: Telling["why"]["you"];
  readonly now: Telling["why"]["now"];
  readonly lines: readonly string[];
  /** Which occasion it is; once per person. */
  readonly occasion: string;
};

/** Pages or tells one person of the declaration; false when there is nobody or no way to reach them. */
async function callOne(
  command: Command,
  incident: Incident,
  person: string | null,
  call: Call,
): Promise<boolean> {
  if (person === null) return false;
  const { tx, world, config, now } = command;
  const { number } = incident;
  await letIn(command, number, [person]);
  const kind = call.pages ? "page" : "notice";
  const waitsUntil = call.pages ? null : digestAt(command, incident);
  const telling: Telling = {
    ...tellingOf(incident, kind, call.occasion, now),
    digestAt: waitsUntil,
    dueAt: waitsUntil ?? now,
    why: { you: call.you, now: call.now },
    // Said with the words of a page, but nothing that need not wake is marked as urgent.
    words: (id) => ({ ...pageWords(command, incident, id, call.lines), kind }),
  };
  const { unreachable } = await tellPeople(tx, world, config, [person], telling, now);
  if (unreachable.length > 0) await chronicle(command, number, "unreachable", { person });
  else if (waitsUntil !== null && waitsUntil > now)
    await chronicle(command, number, "told later", { person, at: toIso(waitsUntil) });
  return unreachable.length === 0;
}

async function peopleOfFirstStep(command: Command, incident: Incident): Promise<readonly string[]> {
  const people: string[] = [];
  for (const target of escalationOf(command, incident)?.body.steps[0]?.notify ?? []) {
    const found = await resolveTarget(command, target);
    if (found !== null) people.push(found.personId);
  }
  return people;
}
