/** Wakes escalation runs: whom the next step pages, in the words of the page, and when the one after is due. */
import type { EscalationStep, Target } from "../../contract/escalation.ts";
import { incidentId } from "../../contract/ids.ts";
import { fill, REASONS, say } from "../../contract/texts.ts";
import { pipelined } from "../base/db.ts";
import { addMs, type Instant, toIso } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { type DevicesOf, findDevicesOf } from "../domain/account/deviceStore.ts";
import { succeedEscalation } from "../domain/escalation/commands.ts";
import {
  nextInTurn,
  pagesNextAt,
  peopleOf,
  planEscalation,
  type Plan,
  roundOf,
  type Run,
  type Scene,
} from "../domain/escalation/escalation.ts";
import {
  findDueRuns,
  lockActiveRuns,
  lockTurn,
  nextRun,
  putOffRun,
  saveRun,
  saveRuns,
  saveTurn,
} from "../domain/escalation/store.ts";
import { chronicle, chronicleAll, type Command, type Fact } from "../domain/incident/commands.ts";
import { callManager } from "../domain/incident/declare.ts";
import { sceneOf, successorOf } from "../domain/incident/escalating.ts";
import { pageWords, tellingOf } from "../domain/incident/telling.ts";
import { type Incident, isDrill, isOpen } from "../domain/incident/incident.ts";
import { addReaders, type IncidentReader, lockIncidents } from "../domain/incident/store.ts";
import { contactsOf, tellingsOf } from "../domain/notification/commands.ts";
import {
  hasPaged,
  insertNotifications,
  type NewNotification,
} from "../domain/notification/store.ts";
import {
  holdersOf,
  type OnCallAnswer,
  type Override,
  type Reason,
  whoIsOnCall,
} from "../domain/oncall/oncall.ts";
import { listOverrides } from "../domain/oncall/store.ts";
import type { Step } from "./engine.ts";
import { asEngine, chunksOf, type EngineParts, inSets } from "./parts.ts";

/** In one portion. The pages of the first ones must not wait long: deliver comes after it. */
const LIMIT = 2_000;
/** Together in one transaction; a crowd is two of them at once, so that the store works while words are written. */
const SET = 500;
const AT_ONCE = 2;
const PORTION_MS = 200;

export const escalateStep = (parts: EngineParts): Step => ({
  name: "escalate",
  dueAt: () => nextRun,
  async run(now) {
    const due = await findDueRuns(parts.world.db, now, LIMIT);
    const done = await inSets(parts, {
      now,
      sets: chunksOf(due, SET),
      atOnce: AT_ONCE,
      withinMs: PORTION_MS,
      work: (numbers) => asEngine(parts, now, (command) => escalate(command, numbers)),
      putOff: (number, until) => putOffRun(parts.world.db, number, until),
    });
    return { done, nextAt: null };
  },
});

/** One step of each run. Locks the incidents first, then their runs, and looks again. */
async function escalate(command: Command, numbers: readonly number[]): Promise<number> {
  const { tx, now } = command;
  const incidents = await lockIncidents(tx, ENGINE_READER, numbers);
  const runs = await lockActiveRuns(tx, numbersOf(incidents));
  const subjects = new Map(incidents.map((incident) => [incident.number, incident]));
  const due = runs
    .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
    .toSorted((a, b) => a.dueAt! - b.dueAt!);
  const paging: Turn[] = [];
  for (const run of due) {
    const incident = subjects.get(run.incidentNumber)!;
    if (!isOpen(incident.state) || incident.acknowledgedAt !== null) {
      await stop(command, run, "acknowledged or over");
      continue;
    }
    const scene = await sceneOf(command, incident, run.policy);
    const plan = planEscalation(run, now, scene);
    if (plan.kind === "wait") continue;
    await chronicleAll(command, passedOver(run, plan));
    if (plan.kind === "stop") await end(command, incident, run);
    else if (plan.kind === "hold") await hold(command, run, plan);
    else paging.push({ incident, run: { ...run, ...plan.at }, plan, scene });
  }
  await page(command, paging);
  return due.length;
}

const numbersOf = (incidents: readonly Incident[]): readonly number[] =>
  incidents.map(({ number }) => number);

const passedOver = (
  { incidentNumber }: Run,
  plan: Exclude<Plan, { kind: "wait" }>,
): readonly Fact[] =>
  plan.passedOver.map(({ stepIndex, round, because }) => ({
    number: incidentNumber,
    kind: "step passed over",
    params: { step: stepIndex + 1, round: round + 1, because },
  }));

/** Nobody answered: another policy takes over where one is named, otherwise the team's manager hears. */
async function end(command: Command, incident: Incident, run: Run): Promise<void> {
  const { tx, world, now } = command;
  const { number } = incident;
  const next = successorOf(command, incident, run);
  if (next !== null) {
    await chronicle(command, number, "policy handed over", { policy: run.policyId, to: next.id });
    await succeedEscalation(tx, world, run, next, now);
    return;
  }
  await chronicle(command, number, "policy exhausted", { policy: run.policyId });
  await stop(command, run, "policy exhausted");
  if (isDrill(incident)) return;
  const why = {
    kind: "exhausted",
    params: { incident: incidentId(number), policy: run.policyId },
  };
  await callManager(command, incident, { pages: true, occasion: `${run.id} exhausted`, now: why });
  world.log.error("escalation policy exhausted", { incident: incidentId(number) });
}

/** The step waits for business hours; that it does, and until when, is said once. */
async function hold(command: Command, run: Run, plan: Plan & { kind: "hold" }): Promise<void> {
  const held = { ...run, ...plan.at, dueAt: plan.until, heldUntil: plan.until };
  await saveRun(command.tx, held);
  if (run.heldUntil === plan.until) return;
  const until = toIso(plan.until);
  await chronicle(command, run.incidentNumber, "step held", { step: run.stepIndex + 1, until });
}

async function stop(command: Command, run: Run, because: string): Promise<void> {
  await saveRun(command.tx, {
    ...run,
    dueAt: null,
    stoppedAt: command.now,
    stoppedBecause: because,
  });
}

type Pages = Plan & { readonly kind: "page" };
/** A run whose next step is to be paged. */
type Turn = {
  readonly incident: Incident;
  readonly run: Run;
  readonly plan: Pages;
  readonly scene: Scene;
};

/** Writes the pages of many runs, each kind of row with one statement. */
async function page(command: Command, turns: readonly Turn[]): Promise<void> {
  if (turns.length === 0) return;
  const { tx } = command;
  const onCall = await askSchedules(command, turns);
  const pages: NewNotification[] = [];
  const readers: IncidentReader[] = [];
  const facts: Fact[] = [];
  const next: Run[] = [];
  const called: (Turn & { readonly people: ReturnType<typeof peopleOf> })[] = [];
  for (const turn of turns)
    called.push({ ...turn, people: await peopleNow(command, turn.run, turn.plan, onCall) });
  const everybody = called.flatMap(({ people }) => people.map(({ personId }) => personId));
  const devices = await findDevicesOf(tx, [...new Set(everybody)]);
  for (const turn of called) {
    const { incident, run, plan, people } = turn;
    const { number } = incident;
    const { rows, unreachable } = pagesOf(command, turn, { people, onCall, devices });
    pages.push(...rows);
    const shadows = shadowsOf(turn, people, onCall);
    const hears = rows.length === 0 ? [] : shadows;
    for (const shadow of hears) pages.push(...shadowNotice(command, turn, shadow));
    readers.push(...hears.map(({ personId }) => ({ incidentNumber: number, personId })));
    readers.push(...people.map(({ personId }) => ({ incidentNumber: number, personId })));
    facts.push(
      ...unreachable.map((person): Fact => ({ number, kind: "unreachable", params: { person } })),
    );
    const place = { step: run.stepIndex + 1, round: run.round + 1 };
    const moved = { ...run, ...plan.next, heldUntil: null, askedBy: null };
    const reached = people
      .map(({ personId }) => personId)
      .filter((id) => !unreachable.includes(id));
    if (reached.length > 0) {
      facts.push({ number, kind: "paged", params: { people: reached, ...place } });
      next.push(moved);
    } else {
      facts.push({ number, kind: "nobody to page", params: place });
      next.push({ ...moved, dueAt: await dueAfterNobody(command, run, plan) });
    }
  }
  await pipelined([
    addReaders(tx, readers),
    insertNotifications(tx, pages),
    chronicleAll(command, facts),
    saveRuns(tx, next),
  ]);
}

/** The pages of a turn, in their words, and whom none of them can reach. */
function pagesOf(
  command: Command,
  { incident, run, plan, scene }: Turn,
  {
    people,
    onCall,
    devices,
  }: {
    readonly people: ReturnType<typeof peopleOf>;
    readonly onCall: ReadonlyMap<string, OnCallAnswer>;
    readonly devices: DevicesOf;
  },
): { readonly rows: readonly NewNotification[]; readonly unreachable: readonly string[] } {
  const { config, world, now } = command;
  const nextAt = pagesNextAt(run, plan, scene);
  const told = people.map(({ personId, target }) => {
    const answer = "schedule" in target ? onCall.get(target.schedule) : undefined;
    const telling = {
      ...tellingOf(incident, "page", plan.occasion, now),
      runId: run.id,
      dueAt: run.dueAt ?? now,
      devices,
      why: { you: whyYou(run, plan.step, target, answer), now: whyNow(incident, run) },
      words: (id: string) =>
        pageWords(command, incident, id, nextLines(incident, personId, nextAt)),
    };
    return tellingsOf(world, config, [personId], telling, now);
  });
  return {
    rows: told.flatMap(({ rows }) => rows),
    unreachable: told.flatMap(({ unreachable }) => unreachable),
  };
}

type Shadow = { readonly personId: string; readonly schedule: string };

/** Who shadows a schedule whose people the step pages. Nobody learns by an incident that is for few. */
function shadowsOf(
  { incident, plan }: Turn,
  people: ReturnType<typeof peopleOf>,
  onCall: ReadonlyMap<string, OnCallAnswer>,
): readonly Shadow[] {
  if (incident.restricted) return [];
  const paged = new Set(people.map(({ personId }) => personId));
  const found = new Map<string, Shadow>();
  for (const target of plan.step.notify) {
    const answer = "schedule" in target ? onCall.get(target.schedule) : undefined;
    if (answer === undefined || !holdersOf(answer).some((person) => paged.has(person))) continue;
    for (const personId of answer.shadows)
      if (!paged.has(personId) && "schedule" in target)
        found.set(personId, { personId, schedule: target.schedule });
  }
  return [...found.values()];
}

/** They hear what was paged, and are asked for nothing: no acknowledge of theirs stops it. */
function shadowNotice(
  command: Command,
  { incident, run, plan }: Turn,
  { personId, schedule }: Shadow,
): readonly NewNotification[] {
  const { config, world, now } = command;
  const telling = {
    ...tellingOf(incident, "notice", `${plan.occasion} shadowed`, now),
    runId: run.id,
    why: { you: { kind: "shadow", params: { schedule } }, now: whyNow(incident, run) },
    words: (id: string) => {
      const words = pageWords(command, incident, id, [fill(REASONS.shadow, { schedule })]);
      const actions = words.actions.filter(({ verb }) => verb === "open");
      return { ...words, kind: "notice" as const, actions };
    },
  };
  return tellingsOf(world, config, [personId], telling, now).rows;
}

/** Whom the step pages: all of its people, or the next of them that can be reached. */
async function peopleNow(
  { tx, config }: Command,
  run: Run,
  plan: Pages,
  onCall: ReadonlyMap<string, OnCallAnswer>,
): Promise<ReturnType<typeof peopleOf>> {
  const people = peopleOf(plan.step, {
    onCall: (schedule) => {
      const answer = onCall.get(schedule);
      return answer === undefined ? [] : holdersOf(answer);
    },
    members: (team) => config.get("teams", team)?.body.members ?? [],
  }).filter(({ personId }) => config.get("people", personId) !== null);
  if (plan.step.inTurn !== true) return people;
  const devices = await findDevicesOf(
    tx,
    people.map(({ personId }) => personId),
  );
  const reachable = people.filter(
    ({ personId }) => contactsOf(config, personId, "high").length > 0 || devices.has(personId),
  );
  const last = await lockTurn(tx, run.policyId, run.stepIndex);
  const next = nextInTurn(reachable, last);
  if (next === null) return people;
  await saveTurn(tx, run.policyId, run.stepIndex, next.personId);
  return [next];
}

/**
 * Nobody to wait for: the next step is due at once. Only a whole round without anybody waits before the
 * next one: a policy must not be exhausted in a moment, by a gap of minutes in its schedules.
 */
async function dueAfterNobody({ tx, now }: Command, run: Run, { next }: Pages): Promise<Instant> {
  const roundEnds = next.round > run.round && next.round <= run.policy.repeat;
  if (!roundEnds || (await hasPaged(tx, run.incidentNumber, roundOf(run)))) return now;
  return next.dueAt;
}

/** Who is on call in each schedule of the steps, with the reasons. */
async function askSchedules(
  command: Command,
  turns: readonly Turn[],
): Promise<ReadonlyMap<string, OnCallAnswer>> {
  const targets = turns.flatMap(({ plan }) => plan.step.notify);
  const schedules = [
    ...new Set(targets.flatMap((target) => ("schedule" in target ? [target.schedule] : []))),
  ];
  if (schedules.length === 0) return new Map();
  const rows = await listOverrides(command.tx, schedules, command.now, addMs(command.now, 1));
  const overridesOf = (schedule: string): readonly Override[] =>
    rows
      .filter((row) => row.scheduleId === schedule)
      .map((row) => ({ ...row, person: row.personId }));
  const roster = command.config.versionsOf;
  return new Map(
    schedules.flatMap((schedule) => {
      const found = command.config.get("schedules", schedule);
      return found === null
        ? []
        : [[schedule, whoIsOnCall(roster(found), overridesOf(schedule), command.now)] as const];
    }),
  );
}

type Why = { readonly kind: string; readonly params: Readonly<Record<string, string>> };

function whyYou(
  run: Run,
  { inTurn }: EscalationStep,
  target: Target,
  answer: OnCallAnswer | undefined,
): Why {
  const step = String(run.stepIndex + 1);
  const policy = run.policyId;
  if (run.isReassigned) {
    const incident = incidentId(run.incidentNumber);
    return { kind: "reassigned", params: { person: run.askedBy ?? "Somebody", incident } };
  }
  if (inTurn === true && !("schedule" in target)) return { kind: "turn", params: { step, policy } };
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
  if (run.askedBy !== null)
    return { kind: "escalated", params: { person: run.askedBy, incident: id } };
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
  nextAt: Instant | null,
): readonly string[] {
  return [
    ...(incident.commanderId === personId ? [say("page command")] : []),
    nextAt === null ? say("page last") : say("page next", { next: toIso(nextAt) }),
  ];
}
