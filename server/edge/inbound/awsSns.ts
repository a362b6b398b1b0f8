/**
 * Messages of an Amazon SNS topic that no other adapter knows: event notifications of RDS, DMS and
 * others, and plain text. Also the topic's own messages about its subscription.
 * Samples: golden/aws-sns.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, type Envelope, fingerprint } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading } from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";
import { firstText, joinKey, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const SUBSCRIPTION = /^(Subscription|Unsubscribe)Confirmation$/;

/** Words in a notification that has no severity of its own. */
const SEVERITIES = {
  failed: "error",
  failure: "error",
  error: "error",
  stopped: "warning",
  "any other": "warning",
} satisfies Record<string, AlertSeverity>;

export const awsSns: Adapter = {
  about: {
    id: "aws-sns",
    name: "Amazon SNS",
    docs: "https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html",
  },
  setUp: {
    steps: [
      "Subscribe the HTTPS endpoint {url} to the topic, without raw message delivery.",
      "Tocsin checks the signature of every message and confirms the subscription by itself.",
    ],
    sample: "aws-sns.event.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise({ body, envelope }) {
    if (isObject(body) && SUBSCRIPTION.test(firstText(body["Type"]) ?? "")) return 1;
    return envelope?.topic.startsWith("arn:") === true ? 0.3 : 0;
  },
  read({ body, envelope }) {
    const reading = new Reading();
    if (isObject(body) && SUBSCRIPTION.test(firstText(body["Type"]) ?? "")) {
      reading.find(0, "Type", `${String(body["Type"])} is about the subscription: no alert`);
    } else if (isObject(body) && Object.keys(body).length > 0) readObject(reading, body, envelope);
    else if (typeof body === "string" && body.trim() !== "") readText(reading, body, envelope);
    else reading.refuse(0, "Message", "a message of a topic, not empty");
    return reading;
  },
};

/** “Event Source”, “Event Message” and their like, as the notifications of RDS and DMS spell them. */
function readObject(reading: Reading, body: Json, envelope: Envelope | undefined): void {
  const message = firstText(
    body["Event Message"],
    body["Description"],
    body["description"],
    body["message"],
    envelope?.subject,
  );
  const kind = firstText(body["Event Source"], body["Service"], body["source"], envelope?.topic);
  const subject = firstText(body["Source ID"], body["SourceId"], body["AutoScalingGroupName"]);
  const title = message ?? envelope?.subject ?? "Message of an SNS topic";
  tell(reading, 0, {
    status: "firing",
    title,
    severity: severityIn(title),
    // What is told of one source is one condition, until it is told of another event.
    dedupKey: joinKey(
      "sns",
      kind,
      subject ?? fingerprint({ title }),
      firstText(body["Event ID"], body["Event"]),
    ),
    service: subject,
    source: kind,
    link: body["Identifier Link"],
    startedAt: momentOf(body["Event Time"]) ?? momentOf(body["Time"]) ?? envelope?.at ?? null,
    labels: { topic: envelope?.topic, subject: envelope?.subject, ...body },
    details: body,
  });
}

function readText(reading: Reading, text: string, envelope: Envelope | undefined): void {
  const [first = ""] = text.trim().split("\n", 1);
  const title = envelope?.subject ?? first;
  tell(reading, 0, {
    status: /\b(resolved|recovered)\b/i.test(title) ? "resolved" : "firing",
    title,
    severity: severityIn(title),
    dedupKey: joinKey("sns", envelope?.topic, fingerprint({ title })),
    source: envelope?.topic,
    startedAt: envelope?.at ?? null,
    labels: { topic: envelope?.topic, ...envelope?.attributes },
    details: { message: text },
  });
}

function severityIn(text: string): AlertSeverity {
  const word = /\b(failed|failure|error|stopped|critical|warning)\b/i
    .exec(text)?.[1]
    ?.toLowerCase();
  if (word === undefined) return SEVERITIES["any other"];
  return Object.hasOwn(SEVERITIES, word)
    ? SEVERITIES[word as keyof typeof SEVERITIES]
    : severityOfWord(word);
}
