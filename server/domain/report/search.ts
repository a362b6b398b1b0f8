/** Search: each kind asks its own store, as far as the reader may see; names of people come from configuration. */
import * as contract from "../../../contract/search.ts";
import { incidentId } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, may, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import * as store from "./searchStore.ts";
import { almostHolds, excerptOf, holds, rankOf, wordsOf } from "./words.ts";

type Found = contract.Found;
type Wanted = { readonly words: readonly string[]; readonly limit: number };

const KINDS = contract.FoundKind.options;

export const searchRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(contract.search, async ({ actor, query }) => {
    const words = wordsOf(query.q);
    const snapshot = await config(world.db);
    const wanted = { words, limit: query.limit + 1 };
    const kinds =
      words.length === 0
        ? []
        : KINDS.filter((kind) => query.kind === undefined || query.kind === kind);
    const lists = await Promise.all(
      kinds.map(async (kind) => ({
        kind,
        found: await find(world.db, snapshot, actor, kind, wanted),
      })),
    );
    return {
      items: lists.flatMap(({ found }) => found.slice(0, query.limit)),
      more: lists.filter(({ found }) => found.length > query.limit).map(({ kind }) => kind),
      alertsBackTo: kinds.includes("alert")
        ? toIsoOrNull(await store.findLookedBackTo(world.db))
        : null,
    };
  }),
];

async function find(
  db: Queryable,
  config: Snapshot,
  actor: Actor,
  kind: contract.FoundKind,
  wanted: Wanted,
): Promise<readonly Found[]> {
  switch (kind) {
    case "incident":
      return incidents(db, config, actor, wanted);
    case "alert":
      return may(actor, "alerts.read", "any") ? alerts(db, config, actor, wanted) : [];
    case "runbook":
      return may(actor, "runbooks.read", "any") ? runbooks(db, wanted) : [];
    case "service":
    case "person":
    case "schedule":
      return may(actor, "config.read", "any") ? configured(config, kind, wanted) : [];
  }
}

async function incidents(
  db: Queryable,
  config: Snapshot,
  actor: Actor,
  { words, limit }: Wanted,
): Promise<readonly Found[]> {
  const asked = /^(?:inc-)?([1-9][0-9]{0,8})$/.exec(words.join(" "))?.[1];
  const number = asked === undefined ? null : Number(asked);
  const rows = await store.searchIncidents(db, readerOf(actor), words, number, limit);
  return rows.map((row) => ({
    kind: "incident",
    id: incidentId(row.number),
    title: row.title,
    detail: [row.state, ...row.services.map((id) => nameOf(config, id))].join(", "),
    excerpt: row.said === null ? null : excerptOf(row.said, words),
    severity: row.severity,
    at: toIso(row.declaredAt),
  }));
}

const nameOf = (config: Snapshot, service: string): string =>
  config.get("services", service)?.body.name ?? service;

async function alerts(
  db: Queryable,
  config: Snapshot,
  actor: Actor,
  { words, limit }: Wanted,
): Promise<readonly Found[]> {
  const reader = readerOf(actor);
  const services = servicesOfReader(config, reader);
  const rows = await store.searchAlerts(db, reader, services, words, limit);
  return rows.map((row) => ({
    kind: "alert",
    id: row.id,
    title: row.title,
    detail: [row.status, row.severity, nameOf(config, row.serviceId)].join(", "),
    excerpt: holds(row.title, words) ? null : row.source,
    severity: null,
    at: toIso(row.firstReceivedAt),
  }));
}

async function runbooks(db: Queryable, { words, limit }: Wanted): Promise<readonly Found[]> {
  const rows = await store.searchRunbooks(db, words, limit);
  return rows.map((row) => ({
    kind: "runbook",
    id: row.id,
    title: row.title,
    detail: row.ownerTeam === null ? row.path : `${row.path}, ${row.ownerTeam}`,
    excerpt: holds(row.title, words) ? null : excerptOf(row.document.toString("utf8"), words),
    severity: null,
    at: null,
  }));
}

const KIND_OF = { service: "services", person: "people", schedule: "schedules" } as const;

function configured(
  config: Snapshot,
  kind: keyof typeof KIND_OF,
  { words, limit }: Wanted,
): readonly Found[] {
  const all = config.all(KIND_OF[kind]);
  const exact = all.filter(({ id, body }) => holds(`${id} ${body.name}`, words));
  const found =
    exact.length > 0
      ? exact
      : all.filter(({ id, body }) => almostHolds(`${id} ${body.name}`, words));
  return found
    .map(({ id, body }) => ({
      kind,
      id,
      title: body.name,
      detail: detailOf(config, kind, id),
      excerpt: null,
      severity: null,
      at: null,
    }))
    .toSorted(
      (a, b) => rankOf(a.title, words) - rankOf(b.title, words) || (a.title < b.title ? -1 : 1),
    )
    .slice(0, limit);
}

/** What tells two of a name apart: the team; addresses of people stand nowhere here. */
function detailOf(config: Snapshot, kind: keyof typeof KIND_OF, id: string): string {
  if (kind === "service") {
    const service = config.get("services", id)?.body;
    return service === undefined ? id : `tier ${service.tier}, ${service.team}`;
  }
  if (kind === "schedule") return config.get("schedules", id)?.body.team ?? id;
  const teams = config.all("teams").filter(({ body }) => body.members.includes(id));
  return teams.length === 0 ? id : teams.map(({ body }) => body.name).join(", ");
}
