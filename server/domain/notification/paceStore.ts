/** Rows of the pace of messages. */
import { all, run, sql, texts, type Queryable, type Tx } from "../../base/db.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { PaceState } from "./pace.ts";

type PaceRow = PaceState & { readonly way: string };

const COLUMNS = sql`way, free_at, quiet_until, pages_free_at, pages_quiet_until`;

const byWay = (rows: readonly PaceRow[]): ReadonlyMap<string, PaceState> =>
  new Map(rows.map(({ way, ...state }) => [way, state]));

/** What something waits for, of these ways: nothing, as a rule. */
export async function findHeld(
  tx: Queryable,
  ways: readonly string[],
  now: Instant,
): Promise<ReadonlyMap<string, PaceState>> {
  const rows = await all(
    tx,
    sql<PaceRow>`select ${COLUMNS} from channel_pace where way = any(${texts(ways)})
      and greatest(quiet_until, pages_free_at, pages_quiet_until) > ${now} order by way`,
  );
  return byWay(rows);
}

/** Locks what is known of ways. A claim does this last, so that nobody who holds one waits for anything else. */
export async function lockPaces(
  tx: Tx,
  ways: readonly string[],
): Promise<ReadonlyMap<string, PaceState>> {
  await run(
    tx,
    sql`insert into channel_pace (way) select way from unnest(${texts(ways)}) way order by way
      on conflict do nothing`,
  );
  const rows = await all(
    tx,
    sql<PaceRow>`select ${COLUMNS} from channel_pace
      where way = any(${texts(ways)}) order by way for update`,
  );
  return byWay(rows);
}

export async function savePaces(tx: Tx, states: ReadonlyMap<string, PaceState>): Promise<void> {
  const rows = [...states].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const column = (of: (state: PaceState) => Instant) =>
    sql`${rows.map(([, state]) => of(state))}::bigint[]`;
  await run(
    tx,
    sql`update channel_pace p set free_at = s.free_at, quiet_until = s.quiet_until,
        pages_free_at = s.pages_free_at, pages_quiet_until = s.pages_quiet_until
      from unnest(${texts(rows.map(([way]) => way))}, ${column(({ freeAt }) => freeAt)},
        ${column(({ quietUntil }) => quietUntil)}, ${column(({ pagesFreeAt }) => pagesFreeAt)},
        ${column(({ pagesQuietUntil }) => pagesQuietUntil)})
        as s (way, free_at, quiet_until, pages_free_at, pages_quiet_until)
      where p.way = s.way`,
  );
}

/** Whether a provider wants to be left alone at another address of a channel as well. */
export async function isQuietElsewhere(
  tx: Queryable,
  { channel, address }: { readonly channel: string; readonly address: string },
  now: Instant,
): Promise<boolean> {
  const rows = await all(
    tx,
    sql<{ way: string }>`select way from channel_pace where starts_with(way, ${`${channel} `})
      and way <> ${address} and quiet_until > ${now} order by way limit 1`,
  );
  return rows.length > 0;
}

/** Takes out what has rested for a minute: nothing of it is of use any more. */
export async function forgetPaces(tx: Tx, now: Instant): Promise<void> {
  const rested = addMs(now, -MINUTE);
  await run(
    tx,
    sql`delete from channel_pace where way in (select way from channel_pace
      where greatest(free_at, quiet_until, pages_free_at, pages_quiet_until) < ${rested}
      order by way for update skip locked)`,
  );
}
