/**
 * Alarms of Amazon CloudWatch: by SNS, by EventBridge, and as a Lambda function is handed them.
 * Whichever way one comes, its identity is the alarm's ARN; where an alarm watches several time series,
 * each of them (a contributor) has its own state. Samples: golden/cloudwatch.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, type Envelope } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { PRIORITIES, priorityOf } from "./severityWords.ts";
import { at, firstText, has, joinKey, recogniseObject, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** An alarm that has lost its data is worth a look; it neither proves harm nor the end of it. */
const SEVERITIES = {
  ALARM: "error",
  INSUFFICIENT_DATA: "warning",
  OK: "info",
} satisfies Record<string, AlertSeverity>;

export const cloudWatch: Adapter = {
  about: {
    id: "cloudwatch",
    name: "Amazon CloudWatch alarms",
    docs: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html",
  },
  setUp: {
    steps: [
      "Create an SNS topic and let the alarm notify it for ALARM, OK and INSUFFICIENT_DATA.",
      "Subscribe the HTTPS endpoint {url} to the topic, without raw message delivery; Tocsin checks the signature and confirms the subscription.",
    ],
    sample: "cloudwatch.sns.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => alarmOf(body) !== null),
  read({ body, envelope }) {
    const alarm = isObject(body) ? alarmOf(body) : null;
    if (alarm === null) {
      return refusedWhole("AlarmName", "the name of an alarm (or an event with its detail)");
    }
    const reading = new Reading();
    const operation = isObject(body) ? firstText(at(body["detail"], "operation")) : null;
    if (operation !== null) {
      reading.find(0, "detail.operation", "somebody configures the alarm: no alert");
      return reading;
    }
    const state = alarm.state ?? "ALARM";
    if (!Object.hasOwn(SEVERITIES, state)) {
      reading.refuse(0, "NewStateValue", "ALARM, OK or INSUFFICIENT_DATA");
      return reading;
    }
    if (alarm.state === null) reading.find(0, "NewStateValue", "absent: taken for ALARM");
    const priority = priorityOf(alarm.priority);
    tell(reading, 0, {
      status: state === "OK" ? "resolved" : "firing",
      title: alarm.name,
      severity:
        state === "ALARM" && priority !== null
          ? PRIORITIES[priority]
          : SEVERITIES[state as keyof typeof SEVERITIES],
      dedupKey: keyOf(alarm),
      service: serviceIn(alarm.dimensions),
      source: firstText(alarm.account),
      link: linkTo(alarm, envelope),
      startedAt: momentOf(alarm.time) ?? envelope?.at ?? null,
      labels: {
        ...alarm.dimensions,
        account: alarm.account,
        region: alarm.region,
        ...alarm.metric,
        muted_by: alarm.mutedBy,
      },
      details: { description: alarm.description, reason: alarm.reason, trigger: alarm.trigger },
    });
    return reading;
  },
};

type Alarm = {
  readonly name: string;
  readonly arn: string | null;
  readonly state: string | null;
  readonly account: unknown;
  readonly region: unknown;
  readonly time: unknown;
  readonly description: unknown;
  readonly reason: unknown;
  readonly priority: unknown;
  readonly metric: Json;
  readonly dimensions: Json;
  readonly trigger: unknown;
  readonly contributor: string | null;
  /** The rule that mutes its actions at AWS; an event comes all the same. */
  readonly mutedBy: unknown;
};

/** One contributor that is well again must not end what another one still suffers from. */
function keyOf({ arn, account, region, name, contributor }: Alarm): string {
  const alarm = arn ?? joinKey("alarm", account, region, name);
  return contributor === null ? alarm : `${alarm}/${contributor}`;
}

function alarmOf(body: Json): Alarm | null {
  // A topic's message that was parsed, or raw message delivery: the message alone.
  const message = isObject(body["Message"]) ? body["Message"] : body;
  if (typeof message["AlarmName"] === "string") return ofMessage(message);
  if (isObject(body["alarmData"])) {
    const arn = firstText(body["alarmArn"]);
    return ofEvent(body["alarmData"], body, arn, body["accountId"]);
  }
  const { detail, resources } = body;
  if (body["source"] !== "aws.cloudwatch" || !isObject(detail) || !has(detail, "alarmName")) {
    return null;
  }
  const arn = Array.isArray(resources) ? firstText(...resources) : null;
  return ofEvent(detail, body, arn, body["account"]);
}

function ofMessage(message: Json): Alarm {
  const trigger = isObject(message["Trigger"]) ? message["Trigger"] : message;
  const metrics = Array.isArray(trigger["Metrics"]) ? trigger["Metrics"].filter(isObject) : [];
  const metric = metrics.map((one) => at(one, "MetricStat", "Metric")).find(isObject) ?? trigger;
  const arn = firstText(message["AlarmArn"]);
  return {
    name: String(message["AlarmName"]),
    arn,
    state: firstText(message["NewStateValue"]),
    account: message["AWSAccountId"],
    // “Region” is a name for people (“EU (Ireland)”); the ARN holds the code.
    region: arn?.split(":")[3] ?? message["Region"],
    time: message["StateChangeTime"],
    description: message["AlarmDescription"],
    reason: message["NewStateReason"],
    priority: message["Priority"],
    metric: { namespace: metric["Namespace"], metric: metric["MetricName"] },
    dimensions: {
      ...dimensionsOf(metric["Dimensions"]),
      ...dimensionsOf(message["AlarmContributorAttributes"]),
    },
    trigger: message["Trigger"],
    contributor: firstText(message["AlarmContributorId"]),
    mutedBy: null,
  };
}

function ofEvent(data: Json, event: Json, arn: string | null, account: unknown): Alarm | null {
  const name = firstText(data["alarmName"]);
  if (name === null) return null;
  const metrics = at(data, "configuration", "metrics");
  const metric = (Array.isArray(metrics) ? metrics : [])
    .map((one: unknown) => at(one, "metricStat", "metric"))
    .find(isObject);
  return {
    name,
    arn,
    state: firstText(at(data, "state", "value")),
    account,
    region: event["region"],
    time: at(data, "state", "timestamp") ?? event["time"],
    description: at(data, "configuration", "description"),
    reason: at(data, "state", "reason"),
    priority: null,
    metric: { namespace: metric?.["namespace"], metric: metric?.["name"] },
    dimensions: {
      ...dimensionsOf(metric?.["dimensions"]),
      ...dimensionsOf(at(data, "alarmContributor", "attributes")),
    },
    trigger: data["configuration"],
    contributor: firstText(at(data, "alarmContributor", "id"), data["alarmContributorId"]),
    mutedBy: at(data, "muteDetail", "mutedByArn"),
  };
}

/** A list of {name, value}, as SNS has it, or an object, as EventBridge has it. */
function dimensionsOf(value: unknown): Json {
  if (isObject(value)) return value;
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value
      .filter(isObject)
      .map((one) => [firstText(one["name"], one["Name"]) ?? "", one["value"] ?? one["Value"]]),
  );
}

/** What names a service rather than a machine comes first. */
const SERVICE_DIMENSIONS = [
  "ServiceName",
  "Service",
  "FunctionName",
  "ApiName",
  "QueueName",
  "TableName",
  "DBClusterIdentifier",
  "DBInstanceIdentifier",
  "LoadBalancer",
  "AutoScalingGroupName",
  "ClusterName",
  "InstanceId",
];

function serviceIn(dimensions: Json): string | null {
  const named = SERVICE_DIMENSIONS.map((name) => dimensions[name]);
  const text = firstText(...named, ...Object.values(dimensions));
  // app/<name>/<id> of a load balancer.
  return /^(?:app|net|gwy)\/([^/]+)\//.exec(text ?? "")?.[1] ?? text;
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** The alarm's page in the console of its partition. */
function linkTo({ region, arn, name }: Alarm, envelope: Envelope | undefined): string | null {
  // Older messages have no ARN; their topic stands in the region of the alarm.
  const code = [firstText(region), envelope?.topic.split(":")[3]].find((one) =>
    REGION.test(one ?? ""),
  );
  if (code == null) return null;
  const host = code.startsWith("cn-")
    ? "console.amazonaws.cn"
    : arn?.startsWith("arn:aws-us-gov:")
      ? "console.amazonaws-us-gov.com"
      : "console.aws.amazon.com";
  const alarm = encodeURIComponent(name.toWellFormed());
  return `https://${host}/cloudwatch/home?region=${code}#alarmsV2:alarm/${alarm}`;
}
