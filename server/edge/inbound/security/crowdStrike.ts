/**
 * CrowdStrike Falcon: events of the streaming API (detections, identity, mobile, incidents) and alerts of
 * the Alerts API. Audit and firewall events are told as such and raise nothing.
 * https://developer.crowdstrike.com/docs/openapi/#tag/alerts Samples: golden/crowdstrike.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const isStreamed = (body: Json): boolean =>
  typeof dig(body, "metadata.eventType") === "string" && isObject(body["event"]);
const isAlert = (body: Json): boolean =>
  Object.hasOwn(body, "composite_id") ||
  (Object.hasOwn(body, "aggregate_id") && Object.hasOwn(body, "cid"));
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
  recognise: recogniseObject((body) => isStreamed(body) || isAlert(body)),
  read: readObject("one event or alert of Falcon", (reading, body) => {
    if (isStreamed(body)) return readStreamed(reading, body);
    if (isAlert(body)) return readAlert(reading, body);
    reading.refuse(0, "composite_id", "present, or else metadata.eventType and event");
  }),
};

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

function readStreamed(reading: Reading, body: Json): void {
  const type = textAt(body, "metadata.eventType") ?? "";
  const event = body["event"] as Json;
  const id = textAt(event, "CompositeId", "DetectId", "IncidentID", "IncidentId", "AggregateId");
  const name = textAt(event, "DetectName", "Name", "IncidentType", "DetectDescription");
  if (id === null || !/Detection|Incident|Ioa|Cspm/i.test(type)) {
    return reading.find(
      0,
      "metadata.eventType",
      `“${type.slice(0, 60)}” is no detection: no alert`,
    );
  }
  const host = textAt(event, "ComputerName", "Hostname", "EndpointName", "SourceEndpointHostName");
  const severity = numberAt(event, "Severity");
  tellFinding(reading, 0, {
    uid: [id],
    title: `${name ?? type}${host === null ? "" : ` on ${host}`}`,
    description: textAt(event, "DetectDescription", "Description"),
    severity: severityBy(
      crowdStrike.severities!,
      textAt(event, "SeverityName") ??
        (severity !== null && severity <= 5 ? STREAM_WORDS[severity] : wordOf(severity)) ??
        wordOf(numberAt(event, "FineScore")),
    ),
    status: CLOSED.test(textAt(event, "Status", "State") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      0,
      { event, body },
      "event.ProcessStartTime",
      "event.IncidentStartTime",
      "event.StartTime",
      "event.ContextTimeStamp",
      "body.metadata.eventCreationTime",
    ),
    product: "CrowdStrike Falcon",
    link: textAt(event, "FalconHostLink"),
    rule: textAt(event, "PatternId", "Technique"),
    category: type,
    host,
    user: textAt(event, "UserName", "SourceAccountName"),
    tactics: textAt(event, "Tactic"),
    techniques: textAt(event, "Technique"),
    sourceIp: textAt(event, "LocalIP", "SourceEndpointIpAddress"),
    observables: [
      ["sha256", dig(event, "SHA256String")],
      ["sha1", dig(event, "SHA1String")],
      ["md5", dig(event, "MD5String")],
      ["file name", dig(event, "FileName")],
      ["any", dig(event, "IOCValue")],
      ...(Array.isArray(event["NetworkAccesses"]) ? event["NetworkAccesses"] : []).map(
        (access: unknown) => ["ip", dig(access, "RemoteAddress")] as const,
      ),
    ],
    labels: {
      domain: textAt(event, "MachineDomain"),
      action: textAt(event, "PatternDispositionDescription"),
    },
    details: { commandLine: textAt(event, "CommandLine"), filePath: textAt(event, "FilePath") },
  });
}

function readAlert(reading: Reading, body: Json): void {
  const id = textAt(body, "composite_id", "id", "aggregate_id");
  if (id === null) return reading.refuse(0, "composite_id", "a text");
  const host = textAt(body, "device.hostname", "source_endpoint_host_name", "host_names.0");
  const name = textAt(body, "display_name", "name", "scenario", "description") ?? "Detection";
  tellFinding(reading, 0, {
    uid: [id],
    title: `${name}${host === null ? "" : ` on ${host}`}`,
    description: textAt(body, "description"),
    severity: severityBy(
      crowdStrike.severities!,
      textAt(body, "severity_name") ?? wordOf(numberAt(body, "severity")),
    ),
    status: CLOSED.test(textAt(body, "status") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      0,
      body,
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
    user: textAt(body, "user_name", "user_principal"),
    tactics: textAt(body, "tactic"),
    techniques: textAt(body, "technique_id", "technique"),
    sourceIp: textAt(body, "source_endpoint_address_ip4"),
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
