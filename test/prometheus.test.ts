/**
 * A real Prometheus that names Tocsin as its Alertmanager, and a real Alertmanager that calls Tocsin's
 * webhook, and amtool that asks. They are Debian's packages; where they are not installed the tests say so and are
 * skipped.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alert } from "../contract/alert.ts";
import type { Incident } from "../contract/incident.ts";
import {
  ADMIN_TOKEN,
  findProgram,
  freePort,
  type RunningServer,
  startServer,
  until,
} from "./running.ts";

const ACME = new URL("../examples/acme", import.meta.url).pathname;
const KEY = "acme-prometheus";
const prometheus = await findProgram("prometheus");
const alertmanager = await findProgram("prometheus-alertmanager");
const amtool = await findProgram("amtool");
for (const [name, path] of Object.entries({
  prometheus,
  amtool,
  "prometheus-alertmanager": alertmanager,
})) {
  if (path === null)
    process.stdout.write(`skipped: ${name} is not installed (apt-get install ${name})\n`);
}

let directory: string;
let server: RunningServer;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tocsin-prometheus-"));
  if (prometheus === null && alertmanager === null && amtool === null) return;
  server = await startServer({
    data: join(directory, "data"),
    port: await freePort(),
    env: { TOCSIN_ALLOW_PRIVATE: "127.0.0.0/8" },
  });
  await server.apply(ACME);
});
afterAll(async () => {
  for (const child of children) await end(child);
  await server?.end("SIGTERM");
  await rm(directory, { recursive: true, force: true });
});

/** Starts a program and waits until it says that it is ready. */
async function launch(
  program: string,
  args: readonly string[],
  readyUrl: string,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: "ignore" });
  children.add(child);
  const ready = async () => (await fetch(readyUrl).catch(() => null))?.status ?? 0;
  await until(ready, (status) => status === 200, 20_000);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

const alertsOf = (name: string): Promise<readonly Alert[]> =>
  server
    .list<Alert>("/v1/alerts")
    .then((alerts) => alerts.filter((alert) => alert.labels["alertname"] === name));

const incidentOf = (alert: Alert | undefined): Promise<Incident> =>
  server.get(`/v1/incidents/${alert?.incident ?? "none"}`);

const rulesWith = (expression: string): string => `groups:
  - name: acme
    rules:
      - alert: SearchDown
        expr: ${expression}
        labels: { severity: critical, service: search }
        annotations: { summary: "Search does not answer" }
`;

test.skipIf(prometheus === null)(
  "an alert of a real Prometheus becomes a SEV1 on its service, and resolves when its rule no longer fires",
  { timeout: 120_000 },
  async () => {
    const home = join(directory, "prometheus");
    await mkdir(home);
    const [config, rules, port] = [
      join(home, "prometheus.yml"),
      join(home, "rules.yml"),
      await freePort(),
    ];
    await writeFile(rules, rulesWith("vector(1)"));
    await writeFile(
      config,
      `global: { evaluation_interval: 1s, scrape_interval: 1s }
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ["${new URL(server.address).host}"] }]
      authorization: { credentials: ${KEY} }
`,
    );
    const base = `http://127.0.0.1:${port}`;
    const child = await launch(
      prometheus ?? "",
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(home, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--web.enable-lifecycle",
        "--rules.alert.resend-delay=1s",
        "--log.level=error",
      ],
      `${base}/-/ready`,
    );
    const [firing] = await until(
      () => alertsOf("SearchDown"),
      (rows) => rows[0]?.incident != null && rows[0].count > 1,
      20_000,
    );
    expect(firing).toMatchObject({
      status: "firing",
      service: "search",
      severity: "critical",
      key: KEY,
    });
    expect(firing?.decision).toMatchObject({ rule: "critical-is-sev1", outcome: "declare" });
    expect(await incidentOf(firing)).toMatchObject({
      severity: "SEV1",
      services: ["search"],
      state: "declared",
    });

    await writeFile(rules, rulesWith("vector(1) > 2"));
    expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(200);
    await until(
      () => alertsOf("SearchDown"),
      (rows) => rows[0]?.closedBecause === "resolved by the tool",
      20_000,
    );

    // The other way round: Tocsin asks the same Prometheus a question of its own.
    const rule = {
      services: ["search"],
      condition: {
        promql: { server: base, query: "vector(12)" },
        comparator: ">",
        threshold: 10,
        unit: "%",
      },
      then: { declare: "SEV2" },
    };
    const put = await fetch(`${server.address}/v1/config/rules/search-errors`, {
      method: "PUT",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(rule),
    });
    expect(put.status, await put.text()).toBeLessThan(300);
    const ruled = (await until(
      () => server.list<Incident>("/v1/incidents?severity=SEV2"),
      (incidents) => incidents.some((incident) => incident.rule?.id === "search-errors"),
      60_000,
    )) as readonly Incident[];
    expect(ruled[0]).toMatchObject({ services: ["search"], state: "declared" });
    await end(child);
  },
);

test.skipIf(amtool === null)("amtool finds, mutes and lists alerts", async () => {
  const credentials = join(directory, "amtool.yml");
  await writeFile(credentials, `authorization: { credentials: ${ADMIN_TOKEN} }\n`);
  const ask = async (...words: readonly string[]): Promise<string> => {
    const options = [`--alertmanager.url=${server.address}`, `--http.config.file=${credentials}`];
    return (await promisify(execFile)(amtool ?? "", [...options, ...words])).stdout;
  };
  await fetch(`${server.address}/api/v2/alerts`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify([
      { labels: { alertname: "ShelfEmpty", aisle: "7" }, annotations: { summary: "No bread" } },
    ]),
  });
  expect(await ask("alert", "query", "alertname=ShelfEmpty")).toMatch(
    /ShelfEmpty .*No bread +active/,
  );
  expect(await ask("alert", "query", "aisle=8")).not.toMatch(/ShelfEmpty/);
  await ask("silence", "add", "alertname=ShelfEmpty", "-c", "delivery", "-d", "1h", "-a", "store");
  expect(await ask("silence", "query", "alertname=ShelfEmpty")).toMatch(/delivery/);
  expect(await ask("silence", "query", "alertname=Other")).not.toMatch(/delivery/);
  expect(await ask("alert", "query", "alertname=ShelfEmpty")).not.toMatch(/ShelfEmpty/);
  expect(await ask("alert", "query", "-s", "alertname=ShelfEmpty")).toMatch(/suppressed/);
  expect(await ask("cluster", "show")).toMatch(/disabled/);
});

test.skipIf(alertmanager === null)(
  "the webhook of a real Alertmanager is accepted, and its resolve closes the alert",
  { timeout: 60_000 },
  async () => {
    const home = join(directory, "alertmanager");
    await mkdir(home);
    const [config, port] = [join(home, "alertmanager.yml"), await freePort()];
    await writeFile(
      config,
      `route: { receiver: tocsin, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1m }
receivers:
  - name: tocsin
    webhook_configs: [{ url: "${server.address}/v1/intake/${KEY}/alertmanager", send_resolved: true }]
`,
    );
    const base = `http://127.0.0.1:${port}`;
    const child = await launch(
      alertmanager ?? "",
      [
        `--config.file=${config}`,
        `--storage.path=${join(home, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
        "--log.level=error",
      ],
      `${base}/-/ready`,
    );
    const post = (endsAt?: string): Promise<Response> =>
      fetch(`${base}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([
          {
            labels: { alertname: "CartSlow", severity: "error", service: "cart" },
            annotations: { summary: "The cart is slow" },
            ...(endsAt === undefined ? {} : { endsAt }),
          },
        ]),
      });
    expect((await post()).status).toBe(200);
    const [firing] = await until(
      () => alertsOf("CartSlow"),
      (rows) => rows[0]?.incident != null,
      20_000,
    );
    expect(firing).toMatchObject({ status: "firing", service: "cart", severity: "error" });
    expect(await incidentOf(firing)).toMatchObject({ severity: "SEV2", services: ["cart"] });

    await post(new Date().toISOString());
    await until(
      () => alertsOf("CartSlow"),
      (rows) => rows[0]?.status === "resolved",
      20_000,
    );
    await end(child);
  },
);
