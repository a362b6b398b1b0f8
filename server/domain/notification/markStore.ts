/** Rows of what addresses are known for: nothing arrives there, or whoever has it wants nothing there. */
import { all, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { MarkKind } from "./channel.ts";

export type Way = { readonly channelId: string; readonly address: string };
export type Mark = Way & {
  readonly kind: MarkKind;
  readonly because: string;
  readonly markedAt: Instant;
};

/** Stands for every channel of text messages, also for those that come later: no channel has such a name. */
export const ALL_TEXT = "*text";

export const wayKey = ({ channelId, address }: Way): string => `${channelId} ${address}`;

/** A stop is stronger than a bounce, and stays until whoever said it takes it back. */
export async function saveMarks(
  tx: Tx,
  ways: readonly Way[],
  mark: Pick<Mark, "kind" | "because">,
  now: Instant,
): Promise<void> {
  if (ways.length === 0) return;
  await run(
    tx,
    sql`insert into address_mark (channel_id, address, kind, because, marked_at)
      select channel_id, address, ${mark.kind}, ${mark.because}, ${now}::bigint
      from unnest(${texts(ways.map(({ channelId }) => channelId))}, ${texts(ways.map(({ address }) => address))})
        as w (channel_id, address)
      on conflict (channel_id, address) do update
        set kind = excluded.kind, because = excluded.because, marked_at = excluded.marked_at
        where address_mark.kind <> 'stopped' or excluded.kind = 'stopped'`,
  );
}

export async function endMarks(tx: Tx, ways: readonly Way[], kind: MarkKind): Promise<void> {
  await run(
    tx,
    sql`delete from address_mark where kind = ${kind} and (channel_id, address) in (
      select channel_id, address from unnest(${texts(ways.map(({ channelId }) => channelId))},
        ${texts(ways.map(({ address }) => address))}) as w (channel_id, address))`,
  );
}

/** What is known of these addresses. */
export async function findMarks(tx: Queryable, ways: readonly Way[]): Promise<readonly Mark[]> {
  if (ways.length === 0) return [];
  return all(
    tx,
    sql<Mark>`select m.channel_id, m.address, m.kind, m.because, m.marked_at from address_mark m
      where (m.channel_id, m.address) in (
        select channel_id, address from unnest((select ${texts(ways.map(({ channelId }) => channelId))}),
          ${texts(ways.map(({ address }) => address))}) as w (channel_id, address))
      order by m.channel_id, m.address limit 1000`,
  );
}

export const listMarks = (tx: Queryable): Promise<readonly Mark[]> =>
  all(
    tx,
    sql<Mark>`select channel_id, address, kind, because, marked_at from address_mark
      order by channel_id, address limit 10000`,
  );
