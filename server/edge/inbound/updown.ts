/** updown.io: checks, certificates and performance by webhook, in a list. Samples: golden/updown.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, joinKey, listOf, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The kinds of events; what begins and what ends it share an identity. */
const EVENTS: Readonly<Record<string, readonly [Status, AlertSeverity, about: string]>> = {
  "check.down": ["firing", "critical", "down"],
  "check.still_down": ["firing", "critical", "down"],
  "check.up": ["resolved", "critical", "down"],
  "check.ssl_invalid": ["firing", "error", "certificate"],
  "check.ssl_valid": ["resolved", "error", "certificate"],
  "check.ssl_expiration": ["firing", "warning", "certificate expiry"],
  "check.ssl_renewed": ["resolved", "warning", "certificate expiry"],
  "check.performance_drop": ["firing", "warning", "performance"],
};

export const updown: Adapter = {
  about: { id: "updown", name: "updown.io", docs: "https://updown.io/api#webhooks" },
  setUp: {
    steps: ["Settings → Webhooks: add {url}."],
    sample: "updown.down.json",
  },
  severities: Object.fromEntries(
    Object.entries(EVENTS).map(([event, [, severity]]) => [event, severity]),
  ),
  resendsByContract: false,
  recognise({ body }) {
    const [first] = listOf(body);
    return Number(
      isObject(first) &&
        (firstText(first["event"]) ?? "").startsWith("check.") &&
        isObject(first["check"]) &&
        firstText(first["check"]["token"]) !== null,
    );
  },
  read({ body }) {
    const events = isObject(body) ? [body] : body;
    if (!Array.isArray(events) || events.length === 0)
      return refusedWhole("body", "a list of events");
    const reading = new Reading();
    events.forEach((event: unknown, index) => readOne(reading, index, event));
    return reading;
  },
};

function readOne(reading: Reading, index: number, event: unknown): void {
  if (!isObject(event) || !isObject(event["check"]))
    return reading.refuse(index, "check", "an object");
  const { check } = event as { check: Json };
  const name = firstText(event["event"]) ?? "";
  const kind = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
  if (!name.startsWith("check."))
    return reading.refuse(index, "event", Object.keys(EVENTS).join(", "));
  if (kind === undefined)
    reading.find(index, "event", "one that is not known: taken for a warning");
  const token = firstText(check["token"]);
  if (token === null) return reading.refuse(index, "check.token", "the token of a check");
  const [status, severity, about] = kind ?? ["firing", "warning", name.replace("check.", "")];
  const label = firstText(check["alias"], check["url"]) ?? token;
  tell(reading, index, {
    status,
    title:
      firstText(event["description"]) ??
      `${label}: ${name.replace("check.", "").replaceAll("_", " ")}`,
    severity,
    dedupKey: joinKey(token, about),
    service: label,
    source: check["url"],
    link: `https://updown.io/${encodeURIComponent(token.toWellFormed())}`,
    startedAt:
      momentOf(at(event, "downtime", "started_at")) ??
      momentOf(check["down_since"]) ??
      momentOf(event["time"]),
    endsAt: status === "resolved" ? momentOf(at(event, "downtime", "ended_at")) : null,
    labels: { event: name, status: check["last_status"] },
    details: {
      error: firstText(at(event, "downtime", "error"), check["error"]),
      ssl: event["ssl"],
      apdex: event["apdex_dropped"],
      metrics: event["last_metrics"],
    },
  });
}
