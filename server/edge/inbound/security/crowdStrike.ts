/**
 * CrowdStrike Falcon: events of the streaming API (detections, identity, mobile, incidents), alerts of
 * the Alerts API and detections of the one before it, and what a workflow of Fusion sends by its webhook.
 * Audit events, firewall events and telemetry are told as such and raise nothing.
 * https://developer.crowdstrike.com/docs/openapi/#tag/alerts Samples: golden/crowdstrike.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { signedBeforeTime } from "../signatures.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

const isStreamed = (body: Json): boolean =>
  typeof dig(body, "metadata.eventType") === "string" && isObject(body["event"]);
const isAlert = (body: Json): boolean =>
  Object.hasOwn(body, "composite_id") ||
  (Object.hasOwn(body, "aggregate_id") && Object.hasOwn(body, "cid"));
const isDetection = (body: Json): boolean =>
  Object.hasOwn(body, "detection_id") && Array.isArray(body["behaviors"]);
/** Where the replicated kind stands; stores of logs put it below the event. */
const REPLICATED = [
  "ExternalApiType",
  "event_simpleName",
  "event.ExternalApiType",
  "event.event_simpleName",
];
/** The data replicator writes what the stream sends, flat, beside all telemetry of the sensors. */
const isReplicated = (body: Json): boolean =>
  REPLICATED.some((path) => typeof dig(body, path) === "string");
/** What a workflow sends: about itself under meta, and the fields of its trigger under data. */
const isFusion = (body: Json): boolean =>
  isObject(body["data"]) &&
  ["workflow_id", "trigger_name", "event_reference_url"].some(
    (name) => dig(body, `meta.${name}`) !== undefined,
  );
/** The trigger's own tree, as a template of a workflow's author passes it on. */
const triggerOf = (body: Json): unknown =>
  dig(body, "Trigger.Category") ??
  dig(body, "trigger.category") ??
  dig(body, "data.Trigger.Category");
const isWorkflow = (body: Json): boolean => isFusion(body) || isObject(triggerOf(body));
/** A judgement of the cloud's posture, as the data replicator writes it: flat, and without its type. */
const isPosture = (body: Json): boolean =>
  textAt(body, "policy_statement", "PolicyStatement") !== null &&
  textAt(body, "disposition", "Disposition") !== null &&
  textAt(body, "policy_id", "PolicyId") !== null;
/** What the incidents API tells: hosts and a score between 1 and 100, but no title of its own at first. */
const isIncident = (body: Json): boolean =>
  (textAt(body, "incident_id") ?? "").startsWith("inc:") && Array.isArray(body["hosts"]);
const isOne = (one: unknown): boolean =>
  isObject(one) &&
  [isStreamed, isAlert, isDetection, isReplicated, isWorkflow, isPosture, isIncident].some((is) =>
    is(one),
  );

/** One event or alert, or what the API answers: a list under “resources”. */
function itemsOf(body: Json): readonly unknown[] | null {
  if (isOne(body)) return [body];
  const list = body["resources"];
  return Array.isArray(list) && list.length > 0 && list.every(isOne) ? list : null;
}

const CLOSED = /^(closed|resolved|ignored|false_positive)$/i;

export const crowdStrike: Adapter = {
  about: {
    id: "crowdstrike",
    name: "CrowdStrike Falcon",
    docs: "https://developer.crowdstrike.com/docs/openapi/#tag/alerts",
  },
  setUp: {
    steps: [
      "In Falcon Fusion make a workflow on new and updated detections with the action “Call webhook” to {url}, and let it send the alert as JSON.",
      "Give the webhook of the CrowdStrike Store an HMAC secret key, leave its signature header at X-CS-Primary-Signature, put the key into the environment and name it in the intake key's signedWith.",
      "Or have the Falcon SIEM connector's JSON output posted to {url} as it is.",
    ],
    sample: "crowdstrike.alert.json",
  },
  severities: {
    Critical: "critical",
    High: "error",
    Medium: "warning",
    Low: "info",
    Informational: "info",
  },
  resendsByContract: false,
  verify: (request, secret) =>
    signedBeforeTime(request, secret, {
      header: "x-cs-primary-signature",
      time: "x-cs-delivery-timestamp",
    }),
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an event or alert of Falcon", itemsOf, (reading, index, item) => {
    if (isStreamed(item)) {
      const type = textAt(item, "metadata.eventType") ?? "";
      return readEvent(reading, index, { type, event: item["event"] as Json, body: item });
    }
    if (isReplicated(item)) {
      const type = textAt(item, ...REPLICATED) ?? "";
      const inner = item["event"];
      const event = isObject(inner) ? { ...inner, ...item } : item;
      return readEvent(reading, index, { type, event, body: item });
    }
    if (isIncident(item)) return readAlert(reading, index, ofIncident(item));
    if (isDetection(item)) return readAlert(reading, index, ofDetection(item));
    if (isWorkflow(item)) return readAlert(reading, index, ofWorkflow(item));
    if (!isAlert(item) && isPosture(item)) {
      return readEvent(reading, index, { type: "CSPM", event: ofPosture(item), body: item });
    }
    readAlert(reading, index, item);
  }),
};

/** The older detection as an alert: its worst behaviour says what happened. */
function ofDetection(body: Json): Json {
  const behaviours = body["behaviors"] as readonly unknown[];
  const severity = (one: unknown): number => numberAt(one, "severity") ?? 0;
  const [worst] = behaviours.filter(isObject).toSorted((a, b) => severity(b) - severity(a));
  return {
    ...worst,
    ...body,
    composite_id: body["detection_id"],
    severity_name: body["max_severity_displayname"],
    severity: body["max_severity"] ?? worst?.["severity"],
    pattern_id: worst?.["behavior_id"],
    timestamp: worst?.["timestamp"],
  };
}

const INCIDENT_CLOSED = 40;

function ofIncident(body: Json): Json {
  return {
    ...body,
    id: body["incident_id"],
    display_name: textAt(body, "name") ?? "Incident",
    severity: body["fine_score"],
    status: numberAt(body, "status") === INCIDENT_CLOSED ? "closed" : textAt(body, "state"),
    device: dig(body, "hosts.0"),
    start_time: textAt(body, "start", "created"),
    tactic: namesIn(body["tactics"]).join(", "),
    technique: namesIn(body["techniques"]).join(", "),
    type: "incident",
  };
}

/** The names that the stream gives to what the replicator writes in small letters. */
const ofPosture = (body: Json): Json => ({
  ...body,
  PolicyStatement: textAt(body, "PolicyStatement", "policy_statement"),
  PolicyId: textAt(body, "PolicyId", "policy_id"),
  Disposition: textAt(body, "Disposition", "disposition"),
  Severity: numberAt(body, "Severity", "policy_severity"),
  AccountId: textAt(body, "AccountId", "aws_account_id"),
  Region: textAt(body, "Region", "region"),
});

const WORKFLOW_DEPTH = 6;

/** Names of a trigger's fields, by the last part of the path that the workflow gives them. */
const WORKFLOW_NAMES: readonly (readonly [ours: string, ...theirs: readonly string[]])[] = [
  [
    "composite_id",
    "composite_id",
    "compositeid",
    "detection_id",
    "detectionid",
    "alert_id",
    "alertid",
    "incident_id",
    "incidentid",
    "id",
  ],
  ["severity_name", "severity_name", "severitydisplayname", "severityname", "severity"],
  ["display_name", "display_name", "displayname", "name", "scenario", "technique"],
  ["description", "description"],
  ["status", "status", "state"],
  ["hostname", "hostname", "computer_name", "computername", "sensor_hostname"],
  ["user_name", "user_name", "username"],
  ["tactic", "tactic"],
  ["technique", "technique"],
  ["falcon_host_link", "falcon_host_link", "url"],
  ["sha256", "sha256", "sha256_hash", "sha256hash"],
  ["filename", "filename", "file_name"],
  ["cmdline", "cmdline", "command_line", "commandline"],
];

function ofWorkflow(body: Json): Json {
  const said = new Map<string, unknown>();
  const walk = (value: Json, depth: number): void => {
    for (const [path, inner] of Object.entries(value).slice(0, 300)) {
      const last = (path.split(".").at(-1) ?? "").toLowerCase();
      // The name of a user or device is not that of what was found.
      const of = /(user|device|host)s?\.name$/i.exec(path)?.[1]?.toLowerCase();
      const name = of === undefined ? last : of === "user" ? "user_name" : "hostname";
      if (isObject(inner)) {
        if (depth < WORKFLOW_DEPTH) walk(inner, depth + 1);
      } else if (!said.has(name) && inner !== "" && inner !== null) said.set(name, inner);
    }
  };
  const trigger = triggerOf(body) ?? body["data"];
  walk(isObject(trigger) ? trigger : {}, 0);
  const alert: Record<string, unknown> = {};
  for (const [ours, ...theirs] of WORKFLOW_NAMES) {
    const name = theirs.find((one) => said.has(one));
    if (name !== undefined) alert[ours] = said.get(name);
  }
  const meta = body["meta"];
  const number = typeof alert["severity_name"] === "number" ? alert["severity_name"] : null;
  return {
    ...alert,
    severity_name: number === null ? alert["severity_name"] : wordOf(number),
    composite_id:
      alert["composite_id"] ??
      textAt(meta, "event_reference_url") ??
      [textAt(meta, "workflow_id", "trigger_name"), alert["hostname"]].join(" "),
    display_name: alert["display_name"] ?? textAt(meta, "trigger_name"),
    falcon_host_link: alert["falcon_host_link"] ?? textAt(meta, "event_reference_url"),
    device: { hostname: alert["hostname"] },
    timestamp: dig(meta, "timestamp") ?? said.get("timestamp") ?? said.get("createdtimestamp"),
    type: textAt(meta, "trigger_name"),
  };
}

/** The number of 0 to 100 that the Alerts API gives, as its word. */
function wordOf(severity: number | null): string | null {
  if (severity === null) return null;
  if (severity >= 80) return "Critical";
  if (severity >= 60) return "High";
  if (severity >= 40) return "Medium";
  return severity >= 20 ? "Low" : "Informational";
}

/** The number of 1 to 5 that the stream gives, as its word. */
const STREAM_WORDS = ["Informational", "Informational", "Low", "Medium", "High", "Critical"];

/** The cloud's posture counts the other way round, from 0. */
const POSTURE_WORDS = ["Critical", "High", "Medium", "Informational"];

const DETECTS = /Detect|Incident|Ioa|Ioc|CSPM|Recon|OverWatch|AutomatedLead|IdentityProtection/i;

type Told = { readonly type: string; readonly event: Json; readonly body: Json };

/** What the customer's own indicator met: an address, a name or a hash. */
const METS = ["IPv4", "IPv6", "DomainName", "SHA256String", "MD5String", "SHA1String"];

/** What makes two events the same; null for one that says nothing of the kind. */
function identityOf(event: Json, type: string): readonly unknown[] | null {
  const id = textAt(
    event,
    "CompositeId",
    "DetectId",
    "DetectionId",
    "IncidentID",
    "IncidentId",
    "IdentityProtectionIncidentId",
    "AggregateId",
    "NotificationId",
    "ItemId",
    "EventId",
    "FalconHostLink",
  );
  if (id !== null) return [id];
  const policy = textAt(event, "PolicyId");
  if (policy !== null) {
    const of = ["AccountId", "ResourceId", "EventAction", "UserId"];
    return ["policy", policy, ...of.map((name) => textAt(event, name))];
  }
  const met = /CustomerIOC/i.test(type) ? textAt(event, ...METS) : null;
  return met === null ? null : ["indicator", textAt(event, "DeviceId", "AgentIdString"), met];
}

/** UNUSUAL_ENDPOINT_USE as words; a mere number says nothing. */
function inWords(name: string | null): string | null {
  if (name === null || /^\d+$/.test(name)) return null;
  if (!/^[A-Z]+(_[A-Z]+)*$/.test(name)) return name;
  return `${name[0]!}${name.slice(1).toLowerCase().replaceAll("_", " ")}`;
}

function nameOf(event: Json, type: string): string {
  // The name of an automated lead is its host and time.
  if (/AutomatedLead/i.test(type)) return "Automated lead";
  // A CrowdScore incident has neither name nor host: its score is all that tells it apart.
  const score = textAt(event, "FineScore");
  if (score !== null) return `Incident with score ${score}`;
  const met = /CustomerIOC/i.test(type) ? textAt(event, ...METS) : null;
  if (met !== null) return `Indicator of your own seen: ${met}`;
  return (
    textAt(event, "DetectName", "DisplayName", "Name") ??
    inWords(textAt(event, "IncidentType")) ??
    textAt(event, "PolicyStatement", "RuleName", "DetectDescription", "Description") ??
    type.replace(/(Summary)?Event$/, "")
  );
}

const FILETIME_FROM = 1e17;
const FILETIME_TO = 2e17;
const FILETIME_PER_MS = 1e4;
const FILETIME_EPOCH_MS = -11_644_473_600_000;

/** Identity events count in Windows' own time: steps of 100 ns since 1601. */
const inUnixTime = (event: Json): Json =>
  Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      typeof value === "number" && value > FILETIME_FROM && value < FILETIME_TO
        ? Math.floor(value / FILETIME_PER_MS) + FILETIME_EPOCH_MS
        : value,
    ]),
  );

const BEGINNINGS = [
  "ProcessStartTime",
  "IncidentStartTime",
  "SignalStartTimestamp",
  "StartTimeEpoch",
  "StartTime",
  "ContextTimeStamp",
  "SessionStartTimestamp",
  "EventTimestamp",
  "EventCreatedTimestamp",
  "MatchedTimestamp",
];

function streamSeverity(event: Json, type: string): string | null {
  const said = textAt(event, "SeverityName", "RulePriority");
  if (said !== null) return said;
  const severity = numberAt(event, "Severity");
  if (/CSPM/i.test(type)) return POSTURE_WORDS[severity ?? -1] ?? null;
  if (severity !== null) {
    return severity <= 5 ? (STREAM_WORDS[severity] ?? null) : wordOf(severity);
  }
  // An incident is scored from 0 to 10 with one decimal; its API writes the same from 0 to 100.
  const score = numberAt(event, "FineScore");
  return wordOf(score !== null && score <= 10 ? score * 10 : score);
}

function readEvent(reading: Reading, index: number, { type, event: said, body }: Told): void {
  const event = inUnixTime(said);
  const uid = identityOf(event, type);
  if (uid === null || !DETECTS.test(type)) {
    return reading.find(
      index,
      "metadata.eventType",
      `“${type.slice(0, 60)}” is no detection: no alert`,
    );
  }
  const host = textAt(
    event,
    "ComputerName",
    "Hostname",
    "EndpointName",
    "SourceEndpointHostName",
    "ThreatgraphIndicators.0.Hostname",
  );
  const hosts = textAt(event, "HostNames")?.split(",") ?? [];
  const where = host ?? (hosts.length === 1 ? hosts[0]!.trim() : null);
  const over =
    CLOSED.test(textAt(event, "Status", "State") ?? "") ||
    /^passed$/i.test(textAt(event, "Disposition") ?? "");
  tellFinding(reading, index, {
    uid,
    title: `${nameOf(event, type)}${where === null ? "" : ` on ${where}`}`,
    description: textAt(
      event,
      "DetectDescription",
      "Description",
      "IncidentDescription",
      "Finding",
    ),
    severity: severityBy(crowdStrike.severities!, streamSeverity(event, type)),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      { event, body },
      ...BEGINNINGS.map((name) => `event.${name}`),
      "body.metadata.eventCreationTime",
      "event.UTCTimestamp",
      "event.timestamp",
      "event.Timestamp",
    ),
    product: "CrowdStrike Falcon",
    link: textAt(event, "FalconHostLink", "ReportUrl", "ResourceUrl", "resource_url"),
    rule: textAt(event, "PatternId", "PolicyId", "RuleId", "Technique"),
    category: type,
    host: where,
    resource: textAt(event, "ResourceName", "ResourceId"),
    account: textAt(event, "AccountId"),
    region: textAt(event, "Region"),
    user: textAt(event, "UserName", "SourceAccountName"),
    tactics: textAt(event, "Tactic", "Tactics") ?? namesIn(dig(event, "MitreAttack"), "Tactic"),
    techniques:
      textAt(event, "Technique", "Techniques") ?? namesIn(dig(event, "MitreAttack"), "Technique"),
    sourceIp: textAt(event, "LocalIP", "SourceEndpointIpAddress", "EndpointIp", "UserSourceIp"),
    observables: [
      ["sha256", dig(event, "SHA256String")],
      ["sha256", dig(event, "ContentSha")],
      ["sha1", dig(event, "SHA1String")],
      ["md5", dig(event, "MD5String")],
      ["file name", dig(event, "FileName") ?? dig(event, "Filename")],
      ["any", dig(event, "IOCValue")],
      ["ip", dig(event, "IPv4")],
      ["ip", dig(event, "IPv6")],
      ["domain", dig(event, "DomainName")],
      ["ip", (textAt(event, "IPv4Addresses") ?? "").split(",").map((one) => one.trim())],
      ...(Array.isArray(event["NetworkAccesses"]) ? event["NetworkAccesses"] : []).map(
        (access: unknown) => ["ip", dig(access, "RemoteAddress")] as const,
      ),
    ],
    labels: {
      domain: textAt(event, "MachineDomain"),
      action: textAt(event, "PatternDispositionDescription", "EventAction", "ResponseAction"),
      cloud: textAt(event, "CloudService"),
    },
    details: { commandLine: textAt(event, "CommandLine"), filePath: textAt(event, "FilePath") },
  });
}

function readAlert(reading: Reading, index: number, body: Json): void {
  const id = textAt(body, "composite_id", "id", "aggregate_id");
  if (id === null) return reading.refuse(index, "composite_id", "a text");
  const host = textAt(
    body,
    "device.hostname",
    "source_endpoint_host_name",
    "host_names.0",
    "source_hosts.0",
    "threatgraph_indicators.0.hostname",
  );
  const named = textAt(body, "display_name", "name", "scenario", "description") ?? "Detection";
  // The name of an automated lead is its host and time.
  const name = textAt(body, "product") === "automated-lead" ? "Automated lead" : named;
  tellFinding(reading, index, {
    uid: [id],
    title: `${name}${host === null || name.includes(host) ? "" : ` on ${host}`}`,
    description: textAt(body, "description"),
    severity: severityBy(
      crowdStrike.severities!,
      textAt(body, "severity_name") ?? wordOf(numberAt(body, "severity")),
    ),
    status:
      CLOSED.test(textAt(body, "status") ?? "") || dig(body, "is_closed") === true
        ? "resolved"
        : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      body,
      "signal_start_timestamp",
      "timestamp",
      "start_time",
      "created_timestamp",
      "context_timestamp",
    ),
    product: "CrowdStrike Falcon",
    link: textAt(body, "falcon_host_link"),
    rule: textAt(body, "pattern_id", "scenario"),
    category: textAt(body, "type", "product"),
    host,
    user: textAt(body, "user_name", "user_principal", "source_account_name", "user_names.0"),
    tactics: textAt(body, "tactic") ?? namesIn(dig(body, "mitre_attack"), "tactic"),
    techniques:
      textAt(body, "technique_id", "technique") ??
      namesIn(dig(body, "mitre_attack"), "technique_id", "technique"),
    sourceIp: textAt(body, "source_endpoint_address_ip4", "source_ips.0"),
    observables: [
      ["sha256", dig(body, "sha256")],
      ["sha1", dig(body, "sha1")],
      ["md5", dig(body, "md5")],
      ["file name", dig(body, "filename")],
      ["ip", dig(body, "device.external_ip")],
      ["any", dig(body, "ioc_value")],
    ],
    labels: {
      tool_status: textAt(body, "status"),
      domain: textAt(body, "device.machine_domain"),
      platform: textAt(body, "platform", "device.platform_name"),
      action: textAt(body, "pattern_disposition_description"),
    },
    details: { commandLine: textAt(body, "cmdline"), filePath: textAt(body, "filepath") },
  });
}
