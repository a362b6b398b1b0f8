/**
 * Escalations that come due at a steady rate while many more are pending: each firing writes a page and a timeline
 * entry. How late each was decided, and how many a second the engine fires when all of them are due.
 *
 *   node bench/timers.ts [--pending 1000000] [--due 5000] [--rate 10000]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { startEmbeddedPostgres } from "../server/app/local/postgres.ts";
import { openTocsin, print, quantile } from "./sides.ts";

const { values } = parseArgs({
  options: {
    pending: { type: "string", default: "1000000" },
    due: { type: "string", default: "5000" },
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
const receiver = createServer((request, response) => {
  request.resume();
  response.end();
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const postgres = await startEmbeddedPostgres({
  dataDirectory: directory,
  log: () => undefined,
});
try {
  const side = await openTocsin({
    directory: join(directory, "tocsin"),
    contact: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
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
  const fired = async (): Promise<readonly number[]> => {
    const reply = await store.query<{ late: string }>(
      "select decided_at - due_at as late from notification where kind = 'page'",
    );
    return reply.rows.map((row) => Number(row.late));
  };
  let late: readonly number[] = [];
  while (late.length < due && Date.now() < from + PATIENCE_MS) {
    await new Promise((wake) => setTimeout(wake, 250));
    late = await fired();
  }
  const seconds = (Date.now() - from) / 1_000;
  print(
    `${`${due.toLocaleString("en")} due at ${rate.toLocaleString("en")}/s`.padEnd(26)}Tocsin        ` +
      `${Math.round(late.length / seconds).toLocaleString("en")} fired/s   late p50 ${quantile(late, 0.5)} ms, ` +
      `p99 ${quantile(late, 0.99)} ms   beside ${pending.toLocaleString("en")} pending` +
      (late.length === due ? "" : `   ${due - late.length} NOT WITHIN ${PATIENCE_MS / 1_000} s`),
  );
  print(`${" ".repeat(26)}goal: p99 ≤ 25 ms at 10,000/s beside 1,000,000`);
  await store.end();
  await side.stop();
} finally {
  await postgres.stop();
  receiver.close();
  await rm(directory, { recursive: true, force: true });
}
