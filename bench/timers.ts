/**
 * Escalations that come due at a steady rate while many more are pending: each firing writes a page and a timeline
 * entry. How late each was committed, and how many a second the engine fires. The pages themselves leave a minute
 * later: sending is measured by handover.ts.
 *
 *   node bench/timers.ts [--pending 1000000] [--due 20000] [--rate 10000]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { openPostgres, openTocsin, print, quantile } from "./sides.ts";

const { values } = parseArgs({
  options: {
    pending: { type: "string", default: "1000000" },
    due: { type: "string", default: "20000" },
    rate: { type: "string", default: "10000" },
  },
});
const [pending, due, rate] = [Number(values.pending), Number(values.due), Number(values.rate)];
const PATIENCE_MS = 60_000;
/** From the insert to the first due one, so that the engine is at rest then. */
const LEAD_MS = 3_000;
const POLICY = JSON.stringify({
  name: "Page",
  steps: [{ notify: [{ person: "ann" }], timeoutMinutes: 30 }],
  repeat: 0,
});
const RUN = `insert into escalation_run (id, incident_number, policy_id, policy, step_index, round, due_at, started_at)`;

const directory = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
const postgres = await openPostgres(directory);
try {
  const side = await openTocsin({
    directory: join(directory, "tocsin"),
    contact: "http://127.0.0.1:9/",
    afterMinutes: 1,
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
    `${RUN} select gen_random_uuid(), 10000000 + n, 'page', $1, 0, 0, $2::bigint + n, $2 from generate_series(1, $3) n`,
    [POLICY, now + 86_400_000, pending],
  );
  await store.query("analyze escalation_run");
  await store.query(
    `insert into incident (number, title, severity, state, service_id, services, team_ids, detected_at, declared_at,
       declared_by, updated_at)
     select n, 'Bench ' || n, 'SEV1', 'declared', 'bench', '{bench}', '{bench}', $1, $1, '{"kind":"engine"}', $1
     from generate_series(1, $2) n`,
    [now, due],
  );
  const from = Date.now() + LEAD_MS;
  await store.query(
    `${RUN} select gen_random_uuid(), n, 'page', $1, 0, 0, $2::bigint + (n * 1000.0 / $4)::bigint, $2
     from generate_series(1, $3::integer) n`,
    [POLICY, from, due, rate],
  );
  const fired = async (): Promise<number> => {
    const reply = await store.query<{ count: number }>(
      "select count(*)::integer as count from escalation_run where round > 0",
    );
    return reply.rows[0]!.count;
  };
  let count = 0;
  while (count < due && Date.now() < from + PATIENCE_MS) {
    await new Promise((wake) => setTimeout(wake, 1_000));
    count = await fired();
  }
  const reply = await store.query<{ decided: number; committed: number; at: number }>(
    `select (n.decided_at - r.started_at - n.incident_number * 1000.0 / $1)::float8 as decided,
       (c.at - r.started_at - n.incident_number * 1000.0 / $1)::float8 as committed, c.at
     from notification n join escalation_run r on r.id = n.run_id,
       lateral (select extract(epoch from pg_xact_commit_timestamp(n.xmin))::float8 * 1000 as at) c
     where n.kind = 'page'`,
    [rate],
  );
  const decided = reply.rows.map((row) => row.decided);
  const committed = reply.rows.map((row) => row.committed);
  const seconds = (Math.max(...reply.rows.map(({ at }) => at)) - from) / 1_000;
  const entries = await store.query<{ count: number }>(
    "select count(*)::integer as count from timeline_entry where kind = 'paged'",
  );
  print(
    `${`${due.toLocaleString("en")} due at ${rate.toLocaleString("en")}/s`.padEnd(26)}Tocsin        ` +
      `${Math.round(committed.length / seconds).toLocaleString("en")} fired/s   late p50 ${quantile(committed, 0.5).toFixed(1)} ms, ` +
      `p99 ${quantile(committed, 0.99).toFixed(1)} ms (decided p99 ${quantile(decided, 0.99).toFixed(1)} ms)   ` +
      `beside ${pending.toLocaleString("en")} pending`,
  );
  print(
    `read back: ${committed.length} pages and ${entries.rows[0]!.count} timeline entries of ${due}`,
  );
  if (committed.length !== due || entries.rows[0]!.count !== due) process.exitCode = 1;
  print(`${" ".repeat(26)}goal: p99 ≤ 25 ms at 10,000/s beside 1,000,000`);
  await store.end();
  await side.stop();
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
