/** What engine steps are given: the world, the newest configuration, and a command in the engine's name. */
import { isStoreAway, type Queryable, transact } from "../base/db.ts";
import { errorFields } from "../base/log.ts";
import { addMs, type Instant, SECOND } from "../base/instant.ts";
import type { World } from "../base/world.ts";
import { ENGINE } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";

export type EngineParts = {
  readonly world: World;
  readonly config: (tx: Queryable) => Promise<Snapshot>;
};

/** Runs one consequence as the engine, in a transaction of its own. */
export function asEngine<T>(
  parts: EngineParts,
  now: Instant,
  work: (command: Command) => Promise<T>,
): Promise<T> {
  return transact(parts.world.db, async (tx) =>
    work({ tx, world: parts.world, config: await parts.config(tx), actor: ENGINE, now }),
  );
}

/** How long work that failed waits, so that it cannot take the place of work that can be done. */
export const PUT_OFF_MS = 10 * SECOND;

/** Work that is due, in sets: each set is done together, in one transaction. */
export type Portion<T> = {
  readonly now: Instant;
  readonly sets: readonly (readonly T[])[];
  /** How many sets are under way at once, each on a connection of its own; one unless said. */
  readonly atOnce?: number;
  /** Asked when a place is free and no set waits: sets that came up meanwhile. So many are under way. */
  more?(underWay: number): Promise<readonly (readonly T[])[]>;
  work(set: readonly T[]): Promise<boolean | number | void>;
  /** How long the portion may take: what is left of it then stays due. */
  readonly withinMs?: number;
  /** Makes the item due later; passes over what somebody else holds. */
  putOff(item: T, until: Instant): Promise<void>;
};

/**
 * Does a portion of work set by set. A set that cannot be done is halved until only the item is left that
 * cannot, so that it does not hold up the others: its transaction is rolled back, the fault is logged, and
 * it is due again in ten seconds. A store that is away ends the portion.
 */
export async function inSets<T>(
  parts: EngineParts,
  { now, sets, atOnce = 1, more, withinMs, work, putOff }: Portion<T>,
): Promise<number> {
  const { clock } = parts.world;
  const until = withinMs === undefined ? null : addMs(clock.now(), withinMs);
  let done = 0;
  let fault: unknown = null;
  let away: unknown = null;
  const waiting = sets.filter((set) => set.length > 0);
  const workOn = async (set: readonly T[]): Promise<void> => {
    try {
      const result = await work(set);
      done += typeof result === "number" ? result : result === false ? 0 : 1;
    } catch (error) {
      if (isStoreAway(error)) throw error;
      if (set.length > 1) {
        const middle = set.length >> 1;
        waiting.unshift(set.slice(0, middle), set.slice(middle));
        return;
      }
      fault = error;
      parts.world.log.error("a consequence could not be drawn", errorFields(error));
      await putOff(set[0]!, addMs(now, PUT_OFF_MS));
    }
  };
  const underWay = new Set<Promise<void>>();
  const begin = (set: readonly T[]): void => {
    const ended = workOn(set)
      .catch((error: unknown) => void (away ??= error))
      .finally(() => underWay.delete(ended));
    underWay.add(ended);
  };
  const isInTime = (): boolean => until === null || done === 0 || clock.now() < until;
  const fill = async (): Promise<void> => {
    while (underWay.size < atOnce && away === null && isInTime()) {
      if (waiting.length === 0 && more !== undefined)
        waiting.push(
          ...(await more(underWay.size).catch((error: unknown) => {
            away ??= error;
            return [];
          })),
        );
      const set = waiting.shift();
      if (set === undefined) return;
      begin(set);
    }
  };
  for (await fill(); underWay.size > 0; await fill()) await Promise.race(underWay);
  if (away !== null) throw away;
  // Nothing but faults: the tick counts as failed, so that the engine pauses instead of spinning.
  if (fault !== null && done === 0) throw fault;
  return done;
}

/** The same item by item, for what has a transaction of its own. */
export const each = <T>(
  parts: EngineParts,
  {
    items,
    work,
    ...rest
  }: Omit<Portion<T>, "sets" | "work"> & {
    readonly items: readonly T[];
    work(item: T): Promise<boolean | number | void>;
  },
): Promise<number> =>
  inSets(parts, { ...rest, sets: items.map((item) => [item]), work: ([item]) => work(item!) });

/** The items in their order, at most so many together. */
export const chunksOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
