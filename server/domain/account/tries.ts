/**
 * Tries of passwords are slowed down, never locked: for one account from one address soon, for an address
 * and for an account from everywhere later and not for long. A browser in which the person has signed in
 * before does not wait for what strangers try elsewhere.
 */
import { all, run, sql, transact } from "../../base/db.ts";
import { sha256 } from "../../base/crypto.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";

/** So many failures are free; each further one doubles the wait, up to the most. */
type Patience = { readonly free: number; readonly mostMs: number };
const PATIENCE = {
  pair: { free: 4, mostMs: 5 * MINUTE },
  address: { free: 30, mostMs: MINUTE },
  account: { free: 30, mostMs: MINUTE },
} as const satisfies Record<string, Patience>;
/** Without a failure for so long, all is forgotten. */
const FORGOTTEN_MS = 30 * MINUTE;

export function waitMs(failures: number, { free, mostMs }: Patience): number {
  if (failures < free) return 0;
  return Math.min(mostMs, SECOND * 2 ** Math.min(failures - free, 30));
}

export type Trying = {
  /** The account as it was typed; whether there is such a one makes no difference. */
  readonly account: string;
  readonly address: string;
  /** The person has signed in with this browser before. */
  readonly isKnownBrowser: boolean;
};

type Counted = { readonly key: Buffer; readonly patience: Patience };

function countedFor(world: World, { account, address, isKnownBrowser }: Trying): Counted[] {
  const net = networkOf(address);
  // Signed, so that the table gives away neither addresses nor who was tried.
  const keyOf = (kind: string, text: string): Buffer =>
    sha256(world.keys.sign("sign-in tries", `${kind}:${text}`));
  const counted: Counted[] = [
    { key: keyOf("pair", `${account.toLowerCase()}|${net}`), patience: PATIENCE.pair },
    { key: keyOf("address", net), patience: PATIENCE.address },
  ];
  if (!isKnownBrowser)
    counted.push({ key: keyOf("account", account.toLowerCase()), patience: PATIENCE.account });
  return counted.toSorted((a, b) => Buffer.compare(a.key, b.key));
}

/** One household or office of IPv6 is one address: its hosts choose the rest as they like. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) while (groups.length < 4) groups.push("0");
  return groups.slice(0, 4).join(":");
}

/**
 * Counts a try before it is judged, so that many at once do not slip through; refuses it, uncounted, while
 * an earlier one still makes it wait.
 */
export async function beginTry(world: World, trying: Trying, now: Instant): Promise<void> {
  const counted = countedFor(world, trying);
  const keys = counted.map(({ key }) => key);
  const wait = await transact(world.db, async (tx) => {
    await run(
      tx,
      sql`insert into sign_in_try (key, failures, last_at)
        select key, 0, ${now} from unnest(${keys}::bytea[]) as key on conflict do nothing`,
    );
    const rows = await all(
      tx,
      sql<{ key: Buffer; failures: number; lastAt: Instant }>`select key, failures, last_at
        from sign_in_try where key = any(${keys}::bytea[]) order by key limit 3 for update`,
    );
    const waits = rows.map(({ key, failures, lastAt }) => {
      const patience = counted.find((each) => each.key.equals(key))?.patience ?? PATIENCE.pair;
      const wait = waitMs(failures, patience);
      // Of two at once the later may be counted first; without a wait that is none.
      return wait === 0 ? 0 : addMs(lastAt, wait) - now;
    });
    const longest = Math.max(0, ...waits);
    if (longest > 0) return longest;
    await run(
      tx,
      sql`update sign_in_try set last_at = ${now},
        failures = case when last_at < ${addMs(now, -FORGOTTEN_MS)} then 1 else failures + 1 end
        where key = any(${keys}::bytea[])`,
    );
    return 0;
  });
  if (wait > 0) throw new Refusal("access.wait", { seconds: Math.ceil(wait / SECOND) });
}

/** The try was a good one: it counts for nothing, and the pair's failures are forgotten. */
export async function forgiveTry(world: World, trying: Trying): Promise<void> {
  const counted = countedFor(world, trying);
  const pair = counted.filter(({ patience }) => patience === PATIENCE.pair);
  const others = counted.filter(({ patience }) => patience !== PATIENCE.pair);
  await transact(world.db, async (tx) => {
    await run(
      tx,
      sql`update sign_in_try set failures = greatest(failures - 1, 0)
        where key = any(${others.map(({ key }) => key)}::bytea[])`,
    );
    await run(
      tx,
      sql`delete from sign_in_try where key = any(${pair.map(({ key }) => key)}::bytea[])`,
    );
  });
}
