/**
 * PRTG's HTTP action. It posts a form of its placeholders, by the names that the set-up below gives them;
 * each name of PRTG's list is read, and the same as JSON.
 * https://kb.paessler.com/en/topic/373-what-placeholders-can-i-use-with-prtg Samples: golden/prtg.*
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, type Status, tell } from "../telling.ts";

const SEVERITIES = {
  Down: "critical",
  "Down (Partial)": "error",
  "Down (Acknowledged)": "critical",
  Warning: "warning",
  Unusual: "warning",
  Unknown: "warning",
  Up: "info",
} satisfies Record<string, AlertSeverity>;

/** “Down”, “Down ESCALATION”, “Down ended (now: Up)”, “Warning (Simulated Error)”. */
const STATE = /^(down|warning|unusual|unknown|up|paused)\b/i;

const stateOf = (body: Json): string | null => firstText(body["status"], body["state"]);

const sensorOf = (body: Json): string | null =>
  firstText(body["sensor"], body["name"], body["shortname"]);

export const prtg: Adapter = {
  about: {
    id: "prtg",
    name: "PRTG Network Monitor",
    docs: "https://kb.paessler.com/en/topic/373-what-placeholders-can-i-use-with-prtg",
  },
  setUp: {
    steps: [
      "Setup → Notification templates → Execute HTTP action: URL {url}, method POST.",
      "Payload: sensorid=%sensorid&sensor=%sensor&device=%device&host=%host&group=%group&probe=%probe&status=%status&message=%lastmessage&priority=%priority&link=%linksensor&tags=%tags",
      "Use the template for the trigger's “When sensor is Down” and for “When sensor leaves Down state”.",
    ],
    sample: "prtg.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      STATE.test(stateOf(body) ?? "") &&
      (has(body, "sensorid") || (has(body, "sensor") && has(body, "probe"))) &&
      ["device", "sensor", "host", "name"].some((name) => has(body, name)),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "a form or one JSON object of an HTTP action");
    const state = stateOf(body);
    if (state === null || !STATE.test(state))
      return refusedWhole("status", "a state of a sensor, such as Down");
    const sensor = sensorOf(body);
    const id = firstText(body["sensorid"], body["id"]);
    const device = firstText(body["device"], body["host"]);
    if (sensor === null && id === null) return refusedWhole("sensor", "the name of a sensor");
    const reading = new Reading();
    if (/^paused/i.test(state)) {
      reading.find(0, "status", "somebody or a schedule paused the sensor: no alert");
      return reading;
    }
    const name = [sensor ?? `Sensor ${id}`, device].filter((part) => part !== null).join(" on ");
    const said = firstText(body["lastmessage"], body["message"]);
    tell(reading, 0, {
      status: statusOf(state),
      title: /\bended\b/i.test(state)
        ? `${name}: ${state}`
        : `${name} is ${state}${said === null ? "" : `: ${said}`}`,
      severity: severityOf(state),
      dedupKey: joinKey("sensor", id ?? sensor, id === null ? device : null),
      service: device ?? sensor,
      source: firstText(body["host"], device),
      link: firstText(body["linksensor"], body["link"]),
      labels: {
        sensor,
        group: body["group"],
        probe: body["probe"],
        priority: body["priority"],
        tags: body["tags"],
        type: firstText(body["sensor_type"], body["type"]),
      },
      details: {
        message: said,
        value: body["lastvalue"],
        since: firstText(body["since"], body["statesince"]),
        // In the probe's own zone, which is not told.
        datetime: body["datetime"],
      },
    });
    return reading;
  },
};

function statusOf(state: string): Status {
  if (/^up\b|\bended\b/i.test(state)) return "resolved";
  return /acknowledged/i.test(state) ? "acknowledged" : "firing";
}

function severityOf(state: string): AlertSeverity {
  const name = Object.keys(SEVERITIES).find((one) => one.toLowerCase() === state.toLowerCase());
  if (name !== undefined) return SEVERITIES[name as keyof typeof SEVERITIES];
  const [word = ""] = state.split(/\W/, 1);
  const first = word === "" ? "" : word[0]!.toUpperCase() + word.slice(1).toLowerCase();
  return Object.hasOwn(SEVERITIES, first)
    ? SEVERITIES[first as keyof typeof SEVERITIES]
    : "warning";
}
