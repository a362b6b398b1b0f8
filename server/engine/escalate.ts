/** Wakes escalation runs: whom the next step pages, in the words of the page, and when the one after is due. */
import { incidentId } from "../../contract/ids.ts";
import { say } from "../../contract/texts.ts";
import { addMs, type Instant, toIso } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import {
  peopleOf,
  planEscalation,
  type Plan,
  roundOf,
  type Run,
} from "../domain/escalation/escalation.ts";
import {
  findDueRuns,
  findNextRun,
  lockActiveRun,
  putOffRun,
  saveRun,
} from "../domain/escalation/store.ts";
import { chronicle, type Command, letIn } from "../domain/incident/commands.ts";
import { callManager } from "../domain/incident/declare.ts";
import { pageWords, tellingOf } from "../domain/incident/telling.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { tellPeople } from "../domain/notification/commands.ts";
import { hasPaged } from "../domain/notification/store.ts";
import {
  type OnCallAnswer,
  type Override,
  type Reason,
  whoIsOnCall,
} from "../domain/oncall/oncall.ts";
import { listOverrides } from "../domain/oncall/store.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

/** The pages of the first ones must not wait for the last one: deliver comes after the portion. */
const LIMIT = 50;

export const escalateStep = (parts: EngineParts): Step => ({
  name: "escalate",
  async run(now) {
    const due = await findDueRuns(parts.world.db, now, LIMIT);
    const done = await each(parts, {
      now,
      items: due,
      work: (number) => asEngine(parts, now, (command) => escalate(command, number)),
      putOff: (number, until) => putOffRun(parts.world.db, number, until),
    });
    return { done, nextAt: await findNextRun(parts.world.db) };
  },
});

/** One step of one incident's run. Locks the incident first, then its run, and looks again. */
async function escalate(command: Command, number: number): Promise<boolean> {
  const incident = await lockIncident(command.tx, ENGINE_READER, number);
  const run = await lockActiveRun(command.tx, number);
  if (incident === null || run === null || run.dueAt === null || run.dueAt > command.now)
    return false;
  if (!isOpen(incident.state) || incident.acknowledgedAt !== null) {
    await stop(command, run, "acknowledged or over");
    return true;
  }
  const plan = planEscalation(run, command.now);
  if (plan.kind === "wait") return false;
  if (plan.kind === "stop") {
    await chronicle(command, number, "policy exhausted", { policy: run.policyId });
    await stop(command, run, plan.because);
    const now = {
      kind: "exhausted",
      params: { incident: incidentId(number), policy: run.policyId },
    };
    await callManager(command, incident, { pages: true, occasion: `${run.id} exhausted`, now });
    command.world.log.error("escalation policy exhausted", { incident: incidentId(number) });
    return true;
  }
  await page(command, incident, run, plan);
  return true;
}

async function stop(command: Command, run: Run, because: string): Promise<void> {
  await saveRun(command.tx, {
    ...run,
    dueAt: null,
    stoppedAt: command.now,
    stoppedBecause: because,
  });
}

async function page(
  command: Command,
  incident: Incident,
  run: Run,
  plan: Plan & { kind: "page" },
): Promise<void> {
  const { tx, config } = command;
  const onCall = await askSchedules(command, plan);
  const people = peopleOf(plan.step, {
    onCall: (schedule) => onCall.get(schedule)?.person ?? null,
    members: (team) => config.get("teams", team)?.body.members ?? [],
  }).filter(({ personId }) => config.get("people", personId) !== null);
  const place = { step: run.stepIndex + 1, round: run.round + 1 };
  const unreachable: string[] = [];
  await letIn(
    command,
    incident.number,
    people.map(({ personId }) => personId),
  );
  for (const { personId, target } of people) {
    const answer = "schedule" in target ? onCall.get(target.schedule) : undefined;
    const told = await tellPeople(
      tx,
      command.world,
      config,
      [personId],
      {
        ...tellingOf(incident, "page", plan.occasion, command.now),
        runId: run.id,
        dueAt: run.dueAt ?? command.now,
        why: { you: whyYou(run, target, answer), now: whyNow(incident, run) },
        words: (id) => pageWords(command, incident, id, nextLines(incident, personId, run, plan)),
      },
      command.now,
    );
    unreachable.push(...told.unreachable);
  }
  const reached = people.map(({ personId }) => personId).filter((id) => !unreachable.includes(id));
  for (const person of unreachable)
    await chronicle(command, incident.number, "unreachable", { person });
  if (reached.length > 0) {
    await chronicle(command, incident.number, "paged", { people: reached, ...place });
    await saveRun(tx, { ...run, ...plan.next });
  } else {
    await chronicle(command, incident.number, "nobody to page", place);
    await saveRun(tx, { ...run, ...plan.next, dueAt: await dueAfterNobody(command, run, plan) });
  }
}

/**
 * Nobody to wait for: the next step is due at once. Only a whole round without anybody waits before the
 * next one: a policy must not be exhausted in a moment, by a gap of minutes in its schedules.
 */
async function dueAfterNobody(
  { tx, now }: Command,
  run: Run,
  { next }: Plan & { kind: "page" },
): Promise<Instant> {
  const roundEnds = next.round > run.round && next.round <= run.policy.repeat;
  if (!roundEnds || (await hasPaged(tx, run.incidentNumber, roundOf(run)))) return now;
  return next.dueAt;
}

/** Who is on call in each schedule of the step, with the reasons. */
async function askSchedules(
  command: Command,
  plan: Plan & { kind: "page" },
): Promise<ReadonlyMap<string, OnCallAnswer>> {
  const schedules = plan.step.notify.flatMap((target) =>
    "schedule" in target ? [target.schedule] : [],
  );
  if (schedules.length === 0) return new Map();
  const rows = await listOverrides(command.tx, schedules, command.now, addMs(command.now, 1));
  const overridesOf = (schedule: string): readonly Override[] =>
    rows
      .filter((row) => row.scheduleId === schedule)
      .map((row) => ({ ...row, person: row.personId }));
  return new Map(
    schedules.flatMap((schedule) => {
      const found = command.config.get("schedules", schedule);
      return found === null
        ? []
        : [[schedule, whoIsOnCall(found.body, overridesOf(schedule), command.now)] as const];
    }),
  );
}

type Why = { readonly kind: string; readonly params: Readonly<Record<string, string>> };

function whyYou(
  run: Run,
  target: { schedule: string } | { person: string } | { team: string },
  answer: OnCallAnswer | undefined,
): Why {
  const step = String(run.stepIndex + 1);
  const policy = run.policyId;
  if ("person" in target) return { kind: "person", params: { step, policy } };
  if ("team" in target) return { kind: "team", params: { team: target.team, step, policy } };
  const winner = answer?.because.find((reason) => "verdict" in reason && reason.verdict === "wins");
  return {
    kind: "on call",
    params: { explanation: explanation(target.schedule, winner), step, policy },
  };
}

/** “payments-primary, layer Europe, shift 2026-11-16T08:00Z to …” */
function explanation(schedule: string, reason: Reason | undefined): string {
  if (reason === undefined) return schedule;
  if (reason.kind === "override") {
    return `${schedule}, override ${toIso(reason.override.startsAt)} to ${toIso(reason.override.endsAt)}`;
  }
  if (reason.kind === "layer holds") {
    return `${schedule}, layer ${reason.layer}, shift ${toIso(reason.shift.startsAt)} to ${toIso(reason.shift.endsAt)}`;
  }
  return schedule;
}

function whyNow(incident: Incident, run: Run): Why {
  const id = incidentId(incident.number);
  if (run.stepIndex === 0 && run.round === 0) {
    return { kind: "first step", params: { incident: id, declared: toIso(incident.declaredAt) } };
  }
  const before =
    run.policy.steps[(run.stepIndex + run.policy.steps.length - 1) % run.policy.steps.length];
  return {
    kind: "nobody answered",
    params: { incident: id, minutes: String(before?.timeoutMinutes ?? 0) },
  };
}

function nextLines(
  incident: Incident,
  personId: string,
  run: Run,
  plan: Plan & { kind: "page" },
): readonly string[] {
  const isLast = run.round >= run.policy.repeat && run.stepIndex === run.policy.steps.length - 1;
  return [
    ...(incident.commanderId === personId ? [say("page command")] : []),
    isLast ? say("page last") : say("page next", { next: toIso(plan.next.dueAt) }),
  ];
}
