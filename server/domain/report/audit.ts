/** The audit trail as people read it: the ledger's entries, with the names that configuration still knows. */
import * as contract from "../../../contract/audit.ts";
import { all, type Queryable, sql, texts } from "../../base/db.ts";
import { type Instant, mustBeInstant, toIso } from "../../base/instant.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, allow } from "../account/account.ts";
import { CONFIG_KINDS } from "../../../contract/config.ts";
import type { ConfigKind } from "../../../contract/config.ts";
import type { Snapshot } from "../config/config.ts";

type Row = {
  readonly id: number;
  readonly at: Instant;
  readonly part: contract.AuditPart;
  readonly actorRef: string;
  readonly action: string;
  readonly objectRef: string;
};

/** The very words of its index: with others the store would read through all signals. */
const IS_AUDITED = sql.raw(
  "split_part(stream, ':', 1) in ('access', 'config', 'oncall', 'silences', 'runbook')",
);

export const auditRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(contract.listAudit, async ({ actor, query }) => {
    allow(actor, "audit.read", null);
    const snapshot = await config(world.db);
    const instantOf = (text: string | undefined, field: string) =>
      text === undefined ? null : mustBeInstant(text, field);
    const rows = await listEntries(world.db, {
      part: query.part ?? null,
      person: query.person === undefined ? null : refOf(snapshot, query.person),
      since: instantOf(query.since, "since"),
      until: instantOf(query.until, "until"),
      before: readCursor(query.cursor, "number")?.at ?? null,
      limit: query.limit + 1,
    });
    const labels = await labelsOf(world.db, rows);
    return toPage(
      rows,
      query.limit,
      ({ id }) => ({ at: id, id: "0" }),
      ({ id, at, part, actorRef, action, objectRef }) => ({
        id,
        at: toIso(at),
        part,
        by: named(snapshot, labels, actorRef),
        action,
        about: named(snapshot, labels, objectRef),
      }),
    );
  }),
];

/** Whoever is unknown did nothing. */
const refOf = (config: Snapshot, person: string): string =>
  `person:${config.get("people", person)?.ref ?? "unknown"}`;

type Filter = {
  readonly part: string | null;
  readonly person: string | null;
  readonly since: Instant | null;
  readonly until: Instant | null;
  readonly before: number | null;
  readonly limit: number;
};

const listEntries = (
  tx: Queryable,
  { part, person, since, until, before, limit }: Filter,
): Promise<readonly Row[]> =>
  all(
    tx,
    sql<Row>`select id, at, split_part(stream, ':', 1) as part, actor_ref, action, object_ref
      from ledger_pending
      where ${IS_AUDITED}
        and ${part === null ? sql`true` : sql`split_part(stream, ':', 1) = ${part}`}
        and ${person === null ? sql`true` : sql`(actor_ref = ${person} or object_ref = ${person})`}
        and ${since === null ? sql`true` : sql`at >= ${since}`}
        and ${until === null ? sql`true` : sql`at < ${until}`}
        and ${before === null ? sql`true` : sql`id < ${before}`}
      order by id desc limit ${limit}`,
  );

/** The labels of API tokens that are named in these rows. */
async function labelsOf(tx: Queryable, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = rows
    .flatMap(({ actorRef, objectRef }) => [actorRef, objectRef])
    .flatMap((ref) => /^token:([0-9a-f-]{36})$/.exec(ref)?.[1] ?? []);
  if (ids.length === 0) return new Map();
  const found = await all(
    tx,
    sql<{ id: string; label: string }>`select id, label from api_token
      where id = any(${texts([...new Set(ids)])}::uuid[]) order by id limit 1000`,
  );
  return new Map(found.map(({ id, label }) => [id, label]));
}

const KINDS: readonly string[] = Object.keys(CONFIG_KINDS);
/** How the ledger writes them, where that is not the kind of configuration. */
const KIND_OF: Readonly<Record<string, ConfigKind>> = {
  person: "people",
  key: "keys",
  team: "teams",
};

function named(
  config: Snapshot,
  labels: ReadonlyMap<string, string>,
  ref: string,
): { readonly kind: string; readonly id: string | null } {
  const [kind = ref, rest = ""] = ref.split(/:(.*)/s);
  if (kind === "token") return { kind, id: labels.get(rest) ?? null };
  const configured = KIND_OF[kind] ?? (KINDS.includes(kind) ? (kind as ConfigKind) : null);
  if (configured === null) return { kind, id: rest === "" ? null : rest };
  // What was taken out of configuration since has no name any more.
  return { kind, id: config.all(configured).find((entry) => entry.ref === rest)?.id ?? null };
}
