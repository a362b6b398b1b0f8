/**
 * ServiceNow: records of the Table API, as its business rules and flows post them, and the events that
 * tools push to its Event Management (/api/global/em/jsonv2).
 * https://www.servicenow.com/docs/bundle/yokohama-it-operations-management/page/product/event-management/task/send-events-via-web-service.html
 * Samples: golden/servicenow.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The priority of a task by its number, and the severity of an event. */
const SEVERITIES = {
  "1": "critical",
  "2": "error",
  "3": "warning",
  "4": "info",
  "5": "info",
  "event 1": "critical",
  "event 2": "error",
  "event 3": "warning",
  "event 4": "warning",
  "event 5": "info",
  "event 0": "info",
} satisfies Record<string, AlertSeverity>;

export const serviceNow: Adapter = {
  about: {
    id: "servicenow",
    name: "ServiceNow",
    docs: "https://www.servicenow.com/docs/bundle/latest/page/integrate/inbound-rest/concept/c_TableAPI.html",
  },
  setUp: {
    steps: [
      "Let a business rule or a flow post the record as JSON to {url} when it is inserted and when its state changes: number, sys_id, short_description, state, priority, opened_at, cmdb_ci.",
    ],
    sample: "servicenow.incident.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    const [first] = recordsOf(body);
    return isObject(first) && (isRecord(first) || isEvent(first));
  }),
  read({ body }) {
    if (!isObject(body))
      return refusedWhole("body", "one JSON object: a record, or result with records");
    const records = recordsOf(body);
    if (records.length === 0) return refusedWhole("result", "at least one record");
    const reading = new Reading();
    records.forEach((record, index) => {
      if (isObject(record) && isEvent(record)) readEvent(reading, index, record);
      else readRecord(reading, index, record);
    });
    return reading;
  },
};

/** Events come below “records”, answers below “result”, and a rule's record alone. */
const recordsOf = (body: Json): readonly unknown[] =>
  has(body, "result")
    ? listOf(body["result"])
    : has(body, "records")
      ? listOf(body["records"])
      : [body];

const isRecord = (record: Json): boolean =>
  has(record, "number", "short_description") &&
  (has(record, "state") || has(record, "sys_id") || has(record, "sys_class_name"));

/** An event has no number; its source, its severity and what it is about are its own. */
const isEvent = (record: Json): boolean =>
  has(record, "source", "severity") &&
  !has(record, "number") &&
  [
    "message_key",
    "event_class",
    "time_of_event",
    "metric_name",
    "resolution_state",
    "additional_info",
  ].filter((name) => has(record, name)).length >= 2;

/** Severity 0 clears; without a key of its own an event is what its five fields say. */
function readEvent(reading: Reading, index: number, event: Json): void {
  const severity = /[0-5]/.exec(firstText(event["severity"]) ?? "")?.[0] ?? wordOf(event);
  const info = infoOf(event["additional_info"]);
  const node = firstText(event["node"]);
  const over = severity === "0" || /^clos/i.test(firstText(event["resolution_state"]) ?? "");
  tell(reading, index, {
    status: over ? "resolved" : "firing",
    title: firstText(event["description"], event["metric_name"], event["type"]) ?? "An event",
    severity: severityBy(SEVERITIES, `event ${severity}`),
    dedupKey:
      firstText(event["message_key"]) ??
      joinKey(event["source"], node, event["type"], event["resource"], event["metric_name"]),
    service: firstText(
      info["service"],
      info["application"],
      event["ci_name"],
      node,
      event["resource"],
    ),
    source: firstText(node, event["source"]),
    link: [info["url"], info["link"], event["url"]]
      .map((one) => firstText(one))
      .find((one) => one !== null && /^https?:/i.test(one)),
    startedAt: momentOf(event["time_of_event"]),
    labels: {
      source: event["source"],
      class: event["event_class"],
      type: event["type"],
      resource: event["resource"],
      metric: event["metric_name"],
    },
    details: { description: event["description"], info },
  });
}

/** Severities by their names, in the order of their numbers. */
const WORDS = ["clear", "critical", "major", "minor", "warning", "info"];

function wordOf(event: Json): string {
  const place = WORDS.indexOf((firstText(event["severity"]) ?? "").toLowerCase());
  return place < 0 ? "4" : String(place);
}

/** Further fields, as an object or as JSON in a text. */
function infoOf(value: unknown): Json {
  if (isObject(value)) return value;
  if (typeof value !== "string" || !value.trim().startsWith("{")) return {};
  try {
    const info: unknown = JSON.parse(value);
    return isObject(info) ? info : {};
  } catch {
    return {};
  }
}

/** A field is a text, or an object with display_value and value. */
function field(
  record: Json,
  name: string,
  which: "value" | "display_value" = "value",
): string | null {
  const value = record[name];
  if (!isObject(value)) return firstText(value);
  return firstText(value[which], value["value"], value["display_value"]);
}

/** The name of a referenced record; its sys_id names nothing to people. */
function named(record: Json, name: string): string | null {
  const text = field(record, name, "display_value");
  return text === null || /^[0-9a-f]{32}$/.test(text) ? null : text;
}

function readRecord(reading: Reading, index: number, record: unknown): void {
  if (!isObject(record)) return reading.refuse(index, "result", "a record");
  const number = field(record, "number");
  if (number === null) return reading.refuse(index, "number", "the number of a record");
  const table = field(record, "sys_class_name") ?? tableOf(number);
  const priority = /[1-5]/.exec(field(record, "priority") ?? "")?.[0] ?? null;
  tell(reading, index, {
    status: statusOf(record, table),
    title: field(record, "short_description") ?? number,
    severity: priority === null ? "warning" : severityBy(SEVERITIES, priority),
    dedupKey: joinKey("record", number),
    service: named(record, "business_service") ?? named(record, "cmdb_ci"),
    source: named(record, "cmdb_ci"),
    link: linkOf(record, table, number),
    // The Table API gives times in UTC.
    startedAt: momentOf(field(record, "opened_at")) ?? momentOf(field(record, "sys_created_on")),
    endsAt: null,
    labels: {
      number,
      table,
      state: field(record, "state", "display_value"),
      impact: field(record, "impact"),
      urgency: field(record, "urgency"),
      group: field(record, "assignment_group", "display_value"),
      category: field(record, "category"),
    },
    details: { description: field(record, "description"), notes: field(record, "close_notes") },
  });
}

const tableOf = (number: string): string =>
  number.startsWith("PRB") ? "problem" : number.startsWith("CHG") ? "change_request" : "incident";

/** Numbers of the state differ by table; “active” is false for all that is over. */
function statusOf(record: Json, table: string): Status {
  const state = field(record, "state") ?? "";
  const shown = field(record, "state", "display_value") ?? state;
  if (field(record, "active") === "false" || /^(resolved|closed|cancel)/i.test(shown))
    return "resolved";
  if (table === "problem") return state === "4" ? "resolved" : "firing";
  if (/^[678]$/.test(state)) return "resolved";
  return state === "2" || /^(in progress|work in progress)$/i.test(shown)
    ? "acknowledged"
    : "firing";
}

/** The instance stands in the links of referenced records only. */
function linkOf(record: Json, table: string, number: string): string | null {
  const given = firstText(record["url"], record["link"]);
  if (given !== null) return given;
  for (const value of Object.values(record).slice(0, 200)) {
    const link = isObject(value) ? URL.parse(firstText(value["link"]) ?? "") : null;
    if (link === null || link.protocol !== "https:") continue;
    return `${link.origin}/${encodeURIComponent(table.toWellFormed())}.do?sysparm_query=number=${encodeURIComponent(number.toWellFormed())}`;
  }
  return null;
}
