/**
 * Pushes better words of runs as branches, one at a time and node, under a lease and outside the tick. One
 * whose node died is pushed again: the branch has a name of its own, and one that is there is left alone.
 */
import { sql, transact } from "../base/db.ts";
import type { Branched, BranchAsked } from "../base/gitBranch.ts";
import { addMs, type Instant, MINUTE } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import { plannedBranch, settleFixBranch } from "../domain/runbook/fixBranch.ts";
import { claimFixBranch, type FixBranch, nextFixBranch } from "../domain/runbook/fixBranchStore.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

/** Promises never to reject. */
export type PushBranch = (asked: BranchAsked) => Promise<Branched>;

/** Longer than all that git may take. */
const LEASE_MS = 15 * MINUTE;

export type BranchesStep = Step & { drain(): Promise<void> };

export function branchesStep(parts: EngineParts, push: PushBranch): BranchesStep {
  let underWay: Promise<void> | null = null;
  return {
    name: "branches",
    dueAt: () => (underWay === null ? nextFixBranch : sql`null`),
    async run(now) {
      const { db } = parts.world;
      if (underWay !== null) return { done: 0, nextAt: null };
      const row = await transact(db, (tx) => claimFixBranch(tx, now, addMs(now, LEASE_MS)));
      if (row !== null)
        underWay = pushOne(parts, push, row, now)
          .catch((error: unknown) =>
            parts.world.log.error("a branch could not be recorded", errorFields(error)),
          )
          .finally(() => (underWay = null));
      return { done: row === null ? 0 : 1, nextAt: null };
    },
    async drain() {
      await underWay;
    },
  };
}

async function pushOne(
  parts: EngineParts,
  push: PushBranch,
  row: FixBranch,
  now: Instant,
): Promise<void> {
  const { world } = parts;
  const settle = (branched: Branched): Promise<void> =>
    asEngine(parts, world.clock.now(), (command) => settleFixBranch(command, row.id, branched));
  const planned = await asEngine(parts, now, (command) => plannedBranch(command, row));
  if (typeof planned === "string") await settle({ kind: "failure", because: planned });
  else {
    const token = planned.token === undefined ? null : world.secret(planned.token);
    await settle(await push({ ...planned, token }));
  }
  world.nudge();
}
