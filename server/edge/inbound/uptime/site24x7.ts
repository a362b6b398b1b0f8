/**
 * Site24x7: its webhook as JSON or as a form, by the names of its incident parameters.
 * https://www.site24x7.com/help/admin/configuration-profiles/incident-parameters.html
 * Samples: golden/site24x7.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, listOf, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The status of a monitor. */
const SEVERITIES = {
  DOWN: "critical",
  CRITICAL: "error",
  TROUBLE: "warning",
  "CONFIGURATION ERROR": "warning",
  UP: "info",
} satisfies Record<string, AlertSeverity>;

export const site24x7: Adapter = {
  about: {
    id: "site24x7",
    name: "Site24x7",
    docs: "https://www.site24x7.com/help/admin/third-party-integration/webhooks.html",
  },
  setUp: {
    steps: [
      "Admin → Third-party integrations → Webhooks: hook URL {url}, method POST, “Post as JSON” and “Send incident parameters” on.",
      "Let it notify for down, trouble, critical and up.",
    ],
    sample: "site24x7.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      has(body, "MONITORNAME", "STATUS") ||
      (has(body, "MONITOR_ID", "STATUS") && has(body, "MONITORTYPE")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const status = firstText(body["STATUS"])?.toUpperCase().replaceAll("_", " ") ?? null;
    if (status === null) return refusedWhole("STATUS", "DOWN, CRITICAL, TROUBLE or UP");
    const name = firstText(body["MONITORNAME"], body["MONITOR_NAME"], body["MONITORURL"]);
    // Numbers of this length are not exact in JSON, but the same every time.
    const id = firstText(body["MONITOR_ID"], body["MONITORID"], name);
    if (id === null) return refusedWhole("MONITORNAME", "the name of a monitor");
    const reading = new Reading();
    if (/^(MAINTENANCE|SUSPENDED|DISCOVERY|TEST.*)$/.test(status)) {
      reading.find(0, "STATUS", `${status} is neither trouble nor its end: no alert`);
      return reading;
    }
    const reason = firstText(body["INCIDENT_REASON"], body["INCIDENT_DETAILS"]);
    tell(reading, 0, {
      status: status === "UP" ? "resolved" : "firing",
      title: `${name ?? id} is ${status.toLowerCase()}${reason === null ? "" : `: ${reason}`}`,
      severity: severityBy(SEVERITIES, status),
      dedupKey: joinKey("monitor", id),
      service: name,
      source: firstText(body["MONITORURL"], body["SERVER_IP_ADDRESS"], body["MONITOR_GROUPNAME"]),
      link: firstText(body["MONITOR_DASHBOARD_LINK"], body["MONITORURL"]),
      startedAt:
        momentOf(body["INCIDENT_TIME_ISO"]) ??
        momentOf(body["OUTAGE_TIME_UNIX_FORMAT"]) ??
        momentOf(body["INCIDENT_TIME"]),
      labels: {
        type: body["MONITORTYPE"],
        group: body["MONITOR_GROUPNAME"],
        locations: body["FAILED_LOCATIONS"],
        tags: listOf(body["TAGS"])
          .map((one) => firstText(one) ?? "")
          .join(","),
      },
      details: { reason, details: body["INCIDENT_DETAILS"], cause: body["RCA_LINK"] },
    });
    return reading;
  },
};
