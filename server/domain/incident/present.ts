/** Incidents as people see them. */
import type {
  Incident as IncidentView,
  IncidentDetail,
  TimelineEntry,
} from "../../../contract/incident.ts";
import { incidentId } from "../../../contract/ids.ts";
import { fill, TIMELINE } from "../../../contract/texts.ts";
import { all, type Queryable, sql } from "../../base/db.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";
import { countAlerts } from "../alert/incidentAlertStore.ts";
import type { Snapshot } from "../config/config.ts";
import { listRuns } from "../escalation/store.ts";
import { deadlineView } from "../deadline/present.ts";
import { listDeadlines } from "../deadline/store.ts";
import { allowedVerbs, type Incident, owedPieces } from "./incident.ts";
import { findLease } from "./leaseStore.ts";
import { listRequests } from "./responderStore.ts";
import { owesPostmortem } from "./respond.ts";
import { listAcceptance, listRoles, listTasks, type TimelineRow } from "./store.ts";

function actorView(mark: ActorMark): { kind: ActorMark["kind"]; id: string | null } {
  switch (mark.kind) {
    case "person":
      return { kind: "person", id: mark.personId };
    case "token":
      return { kind: "token", id: mark.label };
    case "key":
      return { kind: "key", id: mark.keyId };
    case "engine":
      return { kind: "engine", id: null };
  }
}

export function incidentView(i: Incident): IncidentView {
  const deferred =
    i.deferredFor === null
      ? null
      : { because: i.deferredBecause ?? "", incident: incidentId(i.deferredFor) };
  const ruleSource = i.ruleFile === null ? "defaults or API" : `${i.ruleFile}:${i.ruleLine ?? 1}`;
  return {
    id: incidentId(i.number),
    title: i.title,
    kind: i.kind,
    severity: i.severity,
    state: i.state,
    service: i.serviceId,
    services: [...i.services],
    regions: [...i.regions],
    team: i.teamIds[0] ?? null,
    summary: i.summary,
    commander: i.commanderId,
    offeredCommander: i.offeredCommanderId,
    acknowledgedBy: i.acknowledgedBy,
    detectedAt: toIso(i.detectedAt),
    declaredAt: toIso(i.declaredAt),
    acknowledgedAt: toIsoOrNull(i.acknowledgedAt),
    mitigatedAt: toIsoOrNull(i.mitigatedAt),
    resolvedAt: toIsoOrNull(i.resolvedAt),
    closedAt: toIsoOrNull(i.closedAt),
    cancelledBecause: i.cancelledBecause,
    mergedInto: i.mergedInto === null ? null : incidentId(i.mergedInto),
    restricted: i.restricted,
    deferred,
    declaredBy: actorView(i.declaredBy),
    rule: i.ruleId === null ? null : { id: i.ruleId, source: ruleSource },
    impact: i.impact,
    rootCause: i.rootCause,
  };
}

/** One incident with its clocks, roles, tasks, evidence and what may be done now. */
export async function presentIncident(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
  now: Instant,
): Promise<IncidentDetail> {
  const { number } = incident;
  const roles = await listRoles(tx, number);
  const deadlines = await listDeadlines(tx, incidentId(number));
  const tasks = await listTasks(tx, number);
  const recorded = await listAcceptance(tx, number);
  const owed = owedPieces(incident.severity, owesPostmortem({ config }, incident));
  const updates = await all(
    tx,
    sql<{ id: string; audiences: string[]; text: string; at: Instant }>`
      select id, audiences, text, at from status_update where incident_number = ${number} order by at, id limit 200`,
  );
  const run = (await listRuns(tx, number)).find(({ stoppedAt }) => stoppedAt === null) ?? null;
  const lease = incident.acknowledgedAt === null ? null : await findLease(tx, number);
  return {
    ...incidentView(incident),
    escalation:
      run === null
        ? null
        : {
            policy: run.policyId,
            step: run.stepIndex + 1,
            round: run.round + 1,
            dueAt: toIsoOrNull(run.dueAt),
            heldUntil: toIsoOrNull(run.heldUntil),
          },
    lease: lease === null ? null : { until: toIso(lease.until), person: lease.personId },
    requests: (await listRequests(tx, number)).map((request) => ({
      person: request.personId,
      askedBy: request.askedBy,
      askedAt: toIso(request.askedAt),
      message: request.message,
      answer: request.answer,
      answeredAt: toIsoOrNull(request.answeredAt),
    })),
    roles: roles.map(({ role, personId }) => ({ role, person: personId })),
    deadlines: deadlines.map((row) => deadlineView(row, now)),
    tasks: tasks.map((task) => ({
      id: task.id,
      kind: task.kind,
      title: task.title,
      owner: task.ownerId,
      dueAt: toIsoOrNull(task.dueAt),
      doneAt: toIsoOrNull(task.doneAt),
    })),
    acceptance: [...new Set([...owed, ...recorded.map((row) => row.piece)])].map((piece) => {
      const row = recorded.find((candidate) => candidate.piece === piece);
      return {
        piece,
        needed: owed.includes(piece),
        text: row?.text ?? null,
        overridden: row?.overridden ?? false,
        recordedAt: toIsoOrNull(row?.recordedAt ?? null),
      };
    }),
    statusUpdates: updates.map((update) => ({ ...update, at: toIso(update.at) })),
    alertCount: (await countAlerts(tx, number)).all,
    allowed: allowedVerbs(incident.state),
  };
}

/** A kind that a node of a later version writes is told by its name. */
export function timelineView(row: TimelineRow): TimelineEntry {
  const sentence = fill(TIMELINE[row.kind] ?? row.kind, { ...row.params, text: row.text });
  const adds = row.text !== null && !sentence.includes(row.text);
  return {
    id: row.id,
    at: toIso(row.at),
    kind: row.kind,
    actor: actorView(row.actor),
    text: adds ? `${sentence} ${row.text}` : sentence,
    params: { ...row.params },
  };
}
