/**
 * Palo Alto's Cortex XDR: incidents and alerts as its API gives them and as notifications forward them.
 * https://docs-cortex.paloaltonetworks.com/r/Cortex-XDR-REST-API/Get-Incidents
 * Samples: golden/cortex-xdr.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { listText, tellFinding } from "./finding.ts";

const isIncident = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "incident_id", "severity") &&
  (has(one, "xdr_url") || has(one, "alert_count"));
const isAlert = (one: unknown): boolean =>
  isObject(one) &&
  (has(one, "alert_id") || has(one, "external_id")) &&
  has(one, "severity", "name") &&
  [
    "matching_status",
    "detection_timestamp",
    "endpoint_id",
    "bioc_category_enum_key",
    "action_pretty",
  ].some((name) => has(one, name));

function itemsOf(body: Json): readonly unknown[] | null {
  const isOne = (one: unknown): boolean => isIncident(one) || isAlert(one);
  if (isOne(body)) return [body];
  const list = dig(body, "reply.incidents") ?? dig(body, "reply.alerts") ?? dig(body, "reply.data");
  return Array.isArray(list) && list.length > 0 && list.every(isOne) ? list : null;
}

export const cortexXdr: Adapter = {
  about: {
    id: "cortex-xdr",
    name: "Cortex XDR",
    docs: "https://docs-cortex.paloaltonetworks.com/r/Cortex-XDR-REST-API/Get-Incidents",
  },
  setUp: {
    steps: [
      "Have a script or playbook ask /public_api/v1/incidents/get_incidents for what was modified, and post each answer as it is to {url}.",
      "Resolved incidents end their alerts, so ask for those too.",
    ],
    sample: "cortex-xdr.incident.json",
  },
  severities: {
    critical: "critical",
    high: "error",
    medium: "warning",
    med: "warning",
    low: "info",
    informational: "info",
    info: "info",
    SEV_050_CRITICAL: "critical",
    SEV_040_HIGH: "error",
    SEV_030_MEDIUM: "warning",
    SEV_020_LOW: "info",
    SEV_010_INFO: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an incident or alert of Cortex XDR", itemsOf, (reading, index, item) =>
    isIncident(item) ? readIncident(reading, index, item) : readAlert(reading, index, item),
  ),
};

/** Hosts are written with the identity of their agent: name:id. */
const hostIn = (value: unknown): string | null =>
  (Array.isArray(value) ? listText(value.slice(0, 1)) : listText(value))?.split(":")[0] ?? null;

function readIncident(reading: Reading, index: number, incident: Json): void {
  const id = textAt(incident, "incident_id");
  if (id === null) return reading.refuse(index, "incident_id", "a text");
  const status = textAt(incident, "status");
  tellFinding(reading, index, {
    uid: ["incident", id],
    title: textAt(incident, "incident_name", "description") ?? `Incident ${id}`,
    description: textAt(incident, "description"),
    severity: severityBy(cortexXdr.severities!, textAt(incident, "manual_severity", "severity")),
    status: /^resolved/i.test(status ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, incident, "detection_time", "creation_time"),
    product: "Cortex XDR",
    link: textAt(incident, "xdr_url"),
    category: dig(incident, "alert_categories"),
    host: hostIn(dig(incident, "hosts")),
    user: textAt(incident, "users.0"),
    tactics: dig(incident, "mitre_tactics_ids_and_names"),
    techniques: dig(incident, "mitre_techniques_ids_and_names"),
    labels: {
      tool_status: status,
      assigned_to: textAt(incident, "assigned_user_mail"),
      alerts: textAt(incident, "alert_count"),
      score: textAt(incident, "aggregated_score"),
    },
    details: {
      sources: listText(dig(incident, "incident_sources")),
      note: textAt(incident, "resolve_comment"),
    },
  });
}

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "alert_id", "external_id", "internal_id");
  if (id === null) return reading.refuse(index, "alert_id", "a text");
  const host = hostIn(dig(alert, "host_name"));
  const event = listAt(alert, "events")[0];
  const found = (...names: readonly string[]): string | null =>
    textAt(alert, ...names) ?? textAt(event, ...names);
  tellFinding(reading, index, {
    uid: ["alert", id],
    title: `${textAt(alert, "name") ?? "Alert"}${host === null ? "" : ` on ${host}`}`,
    description: textAt(alert, "description"),
    severity: severityBy(cortexXdr.severities!, textAt(alert, "severity")),
    status: /^resolved/i.test(textAt(alert, "resolution_status") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      alert,
      "detection_timestamp",
      "event_timestamp",
      "local_insert_ts",
    ),
    product: "Cortex XDR",
    rule: textAt(alert, "matching_service_rule_id") ?? textAt(alert, "name"),
    category: textAt(alert, "category"),
    host,
    user: found("user_name", "actor_effective_username"),
    sourceIp: found("action_local_ip", "host_ip"),
    destinationIp: found("action_remote_ip"),
    tactics: dig(alert, "mitre_tactic_id_and_name"),
    techniques: dig(alert, "mitre_technique_id_and_name"),
    observables: [
      ["sha256", found("action_file_sha256", "actor_process_image_sha256")],
      ["file name", found("action_file_name", "actor_process_image_name")],
      ["domain", found("dns_query_name")],
    ],
    labels: { action: textAt(alert, "action_pretty", "action"), source: textAt(alert, "source") },
    details: { commandLine: found("actor_process_command_line")?.slice(0, 1_000) },
  });
}
