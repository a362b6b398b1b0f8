/** Declaring: an incident with its commander, its clocks, its escalation and the audiences that are told. */
import { incidentId, type IncidentKind, type Severity } from "../../../contract/ids.ts";
import { pipelined } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import { markOf } from "../account/account.ts";
import { clocksFrom } from "../deadline/commands.ts";
import type { DeadlineSpec } from "../deadline/deadline.ts";
import { saveDeadlines } from "../deadline/store.ts";
import { newRun } from "../escalation/commands.ts";
import type { EffectiveTerms, Sourced } from "../policy/policy.ts";
import {
  appointed,
  calledIn,
  escalationOf,
  type Motion,
  type Reach,
  reachOf,
  readersOf,
} from "./calling.ts";
import { type Command, type Fact, mustKnowPerson, termsOf } from "./commands.ts";
import {
  type Begun,
  type Consequences,
  draw,
  type Gathered,
  noConsequences,
} from "./consequences.ts";
import { type Incident, isDrill } from "./incident.ts";
import { insertIncidents, nextIncidentNumbers } from "./store.ts";
import { audiencesTold } from "./telling.ts";

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
export const declare = async (command: Command, facts: Declaration): Promise<Incident | null> =>
  (await declareAll(command, [facts])).incidents[0] ?? null;

export type Together = {
  /** What more follows at once from what is being declared. `known` are devices of those whom it calls in. */
  readonly further?: (begun: readonly Begun[], known: Reach) => Promise<readonly Consequences[]>;
  /** Written in the same breath. The incidents stand at the places of their declarations. */
  readonly beside?: (declared: readonly (Incident | null)[]) => Promise<unknown>;
  /** Everything goes out at once: where one of them stands already, nothing is declared and it fails. */
  readonly atOnce?: boolean;
};

export type Declared = {
  /** At the places of the declarations; null where an open one stands already. */
  readonly incidents: readonly (Incident | null)[];
  /** The messages that are new. */
  readonly messages: ReadonlySet<string>;
};

/** The same for many, in this order: what two nodes declare at once they declare in one order. */
export async function declareAll(
  command: Command,
  declarations: readonly Declaration[],
  { further, beside, atOnce = false }: Together = {},
): Promise<Declared> {
  if (declarations.length === 0) return { incidents: [], messages: new Set() };
  for (const facts of declarations) mustBeDeclarable(command, facts);
  const [numbers, reach] = await pipelined([
    nextIncidentNumbers(command.tx, declarations.length),
    // Whom they reach does not hang on their numbers.
    reachOf(
      command,
      declarations.map((facts) => incidentOf(command, facts, 0)),
    ),
  ]);
  const { actor } = command;
  const begun = declarations.map((facts, at) => {
    const incident = incidentOf(command, facts, numbers[at]!);
    const then = noConsequences();
    then.facts.push(factOfDeclaration(incident));
    const named = [...facts.readers, ...(actor.kind === "person" ? [actor.personId] : [])];
    then.readers.push(...readersOf(incident, named));
    return { incident: setInMotion(command, incident, { ...reach, then }), then };
  });
  const incidents = begun.map(({ incident }) => incident);
  const write = async (
    then: readonly Consequences[],
    declared: readonly (Incident | null)[],
  ): Promise<Declared> => {
    const drawn = draw(
      command,
      then.filter((_, at) => declared[at] !== null),
    );
    const [messages] = await pipelined([drawn, beside?.(declared)]);
    return { incidents: declared, messages };
  };
  const inserting = insertIncidents(command.tx, incidents, atOnce);
  const following = further?.(begun, reach) ?? Promise.resolve(begun.map(({ then }) => then));
  if (atOnce) {
    const writing = following.then((then) => write(then, incidents));
    const [, declared] = await pipelined([inserting, writing]);
    return declared;
  }
  const [inserted, then] = await pipelined([inserting, following]);
  return write(
    then,
    incidents.map((incident) => (inserted.includes(incident.number) ? incident : null)),
  );
}

function mustBeDeclarable({ config }: Command, facts: Declaration): void {
  if (facts.services.length === 0 && facts.regions.length === 0)
    throw new Refusal("incident.names_nothing");
  for (const service of facts.services) {
    // An alert that was accepted declares also when its service left the catalogue in the meantime.
    if (facts.rule === null && config.get("services", service) === null)
      throw new Refusal("incident.unknown_service", { service });
  }
  for (const person of facts.readers) mustKnowPerson(config, person);
}

function incidentOf(command: Command, facts: Declaration, number: number): Incident {
  const { now, actor } = command;
  return {
    number,
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
}

/** The teams that own the services, in the order of the services. */
export const teamsOf = (
  { config }: Pick<Command, "config">,
  services: readonly string[],
): string[] => [...new Set(services.flatMap((id) => config.get("services", id)?.body.team ?? []))];

function factOfDeclaration(incident: Incident): Fact {
  const { number, severity, title } = incident;
  if (incident.ruleId === null) return { number, kind: "declared", params: { severity, title } };
  const source =
    incident.ruleFile === null
      ? "defaults or API"
      : `${incident.ruleFile}:${incident.ruleLine ?? 1}`;
  const params = { severity, title, rule: incident.ruleId, source };
  return { number, kind: "declared by rule", params };
}

/** Everything that follows from a severity: commander, clocks, escalation, audiences. */
function setInMotion(command: Command, incident: Incident, motion: Motion): Incident {
  if (isDrill(incident)) return calledOut(command, incident, motion.then);
  const terms = termsOf(command.config, incident);
  motion.then.clocks.push(...clocksOfIncident(command, incident, terms));
  const commanded = appointed(command, incident, terms, motion);
  const called = calledIn(command, commanded, terms, { ...motion, isAtWork: false });
  motion.then.messages.push(...audiencesTold(command, called, terms, motion.then.facts));
  return called;
}

/** A drill pages by the policy, whatever the urgency would be, and nothing else follows from it. */
function calledOut(command: Command, incident: Incident, then: Gathered): Incident {
  const { number } = incident;
  const policy = escalationOf(command, incident);
  const params = { service: incident.serviceId ?? "none" };
  if (policy === null) then.facts.push({ number, kind: "no escalation policy", params });
  else then.runs.push(newRun(command.world, number, policy, command.now));
  return incident;
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

function clocksOfIncident(command: Command, incident: Incident, terms: EffectiveTerms) {
  const clocks = clocksOf(terms, calendarOf(command.config, incident));
  const [subject, team] = [incidentId(incident.number), incident.teamIds[0] ?? null];
  return clocksFrom(command, subject, team, clocks, command.now);
}

export const startClocks = (
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<void> => saveDeadlines(command.tx, clocksOfIncident(command, incident, terms));
