/** Uptime Kuma's webhook. Samples: golden/uptime-kuma.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, joinKey, listOf, recogniseObject, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The states of a heartbeat, 0 to 3, and a certificate that ends soon. */
const SEVERITIES = {
  "down (0)": "critical",
  "up (1)": "info",
  "pending (2)": "warning",
  "maintenance (3)": "info",
  certificate: "warning",
} satisfies Record<string, AlertSeverity>;

export const uptimeKuma: Adapter = {
  about: {
    id: "uptime-kuma",
    name: "Uptime Kuma",
    docs: "https://github.com/louislam/uptime-kuma/wiki/Notification-Methods",
  },
  setUp: {
    steps: [
      "Settings → Notifications → Set up: type “Webhook”, post URL {url}, body “application/json”.",
      "Enable it in the monitors.",
      BY_HEADER,
    ],
    sample: "uptime-kuma.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      (has(body, "heartbeat", "monitor", "msg") &&
        (body["monitor"] === null || isObject(body["monitor"]))) ||
      // A body of one's own has other words, but the same two objects.
      (isObject(body["monitor"]) &&
        isObject(body["heartbeat"]) &&
        has(body["heartbeat"], "monitorID", "status")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of the webhook");
    const reading = new Reading();
    const message = firstText(body["msg"]);
    const { heartbeat, monitor } = body;
    if (isObject(heartbeat) && isObject(monitor)) readBeat(reading, heartbeat, monitor, message);
    else if (message === null) reading.refuse(0, "heartbeat", "an object, beside monitor");
    else if (/test/i.test(message) && !/certificate/i.test(message))
      reading.find(0, "msg", "a test of the notification: no alert");
    else readCertificate(reading, isObject(monitor) ? monitor : {}, message);
    return reading;
  },
};

function readBeat(reading: Reading, beat: Json, monitor: Json, message: string | null): void {
  const code = Number(firstText(beat["status"]) ?? Number.NaN);
  const id = firstText(monitor["id"], beat["monitorID"], beat["monitor_id"], monitor["name"]);
  if (id === null) return reading.refuse(0, "monitor.id", "the identity of a monitor");
  if (code === 3) return reading.find(0, "heartbeat.status", "maintenance has begun: no alert");
  if (code !== 0 && code !== 1 && code !== 2)
    return reading.refuse(
      0,
      "heartbeat.status",
      "0 (down), 1 (up), 2 (pending) or 3 (maintenance)",
    );
  const status: Status = code === 1 ? "resolved" : "firing";
  const name = firstText(monitor["pathName"], monitor["name"]) ?? `monitor ${id}`;
  const tags = Object.fromEntries(
    listOf(monitor["tags"])
      .filter(isObject)
      .map((tag) => [`tag.${firstText(tag["name"]) ?? ""}`, firstText(tag["value"]) ?? "true"]),
  );
  tell(reading, 0, {
    status,
    title: `${name} is ${code === 0 ? "down" : code === 1 ? "up" : "pending"}`,
    severity:
      code === 0
        ? SEVERITIES["down (0)"]
        : code === 1
          ? SEVERITIES["up (1)"]
          : SEVERITIES["pending (2)"],
    dedupKey: joinKey("monitor", id),
    service: firstText(monitor["name"]),
    source: firstText(monitor["hostname"], monitor["url"]),
    // The page that is watched; the message holds none of Uptime Kuma itself.
    link:
      /^https?:\/\/./i.test(firstText(monitor["url"]) ?? "") && monitor["url"] !== "https://"
        ? monitor["url"]
        : null,
    startedAt: momentOf(beat["time"]),
    labels: { type: monitor["type"], ...tags },
    details: {
      message: firstText(beat["msg"], message),
      ping: beat["ping"],
      url: monitor["url"],
      port: monitor["port"],
    },
  });
}

/** “[name][url] … certificate … will expire in 7 days” comes without a heartbeat. */
function readCertificate(reading: Reading, monitor: Json, message: string): void {
  const name = firstText(monitor["name"]) ?? /^\[([^\]]+)\]/.exec(message)?.[1] ?? null;
  tell(reading, 0, {
    status: "firing",
    title: message,
    severity: SEVERITIES.certificate,
    dedupKey: joinKey(
      "certificate",
      firstText(monitor["id"]) ?? name ?? message.replaceAll(/\d+/g, "#"),
    ),
    service: name,
    source: name,
    details: { message },
  });
}
