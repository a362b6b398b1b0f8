/**
 * An upgrade as it happens: nodes of the version before go on taking alerts while a node of this one migrates
 * the store beneath them, and both work on it side by side until the old ones end. Schema changes therefore
 * expand first and contract a version later.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alert } from "../contract/alert.ts";
import type { Incident } from "../contract/incident.ts";
import type { Notification } from "../contract/page.ts";
import { type Mailbox, startMailbox } from "../server/app/local/mailbox.ts";
import { instant } from "../server/base/instant.ts";
import { ADMIN_TOKEN, freePort, type RunningServer, startServer, until } from "./running.ts";

/** The newest commit of the version before: move it when a schema change is contracted. */
const BEFORE = "7fef32985679";
const ROOT = new URL("..", import.meta.url).pathname;
const run = promisify(execFile);

const absent: string | null = await run("git", [
  "-C",
  ROOT,
  "cat-file",
  "-e",
  `${BEFORE}^{commit}`,
]).then(
  () => null,
  () => `skipped: this checkout has no history back to ${BEFORE}, the version before`,
);
if (absent !== null) process.stderr.write(`test/upgrade.test.ts ${absent}\n`);

let directory: string;
let mailbox: Mailbox;
let databaseUrl: string;
const servers: RunningServer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tocsin-upgrade-"));
  mailbox = await startMailbox({ keep: 10_000, now: () => instant(Date.now()) });
  const url = new URL(process.env["TOCSIN_TEST_PG"] ?? "");
  const name = `upgrade_${process.pid}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  url.pathname = `/${name}`;
  databaseUrl = url.href;
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.end("SIGTERM")));
  await mailbox?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The files of that version with this one's packages: it is the code that is old. */
async function unpackBefore(): Promise<string> {
  const folder = join(directory, "before");
  await mkdir(folder);
  const archive = join(directory, "before.tar");
  await run("git", ["-C", ROOT, "archive", "-o", archive, BEFORE]);
  await run("tar", ["-xf", archive, "-C", folder]);
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

async function up(name: string, bin?: string): Promise<RunningServer> {
  const server = await startServer({
    data: join(directory, name),
    port: await freePort(),
    env: {
      DATABASE_URL: databaseUrl,
      TOCSIN_KEY: "one key for all nodes of the test",
      TOCSIN_SMTP_URL: mailbox.url,
    },
    ...(bin === undefined ? {} : { bin }),
  });
  servers.push(server);
  return server;
}

const KEYS = 40;
const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };
let sent = 0;
const accepted = new Map<string, string>();

/** One event after the other until told to stop, some keys again and again; every answer is kept. */
function load(server: RunningServer): { stop(): Promise<readonly number[]> } {
  let stopping = false;
  const statuses: number[] = [];
  const client = async (): Promise<void> => {
    while (!stopping) {
      const key = `upgrade-${sent++ % KEYS}`;
      const event = {
        routing_key: "acme-checkout",
        event_action: "trigger",
        dedup_key: key,
        payload: { summary: `Payments fail (${key})`, source: "upgrade", severity: "critical" },
      };
      const reply = await server.post("/v2/enqueue", event, "");
      statuses.push(reply.status);
      if (reply.status === 202) accepted.set(key, server.address);
    }
  };
  const clients = [client(), client()];
  return {
    async stop() {
      stopping = true;
      await Promise.all(clients);
      return statuses;
    },
  };
}

test.skipIf(absent !== null)(
  "nodes of the version before go on while this one migrates, and both share the work",
  async () => {
    const before = await unpackBefore();
    const old = await up("old", join(before, "bin", "tocsin"));
    await old.apply(join(before, "examples", "acme"));
    const onOld = load(old);
    await until(
      async () => accepted.size,
      (size) => size >= 10,
      20_000,
    );
    const fresh = await up("new");
    const onNew = load(fresh);
    const sentBefore = sent;
    await until(
      async () => sent,
      (count) => count > sentBefore + 100,
      30_000,
    );
    const statuses = [...(await onOld.stop()), ...(await onNew.stop())];
    expect(new Set(statuses)).toEqual(new Set([202]));

    // Both see one incident with every alert, though both took them in.
    for (const server of [old, fresh]) {
      const alerts = await until(
        () => server.list<Alert>("/v1/alerts"),
        (list) => list.every(({ incident }) => incident !== null),
        20_000,
      );
      expect(new Set(alerts.map(({ dedupKey }) => dedupKey))).toEqual(new Set(accepted.keys()));
      expect(await server.list<Incident>("/v1/incidents")).toHaveLength(1);
    }
    // Acknowledged at the one, resolved at the other, and nobody was paged twice by two engines.
    const verb = async (server: RunningServer, name: string, body: object) =>
      expect([name, (await server.post(`/v1/incidents/INC-1/${name}`, body)).status]).toEqual([
        name,
        200,
      ]);
    await verb(fresh, "acknowledge", {});
    await verb(old, "note", { text: "Both versions are at work." });
    await verb(old, "mitigate", { text: "Rolled back." });
    await verb(fresh, "resolve", { text: "Verified." });
    const postmortem = await until(
      () => fetch(`${old.address}/v1/incidents/INC-1/postmortem`, { headers: ADMIN }),
      (reply) => reply.status === 200,
      20_000,
    );
    expect(((await postmortem.json()) as { sections: unknown[] }).sections).toHaveLength(9);
    const pages = (await fresh.list<Notification>("/v1/notifications")).filter(
      ({ kind }) => kind === "page",
    );
    expect(pages.length).toBeGreaterThan(0);
    expect(new Set(pages.map((page) => `${page.person} ${page.channel}`)).size).toBe(pages.length);

    // The old node ends, the new one goes on alone; neither complained.
    await old.end("SIGTERM");
    const after = load(fresh);
    const sentThen = sent;
    await until(
      async () => sent,
      (count) => count > sentThen + 20,
      20_000,
    );
    expect(new Set(await after.stop())).toEqual(new Set([202]));
    for (const server of [old, fresh]) expect(server.output()).not.toMatch(/"level":"error"/);
  },
  120_000,
);
