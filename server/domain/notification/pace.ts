/**
 * How fast notices may leave by one way. Providers limit how much they take, and what is beyond is refused or
 * waits in their own queue, where a page would wait behind it. So notices take slots here, in the order in which
 * they came, a little slower than the provider allows; pages never do, and always find room. What waits keeps its
 * slot as the instant of its next attempt, which the page ledger shows.
 */
import { WEB_PUSH } from "../../../contract/notification.ts";
import { sha256 } from "../../base/crypto.ts";
import { addMs, type Instant, later, MINUTE } from "../../base/instant.ts";
import type { ChannelDriver, ChannelSettings, Pace } from "./channel.ts";
import type { Notification } from "./notification.ts";

/** What is remembered of a way. */
export type PaceState = {
  /** From here on it is as free as if nothing had ever been sent. */
  readonly freeAt: Instant;
  /** The provider asked to be left alone until then. */
  readonly quietUntil: Instant;
};

/** What the pace is counted by: a channel, or an address of it, as a digest so that it stands nowhere else. */
export type Way = { readonly name: string; readonly pace: Pace | null };

/** The pace by which a message leaves: its channel's own where configuration gives one, else its provider's. */
export function wayOf(
  { driver, settings }: { readonly driver: ChannelDriver; readonly settings: ChannelSettings },
  { channelId, address }: Pick<Notification, "channelId" | "address">,
): Way {
  const { channel } = settings;
  const own = channel.type === WEB_PUSH ? undefined : channel.noticesPerMinute;
  const pace: Pace | null =
    own === undefined
      ? (driver.pace ?? null)
      : { burst: 1, of: "channel", ...driver.pace, perMinute: own };
  const name =
    pace?.of === "channel" ? channelId : `${channelId} ${sha256(address).toString("hex")}`;
  return { name, pace };
}

/** Its slot was given before, or it was tried before: it waits for no other. */
const hasSlot = ({
  attempts,
  attendAt,
  dueAt,
}: Pick<Notification, "attempts" | "attendAt" | "dueAt">): boolean =>
  attempts > 0 || (attendAt !== null && attendAt > dueAt);

/**
 * When a notice that is due now may leave, and what is to be remembered then. The generic cell rate algorithm
 * (ITU-T I.371), with slots that are kept: what comes later never overtakes.
 */
export function slotOf(
  row: Pick<Notification, "attempts" | "attendAt" | "dueAt">,
  pace: Pace | null,
  state: PaceState,
  now: Instant,
): { readonly at: Instant; readonly state: PaceState } {
  const earliest = later(now, state.quietUntil);
  if (pace === null || (hasSlot(row) && earliest === now)) return { at: earliest, state };
  const each = Math.ceil(MINUTE / pace.perMinute);
  const at = later(earliest, addMs(state.freeAt, -each * (pace.burst - 1)));
  return { at, state: { ...state, freeAt: addMs(later(earliest, state.freeAt), each) } };
}
