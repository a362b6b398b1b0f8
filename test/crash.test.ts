/**
 * kill -9, for real: of the server and of its PostgreSQL, each under a small load. Whatever was answered
 * with 202 has its alert and its decision afterwards, and every page that was due reaches its mailbox.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alert } from "../contract/alert.ts";
import type { Incident } from "../contract/incident.ts";
import type { Notification } from "../contract/page.ts";
import { type Mailbox, startMailbox } from "../server/app/local/mailbox.ts";
import { instant } from "../server/base/instant.ts";
import { freePort, postmasterPid, type RunningServer, startServer, until } from "./running.ts";

const EVENTS = 300;
const CLIENTS = 8;
const KILL_AFTER = 100;
/** A send that the crash interrupted is taken for lost when its lease ends. */
const DELIVERED_WITHIN_MS = 80_000;
const ACME = new URL("../examples/acme", import.meta.url).pathname;
const SEVERITIES = ["critical", "error", "warning"] as const;

let directory: string;
let mailbox: Mailbox;
let server: RunningServer;
let port: number;

const up = (): Promise<RunningServer> =>
  startServer({ data: join(directory, "data"), port, env: { TOCSIN_SMTP_URL: mailbox.url } });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tocsin-crash-"));
  mailbox = await startMailbox({ keep: 10_000, now: () => instant(Date.now()) });
  port = await freePort();
  server = await up();
  await server.apply(ACME);
});
afterAll(async () => {
  await server?.end("SIGTERM");
  await mailbox?.stop();
  await rm(directory, { recursive: true, force: true });
});

type Sent = { readonly accepted: Set<string>; readonly statuses: Set<number> };

/** Sends the events; `onAnswer` hears how many were accepted. A client that is cut off tries again. */
async function load(
  prefix: string,
  keepTrying: boolean,
  onAnswer: (count: number) => void,
): Promise<Sent> {
  const sent: Sent = { accepted: new Set(), statuses: new Set() };
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < EVENTS) {
      const number = next++;
      const key = `${prefix}-${number}`;
      const event = {
        routing_key: "acme-checkout",
        event_action: "trigger",
        dedup_key: key,
        payload: {
          summary: `Payments fail (${key})`,
          source: "crash test",
          severity: SEVERITIES[number % SEVERITIES.length],
        },
      };
      for (;;) {
        const reply = await server.post("/v2/enqueue", event, "").catch(() => null);
        if (reply !== null) sent.statuses.add(reply.status);
        if (reply?.status === 202) {
          sent.accepted.add(key);
          onAnswer(sent.accepted.size);
          break;
        }
        await reply?.arrayBuffer().catch(() => undefined);
        if (!keepTrying && reply === null) return;
        await new Promise((wake) => setTimeout(wake, 50));
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return sent;
}

/** Everything that was answered is there, decided and joined; every page is in its mailbox. */
async function nothingIsLost(sent: Sent): Promise<void> {
  const isMine = (alert: Alert): boolean => sent.accepted.has(alert.dedupKey);
  const alerts = await until(
    async () => (await server.list<Alert>("/v1/alerts")).filter(isMine),
    (rows) => rows.every((alert) => alert.incident !== null),
    15_000,
  );
  expect(new Set(alerts.map((alert) => alert.dedupKey))).toEqual(sent.accepted);
  for (const { count, decision } of alerts) {
    // A client that never heard the answer may have sent it twice; nobody's event vanishes.
    expect(count).toBeGreaterThanOrEqual(1);
    expect(decision.rule).not.toBeNull();
    expect(decision.source).toMatch(/rules\.yaml:\d+$/);
  }
  const incidents = await server.list<Incident>("/v1/incidents?state=open");
  expect(incidents.map((incident) => incident.severity).toSorted()).toEqual([
    "SEV1",
    "SEV2",
    "SEV3",
  ]);
  const due = ({ dueAt, state }: Notification): boolean =>
    Date.parse(dueAt) <= Date.now() && state !== "dropped";
  const told = await until(
    async () => (await server.list<Notification>("/v1/notifications")).filter(due),
    (rows) => rows.every((row) => row.state === "accepted"),
    DELIVERED_WITHIN_MS,
  );
  const paged = new Set(told.filter((row) => row.kind === "page").map((row) => row.incident));
  for (const { id, severity } of incidents) if (severity !== "SEV3") expect(paged).toContain(id);
  for (const { id, mayRepeat, handedOverAt, receiptAt } of told) {
    const mails = mailbox.mails().filter((mail) => mail.messageId.includes(id));
    expect(handedOverAt).not.toBeNull();
    expect(receiptAt).not.toBeNull();
    if (mayRepeat) expect(mails.length).toBeGreaterThanOrEqual(1);
    else expect(mails).toHaveLength(1);
  }
}

test(
  "after kill -9 of the server, up alone brings back all that was answered",
  { timeout: 150_000 },
  async () => {
    const kills: Promise<void>[] = [];
    const sent = await load("server", false, (count) => {
      if (count >= KILL_AFTER && kills.length === 0) kills.push(server.end("SIGKILL"));
    });
    await Promise.all(kills);
    expect(sent.accepted.size).toBeGreaterThanOrEqual(KILL_AFTER);
    expect(sent.accepted.size).toBeLessThan(EVENTS);
    server = await up();
    await nothingIsLost(sent);
  },
);

test(
  "after kill -9 of PostgreSQL the server refuses honestly and recovers by itself",
  { timeout: 150_000 },
  async () => {
    const before = await postmasterPid(join(directory, "data"));
    let killed = false;
    const sent = await load("postgres", true, (count) => {
      if (count < KILL_AFTER || killed) return;
      killed = true;
      process.kill(before, "SIGKILL");
    });
    expect([...sent.statuses].toSorted()).toEqual([202, 503]);
    expect(sent.accepted.size).toBe(EVENTS);
    expect(server.child.exitCode).toBeNull();
    expect(await postmasterPid(join(directory, "data"))).not.toBe(before);
    await nothingIsLost(sent);
    expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
  },
);
