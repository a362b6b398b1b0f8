/** Rows of runbooks and their published versions. */
import { all, json, maybe, one, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { RunbookRow, SourceMark, Version } from "./version.ts";

const versionColumns = sql.raw(`v.runbook_id, v.digest, v.number, v.path, v.document_sha256,
  v.sidecar_sha256, v.parser, v.actions, v.plan, v.settings, v.bindings, v.published_at, v.published_by`);

export async function lockRunbook(tx: Tx, id: string): Promise<RunbookRow | null> {
  return maybe(
    tx,
    sql<RunbookRow>`select id, title, owner_team, digest, source, review_due_at from runbook
      where id = ${id} for update`,
  );
}

export async function findRunbook(tx: Queryable, id: string): Promise<RunbookRow | null> {
  return maybe(
    tx,
    sql<RunbookRow>`select id, title, owner_team, digest, source, review_due_at from runbook
      where id = ${id}`,
  );
}

export async function saveRunbook(tx: Tx, row: RunbookRow, now: Instant): Promise<void> {
  await run(
    tx,
    sql`insert into runbook (id, title, owner_team, digest, source, review_due_at, updated_at)
        values (${row.id}, ${row.title}, ${row.ownerTeam}, ${row.digest}, ${json(row.source)},
                ${row.reviewDueAt}, ${now})
        on conflict (id) do update set title = excluded.title, owner_team = excluded.owner_team,
          digest = excluded.digest, source = excluded.source, review_due_at = excluded.review_due_at,
          updated_at = excluded.updated_at`,
  );
}

export async function nextVersionNumber(tx: Tx, runbookId: string): Promise<number> {
  const { number } = await one(
    tx,
    sql<{ number: number }>`select coalesce(max(number), 0) + 1 as number from runbook_version
      where runbook_id = ${runbookId}`,
  );
  return number;
}

export async function insertVersion(
  tx: Tx,
  version: Version,
  texts_: { readonly document: Buffer; readonly sidecar: string | null },
): Promise<void> {
  await run(
    tx,
    sql`insert into runbook_version (runbook_id, digest, number, path, document, document_sha256, sidecar,
          sidecar_sha256, parser, actions, plan, settings, bindings, published_at, published_by)
        values (${version.runbookId}, ${version.digest}, ${version.number}, ${version.path},
          ${texts_.document}, ${version.documentSha256}, ${texts_.sidecar}, ${version.sidecarSha256},
          ${version.parser}, ${texts(version.actions)}, ${json(version.plan)}, ${json(version.settings)},
          ${json(version.bindings)}, ${version.publishedAt}, ${json(version.publishedBy)})`,
  );
}

export async function findVersion(
  tx: Queryable,
  runbookId: string,
  digest: string,
): Promise<Version | null> {
  return maybe(
    tx,
    sql<Version>`select ${versionColumns} from runbook_version v
      where v.runbook_id = ${runbookId} and v.digest = ${digest}`,
  );
}

/** The version that was published before this one. */
export async function findBefore(
  tx: Queryable,
  runbookId: string,
  number: number,
): Promise<Version | null> {
  return maybe(
    tx,
    sql<Version>`select ${versionColumns} from runbook_version v
      where v.runbook_id = ${runbookId} and v.number < ${number} order by v.number desc limit 1`,
  );
}

/** The published version of a runbook that is in use. */
export async function findCurrent(tx: Queryable, runbookId: string): Promise<Version | null> {
  return maybe(
    tx,
    sql<Version>`select ${versionColumns} from runbook b
      join runbook_version v on v.runbook_id = b.id and v.digest = b.digest where b.id = ${runbookId}`,
  );
}

/** All runbooks in use, each with its published version, after a name. */
export async function listCurrent(
  tx: Queryable,
  filter: { readonly owner: string | null; readonly after: string | null; readonly limit: number },
): Promise<readonly { readonly row: RunbookRow; readonly version: Version }[]> {
  const rows = await all(
    tx,
    sql<
      RunbookRow & Version
    >`select b.id, b.title, b.owner_team, b.source, b.review_due_at, ${versionColumns}
      from runbook b join runbook_version v on v.runbook_id = b.id and v.digest = b.digest
      where ${filter.owner === null ? sql`true` : sql`b.owner_team = ${filter.owner}`}
        and ${filter.after === null ? sql`true` : sql`b.id collate "C" > ${filter.after}`}
      order by b.id collate "C" limit ${filter.limit}`,
  );
  return rows.map((each) => ({ row: each, version: each }));
}

export async function listVersions(
  tx: Queryable,
  runbookId: string,
): Promise<readonly Omit<Version, "plan" | "settings" | "bindings">[]> {
  return all(
    tx,
    sql<
      Omit<Version, "plan" | "settings" | "bindings">
    >`select v.runbook_id, v.digest, v.number, v.path,
        v.document_sha256, v.sidecar_sha256, v.parser, v.actions, v.published_at, v.published_by
      from runbook_version v where v.runbook_id = ${runbookId} order by v.number desc limit 500`,
  );
}

export type Texts = {
  readonly path: string;
  readonly document: Buffer;
  readonly sidecar: string | null;
};

export async function findTexts(
  tx: Queryable,
  runbookId: string,
  digest: string,
): Promise<Texts | null> {
  return maybe(
    tx,
    sql<Texts>`select path, document, sidecar from runbook_version
      where runbook_id = ${runbookId} and digest = ${digest}`,
  );
}

/** Ids of runbooks that came from a source, by their paths in it. */
export async function listOfSource(
  tx: Queryable,
  source: string,
): Promise<
  readonly { readonly id: string; readonly source: SourceMark; readonly digest: string | null }[]
> {
  return all(
    tx,
    sql<{
      id: string;
      source: SourceMark;
      digest: string | null;
    }>`select id, source, digest from runbook
      where source ->> 'id' = ${source} order by id limit 1000`,
  );
}
