/** A message reads the same however it was brought: behind a queue, in a stream, by a shipper of logs, in an API's list. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bodyOf } from "./body.ts";
import { NOW, golden } from "./golden/samples.ts";
import { ADAPTERS } from "./index.ts";
import { joined, readBody } from "./recognise.ts";

const TOPIC = { Type: "Notification", MessageId: "1", TopicArn: "arn:aws:sns:eu-west-1:1:calls" };
const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const logOf = (message: string): object => ({
  messageType: "DATA_MESSAGE",
  logGroup: "/lab/one",
  logEvents: [{ id: "1", timestamp: 1_795_255_080_000, message }],
});
const queued = (body: string): object => ({
  Records: [{ messageId: "1", receiptHandle: "h", body, eventSource: "aws:sqs" }],
});

/** By what a message is brought; it is given as text. */
const BROUGHT: Readonly<Record<string, (text: string) => unknown>> = {
  "a topic": (text) => ({ ...TOPIC, Message: text }),
  "a queue": queued,
  "a topic behind a queue": (text) => queued(JSON.stringify({ ...TOPIC, Message: text })),
  "a queue that was asked": (text) => ({
    Messages: [{ MessageId: "1", ReceiptHandle: "h", Body: text }],
  }),
  "a stream": (text) => ({
    Records: [{ kinesis: { partitionKey: "1", data: base64(text) }, eventSource: "aws:kinesis" }],
  }),
  "a delivery stream": (text) => ({
    requestId: "1",
    timestamp: 1_795_255_080_000,
    records: [{ data: base64(text) }],
  }),
  "a subscription of logs": (text) => ({
    awslogs: { data: base64(gzipSync(JSON.stringify(logOf(text)))) },
  }),
  "a subscription of logs behind a stream": (text) => ({
    Records: [{ kinesis: { data: base64(gzipSync(JSON.stringify(logOf(text)))) } }],
  }),
  "Pub/Sub's message alone": (text) => ({
    data: base64(text),
    messageId: "1",
    publishTime: "2026-11-21T09:58:00Z",
  }),
  Filebeat: (text) => ({
    "@timestamp": "2026-11-21T09:58:01.000Z",
    message: text,
    agent: { type: "filebeat" },
    ecs: { version: "8.0.0" },
  }),
  "Filebeat's original": (text) => ({
    "@timestamp": "2026-11-21T09:58:01.000Z",
    event: { original: text, dataset: "lab.one" },
  }),
  "a container's log": (text) => ({ log: text, stream: "stdout" }),
  "an event of Splunk": (text) => ({ time: 1_795_255_080, sourcetype: "lab", event: text }),
  "a stream of Loki": (text) => ({
    streams: [{ stream: { job: "lab" }, values: [["1795255080000000000", text]] }],
  }),
  "a gateway": (text) => ({ httpMethod: "POST", headers: {}, body: text, isBase64Encoded: false }),
  "a gateway with headers and base64": (text) => ({
    version: "2.0",
    headers: { "Content-Type": "application/json", Host: "hooks.shop.example" },
    body: base64(text),
    isBase64Encoded: true,
  }),
  "Pub/Sub by Eventarc": (text) => ({
    specversion: "1.0",
    id: "1",
    source: "//pubsub.googleapis.com/projects/shop/topics/alerts",
    type: "google.cloud.pubsub.topic.v1.messagePublished",
    data: { subscription: "projects/shop/subscriptions/s", message: { data: base64(text) } },
  }),
  "Pub/Sub's message, told its type": (text) => ({
    "@type": "type.googleapis.com/google.pubsub.v1.PubsubMessage",
    data: base64(text),
  }),
  "topics in a list": (text) => [{ ...TOPIC, Message: text }],
};
/** The same for what is an object. */
const LISTED: Readonly<Record<string, (one: unknown) => unknown>> = {
  "a request with headers": (one) => [
    {
      headers: { "user-agent": "tool/1" },
      params: {},
      query: {},
      body: one,
      executionMode: "test",
    },
  ],
  "an event of CloudEvents": (one) => ({
    specversion: "1.0",
    id: "1",
    source: "/lab",
    type: "lab.alert",
    data: one,
  }),
  "a partner's event": (one) => ({
    "detail-type": "alert",
    source: "aws.partner/lab.example/one",
    id: "1",
    detail: one,
  }),
  "a hit of an index": (one) => ({ _index: "lab", _id: "1", _source: one }),
  "a search": (one) => ({ took: 1, hits: { hits: [{ _index: "lab", _id: "1", _source: one }] } }),
  "records of Azure": (one) => ({ records: [one] }),
  "a list of OData": (one) => ({ value: [one] }),
  "an API's page": (one) => ({ data: [one], next: null }),
  "an Event Grid": (one) => [{ id: "1", eventType: "lab", eventTime: "x", data: one }],
  syslog: (one) => `<134>1 2026-11-21T09:58:00Z lab sensor - - - ${JSON.stringify(one)}`,
  "the older syslog": (one) => `<134>Nov 21 09:58:00 lab sensor[7]: ${JSON.stringify(one)}`,
  "a container's runtime": (one) => `2026-11-21T09:58:00.5Z stdout F ${JSON.stringify(one)}`,
};

const SAMPLES = [
  "guardduty.event.json",
  "falco.rule.json",
  "suricata.alert.json",
  "wazuh.four.json",
  "openlineage.fail.json",
  "aws-waf.block.json",
  "crowdstrike.alert.json",
  "zeek.notice.json",
  "soda.check.json",
];

function read(text: string): unknown {
  const opened = bodyOf(text);
  const body = opened.kind === "body" ? opened.body : null;
  const parts = readBody(ADAPTERS, null, { body, headers: {}, now: NOW });
  const { signals } = joined(parts);
  return {
    tools: [...new Set(parts.map(({ adapter }) => adapter.about.id))],
    alerts: signals.map(({ signal: { action, dedupKey, title, startedAt } }) => ({
      action,
      dedupKey,
      title,
      startedAt,
    })),
  };
}
const written = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

for (const name of SAMPLES) {
  const sample = golden(name);
  test(`${name} reads the same whatever brought it`, () => {
    const alone = read(written(sample));
    for (const [by, wrap] of Object.entries(BROUGHT))
      expect.soft(read(written(wrap(written(sample)))), by).toEqual(alone);
    for (const [by, wrap] of Object.entries(LISTED))
      expect.soft(read(written(wrap(sample))), by).toEqual(alone);
  });
}

test("a line of a sensor that is no JSON is found as well", () => {
  const line = "CEF:0|Lab|Probe|1|17|A door was forced|9|src=203.0.113.7 dvchost=gate";
  const alone = read(line);
  expect(alone).toMatchObject({ tools: ["cef"] });
  for (const [by, wrap] of Object.entries(BROUGHT))
    expect.soft(read(written(wrap(line))), by).toEqual(alone);
});

test("objects one behind the other are a list of them", () => {
  const one = JSON.stringify(golden("falco.rule.json"), null, 2);
  expect(read(`${one}${one}\n${one}`)).toEqual(
    read(JSON.stringify([one, one, one].map((text) => JSON.parse(text) as unknown))),
  );
});

test("what nobody knows inside stays one alert of the whole", () => {
  const unknown = { title: "The kettle is dry", data: { boiler: 3 }, event: { kind: "dry" } };
  expect(read(written(unknown))).toMatchObject({
    tools: ["generic"],
    alerts: [{ title: "The kettle is dry" }],
  });
});

test("a sentence that looks like a program's first line stays an alert", () => {
  const told = { message: "import of the ledger stopped", host: "till" };
  expect(read(written(told))).toMatchObject({
    tools: ["generic"],
    alerts: [{ title: "import of the ledger stopped" }],
  });
});

test("messages that are known stand beside those that are not, and none is lost", () => {
  const lines = [golden("falco.rule.json"), { name: "a plain line", is: 1 }].map(written);
  const body = { logGroup: "/lab", logEvents: lines.map((message) => ({ message })) };
  expect(read(written(body))).toMatchObject({
    tools: ["falco", "generic"],
    alerts: [expect.anything(), { title: "a plain line" }],
  });
});

test("carriers in each other, and what is no longer small once it is opened, are given up", () => {
  let nested: unknown = { a: 1 };
  for (let at = 0; at < 5; at++) nested = { data: [nested, nested], event: nested, body: nested };
  expect(read(written(nested))).toMatchObject({ tools: ["generic"] });
  const bomb = base64(gzipSync(Buffer.alloc(16 * 1_024 * 1_024)));
  expect(read(written({ awslogs: { data: bomb } }))).toMatchObject({ tools: ["generic"] });
});

test("a form that comes part by part is read as one in a line is", () => {
  const parts = (end: string, ...fields: readonly (readonly [string, string])[]) => {
    const line = "----form-7";
    const heads = fields.map(([name, value]) =>
      [line, `Content-Disposition: form-data; name="${name}"`, "", value, ""].join(end),
    );
    return `${heads.join("")}${line}--${end}`;
  };
  for (const end of ["\r\n", "\n"]) {
    const plain = parts(end, ["state", "down"], ["text", `two${end}lines`]);
    expect(bodyOf(plain)).toEqual({
      kind: "body",
      body: { state: "down", text: `two${end}lines` },
    });
    const json = parts(end, ["data", '{"heartbeat":{"status":0}}'], ["note", ""]);
    expect(bodyOf(json)).toEqual({ kind: "body", body: { heartbeat: { status: 0 } } });
  }
});

test("what curl calls a form and is none is read as what it is", () => {
  const type = "application/x-www-form-urlencoded";
  for (const text of ["type,value\nipv4,203.0.113.7", "no field at all"])
    expect(bodyOf(text, type)).toEqual({ kind: "body", body: text });
  expect(bodyOf("state=down and out", type)).toEqual({
    kind: "body",
    body: { state: "down and out" },
  });
});
