/**
 * Cloudflare's notifications: attacks, health checks, certificates, tunnels and whatever else an account
 * is told of. What tells its state has an end; the other kinds are told once.
 * https://developers.cloudflare.com/notifications/reference/webhook-payload-schema/
 * Samples: golden/cloudflare.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { showsSecret } from "../signatures.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { saying, tellFinding } from "./finding.ts";

const NAMES = ["policy_id", "policy_name", "alert_correlation_id", "account_id"];
const isNotification = (body: Json): boolean =>
  (textAt(body, "alert_event") ?? "").startsWith("ALERT_STATE_EVENT_") ||
  (NAMES.some((name) => Object.hasOwn(body, name)) &&
    // Some kinds come without the name of their kind.
    (typeof body["alert_type"] === "string" ||
      (isObject(body["data"]) &&
        typeof body["ts"] === "number" &&
        typeof body["text"] === "string" &&
        typeof body["name"] === "string")));
/** What “Save and test” sends. */
const TEST = "Hello World! This is a test message sent from https://cloudflare.com";
const isTest = (body: Json): boolean => (textAt(body, "text") ?? "").startsWith(TEST);

/** The kind by its name, the first that fits, where the notification says no severity itself. */
const KINDS: readonly (readonly [form: RegExp, word: string])[] = [
  [
    /^tunnel_update|pool_enablement|successfully|digest|block_removed|review_rejected|^maintenance|^pages_event|^web_analytics|^cloudforce|^stream_live/,
    "news",
  ],
  [/ddos|dos_attack|dosd_attack|volumetric_attack|bgp_hijack/, "ddos, hijack"],
  [/certificate|ssl|expir/, "certificate"],
  [
    /incident_alert|load_balanc|health_check|tunnel|origin|http_alert|primaries_failing|low_availability|observability/,
    "health, origin",
  ],
  [
    /fw_|waf|security|sentinel|leak|page_shield|script|brand|logo_match|bot_|new_block/,
    "firewall, security",
  ],
  [/anomal|latency|failing|warning/, "anomaly, failing"],
];
/** How much of Cloudflare an incident of its own touches. */
const IMPACT = /^INCIDENT_IMPACT_/;

export const cloudflare: Adapter = {
  about: {
    id: "cloudflare",
    name: "Cloudflare",
    docs: "https://developers.cloudflare.com/notifications/reference/webhook-payload-schema/",
  },
  setUp: {
    steps: [
      "In Cloudflare open Manage account, Notifications, Destinations, and add a webhook with the URL {url} and a secret of yours.",
      "Put that secret into the environment and name it in the key's signedWith, then choose the webhook in your notifications.",
    ],
    sample: "cloudflare.ddos.json",
  },
  severities: {
    CRITICAL: "critical",
    HIGH: "error",
    MEDIUM: "warning",
    LOW: "info",
    MAJOR: "error",
    MINOR: "warning",
    NONE: "info",
    "ddos, hijack": "error",
    "health, origin": "error",
    "firewall, security": "warning",
    certificate: "warning",
    "anomaly, failing": "warning",
    news: "info",
    "any other": "warning",
  },
  resendsByContract: false,
  verify: ({ headers }, secret) => showsSecret(headers["cf-webhook-auth"], secret),
  recognise: recogniseObject((body) => isNotification(body) || isTest(body)),
  read: readObject("a notification with alert_type", (reading, body) => {
    if (isTest(body)) return reading.find(0, "text", "Cloudflare's test of the address: no alert");
    if (textAt(body, "alert_type") === null && !isNotification(body))
      return reading.refuse(0, "alert_type", "a text");
    const type = textAt(body, "alert_type") ?? "notification";
    const data = isObject(body["data"]) ? body["data"] : {};
    const about = textAt(
      data,
      "zone_name",
      "health_check_name",
      "name",
      "pool_name",
      "tunnel_name",
      "hostname",
      "target_hostname",
      "target_ip",
      "zones",
      "config.name",
    );
    const name = textAt(body, "name") ?? textAt(data, "alert_name");
    const health = textAt(
      data,
      "new_health_status",
      "new_health",
      "new_status",
      "incident_status",
      "status",
    );
    const over =
      textAt(body, "alert_event") === "ALERT_STATE_EVENT_END" ||
      textAt(data, "episode.resolved_at") !== null ||
      /^(healthy|tunnel_status_type_healthy|(incident_status_)?resolved|up)$/i.test(health ?? "");
    tellFinding(reading, 0, {
      uid: [
        textAt(body, "alert_correlation_id") ??
          [
            type,
            textAt(data, "attack_id", "episode.id") ?? textAt(body, "policy_id", "policy_name"),
            about,
          ].join(" "),
      ],
      title: `${name ?? type.replaceAll("_", " ")}${about === null || about === name ? "" : `: ${about}`}`,
      description: textAt(body, "text"),
      severity: severityOf(type, textAt(data, "severity", "incident_impact")),
      status: over ? "resolved" : "open",
      firstSeenAt: timeAt(
        reading,
        0,
        { data, body },
        "data.start_time",
        "data.alert_start_time",
        "data.time",
        "data.status_change_time",
        "data.episode.first_fired",
        "body.ts",
      ),
      product: "Cloudflare",
      link:
        textAt(data, "dashboard_link", "link", "rule_link") ??
        `https://dash.cloudflare.com/${encodeURIComponent(textAt(body, "account_id") ?? textAt(data, "account_tag") ?? "")}`,
      rule: textAt(data, "rule_name", "rule_id") ?? type,
      category: type,
      resource: about,
      account: textAt(data, "account_name", "account.name") ?? textAt(body, "account_id"),
      destinationIp: textAt(data, "target_ip"),
      labels: { policy: textAt(body, "policy_name", "policy_id"), health },
      details: { data: saying(data), reason: dig(data, "reason") },
    });
  }),
};

function severityOf(type: string, word: string | null): AlertSeverity {
  const known = word === null ? null : word.toUpperCase().replace(IMPACT, "");
  if (known !== null && Object.hasOwn(cloudflare.severities!, known)) {
    return cloudflare.severities![known]!;
  }
  return severityBy(
    cloudflare.severities!,
    KINDS.find(([form]) => form.test(type))?.[1] ?? "any other",
  );
}
