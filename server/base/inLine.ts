/**
 * Single statements in line on one connection: the store begins with the next one as soon as it is done with the last, while
 * the answer is on its way.
 */
import type pg from "pg";

/** After so many a connection goes back, for whoever else waits for one. */
const MOST_IN_LINE = 100;

type Held = {
  readonly client: Promise<pg.PoolClient>;
  asked: number;
  underWay: number;
  failed: boolean;
};

/** `onSent` is called in the turn in which the statement leaves. */
export type AskInLine = <R extends pg.QueryResultRow>(
  statement: pg.QueryConfig,
  onSent: () => void,
) => Promise<readonly R[]>;

/** Each statement is a transaction of its own. The connection is kept for as long as one of them is under way. */
export function openLine(pool: pg.Pool): AskInLine {
  let held: Held | null = null;
  return async <R extends pg.QueryResultRow>(statement: pg.QueryConfig, onSent: () => void) => {
    held ??= { client: pool.connect(), asked: 0, underWay: 0, failed: false };
    const line = held;
    line.asked += 1;
    line.underWay += 1;
    if (line.asked >= MOST_IN_LINE) held = null;
    try {
      const reply = (await line.client).query<R>(statement);
      onSent();
      return (await reply).rows;
    } catch (error) {
      line.failed = true;
      throw error;
    } finally {
      line.underWay -= 1;
      if (held === line && (line.failed || line.underWay === 0)) held = null;
      if (line.underWay === 0)
        void line.client.then(
          (client) => client.release(line.failed),
          () => undefined,
        );
    }
  };
}
