/** HTTP of the proof: gathers what is recorded about an incident's pages and shows what follows. */
import * as contract from "../../../contract/proof.ts";
import { incidentId, incidentNumber } from "../../../contract/ids.ts";
import { all, type Queryable, sql, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { findStreamFault } from "../../base/ledger.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import { findOpeningAlert, findOpeningSignal } from "../alert/store.ts";
import { listRuns } from "../escalation/store.ts";
import type { Incident } from "../incident/incident.ts";
import { findIncident } from "../incident/store.ts";
import { listAttempts, listNotifications } from "../notification/store.ts";
import { prove, type ProofFacts } from "./proof.ts";

/** An incident that paged more often than this shows its newest pages, and says so. */
const MOST_PAGES = 500;

export const proofRoutes = (world: World): readonly BoundRoute<Actor>[] => [
  bind(contract.proveIncident, ({ actor, params }) =>
    transact(world.db, async (tx) => {
      const number = incidentNumber(params.id);
      const reader = readerOf(actor);
      const incident = await findIncident(tx, reader, number);
      if (incident === null) throw new Refusal("incident.not_found", { id: params.id });
      const filter = { incidentNumber: number, kind: "page" as const };
      const newest = await listNotifications(tx, reader, filter, MOST_PAGES + 1, null);
      const pages = newest.slice(0, MOST_PAGES).toReversed();
      const attempts = await Promise.all(pages.map(({ id }) => listAttempts(tx, id)));
      const signal = await signalOf(tx, incident);
      const ledger = await findStreamFault(tx, `incident:${number}`);
      const facts: ProofFacts = {
        incident,
        declaredBy: signal.declaredBy,
        pages: pages.map((page, position) => ({ ...page, tries: attempts[position] ?? [] })),
        runs: await listRuns(tx, number),
        nobody: await listNobody(tx, number),
        ledgerFault: ledger.fault,
      };
      const now = world.clock.now();
      const proof = prove(facts, now);
      const cut = newest.length > MOST_PAGES;
      return {
        incident: incidentId(number),
        severity: incident.severity,
        state: incident.state,
        at: toIso(now),
        holds: proof.holds && !cut,
        signal: signal.shown,
        pages: pages.map((page, position) => ({
          page: page.id,
          person: page.personId,
          channel: page.channelId,
          occasion: page.occasion.replace(/^\S+ /, ""),
          providerId: page.providerId,
          links: [...proof.pages[position]!.links],
          holds: proof.pages[position]!.holds,
          attempts: (attempts[position] ?? []).map((attempt) => ({
            ...attempt,
            startedAt: toIso(attempt.startedAt),
            endedAt: toIsoOrNull(attempt.endedAt),
          })),
        })),
        missing: [
          ...proof.missing,
          ...(cut ? [`Only its newest ${MOST_PAGES} pages were looked at.`] : []),
        ],
        ledger,
      };
    }),
  ),
];

type Signal = {
  readonly declaredBy: ProofFacts["declaredBy"];
  readonly shown: contract.IncidentProof["signal"];
};

/** An incident that was merged has handed its alerts on; a person's has none to begin with. */
async function signalOf(tx: Queryable, incident: Incident): Promise<Signal> {
  if (incident.ruleId === null || incident.mergedInto !== null)
    return { declaredBy: "person", shown: null };
  const alert = await findOpeningAlert(tx, incident.number);
  const signal = alert === null ? null : await findOpeningSignal(tx, alert);
  if (alert === null || signal === null)
    return { declaredBy: "signal without decision", shown: null };
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

const listNobody = async (tx: Queryable, number: number): Promise<ProofFacts["nobody"]> =>
  all(
    tx,
    sql<ProofFacts["nobody"][number]>`
      select (params->>'step')::integer as step, (params->>'round')::integer as round, at from timeline_entry
      where incident_number = ${number} and kind = 'nobody to page' order by recorded_at, id limit 10000`,
  );
