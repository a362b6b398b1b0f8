/**
 * A storm: as many alerts as fast as they come from fifty keys, while another team's services break one by one with a
 * SEV1 each. Prints how late those pages are handed over to a webhook, how long the backlog lasts, and what stands in
 * the house at the end; exits with 1 when something is missing or late.
 *
 *   npm run bench:storm [-- --alerts 2000000]
 */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN, freePort, type RunningServer, startServer } from "../test/running.ts";
import { flood } from "./flood.ts";
import { print, quantile, residentMiB } from "./sides.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({ alerts: { type: "string", default: "2000000" } });
const KEYS = 50;
const PER_REQUEST = 100;
const ALERTS =
  Math.max(1, Math.round(Number(values.alerts) / KEYS / PER_REQUEST)) * KEYS * PER_REQUEST;
/** What one key builds at a time, so that the sender's memory stays small. */
const REQUESTS_AT_ONCE = 40;
const PAGE_EVERY_MS = 400;
/** Each page has a service of its own, so that each is an incident of its own. */
const MOST_PAGES = 3_000;
const GOAL_MS = 2_000;

const loud = Array.from({ length: KEYS }, (_, n) => `loud-${n}`);
const quiet = Array.from({ length: MOST_PAGES }, (_, n) => `quiet-${n}`);

const configuration = (address: string): string => `channels:
  hook: { type: webhook, secret: env:STORM_HOOK }
people:
  ann: { name: Ann, email: ann@example.org, contacts: [{ channel: hook, address: "${address}" }] }
teams:
  web: { name: Web, members: [ann], manager: ann }
escalations:
  web: { name: Web, steps: [{ notify: [{ person: ann }], timeoutMinutes: 60 }] }
services:
${[...loud, ...quiet].map((id) => `  ${id}: { name: ${id}, team: web, escalation: web }`).join("\n")}
keys:
${loud.map((id) => `  ${id}: { service: ${id}, secret: "sample:key-${id}" }`).join("\n")}
  quiet: { service: quiet-0, serviceLabel: class, secret: "sample:key-quiet" }
rules:
  critical: { when: severity == "critical", then: { declare: SEV1 }, order: 1 }
  other: { then: { declare: SEV3 }, order: 2 }
`;

/** Hears webhooks, and when each quiet service was named first. */
async function openReceiver() {
  const heard = new Map<number, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const found = /Quiet (\d+) is down/.exec(Buffer.concat(chunks).toString());
      const number = Number(found?.[1] ?? -1);
      if (number >= 0 && !heard.has(number)) heard.set(number, performance.now());
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { heard, port, close: () => server.close() };
}

const startsAt = new Date().toISOString();
const endsAt = new Date(Date.now() + 6 * 3_600_000).toISOString();
const bodyOf = (key: number, first: number): Buffer =>
  Buffer.from(
    JSON.stringify(
      Array.from({ length: PER_REQUEST }, (_, n) => ({
        labels: {
          alertname: "HostDown",
          instance: `host-${key}-${first + n}`,
          job: "node",
          severity: "warning",
        },
        annotations: { summary: `Host ${first + n} does not answer` },
        startsAt,
        endsAt,
      })),
    ),
  );

/** Sends everything of one key, one request after the other. */
async function rage(port: number, key: number): Promise<{ requests: number; refused: number }> {
  let [requests, refused] = [0, 0];
  const step = PER_REQUEST * REQUESTS_AT_ONCE;
  for (let from = 0; from < ALERTS / KEYS; from += step) {
    const bodies: Buffer[] = [];
    for (let first = from; first < Math.min(from + step, ALERTS / KEYS); first += PER_REQUEST)
      bodies.push(bodyOf(key, first));
    const headers = `Content-Type: application/json\r\nAuthorization: Bearer key-${loud[key]}\r\n`;
    const sent = await flood({ port, path: "/api/v2/alerts", headers, bodies, connections: 1 });
    requests += sent.requests;
    refused += sent.refused;
  }
  return { requests, refused };
}

async function breakDown(address: string, number: number): Promise<void> {
  const answer = await fetch(`${address}/v2/enqueue`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      routing_key: "key-quiet",
      event_action: "trigger",
      dedup_key: `quiet-${number}`,
      payload: {
        summary: `Quiet ${number} is down`,
        source: "bench",
        severity: "critical",
        class: quiet[number],
      },
    }),
  });
  await answer.arrayBuffer();
}

/** Signals in the spool. */
async function backlogOf(server: RunningServer): Promise<number> {
  const answer = await fetch(`${server.address}/metrics`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  return Number(/^signals_spooled (\S+)/m.exec(await answer.text())?.[1] ?? 0);
}

type Item = { readonly id: string; readonly title: string };

/** The open incidents that are not those of the quiet services, and how many alerts stand in each. */
async function readBack(server: RunningServer) {
  const incidents = await server.list<Item>("/v1/incidents?state=open");
  return Promise.all(
    incidents
      .filter(({ title }) => !title.startsWith("Quiet"))
      .map(async ({ id, title }) => {
        const { alertCount }: { alertCount: number } = await server.get(`/v1/incidents/${id}`);
        return { id, title, alertCount };
      }),
  );
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
const seconds = (from: number): string => `${((performance.now() - from) / 1_000).toFixed(0)} s`;

const directory = await mkdtemp(join(tmpdir(), "tocsin-storm-"));
const receiver = await openReceiver();
const config = join(directory, "config");
await mkdir(config);
await writeFile(join(config, "tocsin.yaml"), "set: storm\nsample: true\n");
await writeFile(join(config, "all.yaml"), configuration(`http://127.0.0.1:${receiver.port}/ann`));
const extra = process.env["BENCH_NODE_OPTIONS"];
const server = await startServer({
  data: join(directory, "data"),
  port: await freePort(),
  env: {
    STORM_HOOK: "a secret of the measurement",
    TOCSIN_ALLOW_PRIVATE: `127.0.0.1:${receiver.port}`,
    ...(extra === undefined ? {} : { NODE_OPTIONS: extra }),
  },
});
try {
  await server.apply(config);
  const port = Number(new URL(server.address).port);
  const began = performance.now();
  let raging = true;
  let drained = false;
  const storm = Promise.all(loud.map((_, key) => rage(port, key))).then((sides) => {
    raging = false;
    const took = (performance.now() - began) / 1_000;
    const requests = sides.reduce((sum, side) => sum + side.requests, 0);
    const refused = sides.reduce((sum, side) => sum + side.refused, 0);
    print(
      `acknowledged  ${requests * PER_REQUEST} alerts in ${took.toFixed(1)} s, ` +
        `${Math.round((requests * PER_REQUEST) / took)}/s, ${refused} requests refused`,
    );
    return refused;
  });
  const watching = (async () => {
    let deepest = 0;
    for (let turn = 0; ; turn++) {
      const spooled = await backlogOf(server);
      deepest = Math.max(deepest, spooled);
      if (turn % 5 === 0) {
        const memory = (await residentMiB(server.child.pid!)).toFixed(0);
        print(`  ${seconds(began)}: ${spooled} spooled, ${memory} MiB resident`);
      }
      if (!raging && spooled === 0) break;
      await sleep(2_000);
    }
    print(`backlog       at most ${deepest} spooled, gone after ${seconds(began)}`);
  })().finally(() => (drained = true));
  const sent: number[] = [];
  while (!drained && sent.length < MOST_PAGES) {
    await sleep(PAGE_EVERY_MS);
    sent.push(performance.now());
    await breakDown(server.address, sent.length - 1);
  }
  const refused = await storm;
  await watching;
  await sleep(GOAL_MS);
  const late = sent.map((at, number) => (receiver.heard.get(number) ?? Infinity) - at);
  print(
    `others' pages ${receiver.heard.size} of ${sent.length} handed over, p50 ${quantile(late, 0.5).toFixed(0)} ms, ` +
      `p99 ${quantile(late, 0.99).toFixed(0)} ms, worst ${Math.max(...late).toFixed(0)} ms`,
  );
  const behind = late.flatMap((ms, number) =>
    ms > GOAL_MS ? [`${((sent[number]! - began) / 1_000).toFixed(1)} s (${ms.toFixed(0)} ms)`] : [],
  );
  if (behind.length > 0)
    print(`late          ${behind.length}, sent at ${behind.slice(0, 10).join(", ")}`);
  // What was decided about last may still be on its way into the incident.
  let found = await readBack(server);
  const countOf = (): number => found.reduce((sum, { alertCount }) => sum + alertCount, 0);
  for (let turn = 0; turn < 30 && (found.length > 1 || countOf() < ALERTS); turn++) {
    await sleep(1_000);
    found = await readBack(server);
  }
  for (const { id, title, alertCount } of found)
    print(`read back     ${id} “${title}”: ${alertCount} alerts`);
  const good =
    refused === 0 &&
    countOf() === ALERTS &&
    found.length === 1 &&
    receiver.heard.size === sent.length &&
    quantile(late, 0.99) <= GOAL_MS;
  print(good ? "as promised" : `NOT as promised: ${ALERTS} alerts were sent`);
  if (!good) process.exitCode = 1;
} finally {
  await server.end("SIGTERM");
  receiver.close();
  await rm(directory, { recursive: true, force: true });
}
