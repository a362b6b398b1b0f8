/**
 * The step that sends, and the only one. It claims due notifications under a short lease, which it renews
 * while they are on their way, looks
 * again whether they are still wanted, and hands them over outside the transaction and outside the tick,
 * so a slow mail server delays nobody. A crash or time-out between hand-over and reply makes the attempt
 * unknown: it is sent again with the same identity and says that it may be a repeat.
 */
import { WEB_PUSH } from "../../contract/notification.ts";
import { say } from "../../contract/texts.ts";
import { pipelined, sql, transact, type Tx } from "../base/db.ts";
import { addMs, earlier, type Instant, SECOND } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import { inWords } from "../base/words.ts";
import type { Outbound } from "../base/transport.ts";
import type { World } from "../base/world.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Message, Verdict } from "../domain/notification/channel.ts";
import { codeOf } from "../domain/notification/codes.ts";
import { findMarks } from "../domain/notification/markStore.ts";
import { settleByReceipt } from "../domain/notification/receiptStore.ts";
import {
  type Held,
  LEASE_MS,
  type Notification,
  renewalAt,
  renewedUntil,
} from "../domain/notification/notification.ts";
import {
  endAttempts,
  lockDue,
  nextSend,
  type Outcome,
  renewLeases,
  type Room,
  saveClaims,
  saveOutcomes,
} from "../domain/notification/sendStore.ts";
import { signedAction, wordsOf } from "../domain/notification/pageParts.ts";
import { lockUpdates, type NewNotification, saveUpdated } from "../domain/notification/store.ts";
import {
  type Channels,
  type Claim,
  claimsOf,
  marksBy,
  mayBeClaimed,
  factsOf,
  waysOf,
} from "./claims.ts";
import type { Step } from "./engine.ts";
import { divertCrowd, type Held as HeldPage } from "./diverting.ts";
import { folded, toldTogether, unfolded } from "./folding.ts";
import type { EngineParts } from "./parts.ts";
import { findHeldWays, slotsOf, type Waiting } from "./pacing.ts";
import { NOTHING, recorder, type Reply, type ReplyWatch } from "./replies.ts";
import { incidentsOf, unwanted, unwantedOf } from "./wanted.ts";

export type DeliverWatch = ReplyWatch & {
  sent(verdict: Verdict["kind"], latenessMs: number): void;
};

/** How many sends one node has under way at once: each claimed send starts at once. */
const MOST_IN_FLIGHT = 192;
/** Fewer than a channel may have, so that notices never keep a page from it. */
const MOST_NOTICES_IN_FLIGHT = 32;
/** From here on a channel is busy: a dead mail server must not take the place of all others. */
const MOST_OF_A_CHANNEL = 64;
/** Small enough that a single portion cannot fill the node with one channel. */
const CLAIMED_AT_ONCE = 64;
/** How long a change of an earlier message may take. */
const UPDATE_LEASE_MS = 60 * SECOND;
/** Pages of incidents that somebody else held are told another way after so long. */
const DIVERT_AGAIN_MS = 50;
/** An earlier message that cannot be changed in so many attempts stays as it is. */
const MOST_UPDATES = 10;

/** Sends pages whose first attempt was written with them, so that they need not be claimed afterwards. */
export type Sender = {
  /** The same pages, those of them claimed that this node sends at once. */
  claimed(
    config: Snapshot,
    rows: readonly NewNotification[],
    now: Instant,
  ): readonly NewNotification[];
  /** In the transaction that writes them: what else their hand-over hangs on. */
  claimsOf(tx: Tx, config: Snapshot, rows: readonly NewNotification[]): Promise<readonly Claim[]>;
  /** After its commit. */
  send(claims: readonly Claim[], now: Instant): void;
};

export type Deliver = Step &
  Sender & {
    /** Waits until every send that was started has its reply recorded. */
    drain(): Promise<void>;
  };

type Sending = {
  readonly parts: EngineParts;
  readonly watch: DeliverWatch;
  /** Resolves when the reply is recorded, or could not be. */
  record(reply: Reply): Promise<void>;
};

type Started = Pick<Notification, "kind" | "channelId"> & {
  /** Null for a change of an earlier message. */
  held: Held | null;
};

/** `gathersMs`: how long replies from which nothing follows may wait to be recorded together. */
export function deliverStep(
  parts: EngineParts,
  channels: Channels,
  watch: DeliverWatch,
  gathersMs = 0,
): Deliver {
  /** Channels whose pages wait, as far as this node has heard: theirs are claimed when they are due. */
  const waitedFor = new Map<string, Instant>();
  const waits = ({ channelId }: Notification, { at }: Waiting): void => {
    waitedFor.set(channelId, at);
  };
  const sending: Sending = { parts, watch, record: recorder(parts, { watch, waits, gathersMs }) };
  const inFlight = new Map<Promise<void>, Started>();
  /** Something may wait for a send to end. */
  let isTight = false;
  /** Pages that wait and could not be told another way yet, and when that is tried again. */
  let undiverted: readonly HeldPage[] = [];
  let divertAt: Instant | null = null;
  const start = (work: Promise<void>, what: Started): void => {
    const tracked = work
      .catch((error: unknown) =>
        parts.world.log.error("recording a send failed", errorFields(error)),
      )
      .finally(() => {
        inFlight.delete(tracked);
        if (isTight) parts.world.nudge();
      });
    inFlight.set(tracked, what);
  };

  /** Sends that are under way stay this node's. A node that is gone renews nothing, and another one takes over. */
  async function renew(now: Instant): Promise<void> {
    const due = [...inFlight.values()].flatMap((started) => {
      const at = started.held === null ? null : renewalAt(started.held);
      return started.held === null || at === null || at > now
        ? []
        : [{ started, held: { ...started.held, leaseUntil: renewedUntil(started.held, now) } }];
    });
    if (due.length === 0) return;
    const sends = due.map(({ held }) => ({ ...held, until: held.leaseUntil }));
    await transact(parts.world.db, (tx) => renewLeases(tx, sends));
    for (const { started, held } of due) started.held = held;
  }

  const nextRenewal = (): Instant | null =>
    [...inFlight.values()].reduce<Instant | null>(
      (at, { held }) => earlier(at, held === null ? null : renewalAt(held)),
      null,
    );

  function roomNow(): Room {
    const room = roomBeside([...inFlight.values()]);
    isTight =
      room.page < CLAIMED_AT_ONCE ||
      room.notice < MOST_NOTICES_IN_FLIGHT ||
      room.busyChannels.length > 0;
    return room;
  }

  async function divertAll(waiting: readonly HeldPage[], now: Instant): Promise<void> {
    const pages = [
      ...new Map([...undiverted, ...waiting].map((page) => [page.row.id, page])).values(),
    ];
    if (pages.length === 0) return;
    // Where this fails they have their turn all the same.
    undiverted = [];
    divertAt = null;
    undiverted = await divertCrowd(parts, pages, now);
    divertAt = undiverted.length === 0 ? null : addMs(now, DIVERT_AGAIN_MS);
  }

  function startAll(claims: readonly Claim[], now: Instant): void {
    for (const each of claims) {
      const { id, kind, channelId } = each.row;
      const leaseUntil = addMs(now, LEASE_MS);
      const held = { id, attempt: each.attempt, startedAt: now, leaseUntil };
      start(send(sending, each, now), { kind, channelId, held });
    }
  }

  return {
    name: "deliver",
    dueAt: () => sql`least((${nextSend(roomNow())}), ${earlier(nextRenewal(), divertAt)}::bigint)`,
    async run(now) {
      await renew(now);
      const before = roomNow();
      if (before.page <= 0) {
        await divertAll([], now);
        return { done: 0, nextAt: earlier(nextRenewal(), divertAt) };
      }
      const { claims, dropped, waiting, updates } = await transact(parts.world.db, async (tx) => ({
        ...(await claim({ parts, channels, now, room: before }, tx)),
        updates: await lockUpdates(tx, now, before.notice, addMs(now, UPDATE_LEASE_MS)),
      }));
      startAll(claims, now);
      for (const row of updates) {
        const { channelId } = row;
        start(sendUpdate(parts, channels, row, now), { kind: "notice", channelId, held: null });
      }
      for (const { row, turn } of waiting) waits(row, turn);
      await divertAll(waiting, now);
      const done = claims.length + dropped + updates.length;
      return { done, nextAt: earlier(nextRenewal(), divertAt) };
    },
    claimed(config, rows, now) {
      const room = roomNow();
      let left = room.page;
      return rows.map((row) => {
        const isHeld = (waitedFor.get(row.channelId) ?? now) > now;
        const isOurs = left > 0 && !isHeld && !room.busyChannels.includes(row.channelId);
        if (!isOurs || !mayBeClaimed(config, row, now)) return row;
        left -= 1;
        return { ...row, claimedUntil: addMs(now, LEASE_MS) };
      });
    },
    claimsOf: (tx, config, rows) => claimsOf({ channels, config }, tx, rows),
    send: startAll,
    async drain() {
      while (inFlight.size > 0) await Promise.all(inFlight.keys());
    },
  };
}

/** The room that is left beside the sends under way. */
function roomBeside(sends: readonly Pick<Notification, "kind" | "channelId">[]): Room {
  const notices = sends.filter((each) => each.kind === "notice").length;
  const ofChannel = new Map<string, number>();
  for (const { channelId } of sends) ofChannel.set(channelId, (ofChannel.get(channelId) ?? 0) + 1);
  const page = Math.min(MOST_IN_FLIGHT - sends.length, CLAIMED_AT_ONCE);
  return {
    page,
    notice: Math.max(Math.min(MOST_NOTICES_IN_FLIGHT - notices, page), 0),
    busyChannels: [...ofChannel].flatMap(([id, count]) => (count < MOST_OF_A_CHANNEL ? [] : [id])),
  };
}

type ClaimFacts = {
  readonly parts: EngineParts;
  readonly channels: Channels;
  readonly now: Instant;
  readonly room: Room;
};

type Claimed = {
  readonly claims: readonly Claim[];
  readonly dropped: number;
  /** Pages that wait, because their provider wants to be left alone. */
  readonly waiting: readonly HeldPage[];
};

/** Claims what is due and still wanted, pages before notices; ends what is not. */
async function claim({ parts, channels, now, room }: ClaimFacts, tx: Tx): Promise<Claimed> {
  const claims: Claim[] = [];
  const ended: Outcome[] = [];
  const together: HeldPage[] = [];
  let dropped = 0;
  const [pages, notices] = await pipelined([
    lockDue(tx, now, "page", room),
    lockDue(tx, now, "notice", room),
  ]);
  const rows = [...pages, ...notices.slice(0, Math.max(room.page - pages.length, 0))];
  if (rows.length === 0) return { claims, dropped, waiting: [] };
  const [incidents, marked, config, held] = await pipelined([
    incidentsOf(tx, rows),
    findMarks(tx, waysOf(rows)),
    parts.config(tx),
    findHeldWays(tx, rows, now),
  ]);
  const usable = new Map<string, Claim["channel"]>();
  const marks = marksBy(marked);
  for (const row of rows) {
    const lost = row.state === "sending";
    if (lost) {
      const because = "no reply before the lease ended";
      const { id, attempts: attempt } = row;
      await endAttempts(tx, [{ id, attempt, now, verdict: "unknown", because }]);
      const receiptAt = await settleByReceipt(tx, id);
      if (receiptAt !== null) {
        ended.push({ ...NOTHING, id, state: "accepted", receiptAt });
        dropped += 1;
        continue;
      }
    }
    const page = await unfolded(parts, tx, row, unwantedOf);
    const because = page === null ? "acknowledged" : await unwanted(tx, row, incidents);
    if (page === null || because !== null) {
      ended.push({ ...NOTHING, id: row.id, state: "dropped", endedBecause: because });
      dropped += 1;
      continue;
    }
    const beside = claims.map((claimed) => claimed.row);
    const mayRepeat = row.mayRepeat || lost;
    const facts = { now, beside, held };
    const isHere = row.personId === null || config.get("people", row.personId) !== null;
    const ours = { world: parts.world, config };
    if (isHere && (await folded(ours, tx, row, facts))) {
      dropped += 1;
      continue;
    }
    const turn = isHere ? await toldTogether(ours, tx, { ...row, mayRepeat }, facts) : null;
    if (turn !== null) {
      together.push({ row, turn });
      continue;
    }
    // Each device has keys of its own.
    const way = row.channelId === WEB_PUSH ? row.address : row.channelId;
    const channel = isHere ? (usable.get(way) ?? (await channels(config, tx, row))) : NOT_HERE;
    if (isHere) usable.set(way, channel);
    const attempt = row.attempts + 1;
    claims.push({ row: page, attempt, mayRepeat, config, ...factsOf(marks, row, channel) });
  }
  const slots = await slotsOf(tx, claims, held, now);
  for (const [{ row, mayRepeat }, { at: attendAt, because: waitsBecause }] of slots)
    ended.push({ ...NOTHING, id: row.id, state: "pending", attendAt, mayRepeat, waitsBecause });
  const going = claims.filter((claimed) => !slots.has(claimed));
  await saveOutcomes(tx, ended);
  const lease = { from: now, until: addMs(now, LEASE_MS) };
  await saveClaims(
    tx,
    going.map(({ row, attempt, mayRepeat }) => ({ id: row.id, attempt, mayRepeat })),
    lease,
  );
  const waiting = [...slots].flatMap(([{ row }, turn]) =>
    row.kind === "page" ? [{ row, turn }] : [],
  );
  const put = dropped + slots.size + together.length;
  return { claims: going, dropped: put, waiting: [...waiting, ...together] };
}

/** Whoever has left is told nothing more, and what they were to answer goes on to the next at once. */
const NOT_HERE = {
  fault: "the person is not in the configuration any more",
  isGone: true,
} as const;
const STOPPED = "whoever has the address said that they want nothing there";

async function send(
  { parts, watch, record: keep }: Sending,
  each: Claim,
  now: Instant,
): Promise<void> {
  const verdict = await handOver(parts, each, now);
  const ended = parts.world.clock.now();
  watch.sent(verdict.kind, ended - each.row.dueAt);
  await keep({ each, verdict, ended });
}

/** One hand-over. Whatever goes wrong on our side before it is a refusal that says so. */
async function handOver(parts: EngineParts, each: Claim, now: Instant): Promise<Verdict> {
  const { channel } = each;
  if (each.isStopped) return { kind: "refused", because: STOPPED, mark: "stopped" };
  if ("fault" in channel) {
    const because = channel.fault;
    return channel.isGone === true
      ? { kind: "refused", because }
      : { kind: "retry", because, afterMs: null };
  }
  let outbound: Outbound;
  try {
    const message = withLinks(parts.world, messageOf(each));
    outbound = channel.driver.render(message, each.row.address, channel.settings, now);
  } catch (error) {
    parts.world.log.error("a channel could not write its message", errorFields(error));
    return { kind: "refused", because: "the channel could not write this message" };
  }
  try {
    return channel.driver.verdict(await parts.world.transport.send(outbound));
  } catch (error) {
    parts.world.log.error("a reply could not be read", errorFields(error));
    return { kind: "unknown", because: "the reply could not be read" };
  }
}

const messageOf = ({ row, mayRepeat }: Pick<Claim, "row" | "mayRepeat">): Message => ({
  ...wordsOf(row),
  notificationId: row.id,
  idempotencyKey: row.id,
  mayRepeat,
});

/** The links that work only once they are signed, and a code that stands nowhere. */
const withLinks = ({ keys }: World, { withCode, ...message }: Message): Message => ({
  ...message,
  lines:
    withCode === true
      ? [
          inWords(
            say("code is", { code: codeOf({ keys }, message.notificationId) }),
            message.language ?? "en",
          ),
          ...message.lines,
        ]
      : message.lines,
  actions: message.actions.map((action) => signedAction(keys, action)),
});

/** Shows in an earlier message who has it. Best effort: the message itself has done its work. */
async function sendUpdate(
  parts: EngineParts,
  channels: Channels,
  row: Notification & { readonly updateText: string | null },
  now: Instant,
): Promise<void> {
  const { db } = parts.world;
  const channel = await channels(await parts.config(db), db, row);
  const update = "fault" in channel ? null : channel.driver.update;
  let againAt: Instant | null = null;
  if (!("fault" in channel) && update !== null && row.reference !== null) {
    const message = messageOf({ row, mayRepeat: false });
    const { reference, address } = row;
    const change = { message, reference, address, outcome: row.updateText ?? "" };
    const verdict = channel.driver.verdict(
      await parts.world.transport.send(update(change, channel.settings)),
    );
    // Changed twice, it says the same.
    const asked = verdict.kind === "retry" ? (verdict.afterMs ?? 0) : 0;
    if (verdict.kind === "retry" || verdict.kind === "unknown")
      againAt = addMs(parts.world.clock.now(), Math.max(UPDATE_LEASE_MS, asked));
  } else if (row.state === "sending") againAt = addMs(now, UPDATE_LEASE_MS);
  await transact(db, (tx) => saveUpdated(tx, row.id, againAt, MOST_UPDATES));
}
