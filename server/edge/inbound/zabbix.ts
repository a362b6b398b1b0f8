/**
 * Zabbix: its media type “webhook” with the parameters that its own scripts and those of other tools
 * use, and the stream of its connectors.
 * https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook
 * https://www.zabbix.com/documentation/current/en/manual/appendix/macros/supported_by_location
 * Samples: golden/zabbix.*.json, golden/zabbix.stream.ndjson
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
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

/** By name and by number, as different macros give it. */
const SEVERITIES = {
  Disaster: "critical",
  High: "error",
  Average: "warning",
  Warning: "warning",
  Information: "info",
  "Not classified": "info",
  "5": "critical",
  "4": "error",
  "3": "warning",
  "2": "warning",
  "1": "info",
  "0": "info",
} satisfies Record<string, AlertSeverity>;

export const zabbix: Adapter = {
  about: {
    id: "zabbix",
    name: "Zabbix",
    docs: "https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook",
  },
  setUp: {
    steps: [
      "Create a media type “Webhook” whose script posts its parameters as JSON to {url}.",
      "Parameters: event_id {EVENT.ID}, event_name {EVENT.NAME}, event_value {EVENT.VALUE}, event_nseverity {EVENT.NSEVERITY}, event_update_status {EVENT.UPDATE.STATUS}, event_ack {EVENT.ACK.STATUS}, event_date {EVENT.DATE}, event_time {EVENT.TIME}, event_tags {EVENT.TAGS}, trigger_id {TRIGGER.ID}, host_name {HOST.NAME}, host_ip {HOST.IP}, zabbix_url {$ZABBIX.URL}.",
      "Enable recovery and update operations in the action that uses it.",
    ],
    sample: "zabbix.problem.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) => isStream(body) || isListed(body) || isParameters(normal(body)),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object with the event's parameters");
    const reading = new Reading();
    if (isStream(body)) readStream(reading, body);
    else if (isListed(body)) readListed(reading, body);
    else readParameters(reading, normal(body));
    return reading;
  },
};

/** “EVENT.ID”, “event_id” and “eventId” are the same macro. */
function normal(body: Json): Json {
  const fields: Record<string, unknown> = {};
  for (const name in body) {
    const plain = name.replaceAll(/[{}._$\s-]/g, "").toLowerCase();
    if (plain !== "__proto__") fields[plain] ??= body[name];
  }
  return fields;
}

const isParameters = (fields: Json): boolean =>
  has(fields, "eventid") ? isNamed(fields) || isSaid(fields) : isBare(fields);

/** Scripts for other tools leave the event's id away: the trigger, alone or in its link, says whose words these are. */
const isBare = (fields: Json): boolean =>
  isInOwnWords(fields) &&
  (has(fields, "hostname") || has(fields, "host")) &&
  (has(fields, "triggerid") || triggerIn(fields) !== null);

const isInOwnWords = (fields: Json): boolean => {
  const status = firstText(fields["status"], fields["eventstatus"], fields["triggerstatus"]) ?? "";
  const word = firstText(fields["severity"], fields["eventseverity"], fields["triggerseverity"]);
  return (
    /^(problem|resolved|ok)$/i.test(status) &&
    Object.keys(SEVERITIES).some((one) => one.toLowerCase() === word?.toLowerCase())
  );
};

/** The id of the trigger that an address of Zabbix's pages names. */
const triggerIn = (fields: Json): string | null =>
  /[?&]triggerids?(?:%5B%5D|\[\])?=(\d+)/i.exec(
    firstText(fields["link"], fields["url"]) ?? "",
  )?.[1] ?? null;

/** Names of its own words, and a state in its own words. */
const isSaid = (fields: Json): boolean =>
  (has(fields, "eventname") || has(fields, "triggerid")) && isInOwnWords(fields);

const isNamed = (fields: Json): boolean =>
  [
    "eventvalue",
    "eventnseverity",
    "triggerid",
    "eventupdatestatus",
    "zabbixurl",
    "eventrecoveryvalue",
    "triggerdescription",
    "triggerseverity",
    "triggerstatus",
    "triggername",
    "eventopdata",
    "eventseverity",
    "eventrecoveryid",
  ].filter((name) => has(fields, name)).length >= 2;

const isStream = (body: Json): boolean =>
  has(body, "eventid", "clock", "value") && (has(body, "p_eventid") || has(body, "hosts"));

/** A problem as the method problem.get lists it; events of event.get have a value beside. */
const isListed = (body: Json): boolean =>
  has(body, "eventid", "objectid", "clock", "name", "severity", "r_eventid");

/** One that has the event of its recovery is over. */
function readListed(reading: Reading, body: Json): void {
  const id = firstText(body["eventid"]);
  if (id === null) return reading.refuse(0, "eventid", "the id of the event");
  const recovery = firstText(body["r_eventid"]) ?? "0";
  const tags = zabbixTags(body["tags"]);
  const [host] = listOf(body["hosts"]);
  tell(reading, 0, {
    status:
      recovery !== "0"
        ? "resolved"
        : firstText(body["acknowledged"]) === "1"
          ? "acknowledged"
          : "firing",
    title: firstText(body["name"]) ?? "Zabbix problem",
    severity: severityBy(SEVERITIES, body["severity"]),
    dedupKey: joinKey("event", id),
    service: firstText(tags["service"], at(host, "name"), at(host, "host")),
    source: firstText(at(host, "host"), at(host, "name")),
    startedAt: momentOf(body["clock"]),
    endsAt: recovery === "0" ? null : momentOf(body["r_clock"]),
    labels: { ...tags, trigger: body["objectid"] },
    details: { opdata: body["opdata"], suppressed: body["suppressed"] },
  });
}

function readParameters(reading: Reading, fields: Json): void {
  const id = firstText(fields["eventid"]);
  const trigger = firstText(fields["triggerid"]) ?? triggerIn(fields);
  if (id === null && !isBare(fields))
    return reading.refuse(0, "event_id", "the id of the event ({EVENT.ID})");
  const value =
    firstText(
      fields["eventrecoveryvalue"],
      fields["eventvalue"],
      fields["triggervalue"],
      fields["status"],
      fields["eventstatus"],
      fields["triggerstatus"],
      fields["zabbixaction"],
    ) ?? "1";
  const tags = zabbixTags(fields["eventtags"] ?? fields["tags"] ?? fields["eventtagsjson"]);
  const message = firstText(
    fields["alertmessage"],
    fields["message"],
    fields["triggerdescription"],
    fields["text"],
    fields["item"],
    fields["description"],
  );
  const told = toldIn(message);
  const host = firstText(fields["hostname"], fields["host"], fields["hosthost"], told.host);
  const name = firstText(
    fields["eventname"],
    fields["triggername"],
    fields["trigger"],
    fields["alertsubject"],
    fields["name"],
    fields["subject"],
    fields["event"],
    fields["item"],
    fields["title"],
    told.name,
  );
  const over = /^(0|ok|resolved|close)$/i.test(value);
  const url =
    firstText(fields["zabbixurl"], fields["url"], fields["link"])?.replace(/\/+$/, "") ?? null;
  tell(reading, 0, {
    status: over ? "resolved" : seen(fields) ? "acknowledged" : "firing",
    title: name ?? "Zabbix problem",
    severity: severityBy(
      SEVERITIES,
      firstText(
        fields["eventnseverity"],
        fields["eventseverity"],
        fields["triggerseverity"],
        fields["severity"],
        told.severity,
      ) ?? "Average",
    ),
    // {EVENT.ID} of a recovery is that of the problem; without one the trigger is the condition.
    dedupKey: id === null ? joinKey("trigger", host, trigger) : joinKey("event", id),
    service: firstText(tags["service"], tags["application"], tags["component"], host),
    source: firstText(host, fields["hostip"]),
    link:
      url !== null && /^https?:/i.test(url) && trigger !== null && id !== null && !url.includes("?")
        ? `${url}/tr_events.php?triggerid=${encodeURIComponent(trigger)}&eventid=${encodeURIComponent(id)}`
        : url,
    startedAt:
      momentOf(`${firstText(fields["eventdate"]) ?? ""} ${firstText(fields["eventtime"]) ?? ""}`) ??
      momentOf(`${firstText(fields["date"]) ?? ""} ${firstText(fields["time"]) ?? ""}`) ??
      momentOf(
        firstText(
          fields["eventtimestamp"],
          fields["eventdatetime"],
          fields["lastreceived"],
          told.since,
        ),
      ),
    labels: {
      ...tags,
      host,
      trigger,
      severity: fields["eventseverity"],
      group: fields["hostgroup"] ?? fields["triggerhostgroupname"],
    },
    details: {
      message,
      opdata: fields["eventopdata"],
    },
  });
}

type Said = Readonly<Record<"name" | "host" | "severity" | "since", string | undefined>>;

/** The lines of its own default message, for scripts that send nothing else of it. */
function toldIn(message: string | null): Said {
  const text = message?.slice(0, 4_000) ?? "";
  const line = (name: string): string | undefined =>
    new RegExp(`^${name}: *(\\S[^\\r\\n]*)`, "m").exec(text)?.[1]?.trim();
  const [, time, date] =
    /^Problem started at (\d\d:\d\d:\d\d) on (\d{4}[.-]\d\d[.-]\d\d)/m.exec(text) ?? [];
  return {
    name: line("Problem name"),
    host: line("Host"),
    severity: line("Severity"),
    since: date === undefined ? undefined : `${date} ${time}`,
  };
}

const seen = (fields: Json): boolean =>
  /^(yes|1)$/i.test(firstText(fields["eventackstatus"], fields["eventack"]) ?? "") ||
  /\backnowledged/i.test(firstText(fields["eventupdateaction"]) ?? "");

/** A problem has value 1; its end has value 0 and names the problem it ends. */
function readStream(reading: Reading, body: Json): void {
  const over = firstText(body["value"]) === "0";
  const status: Status = over ? "resolved" : "firing";
  const host = listOf(body["hosts"])
    .map((one) => (isObject(one) ? firstText(one["name"], one["host"]) : firstText(one)))
    .find((one) => one !== null);
  const tags = zabbixTags(body["tags"]);
  tell(reading, 0, {
    status,
    title: firstText(body["name"]) ?? "Zabbix problem",
    severity: severityBy(SEVERITIES, body["severity"] ?? "Average"),
    dedupKey: joinKey("event", over ? (body["p_eventid"] ?? body["eventid"]) : body["eventid"]),
    service: firstText(tags["service"], tags["application"], tags["component"], host),
    source: host,
    startedAt: momentOf(body["clock"]),
    labels: { ...tags, host },
    details: { groups: body["groups"], hosts: body["hosts"] },
  });
}

/** A text “name:value, name:value”, a list of {tag, value}, or an object that a script made of it. */
function zabbixTags(value: unknown): Record<string, string> {
  if (isObject(value) && !has(value, "tag")) return textsOf(value);
  if (typeof value === "string" && !value.trim().startsWith("[")) return { ...tagsOf(value) };
  const list = typeof value === "string" ? jsonList(value) : listOf(value);
  const tags: Record<string, string> = {};
  for (const one of list.slice(0, 50)) {
    const name = isObject(one) ? firstText(one["tag"]) : null;
    if (name !== null && name !== "__proto__" && isObject(one))
      tags[name] = firstText(one["value"]) ?? "true";
  }
  return tags;
}

const textsOf = (tags: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags)
      .slice(0, 50)
      .map(([name, value]) => [name, firstText(value) ?? "true"]),
  );

function jsonList(text: string): readonly unknown[] {
  try {
    return listOf(JSON.parse(text));
  } catch {
    return [];
  }
}
