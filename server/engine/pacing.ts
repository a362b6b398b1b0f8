/** Before messages are claimed: those that would be faster than their provider takes them wait for their turn. */
import { type Queryable, transact, type Tx } from "../base/db.ts";
import { addMs, type Instant, later, SECOND, toIso } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";
import type { Verdict } from "../domain/notification/channel.ts";
import type { Notification } from "../domain/notification/notification.ts";
import {
  type Held,
  namesOf,
  noticesWaitUntil,
  type PaceState,
  slotOf,
  turnOf,
  type Way,
  type WayNames,
} from "../domain/notification/pace.ts";
import {
  findHeld,
  isQuietElsewhere,
  lockPaces,
  savePaces,
} from "../domain/notification/paceStore.ts";
import { putOff } from "../domain/notification/sendStore.ts";

type Leaving = {
  readonly row: Notification;
  /** Null: nothing leaves by it now. */
  readonly way: Way | null;
};

/** What messages wait for, by the names of their ways. */
export type HeldWays = ReadonlyMap<string, PaceState>;

/** A message that waits. */
export type Waiting = {
  readonly at: Instant;
  readonly because: string | null;
  /** A page of which its provider wants nothing, whoever it is for. */
  readonly isAll: boolean;
};

/** A provider that says no word of how long is left alone for a moment. */
const UNSAID_MS = 5 * SECOND;

export const heldOf = (held: HeldWays, { channel, address }: WayNames): Held => {
  const [all, own] = [held.get(channel), held.get(address)];
  return { ...(all && { channel: all }), ...(own && { address: own }) };
};

export function findHeldWays(
  tx: Queryable,
  rows: readonly Pick<Notification, "channelId" | "address">[],
  now: Instant,
): Promise<HeldWays> {
  const names = rows.map(namesOf).flatMap(({ channel, address }) => [channel, address]);
  return findHeld(tx, [...new Set(names)], now);
}

/** Which of them wait, and until when. Pages wait only where their provider has refused pages for being too many. */
export async function slotsOf<T extends Leaving>(
  tx: Tx,
  all: readonly T[],
  held: HeldWays,
  now: Instant,
): Promise<ReadonlyMap<T, Waiting>> {
  const slots = new Map<T, Waiting>();
  const leaving = all.flatMap((each) =>
    each.way === null ? [] : [{ each, way: each.way, isPage: each.row.kind === "page" }],
  );
  const counted = leaving.flatMap(({ way, isPage }) =>
    isPage ? [way.channel, way.address].filter((name) => held.has(name)) : [way.name],
  );
  if (counted.length === 0) return slots;
  const states = new Map(await lockPaces(tx, [...new Set(counted)]));
  for (const { each, way, isPage } of leaving) {
    const known = heldOf(new Map([...held, ...states]), way);
    if (isPage) {
      const turn = turnOf(each.row, way, known, now);
      if (turn === null) continue;
      remember(states, way, turn.held);
      const isAll = (known.channel?.pagesQuietUntil ?? now) > now;
      slots.set(each, { at: turn.at, because: turnWords(turn.at), isAll });
      continue;
    }
    const own = states.get(way.name)!;
    const quietUntil = noticesWaitUntil(known).reduce(later, own.quietUntil);
    const { at, freeAt } = slotOf(each.row, way.pace, { ...own, quietUntil }, now);
    states.set(way.name, { ...own, freeAt });
    if (at > now) slots.set(each, { at, because: null, isAll: false });
  }
  await savePaces(tx, states);
  return slots;
}

export const turnWords = (at: Instant): string =>
  `its provider limits how much it takes: its turn comes at ${toIso(at)}`;

function remember(states: Map<string, PaceState>, way: WayNames, held: Held): void {
  if (held.channel !== undefined) states.set(way.channel, held.channel);
  if (held.address !== undefined) states.set(way.address, held.address);
}

/**
 * A provider that asked to be left alone is: other messages by that way wait as well, by all of its channel where it
 * says that it means them or wants to be left alone at another address too. In a transaction of its own, since
 * whoever holds a pace waits for nothing else; a failure costs a refusal more. Returns what a page waits for now.
 */
export async function leaveAlone(
  { db, log }: Pick<World, "db" | "log">,
  { row, attempt, way }: Leaving & { readonly attempt: number },
  verdict: Verdict,
  ended: Instant,
): Promise<Waiting | null> {
  if (way === null || verdict.kind !== "retry") return null;
  const { limits, afterMs } = verdict;
  if (limits === undefined && (afterMs ?? 0) === 0) return null;
  const until = addMs(ended, afterMs ?? UNSAID_MS);
  const isPage = row.kind === "page" && limits !== undefined;
  try {
    const waiting = await transact(db, async (tx): Promise<Waiting | null> => {
      const isWider = limits === "unsaid" && (await isQuietElsewhere(tx, way, ended));
      const isAll = limits === "channel" || isWider;
      const name = isAll ? "channel" : limits === "address" ? "address" : null;
      const quiet = name === null ? way.name : way[name];
      const states = new Map(await lockPaces(tx, [quiet]));
      const before = states.get(quiet)!;
      states.set(quiet, {
        ...before,
        quietUntil: later(before.quietUntil, until),
        ...(isPage && { pagesQuietUntil: later(before.pagesQuietUntil, until) }),
      });
      const turn = isPage ? turnOf(row, way, heldOf(states, way), ended) : null;
      if (turn !== null) remember(states, way, turn.held);
      await savePaces(tx, states);
      return turn === null ? null : { at: turn.at, because: turnWords(turn.at), isAll };
    });
    if (waiting !== null)
      await putOff(db, { id: row.id, attempt }, waiting.at, waiting.because ?? "");
    return waiting;
  } catch (error) {
    log.error("a provider that asked for quiet is not remembered", errorFields(error));
    return null;
  }
}
