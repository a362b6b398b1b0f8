/**
 * Looking at somebody else's PostgreSQL: one statement, in a transaction that can only read, with a time
 * limit, on a connection that is closed afterwards.
 */
import pg from "pg";
import { sqlState } from "./db.ts";

export type Look = {
  readonly url: string;
  /** One statement that yields rows. */
  readonly statement: string;
  readonly values: readonly (string | number | boolean | null)[];
  readonly timeoutMs: number;
  readonly rowLimit: number;
};

export type Seen =
  | {
      readonly kind: "rows";
      readonly rows: readonly Readonly<Record<string, unknown>>[];
      readonly more: boolean;
    }
  | { readonly kind: "error"; readonly because: string };

/** Promises never to reject, and to change nothing there. */
export async function lookAt(look: Look): Promise<Seen> {
  const client = new pg.Client({
    connectionString: look.url,
    application_name: "tocsin runbook",
    connectionTimeoutMillis: Math.min(look.timeoutMs, 5_000),
    query_timeout: look.timeoutMs + 1_000,
    options: `-c default_transaction_read_only=on -c statement_timeout=${look.timeoutMs}`,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("begin transaction isolation level repeatable read read only");
    // With values the extended protocol is used, in which a text holds one statement and not two.
    const reply = await client.query<Record<string, unknown>>({
      text: `select * from (\n${look.statement.replace(/[\s;]+$/, "")}\n) as looked limit ${look.rowLimit + 1}`,
      values: [...look.values],
      queryMode: "extended",
    } as pg.QueryConfig);
    return {
      kind: "rows",
      rows: reply.rows.slice(0, look.rowLimit).map(plain),
      more: reply.rows.length > look.rowLimit,
    };
  } catch (error) {
    return { kind: "error", because: wordsFor(error) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** As JSON would show it, so that what is stored is what was judged. */
const plain = (row: Record<string, unknown>): Readonly<Record<string, unknown>> =>
  JSON.parse(
    JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
  ) as Record<string, unknown>;

/** Never the address, which holds a password. */
function wordsFor(error: unknown): string {
  const state = sqlState(error);
  if (state === null) {
    const code = (error as { code?: unknown }).code;
    return `the database cannot be reached${typeof code === "string" ? ` (${code})` : ""}`;
  }
  if (state === "57014") return "the statement took longer than it may";
  if (state === "25006") return "the statement would change something, and may only read";
  return `the database refuses the statement (SQLSTATE ${state}): ${(error as Error).message.slice(0, 300)}`;
}
