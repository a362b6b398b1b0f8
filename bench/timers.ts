/**
 * Escalations that come due at a steady rate while many more are pending: each firing writes a page and a timeline
 * entry. How late each was committed, and how many a second the engine fires. The pages themselves leave half
 * an hour later: sending is measured by handover.ts.
 *
 *   node bench/timers.ts [--pending 1000000] [--rates 1000,3000,10000] [--seconds 2]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { cpuSeconds } from "./cpu.ts";
import { openPostgres, openTocsin, print, quantile, type Side } from "./sides.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({
  pending: { type: "string", default: "1000000" },
  rates: { type: "string", default: "1000,3000,10000" },
  seconds: { type: "string", default: "2" },
});
const pending = Number(values.pending);
const rates = values.rates.split(",").map(Number);
const PATIENCE_MS = 60_000;
/** Nobody is measured cold: before that much, the code is not compiled for good. */
const WARM = [
  { rate: 1_000, due: 2_000 },
  { rate: 5_000, due: 20_000 },
];
/** From the insert to the first due one, so that the engine is at rest then. */
const LEAD_MS = 3_000;
const POLICY = JSON.stringify({
  name: "Page",
  steps: [{ notify: [{ person: "ann" }], timeoutMinutes: 30 }],
  repeat: 0,
});
const RUN = `insert into escalation_run (id, incident_number, policy_id, policy, step_index, round, due_at, started_at)`;

type Firing = { readonly first: number; readonly due: number; readonly rate: number };

/** Incidents of half an hour ago, whose escalations come due one after the other at that rate. */
async function prepare(store: pg.Client, { first, due, rate }: Firing): Promise<number> {
  const declaredAt = Date.now() - 30 * 60_000;
  await store.query(
    `insert into incident (number, title, severity, state, service_id, services, team_ids, detected_at, declared_at,
       declared_by, updated_at)
     select $3 + n, 'Bench ' || n, 'SEV1', 'declared', 'bench', '{bench}', '{bench}', $1, $1, '{"kind":"engine"}', $1
     from generate_series(1, $2::integer) n`,
    [declaredAt, due, first],
  );
  await store.query(
    "insert into runbook_asked (incident_number, severity) select $2 + n, 'SEV1' from generate_series(1, $1::integer) n",
    [due, first],
  );
  const from = Date.now() + LEAD_MS;
  await store.query(
    `${RUN} select uuidv7(), $5 + n, 'page', $1, 0, 0, $2::bigint + (n * 1000.0 / $4)::bigint, $2
     from generate_series(1, $3::integer) n`,
    [POLICY, from, due, rate, first],
  );
  return from;
}

async function fire(store: pg.Client, firing: Firing, side: Side): Promise<void> {
  const { first, due, rate } = firing;
  const cpu = async () => ({
    server: await side.cpuSeconds(),
    store: await cpuSeconds([postgres.pid]),
  });
  const from = await prepare(store, firing);
  const before = await cpu();
  const span = [first, first + due];
  let fired = 0;
  // Not asked before the last is due: counting is work for the store.
  let nextLook = from + (due / rate) * 1_000;
  while (fired < due && Date.now() < from + PATIENCE_MS) {
    await new Promise((wake) => setTimeout(wake, nextLook - Date.now()));
    nextLook = Date.now() + 500;
    const reply = await store.query<{ count: number }>(
      `select count(*)::integer as count from escalation_run
       where incident_number > $1 and incident_number <= $2 and round > 0`,
      span,
    );
    fired = reply.rows[0]!.count;
  }
  const after = await cpu();
  const spent = (of: "server" | "store") => Math.round(((after[of] - before[of]) / due) * 1e6);
  // Of the whole commit, not only of the decision in it.
  const pages = await store.query<{ late: number; at: number }>(
    `select (c.at - r.started_at - (n.incident_number - $1) * 1000.0 / $3)::float8 as late, c.at
     from notification n join escalation_run r on r.id = n.run_id,
       lateral (select extract(epoch from pg_xact_commit_timestamp(n.xmin))::float8 * 1000 as at) c
     where n.kind = 'page' and n.incident_number > $1 and n.incident_number <= $2`,
    [...span, rate],
  );
  const entries = await store.query<{ count: number }>(
    `select count(*)::integer as count from timeline_entry
     where kind = 'paged' and incident_number > $1 and incident_number <= $2`,
    span,
  );
  const late = pages.rows.map((row) => row.late);
  const seconds = (Math.max(from, ...pages.rows.map(({ at }) => at)) - from) / 1_000;
  const count = entries.rows[0]!.count;
  print(
    `${`${due.toLocaleString("en")} due at ${rate.toLocaleString("en")}/s`.padEnd(26)}Tocsin        ` +
      `${Math.round(late.length / seconds).toLocaleString("en")} fired/s   late p50 ${quantile(late, 0.5).toFixed(1)} ms, ` +
      `p99 ${quantile(late, 0.99).toFixed(1)} ms   cpu ${spent("server") + spent("store")} µs each ` +
      `(PostgreSQL ${spent("store")})   beside ${pending.toLocaleString("en")} pending`,
  );
  print(`${" ".repeat(26)}read back: ${late.length} pages and ${count} timeline entries of ${due}`);
  if (late.length !== due || count !== due) process.exitCode = 1;
}

const directory = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
const postgres = await openPostgres(directory);
try {
  const side = await openTocsin({
    directory: join(directory, "tocsin"),
    contact: "http://127.0.0.1:9/",
    afterMinutes: 30,
    env: {
      DATABASE_URL: postgres.url,
      BENCH_SECRET: "a secret of the measurement",
      TOCSIN_ALLOW_PRIVATE: "127.0.0.1",
    },
  });
  const store = new pg.Client({ connectionString: postgres.url });
  await store.connect();
  const now = Date.now();
  await store.query(
    `${RUN} select uuidv7(), 10000000 + n, 'page', $1, 0, 0, $2::bigint + n, $2 from generate_series(1, $3) n`,
    [POLICY, now + 86_400_000, pending],
  );
  // As they are after a day, not in the minute after a million were written.
  await store.query("vacuum (analyze) escalation_run");
  await store.query("checkpoint");
  let first = 0;
  const firings = rates.map((rate) => ({ rate, due: Math.round(rate * Number(values.seconds)) }));
  for (const [at, { rate, due }] of [...WARM, ...firings].entries()) {
    if (at === 0) print("warming up:");
    if (at === WARM.length) print("measured:");
    await fire(store, { first, due, rate }, side);
    first += due;
  }
  print(`${" ".repeat(26)}goal: p99 ≤ 25 ms at 10,000/s beside 1,000,000`);
  await store.end();
  await side.stop();
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
