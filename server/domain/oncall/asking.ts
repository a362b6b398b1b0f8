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
export const askSchedule = async (
  tx: Queryable,
  config: Snapshot,
  scheduleId: string,
  at: Instant,
): Promise<OnCallAnswer | null> =>
  (await askSchedules(tx, config, [scheduleId], at)).get(scheduleId) ?? null;

/** The same of many, without those that there are not. */
export async function askSchedules(
  tx: Queryable,
  config: Snapshot,
  ids: readonly string[],
  at: Instant,
): Promise<ReadonlyMap<string, OnCallAnswer>> {
  const schedules = ids.flatMap((id) => config.get("schedules", id) ?? []);
  if (schedules.length === 0) return new Map();
  const rows = await listOverrides(
    tx,
    schedules.map(({ id }) => id),
    at,
    addMs(at, HORIZON_MS),
  );
  const overridesOf = bySchedule(rows);
  return new Map(
    schedules.map((schedule) => {
      const answer = whoIsOnCall(config.versionsOf(schedule), overridesOf(schedule.id), at);
      return [schedule.id, answer];
    }),
  );
}
