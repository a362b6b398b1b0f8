/**
 * From an alert's request to the request of its page: distinct alerts at a steady rate, each with a service, an
 * incident and an escalation of its own, paged by a webhook. Alertmanager sends a notification for each group, which
 * is each alert here, without waiting.
 *
 *   node bench/handover.ts [--rate 200] [--seconds 10]
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HEADERS, openAlertmanager, openTocsin, print, quantile, type Side } from "./sides.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({
  rate: { type: "string", default: "200" },
  seconds: { type: "string", default: "10" },
});
const rate = Number(values.rate);
const alerts = Math.round(rate * Number(values.seconds));
/** Nobody is measured cold. */
const WARM = 200;
/** What has not come by then is counted as missing. */
const PATIENCE_MS = 30_000;

/** Hears webhooks and remembers when each service was named first. */
async function openReceiver() {
  const heard = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const at = performance.now();
      const text = Buffer.concat(chunks).toString();
      for (const [name] of text.matchAll(/\b(?:Tocsin|Alertmanager)-\d+\b/g))
        if (!heard.has(name)) heard.set(name, at);
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { heard, url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Open loop: an alert leaves when its time has come, whatever became of those before it. */
async function drive(
  side: Side,
  heard: ReadonlyMap<string, number>,
  [first, end]: readonly [number, number],
): Promise<readonly number[]> {
  const sent: number[] = [];
  const from = performance.now();
  const authorization = HEADERS.split("\r\n")[0]!.slice("Authorization: ".length);
  const before = heard.size;
  for (let n = first; n < end; n++) {
    const due = from + ((n - first) * 1_000) / rate;
    while (performance.now() < due) await new Promise((wake) => setTimeout(wake, 1));
    const name = `${side.name}-${n}`;
    const body = JSON.stringify([
      {
        labels: { alertname: name, service: `bench-${n}`, severity: "critical" },
        annotations: { summary: `${name} is down` },
      },
    ]);
    sent.push(performance.now());
    void fetch(`http://127.0.0.1:${side.port}/api/v2/alerts`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body,
    }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
  }
  const until = performance.now() + PATIENCE_MS;
  while (heard.size - before < end - first && performance.now() < until)
    await new Promise((wake) => setTimeout(wake, 20));
  return sent.flatMap((at, place) => {
    const arrived = heard.get(`${side.name}-${first + place}`);
    return arrived === undefined ? [] : [arrived - at];
  });
}

const directory = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
try {
  for (const name of ["Alertmanager", "Tocsin"] as const) {
    const receiver = await openReceiver();
    const services = Array.from(
      { length: alerts + WARM },
      (_, n) => `  bench-${n}: { name: Bench ${n}, team: bench, escalation: page }`,
    );
    const side =
      name === "Alertmanager"
        ? await openAlertmanager(
            join(directory, name),
            "route: { receiver: there, group_by: [alertname], group_wait: 0s }",
            `    webhook_configs: [{ url: "${receiver.url}" }]\n`,
          )
        : await openTocsin({
            directory: join(directory, name),
            contact: receiver.url,
            services: services.join("\n"),
            rules: `  page: { when: 'severity == "critical"', then: { declare: SEV1 }, order: 900 }\n`,
            env: { BENCH_SECRET: "a secret of the measurement", TOCSIN_ALLOW_PRIVATE: "127.0.0.1" },
          });
    if (side === null) {
      print("prometheus-alertmanager is not installed: only Tocsin is measured.");
      receiver.close();
      continue;
    }
    await drive(side, receiver.heard, [alerts, alerts + WARM]);
    const before = await side.cpuSeconds();
    const times = await drive(side, receiver.heard, [0, alerts]);
    const each = ((await side.cpuSeconds()) - before) / alerts;
    const missing = alerts - times.length;
    print(
      `${`handed over, ${rate}/s`.padEnd(26)}${name.padEnd(14)}p50 ${quantile(times, 0.5).toFixed(1)} ms   ` +
        `p99 ${quantile(times, 0.99).toFixed(1)} ms   of ${alerts} alerts, cpu ${(each * 1_000).toFixed(1)} ms each` +
        (missing === 0 ? "" : `, ${missing} NOT WITHIN ${PATIENCE_MS / 1_000} s OF THE LAST`),
    );
    await side.stop();
    receiver.close();
  }
  print(`${" ".repeat(26)}goals of Tocsin: p50 ≤ 5 ms, p99 ≤ 25 ms`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
