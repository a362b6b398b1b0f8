/**
 * Amazon Inspector's findings by EventBridge: vulnerable packages, code, and ports that the internet reaches.
 * https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
 * Samples: golden/inspector.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isInspector = (body: Json): boolean =>
  body["source"] === "aws.inspector2" && isObject(body["detail"]);

export const amazonInspector: Adapter = {
  about: {
    id: "inspector",
    name: "Amazon Inspector",
    docs: "https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html",
  },
  setUp: {
    steps: [
      'Make an EventBridge rule with the pattern {"source": ["aws.inspector2"], "detail-type": ["Inspector2 Finding"]}.',
      "Let its target be an SNS topic with an HTTPS subscription to {url}, or an API destination with that address.",
    ],
    sample: "inspector.finding.json",
  },
  severities: {
    CRITICAL: "critical",
    HIGH: "error",
    MEDIUM: "warning",
    LOW: "info",
    INFORMATIONAL: "info",
    UNTRIAGED: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject(isInspector),
  read: readObject("an event of aws.inspector2", (reading, body) => {
    if (!isInspector(body)) return reading.refuse(0, "source", "aws.inspector2, beside detail");
    const type = textAt(body, "detail-type") ?? "";
    const detail = body["detail"];
    const id = textAt(detail, "findingArn");
    if (id === null)
      return reading.find(0, "detail-type", `“${type.slice(0, 60)}” is no finding: no alert`);
    const resource = listAt(detail, "resources")[0];
    const region = textAt(resource, "region") ?? textAt(body, "region");
    tellFinding(reading, 0, {
      uid: [id],
      title: textAt(detail, "title") ?? type,
      description: textAt(detail, "description"),
      severity: severityBy(amazonInspector.severities!, textAt(detail, "severity")),
      status: /^(CLOSED|SUPPRESSED)$/i.test(textAt(detail, "status") ?? "") ? "resolved" : "open",
      firstSeenAt: timeAt(reading, 0, { detail, body }, "detail.firstObservedAt", "body.time"),
      product: "Amazon Inspector",
      link:
        region === null
          ? null
          : `https://${encodeURIComponent(region)}.console.aws.amazon.com/inspector/v2/home?region=${encodeURIComponent(region)}#/findings/all?findingArn=${encodeURIComponent(id)}`,
      rule: textAt(detail, "packageVulnerabilityDetails.vulnerabilityId", "type"),
      category: textAt(detail, "type"),
      resource: textAt(resource, "id")?.split(/[/:]/).at(-1),
      account: textAt(detail, "awsAccountId") ?? textAt(body, "account"),
      region,
      labels: {
        resource_type: textAt(resource, "type"),
        cve: textAt(detail, "packageVulnerabilityDetails.vulnerabilityId"),
        score: textAt(detail, "inspectorScore"),
        exploit: textAt(detail, "exploitAvailable"),
        fix: textAt(detail, "fixAvailable"),
      },
      details: { remediation: textAt(detail, "remediation.recommendation.text") },
    });
  }),
};
