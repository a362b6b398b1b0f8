/** Before a page is claimed: too many for one person in a minute become one, which says what is still wanted. */
import type { Tx } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { wayAround } from "../domain/notification/failOver.ts";
import { FOLD, foldOf, foldsAt, foldWords } from "../domain/notification/folding.ts";
import {
  foldInto,
  hasWaiting,
  listFolded,
  lockOpenFold,
  lockStarts,
  lockWay,
  saveWords,
} from "../domain/notification/foldStore.ts";
import type { MessageAction } from "../domain/notification/channel.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { namesOf, pagesWaitUntil } from "../domain/notification/pace.ts";
import { signedAction } from "../domain/notification/pageParts.ts";
import { insertNotifications } from "../domain/notification/store.ts";
import { findHeldWays, heldOf, type HeldWays, turnWords, type Waiting } from "./pacing.ts";
import type { EngineParts } from "./parts.ts";

/** Those of the same portion that begin now. */
type Beside = { readonly now: Instant; readonly beside: readonly Notification[] };

/** True when the page was put into another one. What was tried already goes on by itself. */
export async function folded(
  { world, config }: Pick<EngineParts, "world"> & { readonly config: Snapshot },
  tx: Tx,
  row: Notification,
  { now, beside }: Beside,
): Promise<boolean> {
  if (row.kind !== "page" || row.personId === null || row.attempts > 0 || row.subject === FOLD)
    return false;
  const limit = config.get("people", row.personId)?.body.pagesPerMinute;
  if (limit === undefined) return false;
  // Those that are claimed together with it begin now.
  const together = beside.filter((other) => isSameWay(other, row)).map(() => now);
  const starts = [...together, ...(await lockStarts(tx, row, now))];
  const dueAt = foldsAt(starts, limit, now);
  if (dueAt === null) return false;
  const because = `told in one page: more than ${limit} in a minute`;
  const fold = foldOf(world, row, dueAt, now);
  await insertNotifications(tx, [fold]);
  return foldInto(tx, row, fold, because);
}

const TOGETHER = "told in one page: its provider limits how much it takes";

export const isToldTogether = ({ state, endedBecause }: Notification): boolean =>
  state === "dropped" && endedBecause === TOGETHER;

/**
 * A page that would wait, because its provider limits how much it takes, is put into one that waits for all of its
 * person's; what it waits for then, or null. What may have arrived goes on by itself, and so does what another provider
 * takes meanwhile.
 */
export async function toldTogether(
  { world, config }: Pick<EngineParts, "world"> & { readonly config: Snapshot },
  tx: Tx,
  row: Notification,
  { now, beside, held }: Beside & { readonly held: HeldWays },
): Promise<Waiting | null> {
  if (row.kind !== "page" || row.personId === null || row.subject === FOLD) return null;
  if (row.mayRepeat || row.requestId !== null) return null;
  const known = heldOf(held, namesOf(row));
  const until = pagesWaitUntil(row, known, now);
  if (until === null || (await isTakenElsewhere(tx, config, row, now))) return null;
  const turn = {
    at: until,
    because: turnWords(until),
    isAll: (known.channel?.pagesQuietUntil ?? now) > now,
  };
  await lockWay(tx, row);
  const open = await lockOpenFold(tx, row, now);
  if (open !== null) return (await foldInto(tx, row, open, TOGETHER)) ? turn : null;
  const isSecond =
    beside.some((other) => isSameWay(other, row)) || (await hasWaiting(tx, row, now));
  if (!isSecond) return null;
  const fold = foldOf(world, row, until, now);
  await insertNotifications(tx, [fold]);
  return (await foldInto(tx, row, fold, TOGETHER)) ? turn : null;
}

/** Whether the channel that takes over takes pages now: then nobody waits. */
async function isTakenElsewhere(
  tx: Tx,
  config: Snapshot,
  row: Notification,
  now: Instant,
): Promise<boolean> {
  const channelId = wayAround(config, row);
  if (channelId === null) return false;
  const way = { channelId, address: row.address };
  const held = await findHeldWays(tx, [way], now);
  return pagesWaitUntil(row, heldOf(held, namesOf(way)), now) === null;
}

const isSameWay = (a: Notification, b: Notification): boolean =>
  a.kind === "page" &&
  a.personId === b.personId &&
  a.channelId === b.channelId &&
  a.address === b.address;

/** What a page that stands for others says now; null when somebody has all of it. */
export async function unfolded(
  { world }: EngineParts,
  tx: Tx,
  row: Notification,
  unwantedOf: (tx: Tx, rows: readonly Notification[]) => Promise<readonly (string | null)[]>,
): Promise<Notification | null> {
  if (row.subject !== FOLD) return row;
  const pages = await listFolded(tx, row);
  const ends = await unwantedOf(tx, pages);
  const wanted = pages.filter((_, at) => ends[at] === null);
  if (wanted.length === 0) return null;
  const { language } = row.message;
  await saveWords(
    tx,
    row.id,
    foldWords(wanted, language, world.publicUrl, ({ url }) => url),
  );
  // Each line has a link of its own; it is signed for the way out and not kept.
  const signed = (action: MessageAction): string => signedAction(world.keys, action).url;
  return { ...row, message: foldWords(wanted, language, world.publicUrl, signed) };
}
