/**
 * Raygun: error notifications and activities by webhook.
 * https://raygun.com/documentation/product-guides/crash-reporting/integrations/webhooks
 * Samples: golden/raygun.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, joinKey, recogniseObject, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The kinds of a notification; Raygun itself ranks no errors. */
const SEVERITIES = {
  NewErrorOccurred: "error",
  ErrorReoccurred: "error",
  "…FollowUp": "error",
  StatusChanged: "info",
} satisfies Record<string, AlertSeverity>;

export const raygun: Adapter = {
  about: {
    id: "raygun",
    name: "Raygun",
    docs: "https://raygun.com/documentation/integrations/webhooks/",
  },
  setUp: {
    steps: ["Integrations → Webhook: URL {url}, for error notifications and activity."],
    sample: "raygun.new-error.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      /^error_(notification|activity)$/.test(firstText(body["event"]) ?? "") &&
      isObject(body["error"]),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const error = isObject(body["error"]) ? body["error"] : null;
    if (error === null) return refusedWhole("error", "an object");
    const type = firstText(body["eventType"]) ?? "";
    const reading = new Reading();
    if (/^(AssignedToUser|CommentAdded)$/.test(type)) {
      reading.find(0, "eventType", `${type} changes nothing about the error: no alert`);
      return reading;
    }
    const application = firstText(at(body, "application", "name"));
    const status = statusOf(type, error);
    tell(reading, 0, {
      status,
      title: firstText(error["message"]) ?? `An error of ${application ?? "an application"}`,
      severity:
        type === "StatusChanged" && status !== "firing"
          ? SEVERITIES.StatusChanged
          : SEVERITIES.NewErrorOccurred,
      dedupKey: firstText(error["url"]) ?? joinKey(application, error["message"]),
      service: application,
      source: application,
      link: error["url"],
      startedAt:
        momentOf(error["firstOccurredOn"]) ??
        momentOf(error["lastOccurredOn"]) ??
        momentOf(error["activityDate"]),
      labels: { type, users: error["usersAffected"], occurrences: error["totalOccurrences"] },
      details: { error, application: body["application"] },
    });
    return reading;
  },
};

function statusOf(type: string, error: Json): Status {
  if (type !== "StatusChanged") return "firing";
  const word = firstText(error["status"], error["newStatus"]) ?? "";
  if (/resolved/i.test(word)) return "resolved";
  return /ignored/i.test(word) ? "acknowledged" : "firing";
}
