/**
 * How fast messages may leave by one way. Providers limit how much they take, and what is beyond is refused or
 * waits in their own queue, where a page would wait behind it. So notices take slots here, in the order in which
 * they came, a little slower than the provider allows; pages do not, and find room, until a provider refuses one of
 * them for being too many. From then on they take turns as well, before any notice, until none waits any more. What
 * waits keeps its slot as the instant of its next attempt, which the page ledger shows.
 */
import { WEB_PUSH } from "../../../contract/notification.ts";
import { sha256 } from "../../base/crypto.ts";
import { addMs, type Instant, later, MINUTE, SECOND } from "../../base/instant.ts";
import type { ChannelDriver, ChannelSettings, Pace } from "./channel.ts";
import type { Notification } from "./notification.ts";

/** What is remembered of a way. */
export type PaceState = {
  /** From here on it is as free as if nothing had ever been sent. */
  readonly freeAt: Instant;
  /** The provider asked to be left alone until then. */
  readonly quietUntil: Instant;
  /** The same of pages: behind the turns that are given, and until when none is tried. */
  readonly pagesFreeAt: Instant;
  readonly pagesQuietUntil: Instant;
};

/** The names under which something is remembered: a channel, and an address of it as a digest, so that it stands nowhere else. */
export type WayNames = { readonly channel: string; readonly address: string };

/** What the pace is counted by, one of the two. */
export type Way = WayNames & {
  readonly name: string;
  /** Of notices. */
  readonly pace: Pace | null;
  /** Of pages that take turns. */
  readonly pagesPace: Pace | null;
};

export const namesOf = ({
  channelId,
  address,
}: Pick<Notification, "channelId" | "address">): WayNames => ({
  channel: channelId,
  address: `${channelId} ${sha256(address).toString("hex")}`,
});

/** The pace by which a message leaves: its channel's own where configuration gives one, else its provider's. */
export function wayOf(
  { driver, settings }: { readonly driver: ChannelDriver; readonly settings: ChannelSettings },
  row: Pick<Notification, "channelId" | "address">,
): Way {
  const { channel } = settings;
  const own = channel.type === WEB_PUSH ? undefined : channel.noticesPerMinute;
  const pagesPace = driver.pace ?? null;
  const pace: Pace | null =
    own === undefined ? pagesPace : { burst: 1, of: "channel", ...pagesPace, perMinute: own };
  const names = namesOf(row);
  return { ...names, name: names[pace?.of ?? "address"], pace, pagesPace };
}

type Turn = Pick<Notification, "attempts" | "attendAt" | "dueAt">;

/** Its slot was given before, or it was tried before: it waits for no other. */
const hasSlot = ({ attempts, attendAt, dueAt }: Turn): boolean =>
  attempts > 0 || (attendAt !== null && attendAt > dueAt);

/**
 * When a notice that is due now may leave, and what is to be remembered then. The generic cell rate algorithm
 * (ITU-T I.371), with slots that are kept: what comes later never overtakes.
 */
export function slotOf(
  row: Turn,
  pace: Pace | null,
  state: Pick<PaceState, "freeAt" | "quietUntil">,
  now: Instant,
): { readonly at: Instant; readonly freeAt: Instant } {
  const earliest = later(now, state.quietUntil);
  if (pace === null || (hasSlot(row) && earliest === now))
    return { at: earliest, freeAt: state.freeAt };
  const each = everyMs(pace);
  const at = later(earliest, addMs(state.freeAt, -each * (pace.burst - 1)));
  return { at, freeAt: addMs(later(earliest, state.freeAt), each) };
}

const everyMs = ({ perMinute }: Pace): number => Math.ceil(MINUTE / perMinute);

/** Where a provider counts by addresses, so far apart are pages by all of its channel, and else those to one address. */
const APART_MS = { channel: SECOND / 10, address: SECOND } as const;

/** What is remembered of both names of a way, where anything is. */
export type Held = Readonly<Partial<Record<keyof WayNames, PaceState>>>;

const NAMES = ["channel", "address"] as const;

/** Until when nothing but a page leaves by a way: notices come after those that take turns. */
export const noticesWaitUntil = (held: Held): Instant[] =>
  NAMES.flatMap((name) => {
    const state = held[name];
    return state === undefined ? [] : [state.quietUntil, state.pagesQuietUntil, state.pagesFreeAt];
  });

/** Until when a page waits that has no turn yet, or one that has while none is tried; null: it leaves. */
export function pagesWaitUntil(row: Turn, held: Held, now: Instant): Instant | null {
  const states = NAMES.flatMap((name) => held[name] ?? []);
  const quiet = states.reduce((at, { pagesQuietUntil }) => later(at, pagesQuietUntil), now);
  if (hasSlot(row) && quiet <= now) return null;
  const until = states.reduce((at, { pagesFreeAt }) => later(at, pagesFreeAt), quiet);
  return until > now ? until : null;
}

/** The turn of a page, and what is to be remembered then; null: it leaves. */
export function turnOf(
  row: Turn,
  { pagesPace }: Pick<Way, "pagesPace">,
  held: Held,
  now: Instant,
): { readonly at: Instant; readonly held: Held } | null {
  const at = pagesWaitUntil(row, held, now);
  if (at === null) return null;
  const isWaitedFor = ({ pagesQuietUntil, pagesFreeAt }: PaceState): boolean =>
    later(pagesQuietUntil, pagesFreeAt) > now;
  const states = NAMES.flatMap((name) => {
    const state = held[name];
    if (state === undefined || !isWaitedFor(state)) return [];
    const every = pagesPace?.of === name ? everyMs(pagesPace) : APART_MS[name];
    return [[name, { ...state, pagesFreeAt: addMs(at, every) }]];
  });
  return { at, held: { ...held, ...Object.fromEntries(states) } };
}
