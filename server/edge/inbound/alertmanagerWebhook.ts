/**
 * The webhook that Alertmanager sends (version 4, and 3 of old tools), also sent by Grafana's and
 * other tools' Alertmanagers. Samples: golden/alertmanager-webhook.*.json
 */
import { type Adapter, cleanJson } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { readAlertParts } from "./alertmanagerAlert.ts";
import { isGrafana } from "./grafana.ts";
import { isObject, type Json, Reading, refusedWhole, safeLink, toldTime } from "./reading.ts";
import { has, recogniseObject } from "./telling.ts";
import { SEVERITY_WORDS } from "./severityWords.ts";

const NOT_A_LIST =
  "one object with version, status and alerts, not a list (GET /api/v2/alerts/groups gives a list)";

/** 4, 3 of old tools, and 1 of what it sends to incident.io; Grafana's own version is 1 too. */
const isVersion = (body: Json): boolean =>
  body["version"] === "4" ||
  body["version"] === "3" ||
  (body["version"] === "1" && !isGrafana(body));

/**
 * Every alert of the group becomes a signal of its own. Alertmanager repeats a webhook only every
 * few hours and not for what is over, so each one counts. Its own fingerprint is not used: ours is
 * the same whether an alert comes by webhook or by the API.
 */
export const alertmanagerWebhook: Adapter = {
  about: {
    id: "alertmanager-webhook",
    name: "Alertmanager, by webhook",
    docs: "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
  },
  setUp: {
    steps: [
      "In alertmanager.yml add a receiver with webhook_configs, and give it url: {url}.",
      "Set send_resolved: true (the default), so that an end arrives too, and route to the receiver.",
      BY_HEADER,
    ],
    sample: "alertmanager-webhook.v4.json",
  },
  severities: SEVERITY_WORDS,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      isVersion(body) && Array.isArray(body["alerts"]) && has(body, "receiver") && !isGrafana(body),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", NOT_A_LIST);
    if (!isVersion(body)) {
      return refusedWhole("version", "“4” (or “3”), as the webhook of Alertmanager has it");
    }
    const alerts = body["alerts"];
    if (!Array.isArray(alerts)) return refusedWhole("alerts", "a list of alerts");
    const reading = new Reading();
    for (let index = 0; index < alerts.length; index++) {
      readOne(reading, index, alerts[index], body);
    }
    if (alerts.length === 0) reading.find(0, "alerts", "an empty list: no alert");
    const cut = body["truncatedAlerts"];
    if (typeof cut === "number" && cut > 0) {
      reading.find(0, "truncatedAlerts", `${cut} alerts were cut off by the sender's max_alerts`);
    }
    return reading;
  },
};

function readOne(reading: Reading, index: number, raw: unknown, group: Json): void {
  if (!isObject(raw)) {
    return reading.refuse(index, "alert", "an object with status, labels and annotations");
  }
  const status = raw["status"] ?? group["status"];
  if (status !== "firing" && status !== "resolved") {
    return reading.refuse(index, "status", "“firing” or “resolved”, here or for the group");
  }
  const parts = readAlertParts(reading, index, raw);
  if (parts === null) return;
  const over = status === "resolved";
  reading.accept(
    index,
    {
      action: over ? "resolve" : "trigger",
      dedupKey: parts.dedupKey,
      title: parts.title,
      severity: over ? null : parts.severity,
      source: parts.source,
      labels: parts.labels,
      details: { ...groupOf(group), ...parts.overflow },
      link:
        safeLink(reading, index, "generatorURL", raw["generatorURL"]) ??
        safeLink(reading, index, "externalURL", group["externalURL"]),
      startedAt: toldTime(reading, index, "startsAt", raw["startsAt"]),
      // Nothing promises a repeat before the end of a firing alert, so it must not expire by itself.
      endsAt: over ? toldTime(reading, index, "endsAt", raw["endsAt"]) : null,
    },
    parts.severity,
  );
}

/** What people want to know of the way an alert came. */
function groupOf(group: Json): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const field of ["receiver", "groupKey", "externalURL"]) {
    if (group[field] !== undefined) told[field] = cleanJson(group[field]);
  }
  return told;
}
