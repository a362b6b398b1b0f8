/** HTTP of changes. */
import * as contract from "../../../contract/deployment.ts";
import type { Queryable } from "../../base/db.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { mustBeInstant, toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { type ChangeRow, listChanges } from "./store.ts";

export function changeRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listChanges, async ({ actor, query }) => {
      const services = servicesOfReader(await config(world.db), readerOf(actor));
      const filter = {
        services,
        service: query.service,
        since: query.since === undefined ? undefined : mustBeInstant(query.since, "since"),
        until: query.until === undefined ? undefined : mustBeInstant(query.until, "until"),
      };
      const rows = await listChanges(world.db, filter, query.limit + 1, readCursor(query.cursor));
      return toPage(rows, query.limit, (row) => ({ at: row.at, id: row.id }), changeView);
    }),
  ];
}

export const changeView = (row: ChangeRow): contract.ChangeView => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  title: row.title,
  service: row.serviceId,
  subject: row.subject,
  environment: row.environment,
  version: row.version,
  by: row.changedBy,
  link: row.link,
  labels: { ...row.labels },
  tool: row.adapter,
  startedAt: toIso(row.startedAt),
  at: toIso(row.at),
});
