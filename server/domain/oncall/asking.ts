/** Who is on call in a schedule at an instant, as configuration and overrides stand. */
import type { Queryable } from "../../base/db.ts";
import { addMs, DAY, type Instant } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import { type OnCallAnswer, type Override, whoIsOnCall } from "./oncall.ts";
import { listOverrides, type OverrideRow } from "./store.ts";

/** Overrides that begin later than this bound no shift. */
export const HORIZON_MS = 4 * 366 * DAY;

/** Overrides of each schedule, in the order of their creation. */
export function bySchedule(
  rows: readonly OverrideRow[],
): (scheduleId: string) => readonly Override[] {
  const found = Map.groupBy(
    rows.map((row): OverrideRow & Override => ({ ...row, person: row.personId })),
    ({ scheduleId }) => scheduleId,
  );
  return (scheduleId) => found.get(scheduleId) ?? [];
}

/** Null where there is no such schedule. */
export async function askSchedule(
  tx: Queryable,
  config: Snapshot,
  scheduleId: string,
  at: Instant,
): Promise<OnCallAnswer | null> {
  const schedule = config.get("schedules", scheduleId);
  if (schedule === null) return null;
  const rows = await listOverrides(tx, [scheduleId], at, addMs(at, HORIZON_MS));
  return whoIsOnCall(config.versionsOf(schedule), bySchedule(rows)(scheduleId), at);
}
