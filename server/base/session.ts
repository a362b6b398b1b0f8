/**
 * One connection of its own, opened when it is first needed and again after it was lost, for statements
 * whose meaning depends on what the same session was told before. The number of the session comes with
 * every answer: another number is another connection, perhaps to a server that was restored meanwhile.
 */
import pg from "pg";
import { within } from "./clock.ts";
import type { Db } from "./db.ts";

export type Session = {
  ask(name: string, text: string, values: readonly unknown[]): Promise<Answer>;
  stop(): Promise<void>;
};

export type Answer = {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly session: number;
};

/** A session that says nothing for so long is given up. */
const PATIENCE_MS = 1_000;

export function openSession(url: string, name: string): Session {
  let current: { readonly client: pg.Client; readonly number: number } | null = null;
  let number = 0;
  const giveUp = (client: pg.Client): void => {
    if (current?.client === client) current = null;
    void client.end().catch(() => undefined);
  };

  async function connect(): Promise<NonNullable<typeof current>> {
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      connectionTimeoutMillis: PATIENCE_MS,
      keepAlive: true,
    });
    client.on("error", () => giveUp(client));
    client.on("end", () => giveUp(client));
    await client.connect();
    return (current = { client, number: ++number });
  }

  return {
    async ask(statement, text, values) {
      const session = current ?? (await connect());
      const { client } = session;
      const query = client.query<Record<string, unknown>>({
        name: statement,
        text,
        values: [...values],
      });
      try {
        const { rows } = await within(PATIENCE_MS, query, "the session says nothing");
        if (current !== session) throw new Error("the session ended meanwhile");
        return { rows, session: session.number };
      } catch (error) {
        giveUp(client);
        throw error;
      }
    },
    async stop() {
      const ending = current?.client;
      current = null;
      await ending?.end().catch(() => undefined);
    },
  };
}

/** The pool's connections taken for one session, where nobody can restart the server behind them. */
export const pooledSession = (db: Db): Session => ({
  async ask(name, text, values) {
    const { rows } = await db.pool.query<Record<string, unknown>>({
      name,
      text,
      values: [...values],
    });
    return { rows, session: 1 };
  },
  stop: async () => undefined,
});
