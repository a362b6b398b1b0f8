/** Collects what is known about an incident for its postmortem. */
import { incidentId } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import { countAlerts } from "../alert/incidentAlertStore.ts";
import { listStatusUpdates } from "../comms/store.ts";
import type { Snapshot } from "../config/config.ts";
import { listDeadlines } from "../deadline/store.ts";
import type { Incident } from "../incident/incident.ts";
import { timelineView } from "../incident/present.ts";
import { listAcceptance, listRoles, listTimeline } from "../incident/store.ts";
import { publishedFor } from "../policy/published.ts";
import { listRunFacts } from "../runbook/runFacts.ts";
import type { DraftFacts } from "./draft.ts";
import { listItemsOf } from "./store.ts";

/** Far beyond what a person reads; bounds the work for an incident that had a storm of alerts. */
const TIMELINE_LIMIT = 5_000;

/** The facts as they stand now. The caller has checked that the incident may be seen. */
export async function listFacts(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
): Promise<DraftFacts> {
  const { number } = incident;
  const deadlines = await listDeadlines(tx, incidentId(number));
  const timeline = await listTimeline(tx, number, TIMELINE_LIMIT, null);
  return {
    incident,
    roles: await listRoles(tx, number),
    deadlines: deadlines.map((row) => row.deadline),
    timeline: timeline.map(timelineView),
    timelineIsCut: timeline.length === TIMELINE_LIMIT,
    alertCount: (await countAlerts(tx, number)).all,
    updateCount: (await listStatusUpdates(tx, number)).length,
    acceptance: await listAcceptance(tx, number),
    actionItems: await listItemsOf(tx, number),
    runs: await listRunFacts(tx, number),
    form:
      publishedFor(config, incident.teamIds[0] ?? null).find(
        ({ postmortem }) => postmortem !== null,
      )?.postmortem ?? null,
    personName: (id) => config.get("people", id)?.body.name ?? id,
    teamName: (id) => config.get("teams", id)?.body.name ?? id,
  };
}
