/** Rollbar: items, occurrences and deploys by webhook. Samples: golden/rollbar.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { changeTold } from "./changeTold.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** By number, as items have it, and by name, as occurrences have it. */
const SEVERITIES = {
  "50": "critical",
  critical: "critical",
  "40": "error",
  error: "error",
  "30": "warning",
  warning: "warning",
  "20": "info",
  info: "info",
  "10": "info",
  debug: "info",
} satisfies Record<string, AlertSeverity>;

const EVENT =
  /^(new_item|occurrence|exp_repeat_item|item_velocity|resolved_item|reactivated_item|reopened_item|deploy|test|session_.*)$/;

export const rollbar: Adapter = {
  about: { id: "rollbar", name: "Rollbar", docs: "https://docs.rollbar.com/docs/webhooks" },
  setUp: {
    steps: [
      "Project settings → Notifications → Webhook: URL {url}; enable the rules for new, repeated, resolved and reactivated items.",
    ],
    sample: "rollbar.new-item.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) => EVENT.test(firstText(body["event_name"]) ?? "") && isObject(body["data"]),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const data = isObject(body["data"]) ? body["data"] : null;
    const event = firstText(body["event_name"]);
    if (event === null) return refusedWhole("event_name", "the name of an event, such as new_item");
    if (data === null) return refusedWhole("data", "an object");
    const reading = new Reading();
    if (event === "test") reading.find(0, "event_name", "a test of the webhook: no alert");
    else if (isObject(data["deploy"])) readDeploy(reading, data["deploy"]);
    else if (isObject(data["item"])) readItem(reading, event, data["item"], data);
    else reading.refuse(0, "data.item", "an object");
    return reading;
  },
};

function readItem(reading: Reading, event: string, item: Json, data: Json): void {
  const id = firstText(item["id"], item["hash"], item["counter"]);
  if (id === null) return reading.refuse(0, "data.item.id", "the identity of an item");
  const occurrence = [data["occurrence"], item["last_occurrence"]].find(isObject) ?? {};
  const uuid = firstText(occurrence["uuid"], at(occurrence, "metadata", "uuid"));
  const status = event === "resolved_item" || item["status"] === "resolved" ? "resolved" : "firing";
  tell(reading, 0, {
    status,
    title:
      firstText(item["title"], at(occurrence, "body", "message", "body"), data["title"]) ??
      "Rollbar item",
    severity: severityBy(SEVERITIES, item["level"] ?? occurrence["level"] ?? data["level"]),
    dedupKey: joinKey("item", item["project_id"], id),
    service: firstText(
      at(data, "project", "name"),
      at(item, "project", "name"),
      at(occurrence, "server", "host"),
    ),
    source: firstText(at(occurrence, "server", "host"), occurrence["framework"]),
    link:
      firstText(data["url"], item["url"]) ??
      (uuid === null
        ? null
        : `https://rollbar.com/instance/uuid?uuid=${encodeURIComponent(uuid.toWellFormed())}`),
    // What comes back began anew with its last occurrence, not when it was first seen.
    startedAt:
      (event === "reactivated_item" || event === "reopened_item"
        ? momentOf(item["last_occurrence_timestamp"])
        : null) ??
      momentOf(item["first_occurrence_timestamp"]) ??
      momentOf(occurrence["timestamp"]),
    labels: {
      event,
      environment: item["environment"],
      project: item["project_id"],
      counter: item["counter"],
      language: occurrence["language"],
    },
    details: {
      total: item["total_occurrences"],
      occurrences: data["occurrences"],
      body: occurrence["body"],
      request: at(occurrence, "request", "url"),
    },
  });
}

function readDeploy(reading: Reading, deploy: Json): void {
  const environment = firstText(deploy["environment"]);
  const revision = firstText(deploy["revision"]);
  const status = firstText(deploy["status"]);
  reading.change(
    0,
    changeTold({
      kind: "deployment",
      dedupKey: joinKey("deploy", deploy["project_id"], deploy["id"] ?? revision),
      title: `Deployed ${revision ?? "a revision"} to ${environment ?? "an environment"}`,
      status:
        status === "failed" || status === "timed_out"
          ? "failed"
          : status === "started"
            ? "started"
            : "succeeded",
      environment,
      version: revision,
      by: firstText(deploy["local_username"], deploy["user_id"]),
      at: momentOf(deploy["finish_time"]) ?? momentOf(deploy["start_time"]),
      labels: has(deploy, "comment") ? { comment: deploy["comment"] } : {},
    }),
  );
}
