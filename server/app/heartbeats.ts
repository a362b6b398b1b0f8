/** Pings of heartbeats by their secret addresses, and how each heartbeat stands. */
import * as contract from "../../contract/heartbeat.ts";
import { readNameCursor } from "../base/cursor.ts";
import { isStoreAway, type Queryable, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { toIso, toIsoOrNull } from "../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, readerOf } from "../domain/account/account.ts";
import { servicesOfReader } from "../domain/catalog/catalog.ts";
import type { Entry, Snapshot } from "../domain/config/config.ts";
import { type Beat, begun, pinged, pulseOf, rhythmOf } from "../domain/signal/heartbeat.ts";
import { findBeats, lockBeatOr, saveBeats } from "../domain/signal/heartbeatStore.ts";
import type { Listening } from "../domain/signal/listening.ts";
import { heartbeatFinder } from "./keys.ts";

type Parts = {
  readonly world: World;
  readonly config: (tx: Queryable) => Promise<Snapshot>;
  readonly listening: Listening;
};

export function heartbeatRoutes(parts: Parts): readonly BoundRoute<Actor>[] {
  const { world, config } = parts;
  const ping = pinging(parts);

  /** The heartbeats whose services the reader may see, as they stand. */
  async function shown(
    actor: Actor,
    wanted: (entry: Entry<"heartbeats">) => boolean,
    most: number,
  ) {
    const snapshot = await config(world.db);
    const services = servicesOfReader(snapshot, readerOf(actor));
    const found = snapshot
      .all("heartbeats")
      .filter(({ body }) => services === null || services.includes(body.service))
      .filter(wanted);
    const kept = found.slice(0, most);
    const rows = await findBeats(
      world.db,
      kept.map(({ id }) => id),
    );
    const now = world.clock.now();
    const items = kept.map((entry) => {
      const row = rows.find(({ id }) => id === entry.id);
      // Applied a moment ago: the engine has not taken it up yet.
      return view(entry, row ?? begun(pulseOf(entry.id, entry.body), now));
    });
    return { items, next: found.length > kept.length ? (kept.at(-1)?.id ?? null) : null };
  }

  return [
    bind(contract.pingHeartbeat, ({ params }) => ping(params.secret, null)),
    bind(contract.postHeartbeat, ({ params }) => ping(params.secret, null)),
    bind(contract.pingHeartbeatWord, ({ params }) => ping(params.secret, params.word)),
    bind(contract.postHeartbeatWord, ({ params }) => ping(params.secret, params.word)),
    bind(contract.listHeartbeats, ({ actor, query }) => {
      const after = readNameCursor(query.cursor);
      const isWanted = ({ id, body }: Entry<"heartbeats">): boolean =>
        (after === null || id > after) &&
        (query.service === undefined || body.service === query.service);
      return shown(actor, isWanted, query.limit);
    }),
    bind(contract.getHeartbeat, async ({ actor, params }) => {
      const { items } = await shown(actor, ({ id }) => id === params.id, 1);
      const [item] = items;
      if (item === undefined) throw new Refusal("heartbeat.not_found", { id: params.id });
      return item;
    }),
  ];
}

/** Takes a ping; returns once it is durable. */
function pinging({ world, config, listening }: Parts) {
  const find = heartbeatFinder(world);
  return async (secret: string, word: string | null): Promise<Raw> => {
    try {
      const entry = find(await config(world.db), secret);
      if (entry === null) throw new Refusal("heartbeat.unknown");
      const now = world.clock.now();
      const pulse = pulseOf(entry.id, entry.body);
      const isOwed = await transact(world.db, async (tx) => {
        const before = await lockBeatOr(tx, begun(pulse, now));
        const isSettling = before.status === "gone";
        const after = pinged(before, pulse, isSettling ? "log" : word, now);
        await saveBeats(tx, [after]);
        return after.attendAt !== null && after.attendAt <= now;
      });
      if (isOwed) world.nudge();
      return new Raw("text/plain; charset=utf-8", "OK\n");
    } catch (error) {
      if (isStoreAway(error)) listening.broke();
      throw error;
    }
  };
}

function view({ id, body }: Entry<"heartbeats">, beat: Beat): contract.HeartbeatView {
  const { excusedAt, excusedExpectedAt } = beat;
  return {
    id,
    name: body.name ?? id,
    service: body.service,
    status: beat.status === "gone" ? "waiting" : beat.status,
    since: toIso(beat.since),
    rhythm: rhythmOf(body),
    grace: body.grace,
    pings: beat.pings,
    lastPingAt: toIsoOrNull(beat.lastPingAt),
    lastPing: beat.lastPing,
    startedAt: toIsoOrNull(beat.startedAt),
    expectedAt: toIso(beat.expectedAt),
    dueAt: toIso(beat.dueAt),
    excused:
      excusedAt === null || excusedExpectedAt === null
        ? null
        : { at: toIso(excusedAt), expectedAt: toIso(excusedExpectedAt) },
  };
}
