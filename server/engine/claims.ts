/** Claims of sends: what their hand-over hangs on, and which pages are claimed by the transaction that decides them. */
import { WEB_PUSH } from "../../contract/notification.ts";
import { pipelined, type Queryable, type Tx } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { ChannelDriver, ChannelSettings, MarkKind } from "../domain/notification/channel.ts";
import { ALL_TEXT, findMarks, wayKey } from "../domain/notification/markStore.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { type Way, wayOf } from "../domain/notification/pace.ts";
import type { NewNotification } from "../domain/notification/store.ts";

/** A channel with its driver and resolved secrets, or why it cannot be used: for now, or ever (`isGone`). */
export type Channels = (
  config: Snapshot,
  tx: Queryable,
  way: Pick<Notification, "channelId" | "address">,
) => Promise<UsableChannel | { readonly fault: string; readonly isGone?: true }>;
type UsableChannel = { readonly driver: ChannelDriver; readonly settings: ChannelSettings };

export type Claim = {
  readonly row: Notification;
  readonly attempt: number;
  readonly mayRepeat: boolean;
  /** Looked up inside the claim, so that nothing stands between its commit and the hand-over. */
  readonly channel: Awaited<ReturnType<Channels>>;
  /** What its address is known for. */
  readonly mark: MarkKind | null;
  /** Whoever has the address wants nothing there, said by this way or by one like it. */
  readonly isStopped: boolean;
  /** By which pace it leaves; null: not at all, for now. */
  readonly way: Way | null;
  /** As it was when it was claimed. */
  readonly config: Snapshot;
};

/**
 * Whether a page that is being decided may be sent without a second look: its incident is being declared in the same
 * transaction. What may be folded into another page, and what wakes a device, is claimed when it is due.
 */
export const mayBeClaimed = (config: Snapshot, row: NewNotification, now: Instant): boolean =>
  row.kind === "page" &&
  row.dueAt <= now &&
  row.digestAt === null &&
  row.requestId === null &&
  row.personId !== null &&
  row.channelId !== WEB_PUSH &&
  config.get("people", row.personId)?.body.pagesPerMinute === undefined;

type Usable = { readonly channels: Channels; readonly config: Snapshot };

export async function claimsOf(
  { channels, config }: Usable,
  tx: Tx,
  rows: readonly NewNotification[],
): Promise<readonly Claim[]> {
  const claimed = rows.filter(({ claimedUntil }) => claimedUntil !== undefined);
  const [marked, ...usable] = await pipelined([
    findMarks(tx, waysOf(claimed)),
    ...claimed.map((row) => channels(config, tx, row)),
  ]);
  const marks = marksBy(marked);
  return claimed.map((row, at) => ({
    row: { ...row, ...UNSENT, attendAt: row.dueAt },
    attempt: 1,
    mayRepeat: false,
    config,
    ...factsOf(marks, row, usable[at]!),
  }));
}

/** A notification of which nothing is known yet. */
const UNSENT = {
  state: "pending",
  leaseUntil: null,
  attempts: 0,
  mayRepeat: false,
  handedOverAt: null,
  receiptAt: null,
  providerId: null,
  reference: null,
  acknowledgedAt: null,
  endedBecause: null,
  waitsBecause: null,
  // What takes over from it is another row, which nobody has claimed.
  claimedUntil: undefined,
} as const;

type Marks = ReadonlyMap<string, MarkKind>;
type Address = Pick<Notification, "channelId" | "address">;

/** Those of the addresses, and of texts by whichever channel. */
export const waysOf = (rows: readonly Address[]): readonly Address[] => [
  ...rows,
  ...rows.map(({ address }) => ({ channelId: ALL_TEXT, address })),
];

export const marksBy = (marked: Awaited<ReturnType<typeof findMarks>>): Marks =>
  new Map(marked.map((mark) => [wayKey(mark), mark.kind]));

export function factsOf(
  marks: Marks,
  row: Address,
  channel: Claim["channel"],
): Pick<Claim, "channel" | "mark" | "isStopped" | "way"> {
  const mark = marks.get(wayKey(row)) ?? null;
  const isText = "driver" in channel && channel.driver.medium === "text";
  const { address } = row;
  const isStopped =
    mark === "stopped" || (isText && marks.has(wayKey({ channelId: ALL_TEXT, address })));
  const way = "driver" in channel ? wayOf(channel, row) : null;
  return { channel, mark, isStopped, way };
}
