/**
 * PostgreSQL: one pool, transactions that are tried again when the database asks for it, and small
 * words for running a query. Queries are Kysely `sql` fragments written by hand; columns come back in
 * camelCase, bigint and numeric as numbers, jsonb as it was stored.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  DummyDriver,
  Kysely,
  type KyselyPlugin,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type RawBuilder,
  sql,
  Transaction,
} from "kysely";
import type { Socket } from "node:net";
import pg from "pg";
import { jsonArray } from "./arrays.ts";
import { askTogether, camelName, sayLast } from "./statement.ts";

export { type RawBuilder, sql } from "kysely";
export type Db = Kysely<unknown> & { readonly pool: pg.Pool };
export type Tx = Transaction<unknown>;
/** Either: for reads that need no transaction of their own. */
export type Queryable = Kysely<unknown>;

const INT8 = 20;
const NUMERIC = 1700;
const TEXT_ARRAY = 1009 as typeof pg.types.builtins.TEXT;
pg.types.setTypeParser(INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint beyond 2^53: ${text}`);
  return value;
});
pg.types.setTypeParser(NUMERIC, Number);
const readTexts: (text: string) => (string | null)[] = pg.types.getTypeParser(TEXT_ARRAY);
pg.types.setTypeParser(TEXT_ARRAY, (text) => {
  // Nothing quoted, no null, one dimension: what nearly all of them are.
  if (text === "{}") return [];
  return /["\\{]|NULL/i.test(text.slice(1)) ? readTexts(text) : text.slice(1, -1).split(",");
});

export type DbOptions = {
  readonly url: string;
  readonly maxConnections: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Told when an idle connection breaks; the pool replaces it by itself. */
  readonly onFault: (error: Error) => void;
  /** How long a new connection may take; five seconds unless given, 0 for as long as it takes. */
  readonly connectWithinMs?: number;
};

/**
 * A node that lost power or its network in the middle of a transaction leaves its locks behind. Nobody
 * waits for them longer than the first, and PostgreSQL lets go of them after the second.
 *
 * A prepared statement keeps its plan. One that was made while a table was nearly empty would go on reading all
 * of it when it has grown: rather by an index from the start. Before 18 forbidding that spoils other plans.
 */
const SESSION = `set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '30s';
  select set_config('enable_seqscan',
    case when current_setting('server_version_num')::integer < 180000 then 'on' else 'off' end, false)`;
/** A connection that says nothing for so long in the middle of a query is dead, whatever TCP believes. */
const SILENCE_MS = 120_000;

const CONNECT_WITHIN_MS = 5_000;

/** Opens a pool. Connecting happens with the first query. */
export function openDb(options: DbOptions): Db {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: options.name,
    connectionTimeoutMillis: options.connectWithinMs ?? CONNECT_WITHIN_MS,
    keepAlive: true,
    // Queries of one transaction that do not wait for each other go out together (see alert/intake.ts).
    pipeline: true,
    verify: (client, done) => void client.query(SESSION).then(() => done(), done),
  });
  pool.on("error", options.onFault);
  // The pool listens only to idle connections. One that breaks while it is in use fails its query, and
  // without a listener of its own it would end the process as well.
  const nameOf = statementNames();
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    stream.setTimeout(SILENCE_MS, () => stream.destroy());
    askTogether(client, nameOf);
  });
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool }),
    plugins: [camelCaseRows],
  });
  const destroy = db.destroy.bind(db);
  return Object.assign(db, {
    pool,
    // Kysely ends only what it has used itself.
    async destroy() {
      await destroy();
      if (!pool.ending) await pool.end();
    },
  });
}

/**
 * Columns under the names that the code has for them, for rows that are read in great numbers: they need not be named a
 * second time. What is not a plain column ends in `as name`.
 */
export const columnsNamed = (columns: string): RawBuilder<unknown> =>
  sql.raw(
    columns
      .split(",")
      .map((column) => {
        const [, what, name] = /^\s*(.*?(\w+))\s*$/s.exec(column)!;
        if (!name!.includes("_")) return what!;
        const isNamed = what!.endsWith(` as ${name}`);
        return `${isNamed ? what!.slice(0, -` as ${name}`.length) : what} as "${camelName(name!)}"`;
      })
      .join(", "),
  );

type Row = Record<string, unknown>;

/** Names columns as the code does; all rows of a result have the same. What a jsonb holds stays as it is. */
const camelCaseRows: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    const [first] = result.rows;
    if (first === undefined) return result;
    const columns = Object.keys(first);
    if (!columns.some((column) => column.includes("_"))) return result;
    const names = columns.map(camelName);
    const renamed = (row: Row): Row => {
      const out: Row = {};
      for (let at = 0; at < columns.length; at++) out[names[at]!] = row[columns[at]!];
      return out;
    };
    return { ...result, rows: result.rows.map(renamed) };
  },
};

/** What was asked so often is prepared: PostgreSQL then reads and plans it once for each connection. */
const OFTEN = 3;
/** Each costs memory in every connection. */
const MOST_PREPARED = 400;
const MOST_COUNTED = 4_000;

/**
 * A name for a statement that is asked often, or null. Reading and planning took more of PostgreSQL's time
 * than the work of most of the engine's statements. Their results name their columns, so that a migration
 * beside a running node does not change what a prepared one returns.
 */
function statementNames(): (text: string) => string | null {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= MOST_PREPARED) return null;
    const count = (counts.get(text) ?? 0) + 1;
    if (counts.size >= MOST_COUNTED) counts.clear();
    counts.set(text, count);
    if (count < OFTEN || !/^\s*(?:select|insert|update|delete|with|\()/i.test(text)) return null;
    counts.delete(text);
    const name = `often-${names.size}`;
    names.set(text, name);
    return name;
  };
}

/** Serialization failure and deadlock: PostgreSQL's own request to try again. */
const TRY_AGAIN = new Set(["40001", "40P01"]);
const ATTEMPTS = 6;

/** Tried again, up to six times, when PostgreSQL reports a deadlock or serialization failure. */
export async function persistent<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS || !TRY_AGAIN.has(sqlState(error) ?? "")) throw error;
    }
  }
}

/**
 * Runs `work` in one transaction and commits it, or rolls all of it back. It is {@link persistent}, so `work` must not
 * reach outside.
 */
export const transact = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> =>
  persistent(() => transactOnce(db, work));

async function transactOnce<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  let isUsable = true;
  let committing: Promise<pg.QueryResult> | null = null;
  const commit = (): Promise<pg.QueryResult> => {
    committing ??= client.query("commit");
    committing.catch(() => undefined);
    return committing;
  };
  try {
    const { begun, connection } = beginning(client, () => committing === null);
    const tx = atOnce(db, connection);
    LAST_TURNS.set(tx, () => sayLast(client, () => void commit()));
    try {
      const result = await work(tx);
      await begun;
      // What failed inside and was not told is told here.
      const { command } = await commit();
      if (command !== "COMMIT") throw new Error("a statement of the transaction had failed");
      return result;
    } catch (error) {
      await client.query("rollback").catch(() => (isUsable = false));
      throw error;
    }
  } finally {
    client.release(!isUsable);
  }
}

const LAST_TURNS = new WeakMap<Tx, () => void>();

/**
 * What the transaction asks in this turn of the event loop is the last that it asks: it is committed in the same packet,
 * unless something of it fails. So nothing may be decided by the answers but what is done when it stands.
 */
export const endsInThisTurn = (tx: Tx): void => LAST_TURNS.get(tx)?.();

/**
 * Begins a transaction without waiting for it: what is asked in the same turn goes out in one packet with its beginning,
 * and is passed over where that fails. Later on only what reads or locks does not wait for it: what writes would stand
 * by itself, and all that follows keeps its order.
 */
function beginning(
  client: pg.ClientBase,
  isOpen: () => boolean,
): {
  readonly begun: Promise<void>;
  readonly connection: DatabaseConnection;
} {
  let isBegun = false;
  let waits = false;
  let isBeside = true;
  process.nextTick(() => (isBeside = false));
  const begun = client.query("begin").then(() => void (isBegun = true));
  begun.catch(() => undefined);
  return {
    begun,
    connection: {
      async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
        // What has no values may go by itself, which ends the packet.
        isBeside &&= parameters.length > 0;
        waits ||= !/^\s*\(?select\b/i.test(text);
        if (waits && !isBegun && !isBeside) await begun;
        if (!isOpen()) throw new Error("the transaction was committed before this was asked");
        const result = await client.query(text, [...parameters]);
        // A migration is many statements, whose results nobody reads.
        if (Array.isArray(result)) return { rows: [] };
        const { command, rowCount, rows } = result;
        const isChange = /^(?:INSERT|UPDATE|DELETE|MERGE)$/.test(command);
        return { rows, ...(isChange && { numAffectedRows: BigInt(rowCount ?? 0) }) };
      },
      streamQuery() {
        throw new Error("nothing is streamed inside a transaction");
      },
    },
  };
}

/** Asked for nothing: the transaction has its own executor. */
const NOWHERE: Dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
};

/** Kysely lets the statements of a transaction wait for each other; these go out as they are asked, in their order. */
function atOnce(db: Db, connection: DatabaseConnection): Tx {
  const executor = db
    .getExecutor()
    .withConnectionProvider({ provideConnection: (consumer) => consumer(connection) });
  return new Transaction({
    config: { dialect: NOWHERE },
    dialect: NOWHERE,
    driver: new DummyDriver(),
    executor,
  });
}

/**
 * Statements of one transaction that need not wait for each other: they go out together and are carried out
 * in their order. Where one fails, all others have ended before it is told: what still went out after the
 * rollback would stand by itself.
 */
export async function pipelined<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  try {
    return await Promise.all(work);
  } catch (error) {
    await Promise.allSettled(work);
    throw error;
  }
}

/** Should this node fall silent in the middle of the transaction, PostgreSQL lets go of what it locked after so long. */
export async function holdOnlyFor(tx: Tx, ms: number): Promise<void> {
  // Not `set local`: what reads goes out together with the beginning.
  await sql`select set_config('idle_in_transaction_session_timeout', ${`${ms}ms`}, true)`.execute(
    tx,
  );
}

/** The five-character SQLSTATE of a PostgreSQL error, or null for any other error. */
export function sqlState(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** True when the store could not be reached or was shutting down: nothing was committed. */
export function isStoreAway(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  const state = sqlState(error);
  if (state !== null && (state.startsWith("08") || state.startsWith("57P") || state === "53300"))
    return true;
  if (["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT"].includes(String(code)))
    return true;
  const text = error instanceof Error ? error.message : "";
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    text,
  );
}

/** All rows. */
export async function all<T>(tx: Queryable, query: RawBuilder<T>): Promise<readonly T[]> {
  return (await query.execute(tx)).rows;
}

/** The one row, or null when there is none. */
export async function maybe<T>(tx: Queryable, query: RawBuilder<T>): Promise<T | null> {
  return (await query.execute(tx)).rows[0] ?? null;
}

/** The one row that must be there. */
export async function one<T>(tx: Queryable, query: RawBuilder<T>): Promise<T> {
  const row = (await query.execute(tx)).rows[0];
  if (row === undefined) throw new Error("a row was expected and none came");
  return row;
}

/** Runs a statement and says how many rows it touched. */
export async function run(tx: Queryable, query: RawBuilder<unknown>): Promise<number> {
  return Number((await query.execute(tx)).numAffectedRows ?? 0n);
}

/** A jsonb parameter; pg would turn an array into a PostgreSQL array otherwise. */
export const json = (value: unknown): RawBuilder<unknown> => sql`${JSON.stringify(value)}::jsonb`;
/** A text[] parameter of values as JSON, to be cast one by one; see base/arrays.ts. */
export const jsonTexts = (values: readonly unknown[]): RawBuilder<unknown> =>
  sql`string_to_array(${jsonArray(values)}, E'\\x1f', '')`;
/** A text[] parameter. */
export const texts = (values: readonly string[]): RawBuilder<unknown> =>
  sql`${[...values]}::text[]`;
