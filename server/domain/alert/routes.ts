/** HTTP of alerts. */
import * as contract from "../../../contract/alert.ts";
import { incidentId, incidentNumber } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { type AlertRow, decisionSource } from "./alert.ts";
import { findAlert, listAlerts, listSignals } from "./store.ts";

const SIGNALS_SHOWN = 50;

export function alertView(row: AlertRow): contract.Alert {
  return {
    id: row.id,
    key: row.keyId,
    dedupKey: row.dedupKey,
    status: row.status,
    title: row.title,
    severity: row.severity,
    service: row.serviceId,
    source: row.source,
    labels: { ...row.labels },
    details: row.details,
    link: row.link,
    count: row.count,
    startedAt: toIso(row.startedAt),
    firstReceivedAt: toIso(row.firstReceivedAt),
    lastReceivedAt: toIso(row.lastReceivedAt),
    closedAt: toIsoOrNull(row.closedAt),
    closedBecause: row.closedBecause,
    decision: {
      rule: row.ruleId,
      source: decisionSource(row),
      outcome: row.outcome,
      because: row.because,
    },
    incident: row.incidentNumber === null ? null : incidentId(row.incidentNumber),
  };
}

export function alertRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listAlerts, async ({ actor, query }) => {
      const reader = readerOf(actor);
      const services = servicesOfReader(await config(world.db), reader);
      const filter = {
        ...query,
        incidentNumber: query.incident === undefined ? undefined : incidentNumber(query.incident),
      };
      const after = readCursor(query.cursor);
      const rows = await listAlerts(world.db, reader, services, filter, query.limit + 1, after);
      return toPage(
        rows,
        query.limit,
        (row) => ({ at: row.firstReceivedAt, id: row.id }),
        alertView,
      );
    }),
    bind(contract.getAlert, async ({ actor, params }) => {
      const reader = readerOf(actor);
      const services = servicesOfReader(await config(world.db), reader);
      const row = await findAlert(world.db, reader, services, params.id);
      if (row === null) throw new Refusal("alert.not_found", { id: params.id });
      const signals = await listSignals(world.db, row.id, SIGNALS_SHOWN);
      return {
        ...alertView(row),
        signals: signals.map((signal) => ({
          id: signal.id,
          receivedAt: toIso(signal.receivedAt),
          adapter: signal.adapter,
          action: signal.action,
          decision: {
            rule: signal.ruleId,
            source: decisionSource(signal),
            outcome: signal.outcome,
            because: signal.because,
          },
        })),
      };
    }),
  ];
}
