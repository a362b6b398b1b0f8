/** HTTP of the proof: gathers what is recorded about an incident's pages and shows what follows. */
import * as contract from "../../../contract/proof.ts";
import { incidentId, incidentNumber } from "../../../contract/ids.ts";
import { all, type Queryable, sql, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import { findStreamFault } from "../../base/ledger.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, type Reader, readerOf } from "../account/account.ts";
import { findOpeningSignal } from "../alert/store.ts";
import { findOpeningAlert } from "../alert/incidentAlertStore.ts";
import { listRuns } from "../escalation/store.ts";
import type { Incident } from "../incident/incident.ts";
import { findIncident } from "../incident/store.ts";
import type { Notification } from "../notification/notification.ts";
import { type AttemptRow, listAttempts, listNotifications } from "../notification/store.ts";
import { prove, type ProofFacts } from "./proof.ts";

/** An incident that paged more often than this shows its newest pages, and says so. */
const MOST_PAGES = 500;

export const proofRoutes = (world: World): readonly BoundRoute<Actor>[] => [
  bind(contract.proveIncident, ({ actor, params }) =>
    transact(world.db, async (tx) => {
      const number = incidentNumber(params.id);
      const proof = await findProof(tx, readerOf(actor), number, world.clock.now());
      if (proof === null) throw new Refusal("incident.not_found", { id: params.id });
      return proof;
    }),
  ),
];

/** What is proved of an incident's pages at `now`; null when the reader may not see it. */
export async function findProof(
  tx: Queryable,
  reader: Reader,
  number: number,
  now: Instant,
): Promise<contract.IncidentProof | null> {
  const incident = await findIncident(tx, reader, number);
  if (incident === null) return null;
  const filter = { incidentNumber: number, kind: "page" as const };
  const newest = await listNotifications(tx, reader, filter, MOST_PAGES + 1, null);
  const rows = newest.slice(0, MOST_PAGES).toReversed();
  const pages: (Notification & { readonly tries: readonly AttemptRow[] })[] = [];
  for (const row of rows) pages.push({ ...row, tries: await listAttempts(tx, row.id) });
  const { declaredBy, shown } = await signalOf(tx, incident);
  const ledger = await findStreamFault(tx, `incident:${number}`);
  const runs = await listRuns(tx, number);
  const nobody = await listNobody(tx, number);
  const acknowledges = await listAcknowledges(tx, number);
  const ledgerFault = ledger.fault;
  const facts = { incident, declaredBy, pages, runs, nobody, acknowledges, ledgerFault };
  const proof = prove(facts, now);
  const isCut = newest.length > MOST_PAGES;
  const cut = isCut ? [`Only its newest ${MOST_PAGES} pages were looked at.`] : [];
  return {
    incident: incidentId(number),
    severity: incident.severity,
    state: incident.state,
    at: toIso(now),
    holds: proof.holds && !isCut,
    signal: shown,
    pages: pages.map((page, position) => pageView(page, proof.pages[position]!)),
    missing: [...proof.missing, ...cut],
    ledger,
  };
}

const pageView = (
  page: Notification & { readonly tries: readonly AttemptRow[] },
  { links, holds }: ReturnType<typeof prove>["pages"][number],
): contract.PageProof => ({
  page: page.id,
  person: page.personId,
  channel: page.channelId,
  occasion: page.occasion.replace(/^\S+ /, ""),
  providerId: page.providerId,
  links: [...links],
  holds,
  attempts: page.tries.map((attempt) => ({
    ...attempt,
    startedAt: toIso(attempt.startedAt),
    endedAt: toIsoOrNull(attempt.endedAt),
  })),
});

type Signal = {
  readonly declaredBy: ProofFacts["declaredBy"];
  readonly shown: contract.IncidentProof["signal"];
};

/** An alert may have gone on to another incident since; what is known of it is known there. */
async function signalOf(tx: Queryable, incident: Incident): Promise<Signal> {
  const alert = incident.ruleId === null ? null : await findOpeningAlert(tx, incident.number);
  if (alert === null)
    return { declaredBy: incident.ruleId === null ? "person" : "signal", shown: null };
  const signal = await findOpeningSignal(tx, alert);
  if (signal === null) return { declaredBy: "signal without decision", shown: null };
  const source = signal.ruleFile === null ? null : `${signal.ruleFile}:${signal.ruleLine ?? 1}`;
  const { id, receivedAt, keyId, adapter, ruleId, outcome } = signal;
  return {
    declaredBy: "signal",
    shown: {
      alert,
      signal: id,
      receivedAt: toIso(receivedAt),
      key: keyId,
      adapter,
      rule: ruleId,
      source,
      outcome,
    },
  };
}

const listAcknowledges = async (
  tx: Queryable,
  number: number,
): Promise<ProofFacts["acknowledges"]> =>
  all(
    tx,
    sql<ProofFacts["acknowledges"][number]>`
      select at, params->>'person' as by from timeline_entry
      where incident_number = ${number} and kind = 'acknowledged' and params ? 'person'
      order by recorded_at, id limit 10000`,
  );

const listNobody = async (tx: Queryable, number: number): Promise<ProofFacts["nobody"]> =>
  all(
    tx,
    sql<ProofFacts["nobody"][number]>`
      select (params->>'step')::integer as step, (params->>'round')::integer as round, at from timeline_entry
      where incident_number = ${number} and kind in ('nobody to page', 'step passed over')
      order by recorded_at, id limit 10000`,
  );
