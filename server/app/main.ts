/**
 * From environment and arguments to a running node. The only place, with base/, that touches clock,
 * chance, environment and timers.
 */
import { join } from "node:path";
import { addressGuard } from "../base/addresses.ts";
import { realChance } from "../base/chance.ts";
import { type AnchoredClock, anchoredClock } from "../base/clock.ts";
import { type Keyring, keyring } from "../base/crypto.ts";
import { type Db, one, openDb, run, sql, transact } from "../base/db.ts";
import { errorFields, jsonLog, type Log, silentLog } from "../base/log.ts";
import { migrate } from "../base/migrate.ts";
import { realTransport } from "../base/realTransport.ts";
import { createSignInLink } from "../domain/account/commands.ts";
import { KEY_MARK, markOfKey } from "./keyMark.ts";
import { type Node, type NodeOptions, startNode } from "./app.ts";
import { nodeName } from "./peers.ts";
import { openDataDirectory } from "./local/dataDirectory.ts";
import { LOCAL_TOKEN_FILE } from "../../contract/local.ts";
import { startEmbeddedPostgres } from "./local/postgres.ts";
import { replaceFile } from "./local/privateFile.ts";
import type { Environment, Settings } from "./settings.ts";

const SCHEMA = new URL("../schema/", import.meta.url);
/** Of them eighteen wait at most with sets of a crowd (server/engine/escalate.ts). */
const CONNECTIONS = 28;

export type Running = {
  readonly node: Node;
  readonly address: string;
  /** A fresh one-time link that signs an administrator in. */
  signInLink(): Promise<string>;
  stop(): Promise<void>;
};

export type StartOptions = {
  readonly settings: Settings;
  readonly env: Environment;
  /** What happens on the way, for the terminal. */
  readonly tell: (line: string) => void;
  /** Where log lines go; standard output unless given. */
  readonly log?: Log;
  /** The clock of the node; the database's time unless given. */
  readonly clock?: AnchoredClock;
  /** Routes beside those that every node has. */
  readonly extraRoutes?: NodeOptions["extraRoutes"];
};

/** Opens the data directory, starts PostgreSQL unless one is given, migrates, and starts a node. */
export async function start(options: StartOptions): Promise<Running> {
  const { settings, env, tell } = options;
  const log =
    options.log ?? (settings.logLevel === "silent" ? silentLog : jsonLog(settings.logLevel));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    const key = settings.masterKey === null ? {} : { key: settings.masterKey };
    const directory = await openDataDirectory(settings.dataDirectory, key);
    stops.push(() => directory.release());
    const databaseUrl = settings.databaseUrl ?? (await embedded(directory.path, tell, stops));
    const db = openDb({
      url: databaseUrl,
      maxConnections: CONNECTIONS,
      name: nodeName(),
      onFault: (error) => log.warn("a store connection broke", errorFields(error)),
    });
    stops.push(() => db.destroy());
    const applied = await migrate(db, SCHEMA);
    if (applied.length > 0) tell(`schema: ${applied.length} migration(s) applied`);
    const keys = keyring(directory.masterKey());
    await compareKey(db, keys, (line) => {
      tell(line);
      log.error("the master key is not the store's");
    });
    const transport = realTransport({
      smtpUrl: settings.smtpUrl,
      guard: addressGuard(settings.allowPrivate),
    });
    stops.push(async () => transport.close());
    const bare = {
      clock: options.clock ?? anchoredClock(),
      chance: realChance(),
      db,
      keys,
      transport,
      log,
      publicUrl: settings.publicUrl,
      secret: (reference: string) => env[reference.replace(/^env:/, "")] || null,
    };
    const node = await startNode(bare, {
      databaseUrl,
      host: settings.host,
      port: settings.port,
      adminTokens: [
        await localToken(directory.path),
        ...(settings.adminToken === null ? [] : [settings.adminToken]),
      ],
      trustProxy: settings.trustProxy,
      tls: settings.tls,
      provider: settings.provider,
      mailServer: settings.smtpUrl !== null,
      mailPort: settings.mailPort,
      traces: settings.traces,
      ...(options.extraRoutes === undefined ? {} : { extraRoutes: options.extraRoutes }),
    });
    stops.push(() => node.stop());
    await directory.note({ address: node.address });
    return {
      node,
      address: node.address,
      signInLink: () =>
        transact(db, (tx) =>
          createSignInLink(tx, { ...bare, nudge: () => undefined }, bare.clock.now()),
        ),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Nodes that share a store must share its master key: otherwise one cannot open what another sealed and
 * refuses the links that another mailed. The store keeps a mark of the key it was begun with.
 */
async function compareKey(db: Db, keys: Keyring, warn: (line: string) => void): Promise<void> {
  const mark = markOfKey(keys);
  await run(
    db,
    sql`insert into store_fact (name, value) values (${KEY_MARK}, ${mark}) on conflict do nothing`,
  );
  const known = await one(
    db,
    sql<{ value: string }>`select value from store_fact where name = ${KEY_MARK}`,
  );
  if (known.value === mark) return;
  warn(
    "WARNING: this node's master key is not the one that the store was begun with. Acknowledge links of " +
      "other nodes will not work here. Give all nodes the same TOCSIN_KEY.",
  );
}

/**
 * A token that only whoever can read the data directory has, so that the command line on the same
 * machine works without setting anything up. New with every start.
 */
async function localToken(path: string): Promise<string> {
  const token = `tocsin_local_${realChance().bytes(24).toString("base64url")}`;
  await replaceFile(join(path, LOCAL_TOKEN_FILE), `${token}\n`);
  return token;
}

async function embedded(
  path: string,
  tell: (line: string) => void,
  stops: (() => Promise<void>)[],
): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDirectory: path, log: tell });
  stops.push(() => postgres.stop());
  return postgres.url;
}
