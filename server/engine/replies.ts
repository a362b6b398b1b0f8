/**
 * What became of sends: the reply to each attempt, and what follows from it. Most are accepted and nothing else
 * follows; those are recorded in sets, so that a crowd of pages does not wait for a commit each (decisions/0066).
 */
import { WEB_PUSH } from "../../contract/notification.ts";
import { persistent, pipelined, type Tx } from "../base/db.ts";
import { addMs, type Instant, toIso } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { chronicleAll, type Command } from "../domain/incident/commands.ts";
import { lockIncident } from "../domain/incident/store.ts";
import type { MarkKind, Verdict } from "../domain/notification/channel.ts";
import { settleDevice } from "../domain/notification/devices.ts";
import { endTwins, failOver, receiptBy, twinsOf } from "../domain/notification/failOver.ts";
import { FOLD } from "../domain/notification/folding.ts";
import { endFolded } from "../domain/notification/foldStore.ts";
import { endMarks, saveMarks } from "../domain/notification/markStore.ts";
import { settleByReceipt } from "../domain/notification/receiptStore.ts";
import type { Way } from "../domain/notification/pace.ts";
import {
  type Aftermath,
  aftermath,
  type Notification,
} from "../domain/notification/notification.ts";
import {
  endAttempts,
  lockNotification,
  type Outcome,
  saveAccepted,
  saveOutcomes,
} from "../domain/notification/sendStore.ts";
import { comeSooner, divert, factOfFailOver, goOnWithout, lockTold } from "./diverting.ts";
import { leaveAlone, type Waiting } from "./pacing.ts";
import { asEngine, type EngineParts, inSets } from "./parts.ts";

/** A send whose reply waits to be recorded. */
export type Reply = {
  /** The row as it was claimed, as which attempt, and what its address is known for. */
  readonly each: {
    readonly row: Notification;
    readonly attempt: number;
    readonly mark: MarkKind | null;
    /** By which pace it left. */
    readonly way: Way | null;
    /** The configuration by which it left. */
    readonly config: Snapshot;
  };
  readonly verdict: Verdict;
  readonly ended: Instant;
};

export type ReplyWatch = {
  /** A message whose receipt is recorded, with all its instants. Must not throw. */
  received?(row: Notification, receiptAt: Instant): void;
};

type Recording = {
  readonly watch: ReplyWatch;
  /** Told of pages that wait for their turn, since their provider refused them for being too many. */
  readonly waits: (row: Notification, turn: Waiting) => void;
};

/** So many replies at most are recorded together. */
const RECORDED_AT_ONCE = 64;
/** How long a reply from which nothing follows waits for others: a commit for each costs as much as one for ten. */
export const GATHERED_MS = 20;

/**
 * Records replies: those that come while some are being recorded are the next set, and where nothing follows from any of
 * them they wait `gathersMs` for more. Each resolves when its own is recorded, or could not be; then its lease ends and
 * it is sent again.
 */
export function recorder(
  parts: EngineParts,
  { watch, waits, gathersMs }: Recording & { readonly gathersMs: number },
): (reply: Reply) => Promise<void> {
  const { clock } = parts.world;
  let waiting: { readonly reply: Reply; readonly settle: () => void }[] = [];
  let isRecording = false;
  let hurry = new AbortController();
  const isUrgent = (): boolean =>
    waiting.length >= RECORDED_AT_ONCE || !waiting.every(({ reply }) => isPlain(reply));
  const recordAll = async (): Promise<void> => {
    isRecording = true;
    while (waiting.length > 0) {
      if (gathersMs > 0 && !isUrgent()) await clock.sleep(gathersMs, hurry.signal);
      hurry = new AbortController();
      const taken = waiting.slice(0, RECORDED_AT_ONCE);
      waiting = waiting.slice(RECORDED_AT_ONCE);
      const replies = taken.map(({ reply }) => reply);
      await record(parts, { watch, waits }, replies).catch((error: unknown) =>
        parts.world.log.error("recording a send failed", errorFields(error)),
      );
      for (const { settle } of taken) settle();
    }
    isRecording = false;
  };
  return (reply) =>
    new Promise((settle) => {
      waiting.push({ reply, settle });
      if (!isRecording) void recordAll();
      else if (gathersMs > 0 && isUrgent()) hurry.abort();
    });
}

/** Nothing else follows from it. */
const isPlain = ({ each: { row, mark, config }, verdict }: Reply): boolean =>
  verdict.kind === "accepted" &&
  mark === null &&
  row.channelId !== WEB_PUSH &&
  twinsOf(config, row).length === 0;

/** Those from which something else follows are recorded one by one, the others together. */
async function record(
  parts: EngineParts,
  { watch, waits }: Recording,
  replies: readonly Reply[],
): Promise<void> {
  const plain = new Set(replies.filter(isPlain));
  const others = replies.filter((reply) => !plain.has(reply));
  await inSets(parts, {
    now: parts.world.clock.now(),
    sets: [[...plain], ...others.map((reply) => [reply])],
    async work(set) {
      const first = set[0]!;
      const received = plain.has(first)
        ? await recordAccepted(parts, set)
        : await asEngine(parts, first.ended, (command) => recordAlone(command, first));
      for (const { row, at } of received) watch.received?.(row, at);
      const turn = plain.has(first)
        ? null
        : await leaveAlone(parts.world, first.each, first.verdict, first.ended);
      if (turn === null) return;
      const { row } = first.each;
      waits(row, turn);
      if (turn.isAll)
        await asEngine(parts, first.ended, (command) => divert(command, { row, turn }));
    },
    // Its lease ends, and it is sent again.
    putOff: () => Promise.resolve(),
  });
  // Of an accepted one nothing follows; of others a step may be due at once.
  if (others.length > 0) parts.world.nudge();
}

type Received = { readonly row: Notification; readonly at: Instant };

/** Ends attempts whose messages were accepted. Their incidents need no lock: nothing of them changes. */
async function recordAccepted(
  { world }: EngineParts,
  replies: readonly Reply[],
): Promise<readonly Received[]> {
  const accepted = replies.flatMap(({ each: { row, attempt, config }, verdict, ended }) =>
    verdict.kind !== "accepted"
      ? []
      : [
          {
            id: row.id,
            attempt,
            endedAt: ended,
            receiptBy: receiptBy(config, row, ended),
            providerId: verdict.providerId,
            reference: verdict.reference,
          },
        ],
  );
  const saved = await persistent(() => saveAccepted(world.db, accepted));
  const sent = new Map(saved.map((row) => [row.id, row]));
  return replies.flatMap(({ each: { row }, ended }) => {
    const now = sent.get(row.id);
    return now === undefined ? [] : [{ row: { ...row, ...now }, at: ended }];
  });
}

const endAttemptsOf = (tx: Tx, replies: readonly Reply[]): Promise<ReadonlySet<string>> =>
  endAttempts(
    tx,
    replies.map(({ each, verdict, ended }) => ({
      id: each.row.id,
      attempt: each.attempt,
      now: ended,
      verdict: verdict.kind,
      because: becauseOf(verdict, ended),
    })),
  );

/** In the words of whoever did not take it, and until when they want to be left alone. */
function becauseOf(verdict: Verdict, ended: Instant): string | null {
  if (verdict.kind === "accepted") return null;
  const { because } = verdict;
  const asked = verdict.kind === "retry" ? (verdict.afterMs ?? 0) : 0;
  return asked === 0
    ? because
    : `${because}, and asks us to wait until ${toIso(addMs(ended, asked))}`;
}

/** An outcome that says nothing beyond its state. */
export const NOTHING = {
  attendAt: null,
  mayRepeat: false,
  receiptAt: null,
  receiptBy: null,
  providerId: null,
  reference: null,
  endedBecause: null,
  waitsBecause: null,
} as const;

const outcomeOf = (
  config: Snapshot,
  row: Notification,
  {
    verdict,
    ended,
    next,
  }: { readonly verdict: Verdict; readonly ended: Instant; readonly next: Aftermath },
): Outcome => ({
  id: row.id,
  state: next.kind === "accepted" ? "accepted" : next.kind === "failed" ? "failed" : "pending",
  attendAt: next.kind === "again" ? next.at : null,
  mayRepeat: next.kind === "again" && next.mayRepeat,
  receiptAt: verdict.kind === "accepted" ? ended : null,
  receiptBy: verdict.kind === "accepted" ? receiptBy(config, row, ended) : null,
  providerId: verdict.kind === "accepted" ? verdict.providerId : null,
  reference: verdict.kind === "accepted" ? verdict.reference : null,
  endedBecause: next.kind === "failed" ? next.because : null,
  waitsBecause: null,
});

/** One reply with everything that follows from it. */
async function recordAlone(command: Command, reply: Reply): Promise<readonly Received[]> {
  const { tx, config } = command;
  const { each, ended } = reply;
  const { id, incidentNumber } = each.row;
  const stoodFor = each.row.subject === FOLD ? await lockTold(tx, each.row) : null;
  // The incident is locked before its notifications, here as in every command; together they are one way
  // to the store.
  const [, row, first] = await pipelined([
    incidentNumber === null ? null : lockIncident(tx, ENGINE_READER, incidentNumber),
    lockNotification(tx, id),
    endAttemptsOf(tx, [reply]),
  ]);
  // As above.
  if (row === null || !first.has(id) || row.attempts !== each.attempt) return [];
  const verdict = await verdictOf(tx, reply);
  const next = aftermath(row, verdict, ended);
  if (row.channelId === WEB_PUSH) await settleDevice(command, row, verdict);
  await saveOutcomes(tx, [outcomeOf(config, row, { verdict, ended, next })]);
  await remember(command, each, verdict);
  if (next.kind === "accepted" || verdict.kind === "accepted") {
    await endTwins(tx, config, row);
    return [{ row, at: ended }];
  }
  const told = stoodFor ?? [row];
  await goAnotherWay(command, reply, verdict, told);
  if (stoodFor !== null && next.kind === "failed") await endFolded(tx, row, next.because);
  if (next.escalate) await goOnWithout(command, row, told, becauseOf(verdict, ended) ?? "");
  return [];
}

/** No reply says that it was taken, but a receipt that was faster says that it arrived. */
async function verdictOf(tx: Tx, { each, verdict }: Reply): Promise<Verdict> {
  if (verdict.kind !== "unknown" || (await settleByReceipt(tx, each.row.id)) === null)
    return verdict;
  return { kind: "accepted", providerId: null, reference: null };
}

/** Keeps what the reply says of the address itself. */
async function remember(
  { tx, now }: Command,
  { row, mark }: Reply["each"],
  verdict: Verdict,
): Promise<void> {
  if (verdict.kind === "accepted" && mark === "bounced") await endMarks(tx, [row], "bounced");
  if (verdict.kind !== "refused" || verdict.mark === undefined || mark === "stopped") return;
  await saveMarks(tx, [row], { kind: verdict.mark, because: verdict.because }, now);
}

/** A provider that did not take a page is tried again, and another one at once. */
async function goAnotherWay(
  command: Command,
  { each: { row, mark }, ended }: Reply,
  verdict: Exclude<Verdict, { kind: "accepted" }>,
  told: readonly Notification[],
): Promise<void> {
  const { tx, world, config, now } = command;
  const { kind } = verdict;
  const because = becauseOf(verdict, ended) ?? "";
  // Whoever wants nothing wants it by no provider.
  const isStopped = mark === "stopped" || (kind === "refused" && verdict.mark === "stopped");
  const to = isStopped
    ? null
    : await failOver(tx, world, config, row, { because, mayRepeat: kind === "unknown", now });
  if (to !== null) await chronicleAll(command, factOfFailOver(row, to, because));
  // It will not come by this way: nobody waits for an answer to it.
  if (kind !== "refused" || row.kind !== "page") return;
  const late = told.map((lost) => ({ row: lost, because }));
  await comeSooner(command, late, { unlessTold: true });
}
