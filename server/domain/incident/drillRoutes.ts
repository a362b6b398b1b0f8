/** Drills over HTTP: what was held, and holding one. */
import * as contract from "../../../contract/drill.ts";
import { incidentId } from "../../../contract/ids.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, allow, personOf, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { beginDrill } from "./drill.ts";
import {
  type DrillPageRow,
  type DrillRow,
  findAnswerers,
  listDrillPages,
  listDrills,
} from "./drillStore.ts";

export function drillRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  const servicesOf = async (actor: Actor) =>
    servicesOfReader(await config(world.db), readerOf(actor));
  return [
    bind(contract.listDrills, async ({ actor, query }) => {
      const filter = { drill: query.drill, services: await servicesOf(actor) };
      const after = readCursor(query.cursor);
      const rows = await listDrills(world.db, filter, query.limit + 1, after);
      const view = await viewer(world.db, rows);
      return toPage(rows, query.limit, (row) => ({ at: row.startedAt, id: row.id }), view);
    }),
    bind(contract.getDrill, async ({ actor, params }) => {
      const filter = { id: params.id, services: await servicesOf(actor) };
      const [row] = await listDrills(world.db, filter, 1, null);
      if (row === undefined) throw new Refusal("drill.not_found", { id: params.id });
      return (await viewer(world.db, [row]))(row);
    }),
    bind(contract.startDrill, async ({ actor, params }) => {
      const row = await transact(world.db, async (tx) => {
        const now = world.clock.now();
        const snapshot = await config(tx);
        const entry = snapshot.get("drills", params.id);
        if (entry === null) throw new Refusal("config.unknown", { kind: "drills", id: params.id });
        const team = snapshot.get("services", entry.body.service)?.body.team;
        allow(actor, "oncall.override", team ?? null);
        const because = `started by ${personOf(actor) ?? "a token"}`;
        const command = { tx, world, config: snapshot, actor, now };
        const begun = await beginDrill(command, entry, because);
        if (begun === null) throw new Refusal("drill.running", { drill: params.id });
        return begun;
      });
      world.nudge();
      return (await viewer(world.db, [row]))(row);
    }),
  ];
}

/** Reads what belongs to drills once, and shows each. */
async function viewer(
  tx: Queryable,
  rows: readonly DrillRow[],
): Promise<(row: DrillRow) => contract.DrillRecord> {
  const numbers = rows.map(({ incidentNumber }) => incidentNumber);
  const pages = await listDrillPages(tx, numbers);
  const answerers = new Map(
    (await findAnswerers(tx, numbers)).map(({ number, acknowledgedBy }) => [
      number,
      acknowledgedBy,
    ]),
  );
  return (row) => ({
    id: row.id,
    drill: row.drillId,
    service: row.serviceId,
    incident: incidentId(row.incidentNumber),
    outcome: row.outcome,
    because: row.because,
    startedAt: toIso(row.startedAt),
    endedAt: toIsoOrNull(row.endedAt),
    acknowledgedBy: answerers.get(row.incidentNumber) ?? null,
    pages: pages
      .filter(({ incidentNumber }) => incidentNumber === row.incidentNumber)
      .map((page) => pageView(page, row.startedAt)),
  });
}

const pageView = (
  page: DrillPageRow,
  startedAt: Instant,
): contract.DrillRecord["pages"][number] => ({
  person: page.personId,
  channel: page.channelId,
  state: page.state,
  pagedAt: toIso(page.decidedAt),
  handedOverAt: toIsoOrNull(page.handedOverAt),
  acknowledgedAt: toIsoOrNull(page.acknowledgedAt),
  handedOverAfterMs: page.handedOverAt === null ? null : page.handedOverAt - startedAt,
  acknowledgedAfterMs: page.acknowledgedAt === null ? null : page.acknowledgedAt - startedAt,
  because: page.endedBecause,
});
