/**
 * Splunk's alert action “Webhook”. A search has no end of its own.
 * https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks Samples: golden/splunk.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, joinKey, listOf, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** By name and by number, where the search puts a field “severity” or “alert.severity” into its result. */
const SEVERITIES = {
  "6": "critical",
  fatal: "critical",
  "5": "critical",
  critical: "critical",
  "4": "error",
  high: "error",
  "3": "warning",
  medium: "warning",
  "2": "info",
  low: "info",
  "1": "info",
} satisfies Record<string, AlertSeverity>;

export const splunk: Adapter = {
  about: {
    id: "splunk",
    name: "Splunk",
    docs: "https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks",
  },
  setUp: {
    steps: [
      "Save the search as an alert and add the action “Webhook” with the URL {url}.",
      "Give the result a field severity, and service where the name of the search does not tell it.",
    ],
    sample: "splunk.alert.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      has(body, "search_name", "sid") &&
      (has(body, "results_link") || has(body, "result") || Array.isArray(body["results"])),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of the webhook action");
    // A search that was never saved has no name, and only its run has an identity.
    const saved = firstText(body["search_name"]);
    const run = firstText(body["sid"]);
    if (saved === null && run === null)
      return refusedWhole("search_name", "the name of the saved search");
    const app = firstText(body["app"]);
    const name = saved ?? `A search without a name${app === null ? "" : ` in ${app}`}`;
    const reading = new Reading();
    const [first] = listOf(body["result"] ?? body["results"]);
    const result = isObject(first) ? first : {};
    // Without a field of its own, the host stands among what the event was configured by.
    // A finding of Enterprise Security says where by “dest”; its own “host” is the search head.
    const host = firstText(
      result["dest"],
      result["dvc"],
      result["host"],
      /\bhost::([^|]{1,100})/.exec(firstText(result["_confstr"]) ?? "")?.[1],
    );
    const severity = firstText(
      result["itsi_group_severity"],
      result["severity"],
      result["alert.severity"],
      result["urgency"],
    );
    // An episode of IT Service Intelligence is a condition of its own, whichever search tells of it.
    const episode = firstText(result["itsi_group_id"]);
    const title = firstText(result["rule_title"], result["itsi_group_title"]);
    tell(reading, 0, {
      status: episode !== null && isOver(result) ? "resolved" : "firing",
      title: title ?? name,
      severity: severity === null ? "warning" : severityBy(SEVERITIES, severity),
      dedupKey: episode === null ? joinKey(app, saved ?? run) : joinKey("episode", episode),
      // “search” is the app of whoever has chosen none.
      service: firstText(
        result["service"],
        result["app_name"],
        host,
        app === "search" ? null : app,
      ),
      source: firstText(host, result["source"]),
      link: body["results_link"],
      startedAt: momentOf(result["_time"]) ?? momentOf(result["_indextime"]),
      labels: {
        app: app === "search" ? null : app,
        owner: body["owner"],
        host,
        index: result["index"],
        sourcetype: result["sourcetype"],
        severity,
      },
      details: { result, sid: body["sid"] },
    });
    return reading;
  },
};

/** An episode's status: 4 is resolved, 5 closed; one whose breaking message came is over too. */
const isOver = (result: Json): boolean =>
  /^(4|5|resolved|closed)$/i.test(firstText(result["itsi_group_status"]) ?? "");
