/**
 * CloudEvents over HTTP, 1.0 and the drafts before it: structured, batched and binary. The data may be a signal in Tocsin's
 * own shape; any other data is kept as details. Samples: golden/cloud-events.*.json
 */
import {
  type Adapter,
  cleanJson,
  cleanText,
  clip,
  DEDUP_KEY_MAX,
  fingerprint,
  fits,
  LABEL_VALUE_MAX,
  type Signal,
  type SignalAction,
} from "../../domain/signal/signal.ts";
import { isOfAzure } from "./azureEventGrid.ts";
import { readOwn } from "./ownJson.ts";
import {
  filled,
  isFilled,
  isObject,
  type Json,
  type LabelBox,
  putLabel,
  Reading,
  refusedWhole,
  scalarText,
  toldTime,
} from "./reading.ts";
import { textAt } from "./paths.ts";
import { dataOfBytes } from "./carrier.ts";
import { has, titleOf } from "./telling.ts";
import { SEVERITY_WORDS, severityOfWord } from "./severityWords.ts";
import { ITEMS_MAX } from "./strictShape.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** Attributes whose meaning is used elsewhere, so that they are no labels. */
const NOT_LABELS: ReadonlySet<string> = new Set([
  "specversion",
  "id",
  "source",
  "time",
  "data",
  "data_base64",
  "datacontenttype",
  "dataschema",
  "dedupkey",
]);

const ACTION_OF_STATUS: ReadonlyMap<unknown, SignalAction> = new Map<unknown, SignalAction>([
  [undefined, "trigger"],
  ["firing", "trigger"],
  ["acknowledged", "acknowledge"],
  ["resolved", "resolve"],
]);

/**
 * The extensions `dedupkey`, `severity` and `status` (firing, acknowledged, resolved) say what a
 * foreign producer's data does not. Source and subject together are the identity of the condition.
 */
export const cloudEvents: Adapter = {
  about: {
    id: "cloudevents",
    name: "CloudEvents 1.0",
    docs: "https://github.com/cloudevents/spec",
  },
  setUp: {
    steps: [
      "Let the producer post its events to {url}, one or a batch, structured or binary; or to /v1/signals with the secret of the intake key as bearer token.",
      "The extensions severity, status (firing, acknowledged, resolved) and dedupkey say what the data does not; source and subject are the identity.",
    ],
    sample: "cloud-events.structured.json",
  },
  severities: SEVERITY_WORDS,
  resendsByContract: false,
  recognise({ body, headers }) {
    // What Azure's own services tell is known better by its adapter.
    if (isOfAzure(Array.isArray(body) ? body[0] : body)) return Array.isArray(body) ? 0 : 0.9;
    if ((headers["content-type"] ?? "").startsWith("application/cloudevents")) return 1;
    if (headers["ce-specversion"] !== undefined) return 1;
    const first = inWordsOfToday(Array.isArray(body) ? body[0] : body);
    return Number(
      isObject(first) && first["specversion"] === "1.0" && has(first, "type", "source"),
    );
  },
  read({ body, headers }) {
    const events = eventsOf(body, headers);
    if (typeof events === "string") return refusedWhole("body", events);
    const reading = new Reading();
    events.forEach((event, index) => readOne(reading, index, withData(inWordsOfToday(event))));
    return reading;
  },
};

/** 0.2 and 0.3 have the names of 1.0; 0.1 has names of its own. */
function inWordsOfToday(event: unknown): unknown {
  if (!isObject(event)) return event;
  if (event["specversion"] === "0.2" || event["specversion"] === "0.3")
    return { ...event, specversion: "1.0" };
  if (event["cloudEventsVersion"] !== "0.1" || !has(event, "eventType", "source", "eventID"))
    return event;
  const { cloudEventsVersion: _, eventType, eventID, eventTime, extensions, ...rest } = event;
  const more = isObject(extensions) ? extensions : {};
  return { ...more, ...rest, specversion: "1.0", type: eventType, id: eventID, time: eventTime };
}

/** JSON that was sent as bytes is read all the same. */
function withData(event: unknown): unknown {
  if (!isObject(event) || event["data"] !== undefined) return event;
  const data = dataOfBytes(event);
  return data === null ? event : { ...event, data };
}

/** The events of a request in whichever of the three modes, or what was expected of the body. */
function eventsOf(body: unknown, headers: Headers): readonly unknown[] | string {
  const type = (headers["content-type"] ?? "").trim().toLowerCase();
  const structured = type.startsWith("application/cloudevents");
  if (!structured && headers["ce-specversion"] !== undefined) return [binaryEvent(body, headers)];
  if (type.startsWith("application/cloudevents-batch") || (!structured && Array.isArray(body))) {
    if (!Array.isArray(body)) return "a list of events, as the content type says";
    return body.length <= ITEMS_MAX ? body : `at most ${ITEMS_MAX} events`;
  }
  return isObject(body) ? [body] : "one event as a JSON object, or ce- headers beside any data";
}

function binaryEvent(body: unknown, headers: Headers): Json {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith("ce-") && value !== undefined
      ? [[name.slice("ce-".length), percentDecoded(value)] as const]
      : [],
  );
  return { ...Object.fromEntries(attributes), data: body };
}

/** Header values are percent-encoded (HTTP binding, 3.1.3.2); one that is not stands as it is. */
function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function readOne(reading: Reading, index: number, event: unknown): void {
  if (!isObject(event)) return reading.refuse(index, "event", "an object");
  if (event["specversion"] !== "1.0") return reading.refuse(index, "specversion", "“1.0”");
  for (const field of ["id", "source", "type"]) {
    if (!isFilled(event[field])) return reading.refuse(index, field, "a text that is not empty");
  }
  const key = event["dedupkey"];
  if (key !== undefined && !(isFilled(key) && fits(key, DEDUP_KEY_MAX))) {
    return reading.refuse(index, "dedupkey", `a text of at most ${DEDUP_KEY_MAX} characters`);
  }
  const action = ACTION_OF_STATUS.get(event["status"]);
  const own = ownSignal(reading, index, event);
  if (own !== null) return reading.accept(index, own);
  if (action === undefined) {
    return reading.refuse(index, "status", "firing, acknowledged or resolved");
  }
  if (action !== "trigger" && key === undefined && !isFilled(event["subject"])) {
    return reading.refuse(index, "subject", "present, or else the extension dedupkey");
  }
  reading.accept(index, foreignSignal(reading, index, event, action));
}

/** The signal when the data is one of our own shape, completed by the envelope; otherwise null. */
function ownSignal(reading: Reading, index: number, event: Json): Signal | null {
  const data = event["data"];
  if (!isObject(data) || (data["title"] === undefined && data["dedupKey"] === undefined))
    return null;
  // Data that says none itself is worked on as a warning, as every event without a severity is.
  const severity = scalarText(event["severity"]);
  const read = readOwn(reading, index, {
    severity: severityOfWord(severity),
    ...(event["status"] === undefined ? {} : { status: event["status"] }),
    ...data,
  });
  if (read.kind === "refused") {
    const why = read.problems.map(({ field, expected }) => `${field}: ${expected}`).join("; ");
    reading.find(index, "data", `not in Tocsin's own shape, kept as details (${clip(why, 500)})`);
    return null;
  }
  const { signal } = read;
  const box = attributeLabels(reading, index, event);
  const envelopeKey = filled(event["dedupkey"]) ?? subjectKey(event);
  return {
    ...signal,
    dedupKey: read.keyGiven ? signal.dedupKey : (envelopeKey ?? signal.dedupKey),
    source: signal.source ?? sourceOf(event),
    labels: { ...box.labels, ...signal.labels },
    startedAt: signal.startedAt ?? toldTime(reading, index, "time", event["time"]),
  };
}

function foreignSignal(reading: Reading, index: number, event: Json, action: SignalAction): Signal {
  const type = filled(event["type"])!;
  const subject = filled(event["subject"]);
  const severity = scalarText(event["severity"]) ?? textAt(event["data"], "severity");
  const box = attributeLabels(reading, index, event);
  const details: Record<string, unknown> = { ...box.overflow };
  for (const field of ["data", "data_base64"]) {
    const value = event[field];
    if (value !== undefined && value !== null) details[field] = cleanJson(value);
  }
  return {
    action,
    dedupKey: filled(event["dedupkey"]) ?? subjectKey(event) ?? eventKey(event),
    title: titleOf(
      textAt(event["data"], "title") ??
        [type, subject, saidIn(event["data"])].filter((part) => part !== null).join(": "),
    ),
    severity: action === "trigger" ? severityOfWord(severity) : null,
    source: sourceOf(event),
    labels: box.labels,
    details: Object.keys(details).length === 0 ? null : details,
    link: null,
    startedAt: toldTime(reading, index, "time", event["time"]),
    endsAt: null,
  };
}

/** What the data says in a sentence, by the names that applications use for it. */
const saidIn = (data: unknown): string | null =>
  textAt(data, "summary", "message", "reason", "error", "description");

const sourceOf = (event: Json): string => clip(filled(event["source"])!, LABEL_VALUE_MAX);

/** Source and subject name what is ill; without a subject there is no such name. */
function subjectKey(event: Json): string | null {
  const subject = filled(event["subject"]);
  return subject === null ? null : joined("subject", filled(event["source"])!, subject);
}

/** Source and id are unique to an event: a second delivery of it opens no second alert. */
const eventKey = (event: Json): string =>
  joined("id", filled(event["source"])!, filled(event["id"])!);

/** Readable while it is short; hashed otherwise, and whenever the parts could be mistaken. */
function joined(kind: "subject" | "id", source: string, name: string): string {
  const key = `${source} ${kind} ${name}`;
  const plain = !source.includes(" ") && fits(key, DEDUP_KEY_MAX);
  return plain ? key : fingerprint({ source, [kind]: name });
}

/** Type, subject and all extensions as labels. */
function attributeLabels(reading: Reading, index: number, event: Json): LabelBox {
  const box: LabelBox = { labels: {}, overflow: null };
  for (const name in event) {
    if (NOT_LABELS.has(name)) continue;
    const value = scalarText(event[name]);
    if (value !== null) putLabel(reading, index, box, [cleanText(name), value]);
  }
  return box;
}
