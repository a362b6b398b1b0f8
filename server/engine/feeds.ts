/**
 * Polls feeds of indicators. Asked outside of the tick, since a slow server must not delay a page; a page
 * and the place after it are saved together, so that a crash repeats a page and loses none.
 */
import { sql, transact } from "../base/db.ts";
import { addMs, type Instant, MINUTE } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import { type FeedDriver, feedRetryMs, pageSize } from "../domain/signal/feed.ts";
import {
  type DueFeed,
  keepFeeds,
  nextFeed,
  saveFeed,
  takeDueFeeds,
} from "../domain/signal/feedStore.ts";
import { saveIndicators } from "../domain/signal/indicatorStore.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

const LEASE_MS = MINUTE;
const MOST_IN_FLIGHT = 4;

export type FeedsStep = Step & {
  /** Waits until every feed that was asked has its reply recorded. */
  drain(): Promise<void>;
};

export function feedsStep(parts: EngineParts, driver: FeedDriver): FeedsStep {
  const { world } = parts;
  const inFlight = new Set<Promise<void>>();
  let keptFor: number | null = null;
  const ask = (config: Snapshot, due: DueFeed): void => {
    const tracked = poll(parts, driver, config, due)
      .catch((error: unknown) => world.log.error("recording a feed failed", errorFields(error)))
      .finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
  };
  return {
    name: "feeds",
    dueAt: () => dueUnlessChanged(keptFor, inFlight.size < MOST_IN_FLIGHT ? nextFeed : sql`null`),
    async run(now) {
      const config = await parts.config(world.db);
      const feeds = config.all("intelligence").map(({ id }) => id);
      if (keptFor !== config.version) await transact(world.db, (tx) => keepFeeds(tx, feeds, now));
      keptFor = config.version;
      if (feeds.length === 0) return { done: 0, nextAt: null };
      const room = Math.max(MOST_IN_FLIGHT - inFlight.size, 0);
      const due = await takeDueFeeds(world.db, now, addMs(now, LEASE_MS), room);
      for (const feed of due) ask(config, feed);
      // Without room a feed that is due waits for one that ends, which nudges.
      return { done: due.length, nextAt: null };
    },
    async drain() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

/** Asks for one page and keeps it, or records why there is none. */
async function poll(
  { world }: EngineParts,
  driver: FeedDriver,
  config: Snapshot,
  due: DueFeed,
): Promise<void> {
  const feed = config.get("intelligence", due.feedId)?.body;
  if (feed === undefined) return;
  const at = world.clock.now();
  const secret = (name: string | undefined): string | null =>
    name === undefined ? null : world.secret(name);
  const outbound = driver.render({
    feedId: due.feedId,
    collection: feed.taxii,
    authorization: authorizationOf(
      feed.username ?? null,
      secret(feed.password),
      secret(feed.token),
    ),
    addedAfter: due.addedAfter,
    nextPage: due.nextPage,
    most: pageSize(due.failures),
  });
  const reply = driver.read(await world.transport.send(outbound), due.feedId);
  const ended = world.clock.now();
  await transact(world.db, async (tx) => {
    if (reply.kind === "failed") {
      const failures = due.failures + 1;
      const dueAt = addMs(ended, feedRetryMs(failures));
      return saveFeed(tx, { ...due, failures, failure: reply.because, dueAt });
    }
    const kept = reply.indicators.map((one) => ({
      ...one,
      id: world.chance.id(ended),
      adapter: "taxii",
    }));
    if (kept.length > 0) await saveIndicators(tx, kept, ended);
    // The place of a page counts from the beginning of its reading; only the last page moves that.
    const addedAfter =
      reply.nextPage === null ? (reply.addedLast ?? due.addedAfter) : due.addedAfter;
    // A server may keep no places: what follows is then asked for by when the last object was added.
    const goesOn = reply.nextPage !== null || (reply.more && addedAfter !== due.addedAfter);
    const dueAt: Instant = goesOn ? ended : addMs(at, feed.everyMinutes * MINUTE);
    const done = { feedId: due.feedId, addedAfter, nextPage: reply.nextPage };
    return saveFeed(tx, { ...done, failures: 0, failure: null, dueAt });
  });
  world.nudge();
}

function authorizationOf(
  username: string | null,
  password: string | null,
  token: string | null,
): string | null {
  if (token !== null) return `Bearer ${token}`;
  if (username === null) return null;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}
