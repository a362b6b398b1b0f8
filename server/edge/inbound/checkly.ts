/** Checkly's webhook with its default template. Samples: golden/checkly.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { signedByHmac } from "./signatures.ts";
import { firstText, has, joinKey, recogniseObject, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The types of alerts. */
const SEVERITIES = {
  ALERT_FAILURE: "critical",
  ALERT_FAILURE_REMAIN: "critical",
  ALERT_DEGRADED_FAILURE: "critical",
  ALERT_DEGRADED: "warning",
  ALERT_DEGRADED_REMAIN: "warning",
  ALERT_SSL: "warning",
  ALERT_RECOVERY: "info",
  ALERT_DEGRADED_RECOVERY: "info",
} satisfies Record<string, AlertSeverity>;

export const checkly: Adapter = {
  about: {
    id: "checkly",
    name: "Checkly",
    docs: "https://www.checklyhq.com/docs/integrations/alerts/webhooks/",
  },
  setUp: {
    steps: [
      "Alert settings → Add more channels → Webhook: URL {url}, the default payload template.",
      "Put its secret into the environment and name it in the key's signedWith.",
    ],
    sample: "checkly.failure.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: (request, secret) => signedByHmac(request, secret, { header: "x-checkly-signature" }),
  recognise: recogniseObject((given) => {
    const body = inSmall(given);
    return (
      /^(ALERT_|NO_ALERT$)/.test(firstText(body["alert_type"]) ?? "") &&
      (has(body, "check_id") || has(body, "check_name"))
    );
  }),
  read({ body: given }) {
    if (!isObject(given)) return refusedWhole("body", "one JSON object of the default template");
    const body = inSmall(given);
    const type = firstText(body["alert_type"]);
    if (type === null) return refusedWhole("alert_type", Object.keys(SEVERITIES).join(", "));
    const reading = new Reading();
    if (!Object.hasOwn(SEVERITIES, type)) {
      reading.find(
        0,
        "alert_type",
        "tells of no failure, degradation, certificate or recovery: no alert",
      );
      return reading;
    }
    const name = firstText(body["check_name"], body["check_id"]) ?? "A check";
    const status: Status = type.endsWith("RECOVERY") ? "resolved" : "firing";
    const about = type === "ALERT_SSL" ? ["ssl"] : [];
    tell(reading, 0, {
      status,
      title: firstText(body["event"], body["alert_title"], body["title"]) ?? name,
      severity: SEVERITIES[type as keyof typeof SEVERITIES],
      dedupKey: joinKey("check", firstText(body["check_id"], name), ...about),
      service: firstText(body["group_name"], name),
      source: firstText(body["run_location"], body["region"]),
      link: firstText(body["link"], body["result_link"]),
      startedAt: momentOf(body["started_at"]),
      labels: {
        type: body["check_type"],
        check: name,
        location: body["run_location"],
        tags: body["tags"],
        status: body["api_check_response_status_code"],
      },
      details: {
        error: body["check_error_message"],
        responseTime: body["response_time"],
        sslDaysRemaining: body["ssl_days_remaining"],
        analysis: body["ai_analysis"],
      },
    });
    return reading;
  },
};

/** Templates of one's own often keep the names of the variables in capitals, or write them as camels. */
const inSmall = (body: Json): Json =>
  has(body, "ALERT_TYPE") || has(body, "alertType")
    ? Object.fromEntries(
        Object.entries(body)
          .slice(0, 200)
          .map(([name, value]) => [
            (/^[a-z]+(?:[A-Z][a-z]+)+$/.test(name)
              ? name.replaceAll(/(?=[A-Z])/g, "_")
              : name
            ).toLowerCase(),
            value,
          ]),
      )
    : body;
