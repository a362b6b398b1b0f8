/**
 * AWS Cost Anomaly Detection: by SNS (`dimensionalValue`), by EventBridge (`dimensionValue`), and as the
 * API lists anomalies (names with capitals).
 * https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
 * https://docs.aws.amazon.com/cost-management/latest/userguide/cad-eventbridge.html
 * Samples: golden/aws-cost-anomaly.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy, tell } from "../telling.ts";
import { saying } from "../security/finding.ts";

const EVENT = "Anomaly Detected";
const isAnomaly = (one: unknown): boolean =>
  isObject(one) &&
  textAt(one, "anomalyId", "AnomalyId") !== null &&
  isObject(dig(one, "impact") ?? dig(one, "Impact"));

function anomaliesOf(body: Json): readonly unknown[] | null {
  if (body["source"] === "aws.ce" && body["detail-type"] === EVENT) return [body["detail"]];
  if (isAnomaly(body)) return [body];
  const list = body["anomalies"] ?? body["Anomalies"];
  return Array.isArray(list) && list.length > 0 && list.every(isAnomaly) ? list : null;
}

export const awsCostAnomaly: Adapter = {
  about: {
    id: "aws-cost-anomaly",
    name: "AWS Cost Anomaly Detection",
    docs: "https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html",
  },
  setUp: {
    steps: [
      "Make an alert subscription of the frequency “Individual alerts” to an SNS topic whose policy allows costalerts.amazonaws.com.",
      'Add an HTTPS subscription to {url} to the topic. Or make an EventBridge rule for {"source": ["aws.ce"], "detail-type": ["Anomaly Detected"]}.',
    ],
    sample: "aws-cost-anomaly.sns.json",
  },
  // How much more than expected was spent.
  severities: {
    "100 % and more": "error",
    "40 % and more": "warning",
    "less than 40 %": "info",
    unknown: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => anomaliesOf(body) !== null),
  read: readItems(
    "an anomaly by SNS, or the EventBridge event around it",
    anomaliesOf,
    readAnomaly,
  ),
};

function bandOf(percent: number | null): string {
  if (percent === null) return "unknown";
  if (percent >= 100) return "100 % and more";
  return percent >= 40 ? "40 % and more" : "less than 40 %";
}

/** What a monitor divides spending by, where its value should stand. */
const DIMENSION = /^(service_?name|service|linked_?account|tag|cost_?category)$/i;

function readAnomaly(reading: Reading, index: number, anomaly: Json, body: Json): void {
  const id = textAt(anomaly, "anomalyId", "AnomalyId");
  if (id === null) return reading.refuse(index, "anomalyId", "a text");
  const impact = dig(anomaly, "impact") ?? dig(anomaly, "Impact");
  const total = numberAt(impact, "totalImpact", "TotalImpact");
  const percent = numberAt(impact, "totalImpactPercentage", "TotalImpactPercentage");
  const cause = listAt(anomaly, "rootCauses")[0] ?? listAt(anomaly, "RootCauses")[0];
  const service = textAt(cause, "service", "Service");
  const value = textAt(anomaly, "dimensionalValue", "dimensionValue", "DimensionValue");
  const what =
    (value === null || DIMENSION.test(value) ? service : value) ??
    textAt(anomaly, "monitorName") ??
    value ??
    "Spending";
  const monitor = textAt(anomaly, "monitorArn", "MonitorArn");
  const judged = textAt(anomaly, "feedback", "Feedback")?.toUpperCase();
  tell(reading, index, {
    // Somebody has said in the console that it was none, or was planned.
    status: judged === "NO" || judged === "PLANNED_ACTIVITY" ? "resolved" : "firing",
    title: `${what}: ${total === null ? "more" : `${total.toFixed(2)} USD more`} than expected${percent === null ? "" : ` (+${Math.round(percent)} %)`}`,
    severity: severityBy(awsCostAnomaly.severities!, bandOf(percent)),
    dedupKey: joinedKey(id),
    service: service ?? what,
    source: "AWS Cost Anomaly Detection",
    link:
      textAt(anomaly, "anomalyDetailsLink") ??
      `https://console.aws.amazon.com/cost-management/home#/anomaly-detection/monitors/${encodeURIComponent(monitor?.split("/").at(-1) ?? "")}/anomalies/${encodeURIComponent(id)}`,
    startedAt: timeAt(
      reading,
      index,
      { anomaly, body },
      "anomaly.anomalyStartDate",
      "anomaly.AnomalyStartDate",
      "body.time",
    ),
    labels: {
      product: "AWS Cost Anomaly Detection",
      account:
        textAt(anomaly, "accountId") ??
        textAt(cause, "linkedAccount", "LinkedAccount") ??
        textAt(body, "account"),
      account_name:
        textAt(anomaly, "accountName") ?? textAt(cause, "linkedAccountName", "LinkedAccountName"),
      aws_service: service,
      region: textAt(cause, "region", "Region"),
      usage_type: textAt(cause, "usageType", "UsageType"),
      monitor: textAt(anomaly, "monitorName") ?? monitor,
      subscription: textAt(anomaly, "subscriptionName"),
    },
    details: saying({
      impact,
      score: dig(anomaly, "anomalyScore") ?? dig(anomaly, "AnomalyScore"),
      until: textAt(anomaly, "anomalyEndDate", "AnomalyEndDate"),
      rootCauses: (listAt(anomaly, "rootCauses").length > 0
        ? listAt(anomaly, "rootCauses")
        : listAt(anomaly, "RootCauses")
      ).slice(0, 10),
    }),
  });
}

const joinedKey = (id: string): string => `aws-cost-anomaly/${id}`;
