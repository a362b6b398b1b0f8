/** A calendar at an address that says when somebody is away: when it is asked, and what becomes of its answer. */
import { say } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, HOUR, type Instant, MINUTE } from "../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../base/transport.ts";
import type { World } from "../../base/world.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { type OverrideCommand, recordOnCall } from "./commands.ts";
import type { Leave } from "./leave.ts";
import {
  type LeaveFeedRow,
  lockLeaveFeed,
  replaceFeedLeave,
  saveLeaveFeed,
} from "./leaveFeedStore.ts";

const SEALED = "leave feed";
const EVERY_MS = HOUR;
const RETRY_MS = 5 * MINUTE;
const RETRY_MAX_MS = 6 * HOUR;
/** One time-out is nobody's business; a third failure in a row, after a quarter of an hour, is. */
const TOLD_AFTER = 3;
/** Repeated events reach further ahead as time goes on, also in a calendar that says that it is unchanged. */
const READ_AGAIN_MS = 7 * DAY;

export type CalendarRequest = {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
};

export type CalendarAnswer =
  | {
      readonly kind: "calendar";
      readonly text: string;
      readonly etag: string | null;
      readonly lastModified: string | null;
    }
  | { readonly kind: "unchanged" }
  /** `isGone`: the other side says that there is no such calendar. */
  | { readonly kind: "failed"; readonly because: string; readonly isGone: boolean };

/** Speaks the protocol. Pure. */
export type CalendarDriver = {
  render(request: CalendarRequest): HttpOutbound;
  read(reply: Reply): CalendarAnswer;
};

/** The address as it is asked: https, or http on this machine; calendar programs write webcal. */
export function mustBeCalendarAddress(text: string): URL {
  const url = URL.parse(text.replace(/^webcals?:/i, "https:"));
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
  const isFit = url?.protocol === "https:" || (isHere && url?.protocol === "http:");
  if (url !== null && isFit && url.username === "" && url.password === "") return url;
  throw new Refusal("request.invalid", {
    field: "url",
    expected: "the https:// address of a calendar, without a name or password in it",
  });
}

export const sealAddress = (world: World, url: URL): Buffer =>
  world.keys.seal(SEALED, Buffer.from(url.href), world.chance);

/** What to ask for; null when another master key sealed the address. */
export function requestOf(world: World, feed: LeaveFeedRow, now: Instant): CalendarRequest | null {
  const isOld = feed.readAt === null || now - feed.readAt >= READ_AGAIN_MS;
  const { etag, lastModified } = isOld ? { etag: null, lastModified: null } : feed;
  try {
    return { url: world.keys.open(SEALED, feed.sealed).toString(), etag, lastModified };
  } catch {
    return null;
  }
}

/** The answer as it is to be kept: its leave, that nothing changed, or why not. */
export type Outcome =
  | Exclude<CalendarAnswer, { readonly kind: "calendar" }>
  | {
      readonly kind: "read";
      readonly leave: readonly Leave[];
      readonly etag: string | null;
      readonly lastModified: string | null;
    };

/** Keeps it, unless the person has said something else meanwhile. Who cannot be read is told once. */
export async function keepOutcome(
  command: OverrideCommand,
  asked: LeaveFeedRow,
  outcome: Outcome,
): Promise<void> {
  const { tx, now } = command;
  const feed = await lockLeaveFeed(tx, asked.personId);
  if (feed === null || feed.saidAt !== asked.saidAt) return;
  if (outcome.kind === "failed") return failed(command, feed, outcome);
  const well = { failures: 0, failure: null, failingSince: null, dueAt: addMs(now, EVERY_MS) };
  if (outcome.kind === "unchanged") return saveLeaveFeed(tx, { ...feed, ...well });
  const { etag, lastModified, leave } = outcome;
  await saveLeaveFeed(tx, { ...feed, ...well, etag, lastModified, readAt: now });
  if (await replaceFeedLeave(tx, feed.personId, leave, now))
    await chronicle(command, feed, { spans: leave.length });
}

async function failed(
  command: OverrideCommand,
  feed: LeaveFeedRow,
  { because, isGone }: { readonly because: string; readonly isGone: boolean },
): Promise<void> {
  const { tx, world, config, now } = command;
  const failures = feed.failures + 1;
  const failingSince = feed.failingSince ?? now;
  const dueAt = addMs(now, Math.min(RETRY_MS * 2 ** Math.min(failures - 1, 10), RETRY_MAX_MS));
  const saved = { ...feed, failures, failingSince, failure: because, dueAt };
  await saveLeaveFeed(tx, saved);
  if (failures < TOLD_AFTER) return;
  const isWithdrawn = isGone && (await replaceFeedLeave(tx, feed.personId, [], now));
  if (isWithdrawn) await chronicle(command, feed, { spans: 0 });
  if (failures === TOLD_AFTER)
    await tellPeople(tx, world, config, [feed.personId], failing(world, saved, isGone, now), now);
}

const chronicle = (
  command: OverrideCommand,
  { personId }: LeaveFeedRow,
  what: { readonly spans: number },
): Promise<void> => {
  const ref = command.config.get("people", personId)?.ref ?? "";
  return recordOnCall(command, "leave read", `leave:${ref}`, { person: personId, ...what });
};

const failing = (
  world: World,
  { personId, host, failure, failingSince }: LeaveFeedRow,
  isGone: boolean,
  now: Instant,
): Telling => ({
  subject: `leave-feed:${personId}`,
  occasion: `failing since ${failingSince}`,
  kind: "notice",
  urgency: "low",
  incidentNumber: null,
  runId: null,
  acceptedAt: null,
  dueAt: now,
  why: {
    you: { kind: "leave is read", params: { host } },
    now: { kind: "cannot be read", params: { because: failure ?? "" } },
  },
  words: () => ({
    kind: "notice",
    subject: say("leave feed failing subject", { host }),
    lines: [
      say("leave feed failing line", { because: failure ?? "" }),
      say(isGone ? "leave feed gone" : "leave feed kept"),
    ],
    facts: [],
    actions: [{ label: say("open you"), url: `${world.publicUrl}/you`, verb: "open" }],
    attachments: [],
    thread: null,
  }),
});
