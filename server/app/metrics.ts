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
  const time = new Histogram({
    name: "response_time",
    help: "Seconds until a request was answered.",
    labelNames: ["method", "route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
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
  const recent: boolean[] = [];
  const totals = { answered: 0, failed: 0 };
  return {
    request({ method, route, status, ms }) {
      requests.inc({ method, route, status: String(status) });
      if (status >= 500) errors.inc({ method, route, status: String(status) });
      time.observe({ method, route }, ms / 1_000);
      totals.answered += 1;
      if (status >= 500) totals.failed += 1;
      recent.push(status >= 500);
      if (recent.length > 1_000) recent.shift();
    },
    sent(verdict, latenessMs) {
      sends.inc({ verdict });
      sendLateness.observe(Math.max(0, latenessMs) / 1_000);
    },
    engineLateness: (ms) => lateness.observe(ms / 1_000),
    engineTick: () => ticks.inc(),
    engineFailure: (step) => failures.inc({ step }),
    totals: () => ({ ...totals }),
    async text(facts) {
      rate.set(recent.length === 0 ? 0 : recent.filter(Boolean).length / recent.length);
      queue.set(facts.queueDepth);
      pending.set(facts.pagesPending);
      late.set(facts.pagesLate);
      unaccounted.set(facts.unaccounted);
      skew.set(facts.skewMs);
      spooled.set(facts.spooled);
      spoolAge.set(facts.spoolAgeMs / 1_000);
      held.reset();
      for (const [because, count] of facts.held) held.set({ because }, count);
      return registry.metrics();
    },
  };
}
