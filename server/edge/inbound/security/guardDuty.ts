/**
 * Amazon GuardDuty findings: as EventBridge carries them, by SNS, and as the API lists them.
 * https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
 * Samples: golden/guardduty.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading, scalarText } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { type Finding, listText, namesIn, tellFinding } from "./finding.ts";

const EVENT = "GuardDuty Finding";
/** What became of an object that Malware Protection for S3 looked through. */
const SCAN = "GuardDuty Malware Protection Object Scan Result";
const FINDING_TYPE = /^[A-Za-z]+:[A-Za-z0-9]+[/ :!][\w.!/-]+$/;

function findingsOf(body: Json): readonly unknown[] | null {
  if (body["detail-type"] === EVENT || body["detail-type"] === SCAN) return [body["detail"]];
  const list = body["findings"] ?? body["Findings"];
  if (Array.isArray(list) && list.every(isFinding)) return list;
  return isFinding(body) ? [body] : null;
}

const isFinding = (value: unknown): boolean =>
  isObject(value) &&
  FINDING_TYPE.test(textAt(value, "type", "Type") ?? "") &&
  numberAt(value, "severity", "Severity") !== null &&
  (/guardduty/i.test(
    textAt(value, "service.serviceName", "Service.ServiceName", "arn", "Arn") ?? "",
  ) ||
    Object.hasOwn(value, "schemaVersion"));

export const guardDuty: Adapter = {
  about: {
    id: "guardduty",
    name: "Amazon GuardDuty",
    docs: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
  },
  setUp: {
    steps: [
      'Make an EventBridge rule with the pattern {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}.',
      "Let its target be an SNS topic with an HTTPS subscription to {url}, or an API destination with that address.",
    ],
    sample: "guardduty.event.json",
  },
  // https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
  severities: {
    "Critical (9–10)": "critical",
    "High (7–8.9)": "error",
    "Medium (4–6.9)": "warning",
    "Low (1–3.9)": "info",
    // Malware Protection for S3.
    THREATS_FOUND: "error",
    FAILED: "warning",
    ACCESS_DENIED: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => findingsOf(body) !== null),
  read: readItems(
    "a GuardDuty finding, or the EventBridge event around it",
    findingsOf,
    (reading, index, item, body) =>
      body["detail-type"] === SCAN
        ? readScan(reading, index, item, body)
        : readFinding(reading, index, item, body),
  ),
};

/** An object that was looked through: malware in it, or that it could not be opened, is told. */
function readScan(reading: Reading, index: number, scan: Json, body: Json): void {
  const result = textAt(scan, "scanResultDetails.scanResultStatus", "scanStatus");
  const bucket = textAt(scan, "s3ObjectDetails.bucketName");
  if (result === null) return reading.refuse(index, "scanResultDetails.scanResultStatus", "a text");
  if (/^(NO_THREATS_FOUND|UNSUPPORTED|COMPLETED)$/.test(result)) {
    return reading.find(index, "scanResultStatus", `“${result}”: nothing was found, no alert`);
  }
  const object = textAt(scan, "s3ObjectDetails.objectKey");
  const threats = namesIn(dig(scan, "scanResultDetails.threats"), "name");
  const what = result === "THREATS_FOUND" ? (listText(threats) ?? "Malware") : `Scan ${result}`;
  tellFinding(reading, index, {
    uid: ["scan", bucket, object, textAt(scan, "s3ObjectDetails.versionId")],
    title: `${what} in ${[bucket, object].filter((part) => part !== null).join("/") || "an object"}`,
    severity: severityBy(guardDuty.severities!, result),
    status: "open",
    firstSeenAt: timeAt(reading, index, body, "time"),
    product: "GuardDuty",
    rule: "Malware Protection",
    category: SCAN,
    resource: bucket,
    account: textAt(body, "account"),
    region: textAt(body, "region"),
    labels: { resource_type: textAt(scan, "resourceType"), scan_result: result },
    details: { object, threats },
  });
}

function bandOf(severity: number): string {
  if (severity >= 9) return "Critical (9–10)";
  if (severity >= 7) return "High (7–8.9)";
  return severity >= 4 ? "Medium (4–6.9)" : "Low (1–3.9)";
}

/** The command line and some functions write every name with a capital. */
function smallFirst(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((one) => smallFirst(one, depth + 1));
  if (!isObject(value) || depth > DEPTH_MAX) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name === "__proto__" ? name : name.slice(0, 1).toLowerCase() + name.slice(1),
      smallFirst(one, depth + 1),
    ]),
  );
}
const DEPTH_MAX = 12;

function readFinding(reading: Reading, index: number, told: Json, body: Json): void {
  const finding = (Object.hasOwn(told, "Id") ? smallFirst(told) : told) as Json;
  const id = textAt(finding, "id");
  const severity = numberAt(finding, "severity");
  const type = textAt(finding, "type");
  if (id === null) return reading.refuse(index, "id", "a text");
  if (severity === null) return reading.refuse(index, "severity", "a number from 1 to 10");
  const account = textAt(finding, "accountId") ?? textAt(body, "account");
  const region = textAt(finding, "region") ?? textAt(body, "region");
  const { service, resource } = finding;
  const addresses = addressesOf(service);
  tellFinding(reading, index, {
    uid: [account, id],
    title: textAt(finding, "title") ?? type ?? "GuardDuty finding",
    description: textAt(finding, "description"),
    severity: severityBy(guardDuty.severities!, bandOf(severity)),
    status: dig(service, "archived") === true ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      { service, finding, body },
      "service.eventFirstSeen",
      "finding.createdAt",
      "body.time",
    ),
    product: "GuardDuty",
    link: region === null ? null : consoleLink(region, id),
    rule: type,
    category: type?.split(":")[0],
    resource: resourceOf(resource) ?? affectedBy(service),
    user: textAt(
      { resource, service },
      "resource.accessKeyDetails.userName",
      "resource.rdsDbUserDetails.user",
      "resource.kubernetesDetails.kubernetesUserDetails.username",
      "service.detection.sequence.actors.0.user.name",
    ),
    account,
    region,
    sourceIp: addresses[0],
    observables: observablesOf(service, addresses),
    labels: {
      resource_type: textAt(resource, "resourceType"),
      resource_role: textAt(service, "resourceRole"),
      action: textAt(service, "action.actionType"),
      tool_severity: String(severity),
      // What “Generate sample findings” makes looks like the real thing otherwise.
      sample: dig(service, "additionalInfo.sample") === true ? "true" : null,
    },
    details: {
      count: numberAt(service, "count"),
      lastSeen: textAt(service, "eventLastSeen"),
      arn: textAt(finding, "arn"),
      process: textAt(service, "runtimeDetails.process.executablePath"),
      signals: namesIn(dig(service, "detection.sequence.signals"), "name"),
      threats: namesIn(threatsOf(service), "name", "itemName"),
    },
  });
}

const ACTIONS = [
  "networkConnectionAction",
  "awsApiCallAction",
  "kubernetesApiCallAction",
  "rdsLoginAttemptAction",
];

/** The addresses at the other end, the surest first. */
function addressesOf(service: unknown): readonly string[] {
  const ends = [
    ...ACTIONS.map((action) => dig(service, `action.${action}`)),
    ...listAt(service, "action.portProbeAction.portProbeDetails"),
  ];
  return [
    ...ends.map((end) => textAt(end, "remoteIpDetails.ipAddressV4", "remoteIpDetails.ipAddressV6")),
    ...listAt(service, "detection.sequence.endpoints").map((end) => textAt(end, "ip")),
  ].filter((address) => address !== null);
}

const threatsOf = (service: unknown): readonly unknown[] => [
  ...listAt(service, "malwareScanDetails.threats"),
  ...listAt(service, "ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames"),
];

function observablesOf(
  service: unknown,
  addresses: readonly string[],
): NonNullable<Finding["observables"]> {
  const files = threatsOf(service).flatMap((threat) => [
    threat,
    ...listAt(threat, "filePaths"),
    ...listAt(threat, "itemPaths"),
  ]);
  return [
    ...addresses.map((address) => ["ip", address] as const),
    ["domain", textAt(service, "action.dnsRequestAction.domain")],
    ["domain", textAt(service, "action.awsApiCallAction.domainDetails.domain")],
    ["sha256", textAt(service, "runtimeDetails.process.executableSha256")],
    ...listAt(service, "detection.sequence.endpoints").map(
      (end) => ["domain", textAt(end, "domain")] as const,
    ),
    ...files.map((file) => ["any", textAt(file, "hash")] as const),
  ];
}

const resourceOf = (resource: unknown): string | null =>
  textAt(
    resource,
    "instanceDetails.instanceId",
    "s3BucketDetails.0.name",
    "kubernetesDetails.kubernetesWorkloadDetails.name",
    "eksClusterDetails.name",
    "ecsClusterDetails.taskDetails.definitionArn",
    "ecsClusterDetails.name",
    "lambdaDetails.functionName",
    "rdsDbInstanceDetails.dbInstanceIdentifier",
    "rdsLimitlessDbDetails.dbShardGroupIdentifier",
    "containerDetails.name",
    "ebsSnapshotDetails.snapshotArn",
    "ec2ImageDetails.imageArn",
    "recoveryPointDetails.recoveryPointArn",
    "accessKeyDetails.userName",
  );

/** What an attack sequence names first, or an API call was aimed at, where the finding describes no resource. */
function affectedBy(service: unknown): string | null {
  const [named] = listAt(service, "detection.sequence.resources");
  const affected = dig(service, "action.awsApiCallAction.affectedResources");
  const [first] = isObject(affected) ? Object.values(affected) : [];
  const text =
    textAt(named, "name", "uid") ??
    scalarText(first) ??
    textAt(service, "detection.sequence.actors.0.user.name");
  return text?.split(/[/:]/).at(-1) ?? null;
}

/** China and GovCloud have consoles of their own. */
function consoleLink(region: string, id: string): string {
  const host = region.startsWith("us-gov-")
    ? "console.amazonaws-us-gov.com"
    : region.startsWith("cn-")
      ? "console.amazonaws.cn"
      : `${encodeURIComponent(region)}.console.aws.amazon.com`;
  return `https://${host}/guardduty/home?region=${encodeURIComponent(region)}#/findings?macros=current&fId=${encodeURIComponent(id)}`;
}
