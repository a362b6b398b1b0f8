/** HTTP of reports: gathers the facts of the readiness check and shows its findings. */
import { readReadiness } from "../../../contract/readiness.ts";
import { actionItemId, incidentId, incidentNumber } from "../../../contract/ids.ts";
import { all, type Queryable, sql } from "../../base/db.ts";
import { addMs, type Instant } from "../../base/instant.ts";
import { findLedgerBacklog } from "../../base/ledger.ts";
import { countAside } from "../alert/asideStore.ts";
import { findSpoolDepth } from "../alert/spoolStore.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, type Reader, readerOf } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";
import { listAlerts, listIntakeUse } from "../alert/store.ts";
import type { Snapshot } from "../config/config.ts";
import { listOverdue } from "../deadline/store.ts";
import { listChannelUse } from "../notification/store.ts";
import { listOverrides } from "../oncall/store.ts";
import { listActionItems } from "../postmortem/store.ts";
import { effectiveRules } from "../policy/published.ts";
import { failingRules } from "../signal/failingRules.ts";
import { compileRules } from "../signal/rules.ts";
import { listQueries } from "../signal/store.ts";
import { watchRules } from "../signal/watch.ts";
import { countUnaccounted } from "./unaccounted.ts";
import { findPeopleWithDevices } from "../account/deviceStore.ts";
import { gatherProofs, unsetSecrets } from "./reachFacts.ts";
import { LOOKAHEAD_MS, readiness, type ReadinessFacts } from "./readiness.ts";

/** What only the process knows about itself. */
export type NodeFacts = {
  readonly mailServer: boolean;
  readonly engine: () => ReadinessFacts["engine"];
};

const OVERDUE_ITEMS = 100;
/** What rules are tried on. */
const LATEST_ALERTS = 200;

/** The readiness check. What is overdue is told only of incidents that the reader may see. */
export const readinessRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  node: NodeFacts,
): readonly BoundRoute<Actor>[] => [
  bind(readReadiness, async ({ actor }) => {
    const now = world.clock.now();
    const facts = await gather(world, await config(world.db), node, readerOf(actor), now);
    const findings = readiness(facts, now);
    return { ready: !findings.some(({ level }) => level === "missing"), findings: [...findings] };
  }),
];

async function gather(
  world: World,
  config: Snapshot,
  node: NodeFacts,
  reader: Reader,
  now: Instant,
): Promise<ReadinessFacts> {
  const { db } = world;
  const overrides = await listOverrides(db, null, addMs(now, -1), addMs(now, LOOKAHEAD_MS));
  const items = await listActionItems(db, reader, { overdue: true }, now, OVERDUE_ITEMS, null);
  return {
    config,
    overrides: overrides.map((row) => ({ ...row, person: row.personId })),
    publicUrl: world.publicUrl,
    mailServer: node.mailServer,
    unsetSecrets: unsetSecrets(world, config),
    proofs: await gatherProofs(db, null, now),
    wakeable: await findPeopleWithDevices(db),
    channelUse: await listChannelUse(db),
    intakeUse: await listIntakeUse(db),
    queries: await polledQueries(db, config),
    failingRules: await rulesThatFail(db, config, reader),
    overduePostmortems: await overduePostmortems(db, reader, now),
    overdueItems: items.map(({ number, ownerId, dueAt }) => ({
      item: actionItemId(number),
      owner: ownerId,
      dueAt,
    })),
    engine: node.engine(),
    ledger: await findLedgerBacklog(db),
    unaccounted: await countUnaccounted(db),
    spool: await findSpoolDepth(db),
    setAside: await countAside(db),
  };
}

async function rulesThatFail(
  db: Queryable,
  config: Snapshot,
  reader: Reader,
): Promise<ReadinessFacts["failingRules"]> {
  const alerts = await listAlerts(db, reader, null, {}, LATEST_ALERTS, null);
  const facts = alerts.map((alert) => {
    const service = config.get("services", alert.serviceId)?.body;
    return {
      ...alert,
      service: alert.serviceId,
      key: alert.keyId,
      tier: service?.tier ?? null,
      team: service?.team ?? null,
      runbook: service?.runbook ?? null,
    };
  });
  return failingRules(compileRules(effectiveRules(config)), facts);
}

async function polledQueries(db: Queryable, config: Snapshot): Promise<ReadinessFacts["queries"]> {
  const { queries } = watchRules(config.all("rules"));
  return (await listQueries(db)).flatMap(({ measure, failure }) => {
    const polled = queries.get(measure);
    return polled === undefined ? [] : [{ server: polled.server, query: polled.query, failure }];
  });
}

async function overduePostmortems(
  db: Queryable,
  reader: Reader,
  now: Instant,
): Promise<ReadinessFacts["overduePostmortems"]> {
  const overdue = await listOverdue(db, ["postmortem"], now);
  const numbers = overdue.map(({ subject }) => incidentNumber(subject));
  const rows = await all(
    db,
    sql<{ number: number }>`select i.number from incident i
      where i.number = any(${numbers}::integer[]) and ${incidentVisibleTo(reader)}
      order by i.number limit 500`,
  );
  const visible = new Set<string>(rows.map(({ number }) => incidentId(number)));
  return overdue
    .filter(({ subject }) => visible.has(subject))
    .map(({ subject, deadline }) => ({ incident: subject, dueAt: deadline.dueAt }));
}
