/** What an operator's Prometheus reads. No incident ids, people or keys as labels. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

export type AnsweredRequest = {
  readonly method: string;
  /** As declared, never with the values in it. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
};

export type Metrics = {
  request(request: AnsweredRequest): void;
  sent(verdict: string, latenessMs: number): void;
  engineLateness(ms: number): void;
  engineTick(): void;
  engineFailure(step: string): void;
  /** Requests since the start, and those of them that failed on our side. */
  totals(): { readonly answered: number; readonly failed: number };
  /** Values that are asked for when somebody reads. */
  text(facts: {
    queueDepth: number;
    pagesPending: number;
    pagesLate: number;
    unaccounted: number;
    skewMs: number;
    /** Signals in the spool of a storm, and how long the oldest waits. */
    spooled: number;
    spoolAgeMs: number;
    /** Open alerts that wait, by the reason for which they do. */
    held: ReadonlyMap<string, number>;
  }): Promise<string>;
};

/** `request_count`, `error_count`, `response_time`, `error_rate`, `queue_depth` and the engine's own. */
export function metrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["method", "route", "status"];
  const requests = new Counter({
    name: "request_count",
    help: "Requests answered.",
    labelNames,
    registers,
  });
  const errors = new Counter({
    name: "error_count",
    help: "Requests answered with 5xx.",
    labelNames,
    registers,
  });
  const answered = answers();
  const rate = new Gauge({
    name: "error_rate",
    help: "Share of 5xx among the last 1000 requests.",
    registers,
  });
  const queue = new Gauge({
    name: "queue_depth",
    help: "Signals waiting for their commit.",
    registers,
  });
  const pending = new Gauge({
    name: "pages_pending",
    help: "Pages due or on their way.",
    registers,
  });
  const late = new Gauge({
    name: "pages_late",
    help: "Pages more than 5 s past their time.",
    registers,
  });
  const unaccounted = new Gauge({
    name: "rows_unaccounted",
    help: "Rows that wait for nothing, as the reconciler found them; -1 while the store is away.",
    registers,
  });
  const spooled = new Gauge({
    name: "signals_spooled",
    help: "Signals of a storm that wait to be decided about.",
    registers,
  });
  const spoolAge = new Gauge({
    name: "spool_age_seconds",
    help: "How long the oldest of them waits.",
    registers,
  });
  const held = new Gauge({
    name: "alerts_held",
    help: "Open alerts that wait, by reason.",
    labelNames: ["because"],
    registers,
  });
  const skew = new Gauge({
    name: "clock_skew_ms",
    help: "Distance from the database's clock.",
    registers,
  });
  const lateness = new Histogram({
    name: "engine_lateness",
    help: "Seconds between due and done of the oldest due row of a tick.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
    registers,
  });
  const ticks = new Counter({ name: "engine_ticks", help: "Ticks of this node.", registers });
  const failures = new Counter({
    name: "engine_failures",
    help: "Failed steps.",
    labelNames: ["step"],
    registers,
  });
  const sends = new Counter({
    name: "sends",
    help: "Replies of channels by verdict.",
    labelNames: ["verdict"],
    registers,
  });
  const sendLateness = new Histogram({
    name: "send_lateness",
    help: "Seconds between a notification's due time and its receipt.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 15, 60, 300],
    registers,
  });
  return {
    request: answered.add,
    sent(verdict, latenessMs) {
      sends.inc({ verdict });
      sendLateness.observe(Math.max(0, latenessMs) / 1_000);
    },
    engineLateness: (ms) => lateness.observe(ms / 1_000),
    engineTick: () => ticks.inc(),
    engineFailure: (step) => failures.inc({ step }),
    totals: answered.totals,
    async text(facts) {
      for (const { count, ...labels } of answered.take()) {
        requests.inc(labels, count);
        if (Number(labels.status) >= 500) errors.inc(labels, count);
      }
      rate.set(answered.shareFailed());
      queue.set(facts.queueDepth);
      pending.set(facts.pagesPending);
      late.set(facts.pagesLate);
      unaccounted.set(facts.unaccounted);
      skew.set(facts.skewMs);
      spooled.set(facts.spooled);
      spoolAge.set(facts.spoolAgeMs / 1_000);
      held.reset();
      for (const [because, count] of facts.held) held.set({ because }, count);
      return `${await registry.metrics()}\n${answered.times()}`;
    },
  };
}

/** Of the last so many requests it is told which share failed. */
const RECENT = 1_000;
const TIME_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/**
 * Requests that were answered. Counted here, since the client's counters sort and join their labels for each; told when
 * somebody reads.
 */
function answers() {
  type Times = {
    readonly method: string;
    readonly route: string;
    /** By status, since the last reading. */
    readonly untold: Map<number, number>;
    /** How many were as quick as each bucket and not as quick as the one before; the last: slower than all. */
    readonly buckets: number[];
    seconds: number;
  };
  const byRoute = new Map<string, Map<string, Times>>();
  const recent = new Uint8Array(RECENT);
  let [count, failed] = [0, 0];

  function timesOf(method: string, route: string): Times {
    let byMethod = byRoute.get(route);
    if (byMethod === undefined) byRoute.set(route, (byMethod = new Map()));
    let times = byMethod.get(method);
    if (times === undefined) {
      const buckets = Array.from({ length: TIME_BUCKETS.length + 1 }, () => 0);
      times = { method, route, untold: new Map(), buckets, seconds: 0 };
      byMethod.set(method, times);
    }
    return times;
  }
  const all = (): readonly Times[] =>
    [...byRoute.values()].flatMap((byMethod) => [...byMethod.values()]);

  return {
    add({ method, route, status, ms }: AnsweredRequest): void {
      const times = timesOf(method, route);
      times.untold.set(status, (times.untold.get(status) ?? 0) + 1);
      const seconds = ms / 1_000;
      times.seconds += seconds;
      let bucket = 0;
      while (bucket < TIME_BUCKETS.length && seconds > TIME_BUCKETS[bucket]!) bucket += 1;
      times.buckets[bucket]! += 1;
      const isFailed = Number(status >= 500);
      recent[count % RECENT] = isFailed;
      count += 1;
      failed += isFailed;
    },
    totals: () => ({ answered: count, failed }),
    shareFailed(): number {
      const known = Math.min(count, RECENT);
      return known === 0 ? 0 : recent.reduce((sum, each) => sum + each, 0) / known;
    },
    /** What has come since this was last asked. */
    take() {
      return all().flatMap(({ method, route, untold }) => {
        const told = [...untold].map(([status, of]) => ({
          method,
          route,
          status: String(status),
          count: of,
        }));
        untold.clear();
        return told;
      });
    },
    /** As Prometheus reads a histogram. Neither methods nor declared addresses hold what would have to be escaped. */
    times(): string {
      const lines = all().flatMap(({ method, route, buckets, seconds }) => {
        const labels = `method="${method}",route="${route}"`;
        let sum = 0;
        const counted = buckets.map((each, at) => {
          sum += each;
          return `response_time_bucket{le="${TIME_BUCKETS[at] ?? "+Inf"}",${labels}} ${sum}`;
        });
        return [
          ...counted,
          `response_time_sum{${labels}} ${seconds}`,
          `response_time_count{${labels}} ${sum}`,
        ];
      });
      const help = "# HELP response_time Seconds until a request was answered.";
      return [help, "# TYPE response_time histogram", ...lines, ""].join("\n");
    },
  };
}
