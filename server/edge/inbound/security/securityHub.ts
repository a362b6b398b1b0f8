/**
 * AWS Security Hub findings: in ASFF by EventBridge (imported findings and custom actions), by SNS, as
 * the API lists them, and alone; and in OCSF, as the newer Security Hub's events hold them
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cwe-event-formats.html).
 * https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
 * Samples: golden/securityhub.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";
import { isFindingClass, readOcsfFinding } from "./ocsf.ts";

const isFinding = (value: unknown): value is Json =>
  isObject(value) &&
  has(value, "ProductArn") &&
  (has(value, "Id") || has(value, "Resources")) &&
  (has(value, "GeneratorId") || has(value, "Title"));

function findingsOf(body: Json): readonly unknown[] | null {
  if (isFinding(body)) return [body];
  const list = dig(body, "detail.findings") ?? body["Findings"] ?? body["findings"];
  if (!Array.isArray(list) || list.length === 0) return null;
  const ofHub = textAt(body, "source") === "aws.securityhub";
  const known = (one: unknown): boolean =>
    isFinding(one) || (ofHub && isObject(one) && isFindingClass(one));
  return list.every(known) ? list : null;
}

export const securityHub: Adapter = {
  about: {
    id: "securityhub",
    name: "AWS Security Hub",
    docs: "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html",
  },
  setUp: {
    steps: [
      'Make an EventBridge rule with the pattern {"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported", "Findings Imported V2"]}; of both Hubs, one is enough.',
      "Let its target be an SNS topic with an HTTPS subscription to {url}, or an API destination with that address.",
    ],
    sample: "securityhub.event.json",
  },
  severities: {
    CRITICAL: "critical",
    HIGH: "error",
    MEDIUM: "warning",
    LOW: "info",
    INFORMATIONAL: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => findingsOf(body) !== null),
  read: readItems(
    "an ASFF finding, or an EventBridge event with findings",
    findingsOf,
    (reading, index, item) =>
      isFinding(item) ? readFinding(reading, index, item) : readOcsfFinding(reading, index, item),
  ),
};

/** Severity.Normalized where no label stands. */
function labelOf(normalized: number | null): string | null {
  if (normalized === null) return null;
  if (normalized >= 90) return "CRITICAL";
  if (normalized >= 70) return "HIGH";
  if (normalized >= 40) return "MEDIUM";
  return normalized >= 1 ? "LOW" : "INFORMATIONAL";
}

/** Archived, resolved, suppressed, or a control that passes: the condition is over. */
const isClosed = (finding: Json): boolean =>
  textAt(finding, "RecordState") === "ARCHIVED" ||
  /^(RESOLVED|SUPPRESSED)$/.test(textAt(finding, "Workflow.Status", "WorkflowState") ?? "") ||
  textAt(finding, "Compliance.Status") === "PASSED";

function readFinding(reading: Reading, index: number, finding: Json): void {
  const id = textAt(finding, "Id", "ProductFields.aws/securityhub/FindingId");
  const title = textAt(finding, "Title", "Description", "GeneratorId");
  if (title === null) return reading.refuse(index, "Title", "a text");
  const region =
    textAt(finding, "Region", "Resources.0.Region") ?? textAt(finding, "ProductArn")?.split(":")[3];
  const resource = textAt(finding, "Resources.0.Id");
  const label =
    textAt(finding, "FindingProviderFields.Severity.Label", "Severity.Label") ??
    labelOf(numberAt(finding, "Severity.Normalized", "FindingProviderFields.Severity.Normalized"));
  tellFinding(reading, index, {
    // A product that leaves the identity away is known by what it says of which resource.
    uid: id === null ? [textAt(finding, "ProductArn"), title, resource] : [id],
    title,
    description: textAt(finding, "Description"),
    severity: severityBy(securityHub.severities!, textAt(finding, "Severity.Label") ?? label),
    status: isClosed(finding) ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, finding, "FirstObservedAt", "CreatedAt", "UpdatedAt"),
    product:
      textAt(finding, "ProductName", "ProductFields.aws/securityhub/ProductName") ?? "Security Hub",
    link: textAt(finding, "SourceUrl") ?? (region && id !== null ? consoleLink(region, id) : null),
    rule: textAt(finding, "Compliance.SecurityControlId", "ProductFields.ControlId", "GeneratorId"),
    category: dig(finding, "Types") ?? dig(finding, "FindingProviderFields.Types"),
    resource,
    service: resource?.split(/[/:]/).at(-1),
    account: textAt(finding, "AwsAccountId"),
    region,
    sourceIp: textAt(
      finding,
      "Network.SourceIpV4",
      "Action.AwsApiCallAction.RemoteIpDetails.IpAddressV4",
      "Action.NetworkConnectionAction.RemoteIpDetails.IpAddressV4",
    ),
    destinationIp: textAt(finding, "Network.DestinationIpV4"),
    observables: [
      ["domain", textAt(finding, "Network.DestinationDomain", "Network.SourceDomain")],
      ...listAt(finding, "ThreatIntelIndicators").map((one) => ["any", dig(one, "Value")] as const),
    ],
    labels: {
      resource_type: textAt(finding, "Resources.0.Type"),
      compliance: textAt(finding, "Compliance.Status"),
      tool_status: textAt(finding, "Workflow.Status", "WorkflowState"),
      tool_severity: label,
      cve: textAt(finding, "Vulnerabilities.0.Id"),
    },
    details: {
      remediation: textAt(finding, "Remediation.Recommendation.Text"),
      remediationUrl: textAt(finding, "Remediation.Recommendation.Url"),
      resources: listAt(finding, "Resources")
        .slice(0, 20)
        .map((one) => textAt(one, "Id")),
      note: textAt(finding, "Note.Text"),
    },
  });
}

/** The console's own search for one id; the colon and the equals sign are escaped twice there. */
const consoleLink = (region: string, id: string): string =>
  `https://${encodeURIComponent(region)}.console.aws.amazon.com/securityhub/home?region=${encodeURIComponent(region)}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A${encodeURIComponent(encodeURIComponent(id))}`;
