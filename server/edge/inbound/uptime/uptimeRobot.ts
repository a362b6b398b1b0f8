/**
 * UptimeRobot's webhook: its own JSON, form or query, and templates that keep the names of its
 * variables. Samples: golden/uptimerobot.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The types of an alert, by the names that the page gives them. */
const SEVERITIES = {
  Down: "critical",
  Up: "info",
  "SSL expiry": "warning",
  "any other": "warning",
} satisfies Record<string, AlertSeverity>;

const TYPES: Readonly<Record<string, string>> = { "1": "Down", "2": "Up", "3": "SSL expiry" };

/** No template has more; whoever sends more is somebody else. */
const FIELDS_MAX = 200;

export const uptimeRobot: Adapter = {
  about: {
    id: "uptimerobot",
    name: "UptimeRobot",
    docs: "https://help.uptimerobot.com/en/articles/14498593-webhook-integration",
  },
  setUp: {
    steps: [
      "Integrations → Webhook: URL {url}, “Send as JSON” on, events up, down and SSL expiry.",
      "Leave the names of the variables as they are (monitorID, monitorFriendlyName, alertType); a POST value of your own may spell them with underscores.",
    ],
    sample: "uptimerobot.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    const fields = variablesOf(body);
    return (
      (has(fields, "alerttype") || has(fields, "alerttypefriendlyname")) &&
      ["monitorid", "monitorfriendlyname", "monitorurl"].some((name) => has(fields, name))
    );
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object or form of a webhook");
    const fields = variablesOf(body);
    const given = firstText(fields["alerttypefriendlyname"], fields["alerttype"]);
    if (given === null) return refusedWhole("alertType", "1 (down), 2 (up) or 3 (SSL expiry)");
    const type = TYPES[given] ?? given;
    const name = firstText(fields["monitorfriendlyname"], fields["monitorurl"]);
    const id = firstText(fields["monitorid"], fields["monitorurl"], name);
    if (id === null) return refusedWhole("monitorID", "the identity of a monitor");
    const reading = new Reading();
    if (/^(paused|started|test)$/i.test(type)) {
      reading.find(0, "alertType", `${type} is neither down nor up: no alert`);
      return reading;
    }
    const about = /ssl|certificate|domain/i.test(type) ? "certificate" : "monitor";
    const reason = firstText(fields["alertdetails"]);
    tell(reading, 0, {
      status: /^up$/i.test(type) ? "resolved" : "firing",
      title: `${name ?? id} ${about === "monitor" ? `is ${type.toLowerCase()}` : type}${reason === null ? "" : `: ${reason}`}`,
      severity: severityOf(type, about),
      dedupKey: joinKey(about, id),
      service: name,
      source: fields["monitorurl"],
      link: linkOf(fields),
      startedAt: momentOf(fields["alertdatetime"]) ?? momentOf(fields["incidentstartedat"]),
      labels: { type, url: fields["monitorurl"], group: fields["monitorgroup"] },
      details: {
        reason,
        duration: firstText(fields["alertfriendlyduration"], fields["alertduration"]),
        expires: fields["sslexpirydate"],
        contacts: fields["monitoralertcontacts"],
      },
    });
    return reading;
  },
};

/** monitorFriendlyName, monitor_friendly_name and *monitorFriendlyName* are one; what stayed a variable says nothing. */
function variablesOf(body: Json): Json {
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(body).slice(0, FIELDS_MAX)) {
    const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
    const text = firstText(body[name]);
    if (plain !== "" && !(text !== null && /^\*\w{1,60}\*$/.test(text))) fields[plain] ??= text;
  }
  return fields;
}

function severityOf(type: string, about: string): AlertSeverity {
  if (/^(down|up)$/i.test(type)) return SEVERITIES.Down;
  return about === "certificate" ? SEVERITIES["SSL expiry"] : SEVERITIES["any other"];
}

/** Its own page of the monitor where it is told, else what is watched, when that is an address. */
const linkOf = (fields: Json): string | null =>
  [fields["monitordashboardurl"], fields["dashboardurl"], fields["monitorurl"]]
    .map((one) => firstText(one))
    .find((one) => one !== null && /^https?:\/\/./i.test(one)) ?? null;
