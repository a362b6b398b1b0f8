/** HTTP of alerts. */
import * as contract from "../../../contract/alert.ts";
import { incidentId, incidentNumber } from "../../../contract/ids.ts";
import { AlertSeverity } from "../../../contract/signal.ts";
import type { Queryable } from "../../base/db.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { decisionSource } from "./alert.ts";
import { alertViewer } from "./present.ts";
import { listMatches } from "./observables.ts";
import { listAlertGroups } from "./groupStore.ts";
import { findAlert, listAlerts, listSignals, type SignalRow } from "./store.ts";

const SIGNALS_SHOWN = 50;
const MATCHES_SHOWN = 50;

/** How a question says “those without”. */
const NONE = "-";

const ofIncident = (incident: string | undefined) =>
  incident === NONE
    ? { unattended: true }
    : { incidentNumber: incident === undefined ? undefined : incidentNumber(incident) };

const signalView = (signal: SignalRow) => ({
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
});

export function alertRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listAlerts, async ({ actor, query }) => {
      const reader = readerOf(actor);
      const snapshot = await config(world.db);
      const services = servicesOfReader(snapshot, reader);
      const filter = { ...query, ...ofIncident(query.incident) };
      const after = readCursor(query.cursor);
      const rows = await listAlerts(world.db, reader, services, filter, query.limit + 1, after);
      const view = await alertViewer(world.db, snapshot, world.clock.now());
      return toPage(rows, query.limit, (row) => ({ at: row.firstReceivedAt, id: row.id }), view);
    }),
    bind(contract.listAlertGroups, async ({ actor, query }) => {
      const { by, limit, cursor, incident, ...rest } = query;
      const reader = readerOf(actor);
      const services = servicesOfReader(await config(world.db), reader);
      const filter = { ...rest, ...ofIncident(incident) };
      const after = readCursor(cursor, "name");
      const rows = await listAlertGroups(world.db, reader, services, by, filter, limit + 1, after);
      return toPage(
        rows,
        limit,
        (row) => ({ at: row.newestAt, id: row.key }),
        ({ key, title, worst, alerts, firing, signals, newestAt }) => ({
          key: key === NONE ? null : by === "incident" ? incidentId(Number(key)) : key,
          title,
          severity: AlertSeverity.options[worst] ?? "info",
          alerts,
          firing,
          acknowledged: alerts - firing,
          signals,
          newestAt: toIso(newestAt),
        }),
      );
    }),
    bind(contract.listAlertSignals, async ({ actor, params, query }) => {
      const reader = readerOf(actor);
      const services = servicesOfReader(await config(world.db), reader);
      const alert = await findAlert(world.db, reader, services, params.id);
      if (alert === null) throw new Refusal("alert.not_found", { id: params.id });
      const after = readCursor(query.cursor);
      const rows = await listSignals(world.db, params.id, query.limit + 1, after);
      return toPage(rows, query.limit, (row) => ({ at: row.receivedAt, id: row.id }), signalView);
    }),
    bind(contract.getAlert, async ({ actor, params }) => {
      const reader = readerOf(actor);
      const snapshot = await config(world.db);
      const services = servicesOfReader(snapshot, reader);
      const row = await findAlert(world.db, reader, services, params.id);
      if (row === null) throw new Refusal("alert.not_found", { id: params.id });
      const signals = await listSignals(world.db, row.id, SIGNALS_SHOWN);
      const matches = await listMatches(world.db, row.id, MATCHES_SHOWN);
      const view = await alertViewer(world.db, snapshot, world.clock.now());
      return {
        ...view(row),
        indicators: matches.map((match) => ({
          ...match,
          labels: [...match.labels],
          matchedAt: toIso(match.matchedAt),
        })),
        signals: signals.map(signalView),
      };
    }),
  ];
}
