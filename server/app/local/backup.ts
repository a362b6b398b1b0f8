/**
 * `tocsin backup` and `tocsin restore`: all rows of a store in one file, taken while the server works, given
 * back to an empty store of any PostgreSQL that Tocsin runs on. The master key is never in the file.
 */
import { access, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { anchoredClock } from "../../base/clock.ts";
import { keyring } from "../../base/crypto.ts";
import { openDb } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { findLedgerFault, LEDGER_REWRITES } from "../../base/ledger.ts";
import { CHANGES_REWRITES } from "../../domain/alert/changes.ts";
import { type BackupHeader, readBackup, writeBackup } from "../../base/backup/file.ts";
import { restoreBackup } from "../../base/backup/restore.ts";
import { type Progress, takeBackup } from "../../base/backup/take.ts";
import { KEY_MARK, markOfKey } from "../keyMark.ts";
import { type Environment, readSettings, type Settings } from "../settings.ts";
import { openDataDirectory, postgresDirectory } from "./dataDirectory.ts";
import { findRunningPostgres, startEmbeddedPostgres } from "./postgres.ts";
import { isSystemError, isThere, syncDirectory } from "./privateFile.ts";

export type Telling = {
  readonly env: Environment;
  /** Results. */
  readonly print: (line: string) => void;
  /** How far it is, every second or so. */
  readonly progress: (line: string) => void;
};

const SCHEMA = new URL("../../schema/", import.meta.url);

/** Writes the backup; the server may go on working, or not run at all. */
export async function backup(file: string, { env, print, progress }: Telling): Promise<void> {
  const settings = readSettings(env);
  if (await isThere(file)) throw new Refusal("backup.file_exists", { file });
  const store = await openStore(settings);
  const takenAt = toIso(anchoredClock().now());
  const tell = progressLines(progress);
  let last: Progress | null = null;
  let began = false;
  try {
    const frames = takeBackup({
      databaseUrl: store.url,
      takenAt,
      rewrites: { ...LEDGER_REWRITES, ...CHANGES_REWRITES },
      marks: { [KEY_MARK]: `select value from store_fact where name = '${KEY_MARK}'` },
      onProgress(now) {
        last = now;
        tell(now);
      },
    });
    began = true;
    const size = await writeBackup(file, frames);
    await syncDirectory(dirname(file));
    const { rows } = last ?? { rows: 0 };
    print(`${file}: ${grouped(rows)} rows as of ${takenAt}, ${sizeText(size)}.`);
    print(
      "Keep master.key (or TOCSIN_KEY) with it but apart: without it sealed payloads cannot be read.",
    );
  } catch (error) {
    // Ours alone: it did not exist before.
    if (began && !isTaken(error)) await rm(file, { force: true });
    throw isSystemError(error) && !("address" in error)
      ? new Refusal(isTaken(error) ? "backup.file_exists" : "backup.unwritable", {
          file,
          problem: error.code ?? error.message,
        })
      : error;
  } finally {
    await store.close();
  }
}

const isTaken = (error: unknown): boolean => isSystemError(error) && error.code === "EEXIST";

/** Reads the whole file and compares every checksum, without a store. */
export async function checkBackup(file: string, { print, progress }: Telling): Promise<void> {
  const tell = progressLines(progress);
  let header: BackupHeader | null = null;
  let [rows, bytes, table] = [0, 0, ""];
  for await (const frame of readBackup(file)) {
    if (frame.kind === "header") ({ header } = frame);
    if (frame.kind === "table") table = frame.table.name;
    if (frame.kind === "rows") bytes += frame.bytes.length;
    if (frame.kind === "table end") rows += frame.end.rows;
    tell({ table, rows, aboutRows: aboutRows(header), bytes });
  }
  print(
    `${file} is whole: ${grouped(rows)} rows of ${header?.takenAt ?? "?"}, PostgreSQL ${header?.postgres ?? "?"}.`,
  );
}

const aboutRows = (header: BackupHeader | null): number =>
  header?.tables.reduce((sum, { about }) => sum + about, 0) ?? 0;

/** Restores into an empty store. `withoutKey` accepts that what another master key sealed stays unreadable. */
export async function restore(
  file: string,
  { env, print, progress }: Telling,
  { withoutKey }: { readonly withoutKey: boolean },
): Promise<void> {
  const settings = readSettings(env);
  const mark = (await headerOf(file)).marks[KEY_MARK];
  const directory = settings.dataDirectory;
  const hasKey = settings.masterKey !== null || (await isThere(join(directory, "master.key")));
  if (!hasKey && mark !== undefined && !withoutKey)
    throw new Refusal("backup.key_missing", { file, directory });
  const held = await openDataDirectory(
    directory,
    settings.masterKey === null ? {} : { key: settings.masterKey },
  );
  try {
    if (mark !== undefined && mark !== markOfKey(keyring(held.masterKey())) && !withoutKey)
      throw new Refusal("backup.key_differs", { file });
    const embedded =
      settings.databaseUrl === null
        ? await startEmbeddedPostgres({ dataDirectory: held.path, log: () => undefined })
        : null;
    try {
      const databaseUrl = settings.databaseUrl ?? embedded?.url ?? "";
      const done = await restoreBackup({
        databaseUrl,
        file,
        frames: readBackup(file),
        schema: SCHEMA,
        check: () => undefined,
        onProgress: progressLines(progress),
      });
      print(`${grouped(done.rows)} rows of ${done.header.takenAt} are restored.`);
      for (const line of await lookOver(databaseUrl)) print(line);
    } finally {
      await embedded?.stop();
    }
  } finally {
    await held.release();
  }
}

/** What an operator should know before the first start: that the ledger holds, and what will be sent. */
async function lookOver(url: string): Promise<readonly string[]> {
  const db = openDb({ url, maxConnections: 1, name: "tocsin restore", onFault: () => undefined });
  try {
    const fault = await findLedgerFault({ db });
    const { rows } = await db.pool.query<{ pages: number; incidents: number; leaves: number }>(
      `select (select count(*) from notification where attend_at is not null) as pages,
         (select count(*) from incident where state in ('declared', 'mitigated')) as incidents,
         (select size from ledger_cursor) as leaves`,
    );
    const { pages = 0, incidents = 0, leaves = 0 } = rows[0] ?? {};
    return [
      fault === null
        ? `The ledger verifies: ${grouped(leaves)} leaves.`
        : `WARNING: the ledger does not verify: ${fault}.`,
      `Open incidents: ${grouped(incidents)}; messages that wait: ${grouped(pages)}. \`up\` goes on with them at once;` +
        " to only look, start it without TOCSIN_SMTP_URL and without the channels' secrets.",
    ];
  } finally {
    await db.destroy();
  }
}

async function headerOf(file: string): Promise<BackupHeader> {
  await access(file).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal("backup.unreadable", { file, problem: error.code ?? error.message });
  });
  for await (const frame of readBackup(file)) if (frame.kind === "header") return frame.header;
  throw new Refusal("backup.damaged", { file, problem: "it is empty" });
}

type OpenStore = { readonly url: string; close(): Promise<void> };

/** The store of DATABASE_URL, of a server that runs on this data, or of the data directory itself. */
async function openStore(settings: Settings): Promise<OpenStore> {
  const running = settings.databaseUrl ?? (await findRunningPostgres(settings.dataDirectory));
  if (running !== null) return { url: running, close: async () => undefined };
  if (!(await isThere(postgresDirectory(settings.dataDirectory))))
    throw new Refusal("backup.no_store", { directory: settings.dataDirectory });
  const key = settings.masterKey === null ? {} : { key: settings.masterKey };
  const directory = await openDataDirectory(settings.dataDirectory, key);
  try {
    const postgres = await startEmbeddedPostgres({
      dataDirectory: directory.path,
      log: () => undefined,
    });
    return {
      url: postgres.url,
      async close() {
        await postgres.stop();
        await directory.release();
      },
    };
  } catch (error) {
    await directory.release();
    throw error;
  }
}

const TELL_EVERY_MS = 1_000;

/** At most one line a second: the table at hand, rows and share so far, and how fast. */
function progressLines(progress: (line: string) => void): (now: Progress) => void {
  const from = performance.now();
  let toldAt = from;
  return ({ table, rows, aboutRows, bytes }) => {
    const now = performance.now();
    if (now - toldAt < TELL_EVERY_MS) return;
    toldAt = now;
    const share = aboutRows > 0 ? `, ${Math.min(99, Math.floor((100 * rows) / aboutRows))} %` : "";
    const speed = sizeText((1_000 * bytes) / (now - from));
    progress(`${table}: ${grouped(rows)} rows${share}, ${sizeText(bytes)}, ${speed}/s`);
  };
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
