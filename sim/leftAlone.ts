/**
 * “Left alone as long as it asks”, exactly: whoever recorded what a vendor asked for keeps to it. A node that dies, or
 * is cut off from the store, between the vendor's answer and its record tells nobody; whoever takes over may ask early.
 */
import { maybe, type Queryable, sql } from "../server/base/db.ts";
import { addMs, type Instant } from "../server/base/instant.ts";
import type { Asker } from "./form.ts";

/** What a vendor asked for about a message. */
export type Pause = {
  /** The notification. */
  readonly id: string;
  readonly vendor: string;
  readonly until: Instant;
  /** When the attempt ended, on the clock of the node that heard it. */
  readonly endedAt: Instant;
  /** Whether that node could not have recorded it, or not any more since. */
  readonly couldBeLost: () => boolean;
};

export function pauseOf(
  asked: Pick<Pause, "id" | "vendor" | "until">,
  { skewMs, line }: Asker,
  now: Instant,
): Pause {
  const [wasCut, cuts] = [line.isCut(), line.cuts()];
  const couldBeLost = (): boolean => wasCut || line.cuts() > cuts;
  return { ...asked, endedAt: addMs(now, skewMs), couldBeLost };
}

/** Whether nobody could know that a message came too early: its node was lost, and no row has the answer. */
export async function isExcused(
  db: Queryable,
  { id, endedAt, couldBeLost }: Pause,
): Promise<boolean> {
  if (!couldBeLost()) return false;
  const recorded = await maybe(
    db,
    sql<{ attempt: number }>`select attempt from notification_attempt
      where notification_id = ${id} and verdict = 'retry' and ended_at = ${endedAt}`,
  );
  return recorded === null;
}
