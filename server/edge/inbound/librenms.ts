/**
 * LibreNMS: the transport “API” with all variables of an alert, or with those that a template names.
 * https://docs.librenms.org/Alerting/Templates/ Samples: golden/librenms.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import {
  firstText,
  has,
  joinKey,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = { critical: "critical", warning: "warning", ok: "info" } satisfies Record<
  string,
  AlertSeverity
>;

/** 3, 4 and 5: worse, better, changed; the condition lasts. */
const STATUS: Readonly<Record<string, Status>> = {
  "0": "resolved",
  "1": "firing",
  "2": "acknowledged",
  "3": "firing",
  "4": "firing",
  "5": "firing",
};

export const librenms: Adapter = {
  about: {
    id: "librenms",
    name: "LibreNMS",
    docs: "https://docs.librenms.org/Alerting/Transports/#api",
  },
  setUp: {
    steps: [
      "Alerts → Alert transports → Create: type “API”, method POST, URL {url}, and a body that names the variables title, hostname, device_id, state, severity, name, rule_id, alert_id and timestamp.",
      BY_HEADER,
    ],
    sample: "librenms.alert.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      has(body, "hostname", "state", "severity") &&
      firstText(body["state"]) !== null &&
      Object.hasOwn(STATUS, firstText(body["state"]) ?? "") &&
      [
        "sysDescr",
        "sysName",
        "device_id",
        "rule_id",
        "alert_id",
        "uptime_long",
        "uptime_short",
        "sysContact",
        "uid",
        "rule",
        "proc",
        "transport_name",
        "alerted",
        "elapsed",
        "faults",
        "alert_notes",
        "display",
      ].filter((name) => has(body, name)).length >= 2,
  ),
  read({ body }) {
    if (!isObject(body))
      return refusedWhole("body", "one JSON object with the variables of an alert");
    const state = firstText(body["state"]);
    const status = state === null ? undefined : STATUS[state];
    if (status === undefined)
      return refusedWhole(
        "state",
        "0 (recovered), 1 (alert), 2 (acknowledged), 3 (worse), 4 (better) or 5 (changed)",
      );
    const reading = new Reading();
    const rule = firstText(body["name"], body["rule"]);
    const host = firstText(body["display"], body["sysName"], body["hostname"]);
    tell(reading, 0, {
      status,
      title: firstText(body["title"], rule) ?? "LibreNMS alert",
      severity: severityBy(SEVERITIES, body["severity"]),
      // The alert's own id is new in every log entry of some versions; device and rule are not.
      dedupKey: joinKey(
        firstText(body["device_id"], body["hostname"]),
        firstText(body["rule_id"], rule),
      ),
      service: host,
      source: body["hostname"],
      link: firstText(body["url"], body["device_url"]),
      startedAt: momentOf(body["timestamp"]),
      labels: {
        rule,
        os: body["os"],
        location: body["location"],
        hardware: body["hardware"],
        type: body["type"],
      },
      details: {
        message: body["msg"],
        faults: body["faults"],
        elapsed: body["elapsed"],
        notes: body["alert_notes"],
        procedure: body["proc"],
      },
    });
    return reading;
  },
};
