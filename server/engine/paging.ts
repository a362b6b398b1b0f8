/**
 * What a step of an escalation writes: whom it pages, in which words and for which reason, who shadows them, and
 * when the step after it is due. Asked about many runs at once.
 */
import type { EscalationStep, Target } from "../../contract/escalation.ts";
import { incidentId } from "../../contract/ids.ts";
import { REASONS, say, sentence, type Text } from "../../contract/texts.ts";
import { pipelined } from "../base/db.ts";
import { addMs, type Instant, toIso } from "../base/instant.ts";
import { type DevicesOf, findDevicesOf } from "../domain/account/deviceStore.ts";
import {
  nextInTurn,
  pagesNextAt,
  peopleOf,
  type Plan,
  planEscalation,
  roundOf,
  type Run,
  type Scene,
} from "../domain/escalation/escalation.ts";
import { lockTurns, rungName, saveRuns, saveTurn } from "../domain/escalation/store.ts";
import { chronicleAll, type Command, type Fact } from "../domain/incident/commands.ts";
import type { Begun, Consequences } from "../domain/incident/consequences.ts";
import type { Reach } from "../domain/incident/calling.ts";
import { sceneOf } from "../domain/incident/escalating.ts";
import type { Paging } from "../domain/incident/incident.ts";
import { addReaders, type IncidentReader } from "../domain/incident/store.ts";
import { pageParts, tellingOf } from "../domain/incident/telling.ts";
import { contactsOf, tellingsOf } from "../domain/notification/commands.ts";
import {
  hasPaged,
  insertNewNotifications,
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

type Pages = Plan & { readonly kind: "page" };
/** A run whose next step is to be paged. */
export type Turn = {
  readonly incident: Paging;
  readonly run: Run;
  readonly plan: Pages;
  readonly scene: Scene;
};

/** What a turn writes. */
type Paged = {
  readonly messages: readonly NewNotification[];
  readonly readers: readonly IncidentReader[];
  readonly facts: readonly Fact[];
  readonly run: Run;
};

const NOBODY = { people: new Set<string>(), devices: new Map() } as const;

/**
 * Writes the pages of many runs, each kind of row with one statement. `areNew`: it fails where a page is there already.
 * While the store is at it nothing holds what the rows were made of: of a crowd that would grow old, and be dear to collect.
 */
export const page = (command: Command, turns: readonly Turn[], areNew: boolean): Promise<unknown> =>
  pagedBy(command, turns).then((all) => pipelined(writesOf(command, all, areNew)));

function writesOf(
  command: Command,
  all: readonly Paged[],
  areNew: boolean,
): readonly Promise<unknown>[] {
  const { tx } = command;
  const insert = areNew ? insertNewNotifications : insertNotifications;
  return [
    addReaders(
      tx,
      all.flatMap(({ readers }) => readers),
    ),
    insert(
      tx,
      all.flatMap(({ messages }) => messages),
    ),
    chronicleAll(
      command,
      all.flatMap(({ facts }) => facts),
    ),
    saveRuns(
      tx,
      all.map(({ run }) => run),
    ),
  ];
}

/** `known`: people whose devices are known already. */
async function pagedBy(
  command: Command,
  turns: readonly Turn[],
  known: Pick<Reach, "people" | "devices"> = NOBODY,
): Promise<readonly Paged[]> {
  if (turns.length === 0) return [];
  const onCall = await askSchedules(command, turns);
  const lastOf = await lockTurns(
    command.tx,
    turns.filter(({ plan }) => plan.step.inTurn === true).map(({ run }) => run),
  );
  const called: (Turn & { readonly people: ReturnType<typeof peopleOf> })[] = [];
  for (const turn of turns)
    called.push({ ...turn, people: await peopleNow(command, turn, { onCall, lastOf }) });
  const everybody = called.flatMap(({ people }) => people.map(({ personId }) => personId));
  const others = everybody.filter((person) => !known.people.has(person));
  const found = await findDevicesOf(command.tx, [...new Set(others)]);
  const devices = new Map([...known.devices, ...found]);
  const all: Paged[] = [];
  for (const turn of called) {
    const { incident, run, plan, people } = turn;
    const { number } = incident;
    const { rows, unreachable } = pagesOf(command, turn, { people, onCall, devices });
    const hears = rows.length === 0 ? [] : shadowsOf(turn, people, onCall);
    const notices = hears.flatMap((shadow) => shadowNotice(command, turn, shadow));
    const told = [...hears, ...people];
    const facts = unreachable.map((person): Fact => ({
      number,
      kind: "unreachable",
      params: { person },
    }));
    const place = { round: run.round + 1, step: run.stepIndex + 1 };
    const moved = { ...run, ...plan.next, heldUntil: null, askedBy: null };
    const reached = people
      .map(({ personId }) => personId)
      .filter((id) => !unreachable.includes(id));
    const isReached = reached.length > 0;
    all.push({
      messages: [...rows, ...notices],
      readers: told.map(({ personId }) => ({ incidentNumber: number, personId })),
      facts: [
        ...facts,
        isReached
          ? { number, kind: "paged", params: { people: reached, ...place } }
          : { number, kind: "nobody to page", params: place },
      ],
      run: isReached ? moved : { ...moved, dueAt: await dueAfterNobody(command, run, plan) },
    });
  }
  return all;
}

/**
 * The first steps of escalations that begin with their incidents: where a step pages at once, its pages are written
 * with the incident instead of in a transaction of their own after it. What looks at rows of other incidents or at
 * alerts that have not joined yet is left to its own step of the engine.
 */
export async function withFirstPages(
  command: Command,
  begun: readonly Begun[],
  known: Reach,
  pagesAt: (place: number) => boolean,
): Promise<readonly Consequences[]> {
  const turns: Turn[] = [];
  for (const [at, each] of begun.entries()) {
    const turn = pagesAt(at) ? await firstTurn(command, each) : null;
    if (turn !== null) turns.push(turn);
  }
  const paged = await pagedBy(command, turns, known);
  const byRun = new Map(paged.map((each) => [each.run.id, each]));
  return begun.map(({ then }) => {
    const found = byRun.get(then.runs[0]?.id ?? "");
    return found === undefined ? then : joined(then, found);
  });
}

const joined = (then: Consequences, { messages, readers, facts, run }: Paged): Consequences => ({
  ...then,
  messages: [...then.messages, ...messages],
  readers: [...then.readers, ...readers],
  facts: [...then.facts, ...facts],
  runs: [run],
});

async function firstTurn(command: Command, { incident, then }: Begun): Promise<Turn | null> {
  const [run] = then.runs;
  if (run === undefined || then.runs.length > 1) return null;
  if (run.policy.steps.some((step) => step.when?.labels !== undefined || step.inTurn === true))
    return null;
  const scene = await sceneOf(command, incident, run.policy);
  const plan = planEscalation(run, command.now, scene);
  if (plan.kind !== "page" || plan.passedOver.length > 0) return null;
  return { incident, run: { ...run, ...plan.at }, plan, scene };
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
      words: () => pageParts(command, incident, nextLines(incident, personId, nextAt)),
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
    words: () =>
      pageParts(command, incident, [sentence(REASONS.shadow, { schedule })], { asks: "nothing" }),
  };
  return tellingsOf(world, config, [personId], telling, now).rows;
}

/** Whom the step pages: all of its people, or the next of them that can be reached. */
async function peopleNow(
  { tx, config }: Command,
  { run, plan }: Turn,
  {
    onCall,
    lastOf,
  }: { readonly onCall: ReadonlyMap<string, OnCallAnswer>; readonly lastOf: Map<string, string> },
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
  const next = nextInTurn(reachable, lastOf.get(rungName(run)) ?? null);
  if (next === null) return people;
  lastOf.set(rungName(run), next.personId);
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
  return onCallBecause(target.schedule, winner, { step, policy });
}

/** The schedule, with the override or the layer and its shift that made it theirs. */
function onCallBecause(
  schedule: string,
  reason: Reason | undefined,
  place: Readonly<Record<"step" | "policy", string>>,
): Why {
  const span = (held: { readonly startsAt: Instant; readonly endsAt: Instant }) => ({
    from: toIso(held.startsAt),
    to: toIso(held.endsAt),
  });
  if (reason?.kind === "override")
    return {
      kind: "on call override",
      params: { schedule, ...span(reason.override), ...place },
    };
  if (reason?.kind === "layer holds")
    return {
      kind: "on call layer",
      params: { schedule, layer: reason.layer, ...span(reason.shift), ...place },
    };
  return { kind: "on call", params: { explanation: schedule, ...place } };
}

function whyNow(incident: Paging, run: Run): Why {
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

function nextLines(incident: Paging, personId: string, nextAt: Instant | null): readonly Text[] {
  return [
    ...(incident.commanderId === personId ? [say("page command")] : []),
    nextAt === null ? say("page last") : say("page next", { next: toIso(nextAt) }),
  ];
}
