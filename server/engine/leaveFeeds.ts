/**
 * Reads people's leave from the calendars that they named. Asked and read outside of the tick, since a slow server or a
 * long calendar must not delay a page.
 */
import { sql, transact } from "../base/db.ts";
import { addMs, MINUTE } from "../base/instant.ts";
import { Refusal } from "../base/errors.ts";
import { errorFields } from "../base/log.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import { leaveIn } from "../domain/oncall/leave.ts";
import {
  type CalendarDriver,
  keepOutcome,
  type Outcome,
  requestOf,
} from "../domain/oncall/leaveFeed.ts";
import {
  keepLeaveFeeds,
  type LeaveFeedRow,
  nextLeaveFeed,
  takeDueLeaveFeeds,
} from "../domain/oncall/leaveFeedStore.ts";
import { zoneOf } from "../domain/oncall/people.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

const LEASE_MS = 2 * MINUTE;
const MOST_IN_FLIGHT = 4;

export type LeaveFeedsStep = Step & {
  /** Waits until every calendar that was asked has its answer recorded. */
  drain(): Promise<void>;
};

export function leaveFeedsStep(parts: EngineParts, driver: CalendarDriver): LeaveFeedsStep {
  const { world } = parts;
  const inFlight = new Set<Promise<void>>();
  let keptFor: number | null = null;
  const ask = (config: Snapshot, due: LeaveFeedRow): void => {
    const tracked = poll(parts, driver, config, due)
      .catch((error: unknown) => world.log.error("keeping leave failed", errorFields(error)))
      .finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
  };
  return {
    name: "leave feeds",
    dueAt: () =>
      dueUnlessChanged(keptFor, inFlight.size < MOST_IN_FLIGHT ? nextLeaveFeed : sql`null`),
    async run(now) {
      const config = await parts.config(world.db);
      const people = config.all("people").map(({ id }) => id);
      if (keptFor !== config.version) await transact(world.db, (tx) => keepLeaveFeeds(tx, people));
      keptFor = config.version;
      const room = Math.max(MOST_IN_FLIGHT - inFlight.size, 0);
      const due = await takeDueLeaveFeeds(world.db, now, addMs(now, LEASE_MS), room);
      for (const feed of due) ask(config, feed);
      return { done: due.length, nextAt: null };
    },
    async drain() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

/** Asks one calendar, reads it in a thread, and keeps what it says in one short transaction. */
async function poll(
  parts: EngineParts,
  driver: CalendarDriver,
  config: Snapshot,
  due: LeaveFeedRow,
): Promise<void> {
  const { world } = parts;
  const outcome = await outcomeOf(parts, driver, config, due);
  await asEngine(parts, world.clock.now(), (command) => keepOutcome(command, due, outcome));
  world.nudge();
}

async function outcomeOf(
  { world }: EngineParts,
  driver: CalendarDriver,
  config: Snapshot,
  due: LeaveFeedRow,
): Promise<Outcome> {
  // It stands within sentences of others.
  const failed = (because: string): Outcome => ({
    kind: "failed",
    because: because.replace(/\.$/, ""),
    isGone: false,
  });
  const now = world.clock.now();
  const request = requestOf(world, due, now);
  if (request === null) return failed("its address was sealed with another master key");
  const answer = driver.read(await world.transport.send(driver.render(request)));
  if (answer.kind !== "calendar") return answer;
  const { personId: person, onlyWord: only } = due;
  const { text, etag, lastModified } = answer;
  try {
    const facts = { person, zone: zoneOf(config, person), only, now, isPatient: true };
    const leave = await leaveIn(text, facts);
    return { kind: "read", leave, etag, lastModified };
  } catch (error) {
    if (error instanceof Refusal) return failed(error.message);
    throw error;
  }
}
