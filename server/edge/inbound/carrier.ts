/**
 * What carries a tool's message without saying so: a shipper of logs, an index, an API's list of results, a
 * head of syslog. Looked into only where no adapter knows the whole, and believed only where one knows
 * what is inside.
 * https://www.elastic.co/docs/reference/ecs/ecs-event https://www.rfc-editor.org/rfc/rfc5424
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
 */
import { type AdapterInput } from "../../domain/signal/signal.ts";
import { bodyOf } from "./body.ts";
import { all, opened } from "./envelope.ts";
import { dig } from "./paths.ts";
import { isObject, type Json } from "./reading.ts";

const ITEMS_MAX = 10_000;

/** Where shippers keep the line as it was: Filebeat, Fluent Bit and Docker, journald, CloudWatch, Graylog, Splunk. */
const TEXTS = [
  "event.original",
  "message",
  "log",
  "log.original",
  "MESSAGE",
  "@message",
  "@rawstring",
  "_raw",
  "full_message",
  "short_message",
  "line",
  "event",
  "body",
  "payload",
  "data",
  "result._raw",
];
/** Where one message stands as an object of its own. */
const OBJECTS = [
  "_source",
  "event",
  "body",
  "payload",
  "data",
  "detail",
  "message",
  "json",
  "result",
];
/** Where several stand. */
const LISTS = [
  "result",
  "hits.hits",
  "hits",
  "records",
  "Records",
  "value",
  "data",
  "results",
  "items",
  "events",
  "logs",
  "alerts",
  "findings",
  "payload",
  "resources",
  "content",
  "messages",
  "checks",
  "dag_runs",
  "task_instances",
];

/**
 * What an event of EventBridge from a partner, or an event of CloudEvents, holds: whoever knows it knows
 * more of it than that it is an event. AWS's own events are what they are.
 */
export function insideEvent(input: AdapterInput): AdapterInput | null {
  const { body } = input;
  if (!isObject(body)) return null;
  const isBus =
    typeof body["detail-type"] === "string" &&
    typeof body["source"] === "string" &&
    (!body["source"].startsWith("aws.") || body["source"].startsWith("aws.partner/"));
  const isCloud = typeof body["specversion"] === "string" && typeof body["type"] === "string";
  const isGrid =
    typeof body["eventType"] === "string" &&
    typeof body["eventTime"] === "string" &&
    typeof body["subject"] === "string" &&
    !body["eventType"].startsWith("Microsoft.");
  const data = body["data"] ?? (isCloud ? dataOfBytes(body) : null);
  const inner = isBus ? body["detail"] : isCloud || isGrid ? data : null;
  return isObject(inner) ? { ...input, body: inner } : null;
}

/** The JSON object in the bytes of an event of CloudEvents; null where there is none. */
export function dataOfBytes(event: Json): Json | null {
  const bytes = event["data_base64"];
  if (typeof bytes !== "string") return null;
  const read = bodyOf(Buffer.from(bytes, "base64").toString("utf8"));
  return read.kind === "body" && isObject(read.body) ? read.body : null;
}

/** What may stand inside, in the order in which it is tried; each is a list of messages. */
export function carriedIn(input: AdapterInput): readonly (() => readonly AdapterInput[] | null)[] {
  const { body } = input;
  if (typeof body === "string") return [() => behindHeads(input, body)];
  if (!isObject(body)) return [];
  return [
    ...OBJECTS.map((path) => () => {
      const one = dig(body, path);
      return isObject(one) ? [{ ...input, body: one }] : null;
    }),
    ...LISTS.map((path) => () => {
      const list = dig(body, path);
      return Array.isArray(list) && list.length > 0 && list.length <= ITEMS_MAX
        ? all(list, (one: unknown) => itemOf(input, one))
        : null;
    }),
    () => (Array.isArray(body["streams"]) ? ofLoki(input, body["streams"]) : null),
    ...TEXTS.map((path) => () => {
      const text = dig(body, path);
      if (typeof text !== "string" || text.trim() === "") return null;
      return oneOf(opened(input, plainOf(body, text)));
    }),
  ];
}

/** A sentence that somebody wrote is no message, whatever it looks like: only a sensor's line or JSON is. */
const oneOf = (inner: AdapterInput): readonly AdapterInput[] | null =>
  inner.body === "" || PROSE.test(typeof inner.body === "string" ? inner.body : "")
    ? null
    : [inner];
const PROSE = /^(import|from|for|def|BEGIN:VCALENDAR)\b/;

const itemOf = (input: AdapterInput, one: unknown): AdapterInput | null =>
  isObject(one) ? { ...input, body: one } : typeof one === "string" ? opened(input, one) : null;

/** A gateway says of its body that it is base64. */
const plainOf = (body: Json, text: string): string =>
  body["isBase64Encoded"] === true ? Buffer.from(text, "base64").toString("utf8") : text;

/** Streams of Loki: each line beside its time. */
function ofLoki(input: AdapterInput, streams: readonly unknown[]): readonly AdapterInput[] | null {
  const lines = streams.flatMap((stream) => {
    const values = dig(stream, "values");
    return Array.isArray(values) ? values.map((value: unknown) => dig(value, "1")) : [null];
  });
  if (lines.length === 0 || lines.length > ITEMS_MAX) return null;
  return all(lines, (line) => (typeof line === "string" ? opened(input, line) : null));
}

/** What syslog, a container's runtime or a date put before a line's JSON. */
const HEAD = /^(<\d{1,3}>|\d{4}-\d\d-\d\d[T ]|[A-Z][a-z]{2} [ \d]?\d \d)[^{]{0,300}$/;

/** Lines of JSON, each behind a head. */
function behindHeads(input: AdapterInput, text: string): readonly AdapterInput[] | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0 || lines.length > ITEMS_MAX) return null;
  return all(lines, (line) => {
    const start = line.indexOf("{");
    if (start < 0 || start > 400 || !HEAD.test(line.slice(0, start))) return null;
    const inner = opened(input, line.slice(start));
    return isObject(inner.body) ? inner : null;
  });
}
