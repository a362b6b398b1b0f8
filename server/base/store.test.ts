/** The words for PostgreSQL, migrations and nudges, on a real store. */
import type { EventEmitter } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import {
  all,
  columnsNamed,
  endsInThisTurn,
  isStoreAway,
  json,
  maybe,
  one,
  openDb,
  pipelined,
  type RawBuilder,
  run,
  sql,
  sqlState,
  texts,
  transact,
  type Tx,
} from "./db.ts";
import { silentLog } from "./log.ts";
import { migrate } from "./migrate.ts";
import { type Nudges, openNudges } from "./nudges.ts";

let store: TestStore;
beforeAll(async () => {
  store = await freshDatabase();
  await run(store.db, sql`create table counter (id integer primary key, value bigint not null)`);
  await run(store.db, sql`insert into counter values (1, 0), (2, 0)`);
});
afterAll(() => store.drop());

describe("the store", () => {
  test("gives columns in camelCase, bigint as number, jsonb as it was", async () => {
    const row = await one(
      store.db,
      sql<object>`select 9007199254740991::bigint as big_one, 1.5::numeric as a_share,
        ${json({ snake_case: [1, null] })} as body, ${texts(["a", 'b"'])} as two_texts`,
    );
    expect(row).toEqual({
      bigOne: Number.MAX_SAFE_INTEGER,
      aShare: 1.5,
      body: { snake_case: [1, null] },
      twoTexts: ["a", 'b"'],
    });
  });

  test("takes arrays of every kind as they are, also empty ones and nulls", async () => {
    const given = {
      numbers: [1, null, -2],
      flags: [true, null, false],
      words: ["", "a,b", null, "NULL", 'say "\\"', "{}", "ö\n"],
      plain: ["a", "b"],
      bytes: [Buffer.of(0, 255), null, Buffer.alloc(0)],
      none: [],
      nothing: [null, null],
    };
    const row = await one(
      store.db,
      sql<object>`select ${given.numbers}::integer[] as numbers, ${given.flags}::boolean[] as flags,
        ${given.words}::text[] as words, ${given.plain}::text[] as plain, ${given.bytes}::bytea[] as bytes,
        ${given.none}::text[] as none, ${given.nothing}::text[] as nothing`,
    );
    expect(row).toEqual(given);
  });

  test("names columns as the code does, also those that name themselves", async () => {
    const columns = columnsNamed("t.a_b, case when t.a_b > 1 then 'x' end as of_case,\n  t.c, d_1");
    const row = await one(
      store.db,
      sql<object>`select ${columns} from (select 2 as a_b, 3 as c, 4 as d_1) t`,
    );
    expect(row).toEqual({ aB: 2, ofCase: "x", c: 3, d1: 4 });
  });

  test("never rounds a number that is too big", async () => {
    await expect(one(store.db, sql`select 9007199254740993::bigint as n`)).rejects.toThrow(
      RangeError,
    );
  });

  test("says when a row is missing that must be there", async () => {
    expect(await maybe(store.db, sql`select 1 where false`)).toBeNull();
    await expect(one(store.db, sql`select 1 where false`)).rejects.toThrow(/row was expected/);
  });

  test("undoes a transaction that fails", async () => {
    const work = transact(store.db, async (tx) => {
      await run(tx, sql`update counter set value = 99`);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(await all(store.db, sql`select value from counter where value = 99`)).toEqual([]);
  });

  test("what goes out together has ended before a failure is told, and nothing of it stands", async () => {
    await run(store.db, sql`create table written (n integer)`);
    const write = (tx: Tx, n: number) => run(tx, sql`insert into written values (${n})`);
    const work = transact(store.db, (tx) =>
      pipelined([
        write(tx, 1).then(() => write(tx, 2)),
        run(tx, sql`select 1 / 0`),
        write(tx, 3).catch(() => write(tx, 4)),
      ]),
    );
    await expect(work).rejects.toThrow("division by zero");
    expect(await all(store.db, sql`select n from written`)).toEqual([]);
  });

  test("what goes out together does not wait for each other", async () => {
    const db = openDb({
      url: store.url,
      maxConnections: 1,
      name: "line",
      onFault: () => undefined,
    });
    const seen: string[] = [];
    db.pool.on("connect", (client) => {
      const direct = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const query = async (...args: unknown[]): Promise<unknown> => {
        seen.push(`asks ${String(args[0])}`);
        const reply = await direct(...args);
        seen.push(`has ${String(args[0])}`);
        return reply;
      };
      Object.assign(client, { query });
    });
    await transact(db, (tx) => pipelined([run(tx, sql`select 1`), run(tx, sql`select 2`)]));
    await db.destroy();
    const ours = seen.filter((each) => /select \d$/.test(each));
    expect(ours).toEqual(["asks select 1", "asks select 2", "has select 1", "has select 2"]);
  });

  test("what goes out together is one packet, and what fails in it leaves the connection whole", async () => {
    const db = openDb({
      url: store.url,
      maxConnections: 1,
      name: "packets",
      onFault: () => undefined,
    });
    let packets = 0;
    db.pool.on("connect", (client) => {
      const { connection } = client as unknown as { connection: EventEmitter };
      // As they come in: one for each Sync that PostgreSQL was sent.
      connection.on("message", (message: { readonly name: string }) => {
        if (message.name === "readyForQuery") packets += 1;
      });
    });
    const add = (tx: Tx, n: number) =>
      one<{ newValue: number }>(
        tx,
        sql`update counter set value = value + ${n} where id = 1 returning value as new_value`,
      );
    const before = await one<{ value: number }>(db, sql`select value from counter where id = ${1}`);
    for (let round = 1; round <= 5; round++) {
      packets = 0;
      const [, { newValue }] = await transact(db, (tx) => pipelined([add(tx, 1), add(tx, 1)]));
      expect(newValue).toBe(before.value + 2 * round);
      // With the beginning; and the commit.
      expect(packets).toBe(2);
      const fails = [sql`select 1 / ${0}::integer`, sql`select ${"9007199254740993"}::bigint as n`];
      for (const query of fails) {
        const work = transact(db, (tx) =>
          pipelined([add(tx, 1), one(tx, query), add(tx, 1).catch(() => add(tx, 1))]),
        );
        await expect(work).rejects.toThrow(/division by zero|beyond 2\^53/);
      }
    }
    // Committed in the packet of what it asks last, unless that fails or cannot be asked; nothing can be asked afterwards.
    const last = (query: RawBuilder<unknown>) =>
      transact(db, (tx) => {
        endsInThisTurn(tx);
        return pipelined([add(tx, 1), run(tx, query)]).then(() => tx);
      });
    packets = 0;
    const over = await last(sql`select ${1}::integer`);
    expect(packets).toBe(1);
    await expect(run(over, sql`select 1`)).rejects.toThrow("was committed before");
    await expect(last(sql`select 1 / ${0}::integer`)).rejects.toThrow("division by zero");
    const wordless = { toJSON: () => BigInt("no number") };
    await expect(last(sql`select ${wordless}::jsonb`)).rejects.toThrow("BigInt");
    expect(
      (await one<{ value: number }>(db, sql`select value from counter where id = 1`)).value,
    ).toBe(before.value + 11);
    // Parsed in a packet that failed before it.
    const named = sql`select ${7}::integer as seven`;
    for (let round = 0; round < 4; round++)
      await transact(db, (tx) =>
        pipelined([one(tx, sql`select 1 / ${0}::integer`), one(tx, named)]),
      ).catch(() => undefined);
    expect(await one(db, named)).toEqual({ seven: 7 });
    await run(store.db, sql`update counter set value = ${before.value} where id = 1`);
    await db.destroy();
  });

  test("nothing that a transaction asks stands by itself where its beginning fails", async () => {
    const db = openDb({
      url: store.url,
      maxConnections: 1,
      name: "begins",
      onFault: () => undefined,
    });
    db.pool.on("connect", (client) => {
      const { connection } = client as unknown as {
        connection: { parsedStatements: Record<string, string> };
      };
      // PostgreSQL knows of no such statement.
      connection.parsedStatements["begin"] = "begin";
    });
    const bare = sql`update counter set value = value + 1`;
    const valued = sql`update counter set value = value + ${1}`;
    const before = await all(store.db, sql`select value from counter order by id`);
    for (const asked of [
      [bare, valued],
      [valued, bare],
      [sql`select 1`, valued, bare],
    ])
      await expect(
        transact(db, (tx) => pipelined(asked.map((query) => run(tx, query)))),
      ).rejects.toThrow(/"begin" does not exist/);
    expect(await all(store.db, sql`select value from counter order by id`)).toEqual(before);
    await db.destroy();
  });

  test("a value that puts itself into no words is null, also in a packet that ends with its commit", async () => {
    const odd = { toJSON: () => undefined };
    const seen = await transact(store.db, async (tx) => {
      const asked = pipelined([
        run(tx, sql`update counter set value = value + ${1} where id = 1`),
        all(tx, sql`select ${odd}::text as odd`),
      ]);
      endsInThisTurn(tx);
      return (await asked)[1];
    });
    expect(seen).toEqual([{ odd: null }]);
    await run(store.db, sql`update counter set value = value - ${1} where id = 1`);
  });

  test("a large packet that fails is told to all of it", async () => {
    const asked = async (tx: Tx) => {
      const told = await Promise.allSettled(
        Array.from({ length: 8_000 }, (_, n) => one(tx, sql`select 1 / ${n}::integer as n`)),
      );
      return new Set(told.map((each) => each.status === "rejected" && sqlState(each.reason)));
    };
    const seen: unknown[] = [];
    await transact(store.db, async (tx) => seen.push(await asked(tx))).catch(() => undefined);
    expect(seen).toEqual([new Set(["22012"])]);
  });

  test("a connection whose other end has closed it is a store that is away", async () => {
    const client = await store.db.pool.connect();
    const { connection } = client as unknown as { connection: { stream: { end(): void } } };
    connection.stream.end();
    const fault: unknown = await client.query("select $1::integer", [1]).catch((error) => error);
    client.release(true);
    expect(isStoreAway(fault)).toBe(true);
  });

  test("a statement that is asked often stays the same one", async () => {
    for (let n = 0; n < 10; n++)
      expect(
        await one(store.db, sql`select ${n}::integer as n, ${[n, n]}::integer[] as pair`),
      ).toEqual({ n, pair: [n, n] });
  });

  test("tries a deadlocked transaction again, so that both succeed", async () => {
    let arrived = 0;
    let bothAreThere: () => void = () => undefined;
    const meeting = new Promise<void>((resolve) => (bothAreThere = resolve));
    const add = (first: number, second: number) =>
      transact(store.db, async (tx) => {
        await run(tx, sql`update counter set value = value + 1 where id = ${first}`);
        if (++arrived === 2) bothAreThere();
        await meeting;
        await run(tx, sql`update counter set value = value + 1 where id = ${second}`);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    const rows = await all(store.db, sql`select value from counter order by id`);
    expect(rows).toEqual([{ value: 2 }, { value: 2 }]);
    expect(arrived).toBeGreaterThan(2);
  });

  test("tells a store that is away from one that refuses", async () => {
    const gone = openDb({
      url: "postgres://x@127.0.0.1:1/x",
      maxConnections: 1,
      name: "gone",
      onFault: () => undefined,
    });
    const away: unknown = await run(gone, sql`select 1`).catch((error: unknown) => error);
    expect(isStoreAway(away)).toBe(true);
    await gone.destroy();
    const refused: unknown = await run(store.db, sql`select 1 / 0`).catch(
      (error: unknown) => error,
    );
    expect([isStoreAway(refused), sqlState(refused)]).toEqual([false, "22012"]);
    expect([isStoreAway(null), sqlState("x")]).toEqual([false, null]);
  });
});

describe("migrations", () => {
  let folder: string;
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("are applied once, in order, and refused when changed afterwards", async () => {
    folder = await mkdtemp(join(tmpdir(), "tocsin-migrations-"));
    const other = await freshDatabase();
    try {
      await run(other.db, sql`delete from migration`);
      await writeFile(join(folder, "2.sql"), "insert into m values (2);");
      await writeFile(join(folder, "1.sql"), "create table m (n integer);");
      const directory = pathToFileURL(`${folder}/`);
      const both = await Promise.all([migrate(other.db, directory), migrate(other.db, directory)]);
      expect(both.flat()).toEqual(["1.sql", "2.sql"]);
      await writeFile(join(folder, "3.sql"), "insert into m values (3); select 1 / 0;");
      await expect(migrate(other.db, directory)).rejects.toThrow(/division by zero/);
      expect(await all(other.db, sql`select n from m`)).toEqual([{ n: 2 }]);
      await writeFile(join(folder, "1.sql"), "create table m (n bigint);");
      await expect(migrate(other.db, directory)).rejects.toThrow(/Migration 1\.sql is not the one/);
    } finally {
      await other.drop();
    }
  });
});

describe("nudges", () => {
  const opened: Nudges[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((nudges) => nudges.stop())));

  /** Nudges that can be waited for, one after the other. */
  function listening() {
    let count = 0;
    let wake: () => void = () => undefined;
    const nudges = openNudges(store.url, silentLog, () => {
      count++;
      wake();
    });
    opened.push(nudges);
    return {
      nudges,
      count: () => count,
      async until(wanted: number) {
        while (count < wanted) await new Promise<void>((resolve) => (wake = resolve));
      },
    };
  }

  test("reach every other node that listens, many as one", async () => {
    const [one, two] = [listening(), listening()];
    // Whoever begins to listen looks once, for what it has missed.
    await Promise.all([one.until(1), two.until(1)]);
    for (let times = 0; times < 100; times++) one.nudges.send();
    await two.until(2);
    expect(two.count()).toBeLessThan(10);
    // Whoever sends has been told already, and hears the others.
    two.nudges.send();
    await one.until(2);
    expect(one.count()).toBe(2);
  });

  test("come back after their connection was lost", async () => {
    const [one, two] = [listening(), listening()];
    await Promise.all([one.until(1), two.until(1)]);
    await run(
      store.db,
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'tocsin nudges' and datname = current_database()`,
    );
    await Promise.all([one.until(2), two.until(2)]);
    two.nudges.send();
    await one.until(3);
  });
});
