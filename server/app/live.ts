/**
 * Live events: every node reads the ledger onward from where it was, and tells each listener the ids of
 * what changed, as far as that listener may read it. The ledger's order is the events' order, so whoever
 * comes back with Last-Event-ID, to any node, is told what was missed. Who has a page open stands in no
 * ledger: it is compared with what was told before.
 */
import { PassThrough } from "node:stream";
import { incidentId } from "../../contract/ids.ts";
import {
  type LiveChange,
  type LivePresence,
  type LiveTopic,
  liveEvents,
} from "../../contract/live.ts";
import { sleepReal } from "../base/clock.ts";
import { all, sql } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { toIso } from "../base/instant.ts";
import { ledgerEnd, type LedgerPosition, listLedgerEntries } from "../base/ledger.ts";
import { errorFields } from "../base/log.ts";
import { bind, type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, type Reader, readerOf } from "../domain/account/account.ts";
import { incidentVisibleTo } from "../domain/account/visible.ts";
import { whoIsWhere } from "../domain/incident/presence.ts";
import type { Identify } from "./http.ts";

export type Live = {
  readonly routes: readonly BoundRoute<Actor>[];
  /** Something may have happened; look soon. */
  nudge(): void;
  /**
   * The id that whoever opens a page now goes on after (`?after=`), so that nothing that changes while it opens is missed;
   * null: nobody who is known. It comes before everything that is read for the page.
   */
  placeFor(request: Pick<RequestFacts, "headers">): Promise<string | null>;
  /** Ends every listener's stream, so that the server can close. */
  stop(): Promise<void>;
};

/** A lost nudge and another node's delivery cost this much at most. */
const LOOK_EVERY_MS = 500;
const BATCH = 500;
/** More than this is not told again one by one: the listener reads everything anew. */
const REPLAY_MAX = 2_000;
/** Proxies end a silent connection; whoever was signed out is noticed with the same beat. */
const BEAT_MS = 5_000;
/** A listener that does not take what it is told is let go; it comes back and is told again. */
const UNREAD_MAX = 256 * 1024;

type Listener = {
  readonly stream: PassThrough;
  readonly headers: RequestFacts["headers"];
  reader: Reader;
};

/** What happened between two positions. */
type Portion = {
  readonly at: LedgerPosition;
  readonly incidents: readonly number[];
  readonly topics: readonly LiveTopic[];
  /** Sessions, tokens or rights changed: whoever listens is asked again who they are. */
  readonly access: boolean;
};

const TOPICS: Readonly<Record<string, LiveTopic>> = {
  intake: "alerts",
  config: "config",
  oncall: "on call",
  // Of runs that belong to no incident; those that do are told with it.
  run: "runs",
  runbook: "runbooks",
};

export function openLive(world: World, identify: Identify): Live {
  const listeners = new Set<Listener>();
  const stopping = new AbortController();
  let position: LedgerPosition | null = null;
  let present: ReadonlyMap<number, string> | null = null;
  let wake: () => void = () => undefined;
  let looking: Promise<void> | null = null;

  const whoIs = (headers: RequestFacts["headers"]): Promise<Actor | null> =>
    identify({ method: "GET", headers }).catch((error: unknown) => {
      if (error instanceof Refusal) return null;
      throw error;
    });

  const beat = async (): Promise<void> => {
    for (const listener of listeners) {
      const actor = await whoIs(listener.headers);
      if (actor === null) listener.stream.end("event: signed-out\ndata: {}\n\n");
      else {
        listener.reader = readerOf(actor);
        send(listener, ": beat\n\n");
      }
    }
  };

  const look = async (): Promise<void> => {
    position ??= await ledgerEnd(world.db);
    for (;;) {
      const portion = await readPortion(world, position);
      if (portion === null) return;
      position = portion.at;
      if (portion.access) await beat();
      await tell(world, [...listeners], portion);
    }
  };

  /** Also of those who left without a word, a while after. */
  const lookAround = async (): Promise<void> => {
    const now = await whoIsWhere(world.db, world.clock.now());
    const before = present ?? now;
    present = now;
    const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
      (number) => before.get(number) !== now.get(number),
    );
    if (changed.length > 0) await tellPresence(world, [...listeners], changed);
  };

  /** Runs only while somebody listens. */
  const attend = async (): Promise<void> => {
    let beatenAt = world.clock.now();
    while (listeners.size > 0 && !stopping.signal.aborted) {
      try {
        await look();
        await lookAround();
        if (world.clock.now() - beatenAt >= BEAT_MS) {
          beatenAt = world.clock.now();
          await beat();
        }
      } catch (error) {
        world.log.warn("live events interrupted", errorFields(error));
      }
      await Promise.race([
        sleepReal(LOOK_EVERY_MS, stopping.signal),
        new Promise<void>((resume) => (wake = resume)),
      ]);
    }
    looking = null;
    position = null;
    present = null;
  };

  const join = async (listener: Listener, from: LedgerPosition | null): Promise<void> => {
    const end = await ledgerEnd(world.db);
    const now = present ?? (await whoIsWhere(world.db, world.clock.now()));
    const missed = from === null ? [] : await readMissed(world, from, end);
    const hello = { now: toIso(world.clock.now()), missed: missed === null };
    // Whoever is cut off before all of it was told asks for it again.
    const at = from !== null && (missed ?? []).length > 0 ? from : end;
    send(
      listener,
      `retry: 1000\nid: ${idOf(at)}\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`,
    );
    for (const portion of missed ?? []) await tell(world, [listener], portion);
    listeners.add(listener);
    // What was recorded since `end` may be told twice, never not at all.
    if (position === null || isAfter(position, end)) position = end;
    present ??= now;
    looking ??= attend();
  };

  return {
    routes: [
      bind(liveEvents, async ({ actor, request, query }) => {
        const stream = new PassThrough({ highWaterMark: UNREAD_MAX });
        const { headers } = request;
        const listener: Listener = { stream, headers, reader: readerOf(actor) };
        stream.on("close", () => listeners.delete(listener));
        stream.on("error", () => listeners.delete(listener));
        // A browser that tries again by itself keeps the address and knows better.
        await join(listener, positionIn(headers["last-event-id"] ?? query.after));
        return new Raw("text/event-stream; charset=utf-8", stream, {
          "cache-control": "no-store",
          // Proxies of the nginx family hold events back otherwise.
          "x-accel-buffering": "no",
        });
      }),
    ],
    nudge: () => wake(),
    async placeFor({ headers }) {
      const [at, actor] = await Promise.all([ledgerEnd(world.db), whoIs(headers)]);
      return actor === null ? null : idOf(at);
    },
    async stop() {
      stopping.abort();
      for (const { stream } of listeners) stream.end();
      listeners.clear();
      wake();
      await looking;
    },
  };
}

const idOf = ({ transactionId, id }: LedgerPosition): string => `${transactionId}.${id}`;

function positionIn(text: string | undefined): LedgerPosition | null {
  const parts = /^(\d{1,18})\.(\d{1,15})$/.exec(text ?? "");
  return parts === null ? null : { transactionId: parts[1] ?? "0", id: Number(parts[2]) };
}

const isAfter = (a: LedgerPosition, b: LedgerPosition): boolean =>
  BigInt(a.transactionId) > BigInt(b.transactionId) ||
  (a.transactionId === b.transactionId && a.id > b.id);

async function readPortion(world: World, after: LedgerPosition): Promise<Portion | null> {
  const entries = await listLedgerEntries(world.db, after, BATCH);
  const last = entries.at(-1);
  if (last === undefined) return null;
  const streams = new Set(entries.map(({ stream }) => stream));
  const incidents = [...streams].flatMap((stream) => {
    const number = /^incident:(\d+)$/.exec(stream)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  const kinds = new Set([...streams].map((stream) => stream.replace(/:.*/, "")));
  const topics = [...kinds].flatMap((kind) => TOPICS[kind] ?? []);
  const access = streams.has("access") || streams.has("config");
  return { at: { transactionId: last.transactionId, id: last.id }, incidents, topics, access };
}

/** What happened since somebody was last here; null when that is too much. */
async function readMissed(
  world: World,
  from: LedgerPosition,
  end: LedgerPosition,
): Promise<readonly Portion[] | null> {
  const portions: Portion[] = [];
  let after = from;
  for (let told = 0; ; told += BATCH) {
    const portion = await readPortion(world, after);
    if (portion === null || !isAfter(end, after)) return portions;
    if (told >= REPLAY_MAX) return null;
    portions.push(portion);
    after = portion.at;
  }
}

/** Tells each listener what it may know of a portion; to whom nothing is left, nothing is said. */
async function tell(world: World, listeners: readonly Listener[], portion: Portion): Promise<void> {
  const groups = Map.groupBy(listeners, ({ reader }) => JSON.stringify(reader));
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const incidents = await visibleOf(world, first.reader, portion.incidents);
    if (incidents.length === 0 && portion.topics.length === 0) continue;
    const change: LiveChange = {
      incidents: incidents.map((number) => incidentId(number)),
      topics: [...portion.topics],
    };
    const text = `id: ${idOf(portion.at)}\nevent: changed\ndata: ${JSON.stringify(change)}\n\n`;
    for (const listener of group) send(listener, text);
  }
}

/** It has no place in the ledger's order, so nothing is asked for by it after a drop. */
async function tellPresence(
  world: World,
  listeners: readonly Listener[],
  numbers: readonly number[],
): Promise<void> {
  const groups = Map.groupBy(listeners, ({ reader }) => JSON.stringify(reader));
  for (const group of groups.values()) {
    const visible = await visibleOf(world, group[0]!.reader, numbers);
    if (visible.length === 0) continue;
    const told: LivePresence = { incidents: visible.map((number) => incidentId(number)) };
    const text = `event: present\ndata: ${JSON.stringify(told)}\n\n`;
    for (const listener of group) send(listener, text);
  }
}

async function visibleOf(
  world: World,
  reader: Reader,
  numbers: readonly number[],
): Promise<readonly number[]> {
  if (numbers.length === 0) return [];
  const rows = await all(
    world.db,
    sql<{ number: number }>`select i.number from incident i
      where i.number = any(${[...numbers]}::integer[]) and ${incidentVisibleTo(reader)}
      order by i.number limit ${BATCH}`,
  );
  return rows.map(({ number }) => number);
}

function send({ stream }: Listener, text: string): void {
  if (stream.destroyed || stream.writableEnded) return;
  if (stream.writableLength > UNREAD_MAX) stream.destroy();
  else stream.write(text);
}
