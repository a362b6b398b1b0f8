/**
 * Carries actions out. An attempt is claimed under a lease, performed outside the transaction and outside
 * the tick, and what came of it is recorded. One whose node died is of unknown end: a look is looked
 * again, anything else asks a person.
 */
import { sql, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import type { Instant } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Command } from "../domain/incident/commands.ts";
import type {
  ActionRegistry,
  ActionResult,
  Effect,
  EffectReply,
  OwnVerb,
} from "../domain/runbook/action.ts";
import {
  type AttemptRow,
  lockDueAttempts,
  nextAttempt,
  saveAttempt,
} from "../domain/runbook/attemptStore.ts";
import { prepare, type Prepared } from "../domain/runbook/automation.ts";
import { findCarried, lockCarried } from "../domain/runbook/carry.ts";
import { claimed, lostWith, settleAttempt } from "../domain/runbook/outcome.ts";
import type { Carried } from "../domain/runbook/run.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

/** What the wiring lends: the ways out of the house, and the verbs of nouns that come after runbooks. */
export type Hands = {
  /** Promises never to reject. */
  perform(effect: Exclude<Effect, { via: "own" }>): Promise<EffectReply>;
  own(command: Command, carried: Carried, verb: OwnVerb): Promise<string>;
};

const AT_ONCE = 8;

export type ActionsStep = Step & { drain(): Promise<void> };

export function actionsStep(
  parts: EngineParts,
  actions: ActionRegistry,
  hands: Hands,
): ActionsStep {
  const underWay = new Set<Promise<void>>();
  const track = (work: Promise<void>): void => {
    const tracked = work
      .catch((error: unknown) =>
        parts.world.log.error("recording an action failed", errorFields(error)),
      )
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };
  return {
    name: "actions",
    dueAt: () => (underWay.size < AT_ONCE ? nextAttempt : sql`null`),
    async run(now) {
      const room = AT_ONCE - underWay.size;
      if (room <= 0) return { done: 0, nextAt: null };
      const claims = await transact(parts.world.db, async (tx) => {
        const due = await lockDueAttempts(tx, now, room);
        for (const attempt of due) {
          const timeoutMs = actions.find(attempt.action)?.timeoutMs ?? 0;
          await saveAttempt(tx, claimed(attempt, now, timeoutMs));
        }
        return due;
      });
      for (const attempt of claims) track(carryOut(parts, actions, hands, attempt, now));
      return { done: claims.length, nextAt: null };
    },
    async drain() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

async function carryOut(
  parts: EngineParts,
  actions: ActionRegistry,
  hands: Hands,
  attempt: AttemptRow,
  now: Instant,
): Promise<void> {
  const { world } = parts;
  const settle = (result: ActionResult, secrets: readonly string[] = []): Promise<void> =>
    asEngine(parts, world.clock.now(), (command) =>
      settleAttempt(command, actions, attempt.id, result, secrets),
    );
  // It was under way on a node that is gone, and only a look may be taken twice.
  const lost = attempt.state === "under way";
  if (lost && actions.find(attempt.action)?.repeatable !== true) await settle(lostWith(attempt));
  else {
    const prepared = await preparedFor(parts, actions, attempt, now);
    if ("fault" in prepared) await settle({ kind: "failed", learned: prepared.fault });
    else if ("words" in prepared)
      await settle({ kind: "done", output: {}, learned: prepared.words });
    else if (prepared.effect.via === "own")
      await ownOne(parts, actions, hands, { attempt, prepared, verb: prepared.effect.verb });
    else {
      const reply = await hands.perform(prepared.effect);
      await settle(readReply(parts, prepared, reply), prepared.secrets);
    }
  }
  world.nudge();
}

async function preparedFor(
  parts: EngineParts,
  actions: ActionRegistry,
  attempt: AttemptRow,
  now: Instant,
): Promise<Prepared> {
  const { world } = parts;
  const carried = await findCarried(world.db, ENGINE_READER, attempt.runNumber);
  if (carried === null) return { fault: "its run is gone" };
  const config = await parts.config(world.db);
  return prepare({ config, world, now }, actions, carried, attempt);
}

type Planned = Extract<Prepared, { readonly effect: Effect }>;

function readReply(
  parts: EngineParts,
  { action, request }: Planned,
  reply: EffectReply,
): ActionResult {
  try {
    return action.read(reply, request);
  } catch (error) {
    parts.world.log.error("what came back could not be read", errorFields(error));
    return { kind: "unknown", learned: "what came back could not be read" };
  }
}

/** A verb of Tocsin's own: done and recorded in one transaction, or not at all. */
async function ownOne(
  parts: EngineParts,
  actions: ActionRegistry,
  hands: Hands,
  { attempt, prepared, verb }: { attempt: AttemptRow; prepared: Planned; verb: OwnVerb },
): Promise<void> {
  const now = parts.world.clock.now();
  const settle = (command: Command, reply: EffectReply): Promise<void> =>
    settleAttempt(command, actions, attempt.id, readReply(parts, prepared, reply), []);
  try {
    await asEngine(parts, now, async (command) => {
      const carried = await lockCarried(command, ENGINE_READER, attempt.runNumber);
      if (carried === null) return;
      const what = await hands.own(command, carried, verb);
      await settle(command, { via: "own", what });
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const because = error.message;
    await asEngine(parts, now, (command) =>
      settle(command, { via: "error", reached: "no", because }),
    );
  }
}
