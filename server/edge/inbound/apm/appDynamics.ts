/**
 * AppDynamics: events of a policy by an HTTP request template. Templates name the fields as their
 * author likes; the type of the event, such as POLICY_OPEN_CRITICAL, says whose it is.
 * https://docs.appdynamics.com/appd/24.x/latest/en/appdynamics-essentials/alert-and-respond/events-reference
 * https://help.splunk.com/en/appdynamics-saas/get-started/26.4.0/alert-and-respond/actions/predefined-templating-variables
 * Samples: golden/appdynamics.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, joinKey, recogniseObject, severityBy, type Status, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The type of the event says more than its severity; ERROR is how AppDynamics calls a critical one. */
const SEVERITIES = {
  CRITICAL: "critical",
  ERROR: "critical",
  WARNING: "warning",
  WARN: "warning",
  INFO: "info",
} satisfies Record<string, AlertSeverity>;

const EVENT =
  /^(POLICY|ANOMALY)_(OPEN|CLOSE|CANCELED|CONTINUES|UPGRADED|DOWNGRADED)(?:_(WARNING|CRITICAL))?$/;

/** No template has more; whoever sends more is somebody else. */
const FIELDS_MAX = 200;

export const appDynamics: Adapter = {
  about: {
    id: "appdynamics",
    name: "AppDynamics",
    docs: "https://docs.appdynamics.com/appd/24.x/latest/en/appdynamics-essentials/alert-and-respond/actions/http-request-actions-and-templates",
  },
  setUp: {
    steps: [
      "Alert & Respond → HTTP request templates → New: method POST, URL {url}, MIME type application/json.",
      'Payload: {"event_type":"${latestEvent.eventType}","event_id":"${latestEvent.id}","incident_id":"${latestEvent.incident.id}","severity":"${latestEvent.severity}","summary":"${latestEvent.summaryMessage}","app_name":"${latestEvent.application.name}","tier_name":"${latestEvent.tier.name}","node_name":"${latestEvent.node.name}","health_rule_name":"${latestEvent.healthRule.name}","event_time":"${latestEvent.eventTime}","deep_link":"${latestEvent.deepLink}"}',
      "Use the template in an action of a policy, for events that open, close and continue.",
    ],
    sample: "appdynamics.open.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => typeOf(fieldsOf(body)) !== null),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a template");
    const fields = fieldsOf(body);
    const type = typeOf(fields);
    if (type === null) return refusedWhole("event_type", "a type such as POLICY_OPEN_CRITICAL");
    const reading = new Reading();
    readEvent(reading, fields, type);
    return reading;
  },
};

/** healthRuleName, health_rule_name and “Health Rule Name” are the same; what stayed a variable says nothing. */
function fieldsOf(body: Json): Json {
  const fields: Record<string, unknown> = {};
  const places = [body, body["event"], body["latestEvent"]].filter(isObject);
  for (const place of places) {
    for (const name of Object.keys(place).slice(0, FIELDS_MAX)) {
      const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
      const text = firstText(place[name]);
      if (plain !== "" && text !== null && !text.startsWith("${")) fields[plain] ??= text;
    }
  }
  return fields;
}

function typeOf(fields: Json): RegExpExecArray | null {
  for (const name of ["eventtype", "type"]) {
    const found = EVENT.exec(firstText(fields[name]) ?? "");
    if (found !== null) return found;
  }
  return null;
}

function readEvent(reading: Reading, fields: Json, type: RegExpExecArray): void {
  const [name = "", , verb = "", rank] = type;
  const rule = firstText(
    fields["healthrulename"],
    fields["healthrule"],
    fields["policyname"],
    fields["policy"],
  );
  const app = firstText(fields["appname"], fields["applicationname"], fields["application"]);
  const tier = firstText(fields["tiername"], fields["tier"]);
  const node = firstText(fields["nodename"], fields["node"], fields["affectedentity"]);
  const status: Status = verb === "CLOSE" || verb === "CANCELED" ? "resolved" : "firing";
  tell(reading, 0, {
    status,
    title:
      firstText(fields["summary"], fields["summarymessage"], fields["eventmessage"]) ??
      ([rule, app].filter((part) => part !== null).join(" in ") || name),
    severity: severityBy(
      SEVERITIES,
      rank ?? firstText(fields["severity"], fields["topseverity"]) ?? "WARNING",
    ),
    dedupKey:
      firstText(fields["incidentid"]) === null
        ? joinKey("rule", app, tier, node, rule)
        : joinKey("incident", fields["incidentid"]),
    service: firstText(tier, app),
    source: firstText(node, tier),
    link: firstText(fields["deeplink"], fields["eventdeeplink"], fields["link"]),
    startedAt: momentOf(fields["eventtime"]) ?? momentOf(fields["starttime"]),
    labels: { event: name, application: app, tier, node, rule },
    details: { message: fields["eventmessage"], controller: fields["controllerurl"] },
  });
}
