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
import { sceneOf } from "../domain/incident/escalating.ts";
import type { Incident } from "../domain/incident/incident.ts";
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
  incident: Pick<Incident, "number" | "severity" | "teamIds">,
  ahead: number,
): Promise<Ladder> {
  const incidentNumber = incident.number;
  const filter = { incidentNumber, kind: "page" };
  const pages = await listNotifications(tx, ENGINE_READER, filter, PAGES_SHOWN, null);
  const run = (await listRuns(tx, incidentNumber)).find((each) => each.stoppedAt === null);
  const steps =
    run === undefined
      ? []
      : stepsAhead(run, await sceneOf({ tx, config }, incident, run.policy), ahead);
  const turns = await listTurns(tx, run?.policyId ?? "");
  return {
    paged: pagedRungs(pages.toReversed()),
    upcoming: await namedRungs(tx, config, steps, turns),
    inFlight: pages.filter((page) => page.state === "sending").length,
  };
}

type StepAhead = {
  readonly at: Instant;
  readonly stepIndex: number;
  readonly step: Run["policy"]["steps"][number];
};

/** What the run would do if nobody ever answered, by the very rule that it follows. */
export function stepsAhead(run: Run, scene: Scene, ahead: number): readonly StepAhead[] {
  const steps: StepAhead[] = [];
  for (let next = run; steps.length < ahead && next.dueAt !== null;) {
    const plan = planEscalation(next, next.dueAt, scene);
    if (plan.kind === "hold") {
      next = { ...next, ...plan.at, dueAt: plan.until };
      continue;
    }
    if (plan.kind !== "page") break;
    steps.push({ at: next.dueAt, stepIndex: plan.at.stepIndex, step: plan.step });
    next = { ...next, ...plan.next, askedBy: null };
  }
  return steps;
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
  steps: readonly StepAhead[],
  turns: ReadonlyMap<number, string>,
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
  const turn = new Map(turns);
  const named = ({ at, stepIndex, step }: StepAhead): readonly string[] => {
    const all = peopleOf(step, {
      onCall: (schedule) => onCall(schedule, at),
      members: (team) => config.get("teams", team)?.body.members ?? [],
    });
    const next = step.inTurn === true ? nextInTurn(all, turn.get(stepIndex) ?? null) : null;
    if (next !== null) turn.set(stepIndex, next.personId);
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
