/** Who is called in: the commander, whom the first step means, at the last the manager of the team in charge. */
import type { EscalationPolicy, Target } from "../../../contract/escalation.ts";
import { incidentId } from "../../../contract/ids.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { pipelined } from "../../base/db.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { type DevicesOf, findDevicesOf } from "../account/deviceStore.ts";
import { isOpen as isCalendarOpen, nextOpening } from "../deadline/calendar.ts";
import { newRun, stopEscalation } from "../escalation/commands.ts";
import { lockActiveRun } from "../escalation/store.ts";
import { type Telling, tellingsOf } from "../notification/commands.ts";
import { publishedEscalation } from "../policy/published.ts";
import type { EffectiveTerms } from "../policy/policy.ts";
import {
  becomesUrgentAt,
  type Command,
  hoursOfTeam,
  type Meaning,
  meaningOf,
  save,
  termsOf,
  urgencyOf,
} from "./commands.ts";
import { draw, type Gathered, noConsequences } from "./consequences.ts";
import type { Incident } from "./incident.ts";
import type { IncidentReader } from "./store.ts";
import { pageParts, tellingOf } from "./telling.ts";

/** Whom targets mean, and the browsers that these people let be woken. */
export type Reach = {
  readonly meaning: Meaning;
  readonly people: ReadonlySet<string>;
  readonly devices: DevicesOf;
};
/** The same, and where what follows is gathered. */
export type Motion = Reach & { readonly then: Gathered };

/** Asked once for all that these incidents may call in at first. */
export async function reachOf(command: Command, incidents: readonly Incident[]): Promise<Reach> {
  const targets = incidents.flatMap((incident) => targetsOf(command, incident));
  const meaning = await meaningOf(command, targets);
  const people = new Set([
    ...targets.flatMap((target) => meaning(target)?.personId ?? []),
    ...incidents.flatMap(({ commanderId }) => commanderId ?? []),
    ...incidents.flatMap((incident) => managerOf(command, incident) ?? []),
  ]);
  return { meaning, people, devices: await findDevicesOf(command.tx, [...people]) };
}

/** Everybody whom the policy may mean at once: its commander, and the first step of the escalation. */
function targetsOf(command: Command, incident: Incident): readonly Target[] {
  const { commander } = termsOf(command.config, incident);
  const first = escalationOf(command, incident)?.body.steps[0]?.notify ?? [];
  return commander === null ? first : [commander.value, ...first];
}

export const readersOf = (
  { number }: Incident,
  people: readonly string[],
): readonly IncidentReader[] => people.map((personId) => ({ incidentNumber: number, personId }));

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
export function appointed(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
  { meaning, then }: Motion,
): Incident {
  const { config, now } = command;
  const { number } = incident;
  if (terms.commanderWhen.value === "business hours") {
    const calendar = hoursOfTeam(config, incident.teamIds[0]);
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
export function calledIn(
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
export const managerOf = (
  { config }: Pick<Command, "config">,
  { restricted, teamIds }: Pick<Incident, "restricted" | "teamIds">,
): string | null =>
  restricted ? null : (config.get("teams", teamIds[0] ?? "")?.body.manager ?? null);

function managerCalled(
  command: Command,
  incident: Incident,
  call: ManagerCall,
  motion: Omit<Motion, "meaning">,
): boolean {
  const team = incident.teamIds[0] ?? "";
  const you = { kind: "manager", params: { team } };
  const manager = managerOf(command, incident);
  if (!oneCalled(command, incident, manager, { ...call, you, lines: [] }, motion)) return false;
  const params = { person: manager, team };
  if (call.pages)
    motion.then.facts.push({ number: incident.number, kind: "manager paged", params });
  return true;
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
    words: () => pageParts(command, incident, call.lines),
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
