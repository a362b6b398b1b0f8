/**
 * InfluxDB 2: what a notification rule posts to an HTTP endpoint, which is the row of the check's status
 * beside the rule's own names.
 * https://docs.influxdata.com/influxdb/v2/monitor-alert/notification-endpoints/
 * Samples: golden/influxdb.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { type Json } from "../reading.ts";
import { readObject } from "../items.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The levels of a check. */
const SEVERITIES = {
  crit: "critical",
  warn: "warning",
  info: "info",
  ok: "info",
  unknown: "warning",
} satisfies Record<string, AlertSeverity>;

export const influxDb: Adapter = {
  about: {
    id: "influxdb",
    name: "InfluxDB 2",
    docs: "https://docs.influxdata.com/influxdb/v2/monitor-alert/notification-endpoints/",
  },
  setUp: {
    steps: [
      "Alerts → Notification endpoints → Create: destination HTTP, method POST, URL {url}.",
      "Let the notification rules tell when a status is equal to CRIT, WARN and OK, so that an end arrives too.",
      BY_HEADER,
    ],
    sample: "influxdb.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) => has(body, "_level") && (has(body, "_check_id") || has(body, "_source_measurement")),
  ),
  read: readObject("one JSON object of a notification", (reading, body) => {
    const level = firstText(body["_level"])?.toLowerCase() ?? "";
    if (!Object.hasOwn(SEVERITIES, level))
      return reading.refuse(0, "_level", "crit, warn, info, ok or unknown");
    const check = firstText(body["_check_name"], body["_source_measurement"]);
    const tags = tagsOf(body);
    const host = firstText(tags["host"], tags["hostname"], tags["device"]);
    tell(reading, 0, {
      status: level === "ok" ? "resolved" : "firing",
      title: firstText(body["_message"]) ?? `${check ?? "A check"} is ${level}`,
      severity: severityBy(SEVERITIES, level),
      dedupKey: joinKey(
        "check",
        firstText(body["_check_id"], check),
        ...Object.keys(tags)
          .toSorted()
          .map((name) => `${name}=${tags[name]}`),
      ),
      service: firstText(tags["service"], tags["app"], host, check),
      source: host,
      link: null,
      startedAt:
        momentOf(body["_source_timestamp"]) ??
        momentOf(body["_status_timestamp"]) ??
        momentOf(body["_time"]),
      labels: { ...tags, check, level, measurement: body["_source_measurement"] },
      details: { rule: body["_notification_rule_name"], row: body },
    });
  }),
};

/** Beside names with a line before them stand the tags of the series, as texts, and its fields, as numbers. */
const tagsOf = (body: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(body)
      .filter((entry): entry is [string, string] => typeof entry[1] === "string")
      .filter(([name]) => !name.startsWith("_"))
      .slice(0, 50),
  );
