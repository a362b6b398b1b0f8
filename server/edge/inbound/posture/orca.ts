/**
 * Orca Security's alerts, as its webhook and its API give them: with what changes below `state`, or flat
 * below the event's `data`.
 * https://docs.orcasecurity.io/docs/integrating-webhooks Samples: golden/orca.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isAlert = (one: unknown): boolean =>
  isObject(one) &&
  (isObject(one["state"]) || has(one, "risk_level") || has(one, "orca_score")) &&
  (textAt(one, "state.alert_id", "alert_id") ?? "").startsWith("orca-") &&
  ["type_string", "asset_name", "rule_id", "type", "alert_category"].some((name) => has(one, name));

function itemsOf(body: Json): readonly unknown[] | null {
  if (isAlert(body)) return [body];
  const list = isAlert(body["data"]) ? [body["data"]] : (body["data"] ?? body["alerts"]);
  return Array.isArray(list) && list.length > 0 && list.every(isAlert) ? list : null;
}

export const orca: Adapter = {
  about: {
    id: "orca",
    name: "Orca Security",
    docs: "https://docs.orcasecurity.io/docs/integrating-webhooks",
  },
  setUp: {
    steps: [
      "In Orca open Integrations, Webhooks, and add one with the URL {url}.",
      "Make an automation whose action it is, also for alerts that are closed.",
    ],
    sample: "orca.alert.json",
  },
  severities: {
    imminent_compromise: "critical",
    critical: "critical",
    compromised: "critical",
    hazardous: "error",
    high: "error",
    medium: "warning",
    low: "info",
    informational: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an alert of Orca", itemsOf, readAlert),
};

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "state.alert_id", "alert_id");
  if (id === null) return reading.refuse(index, "state.alert_id", "a text such as orca-123");
  const asset = textAt(alert, "asset_name", "asset_unique_id");
  const status = textAt(alert, "state.status", "status", "configuration.user_status");
  tellFinding(reading, index, {
    uid: [id],
    title: `${textAt(alert, "type_string", "description", "type", "alert_category") ?? "Alert"}${asset === null ? "" : `: ${asset}`}`,
    description: textAt(alert, "details", "description"),
    severity: severityBy(
      orca.severities!,
      textAt(alert, "state.risk_level", "state.severity", "risk_level"),
    ),
    status: /^(closed|dismissed|resolved|rejected|snoozed)$/i.test(status ?? "")
      ? "resolved"
      : "open",
    firstSeenAt: timeAt(reading, index, alert, "state.created_at", "created_at", "state.last_seen"),
    product: "Orca",
    link:
      textAt(alert, "alert_ui_link", "alert_url") ??
      `https://app.orcasecurity.io/alerts/${encodeURIComponent(id)}`,
    rule: textAt(alert, "rule_id", "type_key"),
    category: textAt(alert, "alert_category", "category", "type"),
    resource: asset,
    account: textAt(alert, "account_name", "cloud_account_id", "account_id"),
    region: textAt(alert, "asset_regions.0"),
    labels: {
      tool_status: status,
      platform: textAt(alert, "cloud_provider"),
      asset_type: textAt(alert, "asset_type_string", "asset_type"),
      score: textAt(alert, "state.orca_score", "state.score", "orca_score"),
    },
    details: { recommendation: textAt(alert, "recommendation"), cves: dig(alert, "cve_list") },
  });
}
