/** Wakes escalation runs: what each of them does next, and whether it pages. */
import { incidentId } from "../../contract/ids.ts";
import { atMost } from "../base/atMost.ts";
import { MAX_SKEW_MS } from "../base/clock.ts";
import { holdOnlyFor, pipelined, sql, sqlState } from "../base/db.ts";
import { assert } from "../base/errors.ts";
import { addMs, type Instant, instant, SECOND, toIso } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { succeedEscalation } from "../domain/escalation/commands.ts";
import { planEscalation, type Plan, type Run } from "../domain/escalation/escalation.ts";
import {
  type Due,
  findDueRuns,
  listActiveRuns,
  nextRun,
  putOffRun,
  saveRun,
} from "../domain/escalation/store.ts";
import { chronicle, chronicleAll, type Command, type Fact } from "../domain/incident/commands.ts";
import { callManager } from "../domain/incident/calling.ts";
import { sceneOf, successorOf } from "../domain/incident/escalating.ts";
import { isDrill, isOpen } from "../domain/incident/incident.ts";
import { lockIncident, lockPaging } from "../domain/incident/store.ts";
import type { Step } from "./engine.ts";
import { page, type Turn } from "./paging.ts";
import { asEngine, chunksOf, type EngineParts, inSets, PUT_OFF_MS } from "./parts.ts";

/** In one look. */
const LIMIT = 4_000;
/** Together in one transaction, at most. */
const SET = 250;
/** A crowd is several sets at once: most of them wait for their instant while the store works at others. Each has a connection. */
const AT_ONCE = 18;
/** So many are drawn and written at once. With more they keep each other, and what is committed, from the processors. */
const WRITING = 3;
const SMALLEST_SET = 80;
/** Between two looks, and between the first and the last of a set: fewer would be late, and many small ones keep each other waiting. */
const PACE_MS = 10;
/** So long before it is due a set is begun. It is drawn as of the instant its last is due, and committed no sooner. */
const AHEAD_MS = 36;
/**
 * So long in a crowd: whatever takes the processors for a tenth of a second, as a collection of V8's whole heap does, is over
 * before those are due that were drawn before it (decisions/0160). Whoever acknowledges one of them waits no longer than this.
 */
const FAR_AHEAD_MS = 160;
/** So long the other steps of a tick wait for a crowd, which then goes on beside them: deliver comes after it. */
const PORTION_MS = 50;

/**
 * A node that lost power in the middle of a set lets go of its incidents after so long: sooner than whoever acknowledges
 * one of them gives up, later than a busy process pauses.
 */
const HELD_MS = 4 * SECOND;

/** What PostgreSQL says where a row was to be new and is not. */
const IS_THERE = "23505";

const NEVER = new AbortController().signal;
const BEGINNING = instant(0);

/** So long after more than one set at a look it counts as a crowd. */
const CROWD_MS = 500;

type EscalateStep = Step & {
  /** Whether a crowd came due just now. */
  isCrowded(): boolean;
  /** Begins nothing more, and waits for what goes on beside the ticks. */
  drain(): Promise<void>;
};

/** A crowd under way: set after set until none is late. */
type Flow = {
  readonly ended: Promise<unknown>;
  hasEnded: boolean;
  fault: unknown;
};

export function escalateStep(parts: EngineParts): EscalateStep {
  const { clock, db } = parts.world;
  let crowdAt: Instant | null = null;
  let flow: Flow | null = null;
  let isDraining = false;
  let done = 0;
  /** Told when a set has ended. */
  let notice = (): void => undefined;
  /** When this tick began, by its own reading and by the clock. */
  let tick = { began: clock.now(), since: clock.now() };
  /**
   * When they were due that were taken. What is due again at once waits for the next tick, so that no policy without people spins;
   * what somebody else holds is tried again once it is due.
   */
  const taken = new Map<number, Instant>();
  /** So far this tick has looked. The rows before that are looked through once a tick: they are many, and most are done. */
  let seenUntil = BEGINNING;
  /** So far no crowd comes: whatever is due until then is begun a moment ahead, and not longer. */
  let calmUntil = BEGINNING;
  const underWay = new Set<number>();
  const writing = atMost(WRITING);

  // A tick may be given a reading of its own. Not how long ago it began: much may have come between.
  const reading = (): Instant => instant(Math.max(tick.began, clock.now()));
  let hasMoved = false;
  /** Where time stands still nothing is drawn ahead, and nothing waits. */
  const moves = (): boolean => (hasMoved ||= clock.now() !== tick.since);
  /** Never long, whatever has been done to the clock. */
  const pauseUntil = async (at: Instant): Promise<void> => {
    const ms = Math.min(at - reading(), FAR_AHEAD_MS);
    if (ms > 0) await clock.sleep(ms, NEVER);
  };

  const isCrowded = (): boolean => crowdAt !== null && clock.now() - crowdAt < CROWD_MS;
  const isFresh = ({ incidentNumber }: Due): boolean =>
    !taken.has(incidentNumber) && !underWay.has(incidentNumber);

  /** Takes what is to be begun now. */
  const look = async (): Promise<{ readonly due: readonly Due[]; readonly isCrowd: boolean }> => {
    const now = reading();
    const far = addMs(now, moves() ? FAR_AHEAD_MS : 0);
    // A crowd that only comes is to be seen before its first are to be begun.
    const until = isCrowded() ? far : addMs(far, far - now);
    const found = await findDueRuns(db, { from: seenUntil, until }, LIMIT);
    const isCrowd = found.filter(isFresh).length + underWay.size > SMALLEST_SET;
    if (isCrowd) crowdAt = now;
    else calmUntil = until;
    const last = isCrowd ? far : addMs(now, AHEAD_MS);
    const begun = found.filter(({ dueAt }) => dueAt <= last);
    seenUntil = begun.at(-1)?.dueAt ?? seenUntil;
    const due = begun.filter(isFresh);
    for (const { incidentNumber, dueAt } of due) taken.set(incidentNumber, dueAt);
    return { due, isCrowd };
  };

  const begin = (): Flow => {
    let lookAt = reading();
    const begun: Flow = { ended: flowing(), hasEnded: false, fault: null };
    return begun;

    async function flowing(): Promise<void> {
      try {
        await inSets<Due>(parts, {
          now: tick.began,
          sets: [],
          atOnce: AT_ONCE,
          async more() {
            for (;;) {
              await pauseUntil(lookAt);
              // A node that does not tick any more, as its clock is far off, pages nobody beside the ticks either.
              if (isDraining || Math.abs(clock.now() - tick.since) > MAX_SKEW_MS) return [];
              const { due, isCrowd } = await look();
              lookAt = addMs(reading(), moves() ? PACE_MS : 0);
              if (due.length > 0) return setsOf(due, reading());
              // There is a moment of nothing in it; to wait until a set has ended would be to lose what it is ahead.
              if (!isCrowd || !moves()) return [];
            }
          },
          async work(due) {
            const numbers = due.map(({ incidentNumber }) => incidentNumber);
            const at = instant(Math.max(reading(), ...due.map(({ dueAt }) => dueAt)));
            for (const number of numbers) underWay.add(number);
            try {
              const fire = (areNew: boolean): Promise<number> =>
                asEngine(parts, at, async (command) => {
                  const count = await writing(() => escalate(command, numbers, areNew));
                  if (at > reading()) notice();
                  await pauseUntil(at);
                  return count;
                });
              const fired = await fire(true).catch((error: unknown) =>
                sqlState(error) === IS_THERE ? fire(false) : Promise.reject(error),
              );
              done += fired;
              return fired;
            } finally {
              for (const number of numbers) underWay.delete(number);
              notice();
            }
          },
          // From now on: when the flow began may be long ago.
          putOff: ({ incidentNumber }) =>
            putOffRun(db, incidentNumber, addMs(reading(), PUT_OFF_MS)),
        });
      } catch (error) {
        begun.fault = error;
      }
      begun.hasEnded = true;
    }
  };

  return {
    name: "escalate",
    // Sooner: far enough for a crowd, which nobody knows of before a look at what comes.
    dueAt: () =>
      hasMoved
        ? sql`(select at - case when at <= ${calmUntil} then ${AHEAD_MS}::integer else ${FAR_AHEAD_MS}::integer end
            from ${nextRun} as next (at))`
        : nextRun,
    isCrowded,
    async run(began) {
      tick = { began, since: clock.now() };
      for (const [number, dueAt] of taken) if (dueAt <= began) taken.delete(number);
      seenUntil = BEGINNING;
      const portion = new Promise<void>((resolve) => {
        notice = () => {
          const isOver = clock.now() - tick.since >= PORTION_MS;
          if (moves() && (isOver || (done > 0 && underWay.size === 0))) resolve();
        };
      });
      for (;;) {
        const isOfBefore = flow !== null;
        const current = (flow ??= begin());
        await Promise.race([current.ended, portion]);
        if (current.hasEnded) flow = null;
        if (current.hasEnded && isOfBefore) {
          // It has not looked for this tick, and went on where nobody was to be told.
          if (current.fault !== null)
            parts.world.log.error(
              "escalating beside the ticks broke off",
              errorFields(current.fault),
            );
          continue;
        }
        const fired = done;
        done = 0;
        if (!current.hasEnded) return { done: fired, nextAt: began };
        // Each fault was logged; what was done before counts.
        if (current.fault !== null && fired === 0) throw current.fault;
        return { done: fired, nextAt: null };
      }
    },
    async drain() {
      isDraining = true;
      await flow?.ended;
    },
  };
}

/**
 * In sets, the first due first. Those of what is due already are as few as there is room for at once, all alike, so that none is small
 * beside others. What is not due yet waits for the last of its set, and so not long.
 */
function setsOf(due: readonly Due[], now: Instant): readonly (readonly Due[])[] {
  const late = due.filter(({ dueAt }) => dueAt <= now);
  const atOnce = Math.min(Math.max(Math.floor(late.length / SMALLEST_SET), 1), AT_ONCE);
  const size = Math.max(1, Math.min(SET, Math.ceil(late.length / atOnce)));
  const sets: Due[][] = [];
  for (const each of due.slice(late.length)) {
    const set = sets.at(-1);
    if (set !== undefined && set.length < SET && each.dueAt - set[0]!.dueAt < PACE_MS)
      set.push(each);
    else sets.push([each]);
  }
  return [...chunksOf(late, size), ...sets];
}

/** One step of each run. `areNew`: its pages are taken to be new, and nothing is done where one is not. */
const escalate = (command: Command, numbers: readonly number[], areNew: boolean): Promise<number> =>
  turnsOf(command, numbers).then(({ count, turns }) =>
    page(command, turns, areNew).then(() => count),
  );

/** Locks the incidents, looks at their runs after that, and ends or holds what does not page. */
async function turnsOf(
  command: Command,
  numbers: readonly number[],
): Promise<{ readonly count: number; readonly turns: readonly Turn[] }> {
  const { tx, now } = command;
  const [, incidents, runs] = await pipelined([
    holdOnlyFor(tx, HELD_MS),
    lockPaging(tx, numbers),
    listActiveRuns(tx, numbers),
  ]);
  const subjects = new Map(incidents.map((incident) => [incident.number, incident]));
  const due = runs
    .filter(({ incidentNumber }) => subjects.has(incidentNumber))
    .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
    .toSorted((a, b) => a.dueAt! - b.dueAt!);
  const turns: Turn[] = [];
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
    if (plan.kind === "stop") await end(command, run);
    else if (plan.kind === "hold") await hold(command, run, plan);
    else turns.push({ incident, run: { ...run, ...plan.at }, plan, scene });
  }
  return { count: due.length, turns };
}

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
async function end(command: Command, run: Run): Promise<void> {
  const { tx, world, now } = command;
  const { incidentNumber: number } = run;
  const incident = await lockIncident(tx, ENGINE_READER, number);
  assert(incident !== null, "a run ends of an incident that is held");
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
