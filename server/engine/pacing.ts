/** Before notices are claimed: those that would be faster than their provider takes them wait for their slot. */
import { transact, type Tx } from "../base/db.ts";
import { addMs, type Instant } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";
import type { Verdict } from "../domain/notification/channel.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { slotOf, type Way } from "../domain/notification/pace.ts";
import { lockPaces, quieten, savePaces } from "../domain/notification/paceStore.ts";

type Leaving = {
  readonly row: Notification;
  /** Null: nothing leaves by it now. */
  readonly way: Way | null;
};

/** When each notice that has to wait may leave. Pages never wait. */
export async function slotsOf<T extends Leaving>(
  tx: Tx,
  all: readonly T[],
  now: Instant,
): Promise<ReadonlyMap<T, Instant>> {
  const slots = new Map<T, Instant>();
  const notices = all.flatMap((each) =>
    each.row.kind === "notice" && each.way !== null ? [{ each, way: each.way }] : [],
  );
  if (notices.length === 0) return slots;
  const states = new Map(await lockPaces(tx, [...new Set(notices.map(({ way }) => way.name))]));
  for (const { each, way } of notices) {
    const slot = slotOf(each.row, way.pace, states.get(way.name)!, now);
    states.set(way.name, slot.state);
    if (slot.at > now) slots.set(each, slot.at);
  }
  await savePaces(tx, states);
  return slots;
}

/**
 * A provider that asked to be left alone is: other notices by that way wait as well. In a transaction of its own,
 * since whoever holds a pace waits for nothing else; a failure costs a refusal more.
 */
export async function leaveAlone(
  { db, log }: Pick<World, "db" | "log">,
  { way }: Pick<Leaving, "way">,
  verdict: Verdict,
  ended: Instant,
): Promise<void> {
  if (way === null || verdict.kind !== "retry" || (verdict.afterMs ?? 0) === 0) return;
  const until = addMs(ended, verdict.afterMs!);
  await transact(db, (tx) => quieten(tx, way.name, until)).catch((error: unknown) =>
    log.error("a provider that asked for quiet is not remembered", errorFields(error)),
  );
}
