/**
 * Microsoft Sentinel: what an automation rule hands to a playbook, incidents of the REST API, and rows of
 * the SecurityAlert and SecurityIncident tables.
 * https://learn.microsoft.com/en-us/azure/sentinel/playbook-triggers-actions
 * Samples: golden/sentinel.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

const INCIDENT_TYPE = /SecurityInsights\/Incidents$/i;
const isIncident = (one: unknown): boolean =>
  isObject(one) &&
  (INCIDENT_TYPE.test(textAt(one, "type") ?? "") ||
    dig(one, "properties.incidentNumber") !== undefined);
const isIncidentRow = (one: unknown): boolean =>
  isObject(one) && has(one, "IncidentNumber", "IncidentName", "Title");
const isAlertRow = (one: unknown): boolean =>
  isObject(one) &&
  (has(one, "SystemAlertId", "AlertName") ||
    (has(one, "SystemAlertId", "AlertDisplayName") && isOfSentinel(one)) ||
    has(one, "ProviderAlertId", "Severity", "AlertType"));

/** Whose alert it is where Defender for Cloud writes the same fields. */
export const isOfSentinel = (one: Json): boolean =>
  one["kind"] === "SecurityAlert" ||
  /SecurityInsights\//i.test(textAt(one, "type") ?? "") ||
  /^ASI |Sentinel/i.test(textAt(one, "ProviderName", "ProductName") ?? "");

/** An alert as the API has it, or the trigger of an alert: the row with small letters below properties. */
const isAlertResource = (one: unknown): boolean =>
  isObject(one) && isOfSentinel(one) && dig(one, "properties.systemAlertId") !== undefined;

function rowOf(item: Json): Json {
  const inner = item["properties"];
  if (!isAlertResource(item) || !isObject(inner)) return item;
  const large = ([name, value]: readonly [string, unknown]) =>
    [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value] as const;
  return Object.fromEntries(Object.entries(inner).map(large));
}

function itemsOf(body: Json): readonly unknown[] | null {
  const isOne = (one: unknown): boolean =>
    isIncident(one) || isIncidentRow(one) || isAlertRow(one) || isAlertResource(one);
  if (isOne(body)) return [body];
  if (isIncident(body["object"])) return [body["object"]];
  const list = body["value"];
  return Array.isArray(list) && list.length > 0 && list.every(isOne) ? list : null;
}

export const sentinel: Adapter = {
  about: {
    id: "sentinel",
    name: "Microsoft Sentinel",
    docs: "https://learn.microsoft.com/en-us/azure/sentinel/playbook-triggers-actions",
  },
  setUp: {
    steps: [
      "Make a playbook (Logic App) with the trigger “Microsoft Sentinel incident” and one HTTP action: POST to {url}, body @triggerBody().",
      "Run it by automation rules for “When incident is created” and “When incident is updated”.",
    ],
    sample: "sentinel.incident.json",
  },
  severities: { High: "error", Medium: "warning", Low: "info", Informational: "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an incident or alert of Microsoft Sentinel", itemsOf, (reading, index, item) => {
    if (isIncident(item)) readIncident(reading, index, item);
    else readRow(reading, index, rowOf(item));
  }),
};

const isClosed = (status: string | null): boolean =>
  /^(closed|resolved|dismissed)$/i.test(status ?? "");

function readIncident(reading: Reading, index: number, item: Json): void {
  const title = textAt(item, "properties.title");
  if (title === null) return reading.refuse(index, "properties.title", "a text");
  const entities = [
    ...listAt(item, "properties.relatedEntities"),
    ...listAt(item, "properties.entities"),
  ];
  const entity = (kind: RegExp): unknown =>
    entities.find((one) => kind.test(textAt(one, "kind") ?? ""));
  tellFinding(reading, index, {
    uid: [textAt(item, "name", "id", "properties.incidentNumber") ?? title],
    title,
    description: textAt(item, "properties.description"),
    severity: severityBy(sentinel.severities!, dig(item, "properties.severity")),
    status: isClosed(textAt(item, "properties.status")) ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      item,
      "properties.firstActivityTimeUtc",
      "properties.createdTimeUtc",
      "properties.lastModifiedTimeUtc",
    ),
    product: "Microsoft Sentinel",
    link: textAt(item, "properties.incidentUrl"),
    rule:
      textAt(item, "properties.alerts.0.properties.alertDisplayName") ??
      namesIn(dig(item, "properties.relatedAnalyticRuleIds"))[0],
    category: dig(item, "properties.additionalData.alertProductNames"),
    host: textAt(entity(/^host$/i), "properties.hostName"),
    user: textAt(entity(/^account$/i), "properties.accountName", "properties.userPrincipalName"),
    sourceIp: textAt(entity(/^ip$/i), "properties.address"),
    tactics: dig(item, "properties.additionalData.tactics"),
    techniques: dig(item, "properties.additionalData.techniques"),
    observables: entities.flatMap((one) => [
      ["ip", dig(one, "properties.address")] as const,
      ["any", dig(one, "properties.hashValue")] as const,
      ["url", dig(one, "properties.url")] as const,
      ["domain", dig(one, "properties.domainName")] as const,
      ["file name", dig(one, "properties.fileName")] as const,
    ]),
    labels: {
      number: textAt(item, "properties.incidentNumber"),
      tool_status: textAt(item, "properties.status"),
      classification: textAt(item, "properties.classification"),
      owner: textAt(item, "properties.owner.assignedTo"),
    },
    details: {
      labels: namesIn(dig(item, "properties.labels"), "labelName"),
      alerts: namesIn(dig(item, "properties.alerts"), "properties.alertDisplayName"),
    },
  });
}

/** A row of SecurityAlert or SecurityIncident, or the body of the older alert trigger. */
function readRow(reading: Reading, index: number, row: Json): void {
  const title = textAt(row, "DisplayName", "AlertName", "AlertDisplayName", "Title", "AlertType");
  if (title === null) return reading.refuse(index, "AlertName", "a text");
  tellFinding(reading, index, {
    uid: [
      textAt(row, "IncidentName", "SystemAlertId", "VendorOriginalId", "ProviderAlertId") ?? title,
    ],
    title,
    description: textAt(row, "Description"),
    severity: severityBy(sentinel.severities!, dig(row, "AlertSeverity") ?? dig(row, "Severity")),
    status: isClosed(textAt(row, "Status")) ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      row,
      "StartTime",
      "StartTimeUtc",
      "FirstActivityTime",
      "CreatedTime",
      "TimeGenerated",
    ),
    product: textAt(row, "ProductName") ?? "Microsoft Sentinel",
    link: textAt(row, "AlertLink", "IncidentUrl"),
    rule: textAt(row, "AlertType"),
    host: textAt(row, "CompromisedEntity"),
    tactics: textAt(row, "Tactics"),
    techniques: textAt(row, "Techniques"),
    labels: {
      tool_status: textAt(row, "Status"),
      workspace: textAt(row, "WorkspaceId"),
      provider: textAt(row, "ProviderName"),
    },
    details: {
      remediation: dig(row, "RemediationSteps"),
      entities: textAt(row, "Entities")?.slice(0, 4_000),
    },
  });
}
