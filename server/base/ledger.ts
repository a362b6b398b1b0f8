/**
 * The ledger: no action without an entry. A command inserts a pending entry in its own transaction; one
 * sequencer turns entries of finished transactions into leaves with a gap-free index, a sequence per
 * stream and the hash of the stream's previous leaf. A leaf holds no name, no free text, no address:
 * only opaque references and SHA-256(salt ‖ payload); salt and payload stand in a row that can be
 * destroyed, or be written anew without them where it holds those of several entries. Leaves are hashed
 * as RFC 6962 does (0x00 ‖ bytes), over RFC 8785 canonical JSON.
 */
import { CompiledQuery } from "kysely";
import { all, maybe, one, type Queryable, run, sql, transact, type Tx } from "./db.ts";
import { hexArray, UNIT_SEPARATOR } from "./arrays.ts";
import { canonicalJson } from "./canonical.ts";
import { sha256, sha256Hex } from "./crypto.ts";
import type { Instant } from "./instant.ts";
import { toIso } from "./instant.ts";
import type { World } from "./world.ts";

export type LedgerEntry = {
  /** What the entry belongs to: "incident:12", "intake", "config". */
  readonly stream: string;
  readonly at: Instant;
  /** An opaque reference such as "person:7f…", never a name. */
  readonly actorRef: string;
  readonly action: string;
  readonly objectRef: string;
  /** Facts that may be personal; kept sealed beside the ledger, committed to by a salted hash. */
  readonly payload: unknown;
};

/** What the key is for that payloads are sealed with. */
const PAYLOAD = "ledger payload";
const SALT_BYTES = 16;

const INSERT = `with payload as (insert into ledger_payload (id, salt, sealed) values ($1, $2, $3))
  insert into ledger_pending (stream, at, actor_ref, action, object_ref, payload_id, commitment)
  values ($4, $5, $6, $7, $8, $1, $9)`;

/** An entry as it is stored: the payload sealed, with a salted commitment to it. */
function sealedOf(world: World, entry: LedgerEntry) {
  const payload = Buffer.from(canonicalJson(entry.payload ?? null));
  const salt = world.chance.bytes(SALT_BYTES);
  const sealed = world.keys.seal(PAYLOAD, payload, world.chance);
  // Written in hex by the hash itself: a buffer for each costs more than the hash.
  const commitment = sha256Hex(Buffer.concat([salt, payload]));
  return { id: world.chance.id(entry.at), salt, sealed, commitment };
}

/** The statement that writes an entry, for hot paths that hold a bare connection. */
export function ledgerStatement(
  world: World,
  entry: LedgerEntry,
): { text: string; values: unknown[] } {
  const { id, salt, sealed, commitment } = sealedOf(world, entry);
  const facts = [entry.stream, entry.at, entry.actorRef, entry.action, entry.objectRef];
  return { text: INSERT, values: [id, salt, sealed, ...facts, `\\x${commitment}`] };
}

/** Records an action in the caller's transaction. */
export async function record(tx: Tx, world: World, entry: LedgerEntry): Promise<void> {
  const { text, values } = ledgerStatement(world, entry);
  await tx.executeQuery(CompiledQuery.raw(text, values));
}

/**
 * Records many actions in the caller's transaction with one statement, in their order. Their payloads share a row
 * (decisions/0150): one seal instead of one for each.
 */
export async function recordAll(
  tx: Tx,
  world: World,
  entries: readonly LedgerEntry[],
): Promise<unknown> {
  const [first, second] = entries;
  if (first === undefined) return 0;
  return second === undefined ? record(tx, world, first) : run(tx, recordingOf(world, entries));
}

function recordingOf(world: World, entries: readonly LedgerEntry[]) {
  const { id, sealed, commitments } = sealedTogether(world, entries);
  const texts = (of: (entry: LedgerEntry) => string) => sql`unnest(${entries.map(of)}::text[])`;
  return sql`with payload as (insert into ledger_payload (id, salt, sealed) values (${id}, '', ${sealed}))
        insert into ledger_pending (stream, at, actor_ref, action, object_ref, payload_id, commitment)
        select ${texts(({ stream }) => stream)}, unnest(${entries.map(({ at }) => at)}::bigint[]),
          ${texts(({ actorRef }) => actorRef)}, ${texts(({ action }) => action)},
          ${texts(({ objectRef }) => objectRef)}, ${id}::uuid, unnest(${hexArray(commitments)}::bytea[])`;
}

const LENGTH_BYTES = 4;

/** One row for the payloads of many entries: length, salt and payload of each, one after the other. */
function sealedTogether(world: World, entries: readonly LedgerEntry[]) {
  const texts = entries.map(({ payload }) => canonicalJson(payload ?? null));
  const lengths = texts.map((text) => SALT_BYTES + Buffer.byteLength(text));
  const plain = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  let end = 0;
  const commitments = texts.map((text, at) => {
    const start = plain.writeUInt32BE(lengths[at]!, end);
    world.chance.bytes(SALT_BYTES).copy(plain, start);
    plain.write(text, start + SALT_BYTES);
    end = start + lengths[at]!;
    return sha256Hex(plain.subarray(start, end));
  });
  const id = world.chance.id(entries[0]!.at);
  return { id, sealed: world.keys.seal(PAYLOAD, plain, world.chance), commitments };
}

/**
 * The payloads in a row of `ledger_payload`, by what leaves say of them: the hex of SHA-256(salt ‖ payload). A row without a
 * salt of its own holds several. Throws where the row was altered.
 */
export function payloadsIn(
  keys: World["keys"],
  row: { readonly salt: Buffer; readonly sealed: Buffer },
): ReadonlyMap<string, unknown> {
  const plain = keys.open(PAYLOAD, row.sealed);
  const found = new Map<string, unknown>();
  const add = (salted: Buffer): unknown =>
    found.set(sha256Hex(salted), JSON.parse(salted.toString("utf8", SALT_BYTES)));
  if (row.salt.length > 0) add(Buffer.concat([row.salt, plain]));
  else
    for (let at = 0; at < plain.length;) {
      const start = at + LENGTH_BYTES;
      at = start + plain.readUInt32BE(at);
      add(plain.subarray(start, at));
    }
  return found;
}

/** When the newest entry was recorded, or null in an empty store. */
export async function lastRecordedAt(tx: Queryable): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{ at: Instant }>`select at from ledger_pending order by id desc limit 1`,
  );
  return row?.at ?? null;
}

/**
 * What a backup writes in place of transaction numbers, which mean nothing in another cluster: entries that
 * are leaves already lie before the cursor, the others after it in the order of their ids, and any
 * transaction to come lies after both (PostgreSQL's first ordinary one is number 3).
 */
export const LEDGER_REWRITES = {
  ledger_pending: {
    transaction_id: `(case when exists (select 1 from ledger_leaf where pending_id = ledger_pending.id)
      then '0' else '2' end)`,
  },
  ledger_cursor: { transaction_id: "'1'", pending_id: "0" },
} as const;

/** Where somebody has read up to. Entries become readable in this order and none slips in behind. */
export type LedgerPosition = { readonly transactionId: string; readonly id: number };

/** Everything recorded from now on comes after this. */
export async function ledgerEnd(tx: Queryable): Promise<LedgerPosition> {
  return one(
    tx,
    sql<LedgerPosition>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as transaction_id, 0 as id`,
  );
}

/** Which streams got entries after a position, in order; only of transactions that are over. */
export async function listLedgerEntries(
  tx: Queryable,
  after: LedgerPosition,
  limit: number,
): Promise<readonly (LedgerPosition & { readonly stream: string })[]> {
  return all(
    tx,
    sql<LedgerPosition & { stream: string }>`
      select transaction_id::text as transaction_id, id, stream from ledger_pending
      where (transaction_id, id) > (${after.transactionId}::xid8, ${after.id})
        and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
      order by ledger_pending.transaction_id, id limit ${limit}`,
  );
}

type Pending = {
  id: number;
  transactionId: string;
  stream: string;
  at: Instant;
  actorRef: string;
  action: string;
  objectRef: string;
  commitment: Buffer;
};

/** Holds off every other sequencer until the transaction ends. */
const SEQUENCER_LOCK = 7_364_502;
/** Few enough that nothing else of the node waits for them long. */
export const LEAVES_PER_BATCH = 500;

/**
 * Turns finished entries into leaves, at most {@link LEAVES_PER_BATCH}; returns how many. Entries are
 * taken in the order of their transactions, and only below the oldest transaction still running, so a
 * late commit can never slip in behind the cursor. Killed midway, nothing of the batch is there.
 */
export async function sequenceLedger(world: World): Promise<number> {
  return transact(world.db, async (tx) => {
    const { locked } = await one(
      tx,
      sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(${SEQUENCER_LOCK}) as locked`,
    );
    if (!locked) return 0;
    const cursor = await one(
      tx,
      sql<{ size: number; transactionId: string; pendingId: number }>`
        select size, transaction_id::text as transaction_id, pending_id from ledger_cursor`,
    );
    const pending = await all(
      tx,
      sql<Pending>`
        select id, transaction_id::text as transaction_id, stream, at, actor_ref, action, object_ref, commitment
        from ledger_pending
        where (transaction_id, id) > (${cursor.transactionId}::xid8, ${cursor.pendingId})
          and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
        -- By the column, not by its text of the same name, in which 10000 stands before 9999.
        order by ledger_pending.transaction_id, id limit ${LEAVES_PER_BATCH}`,
    );
    const last = pending.at(-1);
    if (last === undefined) return 0;
    const leaves = await chainLeaves(tx, pending, cursor.size);
    const numbers = (of: (leaf: (typeof leaves)[number]) => number) =>
      sql`${leaves.map(of)}::bigint[]`;
    const texts = (of: (leaf: (typeof leaves)[number]) => string) => sql`${leaves.map(of)}::text[]`;
    await run(
      tx,
      sql`insert into ledger_leaf (log_index, pending_id, stream, seq, prev, at, body, hash)
          select * from unnest(${numbers((leaf) => leaf.logIndex)}, ${numbers((leaf) => leaf.pendingId)},
            ${texts(({ stream }) => stream)}, ${numbers(({ seq }) => seq)},
            ${leaves.map(({ prev }) => prev)}::bytea[], ${numbers(({ at }) => at)},
            -- JSON holds no such separator, and an array's text would escape all of its quotes.
            string_to_array(${leaves.map(({ body }) => body).join(UNIT_SEPARATOR)}, E'\\x1f'),
            ${leaves.map(({ hash }) => hash)}::bytea[])`,
    );
    await run(
      tx,
      sql`update ledger_cursor set size = ${cursor.size + leaves.length},
            transaction_id = ${last.transactionId}::xid8, pending_id = ${last.id}`,
    );
    return leaves.length;
  });
}

/** How many entries are not leaves yet, counted up to ten thousand, and since when the oldest waits. */
export async function findLedgerBacklog(
  db: Queryable,
): Promise<{ readonly waiting: number; readonly oldestAt: Instant | null }> {
  return one(
    db,
    sql<{ waiting: number; oldestAt: Instant | null }>`
      select count(*)::integer as waiting, min(at) as oldest_at from (
        select p.at from ledger_pending p, ledger_cursor c
        where (p.transaction_id, p.id) > (c.transaction_id, c.pending_id)
        order by p.transaction_id, p.id limit 10000) waiting`,
  );
}

async function chainLeaves(tx: Tx, pending: readonly Pending[], size: number) {
  const streams = [...new Set(pending.map((entry) => entry.stream))];
  const heads = new Map(
    (
      await all(
        tx,
        sql<{ stream: string; seq: number; hash: Buffer }>`
          select distinct on (stream) stream, seq, hash from ledger_leaf
          where stream = any(${streams}::text[]) order by stream, seq desc`,
      )
    ).map((head) => [head.stream, head]),
  );
  return pending.map((entry, offset) => {
    const head = heads.get(entry.stream);
    const leaf = {
      action: entry.action,
      actor_ref: entry.actorRef,
      commitment: entry.commitment.toString("hex"),
      log_index: size + offset,
      object_ref: entry.objectRef,
      policy_refs: [],
      prev: head === undefined ? null : head.hash.toString("hex"),
      seq: head === undefined ? 0 : head.seq + 1,
      stream: entry.stream,
      ts: toIso(entry.at),
    };
    const body = canonicalJson(leaf);
    const hash = leafHash(body);
    heads.set(entry.stream, { stream: entry.stream, seq: leaf.seq, hash });
    return {
      logIndex: leaf.log_index,
      pendingId: entry.id,
      stream: leaf.stream,
      seq: leaf.seq,
      prev: head?.hash ?? null,
      at: entry.at,
      body,
      hash,
    };
  });
}

/** RFC 6962 §2.1: the hash of a leaf is over a zero byte and its bytes. */
export const leafHash = (body: string): Buffer => sha256(Buffer.from(`\u0000${body}`));

/**
 * Reads all leaves in order and says what is wrong with the first bad one, or null when index, chain
 * and hashes all agree.
 */
export async function findLedgerFault(world: Pick<World, "db">): Promise<string | null> {
  const streams = new Map<string, { seq: number; hash: string }>();
  for (let next = 0; ;) {
    const leaves = await all(
      world.db,
      sql<{ logIndex: number; body: string; hash: Buffer }>`
        select log_index, body, hash from ledger_leaf where log_index >= ${next} order by log_index limit 5000`,
    );
    for (const leaf of leaves) {
      const body = JSON.parse(leaf.body) as { stream: string; seq: number; prev: string | null };
      const head = streams.get(body.stream);
      if (leaf.logIndex !== next) return `leaf ${next} is missing`;
      if (!leafHash(leaf.body).equals(leaf.hash)) return `leaf ${next} was altered`;
      if (body.seq !== (head?.seq ?? -1) + 1)
        return `leaf ${next} breaks the sequence of ${body.stream}`;
      if (body.prev !== (head?.hash ?? null)) return `leaf ${next} does not follow its predecessor`;
      streams.set(body.stream, { seq: body.seq, hash: leaf.hash.toString("hex") });
      next++;
    }
    if (leaves.length === 0) break;
  }
  const cursor = await maybe(world.db, sql<{ size: number }>`select size from ledger_cursor`);
  return cursor !== null &&
    cursor.size > [...streams.values()].reduce((sum, s) => sum + s.seq + 1, 0)
    ? "leaves are missing at the end"
    : null;
}

/** The leaves of one stream, what is wrong with the first bad one, and how many entries are no leaves yet. */
export async function findStreamFault(
  tx: Queryable,
  stream: string,
): Promise<{ readonly leaves: number; readonly waiting: number; readonly fault: string | null }> {
  let head: { readonly seq: number; readonly hash: string } | null = null;
  let fault: string | null = null;
  let count = 0;
  for (;;) {
    const leaves: readonly { seq: number; body: string; hash: Buffer }[] = await all(
      tx,
      sql<{ seq: number; body: string; hash: Buffer }>`
        select seq, body, hash from ledger_leaf where stream = ${stream} and seq >= ${count}
        order by seq limit 1000`,
    );
    for (const { seq, body, hash } of leaves) {
      const { prev } = JSON.parse(body) as { prev: string | null };
      if (seq !== count) fault ??= `leaf ${count} is missing`;
      if (!leafHash(body).equals(hash)) fault ??= `leaf ${seq} was altered`;
      if (prev !== (head?.hash ?? null)) fault ??= `leaf ${seq} does not follow its predecessor`;
      head = { seq, hash: hash.toString("hex") };
      count = seq + 1;
    }
    if (leaves.length === 0) break;
  }
  const { entries } = await one(
    tx,
    sql<{
      entries: number;
    }>`select count(*)::integer as entries from ledger_pending p, ledger_cursor c
      where p.stream = ${stream} and (p.transaction_id, p.id) > (c.transaction_id, c.pending_id)`,
  );
  return { leaves: count, waiting: entries, fault };
}
