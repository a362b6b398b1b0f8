/** For tests of what meets in the store: something else is done exactly before a statement of a transaction. */
import type { Db } from "../server/base/db.ts";

export type Acts = readonly (readonly [asked: RegExp, act: () => Promise<unknown>])[];

/** The store of a node: before it asks the first such thing in a transaction, something else is done. */
export function meeting(db: Db, acts: Acts): Db {
  const bound = (of: object, name: string | symbol): unknown => {
    const found = Reflect.get(of, name) as unknown;
    return typeof found === "function" ? (found.bind(of) as unknown) : found;
  };
  const left = [...acts];
  const pool = {
    async connect() {
      const client = await db.pool.connect();
      // What is asked later goes out later, as it does without this.
      let before: Promise<unknown> = Promise.resolve();
      const query = async (text: string, values?: unknown[]): Promise<unknown> => {
        before = before.then(() => left[0]?.[0].test(text) === true && left.shift()![1]());
        await before;
        return client.query(text, values);
      };
      return new Proxy(client, {
        get: (of, name) => (name === "query" ? query : bound(of, name)),
      });
    },
  };
  return new Proxy(db, { get: (of, name) => (name === "pool" ? pool : bound(of, name)) });
}
