/** What people do to an escalation: ask for its next step, give the incident to others, say it is not theirs. */
import type { Calendar } from "../../../contract/deadline.ts";
import type { EscalationPolicy, Target } from "../../../contract/escalation.ts";
import type { ReassignTo } from "../../../contract/incident.ts";
import { incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import type { Queryable } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { inWords } from "../../base/words.ts";
import { listLabelsOf } from "../alert/incidentAlertStore.ts";
import type { Snapshot } from "../config/config.ts";
import { escalateNow, startEscalation } from "../escalation/commands.ts";
import { policyOfReassigning, type Run, type Scene } from "../escalation/escalation.ts";
import { lockActiveRun } from "../escalation/store.ts";
import { declinePages, hasOtherHopes, hasPagesTo, requestUpdates } from "../notification/store.ts";
import {
  begin,
  chronicle,
  type Command,
  hoursOfTeam,
  mustBePerson,
  nameOf,
  save,
} from "./commands.ts";
import { callManager, escalationOf } from "./calling.ts";
import { endDeferral } from "./deferral.ts";
import { type Incident, isTheirs } from "./incident.ts";

/** How long whoever was given an incident has to answer, where its own policy says nothing. */
const ANSWER_MINUTES = 5;

/** What the conditions of a policy's steps are judged by, for this incident. */
export async function sceneOf(
  { tx, config }: { readonly tx: Queryable; readonly config: Snapshot },
  incident: Pick<Incident, "number" | "severity" | "teamIds">,
  policy: EscalationPolicy,
): Promise<Scene> {
  const asksLabels = policy.steps.some((step) => step.when?.labels !== undefined);
  return {
    severity: incident.severity,
    labels: asksLabels ? await listLabelsOf(tx, incident.number) : [],
    calendar: hoursOf(config, incident, policy),
  };
}

/** The hours that a policy means: its own, its team's, those of the team in charge. */
function hoursOf(
  config: Snapshot,
  { teamIds }: Pick<Incident, "teamIds">,
  policy: EscalationPolicy,
): Calendar | null {
  const own = policy.calendar === undefined ? null : config.get("calendars", policy.calendar);
  return own?.body ?? hoursOfTeam(config, policy.team) ?? hoursOfTeam(config, teamIds[0]);
}

/** The policy that takes over when nobody answered to the end of a run; null: the run is exhausted. */
export function successorOf(
  { config }: Pick<Command, "config">,
  incident: Incident,
  run: Run,
): { readonly id: string; readonly body: EscalationPolicy } | null {
  if (run.isReassigned) return escalationOf({ config }, incident);
  return run.policy.then === undefined ? null : config.get("escalations", run.policy.then);
}

/** “I need the next one”: the next step pages now, also where somebody has it or business hours are awaited. */
export async function escalate(
  command: Command,
  number: number,
  because: string | null,
): Promise<Incident> {
  const awake = await woken(command, await begin(command, number, "escalate"));
  await chronicle(command, number, "escalated", { person: actorName(command) }, because);
  return nextStep(command, awake);
}

async function nextStep(command: Command, incident: Incident): Promise<Incident> {
  const { tx, world, now } = command;
  const { number } = incident;
  const policy = escalationOf(command, incident);
  if (policy === null && (await lockActiveRun(tx, number)) === null)
    throw new Refusal("incident.no_policy", { id: incidentId(number) });
  const free = await withoutAcknowledge(command, incident, "it was escalated");
  await escalateNow(tx, world, number, policy, actorName(command), now);
  return free;
}

/** Gives it to others: they are paged, and when they do not answer, its own policy begins. */
export async function reassign(
  command: Command,
  number: number,
  to: ReassignTo,
  because: string | null,
): Promise<Incident> {
  const { tx, world, config, now } = command;
  const incident = await woken(command, await begin(command, number, "reassign"));
  const [kind, id] = Object.entries(to)[0]!;
  mustKnow(config, to);
  await chronicle(command, number, "reassigned", { by: actorName(command), kind, to: id }, because);
  const free = await withoutAcknowledge(command, incident, "it was given to others");
  const askedBy = actorName(command);
  if ("policy" in to) {
    await startEscalation(tx, world, number, config.get("escalations", to.policy)!, now, {
      askedBy,
    });
    return free;
  }
  const own = escalationOf(command, incident)?.body.steps[0]?.timeoutMinutes;
  const name = inWords(say("reassigned policy", { kind, to: id }), "en");
  const body = policyOfReassigning([to], name, own ?? ANSWER_MINUTES);
  const asked = { askedBy, isReassigned: true };
  await startEscalation(tx, world, number, { id: name, body }, now, asked);
  return free;
}

const KINDS = {
  person: "people",
  schedule: "schedules",
  team: "teams",
  policy: "escalations",
} as const;

/** Refuses a target that is not there. */
export function mustKnow(config: Snapshot, to: Target | { readonly policy: string }): void {
  const [kind, id] = Object.entries(to)[0] as [keyof typeof KINDS, string];
  if (config.get(KINDS[kind], id) === null)
    throw new Refusal("incident.unknown_target", { kind, target: id });
}

/**
 * “Not mine”: no further page of it goes to this person. Where nobody else was paged with them, the next
 * step pages at once; who has it gives it back.
 */
export async function notMine(
  command: Command,
  number: number,
  because: string | null,
): Promise<Incident> {
  const { tx, now } = command;
  const incident = await begin(command, number, "not-mine");
  const person = mustBePerson(command.actor);
  const id = incidentId(number);
  const hasIt = isTheirs(incident, person);
  if (!hasIt && !(await hasPagesTo(tx, number, person)))
    throw new Refusal("incident.not_paged", { id, person });
  const declined = await declinePages(tx, number, person, now);
  // Pressed twice it was said once: nobody is paged for it again.
  if (declined === 0 && !hasIt) return incident;
  await chronicle(command, number, "not mine", { person }, because);
  if (hasIt) return nextStep(command, incident);
  const run = await lockActiveRun(tx, number);
  if (run === null) {
    const call = { pages: true, occasion: `not mine ${person} ${now}` };
    const why = { kind: "not theirs", params: { person, incident: id } };
    if (!(await callManager(command, incident, { ...call, now: why })))
      await chronicle(command, number, "nobody told");
    return incident;
  }
  return (await hasOtherHopes(tx, run.id, person)) ? incident : nextStep(command, incident);
}

const actorName = (command: Command): string => nameOf(command.config, command.actor);

/** A deferral was for waiting. */
const woken = (command: Command, incident: Incident): Promise<Incident> =>
  incident.deferredFor === null
    ? Promise.resolve(incident)
    : endDeferral(command, incident, `${actorName(command)} asks for more people`);

/** Whoever had it no longer has: the escalation may page again, and earlier messages say so. */
export async function withoutAcknowledge(
  command: Command,
  incident: Incident,
  why: string,
): Promise<Incident> {
  if (incident.acknowledgedAt === null) return incident;
  const person = incident.acknowledgedBy ?? "a token";
  await chronicle(command, incident.number, "acknowledge ended", { person, why });
  const words = say("no longer has it", { person, at: toIso(command.now), why });
  await requestUpdates(command.tx, incident.number, words, command.now);
  return save(command, { ...incident, acknowledgedAt: null, acknowledgedBy: null });
}
