/** Whom an incident has paged and whom it pages next: what happens when nobody answers. */
import { addMs, type Instant } from "../base/instant.ts";
import type { Queryable } from "../base/db.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import {
  nextInTurn,
  peopleOf,
  planEscalation,
  type Run,
  type Scene,
} from "../domain/escalation/escalation.ts";
import { listRuns, listTurns } from "../domain/escalation/store.ts";
import { managerOf } from "../domain/incident/calling.ts";
import { sceneOf, successorOf } from "../domain/incident/escalating.ts";
import { type Incident, isDrill } from "../domain/incident/incident.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { listNotifications } from "../domain/notification/store.ts";
import { holdersOf, type Override, whoIsOnCall } from "../domain/oncall/oncall.ts";
import { listOverrides } from "../domain/oncall/store.ts";

export type Rung = {
  readonly at: Instant;
  /** Nobody: a gap in the schedule, which the run steps over. */
  readonly people: readonly string[];
  /** The schedules, teams or the policy that name them. */
  readonly by: readonly string[];
};

export type Ladder = {
  readonly paged: readonly Rung[];
  /** As policy, schedules and overrides stand now. */
  readonly upcoming: readonly Rung[];
  /** Pages that were handed over and have no reply yet. */
  readonly inFlight: number;
};

const PAGES_SHOWN = 200;

/** The rungs behind an incident and, while its run is at work, at most `ahead` to come. */
export async function ladderOf(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
  ahead: number,
): Promise<Ladder> {
  const incidentNumber = incident.number;
  const filter = { incidentNumber, kind: "page" };
  const pages = await listNotifications(tx, ENGINE_READER, filter, PAGES_SHOWN, null);
  const run = (await listRuns(tx, incidentNumber)).find((each) => each.stoppedAt === null);
  const { steps, endsAt } = await wayAhead(tx, config, incident, run, ahead);
  const last = endsAt === null ? null : lastResort(config, incident, endsAt);
  return {
    paged: pagedRungs(pages.toReversed()),
    upcoming: [...(await namedRungs(tx, config, steps)), ...(last === null ? [] : [last])],
    inFlight: pages.filter((page) => page.state === "sending").length,
  };
}

type StepAhead = {
  readonly at: Instant;
  readonly stepIndex: number;
  readonly step: Run["policy"]["steps"][number];
};
/** `endsAt`: when nobody is paged any more by what was looked at; null: not within as many steps as were asked for. */
type Ahead<T> = { readonly steps: readonly T[]; readonly endsAt: Instant | null };
/** With whose turn it was last in each step of its policy. */
type NamedStep = StepAhead & { readonly turns: Map<number, string> };

/** So many policies hand over to one another at most: each of them may be passed over as a whole. */
const POLICIES_AHEAD = 5;

/** The steps of the run, and of the policies that take over from it. */
async function wayAhead(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
  run: Run | undefined,
  ahead: number,
): Promise<Ahead<NamedStep>> {
  const steps: NamedStep[] = [];
  const turnsOf = new Map<string, Map<number, string>>();
  let at = run;
  for (let policies = 0; at !== undefined && policies < POLICIES_AHEAD; policies++) {
    const { policyId } = at;
    const turns = turnsOf.get(policyId) ?? new Map(await listTurns(tx, policyId));
    turnsOf.set(policyId, turns);
    const scene = await sceneOf({ tx, config }, incident, at.policy);
    const { steps: its, endsAt } = stepsAhead(at, scene, ahead - steps.length);
    steps.push(...its.map((step) => ({ ...step, turns })));
    if (endsAt === null) break;
    const next = successorOf({ config }, incident, at);
    if (next === null) return { steps, endsAt };
    const begins = { stepIndex: 0, round: 0, dueAt: endsAt, heldUntil: null };
    at = { ...at, ...begins, policyId: next.id, policy: next.body, isReassigned: false };
  }
  return { steps, endsAt: null };
}

/** Whom the end of the last policy pages. */
function lastResort(config: Snapshot, incident: Incident, at: Instant): Rung | null {
  const manager = isDrill(incident) ? null : managerOf({ config }, incident);
  if (manager === null || config.get("people", manager) === null) return null;
  return { at, people: [manager], by: [] };
}

/** What the run would do if nobody ever answered, by the very rule that it follows. */
export function stepsAhead(run: Run, scene: Scene, ahead: number): Ahead<StepAhead> {
  const steps: StepAhead[] = [];
  for (let next = run; steps.length < ahead && next.dueAt !== null;) {
    const plan = planEscalation(next, next.dueAt, scene);
    if (plan.kind === "hold") {
      next = { ...next, ...plan.at, dueAt: plan.until };
      continue;
    }
    if (plan.kind !== "page") return { steps, endsAt: next.dueAt };
    steps.push({ at: next.dueAt, stepIndex: plan.at.stepIndex, step: plan.step });
    next = { ...next, ...plan.next, askedBy: null };
  }
  return { steps, endsAt: null };
}

/** One rung for each occasion on which people were paged, oldest first. */
export function pagedRungs(pages: readonly Notification[]): readonly Rung[] {
  const rungs = new Map<string, { at: Instant; people: Set<string>; by: string[] }>();
  for (const page of pages) {
    if (page.personId === null || page.handedOverAt === null) continue;
    const rung = rungs.get(page.occasion) ?? { at: page.handedOverAt, people: new Set(), by: [] };
    rung.people.add(page.personId);
    rungs.set(page.occasion, rung);
  }
  return [...rungs.values()].map((rung) => ({ ...rung, people: [...rung.people] }));
}

async function namedRungs(
  tx: Queryable,
  config: Snapshot,
  steps: readonly NamedStep[],
): Promise<readonly Rung[]> {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return [];
  const overrides = await listOverrides(tx, null, first.at, addMs(last.at, 1));
  const onCall = (schedule: string, at: Instant): readonly string[] => {
    const found = config.get("schedules", schedule);
    if (found === null) return [];
    const its = overrides.filter((row) => row.scheduleId === schedule);
    const asked = its.map((row): Override => ({ ...row, person: row.personId }));
    return holdersOf(whoIsOnCall(config.versionsOf(found), asked, at));
  };
  const named = ({ at, stepIndex, step, turns }: NamedStep): readonly string[] => {
    const all = peopleOf(step, {
      onCall: (schedule) => onCall(schedule, at),
      members: (team) => config.get("teams", team)?.body.members ?? [],
    });
    const next = step.inTurn === true ? nextInTurn(all, turns.get(stepIndex) ?? null) : null;
    if (next !== null) turns.set(stepIndex, next.personId);
    return (next === null ? all : [next]).map(({ personId }) => personId);
  };
  return steps.map((each) => ({
    at: each.at,
    people: named(each),
    by: each.step.notify.flatMap((target) => nameOfTarget(config, target)),
  }));
}

function nameOfTarget(
  config: Snapshot,
  target: Run["policy"]["steps"][number]["notify"][number],
): string[] {
  if ("schedule" in target)
    return [config.get("schedules", target.schedule)?.body.name ?? target.schedule];
  if ("team" in target) return [config.get("teams", target.team)?.body.name ?? target.team];
  return [];
}
