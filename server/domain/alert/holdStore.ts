/** Rows of alerts that wait: written down, looked at again, counted. */
import { all, json, one, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { AlertRow } from "./alert.ts";
import type { Hold } from "./hold.ts";
import type { Source } from "./inhibition.ts";

/** Lets these alerts wait; one that is over waits for nothing, its hold only says why. */
export async function saveHolds(
  tx: Tx,
  held: readonly { readonly id: string; readonly hold: Hold }[],
): Promise<void> {
  const rows = held.map(({ id, hold }) => ({ id, hold, until: hold.until }));
  for (const [table, due] of [
    [sql.raw("alert_open"), sql.raw("r.until")],
    [sql.raw("alert_closed"), sql.raw("null")],
  ] as const) {
    await run(
      tx,
      sql`update ${table} a set hold = r.hold, attend_at = ${due}
        from jsonb_to_recordset(${json(rows)}) as r (id uuid, hold jsonb, until bigint)
        where a.id = r.id`,
    );
  }
}

/** Of these alerts those that declare something and fire, outside of any incident. */
export async function listDeclaring(
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Pick<AlertRow, "id" | "serviceId" | "declareSeverity">>> {
  if (ids.length === 0) return new Map();
  const rows = await all(
    tx,
    sql<
      Pick<AlertRow, "id" | "serviceId" | "declareSeverity">
    >`select id, service_id, declare_severity from alert_open where id = any(${[...ids]}::uuid[])
      and outcome = 'declare' and status = 'firing' and incident_number is null order by id limit 100000`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Lets the engine look at once at what is held by any of these, and at what they have let go without
 * declaring it; returns how many.
 */
export async function awakenHeld(tx: Tx, by: readonly string[], now: Instant): Promise<number> {
  if (by.length === 0) return 0;
  return run(
    tx,
    sql`with wanted as materialized (select id from alert_open
          where hold ->> 'by' = any(${texts(by)}) and hold is not null and incident_number is null
            and (attend_at is null or attend_at > ${now})
          order by key_id collate "C", dedup_key collate "C" for update)
        update alert_open a set attend_at = ${now} from wanted where a.id = wanted.id`,
  );
}

/** At once while something waits by an older configuration. */
export const nextOutdated = sql`(select 0 where exists (select 1 from alert_open
  where hold is not null and attend_at is not null
    and (hold ->> 'config')::bigint < (select version from config_version)))`;

/** Lets the engine look again at what waits since an earlier configuration; returns how many. */
export async function awakenOutdated(
  tx: Queryable,
  config: number,
  now: Instant,
  limit: number,
): Promise<number> {
  return run(
    tx,
    sql`update alert_open set attend_at = ${now}, hold = jsonb_set(hold, '{config}', to_jsonb(${config}::bigint))
      where id in (select id from alert_open
        where hold is not null and attend_at is not null and (hold ->> 'config')::bigint < ${config}
        order by (hold ->> 'config')::bigint, id limit ${limit} for update skip locked)`,
  );
}

/** How many open alerts each of these holds. */
export async function countHeld(
  tx: Queryable,
  by: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await all(
    tx,
    sql<{ by: string; held: number }>`select hold ->> 'by' as by, count(*) as held from alert_open
      where hold ->> 'by' = any(${texts(by)}) and hold is not null and attend_at is not null
      group by hold ->> 'by' order by 1 limit 10000`,
  );
  return new Map(rows.map((row) => [row.by, row.held]));
}

/** How many open alerts wait, by the reason for which they do. */
export async function countHeldBy(tx: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await all(
    tx,
    sql<{ because: string; held: number }>`select hold ->> 'because' as because, count(*) as held
      from alert_open where hold is not null and attend_at is not null and incident_number is null
      group by hold ->> 'because' order by 1 limit 100`,
  );
  return new Map(rows.map((row) => [row.because, row.held]));
}

/** What a group has seen: since when, how many, and until when its first one waits for company. */
export async function findGroup(
  tx: Queryable,
  by: string,
  since: Instant,
  except: readonly string[],
): Promise<{ readonly seen: number; readonly waitsUntil: Instant | null }> {
  return one(
    tx,
    sql<{ seen: number; waitsUntil: Instant | null }>`select
        (select count(*) from alert_open where hold ->> 'by' = ${by} and hold is not null
          and incident_number is null and first_received_at > ${since} and not (id = any(${[...except]}::uuid[])))
        + (select count(*) from alert_closed where hold ->> 'by' = ${by} and hold is not null
          and incident_number is null and first_received_at > ${since} and not (id = any(${[...except]}::uuid[])))
          as seen,
        (select min(attend_at) from alert_open where hold ->> 'by' = ${by} and hold is not null
          and incident_number is null and attend_at is not null and hold ->> 'because' = 'group wait')
          as waits_until`,
  );
}

/** How often each of these fired since, itself included. */
export async function countFirings(
  tx: Queryable,
  alerts: readonly { readonly id: string; readonly keyId: string; readonly dedupKey: string }[],
  since: Instant,
): Promise<ReadonlyMap<string, number>> {
  const rows = alerts.map(({ id, keyId, dedupKey }) => ({ id, keyId, dedupKey }));
  const found = await all(
    tx,
    sql<{ id: string; times: number }>`select r.id, count(c.id) + 1 as times
      from jsonb_to_recordset(${json(rows)}) as r (id uuid, "keyId" text, "dedupKey" text)
      left join alert_closed c on c.key_id = r."keyId" and c.dedup_key = r."dedupKey"
        and c.closed_at > ${since} and c.id <> r.id
      group by r.id order by r.id limit 10000`,
  );
  return new Map(found.map(({ id, times }) => [id, times]));
}

/** Open alerts that have, for any of the lists, all of its values, as a label or beside the labels. */
export async function listFiringWith(
  tx: Queryable,
  lists: readonly (readonly { readonly name: string; readonly value: string }[])[],
  limit: number,
): Promise<readonly Source[]> {
  const COLUMNS: Readonly<Record<string, string>> = {
    service: "service_id",
    key: "key_id",
    severity: "severity",
    title: "title",
    source: "source",
    dedup_key: "dedup_key",
  };
  const has = ({ name, value }: { name: string; value: string }) => {
    const column = COLUMNS[name];
    const asLabel = sql`labels ->> ${name}::text = ${value}`;
    // Team and tier stand in the catalogue: the caller looks at those itself.
    if (name === "team" || name === "tier") return sql`true`;
    return column === undefined ? asLabel : sql`(${asLabel} or ${sql.raw(column)} = ${value})`;
  };
  if (lists.length === 0) return [];
  const wanted = lists.map(
    (list) =>
      sql`(true ${sql.join(
        list.map((one) => sql`and ${has(one)}`),
        sql` `,
      )})`,
  );
  return all(
    tx,
    sql<Source>`select id, title, severity, source, service_id, key_id, dedup_key, labels from alert_open
      where ${sql.join(wanted, sql` or `)} order by first_received_at, id limit ${limit}`,
  );
}
