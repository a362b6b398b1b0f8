/** Rows of what shows that addresses reach their people. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import { addMs, DAY, type Instant } from "../../base/instant.ts";
import type { Awaited } from "./codes.ts";
import { ALL_TEXT, type Way } from "./markStore.ts";

export type PersonalWay = Way & { readonly personId: string };
export type Proof = PersonalWay &
  Awaited & {
    readonly verifiedAt: Instant | null;
    readonly verifiedBy: "code" | "answer" | null;
  };

const columns = sql.raw(
  "person_id, channel_id, address, verified_at, verified_by, code_id, code_until, code_tries",
);

/** Makes the row where there is none, so that it can be locked. */
export async function lockProof(
  tx: Tx,
  { personId, channelId, address }: PersonalWay,
): Promise<Proof | null> {
  await run(
    tx,
    sql`insert into address_proof (person_id, channel_id, address)
      values (${personId}, ${channelId}, ${address}) on conflict do nothing`,
  );
  return maybe(
    tx,
    sql<Proof>`select ${columns} from address_proof
      where person_id = ${personId} and channel_id = ${channelId} and address = ${address} for update`,
  );
}

export async function saveProof(tx: Tx, proof: Proof): Promise<void> {
  await run(
    tx,
    sql`update address_proof set verified_at = ${proof.verifiedAt}, verified_by = ${proof.verifiedBy},
          code_id = ${proof.codeId}, code_until = ${proof.codeUntil}, code_tries = ${proof.codeTries}
        where person_id = ${proof.personId} and channel_id = ${proof.channelId} and address = ${proof.address}`,
  );
}

/** An answer came from there: whoever was written to has it. A code that came before says more. */
export async function proveByAnswer(
  tx: Tx,
  { personId, channelId, address }: PersonalWay,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into address_proof (person_id, channel_id, address, verified_at, verified_by)
      values (${personId}, ${channelId}, ${address}, ${now}, 'answer')
      on conflict (person_id, channel_id, address) do update
        set verified_at = ${now}, verified_by = coalesce(address_proof.verified_by, 'answer')`,
  );
}

/** When codes went to an address since then. */
export async function listCodes(
  tx: Queryable,
  { personId, channelId, address }: PersonalWay,
  subject: string,
  since: Instant,
): Promise<readonly Instant[]> {
  const rows = await all(
    tx,
    sql<{ at: Instant }>`select decided_at as at from notification
      where subject = ${subject} and starts_with(occasion, 'code ') and person_id = ${personId}
        and channel_id = ${channelId} and address = ${address} and decided_at > ${since}
      order by decided_at desc limit 100`,
  );
  return rows.map(({ at }) => at);
}

export const listProofs = (tx: Queryable, personId: string | null): Promise<readonly Proof[]> =>
  all(
    tx,
    sql<Proof>`select ${columns} from address_proof
      where ${personId === null ? sql`true` : sql`person_id = ${personId}`}
      order by person_id, channel_id, address limit 10000`,
  );

/** How far back a page counts as one that shows that pages arrive. */
export const TESTED_WITHIN_MS = 90 * DAY;

export type PagedWay = PersonalWay & { readonly at: Instant };

/** When pages to people were last taken, by way. */
export const listPagedWays = (
  tx: Queryable,
  personId: string | null,
  now: Instant,
): Promise<readonly PagedWay[]> =>
  all(
    tx,
    sql<PagedWay>`select person_id, channel_id, address, max(handed_over_at) as at from notification
      where kind = 'page' and person_id is not null and handed_over_at >= ${addMs(now, -TESTED_WITHIN_MS)}
        and state = 'accepted' and ${personId === null ? sql`true` : sql`person_id = ${personId}`}
      group by person_id, channel_id, address order by person_id, channel_id, address limit 10000`,
  );

/**
 * What is kept of addresses that configuration names no more ends with them, but for one thing: whoever said STOP is
 * not written to again because somebody took their number out and put it in anew.
 */
export async function forgetProofs(
  tx: Tx,
  people: readonly string[],
  addresses: readonly string[],
): Promise<number> {
  const proofs = await run(
    tx,
    sql`delete from address_proof where not (person_id = any(${[...people]}::text[]))
      or not (address = any(${[...addresses]}::text[]))`,
  );
  const marks = await run(
    tx,
    sql`delete from address_mark
      where not (address = any(${[...addresses]}::text[])) and channel_id <> ${ALL_TEXT}`,
  );
  return proofs + marks;
}
