/** The time, anchored to the database's clock so that all nodes agree on what is due. */
import { type Instant, instant } from "./instant.ts";
import { one, type Queryable, sql } from "./db.ts";

export type Clock = {
  now(): Instant;
  /** Resolves after `ms` of this clock, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, until: AbortSignal): Promise<void>;
};

/** How far a node may be from the database's clock before it must stop ticking. */
export const MAX_SKEW_MS = 2_000;

export function sleepReal(ms: number, until: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    if (until.aborted) return wake();
    const done = (): void => {
      clearTimeout(timer);
      until.removeEventListener("abort", done);
      wake();
    };
    const timer = setTimeout(done, ms);
    until.addEventListener("abort", done);
  });
}

/** The clock of a node: the operating system's, set by the database. */
export type AnchoredClock = Clock & {
  /** Asks the database again; returns this node's distance from it in milliseconds. */
  anchor(db: Queryable): Promise<number>;
  skewMs(): number;
};

/**
 * A clock that runs on the monotonic counter and is set by the database. A step of the host's wall
 * clock therefore moves nothing between two anchors.
 */
export function anchoredClock(): AnchoredClock {
  let base = Date.now() - performance.now();
  let skew = 0;
  return {
    now: () => instant(Math.floor(base + performance.now())),
    sleep: sleepReal,
    skewMs: () => skew,
    async anchor(db) {
      const before = performance.now();
      // The single query that may ask the database for the time.
      const { ms } = await one(db, sql<{ ms: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`);
      const middle = (before + performance.now()) / 2;
      skew = Math.round(Date.now() - (ms + performance.now() - middle));
      base = ms - middle;
      return skew;
    },
  };
}
