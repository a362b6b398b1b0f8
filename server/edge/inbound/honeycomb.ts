/**
 * Honeycomb: triggers and burn alerts by webhook, in the default body and in templates that keep the
 * names of its variables. https://docs.honeycomb.io/notify/alert/integrations/webhooks/
 * Samples: golden/honeycomb.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { showsSecret } from "./signatures.ts";
import { at, firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** A trigger has no severity; newer templates may carry one as alert_severity. */
const SEVERITIES = {
  CRITICAL: "critical",
  TRIGGERED: "error",
  WARNING: "warning",
  OK: "info",
  test: "info",
} satisfies Record<string, AlertSeverity>;

/** Of these variables one stands in every default body. */
const OWN = [
  "trigger_url",
  "result_url",
  "result_groups",
  "trigger_description",
  "burn_alert_url",
  "slo_url",
  "exhaustion_minutes",
  "burn_alert",
  "slo",
];

export const honeycomb: Adapter = {
  about: {
    id: "honeycomb",
    name: "Honeycomb",
    docs: "https://docs.honeycomb.io/notify/alert/integrations/webhooks/",
  },
  setUp: {
    steps: [
      "Team settings → Integrations: add a webhook recipient with the URL {url} and a shared secret.",
      "Put the shared secret into the environment and name it in the key's signedWith.",
      "Choose the recipient in triggers and burn alerts.",
    ],
    sample: "honeycomb.trigger.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: ({ headers }, secret) => showsSecret(headers["x-honeycomb-webhook-token"], secret),
  recognise: recogniseObject((given) => {
    const body = ofVariables(given);
    if (!has(body, "name", "status")) return false;
    // A template may look like that of anybody else: its address tells whose it is.
    if (body !== given) return /honeycomb/.test(linkOf(body) ?? "");
    return OWN.some((name) => has(body, name));
  }),
  read({ body: given }) {
    if (!isObject(given)) return refusedWhole("body", "one JSON object of a webhook");
    const body = ofVariables(given);
    // The first versions told no identity of a trigger: its page has it, or its name is one.
    const id = firstText(
      body["id"],
      /\/triggers\/([^/?#]{1,60})/.exec(firstText(body["trigger_url"]) ?? "")?.[1],
      body["name"],
    );
    const word = firstText(body["status"]);
    if (id === null) return refusedWhole("id", "the identity of a trigger");
    if (word === null || !/^(triggered|ok)$/i.test(word))
      return refusedWhole("status", "TRIGGERED or OK");
    const reading = new Reading();
    const link = linkOf(body);
    tell(reading, 0, {
      status: word.toUpperCase() === "OK" ? "resolved" : "firing",
      title: firstText(body["name"], body["summary"]) ?? "Honeycomb trigger",
      severity:
        body["is_test"] === true
          ? SEVERITIES.test
          : severityBy(
              SEVERITIES,
              firstText(body["alert_severity"], body["severity"]) ?? "TRIGGERED",
            ),
      dedupKey: joinKey("trigger", id),
      service: firstText(
        body["dataset"],
        at(body, "dataset", "name"),
        body["dataset_name"],
        at(body, "slo", "name"),
        /\/datasets\/([^/]+)\//.exec(link ?? "")?.[1],
        /\/datasets\/([^/]+)\//.exec(firstText(body["trigger_url"]) ?? "")?.[1],
      ),
      source: firstText(/\/([^/]+)\/(?:datasets|environments)\//.exec(link ?? "")?.[1]),
      link,
      startedAt: momentOf(body["timestamp"]) ?? momentOf(body["triggered_at"]),
      labels: {
        test: body["is_test"] === true ? "true" : null,
        environment:
          firstText(body["environment"]) ?? /\/environments\/([^/]+)\//.exec(link ?? "")?.[1],
      },
      details: {
        summary: body["summary"],
        description: body["description"],
        trigger: body["trigger_description"],
        threshold: body["threshold"],
        operator: body["operator"],
        groups: body["result_groups_triggered"],
      },
    });
    if (body["is_test"] === true) reading.find(0, "is_test", "a test of the webhook");
    return reading;
  },
};

/** A template of whole variables: what the alert says of itself stands below “alert”. */
function ofVariables(body: Json): Json {
  const alert = body["alert"];
  if (!isObject(alert) || !has(alert, "status")) return body;
  return {
    ...alert,
    id: alert["id"] ?? alert["instanceID"],
    ...body,
    status: alert["status"],
    result_url: at(body, "result", "url"),
    result_groups_triggered: at(body, "result", "groupsTriggered"),
    alert_severity: at(body, "vars", "severity"),
    is_test: alert["isTest"],
  };
}

const linkOf = (body: Json): string | null =>
  firstText(
    body["result_url"],
    body["trigger_url"],
    body["burn_alert_url"],
    body["slo_url"],
    body["url"],
  );
