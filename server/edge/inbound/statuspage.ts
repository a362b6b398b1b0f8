/** Atlassian Statuspage: what a provider's page tells its subscribers. Samples: golden/statuspage.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The impact of an incident, and the status of a component. */
const SEVERITIES = {
  critical: "critical",
  major: "error",
  minor: "warning",
  maintenance: "info",
  none: "info",
  major_outage: "critical",
  partial_outage: "error",
  degraded_performance: "warning",
  under_maintenance: "info",
  operational: "info",
} satisfies Record<string, AlertSeverity>;

const OVER = /^(resolved|postmortem|completed)$/;

export const statuspage: Adapter = {
  about: {
    id: "statuspage",
    name: "Statuspage",
    docs: "https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/",
  },
  setUp: {
    steps: [
      "On the provider's status page choose “Subscribe to updates”, then the webhook, with {url} and an e-mail address for failures.",
    ],
    sample: "statuspage.incident.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      isBareIncident(body["incident"]) ||
      (isObject(body["page"]) &&
        ((isObject(body["incident"]) && has(body["incident"], "status")) ||
          isObject(body["component_update"]) ||
          (isObject(body["component"]) && has(body["component"], "status")) ||
          listed(body) !== null)),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a notification");
    const reading = new Reading();
    if (isObject(body["incident"])) readIncident(reading, body["incident"], body);
    else if (isObject(body["component_update"]) || isObject(body["component"]))
      readComponent(reading, body["component_update"] ?? {}, body);
    else if (listed(body) !== null) readList(reading, body, listed(body) ?? []);
    else reading.refuse(0, "incident", "an object (or component_update)");
    return reading;
  },
};

/** An incident that was cut out of its notification: nobody else has these words together. */
const isBareIncident = (incident: unknown): boolean =>
  isObject(incident) &&
  has(incident, "status", "impact", "incident_updates") &&
  (has(incident, "page_id") || has(incident, "shortlink"));

/** What the page's own API answers: its incidents and maintenances in a list. */
function listed(body: Json): readonly unknown[] | null {
  if (!isObject(body["page"]) || !has(body["page"], "id")) return null;
  const lists = [body["incidents"], body["scheduled_maintenances"]].filter((one) =>
    Array.isArray(one),
  );
  return lists.length === 0 ? null : lists.flat();
}

function readList(reading: Reading, body: Json, incidents: readonly unknown[]): void {
  if (incidents.length === 0) reading.find(0, "incidents", "none: all is well there");
  incidents.forEach((one, index) => {
    if (isObject(one)) readIncident(reading, one, body, index);
    else reading.refuse(index, "incidents", "objects");
  });
}

function readIncident(reading: Reading, incident: Json, body: Json, index = 0): void {
  const status = firstText(incident["status"]);
  const id = firstText(incident["id"]);
  if (status === null)
    return reading.refuse(
      index,
      "incident.status",
      "investigating, identified, monitoring, resolved, postmortem, or a status of a maintenance",
    );
  if (id === null) return reading.refuse(index, "incident.id", "the identity of an incident");
  const updates = listOf(incident["incident_updates"]);
  const affected = [
    ...listOf(incident["components"]),
    ...updates.flatMap((update) => listOf(at(update, "affected_components"))),
  ]
    .map((component) => firstText(at(component, "name")))
    .find((name) => name !== null);
  tell(reading, index, {
    status: OVER.test(status) ? "resolved" : "firing",
    title: firstText(incident["name"]) ?? "Incident of a provider",
    severity: severityBy(SEVERITIES, incident["impact_override"] ?? incident["impact"] ?? "none"),
    dedupKey: joinKey(firstText(incident["page_id"], at(body, "page", "id")), "incident", id),
    service: affected,
    source: firstText(at(body, "page", "name"), at(body, "page", "id")),
    link: firstText(incident["shortlink"], at(body, "page", "url")) ?? siteOf(body),
    startedAt:
      momentOf(incident["started_at"]) ??
      momentOf(incident["scheduled_for"]) ??
      momentOf(incident["created_at"]),
    endsAt: OVER.test(status) ? momentOf(incident["resolved_at"]) : null,
    labels: { status, impact: incident["impact"], page: at(body, "page", "status_description") },
    details: { update: firstText(at(updates[0], "body")), components: incident["components"] },
  });
}

function readComponent(reading: Reading, given: unknown, body: Json): void {
  const update = isObject(given) ? given : {};
  const state = firstText(update["new_status"], at(body, "component", "status"));
  const id = firstText(update["component_id"], at(body, "component", "id"));
  if (state === null)
    return reading.refuse(
      0,
      "component_update.new_status",
      "operational, degraded_performance, partial_outage, major_outage or under_maintenance",
    );
  const name = firstText(at(body, "component", "name")) ?? `component ${id ?? ""}`;
  tell(reading, 0, {
    status: state === "operational" ? "resolved" : "firing",
    title: `${name}: ${state.replaceAll("_", " ")}`,
    severity: severityBy(
      SEVERITIES,
      state === "operational" ? (update["old_status"] ?? state) : state,
    ),
    dedupKey: joinKey(firstText(at(body, "page", "id")), "component", id ?? name),
    service: name,
    source: firstText(at(body, "page", "name"), at(body, "page", "id")),
    link: firstText(at(body, "page", "url")) ?? siteOf(body),
    startedAt: momentOf(update["created_at"]),
    labels: { status: state, before: update["old_status"] },
    details: body["component"],
  });
}

/** The page itself, which the address to unsubscribe names where nothing else does. */
function siteOf(body: Json): string | null {
  const address = URL.parse(firstText(at(body, "meta", "unsubscribe")) ?? "");
  return address !== null && /^https?:$/.test(address.protocol) ? address.origin : null;
}
