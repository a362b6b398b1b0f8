/**
 * Kapacitor's event handler “post”: what an alert node writes.
 * https://docs.influxdata.com/kapacitor/v1/reference/nodes/alert_node/
 * Samples: golden/kapacitor.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
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

const SEVERITIES = {
  CRITICAL: "critical",
  WARNING: "warning",
  INFO: "info",
  OK: "info",
} satisfies Record<string, AlertSeverity>;

export const kapacitor: Adapter = {
  about: {
    id: "kapacitor",
    name: "Kapacitor",
    docs: "https://docs.influxdata.com/kapacitor/v1/reference/event_handlers/post/",
  },
  setUp: {
    steps: [
      "In the TICKscript let the alert node .post('{url}'), or name an [[httppost]] endpoint with this url in kapacitor.conf.",
      "Give the node an id that is the same for each group, and .stateChangesOnly().",
      BY_HEADER,
    ],
    sample: "kapacitor.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      has(SEVERITIES, firstText(body["level"]) ?? "") &&
      has(body, "id") &&
      (has(body, "previousLevel") || isObject(body["data"]) || has(body, "duration", "details")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of an alert node");
    const id = firstText(body["id"]);
    const level = firstText(body["level"])?.toUpperCase() ?? "";
    if (id === null) return refusedWhole("id", "the id of an alert");
    if (!Object.hasOwn(SEVERITIES, level))
      return refusedWhole("level", "OK, INFO, WARNING or CRITICAL");
    const reading = new Reading();
    const [series] = listOf(at(body, "data", "series"));
    const tags = at(series, "tags");
    const labels = isObject(tags) ? tags : {};
    // While it lasts its duration counts, in nanoseconds, from when it left OK.
    const now = momentOf(body["time"]);
    tell(reading, 0, {
      status: level === "OK" ? "resolved" : "firing",
      title: firstText(body["message"]) ?? id,
      severity: severityBy(SEVERITIES, level === "OK" ? body["previousLevel"] : level),
      dedupKey: joinKey("alert", id),
      service: firstText(labels["service"], labels["app"], labels["host"], at(series, "name"), id),
      source: firstText(labels["host"], labels["server"]),
      // The node knows no page: what its author wrote into the details may lead to one.
      link: /https?:\/\/[^\s"'<>]+/.exec(firstText(body["details"]) ?? "")?.[0] ?? null,
      startedAt: now,
      labels: { ...labels, measurement: at(series, "name"), level },
      details: { details: body["details"], data: body["data"], duration: body["duration"] },
    });
    return reading;
  },
};
