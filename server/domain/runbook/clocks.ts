/** What the clocks of a run lead to: those concerned hear every mark, whoever comes after them a miss. */
import { toIso } from "../../base/instant.ts";
import { ENGINE_READER } from "../account/account.ts";
import { startClock } from "../deadline/commands.ts";
import type { Mark } from "../deadline/deadline.ts";
import type { DeadlineRow } from "../deadline/store.ts";
import type { Command } from "../incident/commands.ts";
import { lockCarried, recount, withStep } from "./carry.ts";
import { concerned, personFor } from "./people.ts";
import { deadlineOfClock, ofClock, specOf } from "./progress.ts";
import { type Carried, isSettled, phasePath, stepOf } from "./run.ts";
import { tellOfClock } from "./telling.ts";

/** Locks what a clock belongs to, before the clock; null when it is no more. */
export const lockOfClock = (command: Command, subject: string): Promise<Carried | null> =>
  lockCarried(command, ENGINE_READER, ofClock(subject).run);

export async function runMark(
  command: Command,
  carried: Carried,
  row: DeadlineRow,
  mark: Mark,
): Promise<void> {
  const { of } = ofClock(row.subject);
  const words = wordsOf(carried, of);
  const missed = mark.fraction === 1;
  await recount(command, carried.run, missed ? "breached" : "at risk", {
    deadline: `“${words}”`,
    due: toIso(row.deadline.dueAt),
    percent: Math.round(mark.fraction * 100),
    source: row.deadline.source,
  });
  const people = await concerned(command, carried, stepToAsk(carried, of));
  const more = missed ? await afterThem(command, carried, people) : [];
  const told = { words, people: [...new Set([...people, ...more])] };
  await tellOfClock(command, carried, told, row, mark);
  if (!missed) return;
  const late = carried.steps.find((each) => each.stepId === of);
  if (late !== undefined) await withStep(command, carried, { ...late, late: true });
  const deadline = deadlineOfClock(carried, of);
  if (deadline?.repeats !== true) return;
  const spec = specOf(command, carried, row.deadline.kind, deadline);
  await startClock(command, row.subject, row.teamId, spec, row.deadline.dueAt);
}

/** Words of what the clock is about: a step, a phase, or the whole plan. */
function wordsOf({ plan }: Carried, of: string): string {
  const phase = plan.phases.find((each) => phasePath(plan, each) === of);
  return stepOf(plan, of)?.text ?? phase?.title ?? plan.title;
}

/** The step whose people hear of it: itself, or the first that is open in the phase. */
function stepToAsk(carried: Carried, of: string): string {
  const { plan, steps } = carried;
  if (stepOf(plan, of) !== null) return of;
  const phase = plan.phases.find((each) => phasePath(plan, each) === of);
  const ids = new Set(
    (phase?.steps ?? plan.phases.flatMap((each) => each.steps)).map(({ id }) => id),
  );
  return steps.find((row) => ids.has(row.stepId) && !isSettled(row))?.stepId ?? of;
}

/** The manager of the team, and the next on the document's escalation path who has not been told. */
async function afterThem(
  command: Command,
  carried: Carried,
  told: readonly string[],
): Promise<readonly string[]> {
  const manager = command.config.get("teams", carried.run.teamId ?? "")?.body.manager;
  const found = manager === undefined || carried.incident?.restricted === true ? [] : [manager];
  for (const { role } of carried.plan.escalation) {
    const person = await personFor(command, carried, role);
    if (person === null || told.includes(person)) continue;
    return [...found, person];
  }
  return found;
}
