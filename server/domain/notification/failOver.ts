/** One provider is not enough: what it does not take, or gives no receipt for, goes by another one as well. */
import { pipelined, type Tx } from "../../base/db.ts";
import { addMs, type Instant, SECOND } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import type { Snapshot } from "../config/config.ts";
import type { Notification } from "./notification.ts";
import { dropTwins, hasten, markMayRepeat } from "./receiptStore.ts";
import { insertNotifications } from "./store.ts";

const FAIL_OVER = "fail-over";

/** The channel that takes over for another one. */
function fallbackOf(config: Snapshot, channelId: string): string | null {
  const channel = config.get("channels", channelId)?.body;
  if (channel === undefined || !("fallback" in channel)) return null;
  return channel.fallback ?? null;
}

/** The channel by which a page goes that its own does not take; null: there is none, or it goes by that already. */
export const wayAround = (
  config: Snapshot,
  { kind, channelId, reason }: Pick<Notification, "kind" | "channelId" | "reason">,
): string | null =>
  kind !== "page" || reason.way.kind === FAIL_OVER ? null : fallbackOf(config, channelId);

/** By when a page that the channel took has its receipt; null: none is awaited. */
export function receiptBy(
  config: Snapshot,
  { kind, channelId }: Pick<Notification, "kind" | "channelId">,
  now: Instant,
): Instant | null {
  const channel = config.get("channels", channelId)?.body;
  if (kind !== "page" || channel === undefined || !("receiptWithinSeconds" in channel)) return null;
  if (channel.fallback === undefined || channel.receiptWithinSeconds === 0) return null;
  return addMs(now, channel.receiptWithinSeconds * SECOND);
}

type FailOver = { readonly mayRepeat: boolean; readonly now: Instant };

/**
 * The same page by the channel that takes over, as a row of its own: once, however often the first one is
 * tried. Returns that channel where this opened the way. `mayRepeat`: the first one may have arrived all the same.
 */
export const failOver = (
  tx: Tx,
  world: World,
  config: Snapshot,
  row: Notification,
  { because, ...how }: FailOver & { readonly because: string },
): Promise<string | null> =>
  failOverAll(tx, world, config, [{ row, because }], how).then((to) => to.get(row.id) ?? null);

/** Those of many pages, by their ids. */
export async function failOverAll(
  tx: Tx,
  world: World,
  config: Snapshot,
  pages: readonly { readonly row: Notification; readonly because: string }[],
  { mayRepeat, now }: FailOver,
): Promise<ReadonlyMap<string, string>> {
  const twins = pages.flatMap(({ row, because }) => {
    const to = wayAround(config, row);
    if (to === null) return [];
    const id = world.chance.id(now);
    const params = { channel: to, before: row.channelId, because };
    const reason = { ...row.reason, way: { kind: FAIL_OVER, params } };
    const twin = { ...row, id, channelId: to, reason, decidedAt: now, dueAt: now, digestAt: null };
    return [{ row, to, twin }];
  });
  const written = await insertNotifications(
    tx,
    twins.map(({ twin }) => twin),
  );
  const made = new Set(written);
  const isMade = ({ twin }: (typeof twins)[number]): boolean => made.has(twin.id);
  await pipelined([
    ...twins.flatMap((each) =>
      isMade(each) ? [] : [hasten(tx, each.row, each.to, { mayRepeat, now })],
    ),
    ...(mayRepeat ? written.map((id) => markMayRepeat(tx, id)) : []),
  ]);
  return new Map(twins.filter(isMade).map(({ row, to }) => [row.id, to]));
}

/** The channels by which the same page may be on its way. */
export function twinsOf(
  config: Snapshot,
  { kind, channelId }: Pick<Notification, "kind" | "channelId">,
): readonly string[] {
  if (kind !== "page") return [];
  const to = fallbackOf(config, channelId);
  const from = config.all("channels").filter(({ id }) => fallbackOf(config, id) === channelId);
  return [...(to === null ? [] : [to]), ...from.map(({ id }) => id)];
}

/** One provider took it: the other one is not tried any more. */
export async function endTwins(tx: Tx, config: Snapshot, row: Notification): Promise<void> {
  const twins = twinsOf(config, row);
  if (twins.length > 0) await dropTwins(tx, row, twins, `told by ${row.channelId}`);
}
