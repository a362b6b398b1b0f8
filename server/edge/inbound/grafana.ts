/**
 * Grafana's contact point “webhook”: unified alerting (8 and later), which has the form of
 * Alertmanager's with more fields, and the notification channels of before.
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 * Samples: golden/grafana.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, cleanJson, fingerprint } from "../../domain/signal/signal.ts";
import { readAlertParts } from "./alertmanagerAlert.ts";
import { authorizedBy } from "./authorization.ts";
import { isIncident, readIncident, signedAsIncident } from "./grafanaIncident.ts";
import { filled, isFilled, isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { safeLink, toldTime } from "./reading.ts";
import { signedWithTime } from "./signatures.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The states of a legacy rule; a tag “severity” of the rule says more where it stands. */
const SEVERITIES = {
  alerting: "error",
  no_data: "warning",
  pending: "info",
  paused: "info",
  ok: "info",
} satisfies Record<string, AlertSeverity>;

export const grafana: Adapter = {
  about: {
    id: "grafana",
    name: "Grafana",
    docs: "https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/",
  },
  setUp: {
    steps: [
      "Alerting → Contact points → New: choose “Webhook” and give it the URL {url}.",
      "HMAC signature (12.0 and later): give it a secret, put that into the environment and name it in the key's signedWith, and leave the header X-Grafana-Alerting-Signature; a timestamp header is called X-Grafana-Alerting-Timestamp. Earlier releases show the secret as the credentials of their Authorization header.",
      "Leave “Disable resolved message” off, and let a notification policy use the contact point.",
      "For incidents of Grafana IRM install its Outgoing Webhook, let the events run it with the same URL, and give it a key of its own: its signing secret is another one, and goes into the environment and the key's signedWith as well.",
    ],
    sample: "grafana.unified.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: (request, secret) =>
    signedWithTime(request, secret, {
      header: "x-grafana-alerting-signature",
      time: "x-grafana-alerting-timestamp",
    }) ||
    signedAsIncident(request, secret) ||
    authorizedBy(request, secret),
  recognise: recogniseObject((body) => isGrafana(body) || isLegacy(body) || isIncident(body)),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of Grafana's webhook");
    if (body["alerts"] === undefined && body["ruleId"] !== undefined) return readLegacy(body);
    if (isIncident(body)) {
      const reading = new Reading();
      readIncident(reading, body);
      return reading;
    }
    const alerts = body["alerts"];
    if (!Array.isArray(alerts)) {
      return refusedWhole("alerts", "a list of alerts (or ruleId and state of a legacy channel)");
    }
    const reading = new Reading();
    alerts.forEach((alert: unknown, index) => readOne(reading, index, alert, body));
    if (alerts.length === 0) reading.find(0, "alerts", "an empty list: no alert");
    const cut = body["truncatedAlerts"];
    if (typeof cut === "number" && cut > 0) {
      reading.find(0, "truncatedAlerts", `${cut} alerts were cut off by the sender's limit`);
    }
    return reading;
  },
};

/** What Grafana adds to the form of Alertmanager. */
export function isGrafana(body: Json): boolean {
  const { alerts } = body;
  if (!Array.isArray(alerts)) return false;
  if (has(body, "orgId") || has(body, "numFiring")) return true;
  const first: unknown = alerts[0];
  return (
    isObject(first) &&
    ["silenceURL", "dashboardURL", "panelURL", "valueString"].some((name) => has(first, name))
  );
}

const isLegacy = (body: Json): boolean =>
  has(body, "ruleName", "state") && (has(body, "evalMatches") || has(body, "ruleId"));

function readOne(reading: Reading, index: number, raw: unknown, group: Json): void {
  if (!isObject(raw)) {
    return reading.refuse(index, "alert", "an object with status, labels and annotations");
  }
  const status = raw["status"] ?? group["status"];
  if (status !== "firing" && status !== "resolved") {
    return reading.refuse(index, "status", "“firing” or “resolved”, here or for the group");
  }
  const bare = !isObject(raw["labels"]) || !Object.values(raw["labels"]).some(isFilled);
  // Queries without labels give alerts without any: the group's title names them.
  const parts = readAlertParts(reading, index, bare ? { ...raw, labels: titled(group) } : raw);
  if (parts === null) return;
  const over = status === "resolved";
  const annotations = isObject(raw["annotations"]) ? raw["annotations"] : {};
  const title =
    firstText(annotations["summary"], annotations["title"]) ??
    ofSource(parts.labels) ??
    parts.title;
  const details: Record<string, unknown> = {};
  for (const name of ["values", "valueString", "silenceURL", "dashboardURL", "imageURL"]) {
    if (raw[name] !== undefined && raw[name] !== null) details[name] = cleanJson(raw[name]);
  }
  tell(reading, index, {
    status,
    title,
    severity: parts.severity,
    dedupKey: bare
      ? joinKey("alert", firstText(raw["fingerprint"], group["groupKey"], group["title"]))
      : parts.dedupKey,
    service: firstText(parts.labels["service"], parts.labels["app"], parts.labels["job"]),
    source: parts.source,
    link:
      ["panelURL", "dashboardURL", "generatorURL"]
        .map((name) => filled(raw[name]))
        .find((url) => url !== null && /^https?:/.test(url)) ?? filled(group["externalURL"]),
    // Templates of its users print times as Go does.
    startedAt: momentOf(raw["startsAt"]) ?? toldTime(reading, index, "startsAt", raw["startsAt"]),
    endsAt: over
      ? (momentOf(raw["endsAt"]) ?? toldTime(reading, index, "endsAt", raw["endsAt"]))
      : null,
    labels: parts.labels,
    details: { ...details, receiver: group["receiver"], ...parts.overflow },
  });
}

/** What Grafana raises by itself when a rule has nothing to judge; a label names the rule. */
function ofSource(labels: Json): string | null {
  const rule = firstText(labels["rulename"]);
  if (rule === null) return null;
  if (labels["alertname"] === "DatasourceNoData") return `${rule}: no data`;
  return labels["alertname"] === "DatasourceError" ? `${rule}: its source failed` : null;
}

/** “[FIRING:1] till is slow (…)” without its count. */
const titled = (group: Json): Json => ({
  alertname:
    firstText(group["title"])
      ?.replace(/^\[[^\]]{0,60}\]/, "")
      .trim() || "Grafana alert",
});

/** A rule tells “ok” for its end; “pending” and “paused” are no condition yet or any more. */
function readLegacy(body: Json): Reading {
  const reading = new Reading();
  const state = body["state"];
  if (typeof state !== "string" || !Object.hasOwn(SEVERITIES, state)) {
    reading.refuse(0, "state", "alerting, no_data, ok, pending or paused");
    return reading;
  }
  if (state === "pending") {
    reading.find(0, "state", "pending is no condition yet: no alert");
    return reading;
  }
  const tags = isObject(body["tags"]) ? body["tags"] : {};
  const matches = Array.isArray(body["evalMatches"]) ? body["evalMatches"].filter(isObject) : [];
  const matched = matches.map((match) => match["tags"]).find(isObject) ?? {};
  const link = safeLink(reading, 0, "ruleUrl", body["ruleUrl"]);
  const word = firstText(tags["severity"], tags["priority"]);
  tell(reading, 0, {
    status: state === "ok" || state === "paused" ? "resolved" : "firing",
    title: firstText(body["ruleName"], body["title"]) ?? "Grafana rule",
    severity: word === null ? SEVERITIES[state as keyof typeof SEVERITIES] : severityBy({}, word),
    dedupKey: joinKey(
      "rule",
      firstText(body["orgId"]) ?? "1",
      body["ruleId"] ?? fingerprint({ rule: firstText(body["ruleName"]) ?? "" }),
    ),
    service: firstText(tags["service"], tags["app"], matched["service"], matched["job"]),
    source: firstText(matched["instance"], matched["host"]),
    link,
    labels: { ...matched, ...tags, rule: body["ruleName"], state },
    details: {
      message: body["message"],
      evalMatches: body["evalMatches"],
      imageUrl: body["imageUrl"],
    },
  });
  return reading;
}
