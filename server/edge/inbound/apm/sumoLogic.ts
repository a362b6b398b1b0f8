/**
 * Sumo Logic: monitors and scheduled searches by webhook. The body is a template: fields that keep the
 * names of its variables are read, in whatever case.
 * Samples: golden/sumologic.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";
import { PRIORITIES, priorityOf } from "../severityWords.ts";

/** The type of a trigger; what is prefixed with “Resolved” ends it. */
const SEVERITIES = {
  ...PRIORITIES,
  Critical: "critical",
  Warning: "warning",
  MissingData: "warning",
} satisfies Record<string, AlertSeverity>;

const TYPE = /^(Resolved)?(Critical|Warning|MissingData)$/i;

export const sumoLogic: Adapter = {
  about: {
    id: "sumologic",
    name: "Sumo Logic",
    docs: "https://www.sumologic.com/help/docs/alerts/monitors/alert-variables/",
  },
  setUp: {
    steps: [
      "Monitoring → Connections → Webhook: URL {url}.",
      'Alert payload, and the same as recovery payload: {"Name":"{{Name}}","Description":"{{Description}}","TriggerType":"{{TriggerType}}","TriggerValue":"{{TriggerValue}}","TriggerTime":"{{TriggerTime}}","TriggerCondition":"{{TriggerCondition}}","AlertResponseURL":"{{AlertResponseURL}}","AlertGroup":"{{AlertGroup}}","Query":"{{Query}}"}',
      BY_HEADER,
    ],
    sample: "sumologic.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => {
    const fields = fieldsOf(body);
    if (isSearch(fields)) return true;
    return (
      has(fields, "triggertype") &&
      (has(fields, "alertresponseurl") ||
        has(fields, "triggercondition") ||
        has(fields, "queryurl") ||
        has(fields, "triggertime"))
    );
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a template");
    const fields = fieldsOf(body);
    const type = typeOf(fields);
    if (!TYPE.test(type))
      return refusedWhole("TriggerType", "Critical, Warning, MissingData, or Resolved before one");
    const name = firstText(
      fields["name"],
      fields["alertname"],
      fields["monitorname"],
      fields["searchname"],
    );
    const id = firstText(fields["id"], fields["monitorid"], fields["sourceid"], name);
    if (id === null) return refusedWhole("Name", "the name of a monitor");
    const reading = new Reading();
    const over = /^resolved/i.test(type);
    const severity = type.replace(/^resolved/i, "");
    const priority = priorityOf(fields["priority"]);
    // What a variable finds nothing for is an empty text.
    tell(reading, 0, {
      status: over ? "resolved" : "firing",
      title: name ?? `Monitor ${id}`,
      severity: severityBy(SEVERITIES, priority ?? severity),
      dedupKey: joinKey("monitor", id, fields["alertgroup"], severity.toLowerCase()),
      service: firstText(fields["service"], fields["alertgroup"], name),
      source: firstText(fields["alertgroup"], fields["clientip"]),
      link: firstText(
        fields["alertresponseurl"],
        fields["queryurl"],
        fields["searchqueryurl"],
        fields["url"],
      ),
      startedAt:
        momentOf(fields["triggertimestart"]) ??
        momentOf(fields["triggertime"]) ??
        momentOf(fields["firetime"]),
      labels: { type, group: fields["alertgroup"], detection: fields["detectionmethod"] },
      details: {
        description: firstText(fields["description"], fields["searchdescription"]),
        condition: fields["triggercondition"],
        value: fields["triggervalue"],
        query: firstText(fields["query"], fields["searchquery"]),
        results: firstText(
          fields["resultsjson"],
          fields["aggregateresultsjson"],
          fields["rawresultsjson"],
        ),
        found: fields["numrawresults"],
      },
    });
    return reading;
  },
};

const isSearch = (fields: Json): boolean =>
  has(fields, "searchname") &&
  !has(fields, "triggertype") &&
  (has(fields, "searchqueryurl") || has(fields, "firetime", "searchquery"));

/** A scheduled search only ever finds something; one of metrics says how bad it is. */
function typeOf(fields: Json): string {
  const told = firstText(fields[isSearch(fields) ? "alertstatus" : "triggertype"]) ?? "";
  const type = told.replaceAll(/\s/g, "");
  return isSearch(fields) && !/^(critical|warning|missingdata)$/i.test(type) ? "Warning" : type;
}

/** No template has more; whoever sends more is somebody else. */
const FIELDS_MAX = 200;

/** TriggerType, trigger_type and “trigger type” are the same. */
function fieldsOf(body: Json): Json {
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(body).slice(0, FIELDS_MAX)) {
    const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
    if (plain !== "") fields[plain] ??= body[name];
  }
  return fields;
}
