/**
 * Sophos Central's alerts, as its API and its script for SIEMs give them.
 * https://developer.sophos.com/docs/common-v1/1/routes/alerts/get Samples: golden/sophos.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const isAlert = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "id", "severity", "type") &&
  ((textAt(one, "type") ?? "").startsWith("Event::") ||
    (has(one, "raisedAt", "managedAgent") && has(one, "allowedActions")));

function itemsOf(body: Json): readonly unknown[] | null {
  if (isAlert(body)) return [body];
  const list = body["items"];
  return Array.isArray(list) && list.length > 0 && list.every(isAlert) ? list : null;
}

export const sophos: Adapter = {
  about: {
    id: "sophos",
    name: "Sophos Central",
    docs: "https://developer.sophos.com/docs/common-v1/1/routes/alerts/get",
  },
  setUp: {
    steps: [
      "Have Sophos's SIEM integration script write JSON, and a log shipper post its lines as they are to {url}.",
      "Or have a script post what /common/v1/alerts answers to {url}.",
    ],
    sample: "sophos.alert.json",
  },
  severities: { critical: "critical", high: "error", medium: "warning", low: "info", none: "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an alert or event of Sophos Central", itemsOf, readAlert),
};

/** What a later event says is over, by its type: cleaned up, up to date again, reconnected. */
const OVER = /(Cleaned|CleanedUp|Resolved|Dismissed|::Protected|::Reconnected|::NotOutOfDate)$/;
/** Housekeeping among the events: a scan that ended, an update that worked, somebody who was added. */
const HOUSEKEEPING = /(ScanComplete|UserAutoCreated|UpdateSuccess|::Registered|::Managed)$/;

function readAlert(reading: Reading, index: number, alert: Json): void {
  const type = textAt(alert, "type") ?? "";
  const id = textAt(alert, "id");
  if (HOUSEKEEPING.test(type))
    return reading.find(index, "type", "an event of housekeeping, not an alert: none is raised");
  if (id === null) return reading.refuse(index, "id", "a text");
  // An event has it at its top; an alert below data.
  const inside = (...paths: readonly string[]): string | null =>
    textAt(alert, ...paths) ?? textAt(alert["data"], ...paths);
  const host = textAt(alert, "location", "managedAgent.name", "dhost");
  tellFinding(reading, index, {
    uid: [textAt(alert, "threat_id") ?? id],
    title: textAt(alert, "description", "name") ?? type,
    severity: severityBy(sophos.severities!, textAt(alert, "severity")),
    status: OVER.test(type) ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, alert, "raisedAt", "when", "created_at", "end"),
    product: "Sophos",
    link: "https://central.sophos.com/manage/alerts",
    rule: type,
    category: textAt(alert, "category", "group"),
    host,
    user: textAt(alert, "source", "person.name"),
    account: textAt(alert, "tenant.name", "customer_id"),
    sourceIp: inside("source_info.ip"),
    observables: [
      ["ip", inside("ips_threat_data.remoteIp", "ips_threat.remote_ip")],
      ["sha256", inside("core_remedy_items.items.0.sha256", "appSha256")],
      ["file name", inside("core_remedy_items.items.0.descriptor")],
    ],
    labels: { product: textAt(alert, "product"), threat: textAt(alert, "threat") },
    details: { agent: textAt(alert, "managedAgent.id") ?? inside("endpoint_id") },
  });
}
