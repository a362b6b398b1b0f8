/** Whether a page is still wanted: asked when it is claimed, and again when its receipt does not come. */
import type { Tx } from "../base/db.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { findRequest } from "../domain/incident/responderStore.ts";
import { findIncidents } from "../domain/incident/store.ts";
import type { Notification } from "../domain/notification/notification.ts";

/** The incidents of pages, as they are once the pages are locked. */
export async function incidentsOf(
  tx: Tx,
  rows: readonly Notification[],
): Promise<ReadonlyMap<number, Incident>> {
  const numbers = rows.flatMap((row) => (row.kind === "page" ? (row.incidentNumber ?? []) : []));
  const found = await findIncidents(tx, ENGINE_READER, [...new Set(numbers)]);
  return new Map(found.map((incident) => [incident.number, incident]));
}

/** The second look: a page about an incident that somebody has, or that is over, wakes nobody. */
export async function unwanted(
  tx: Tx,
  row: Notification,
  incidents: ReadonlyMap<number, Incident>,
): Promise<string | null> {
  if (row.kind !== "page" || row.incidentNumber === null) return null;
  if (row.requestId !== null) return requestEnd(tx, row.requestId);
  const incident = incidents.get(row.incidentNumber);
  if (incident === undefined) return "the incident is gone";
  if (incident.acknowledgedAt !== null) return "acknowledged";
  // Its escalation is held, and goes on with its next step when the deferral ends.
  if (incident.deferredFor !== null) return "deferred";
  return isOpen(incident.state) ? null : incident.state;
}

/** The same of several pages at once. */
export async function unwantedOf(
  tx: Tx,
  rows: readonly Notification[],
): Promise<readonly (string | null)[]> {
  const incidents = await incidentsOf(tx, rows);
  const ends: (string | null)[] = [];
  for (const row of rows) ends.push(await unwanted(tx, row, incidents));
  return ends;
}

/** A request to join is wanted until it is answered, whoever has the incident. */
async function requestEnd(tx: Tx, id: string): Promise<string | null> {
  const request = await findRequest(tx, id);
  return request === null ? "the request is gone" : request.answer;
}
