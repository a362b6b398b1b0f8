/**
 * Backup and restore as an operator knows them: a store that works goes into a file and comes out of it on
 * another PostgreSQL, row for row; what is damaged, newer, keyless or not empty is refused and changes nothing.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Frame, readBackup, writeBackup } from "../server/base/backup/file.ts";
import { restoreBackup } from "../server/base/backup/restore.ts";
import { takeBackup } from "../server/base/backup/take.ts";
import { realChance } from "../server/base/chance.ts";
import { keyring } from "../server/base/crypto.ts";
import { one, openDb, sql, transact } from "../server/base/db.ts";
import { instant } from "../server/base/instant.ts";
import {
  findLedgerBacklog,
  findLedgerFault,
  LEDGER_REWRITES,
  record,
  sequenceLedger,
} from "../server/base/ledger.ts";
import { CHANGES_REWRITES } from "../server/domain/alert/changes.ts";
import { silentLog } from "../server/base/log.ts";
import type { World } from "../server/base/world.ts";
import { startEmbeddedPostgres } from "../server/app/local/postgres.ts";
import { startTestNode, type TestNode } from "./node.ts";

const SCHEMA = new URL("../server/schema/", import.meta.url);
const OTHER_MAJOR = process.env["TOCSIN_TEST_MAJOR"] === "15" ? 18 : 15;

let directory: string;
let node: TestNode;
let other: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tocsin-backup-"));
  file = join(directory, "a.backup");
  node = await startTestNode();
  other = await startEmbeddedPostgres({
    dataDirectory: await mkdtemp(join(directory, "other-")),
    major: OTHER_MAJOR,
    log: () => undefined,
  });
  await furnish(node);
});
afterAll(async () => {
  await other?.stop();
  await node?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** People, a service, a key, and alerts that declare. */
async function furnish(of: TestNode): Promise<void> {
  await of.configure("people", "ada", { name: "Ada", email: "ada@example.test" });
  await of.configure("teams", "core", { name: "Core", members: ["ada"], manager: "ada" });
  await of.configure("escalations", "core", {
    name: "Core",
    steps: [{ notify: [{ person: "ada" }], timeoutMinutes: 5 }],
  });
  await of.configure("services", "shop", {
    name: "Shop",
    team: "core",
    tier: 1,
    escalation: "core",
  });
  secret = (await of.configure("keys", "shop", { service: "shop" })) ?? "";
}

let secret = "";
const ENTRY = {
  stream: "test",
  at: instant(1_764_000_000_000),
  actorRef: "test",
  action: "after the restore",
  objectRef: "test:1",
  payload: {},
};
const bareWorld = (): Omit<World, "db"> => ({
  chance: realChance(),
  keys: keyring(Buffer.alloc(32, 5)),
  clock: {} as never,
  transport: {} as never,
  log: silentLog,
  publicUrl: "",
  secret: () => null,
  nudge: () => undefined,
});

const send = (number: number) =>
  node.ask("POST /v2/enqueue", {
    token: null,
    body: {
      routing_key: secret,
      event_action: "trigger",
      dedup_key: `alert-${number}`,
      payload: {
        summary: `Tab\there, \\N and “ü”\n${number}`,
        source: "test",
        severity: "critical",
      },
    },
  });

const frames = (url = node.store.url) =>
  takeBackup({
    databaseUrl: url,
    takenAt: "2026-11-25T00:00:00.000Z",
    rewrites: { ...LEDGER_REWRITES, ...CHANGES_REWRITES },
    marks: {},
    onProgress: () => undefined,
  });

/** Restores into a new database of the other PostgreSQL, or of the one of this run. */
async function restoreInto(
  name: string,
  from: AsyncIterable<Frame>,
  base = other.url,
  path = file,
) {
  await rowsIn(base, `create database ${name}`);
  const url = databaseOf(base, name);
  const done = restoreBackup({
    databaseUrl: url,
    file: path,
    schema: SCHEMA,
    frames: from,
    check: () => undefined,
    onProgress: () => undefined,
  });
  return { url, done };
}

function databaseOf(base: string, name: string): string {
  const url = new URL(base);
  url.pathname = `/${name}`;
  return url.href;
}

async function rowsIn(url: string, query: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(query);
  await client.end();
  return rows;
}

describe("a backup", () => {
  test(`of a store under load is one instant of it, and comes back on PostgreSQL ${OTHER_MAJOR}`, async () => {
    let stop = false;
    let sent = 0;
    const load = (async () => {
      while (!stop) expect((await send(sent++)).status).toBe(202);
    })();
    while (sent < 40) await new Promise(setImmediate);
    await writeBackup(file, frames());
    stop = true;
    await load;
    const { url, done } = await restoreInto("restored", readBackup(file));
    const { rows } = await done;
    expect(rows).toBeGreaterThan(80);
    // One instant: no alert without its signal, no signal without its raw body, no hole in the ledger.
    const [odd] = await rowsIn(
      url,
      `select (select count(*) from alert_open) as alerts,
        (select count(*) from alert_open a where not exists (select 1 from every_signal s where s.alert_id = a.id)) as bare,
        (select count(*) from every_signal s where not exists (select 1 from signal_batch b where b.id = s.batch_id)) as raw,
        (select count(*) from every_signal s where not exists (
          select 1 from ledger_pending p where p.object_ref = 'batch:' || s.batch_id)) as unrecorded`,
    );
    expect(odd).toMatchObject({ bare: 0, raw: 0, unrecorded: 0 });
    expect((odd as { alerts: number }).alerts).toBeGreaterThan(20);
    expect((odd as { alerts: number }).alerts).toBeLessThanOrEqual(sent);
  });

  test("holds every column of every row as it was", async () => {
    // What nobody works on can be compared row by row.
    const quiet = databaseOf(other.url, "restored");
    const { url, done } = await restoreInto("exact", frames(quiet));
    await done;
    const tables = (await rowsIn(
      quiet,
      `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition
         and relnamespace = 'public'::regnamespace order by relname`,
    )) as readonly { name: string }[];
    expect(tables.length).toBeGreaterThan(30);
    for (const { name } of tables) {
      const digest = `select count(*) as count, md5(string_agg(t::text, '|' order by t::text)) as digest from ${name} t`;
      expect([name, await rowsIn(url, digest)]).toEqual([name, await rowsIn(quiet, digest)]);
    }
    const sequences = "select sequencename, last_value from pg_sequences order by 1";
    expect(await rowsIn(url, sequences)).toEqual(await rowsIn(quiet, sequences));
    const partitions =
      "select relname, pg_get_expr(relpartbound, oid) as bound from pg_class where relispartition order by 1";
    expect(await rowsIn(url, partitions)).toEqual(await rowsIn(quiet, partitions));
  });

  test("carries a ledger that goes on where it was, though a cluster counts transactions anew", async () => {
    const db = openDb({
      url: databaseOf(other.url, "exact"),
      maxConnections: 2,
      name: "restored",
      onFault: () => undefined,
    });
    const world = { ...bareWorld(), db };
    const size = async () =>
      (await one(db, sql<{ size: number }>`select count(*)::integer as size from ledger_leaf`))
        .size;
    while ((await sequenceLedger(world)) > 0);
    const before = await size();
    const { waiting } = await findLedgerBacklog(db);
    expect(waiting).toBe(0);
    await transact(db, (tx) => record(tx, world, ENTRY));
    expect(await sequenceLedger(world)).toBe(1);
    expect(await size()).toBe(before + 1);
    const { pending } = await one(
      db,
      sql<{ pending: number }>`select count(*)::integer as pending from ledger_pending`,
    );
    expect(pending).toBe(before + 1);
    expect(await findLedgerFault({ db })).toBeNull();
    await db.destroy();
  });
});

describe("a restore refuses and changes nothing:", () => {
  const refused = async (name: string, from: AsyncIterable<Frame>, path = file) => {
    const { url, done } = await restoreInto(name, from, other.url, path);
    const error: unknown = await done.then(
      () => null,
      (cause: unknown) => cause,
    );
    const tables = await rowsIn(
      url,
      "select 1 from pg_class where relnamespace = 'public'::regnamespace",
    );
    expect(tables).toEqual([]);
    return (error as { code?: string } | null)?.code;
  };

  test("a store that holds anything", async () => {
    const options = { file, schema: SCHEMA, check: () => undefined, onProgress: () => undefined };
    const databaseUrl = databaseOf(other.url, "exact");
    await expect(
      restoreBackup({ ...options, databaseUrl, frames: readBackup(file) }),
    ).rejects.toMatchObject({ code: "backup.store_not_empty" });
  });

  test("a file that was cut, altered by one bit, or is something else", async () => {
    const whole = await readFile(file);
    const bad = join(directory, "bad.backup");
    const cuts = [0, 10, whole.length >> 1, whole.length - 1];
    for (const [at, length] of cuts.entries()) {
      await writeFile(bad, whole.subarray(0, length));
      expect(await refused(`cut_${at}`, readBackup(bad), bad)).toBe("backup.damaged");
    }
    for (const [at, share] of [0.1, 0.5, 0.9].entries()) {
      const altered = Buffer.from(whole);
      const place = Math.floor(share * whole.length);
      altered[place] = (altered[place] ?? 0) ^ 1;
      await writeFile(bad, altered);
      expect(await refused(`altered_${at}`, readBackup(bad), bad)).toBe("backup.damaged");
    }
    await writeFile(bad, "not a backup at all");
    expect(await refused("stranger", readBackup(bad), bad)).toBe("backup.damaged");
  });

  test("parts that were swapped or left out, whose own checksums hold", async () => {
    const forged = join(directory, "forged.backup");
    const all: Frame[] = [];
    for await (const frame of readBackup(file)) all.push(frame);
    const from = all.findIndex((f) => f.kind === "table" && f.table.name === "signal_batch");
    const to = all.findIndex((f, at) => at > from && f.kind === "table end");
    const without = [...all.slice(0, from), ...all.slice(to + 1)];
    await writeBackup(
      forged,
      (async function* () {
        yield* without;
      })(),
    );
    expect(await refused("forged", readBackup(forged))).toBe("backup.damaged");
  });

  test("a backup of a newer version", async () => {
    async function* newer(): AsyncGenerator<Frame> {
      for await (const frame of readBackup(file)) {
        if (frame.kind !== "header") yield frame;
        else {
          const migrations = [
            ...frame.header.migrations,
            { name: "29990101_new.sql", sha256: "00" },
          ];
          yield { kind: "header", header: { ...frame.header, migrations } };
        }
      }
    }
    expect(await refused("newer", newer())).toBe("backup.newer");
  });
});
