/**
 * Microsoft Defender: incidents and alerts of Microsoft Graph and of the older XDR API, alerts of
 * Defender for Endpoint's own API, rows of advanced hunting also as they are streamed, and alerts of Defender for Cloud
 * (https://learn.microsoft.com/en-us/azure/defender-for-cloud/alerts-schemas).
 * https://learn.microsoft.com/en-us/graph/api/resources/security-api-overview
 * Samples: golden/defender.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";
import { isOfSentinel } from "./sentinel.ts";

const isIncident = (one: Json): boolean =>
  /security\.incident$/i.test(textAt(one, "@odata.type") ?? "") ||
  has(one, "incidentWebUrl", "displayName") ||
  has(one, "incidentName", "incidentId", "alerts");
const isAlert = (one: Json): boolean =>
  /security\.alert$/i.test(textAt(one, "@odata.type") ?? "") ||
  has(one, "alertWebUrl", "title") ||
  has(one, "alertCreationTime", "detectionSource") ||
  has(one, "alertId", "serviceSource", "title") ||
  has(one, "alertDisplayName", "title", "severity");

/** Defender for Cloud's own names, and tables that write every name large, as the names of Graph. */
function inGraphWords(one: unknown): unknown {
  if (!isObject(one) || isOfSentinel(one)) return one;
  const inner = one["properties"];
  const alert =
    isObject(inner) && Object.hasOwn(inner, "alertDisplayName")
      ? { ...inner, id: one["id"] }
      : has(one, "AlertDisplayName") || has(one, "AlertId", "Title", "ServiceSource")
        ? Object.fromEntries(
            Object.entries(one).map(([name, value]) => [
              `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
              value,
            ]),
          )
        : one;
  if (!Object.hasOwn(alert, "alertDisplayName")) return alert;
  return {
    ...alert,
    id: textAt(alert, "systemAlertId", "id"),
    title: alert["alertDisplayName"],
    alertWebUrl: alert["alertUri"],
    firstActivityDateTime: textAt(
      alert,
      "startTimeUtc",
      "startTime",
      "timeGeneratedUtc",
      "timeGenerated",
    ),
    computerDnsName: alert["compromisedEntity"],
    detectorId: alert["alertType"],
    category: textAt(alert, "intent", "category"),
    serviceSource: alert["productName"],
  };
}

/** What Graph answers when nothing is new. */
const isEmptyPage = (body: Json): boolean =>
  Array.isArray(body["value"]) &&
  body["value"].length === 0 &&
  Object.keys(body).every((name) => name === "value" || name.startsWith("@odata."));

/** A row of a table that is streamed to a hub: what tells of alerts, and what only happened. */
const STREAMED = /^AdvancedHunting-(\w{1,60})$/;
const tableOf = (body: Json): string | null =>
  isObject(body["properties"])
    ? (STREAMED.exec(textAt(body, "category") ?? "")?.[1] ?? null)
    : null;

function itemsOf(body: Json): readonly unknown[] | null {
  if (tableOf(body) !== null) {
    const row = inGraphWords(body["properties"]);
    return isObject(row) && isAlert(row) ? [{ tenantId: body["tenantId"], ...row }] : [body];
  }
  const alone = inGraphWords(body);
  if (isObject(alone) && (isIncident(alone) || isAlert(alone))) return [alone];
  if (isEmptyPage(body)) return [];
  if (!Array.isArray(body["value"]) || body["value"].length === 0) return null;
  const list = body["value"].map(inGraphWords);
  return list.every((one) => isObject(one) && (isIncident(one) || isAlert(one))) ? list : null;
}

const CLOSED = /^(resolved|redirected|dismissed)$/i;

export const defender: Adapter = {
  about: {
    id: "defender",
    name: "Microsoft Defender",
    docs: "https://learn.microsoft.com/en-us/graph/api/resources/security-api-overview",
  },
  setUp: {
    steps: [
      "Make a Logic App whose trigger polls https://graph.microsoft.com/v1.0/security/incidents (or alerts_v2) with the permission SecurityIncident.Read.All.",
      "Let it post each answer, one incident or alert or the whole list under “value”, to {url}.",
    ],
    sample: "defender.incident.json",
  },
  severities: {
    high: "error",
    medium: "warning",
    low: "info",
    informational: "info",
    unSpecified: "warning",
    unknown: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => (isEmptyPage(body) ? 0.3 : itemsOf(body) !== null)),
  read: readItems("an incident or alert of Microsoft Graph", itemsOf, (reading, index, item) => {
    const table = tableOf(item);
    if (table !== null) {
      return reading.find(
        index,
        "category",
        `a row of ${table} is what happened, or belongs to an alert of its own: no alert`,
      );
    }
    return isIncident(item) ? readIncident(reading, index, item) : readAlert(reading, index, item);
  }),
};

function readIncident(reading: Reading, index: number, incident: Json): void {
  const id = textAt(incident, "id", "incidentId");
  const title = textAt(incident, "displayName", "incidentName");
  if (id === null) return reading.refuse(index, "id", "a text");
  if (title === null) return reading.refuse(index, "displayName", "a text");
  const alerts = listAt(incident, "alerts");
  const evidence = alerts.flatMap((alert) => listAt(alert, "evidence"));
  const device = evidence.find((one) => textAt(one, "deviceDnsName") !== null);
  tellFinding(reading, index, {
    uid: ["incident", id],
    title,
    description: textAt(incident, "description", "summary"),
    severity: severityBy(defender.severities!, dig(incident, "severity")),
    status: CLOSED.test(textAt(incident, "status") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      incident,
      "createdDateTime",
      "createdTime",
      "lastUpdateDateTime",
    ),
    product: "Microsoft Defender",
    link:
      textAt(incident, "incidentWebUrl", "incidentUri") ??
      `https://security.microsoft.com/incidents/${encodeURIComponent(id)}`,
    category: textAt(alerts[0], "category"),
    host: textAt(device, "deviceDnsName") ?? textAt(incident, "alerts.0.devices.0.deviceDnsName"),
    account: textAt(incident, "tenantId"),
    techniques: alerts.flatMap((alert) => listAt(alert, "mitreTechniques")),
    observables: evidence.flatMap(seenIn),
    labels: {
      tool_status: textAt(incident, "status"),
      classification: textAt(incident, "classification"),
      determination: textAt(incident, "determination"),
      assigned_to: textAt(incident, "assignedTo"),
    },
    details: {
      alerts: alerts.slice(0, 50).map((alert) => textAt(alert, "title", "alertId", "id")),
      tags: dig(incident, "tags") ?? dig(incident, "customTags"),
      redirectedTo: textAt(incident, "redirectIncidentId"),
    },
  });
}

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "id", "alertId", "providerAlertId");
  const title = textAt(alert, "title");
  if (id === null) return reading.refuse(index, "id", "a text");
  if (title === null) return reading.refuse(index, "title", "a text");
  const evidence = listAt(alert, "evidence");
  const device = evidence.find((one) => textAt(one, "deviceDnsName") !== null);
  const host = textAt(alert, "computerDnsName") ?? textAt(device, "deviceDnsName");
  tellFinding(reading, index, {
    uid: ["alert", id],
    title,
    description: textAt(alert, "description"),
    severity: severityBy(defender.severities!, dig(alert, "severity")),
    status: CLOSED.test(textAt(alert, "status") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      alert,
      "firstActivityDateTime",
      "firstEventTime",
      "alertCreationTime",
      "createdDateTime",
      "creationTime",
      "timestamp",
    ),
    product: "Microsoft Defender",
    link:
      textAt(alert, "alertWebUrl") ??
      (Object.hasOwn(alert, "alertCreationTime")
        ? `https://security.microsoft.com/alerts/${encodeURIComponent(id)}`
        : null),
    rule: textAt(alert, "detectorId", "detectionSource"),
    category: textAt(alert, "category"),
    host,
    user: textAt(alert, "relatedUser.userName"),
    account: textAt(alert, "tenantId", "aadTenantId"),
    techniques: dig(alert, "mitreTechniques") ?? techniquesIn(textAt(alert, "attackTechniques")),
    observables: evidence.flatMap(seenIn),
    labels: {
      tool_status: textAt(alert, "status"),
      detection_source: textAt(alert, "detectionSource"),
      service_source: textAt(alert, "serviceSource"),
      classification: textAt(alert, "classification"),
      investigation: textAt(alert, "investigationState"),
      incident: textAt(alert, "incidentId"),
      threat: textAt(alert, "threatDisplayName", "threatFamilyName"),
    },
    details: { recommended: textAt(alert, "recommendedActions") },
  });
}

/** Tables have a list of “Valid Accounts (T1078)” as a text. */
const techniquesIn = (text: string | null): readonly string[] =>
  text?.match(/T\d{4}(\.\d{3})?/g) ?? [];

/** What a piece of evidence names: both the flat form and Graph's typed one. */
const seenIn = (one: unknown) =>
  [
    ["sha256", textAt(one, "sha256", "fileDetails.sha256", "imageFile.sha256")],
    ["sha1", textAt(one, "sha1", "fileDetails.sha1", "imageFile.sha1")],
    ["file name", textAt(one, "fileName", "fileDetails.fileName", "imageFile.fileName")],
    ["ip", textAt(one, "ipAddress", "senderIp")],
    ["url", textAt(one, "url")],
    ["email", textAt(one, "p1Sender.emailAddress", "p2Sender.emailAddress")],
  ] as const;
