/**
 * VMware Carbon Black Cloud's alerts, as its API (v6 and v7) and its data forwarder give them.
 * https://developer.carbonblack.com/reference/carbon-black-cloud/platform/latest/alert-search-and-bulk-operations-api-schemas/
 * Samples: golden/carbon-black.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const isAlert = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "id", "severity", "type") &&
  /^(CB_ANALYTICS|WATCHLIST|DEVICE_CONTROL|CONTAINER_RUNTIME|HOST_BASED_FIREWALL|INTRUSION_DETECTION_SYSTEM|NETWORK_TRAFFIC_ANALYSIS)$/.test(
    textAt(one, "type") ?? "",
  );

function itemsOf(body: Json): readonly unknown[] | null {
  if (isAlert(body)) return [body];
  const list = body["results"];
  return Array.isArray(list) && list.length > 0 && list.every(isAlert) ? list : null;
}

export const carbonBlack: Adapter = {
  about: {
    id: "carbon-black",
    name: "Carbon Black Cloud",
    docs: "https://developer.carbonblack.com/reference/carbon-black-cloud/platform/latest/alert-search-and-bulk-operations-api-schemas/",
  },
  setUp: {
    steps: [
      "Make a data forwarder of the type Alert to a bucket, and let a function post each line as it is to {url}.",
      "Or have a script post what the alerts' search answers to {url}.",
    ],
    sample: "carbon-black.alert.json",
  },
  // The severity of 1 to 10.
  severities: { "9–10": "critical", "7–8": "error", "4–6": "warning", "1–3": "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an alert of Carbon Black Cloud", itemsOf, readAlert),
};

/** In version 6 the code of a watchlist's reason is the sentence itself. */
function reasonOf(alert: Json): string | null {
  const code = textAt(alert, "reason_code");
  const sentence = code !== null && /^\S+ .* \S+$/.test(code) ? code : null;
  return textAt(alert, "reason") ?? sentence ?? textAt(alert, "report_name", "watchlists.0.name");
}

/** Version 7 gives the console's address without its scheme. */
function linkOf(alert: Json): string | null {
  const address = textAt(alert, "alert_url");
  return address === null || /^https?:/i.test(address) ? address : `https://${address}`;
}

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "id");
  if (id === null) return reading.refuse(index, "id", "a text");
  const host = textAt(alert, "device_name");
  const workload = textAt(alert, "k8s_workload_name");
  const severity = Number(textAt(alert, "severity") ?? "5");
  const status = textAt(alert, "workflow.status", "workflow.state");
  tellFinding(reading, index, {
    uid: [id],
    title: reasonOf(alert) ?? `Alert on ${host ?? "a device"}`,
    description: textAt(alert, "report_description"),
    severity: severityBy(
      carbonBlack.severities!,
      severity >= 9 ? "9–10" : severity >= 7 ? "7–8" : severity >= 4 ? "4–6" : "1–3",
    ),
    status: /^(CLOSED|DISMISSED)$/i.test(status ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      alert,
      "first_event_timestamp",
      "first_event_time",
      "detection_timestamp",
      "backend_timestamp",
      "create_time",
    ),
    product: "Carbon Black",
    link: linkOf(alert),
    rule: textAt(alert, "threat_id", "rule_id"),
    category: textAt(alert, "type"),
    host,
    resource: workload,
    user: textAt(alert, "device_username", "process_username"),
    account: textAt(alert, "org_key"),
    sourceIp: textAt(alert, "device_internal_ip"),
    tactics: dig(alert, "attack_tactic"),
    techniques: dig(alert, "attack_technique"),
    observables: [
      ["sha256", textAt(alert, "process_sha256", "threat_cause_actor_sha256")],
      ["md5", textAt(alert, "process_md5", "threat_cause_actor_md5")],
      ["file name", textAt(alert, "process_name", "threat_cause_actor_name")],
      ["ip", textAt(alert, "netconn_remote_ip")],
      ["domain", textAt(alert, "netconn_remote_domain")],
    ],
    labels: {
      tool_status: status,
      tool_severity: textAt(alert, "severity"),
      cluster: textAt(alert, "k8s_cluster"),
      namespace: textAt(alert, "k8s_namespace"),
      policy: textAt(alert, "device_policy", "policy_name"),
      action: textAt(alert, "policy_applied", "sensor_action"),
    },
    details: { commandLine: textAt(alert, "process_cmdline")?.slice(0, 1_000) },
  });
}
