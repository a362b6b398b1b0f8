/**
 * Netdata Cloud's webhook: alerts, and nodes that cannot be reached.
 * https://learn.netdata.cloud/docs/alerts-&-notifications/notifications/centralized-cloud-notifications/webhook
 * Samples: golden/netdata.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { addMs, HOUR, type Instant } from "../../base/instant.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = {
  critical: "critical",
  warning: "warning",
  clear: "info",
  info: "info",
} satisfies Record<string, AlertSeverity>;

export const netdata: Adapter = {
  about: {
    id: "netdata",
    name: "Netdata",
    docs: "https://learn.netdata.cloud/docs/alerting/notifications/centralized-cloud-notifications/webhook",
  },
  setUp: {
    steps: [
      "Space settings → Alerts & Notifications → Add configuration → Webhook: URL {url}, for all alerts and for reachability.",
      "Press Test there, and type the token that stands then in the alert “Netdata's test”.",
      BY_HEADER,
    ],
    sample: "netdata.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) =>
    isAlert(body) || isReachability(body) ? 1 : isChallenge(body) ? 0.2 : 0,
  ),
  read({ body, now }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    if (isReachability(body)) readReachability(reading, body);
    else if (isChallenge(body)) readChallenge(reading, body, now);
    else readAlert(reading, body);
    return reading;
  },
};

/** An alert was called an alarm before. */
const isAlert = (body: Json): boolean =>
  (has(body, "alert") || has(body, "alarm")) &&
  has(body, "chart", "severity") &&
  (has(body, "space") || has(body, "alert_url") || has(body, "alarm_url"));

/** The test by which it asks whose address this is. */
const isChallenge = (body: Json): boolean =>
  Object.keys(body).length === 3 && has(body, "message", "title", "token");

const isReachability = (body: Json): boolean =>
  isObject(body["status"]) && has(body["status"], "reachable") && has(body, "host");

/** Whoever sets the webhook up has to type the token there, so that it must be seen. */
function readChallenge(reading: Reading, body: Json, now: Instant): void {
  tell(reading, 0, {
    status: "firing",
    title: `Netdata's test: the token to verify the address is ${firstText(body["token"]) ?? "?"}`,
    severity: "info",
    // Every test has a token of its own, and an alert keeps the title that it began with.
    dedupKey: joinKey("verification", body["token"]),
    startedAt: now,
    endsAt: addMs(now, HOUR),
    details: { message: body["message"] },
  });
}

function readAlert(reading: Reading, body: Json): void {
  const alert = firstText(body["alert"], body["alarm"], body["name"]);
  if (alert === null) return reading.refuse(0, "alert", "the name of an alert");
  const severity = firstText(body["severity"])?.toLowerCase() ?? "warning";
  const host = firstText(body["host"], at(body, "node", "name"), hostIn(body["message"]));
  tell(reading, 0, {
    status: severity === "clear" ? "resolved" : "firing",
    title: firstText(body["message"], body["info"]) ?? alert,
    severity: severityBy(SEVERITIES, severity),
    dedupKey: joinKey("alert", body["space"], host, body["chart"], alert),
    service: firstText(host, body["family"], body["chart"]),
    source: host,
    link: firstText(body["alert_url"], body["alarm_url"], body["url"]),
    startedAt: momentOf(body["date"]),
    labels: {
      alert,
      chart: body["chart"],
      context: body["context"],
      family: body["family"],
      class: body["class"],
      space: body["space"],
    },
    details: { info: body["info"], duration: body["duration"], value: body["value"] },
  });
}

/** “… on till-2 is critical” names the node nowhere else in some messages. */
const hostIn = (message: unknown): string | null =>
  /\bon (?:node |host )?([\w.-]{1,100})/.exec(firstText(message) ?? "")?.[1] ?? null;

function readReachability(reading: Reading, body: Json): void {
  const host = firstText(body["host"]);
  if (host === null) return reading.refuse(0, "host", "the name of a node");
  const reachable = at(body, "status", "reachable") === true;
  tell(reading, 0, {
    status: reachable ? "resolved" : "firing",
    title: firstText(body["message"]) ?? `${host} is ${reachable ? "" : "un"}reachable`,
    severity: severityBy(SEVERITIES, reachable ? "critical" : (body["severity"] ?? "critical")),
    dedupKey: joinKey("node", host),
    service: host,
    source: host,
    link: body["url"],
    labels: { host, state: at(body, "status", "text") },
    details: body,
  });
}
