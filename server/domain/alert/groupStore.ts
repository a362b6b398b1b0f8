/** Open alerts counted by what they have in common. */
import { all, type Queryable, sql } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { AlertGroupBy } from "../../../contract/alert.ts";
import { AlertSeverity } from "../../../contract/signal.ts";
import type { Reader } from "../account/account.ts";
import { type AlertFilter, meets } from "./store.ts";
import { alertVisibleTo } from "./visible.ts";

export type AlertGroupRow = {
  /** “-” for none. */
  readonly key: string;
  readonly title: string | null;
  /** Its place among the severities, 0 the gravest. */
  readonly worst: number;
  readonly alerts: number;
  readonly firing: number;
  readonly signals: number;
  readonly newestAt: Instant;
};

const COLUMNS = {
  service: "a.service_id",
  rule: "a.rule_id",
  incident: "a.incident_number",
} as const satisfies Record<AlertGroupBy, string>;

/** The group with the newest alert first. */
export async function listAlertGroups(
  tx: Queryable,
  reader: Reader,
  services: readonly string[] | null,
  by: AlertGroupBy,
  filter: AlertFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly AlertGroupRow[]> {
  const status =
    filter.status === "firing" || filter.status === "acknowledged"
      ? sql`a.status = ${filter.status}`
      : sql`true`;
  const title =
    by === "incident"
      ? sql`(select i.title from incident i where i.number::text = g.key)`
      : sql`null::text`;
  const older = after === null ? sql`true` : sql`(g.newest_at, g.key) < (${after.at}, ${after.id})`;
  return all(
    tx,
    sql<AlertGroupRow>`
      with g as (
        select coalesce(${sql.raw(COLUMNS[by])}::text, '-') collate "C" as key, count(*) as alerts,
          min(array_position(${[...AlertSeverity.options]}::text[], a.severity)) - 1 as worst,
          count(*) filter (where a.status = 'firing') as firing,
          sum(a.count)::bigint as signals, max(a.first_received_at) as newest_at
        from alert_open a
        where ${alertVisibleTo(reader, services)} and ${status} and ${meets(filter)}
        group by 1)
      select g.key, ${title} as title, g.worst, g.alerts, g.firing, g.signals, g.newest_at
      from g where ${older} order by g.newest_at desc, g.key desc limit ${limit}`,
  );
}
