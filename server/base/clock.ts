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

/** As `pending`, unless that takes longer; then it rejects. What comes of it later is nobody's concern any more. */
export function within<T>(ms: number, pending: Promise<T>, late: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(late)), ms);
    pending.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

let date = { second: 0, text: "" };
/** What the host's clock says, as HTTP writes it; made once a second. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== date.second) date = { second, text: new Date(second * 1_000).toUTCString() };
  return date.text;
}

/** Resolves when everything that waits for this turn of the event loop has run; no time passes. */
export const nextTurn = (): Promise<void> => new Promise((resume) => setImmediate(resume));

/** Tells how many milliseconds have passed since; no clock that is set moves it. */
export function stopwatch(): () => number {
  const from = performance.now();
  return () => performance.now() - from;
}

/** The clock of a node: the operating system's, set by the database. */
export type AnchoredClock = Clock & {
  /** Asks the database again; returns this node's distance from it in milliseconds. */
  anchor(db: Queryable): Promise<number>;
  skewMs(): number;
};

/** Unrounded readings, for clocks that are made of this one. */
type Counter = {
  exact(): number;
  anchor(db: Queryable): Promise<number>;
  skewMs(): number;
};

function databaseCounter(): Counter {
  let base = Date.now() - performance.now();
  let skew = 0;
  const exact = (): number => base + performance.now();
  return {
    exact,
    skewMs: () => skew,
    async anchor(db) {
      const before = performance.now();
      // The single query that may ask the database for the time.
      const { ms } = await one(
        db,
        sql<{
          ms: number;
        }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
      );
      const [least, most] = [ms - performance.now(), ms - before];
      // It was read between asking and hearing: what agrees with that stays as it is, anything else comes as near as it
      // must. The middle of an answer for which a busy pool let us wait is wrong by half of that.
      base = Math.min(Math.max(base, least), most);
      skew = Math.round(Date.now() - exact());
      return skew;
    },
  };
}

/**
 * A clock that runs on the monotonic counter and is set by the database. A step of the host's wall
 * clock therefore moves nothing between two anchors.
 */
export function anchoredClock(): AnchoredClock {
  const counter = databaseCounter();
  return {
    now: () => instant(Math.floor(counter.exact())),
    sleep: sleepReal,
    skewMs: counter.skewMs,
    anchor: counter.anchor,
  };
}

/** A clock that can run faster than time: at pace 30, a second of the host's lasts half a minute. */
export type PacedClock = AnchoredClock & { setPace(pace: number): void };

/**
 * For the demo alone, whose outage would take too long to watch. Every instant, timeout, lease and
 * retry of the node follows it; only sockets and the database keep their own time. It starts at the
 * database's time, or where the last run on the same data ended (`notBefore`), because that one ran
 * ahead. It never goes back. The skew stays the distance of the two real clocks: running ahead on
 * purpose is no fault of either.
 */
export function pacedClock(notBefore: (db: Queryable) => Promise<Instant | null>): PacedClock {
  const counter = databaseCounter();
  let pace = 1;
  let since: { readonly shown: number; readonly exact: number } | null = null;
  let latest = 0;
  const read = (): number => {
    const exact = counter.exact();
    const shown = since === null ? exact : since.shown + pace * (exact - since.exact);
    latest = Math.max(latest, shown);
    return latest;
  };
  return {
    now: () => instant(Math.floor(read())),
    sleep: (ms, until) => sleepReal(ms / pace, until),
    skewMs: counter.skewMs,
    async anchor(db) {
      const skew = await counter.anchor(db);
      if (since === null) {
        const exact = counter.exact();
        since = { shown: Math.max(exact, (await notBefore(db)) ?? 0), exact };
      }
      return skew;
    },
    setPace(next) {
      since = { shown: read(), exact: counter.exact() };
      pace = next;
    },
  };
}
