/**
 * SolarWinds Platform (once Orion): the alert action that posts to a web server. Its body is a template
 * without a default: what the set-up below says is read, and what others have published, by the names of
 * the variables that they hold, however they are spelt.
 * https://documentation.solarwinds.com/en/success_center/orionplatform/content/core-variable-construction-sw1109.htm
 * Samples: golden/solarwinds.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, joinKey, recogniseObject, severityBy, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = {
  Critical: "critical",
  Serious: "error",
  Warning: "warning",
  Informational: "info",
  Notice: "info",
} satisfies Record<string, AlertSeverity>;

const templateFor = (state: string): string =>
  `{"tool":"solarwinds","state":"${state}","alert_name":"\${N=Alerting;M=AlertName}","alert_message":"\${N=Alerting;M=AlertMessage}","alert_severity":"\${N=Alerting;M=Severity}","alert_object_id":"\${N=Alerting;M=AlertObjectID}","alert_details_url":"\${N=Alerting;M=AlertDetailsUrl}","object_type":"\${N=Alerting;M=ObjectType}","object":"\${N=SwisEntity;M=DisplayName}","acknowledged":"\${N=Alerting;M=Acknowledged}","timestamp":"\${N=SWQL;M=SELECT TOP 1 GETUTCDATE() AS Now FROM Orion.Engines}"}`;

type Fields = ReadonlyMap<string, string>;

/** By their names without case and underscores; a variable that has no value here stays as it was written. */
function fieldsOf(body: Json): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(body).slice(0, 200)) {
    const text = firstText(value);
    if (text === null || text.startsWith("${")) continue;
    fields.set(
      name
        .toLowerCase()
        .replace(/^ilert/, "")
        .replaceAll("_", ""),
      text,
    );
  }
  return fields;
}

const isAlert = (fields: Fields): boolean =>
  (["alertname", "eventsummary"].some((name) => fields.has(name)) &&
    ["alertobjectid", "alertactiveid", "alertdetailsurl"].some((name) => fields.has(name))) ||
  // “Never” is how a trigger without a time is written.
  (fields.has("alertmessage") && fields.has("alerttriggertime") && fields.has("nodename"));
const isOurs = (fields: Fields): boolean =>
  /^solarwinds\b/i.test(fields.get("tool") ?? "") && fields.has("alertname");
/** The end that iLert's template writes: no variable of an alert but its key. */
const isPair = (fields: Fields): boolean =>
  fields.has("eventsummary") && /^\d+-\d+$/.test(fields.get("incidentkey") ?? "");

function statusOf(fields: Fields): Status {
  const state = ["state", "alertstate", "eventtype", "actiontype", "status"].map((name) =>
    fields.get(name),
  );
  const isReset =
    /^(true|yes|1)$/i.test(fields.get("reset") ?? "") ||
    state.some((word) => /^(reset|resolved?|recovery|cleared?|ok)$/i.test(word ?? ""));
  if (isReset) return "resolved";
  return /^(true|yes|1|acknowledged)$/i.test(fields.get("acknowledged") ?? "")
    ? "acknowledged"
    : "firing";
}

export const solarWinds: Adapter = {
  about: {
    id: "solarwinds",
    name: "SolarWinds Platform",
    docs: "https://documentation.solarwinds.com/en/success_center/orionplatform/content/core-variable-construction-sw1109.htm",
  },
  setUp: {
    steps: [
      "Alerts & Activity → Manage alerts → an alert → Trigger actions → “Send a GET or POST request to a web server”: POST to {url}.",
      `Body to POST: ${templateFor("triggered")}`,
      `Add the same under Reset actions, so that an end arrives too: ${templateFor("reset")}`,
    ],
    sample: "solarwinds.triggered.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    const fields = fieldsOf(body);
    return isOurs(fields) || isAlert(fields) || isPair(fields);
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "the fields of the alert action's template");
    const fields = fieldsOf(body);
    const name = fields.get("alertname") ?? null;
    const title = fields.get("alertmessage") ?? fields.get("eventsummary") ?? name;
    if (title === null) return refusedWhole("alert_name", "the name of an alert");
    const object = fields.get("object") ?? fields.get("displayname") ?? fields.get("node") ?? null;
    const host = fields.get("host") ?? fields.get("nodename") ?? null;
    const reading = new Reading();
    tell(reading, 0, {
      status: statusOf(fields),
      title,
      severity: severityBy(SEVERITIES, fields.get("alertseverity") ?? fields.get("severity")),
      dedupKey:
        // Of the alert and what it is about, and the same until that is well.
        fields.get("alertobjectid") ??
        /^\d+(?=-)/.exec(fields.get("incidentkey") ?? "")?.[0] ??
        joinKey(fields.get("alertid") ?? name, host, object),
      service: host ?? object,
      source: fields.get("ip") ?? fields.get("ipaddress") ?? host,
      link: fields.get("alertdetailsurl") ?? fields.get("url") ?? fields.get("hosturl"),
      startedAt: momentOf(fields.get("timestamp") ?? fields.get("alerttriggertime")),
      labels: {
        alert: name,
        object,
        object_type: fields.get("objecttype"),
        host,
        location: fields.get("location"),
        device_type: fields.get("devicetype"),
      },
      details: { message: title, description: fields.get("alertdescription") },
    });
    return reading;
  },
};
