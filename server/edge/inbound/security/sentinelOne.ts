/**
 * SentinelOne threats (console and API 2.1, and the flat ones of API 2.0), the alerts of STAR custom rules, unified alerts, and the
 * activities that speak of a threat.
 * The API guide stands inside the console (Help, API Doc); its fields are told by
 * https://www.elastic.co/docs/reference/integrations/sentinel_one
 * Samples: golden/sentinelone.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

const isThreat = (value: unknown): boolean => isObject(value) && isObject(value["threatInfo"]);
const isRuleAlert = (value: unknown): boolean =>
  isObject(value) && isObject(value["alertInfo"]) && isObject(value["ruleInfo"]);

const isUnified = (value: unknown): boolean =>
  isObject(value) && has(value, "analystVerdict", "severity", "name", "detectedAt");
/** Some stores of logs write every name in small letters. */
const isActivity = (value: unknown): boolean =>
  isObject(value) &&
  (has(value, "activityType", "primaryDescription") ||
    has(value, "activitytype", "primarydescription"));
/** What API 2.0 answers: everything of a threat and of its agent side by side. */
const isFlatThreat = (value: unknown): boolean =>
  isObject(value) &&
  has(value, "id", "mitigationStatus", "agentId") &&
  (has(value, "threatName") || has(value, "maliciousGroupId") || has(value, "fileContentHash"));
const isOne = (value: unknown): boolean =>
  [isThreat, isRuleAlert, isUnified, isActivity, isFlatThreat].some((is) => is(value));

function itemsOf(body: Json): readonly unknown[] | null {
  if (isOne(body)) return [body];
  if (isThreat(body["threat"]) || isFlatThreat(body["threat"])) return [body["threat"]];
  const edges = listAt(body, "data.alerts.edges").map((edge) => dig(edge, "node"));
  const list = edges.length > 0 ? edges : body["data"];
  return Array.isArray(list) && list.length > 0 && list.every(isOne) ? list : null;
}

const MITIGATED = /^(mitigated|marked_as_benign|blocked|suspicious_resolved)$/;

export const sentinelOne: Adapter = {
  about: {
    id: "sentinelone",
    name: "SentinelOne",
    docs: "https://www.elastic.co/docs/reference/integrations/sentinel_one",
  },
  setUp: {
    steps: [
      "In the console open the Singularity Marketplace, install a webhook integration for threats, and give it the address {url}.",
      "Or have a script poll /web/api/v2.1/threats and post each answer as it is to {url}.",
    ],
    sample: "sentinelone.threat.json",
  },
  // Threats: the engine's confidence, and whether the agent has already dealt with it. Rules: their severity.
  severities: {
    "malicious, not mitigated": "critical",
    "malicious, mitigated": "warning",
    "suspicious, not mitigated": "error",
    "suspicious, mitigated": "info",
    Critical: "critical",
    High: "error",
    Medium: "warning",
    Low: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("a threat, or an alert of a custom rule", itemsOf, (reading, index, item) =>
    isThreat(item)
      ? readThreat(reading, index, item)
      : isFlatThreat(item)
        ? readFlatThreat(reading, index, item)
        : isUnified(item)
          ? readUnified(reading, index, item)
          : isActivity(item)
            ? readActivity(reading, index, item)
            : readRuleAlert(reading, index, item),
  ),
};

function readUnified(reading: Reading, index: number, item: Json): void {
  const id = textAt(item, "id", "externalId");
  if (id === null) return reading.refuse(index, "id", "a text");
  const host = textAt(item, "asset.name", "assets.0.name");
  tellFinding(reading, index, {
    uid: [id],
    title: `${textAt(item, "name") ?? "Alert"}${host === null ? "" : ` on ${host}`}`,
    description: textAt(item, "description"),
    severity: severityBy(sentinelOne.severities!, dig(item, "severity")),
    status: /^(resolved|closed)$/i.test(textAt(item, "status") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, item, "detectedAt", "firstSeenAt", "createdAt"),
    product: "SentinelOne",
    rule: textAt(item, "ruleId", "detectionSource.engine"),
    category: textAt(item, "classification", "detectionSource.product"),
    host,
    user: textAt(
      item,
      "process.username",
      "detectionTime.targetUser.name",
      "asset.lastLoggedInUser",
      "assets.0.lastLoggedInUser",
    ),
    sourceIp: textAt(item, "detectionTime.attacker.ip"),
    observables: [
      ["sha256", dig(item, "process.file.sha256")],
      ["sha1", dig(item, "process.file.sha1")],
      ["md5", dig(item, "process.file.md5")],
    ],
    labels: { tool_status: textAt(item, "status"), verdict: textAt(item, "analystVerdict") },
  });
}

/** What the console's log says of a threat; everything else in it is ordinary work. */
function readActivity(reading: Reading, index: number, item: Json): void {
  const threat = textAt(item, "threatId", "threatid");
  const alert = textAt(item, "data.alertId", "data.alertid");
  const id = threat ?? alert;
  const said = textAt(item, "primaryDescription", "primarydescription");
  if (id === null || said === null) {
    const kind = (textAt(item, "activityType", "activitytype") ?? "").slice(0, 20);
    return reading.find(index, "activityType", `${kind} speaks of no threat: no alert`);
  }
  const host =
    textAt(
      item,
      "data.computerName",
      "data.computername",
      "data.endpointName",
      "data.origagentname",
    ) ??
    / detected on ([\w.-]{1,100}?)\.?$/.exec(said)?.[1] ??
    null;
  // Custom rules write E_CRITICAL.
  const word = textAt(item, "data.severity")?.replace(/^E_/, "");
  const over =
    /\b(resolved|benign)\b/i.test(said) ||
    /^resolved$/i.test(textAt(item, "data.newIncidentStatus") ?? "");
  const dealt = /mitigat|kill|quarantin|remediat|rolled back/i.test(said);
  tellFinding(reading, index, {
    uid: [id],
    title: said,
    description: textAt(item, "secondaryDescription", "secondarydescription"),
    severity: severityBy(
      sentinelOne.severities!,
      (threat === null ? word : null) ??
        `${/suspicious/i.test(said) ? "suspicious" : "malicious"}, ${dealt ? "mitigated" : "not mitigated"}`,
    ),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, item, "createdAt", "createdat", "updatedAt"),
    product: "SentinelOne",
    rule: textAt(item, "data.ruleName", "data.rulename"),
    category: textAt(item, "data.threatClassification", "activityType", "activitytype"),
    host,
    account: textAt(item, "accountName", "accountname", "data.accountName"),
    observables: [["sha1", dig(item, "data.fileContentHash")]],
    labels: { site: textAt(item, "siteName", "data.siteName") },
  });
}

function readThreat(reading: Reading, index: number, item: Json): void {
  const threat = item["threatInfo"];
  const id = textAt(threat, "threatId") ?? textAt(item, "id");
  if (id === null) return reading.refuse(index, "threatInfo.threatId", "a text");
  const kind = textAt(threat, "classification") ?? "Threat";
  const name = textAt(threat, "threatName");
  const host = textAt(
    item,
    "agentRealtimeInfo.agentComputerName",
    "agentDetectionInfo.agentComputerName",
  );
  const confidence = textAt(threat, "confidenceLevel") ?? "malicious";
  const mitigation = textAt(threat, "mitigationStatus") ?? "not_mitigated";
  const dealt = MITIGATED.test(mitigation) ? "mitigated" : "not mitigated";
  const verdict = textAt(threat, "analystVerdict");
  const over =
    textAt(threat, "incidentStatus") === "resolved" ||
    mitigation === "marked_as_benign" ||
    verdict === "false_positive";
  tellFinding(reading, index, {
    uid: [id],
    title: `${kind}${name === null ? "" : `: ${name}`}${host === null ? "" : ` on ${host}`}`,
    description: textAt(threat, "mitigationStatusDescription"),
    severity: severityBy(sentinelOne.severities!, `${confidence}, ${dealt}`),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, threat, "identifiedAt", "createdAt", "updatedAt"),
    product: "SentinelOne",
    link: textAt(threat, "threatUrl") ?? textAt(item, "threatUrl"),
    rule: textAt(threat, "detectionType"),
    category: textAt(threat, "classification"),
    host,
    user: textAt(threat, "processUser"),
    account: textAt(item, "agentRealtimeInfo.accountName", "agentDetectionInfo.accountName"),
    sourceIp: textAt(item, "agentDetectionInfo.externalIp"),
    tactics: listAt(item, "indicators").flatMap((one) => namesIn(dig(one, "tactics"), "name")),
    techniques: listAt(item, "indicators").flatMap((one) =>
      listAt(one, "tactics").flatMap((tactic) => namesIn(dig(tactic, "techniques"), "name")),
    ),
    observables: [
      ["sha1", dig(threat, "sha1")],
      ["sha256", dig(threat, "sha256")],
      ["md5", dig(threat, "md5")],
      ["file name", dig(threat, "filePath") ?? dig(threat, "threatName")],
    ],
    labels: {
      tool_status: textAt(threat, "incidentStatus"),
      confidence,
      mitigation,
      verdict,
      site: textAt(item, "agentRealtimeInfo.siteName", "agentDetectionInfo.siteName"),
      group: textAt(item, "agentRealtimeInfo.groupName", "agentDetectionInfo.groupName"),
    },
    details: {
      filePath: textAt(threat, "filePath"),
      storyline: textAt(threat, "storyline"),
      engines: namesIn(dig(threat, "detectionEngines"), "title", "key"),
    },
  });
}

function readFlatThreat(reading: Reading, index: number, item: Json): void {
  const host = textAt(item, "agentComputerName");
  const kind = textAt(item, "classification") ?? "Threat";
  const name = textAt(item, "threatName", "fileDisplayName", "description") ?? "unnamed";
  // Older consoles give no confidence; it was malicious, or it was told as suspicious by its status.
  const mitigation = textAt(item, "mitigationStatus") ?? "active";
  const confidence =
    textAt(item, "confidenceLevel") ??
    (mitigation.startsWith("suspicious") ? "suspicious" : "malicious");
  const harmless = item["markedAsBenign"] === true;
  const dealt = MITIGATED.test(mitigation) ? "mitigated" : "not mitigated";
  tellFinding(reading, index, {
    uid: [textAt(item, "id")!],
    title: `${kind}: ${name}${host === null ? "" : ` on ${host}`}`,
    description: textAt(item, "description"),
    severity: severityBy(
      sentinelOne.severities!,
      `${/^(malicious|suspicious)$/.test(confidence) ? confidence : "malicious"}, ${dealt}`,
    ),
    status: item["resolved"] === true || harmless ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, item, "createdDate", "createdAt", "updatedAt"),
    product: "SentinelOne",
    rule: textAt(item, "classificationSource", "classifierName"),
    category: textAt(item, "classification"),
    host,
    user: textAt(item, "username"),
    account: textAt(item, "accountName"),
    sourceIp: textAt(item, "agentIp"),
    observables: [
      ["sha1", dig(item, "fileContentHash")],
      ["sha256", dig(item, "fileSha256")],
      ["file name", dig(item, "filePath") ?? dig(item, "fileDisplayName")],
    ],
    labels: { confidence, mitigation, site: textAt(item, "siteName") },
    details: { filePath: textAt(item, "filePath"), group: textAt(item, "maliciousGroupId") },
  });
}

function readRuleAlert(reading: Reading, index: number, item: Json): void {
  const id = textAt(item, "alertInfo.alertId");
  if (id === null) return reading.refuse(index, "alertInfo.alertId", "a text");
  const host = textAt(
    item,
    "agentRealtimeInfo.name",
    "agentDetectionInfo.name",
    "agentRealtimeInfo.agentComputerName",
  );
  tellFinding(reading, index, {
    uid: [id],
    title: `${textAt(item, "ruleInfo.name") ?? "Custom rule"}${host === null ? "" : ` on ${host}`}`,
    description: textAt(item, "ruleInfo.description"),
    severity: severityBy(sentinelOne.severities!, dig(item, "ruleInfo.severity")),
    status: /^resolved$/i.test(textAt(item, "alertInfo.incidentStatus") ?? "")
      ? "resolved"
      : "open",
    firstSeenAt: timeAt(reading, index, item, "alertInfo.createdAt", "alertInfo.reportedAt"),
    product: "SentinelOne",
    rule: textAt(item, "ruleInfo.name", "ruleInfo.id"),
    category: textAt(item, "alertInfo.eventType"),
    host,
    user: textAt(item, "sourceProcessInfo.user"),
    sourceIp: textAt(item, "alertInfo.srcIp", "alertInfo.srcMachineIp"),
    destinationIp: textAt(item, "alertInfo.dstIp"),
    observables: [
      ["sha256", dig(item, "sourceProcessInfo.fileHashSha256")],
      ["sha1", dig(item, "sourceProcessInfo.fileHashSha1")],
      ["domain", dig(item, "alertInfo.dnsRequest")],
    ],
    labels: {
      tool_status: textAt(item, "alertInfo.incidentStatus"),
      verdict: textAt(item, "alertInfo.analystVerdict"),
    },
  });
}
