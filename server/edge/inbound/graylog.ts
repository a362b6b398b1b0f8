/**
 * Graylog: event notifications by HTTP (3 and later) and the alarm callbacks of before. What an event
 * consists of is said by its source, EventNotificationModelData and EventDto.
 * Samples: golden/graylog.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_PASSWORD } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The priority of an event definition. */
const SEVERITIES = { "4": "critical", "3": "error", "2": "warning", "1": "info" } satisfies Record<
  string,
  AlertSeverity
>;

export const graylog: Adapter = {
  about: {
    id: "graylog",
    name: "Graylog",
    docs: "https://go2docs.graylog.org/current/interacting_with_your_log_data/http_notifications.html",
  },
  setUp: {
    steps: [
      "Alerts → Notifications → Create: type “HTTP notification”, URL {url}; add the URL to the allow list.",
      "Choose the notification in the event definitions.",
      BY_PASSWORD,
    ],
    sample: "graylog.event.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) => isEvent(body) || (isObject(body["check_result"]) && isObject(body["stream"])),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a notification");
    const reading = new Reading();
    if (body["event_definition_id"] === TEST)
      reading.find(0, "event_definition_id", "a test of the notification: no alert");
    else if (isEvent(body)) readEvent(reading, body, body["event"] as Json);
    else if (isObject(body["check_result"])) readAlarm(reading, body, body["check_result"]);
    else reading.refuse(0, "event", "an object beside event_definition_id (or check_result)");
    return reading;
  },
};

/** The definition that its button “Test” makes up. */
const TEST = "NotificationTestId";

const isEvent = (body: Json): boolean =>
  has(body, "event_definition_id") && isObject(body["event"]);

function readEvent(reading: Reading, body: Json, event: Json): void {
  const fields = isObject(event["fields"]) ? event["fields"] : {};
  const groups = isObject(event["group_by_fields"]) ? event["group_by_fields"] : {};
  const key = firstText(
    event["key"],
    ...[listOf(event["key_tuple"]), Object.values(groups)].map((values) =>
      values.map((one) => firstText(one) ?? "").join("|"),
    ),
  );
  const definition = known(body["event_definition_title"]);
  // The event comes from a node of Graylog; its messages come from what is ill, where all are of one.
  const senders = new Set(listOf(body["backlog"]).map((one) => firstText(at(one, "source"))));
  const [sender = null] = senders.size === 1 ? senders : [];
  tell(reading, 0, {
    status: "firing",
    title: firstText(event["message"], definition) ?? "Graylog event",
    severity: severityBy(SEVERITIES, event["priority"]),
    dedupKey: joinKey("event", body["event_definition_id"], key),
    service: firstText(
      fields["service"],
      fields["application"],
      fields["app"],
      fields["container_name"],
      groups["service"],
      groups["application"],
      sender,
      event["source"],
    ),
    source: sender ?? event["source"],
    link: firstText(event["replay_info"], body["link"]),
    startedAt: momentOf(event["timestamp"]) ?? momentOf(event["timestamp_processing"]),
    labels: { definition, key, type: known(body["event_definition_type"]), ...groups, ...fields },
    details: {
      description: known(body["event_definition_description"]),
      steps: known(body["remediation_steps"]),
      conditions: event["aggregation_conditions"],
      backlog: listOf(body["backlog"]).slice(0, 5),
      timerange: [event["timerange_start"], event["timerange_end"]],
    },
  });
}

/** What an event says whose definition is gone. */
const known = (value: unknown): string | null => (value === "<unknown>" ? null : firstText(value));

function readAlarm(reading: Reading, body: Json, result: Json): void {
  const stream = isObject(body["stream"]) ? body["stream"] : {};
  const condition = isObject(result["triggered_condition"]) ? result["triggered_condition"] : {};
  const [message] = listOf(result["matching_messages"]);
  tell(reading, 0, {
    status: result["triggered"] === false ? "resolved" : "firing",
    title:
      firstText(
        condition["title"],
        stream["title"] === undefined
          ? null
          : `Stream ${firstText(stream["title"]) ?? ""}: ${firstText(condition["type"]) ?? "alert"}`,
        result["result_description"],
      ) ?? "Graylog alert",
    // A condition had no priority.
    severity: "warning",
    dedupKey: joinKey("condition", stream["id"], condition["id"] ?? condition["type"]),
    service: firstText(stream["title"]),
    source: firstText(at(message, "source")),
    link: firstText(body["stream_url"]),
    startedAt: momentOf(result["triggered_at"]),
    labels: { stream: stream["title"], condition: condition["type"] },
    details: {
      description: result["result_description"],
      condition: condition["description"],
      messages: listOf(result["matching_messages"]).slice(0, 5),
    },
  });
}
