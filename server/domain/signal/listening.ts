/**
 * Since when this node can hear pings. A node that starts, that was suspended, or that could not store a ping
 * has been deaf; what it heard before is remembered in rows, which outlive it.
 */
import type { Queryable } from "../../base/db.ts";
import { addMs, DAY, type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { covers } from "./heartbeat.ts";
import { forgetListening, listListening, saveListening } from "./heartbeatStore.ts";

const NOTED_EVERY_MS = 10 * SECOND;
/** An engine that runs asks its steps once a second: one that did not for so long stood still. */
const STOOD_STILL_MS = MINUTE;
/** Longer than any turn that anybody watches closely. */
const KEPT_MS = 60 * DAY;

export type Listening = {
  /** Whether its row is to be written again. */
  isNoteDue(now: Instant): boolean;
  note(now: Instant): Promise<void>;
  /** A ping could not be stored, so that others may have been lost too. */
  broke(): void;
  since(now: Instant): Instant;
  /** Which spans between two instants some node could hear pings in. */
  heard(
    tx: Queryable,
    from: Instant,
    now: Instant,
  ): Promise<(from: Instant, to: Instant) => boolean>;
};

/** `isAsked`: the engine asks once a second, as a process does and a story does not. */
export function openListening(world: World, isAsked: boolean): Listening {
  let span: { readonly id: string; readonly since: Instant } | null = null;
  let notedAt: Instant | null = null;
  let askedAt: Instant | null = null;
  const current = (now: Instant) => (span ??= { id: world.chance.id(now), since: now });
  const restart = (): void => {
    span = null;
    notedAt = null;
  };
  return {
    isNoteDue(now) {
      if (isAsked && askedAt !== null && now - askedAt > STOOD_STILL_MS) restart();
      askedAt = now;
      current(now);
      return notedAt === null || now - notedAt >= NOTED_EVERY_MS;
    },
    async note(now) {
      await saveListening(world.db, { ...current(now), until: now });
      if (notedAt === null) await forgetListening(world.db, addMs(now, -KEPT_MS));
      notedAt = now;
    },
    broke: restart,
    since: (now) => current(now).since,
    async heard(tx, from, now) {
      const spans = await listListening(tx, from, now);
      const own = { since: current(now).since, until: now };
      return (start, end) => covers([...spans, own], start, end);
    },
  };
}
