/**
 * Datadog's webhooks. Their body is a template: the default one, what the set-up below says, and the
 * usual names of its variables are all read. Samples: golden/datadog.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { PRIORITIES, priorityOf, severityOfWord } from "./severityWords.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tagsOf,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The monitor's priority counts first; without one the type of the alert does. */
const SEVERITIES = {
  ...PRIORITIES,
  error: "error",
  warning: "warning",
  "no data": "warning",
  success: "info",
  info: "info",
} satisfies Record<string, AlertSeverity>;

export const datadog: Adapter = {
  about: {
    id: "datadog",
    name: "Datadog",
    docs: "https://docs.datadoghq.com/integrations/webhooks/",
  },
  setUp: {
    steps: [
      "Integrations → Webhooks → New: URL {url}.",
      'Payload: {"title":"$EVENT_TITLE","body":"$TEXT_ONLY_MSG","alert_id":"$ALERT_ID","aggreg_key":"$AGGREG_KEY","alert_transition":"$ALERT_TRANSITION","alert_type":"$ALERT_TYPE","alert_priority":"$ALERT_PRIORITY","alert_scope":"$ALERT_SCOPE","alert_query":"$ALERT_QUERY","tags":"$TAGS","hostname":"$HOSTNAME","date":"$DATE","link":"$LINK"}',
      "Name the webhook in the monitors' messages, outside of any is_alert condition, so that recoveries are sent too.",
      BY_HEADER,
    ],
    sample: "datadog.triggered.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(isDatadog),
  read({ body: given }) {
    if (!isObject(given)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    const body = isOfBus(given) ? ofBus(given) : given;
    const fields = lowerCased(body);
    const title = firstText(
      fields["title"],
      fields["alert_title"],
      fields["event_title"],
      fields["incident_title"],
    );
    if (title === null) {
      reading.refuse(0, "title", "the title of the event ($EVENT_TITLE)");
      return reading;
    }
    if (isIncident(fields)) {
      tellIncident(reading, fields, firstText(fields["incident_title"]) ?? title);
      return reading;
    }
    const [transition, bare, group] = transitionOf(fields, title);
    const tags = tagsOf(fields["tags"]);
    // The default payload tells its scope in the title alone: “[Triggered on {host:till-2}] …”.
    const scope = firstText(fields["alert_scope"], ...listOf(fields["scopes"]), group) ?? "";
    const scopeTags = tagsOf(scope);
    const monitor = firstText(fields["alert_id"], fields["monitor_id"]);
    tell(reading, 0, {
      status: statusOf(transition, fields["alert_type"]),
      title: bare,
      severity: severityOf(fields, transition),
      dedupKey:
        firstText(fields["aggreg_key"], fields["alert_cycle_key"]) ??
        filledIn(fields["security_signal_id"]) ??
        joinKey("monitor", monitor ?? bare, scope),
      service: firstText(tags["service"], scopeTags["service"], fields["service"]),
      source: firstText(fields["hostname"], fields["host"], tags["host"], scopeTags["host"]),
      link: firstText(fields["link"], fields["url"], fields["alert_url"]),
      startedAt: momentOf(fields["date"]) ?? momentOf(fields["last_updated"]),
      labels: {
        ...tags,
        ...scopeTags,
        transition,
        monitor,
        type: fields["type"] ?? fields["event_type"],
      },
      details: {
        message: firstText(fields["body"], fields["message"], fields["event_msg"]),
        query: firstText(fields["query"], fields["alert_query"]),
        org: fields["org"],
        snapshot: fields["snapshot"],
      },
    });
    return reading;
  },
};

/** What the integration with EventBridge puts into an event: the monitor and what became of it. */
const isOfBus = (body: Json): boolean =>
  isObject(at(body, "meta", "monitor")) && has(body, "alert_type", "event_type");

/** The same by the names of a webhook. A monitor with groups names them among the tags alone. */
function ofBus(body: Json): Json {
  const monitor = at(body, "meta", "monitor");
  const result = at(body, "meta", "result");
  const name = firstText(at(monitor, "name"));
  const seconds = at(result, "result_ts") ?? at(result, "evaluation_ts");
  return {
    ...body,
    title: firstText(body["title"]) ?? name ?? "Datadog monitor",
    priority: firstText(at(monitor, "priority"), body["priority"]),
    alert_id: at(monitor, "id"),
    alert_query: at(monitor, "query"),
    alert_transition: at(body, "meta", "transition", "trans_name"),
    alert_scope: firstText(at(result, "group"), body["group"]) ?? scopeIn(body["tags"]),
    date: body["date"] ?? body["date_happened"] ?? seconds,
    message: at(monitor, "message"),
  };
}

const scopeIn = (tags: unknown): string =>
  listOf(tags)
    .map((tag) => firstText(tag))
    .filter((tag) => tag !== null && tag !== "monitor")
    .toSorted()
    .join(",");

function isDatadog(body: Json): boolean {
  if (isOfBus(body)) return true;
  const fields = lowerCased(body);
  if (isIncident(fields) || has(fields, "security_signal_id")) return true;
  if (!has(fields, "title") && !has(fields, "alert_title") && !has(fields, "event_title"))
    return false;
  if (has(fields, "monitor_id") && (has(fields, "query") || has(fields, "scopes"))) return true;
  if (has(fields, "alert_transition")) return true;
  if (has(fields, "aggreg_key") || has(fields, "alert_cycle_key")) return true;
  return has(fields, "event_type", "last_updated") && (has(fields, "org") || has(fields, "date"));
}

/** An incident of Datadog's own, whose variables are filled in for it alone. */
const isIncident = (fields: Json): boolean =>
  filledIn(fields["incident_title"]) !== null &&
  ["incident_public_id", "incident_uuid", "incident_url"].some(
    (name) => filledIn(fields[name]) !== null,
  );

/** A variable that does not fit the event stays empty, or stands there by its name. */
function filledIn(value: unknown): string | null {
  const text = firstText(value);
  return text === null || text.startsWith("$") ? null : text;
}

/** SEV-1 is the worst of the five that an organisation starts with. */
const incidentSeverity = (value: unknown): AlertSeverity => {
  const level = /^SEV-?([0-5])\b/i.exec(firstText(value) ?? "")?.[1];
  if (level === undefined) return "error";
  return SEVERITIES[priorityOf(level === "0" ? "1" : level) ?? "P3"];
};

function tellIncident(reading: Reading, fields: Json, title: string): void {
  const state = filledIn(fields["incident_status"]);
  const id = filledIn(fields["incident_public_id"]) ?? filledIn(fields["incident_uuid"]);
  const link = filledIn(fields["incident_url"]);
  tell(reading, 0, {
    status: /^(resolved|completed)$/i.test(state ?? "") ? "resolved" : "firing",
    title,
    severity: incidentSeverity(fields["incident_severity"]),
    dedupKey: joinKey("incident", id ?? link),
    service: tagsOf(fields["tags"])["service"],
    link,
    startedAt: momentOf(fields["date"]) ?? momentOf(fields["incident_created_at"]),
    labels: {
      state,
      severity: fields["incident_severity"],
      commander: fields["incident_commander"],
    },
    details: {
      message: filledIn(fields["incident_msg"]),
      impact: filledIn(fields["incident_customer_impact"]),
    },
  });
}

/** Templates write the names of the variables in either case or as camels, some with their dollar. */
function lowerCased(body: Json): Json {
  const fields: Record<string, unknown> = {};
  // Some templates put the variables together below one name.
  const rest = isObject(body["metadata"]) ? body["metadata"] : {};
  for (const [name, value] of [...Object.entries(body), ...Object.entries(rest)].slice(0, 300)) {
    const plain = name.replace(/^\$/, "");
    const camel = /^[a-z]+(?:[A-Z][a-z]+)+$/.test(plain);
    const lower = (camel ? plain.replaceAll(/(?=[A-Z])/g, "_") : plain).toLowerCase();
    if (lower !== "__proto__") fields[lower] ??= value;
  }
  return fields;
}

/** The transition, and the title without the brackets in which Datadog repeats it and the priority. */
function transitionOf(
  fields: Json,
  title: string,
): readonly [transition: string | null, bare: string, group: string | null] {
  const [, brackets = "", bare = title] = /^((?:\[[^\]]{1,200}\]\s*){0,4})(.*)$/s.exec(title) ?? [];
  const word =
    /\[(Triggered|Recovered|Re-?Triggered|(?:Re-)?Warn|(?:Re-)?No Data|Renotify)[^\]]*\]/i.exec(
      brackets,
    );
  const told = firstText(fields["alert_transition"]);
  // A variable that was not filled in stands there by its name.
  const transition = told === null || told.startsWith("$") ? (word?.[1] ?? null) : told;
  const group = /\bon \{([^{}\]]{1,200})\}/.exec(brackets)?.[1] ?? null;
  return [transition, bare === "" ? title : bare, group];
}

function statusOf(transition: string | null, type: unknown): Status {
  if (transition !== null) return /recover|resolved/i.test(transition) ? "resolved" : "firing";
  return firstText(type)?.toLowerCase() === "success" ? "resolved" : "firing";
}

function severityOf(fields: Json, transition: string | null): AlertSeverity {
  const signal = filledIn(fields["security_signal_severity"]);
  if (signal !== null) return severityOfWord(signal);
  const priority = priorityOf(firstText(fields["alert_priority"], fields["priority"]));
  if (priority !== null) return SEVERITIES[priority];
  if (/^(re-?)?(warn|no data)/i.test(transition ?? "")) return "warning";
  return severityBy(SEVERITIES, firstText(fields["alert_type"], fields["severity"]) ?? "error");
}
