/**
 * PagerDuty's Events API v2 (POST /v2/enqueue), for every tool that can already send to it.
 * Samples: golden/pagerduty-events.*.json
 */
import {
  type Adapter,
  cleanJson,
  cleanText,
  clip,
  DEDUP_KEY_MAX,
  fits,
  type SignalAction,
  type SignalProblem,
  TITLE_MAX,
} from "../../domain/signal/signal.ts";
import { AlertSeverity } from "../../../contract/signal.ts";
import {
  filled,
  isFilled,
  isObject,
  type Json,
  type LabelBox,
  putLabel,
  Reading,
  refusedWhole,
  safeLink,
  scalarText,
  toldTime,
} from "./reading.ts";
import { has, recogniseObject } from "./telling.ts";
import { OWN_WORDS } from "./severityWords.ts";

const ACTIONS: ReadonlySet<unknown> = new Set<SignalAction>(["trigger", "acknowledge", "resolve"]);
const SEVERITIES: ReadonlySet<unknown> = new Set(AlertSeverity.options);
/** Custom details up to this length can be matched by rules; longer ones are prose. */
const DETAIL_LABEL_MAX = 255;
const DETAIL_LABELS_MAX = 50;

/**
 * One event a request. What the service itself refuses is refused (its callers know how to handle
 * that), with every problem named; what merely decorates an event never costs the event.
 */
export const pagerDutyEvents: Adapter = {
  about: {
    id: "pagerduty-events",
    name: "PagerDuty Events API v2",
    docs: "https://developer.pagerduty.com/docs/send-alert-event",
  },
  setUp: {
    steps: [
      "Leave the tool set up for PagerDuty and change only the address, https://events.pagerduty.com, to Tocsin's.",
      "Use the secret of the intake key as the integration key (routing_key).",
    ],
    sample: "pagerduty-events.trigger.json",
  },
  severities: OWN_WORDS,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      isAction(body["event_action"]) && (has(body, "routing_key") || isObject(body["payload"])),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object, the event");
    const reading = new Reading();
    const action = body["event_action"];
    if (!isAction(action)) {
      reading.refuse(0, "event_action", "trigger, acknowledge or resolve");
      return reading;
    }
    checkDedupKey(reading, action, body["dedup_key"]);
    const payload = body["payload"];
    if (action === "trigger") checkPayload(reading, payload);
    if (reading.refused.length > 0) return reading;
    acceptEvent(reading, action, body, isObject(payload) ? payload : {});
    return reading;
  },
};

/** The integration key of an event, which names the intake key; null when it carries none. */
export function routingKeyOf(body: unknown): string | null {
  const key = isObject(body) ? body["routing_key"] : null;
  return isFilled(key) ? key.trim() : null;
}

/** The body of the 202 that PagerDuty's clients expect. */
export function pagerDutyAccepted(dedupKey: string): {
  status: "success";
  message: string;
  dedup_key: string;
} {
  return { status: "success", message: "Event processed", dedup_key: dedupKey };
}

/** The body of the 400 that PagerDuty's clients expect, with one sentence for each problem. */
export function pagerDutyErrors(refused: readonly Omit<SignalProblem, "index">[]): {
  status: "invalid event";
  message: string;
  errors: readonly string[];
} {
  return {
    status: "invalid event",
    message: "Event object is invalid",
    errors: refused.map(
      ({ field, expected }) => `'${field}' is missing or invalid: expected ${expected}`,
    ),
  };
}

const isAction = (value: unknown): value is SignalAction => ACTIONS.has(value);
const isSeverity = (value: unknown): value is AlertSeverity => SEVERITIES.has(value);

function checkDedupKey(reading: Reading, action: SignalAction, key: unknown): void {
  const absent = key === undefined || key === null || key === "";
  if (absent && action === "trigger") return;
  if (!isFilled(key) || !fits(key, DEDUP_KEY_MAX)) {
    reading.refuse(0, "dedup_key", `a text of at most ${DEDUP_KEY_MAX} characters`);
  }
}

function checkPayload(reading: Reading, payload: unknown): void {
  if (!isObject(payload)) {
    reading.refuse(0, "payload", "an object with summary, source and severity");
    return;
  }
  // The service refuses a longer summary too ("'summary' is too long"), it does not cut it.
  if (!isFilled(payload["summary"]) || !fits(payload["summary"], TITLE_MAX)) {
    reading.refuse(0, "payload.summary", `a text of at most ${TITLE_MAX} characters`);
  }
  if (!isFilled(payload["source"])) reading.refuse(0, "payload.source", "a text");
  if (!isSeverity(payload["severity"])) {
    reading.refuse(0, "payload.severity", "critical, error, warning or info");
  }
}

function acceptEvent(reading: Reading, action: SignalAction, body: Json, payload: Json): void {
  const box = labelsOf(reading, body, payload);
  const { severity } = payload;
  reading.accept(0, {
    action,
    dedupKey: filled(body["dedup_key"]),
    title: clip(filled(payload["summary"]) ?? "", TITLE_MAX),
    severity: action === "trigger" && isSeverity(severity) ? severity : null,
    source: filled(payload["source"]),
    labels: box.labels,
    details: detailsOf(body, payload, box),
    link:
      safeLink(reading, 0, "client_url", body["client_url"]) ?? firstLink(reading, body["links"]),
    startedAt: toldTime(reading, 0, "payload.timestamp", payload["timestamp"]),
    endsAt: null,
  });
}

/**
 * Component, group, class and client, and the short ones among the custom details: tools put there
 * what others call labels, and a key may take its service from one of them.
 */
function labelsOf(reading: Reading, body: Json, payload: Json): LabelBox {
  const box: LabelBox = { labels: {}, overflow: null };
  for (const field of ["component", "group", "class"]) {
    putScalar(reading, box, `payload.${field}`, [field, payload[field]]);
  }
  putScalar(reading, box, "client", ["client", body["client"]]);
  const custom = payload["custom_details"];
  if (!isObject(custom)) return box;
  let count = 0;
  for (const name in custom) {
    const text = scalarText(custom[name]);
    if (text === null || text.length > DETAIL_LABEL_MAX) continue;
    if (++count > DETAIL_LABELS_MAX) break;
    putLabel(reading, 0, box, [`custom_details.${cleanText(name)}`, text]);
  }
  return box;
}

function putScalar(
  reading: Reading,
  box: LabelBox,
  field: string,
  [name, value]: readonly [string, unknown],
): void {
  if (value === undefined || value === null || value === "") return;
  const text = scalarText(value);
  if (text === null) reading.find(0, field, "not text: left out");
  else putLabel(reading, 0, box, [name, text]);
}

/** What the event has for people besides its labels; null when that is nothing. */
function detailsOf(body: Json, payload: Json, box: LabelBox): unknown {
  const details: Record<string, unknown> = { ...box.overflow };
  const custom = payload["custom_details"];
  if (custom !== undefined && custom !== null) details["custom_details"] = cleanJson(custom);
  for (const field of ["links", "images"]) {
    const list = body[field];
    if (Array.isArray(list) && list.length > 0) details[field] = cleanJson(list);
  }
  return Object.keys(details).length === 0 ? null : details;
}

function firstLink(reading: Reading, links: unknown): string | null {
  if (links === undefined || links === null) return null;
  if (!Array.isArray(links)) {
    reading.find(0, "links", "not a list: left out");
    return null;
  }
  const first: unknown = links[0];
  return isObject(first) ? safeLink(reading, 0, "links.0.href", first["href"]) : null;
}
