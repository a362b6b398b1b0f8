/** Declaring: an incident with its commander, its clocks, its escalation and the audiences that are told. */
import type { EscalationPolicy, Target } from "../../../contract/escalation.ts";
import { incidentId, type IncidentKind, type Severity } from "../../../contract/ids.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { pipelined } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { markOf } from "../account/account.ts";
import { type DevicesOf, findDevicesOf } from "../account/deviceStore.ts";
import { isOpen as isCalendarOpen, nextOpening } from "../deadline/calendar.ts";
import { clocksFrom } from "../deadline/commands.ts";
import type { DeadlineSpec } from "../deadline/deadline.ts";
import { saveDeadlines } from "../deadline/store.ts";
import { newRun, stopEscalation } from "../escalation/commands.ts";
import { lockActiveRun } from "../escalation/store.ts";
import { type Telling, tellingsOf } from "../notification/commands.ts";
import { publishedEscalation } from "../policy/published.ts";
import type { EffectiveTerms, Sourced } from "../policy/policy.ts";
import {
  becomesUrgentAt,
  type Command,
  type Fact,
  hoursOfTeam,
  type Meaning,
  meaningOf,
  mustKnowPerson,
  save,
  termsOf,
  urgencyOf,
} from "./commands.ts";
import {
  type Begun,
  type Consequences,
  draw,
  type Gathered,
  noConsequences,
} from "./consequences.ts";
import { type Incident, isDrill } from "./incident.ts";
import { type IncidentReader, insertIncidents, nextIncidentNumbers } from "./store.ts";
import { audiencesTold, pageWords, tellingOf } from "./telling.ts";

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

/** Somebody else declares the same at the same time. */
export class Overtaken extends Error {}

export type Together = {
  /** What more follows at once from what is being declared. `known` are devices of those whom it calls in. */
  readonly further?: (begun: readonly Begun[], known: Reach) => Promise<readonly Consequences[]>;
  /** Written in the same breath. The incidents stand at the places of their declarations. */
  readonly beside?: (declared: readonly (Incident | null)[]) => Promise<unknown>;
  /** Everything goes out at once: where one of them stands already, nothing is declared and {@link Overtaken} thrown. */
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
  const inserting = insertIncidents(command.tx, incidents);
  const following = further?.(begun, reach) ?? Promise.resolve(begun.map(({ then }) => then));
  if (atOnce) {
    const writing = following.then((then) => write(then, incidents));
    const [inserted, declared] = await pipelined([inserting, writing]);
    if (inserted.length < incidents.length) throw new Overtaken("declared by another node");
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

const readersOf = ({ number }: Incident, people: readonly string[]): readonly IncidentReader[] =>
  people.map((personId) => ({ incidentNumber: number, personId }));

/** Whom targets mean, and the browsers that these people let be woken. */
export type Reach = {
  readonly meaning: Meaning;
  readonly people: ReadonlySet<string>;
  readonly devices: DevicesOf;
};
/** The same, and where what follows is gathered. */
type Motion = Reach & { readonly then: Gathered };

/** Asked once for all that these incidents may call in at first. */
async function reachOf(command: Command, incidents: readonly Incident[]): Promise<Reach> {
  const targets = incidents.flatMap((incident) => targetsOf(command, incident));
  const meaning = await meaningOf(command, targets);
  const people = new Set([
    ...targets.flatMap((target) => meaning(target)?.personId ?? []),
    ...incidents.flatMap(({ commanderId }) => commanderId ?? []),
    ...incidents.flatMap((incident) => managerOf(command, incident) ?? []),
  ]);
  return { meaning, people, devices: await findDevicesOf(command.tx, [...people]) };
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

/** Everybody whom the policy may mean at once: its commander, and the first step of the escalation. */
function targetsOf(command: Command, incident: Incident): readonly Target[] {
  const { commander } = termsOf(command.config, incident);
  const first = escalationOf(command, incident)?.body.steps[0]?.notify ?? [];
  return commander === null ? first : [commander.value, ...first];
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

/** Names the commander of an incident that has none. */
export async function appointCommander(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<Incident> {
  const then = noConsequences();
  const reach = await reachOf(command, [incident]);
  const commanded = appointed(command, incident, terms, { ...reach, then });
  await pipelined([save(command, commanded), draw(command, [then])]);
  return commanded;
}

/**
 * Names the commander that the severity asks for: the policy's target, otherwise whoever the first step
 * of the service's escalation policy reaches. A SEV4 waits for business hours, for which the engine is
 * told when to come back.
 */
function appointed(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
  { meaning, then }: Motion,
): Incident {
  const { config, now } = command;
  const { number } = incident;
  if (terms.commanderWhen.value === "business hours") {
    const calendarId = calendarOf(config, incident);
    const calendar =
      calendarId === null ? null : (config.get("calendars", calendarId)?.body ?? null);
    const opensAt = calendar === null ? null : nextOpening(calendar, now);
    // A calendar that never opens holds nothing up.
    if (calendar !== null && opensAt !== null && !isCalendarOpen(calendar, now)) {
      return { ...incident, attendAt: opensAt };
    }
  }
  const policy = escalationOf(command, incident);
  const targets =
    terms.commander === null ? (policy?.body.steps[0]?.notify ?? []) : [terms.commander.value];
  for (const target of targets) {
    const found = meaning(target);
    if (found === null || config.get("people", found.personId) === null) continue;
    const { personId, why } = found;
    then.facts.push({ number, kind: "commander assigned", params: { person: personId, why } });
    return { ...incident, commanderId: personId, attendAt: null };
  }
  const why = targets.length === 0 ? "no policy names one" : "nobody is on call";
  then.facts.push({ number, kind: "no commander", params: { why } });
  return { ...incident, attendAt: null };
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

/** Calls in who must know of an incident that stands already. */
export async function callIn(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<void> {
  const { tx, now } = command;
  const { number } = incident;
  const pages = urgencyOf(command.config, incident, now).value === "high";
  // A run that is at work goes on: starting anew would wake the next person later, not sooner.
  const atWork = pages ? await lockActiveRun(tx, number) : null;
  // One that waits for business hours was planned for less.
  const isHeld = atWork !== null && atWork.heldUntil !== null;
  if (isHeld && escalationOf(command, incident) !== null)
    await stopEscalation(tx, number, "replaced", now);
  const reach = await reachOf(command, [incident]);
  const then = noConsequences();
  const isAtWork = atWork !== null && !isHeld;
  const called = calledIn(command, incident, terms, { ...reach, then, isAtWork });
  if (called !== incident) await save(command, called);
  await draw(command, [then]);
}

/**
 * Pages by the service's policy, or tells the commander alone when the severity does not page. Where
 * neither reaches anybody, the manager of the team in charge hears: an incident has somebody who knows.
 */
function calledIn(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
  { isAtWork, ...motion }: Motion & { readonly isAtWork: boolean },
): Incident {
  const { world, now } = command;
  const { then } = motion;
  const { number } = incident;
  const policy = escalationOf(command, incident);
  const pages = urgencyOf(command.config, incident, now).value === "high";
  if (pages && policy !== null && !isAtWork) then.runs.push(newRun(world, number, policy, now));
  if (pages && policy === null) {
    const params = { service: incident.serviceId ?? "none" };
    then.facts.push({ number, kind: "no escalation policy", params });
  }
  const runs = pages && policy !== null;
  const firstPaged = runs ? peopleOfFirstStep(policy.body, motion.meaning) : [];
  const commander = incident.commanderId;
  if (commander !== null && firstPaged.includes(commander)) return incident;
  const why = terms.commander === null ? "on call" : "severity policy";
  const you = { kind: "commander", params: { why } };
  const lines = [say("page command")];
  const whyNow = { kind: "declared", params: declaration(incident) };
  const call = { pages, now: whyNow, occasion: `declared ${incident.severity}` };
  const settled = pages ? incident : waitingForHours(command, incident);
  const told = oneCalled(command, incident, commander, { ...call, you, lines }, motion);
  // One that waits for business hours is told then; a run goes on to the next person by itself.
  if (told || runs || incident.attendAt !== null) return settled;
  if (!managerCalled(command, incident, call, motion))
    then.facts.push({ number, kind: "nobody told" });
  return settled;
}

/** What is quiet only by the hour is looked at again when the hours change. */
function waitingForHours(command: Command, incident: Incident): Incident {
  const at = becomesUrgentAt(command.config, incident, command.now);
  const isSooner = at !== null && (incident.attendAt === null || at < incident.attendAt);
  return isSooner ? { ...incident, attendAt: at } : incident;
}

/** When a quiet word about it is told: with everything else that waited for the morning; null: at once. */
function digestAt({ config, actor, now }: Command, incident: Incident): Instant | null {
  const calendar = hoursOfTeam(config, incident.teamIds[0]);
  if (calendar === null) return null;
  if (!isCalendarOpen(calendar, now)) return nextOpening(calendar, now);
  return actor.kind === "engine" && incident.declaredAt < now ? now : null;
}

type ManagerCall = Pick<Call, "pages" | "occasion" | "now">;

/** The last resort: the manager of the team in charge. False when there is none to be reached. */
export async function callManager(
  command: Command,
  incident: Incident,
  call: ManagerCall,
): Promise<boolean> {
  const then = noConsequences();
  const manager = managerOf(command, incident);
  const people = new Set(manager === null ? [] : [manager]);
  const devices = await findDevicesOf(command.tx, [...people]);
  const told = managerCalled(command, incident, call, { then, people, devices });
  await draw(command, [then]);
  return told;
}

/** Whoever restricted it has named the people; a manager is not one by office. */
const managerOf = (
  { config }: Command,
  { restricted, teamIds }: Pick<Incident, "restricted" | "teamIds">,
): string | null =>
  restricted ? null : (config.get("teams", teamIds[0] ?? "")?.body.manager ?? null);

function managerCalled(
  command: Command,
  incident: Incident,
  call: ManagerCall,
  motion: Omit<Motion, "meaning">,
): boolean {
  const you = { kind: "manager", params: { team: incident.teamIds[0] ?? "" } };
  const manager = managerOf(command, incident);
  return oneCalled(command, incident, manager, { ...call, you, lines: [] }, motion);
}

const declaration = (incident: Incident) => ({
  incident: incidentId(incident.number),
  severity: incident.severity,
});

type Call = {
  readonly pages: boolean;
  readonly you: Telling["why"]["you"];
  readonly now: Telling["why"]["now"];
  readonly lines: readonly Text[];
  /** Which occasion it is; once per person. */
  readonly occasion: string;
};

/** Pages or tells one person of the declaration; false when there is nobody or no way to reach them. */
function oneCalled(
  command: Command,
  incident: Incident,
  person: string | null,
  call: Call,
  { then, devices }: Omit<Motion, "meaning">,
): boolean {
  if (person === null) return false;
  const { world, config, now } = command;
  const { number } = incident;
  then.readers.push(...readersOf(incident, [person]));
  const kind = call.pages ? "page" : "notice";
  const waitsUntil = call.pages ? null : digestAt(command, incident);
  const telling: Telling = {
    ...tellingOf(incident, kind, call.occasion, now),
    digestAt: waitsUntil,
    dueAt: waitsUntil ?? now,
    ...(call.pages && { devices }),
    why: { you: call.you, now: call.now },
    // Said with the words of a page, but nothing that need not wake is marked as urgent.
    words: (id) => ({ ...pageWords(command, incident, id, call.lines), kind }),
  };
  const { rows, unreachable } = tellingsOf(world, config, [person], telling, now);
  then.messages.push(...rows);
  if (unreachable.length > 0) then.facts.push({ number, kind: "unreachable", params: { person } });
  else if (waitsUntil !== null && waitsUntil > now)
    then.facts.push({ number, kind: "told later", params: { person, at: toIso(waitsUntil) } });
  return unreachable.length === 0;
}

const peopleOfFirstStep = (policy: EscalationPolicy, meaning: Meaning): readonly string[] =>
  (policy.steps[0]?.notify ?? []).flatMap((target) => meaning(target)?.personId ?? []);
