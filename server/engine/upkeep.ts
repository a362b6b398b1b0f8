/** What keeps the house in order: ledger entries become leaves, next month gets its partitions. */
import { all, one, type Queryable, run, sql, transact, type Tx } from "../base/db.ts";
import { addMs, DAY, HOUR, type Instant } from "../base/instant.ts";
import { LEAVES_PER_BATCH, sequenceLedger } from "../base/ledger.ts";
import { forgetDevices } from "../domain/account/deviceStore.ts";
import { forgetAside } from "../domain/alert/asideStore.ts";
import { purgeSignIns } from "../domain/account/store.ts";
import { purgeTries } from "../domain/account/waysStore.ts";
import { forgetPresence } from "../domain/incident/presence.ts";
import { forgetPaces } from "../domain/notification/paceStore.ts";
import { forgetProofs } from "../domain/notification/proofStore.ts";
import { forgetOnCall } from "../domain/oncall/forgetting.ts";
import { forgetChanges } from "../domain/deployment/store.ts";
import { errorFields } from "../base/log.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

type Aside = Step & {
  /** Waits until what is under way is done. */
  drain(): Promise<void>;
};

/** Leaves cost little when many are made at once, and nobody waits for them. */
const LEAVES_EVERY_MS = 250;
/** So long they wait while escalations come due by crowds, for which the same processors are needed. */
const LEAVES_PATIENCE_MS = 5_000;

/**
 * Turns finished ledger entries into leaves, as many as there are. Works beside the ticks, as sends do: no page
 * stands behind a thousand leaves.
 */
export function ledgerStep({ world }: EngineParts, isCrowded: () => boolean = () => false): Aside {
  let restSince: Instant | null = null;
  let underWay: Promise<void> | null = null;
  /** A crowd that comes meanwhile goes first; one that was there already has had its time. */
  const sequence = async (wasCrowded: boolean): Promise<void> => {
    while ((await sequenceLedger(world)) === LEAVES_PER_BATCH)
      if (!wasCrowded && isCrowded()) return;
  };
  return {
    name: "sequence ledger",
    async run(now) {
      const wasCrowded = isCrowded();
      const restMs = wasCrowded ? LEAVES_PATIENCE_MS : LEAVES_EVERY_MS;
      const rests = restSince !== null && now >= restSince && now - restSince < restMs;
      if (rests || underWay !== null) return { done: 0, nextAt: null };
      restSince = now;
      underWay = sequence(wasCrowded)
        .catch((error: unknown) => world.log.error("no leaves were made", errorFields(error)))
        .finally(() => (underWay = null));
      return { done: 0, nextAt: null };
    },
    async drain() {
      await underWay;
    },
  };
}

/** Long enough that somebody can still ask who was signed in. */
const SIGN_INS_KEPT_MS = 30 * DAY;
/** What was changed a year ago explains no incident of today; a month more for whoever compares with last year. */
const CHANGES_KEPT_MS = 395 * DAY;
/** What a storm left that cannot be stored: time enough to look at it. */
const ASIDE_KEPT_MS = 90 * DAY;
const FORGOTTEN_AT_ONCE = 5_000;

/**
 * Once an hour, takes out sessions and sign-in links that have been over for a month, tries of yesterday, what
 * could not be stored three months ago, changes of more than thirteen months ago, what is known of addresses that
 * configuration names no more, and once a day what being on call was long ago.
 */
export function purgeStep({ world, config }: EngineParts): Step {
  let nextAt: Instant | null = null;
  let onCallAt: Instant | null = null;
  return {
    name: "purge",
    async run(now) {
      if (nextAt !== null && now < nextAt) return { done: 0, nextAt: null };
      const gone =
        (await purgeSignIns(world.db, addMs(now, -SIGN_INS_KEPT_MS))) +
        (await forgetPresence(world.db, now)) +
        (await forgetDevices(world.db, addMs(now, -SIGN_INS_KEPT_MS))) +
        (await purgeTries(world.db, addMs(now, -DAY)));
      await transact(world.db, (tx) => forgetPaces(tx, now));
      await forgetAside(world.db, addMs(now, -ASIDE_KEPT_MS), FORGOTTEN_AT_ONCE);
      await forgetChanges(world.db, addMs(now, -CHANGES_KEPT_MS), FORGOTTEN_AT_ONCE);
      await transact(world.db, async (tx) => {
        const snapshot = await config(tx);
        const contacts = (["people", "audiences"] as const).flatMap((kind) =>
          snapshot.all(kind).flatMap(({ body }) => body.contacts.map(({ address }) => address)),
        );
        await forgetProofs(
          tx,
          snapshot.all("people").map(({ id }) => id),
          contacts,
        );
      });
      if (onCallAt === null || now >= onCallAt) {
        await transact(world.db, (tx) => forgetOnCall(tx, now));
        onCallAt = addMs(now, DAY);
      }
      nextAt = addMs(now, HOUR);
      return { done: gone === 0 ? 0 : 1, nextAt };
    },
  };
}

/** Tables by month, each with the instant that says which. */
const PARTITIONED = {
  signal_batch: "received_at",
  signal: "received_at",
  alert_closed: "closed_at",
  timeline_entry: "recorded_at",
} as const;
const MONTHS_AHEAD = 2;
/**
 * One node at a time for each partition. One lock for all of them would not do: two nodes could each skip
 * what the other one skips as well.
 */
const PARTITION_LOCK = 7_364_503;

/** Makes the partitions of this month and the next two, once an hour. Retention drops whole months. */
export function partitionStep({ world }: EngineParts): Step {
  let nextAt: Instant | null = null;
  return {
    name: "partitions",
    async run(now) {
      if (nextAt !== null && now < nextAt) return { done: 0, nextAt: null };
      const month = Temporal.Instant.fromEpochMilliseconds(now)
        .toZonedDateTimeISO("UTC")
        .toPlainDate()
        .toPlainYearMonth();
      const there = new Set(await listPartitions(world.db));
      for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
        const from = month.add({ months: ahead });
        for (const [table, key] of Object.entries(PARTITIONED)) {
          const name = `${table}_${from.toString().replace("-", "_")}`;
          if (there.has(name)) continue;
          const [lower, upper] = [startOf(from), startOf(from.add({ months: 1 }))];
          // One at a time: whoever writes to two of the tables must not meet us holding one of them.
          await transact(world.db, (tx) => addPartition(tx, { table, key, name, lower, upper }));
        }
      }
      nextAt = addMs(now, HOUR);
      return { done: 0, nextAt };
    },
  };
}

type Partition = {
  readonly table: string;
  readonly key: string;
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
};

const listPartitions = async (tx: Queryable): Promise<readonly string[]> =>
  (
    await all(
      tx,
      sql<{ name: string }>`select c.relname as name from pg_inherits i
        join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
        where p.relname = any(${Object.keys(PARTITIONED)}::text[]) order by c.relname limit 10000`,
    )
  ).map((row) => row.name);

/**
 * Adds one partition, unless another node is at it or has done it. What came before there was one
 * stands in the default partition and moves over; left there, it would forbid the partition for ever.
 */
async function addPartition(tx: Tx, { table, key, name, lower, upper }: Partition): Promise<void> {
  const free = sql<{
    locked: boolean;
  }>`select pg_try_advisory_xact_lock(${PARTITION_LOCK}::integer, hashtext(${name})) as locked`;
  if (!(await one(tx, free)).locked || (await listPartitions(tx)).includes(name)) return;
  const rest = `${table}_default`;
  // Names and bounds are ours, and DDL takes no parameters.
  for (const statement of [
    // Behind a long reader everybody would queue with us: rather try again at the next tick.
    "set local lock_timeout = '2s'",
    // A row that is on its way to the default partition would be refused there after the change.
    `lock table ${table} in access exclusive mode`,
    `create table ${name} (like ${table} including defaults including constraints)`,
    `with moved as (delete from ${rest} where ${key} >= ${lower} and ${key} < ${upper} returning *)
      insert into ${name} select * from moved`,
    `alter table ${table} attach partition ${name} for values from (${lower}) to (${upper})`,
  ]) {
    await run(tx, sql.raw(statement));
  }
  // How closely its columns are looked through is not copied with them.
  const columns = await all(
    tx,
    sql<{
      name: string;
      target: number;
    }>`select attname as name, attstattarget as target from pg_attribute
      where attrelid = ${rest}::regclass and attnum > 0 and attstattarget >= 0 limit 100`,
  );
  for (const { name: column, target } of columns)
    await run(tx, sql.raw(`alter table ${name} alter column ${column} set statistics ${target}`));
}

const startOf = (month: Temporal.PlainYearMonth): number =>
  month.toPlainDate({ day: 1 }).toZonedDateTime("UTC").epochMilliseconds;
