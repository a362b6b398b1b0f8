/**
 * Looks at numbers over time: asks the queries that are due, judges every series that has news or
 * whose verdict can have changed by itself, and hands what follows to the intake as a signal like
 * any other. The signal is owed in the row before it is handed over, so a crash in between only
 * repeats it, and the alert's identity makes a repeat harmless.
 */
import { sql, transact, type Tx } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND, toIso } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { DecisionColumns } from "../domain/alert/alert.ts";
import type { Arrival, IntakeDesk } from "../domain/alert/intake.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import { conditionText, severityFor } from "../domain/signal/conditionText.ts";
import { recordMeasurements } from "../domain/signal/measurements.ts";
import {
  QUERY_TIMEOUT_MS,
  type QueryDriver,
  type QueryReply,
  retryAfterMs,
} from "../domain/signal/query.ts";
import {
  awakenOrphans,
  type DueQuery,
  findSamples,
  forgetStates,
  keepQueries,
  leaseOwed,
  type LockedState,
  lockDueStates,
  nextQuery,
  nextState,
  pruneMeasurements,
  saveLooks,
  type SavedLook,
  saveQuery,
  settleOwed,
  takeDueQueries,
} from "../domain/signal/store.ts";
import {
  look,
  lookNeedsSince,
  POLLED_KEY,
  watching,
  type WatchQuery,
  type WatchRule,
  type WatchRules,
  watchRulesReader,
} from "../domain/signal/watch.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

const LOOKS_PER_TICK = 50;
/** Two weeks at one sample a minute; so one tick holds a million samples at most. */
const SAMPLES_PER_LOOK = 20_160;
const MOST_POLLS_IN_FLIGHT = 16;
/** The intake answers in milliseconds; after this the signal is handed over again. */
const HAND_OVER_LEASE_MS = 10 * SECOND;
const POLL_LEASE_MS = QUERY_TIMEOUT_MS + 10 * SECOND;
const PRUNE_EVERY_MS = MINUTE;
const PRUNED_AT_ONCE = 5_000;

export type ConditionsStep = Step & {
  /** Waits until every query that was asked has its reply recorded. */
  drain(): Promise<void>;
};

export function conditionsStep(
  parts: EngineParts,
  desk: IntakeDesk,
  driver: QueryDriver,
): ConditionsStep {
  const { world } = parts;
  const rulesOf = watchRulesReader();
  const inFlight = new Set<Promise<void>>();
  let settledFor: WatchRules | null = null;
  let settledVersion: number | null = null;
  let pruneAt: Instant | null = null;

  /** Asked outside of the tick: a slow monitoring system must not delay a page. */
  const ask = (query: WatchQuery, due: DueQuery): void => {
    const tracked = poll(parts, rulesOf, driver, query, due)
      .catch((error: unknown) => world.log.error("recording a poll failed", errorFields(error)))
      .finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
  };

  async function prune(rules: WatchRules, now: Instant): Promise<number> {
    if (pruneAt !== null && now < pruneAt) return 0;
    const pruned = await pruneMeasurements(world.db, addMs(now, -rules.keepMs), PRUNED_AT_ONCE);
    pruneAt = pruned < PRUNED_AT_ONCE ? addMs(now, PRUNE_EVERY_MS) : now;
    return pruned;
  }

  return {
    name: "conditions",
    dueAt(now) {
      if (pruneAt === null || now >= pruneAt) return sql`0`;
      // Without room a query that is due waits for one that ends, which nudges.
      const query = inFlight.size < MOST_POLLS_IN_FLIGHT ? nextQuery : sql`null`;
      return dueUnlessChanged(settledVersion, sql`least(${nextState}, ${query})`);
    },
    async run(now) {
      const config = await parts.config(world.db);
      const rules = rulesOf(config);
      if (rules !== settledFor) await takeUp(parts, rules, now);
      settledFor = rules;
      settledVersion = config.version;
      const room = Math.max(MOST_POLLS_IN_FLIGHT - inFlight.size, 0);
      const due = await takeDueQueries(world.db, now, addMs(now, POLL_LEASE_MS), room);
      for (const each of due) {
        const query = rules.queries.get(each.measure);
        if (query !== undefined) ask(query, each);
      }
      const looked = await lookAtDue(parts, desk, rules, now);
      const pruned = await prune(rules, now);
      return { done: due.length + looked + pruned, nextAt: null };
    },
    async drain() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

/** New configuration: queries begin and end, and what a vanished rule opened comes to its end. */
async function takeUp({ world }: EngineParts, rules: WatchRules, now: Instant): Promise<void> {
  for (const { ruleId, text } of rules.findings) {
    world.log.warn("a rule cannot watch anything", { rule: ruleId, finding: text });
  }
  await transact(world.db, async (tx) => {
    await keepQueries(tx, [...rules.queries.keys()].toSorted(), now);
    await awakenOrphans(tx, [...rules.byId.values()], now);
  });
}

/** A signal that is owed: about what, and when its series is looked at next. */
type Owed = Pick<SavedLook, "verdict" | "firingSince" | "owes" | "dueAt"> & {
  readonly state: LockedState;
};

async function lookAtDue(
  parts: EngineParts,
  desk: IntakeDesk,
  rules: WatchRules,
  now: Instant,
): Promise<number> {
  const leaseUntil = addMs(now, HAND_OVER_LEASE_MS);
  const { db } = parts.world;
  const { looked, owed } = await transact(db, (tx) => takeLooks(tx, rules, now, leaseUntil));
  if (owed.length > 0) await handOver(parts, desk, rules, owed, leaseUntil);
  return looked;
}

/** Looks at what is due; what was owed before is not looked at again until it is handed over. */
async function takeLooks(
  tx: Tx,
  rules: WatchRules,
  now: Instant,
  leaseUntil: Instant,
): Promise<{ looked: number; owed: readonly Owed[] }> {
  const due = await lockDueStates(tx, now, LOOKS_PER_TICK);
  if (due.length === 0) return { looked: 0, owed: [] };
  const before = due.filter((state) => state.owes !== null);
  const states = due.filter((state) => state.owes === null);
  const owed: Owed[] = before.map((state) => ({ ...state, state, dueAt: now }));
  const needs = states.map((state) => ({ ...state, since: lookNeedsSince(rules, state, now) }));
  const samples = await findSamples(tx, needs, SAMPLES_PER_LOOK);
  const looks: SavedLook[] = [];
  const forgotten: LockedState[] = [];
  states.forEach((state, position) => {
    const next = look(rules, state, samples[position]!, now);
    if (next.kind === "forget") forgotten.push(state);
    else {
      const owing = next.owes !== null;
      if (owing) owed.push({ ...next, state });
      const times = owing ? { dueAt: leaseUntil, leaseUntil } : { leaseUntil: null };
      looks.push({ ...keyOf(state), ...next, ...times });
    }
  });
  if (before.length > 0) await leaseOwed(tx, before.map(keyOf), leaseUntil);
  if (looks.length > 0) await saveLooks(tx, looks);
  if (forgotten.length > 0) await forgetStates(tx, forgotten.map(keyOf));
  return { looked: due.length, owed };
}

const keyOf = ({ ruleId, serviceId, series }: LockedState) => ({ ruleId, serviceId, series });

async function handOver(
  { world }: EngineParts,
  desk: IntakeDesk,
  rules: WatchRules,
  owed: readonly Owed[],
  leaseUntil: Instant,
): Promise<void> {
  const pairs = owed.map((each) => ({ each, arrival: arrivalOf(rules, each) }));
  const sent = pairs.filter((pair) => pair.arrival !== null);
  const results = await desk.accept(sent.flatMap(({ arrival }) => arrival ?? []));
  const settled = pairs.filter((pair) => {
    const result = results[sent.indexOf(pair)];
    if (!(result instanceof Refusal)) return true;
    const { ruleId, serviceId } = pair.each.state;
    const { code } = result;
    world.log.error("the intake refused a condition's signal", { rule: ruleId, serviceId, code });
    return false;
  });
  const keys = settled.map(({ each: { state, dueAt } }) => ({ ...keyOf(state), dueAt }));
  await settleOwed(world.db, keys, leaseUntil, world.clock.now());
}

/** Null: its rule went before it could ring. */
function arrivalOf(rules: WatchRules, owed: Owed): Arrival | null {
  const { state, verdict, firingSince, owes } = owed;
  const { ruleId, serviceId, series, labels, keyId } = state;
  const rule = watching(rules, state).find(({ id }) => id === ruleId) ?? null;
  const ring = owes === "ring";
  if (ring && rule === null) return null;
  const since = firingSince === null ? null : toIso(firingSince);
  const value = verdict?.value ?? null;
  const because = ring ? `condition holds since ${since}` : endedBecause(rule, ruleId);
  return {
    keyId,
    adapter: "condition",
    resends: false,
    serviceId,
    signal: {
      action: ring ? "trigger" : "resolve",
      dedupKey: `condition:${ruleId}:${serviceId}:${series}`,
      title: ring && rule !== null ? conditionText(rule) : "",
      severity: ring && rule !== null ? severityFor(rule.outcome) : null,
      source: keyId === POLLED_KEY ? (rule?.condition.promql?.server ?? null) : null,
      labels,
      details: ring ? { since, value } : null,
      link: null,
      startedAt: firingSince,
      endsAt: null,
    },
    decided: decisionOf(rule, ruleId, ring, because),
    raw: Buffer.from(JSON.stringify({ ruleId, serviceId, labels, verdict, because })),
  };
}

const endedBecause = (rule: WatchRule | null, ruleId: string): string =>
  rule === null ? `rule ${ruleId} is gone or asks for something else` : "healthy again";

function decisionOf(
  rule: WatchRule | null,
  ruleId: string,
  ring: boolean,
  because: string,
): DecisionColumns {
  const outcome = ring && rule !== null ? rule.outcome : ({ kind: "record" } as const);
  return {
    ruleId,
    ruleFile: rule?.source?.file ?? null,
    ruleLine: rule?.source?.line ?? null,
    outcome: outcome.kind,
    because,
    declareSeverity: outcome.kind === "declare" ? outcome.severity : null,
    autoResolve: outcome.kind === "declare" && outcome.autoResolve,
  };
}

/** Asks one query and takes its numbers in, or records why there are none. */
async function poll(
  parts: EngineParts,
  rulesOf: ReturnType<typeof watchRulesReader>,
  driver: QueryDriver,
  query: WatchQuery,
  due: DueQuery,
): Promise<void> {
  const { world } = parts;
  const at = world.clock.now();
  const reply: QueryReply = driver.read(await world.transport.send(driver.render(query, at)));
  const ended = world.clock.now();
  await transact(world.db, async (tx) => {
    const { measure } = query;
    if (reply.kind === "failed") {
      const failures = due.failures + 1;
      const dueAt = addMs(ended, retryAfterMs(failures));
      return saveQuery(tx, { measure, failures, failure: reply.because, dueAt });
    }
    const config = await parts.config(tx);
    const measured = reply.numbers.map(({ labels, value, at: given }) => {
      const named = labels["service"];
      const known = named !== undefined && config.get("services", named) !== null;
      const serviceId = known ? named : query.serviceId;
      const own = given > ended ? ended : given;
      return { measure, keyId: POLLED_KEY, serviceId, labels, value, at: own };
    });
    await recordMeasurements(tx, rulesOf(config), measured, ended);
    const next = addMs(at, query.everyMs);
    const dueAt = next > ended ? next : ended;
    await saveQuery(tx, { measure, failures: 0, failure: null, dueAt });
  });
  world.nudge();
}
