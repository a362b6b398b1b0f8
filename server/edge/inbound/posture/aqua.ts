/**
 * Aqua's platform, as its response policies and Postee send it on: incidents at run time, insights on a
 * resource, and results of scans of images, each image one condition that a clean scan ends.
 * https://github.com/aquasecurity/postee Samples: golden/aqua.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isIncident = (body: Json): boolean =>
  (body["event_category"] === "incident" || has(body, "response_policy_name")) &&
  has(body, "severity_score", "name", "data");
const isInsight = (body: Json): boolean =>
  textAt(body, "insight.id") !== null && isObject(body["resource"]) && isObject(body["evidence"]);
const isScan = (body: Json): boolean =>
  has(body, "image", "registry") &&
  (isObject(body["vulnerability_summary"]) ||
    isObject(body["image_assurance_results"]) ||
    (Array.isArray(body["resources"]) && isObject(body["scan_started"])));
const isOne = (one: unknown): boolean =>
  isObject(one) && [isIncident, isInsight, isScan].some((is) => is(one));

export const aqua: Adapter = {
  about: { id: "aqua", name: "Aqua", docs: "https://github.com/aquasecurity/postee" },
  setUp: {
    steps: [
      "In Aqua make a response policy with a webhook (or let Postee send on what it gets) to {url}.",
      "Let it send images that pass too: they end the alerts of those that did not.",
    ],
    sample: "aqua.incident.json",
  },
  severities: {
    "4": "critical",
    "3": "error",
    "2": "warning",
    "1": "info",
    critical: "critical",
    high: "error",
    medium: "warning",
    low: "info",
    negligible: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject(isOne),
  read: readItems(
    "an incident, an insight or the scan of an image",
    (body) => (isOne(body) ? [body] : null),
    (reading, index, item) => {
      if (isIncident(item)) readIncident(reading, index, item);
      else if (isInsight(item)) readInsight(reading, index, item);
      else readScan(reading, index, item);
    },
  ),
};

/** What happened stands in a text of JSON. */
function readIncident(reading: Reading, index: number, body: Json): void {
  const data = dataOf(body["data"]);
  const host = textAt(body, "host_name") ?? textAt(data, "host", "hostname");
  const what = textAt(data, "reason", "malware") ?? textAt(body, "name", "type") ?? "Incident";
  const resource = textAt(data, "resource", "image", "container");
  tellFinding(reading, index, {
    uid: [
      textAt(body, "type"),
      textAt(data, "rule") ?? textAt(body, "response_policy_name"),
      host,
      resource,
      textAt(data, "container"),
      textAt(data, "malware"),
    ],
    title: `${what}${host === null ? "" : ` on ${host}`}`,
    description: textAt(data, "action"),
    severity: severityBy(aqua.severities!, dig(body, "severity_score") ?? dig(data, "severity")),
    status: "open",
    firstSeenAt: timeAt(reading, index, { body, data }, "body.create_time", "data.time"),
    product: "Aqua",
    rule: textAt(data, "rule") ?? textAt(body, "response_policy_name"),
    category: textAt(data, "category") ?? textAt(body, "category", "type"),
    host,
    resource: textAt(data, "container", "image") ?? host,
    tactics: textAt(data, "tactic"),
    techniques: textAt(data, "technique"),
    observables: [
      ["file name", resource?.startsWith("/") === true ? resource : null],
      ["any", dig(data, "resource_digest")],
    ],
    labels: {
      policy: textAt(body, "response_policy_name"),
      cluster: textAt(data, "k8s_cluster"),
      malware: textAt(data, "malware"),
    },
  });
}

function dataOf(data: unknown): Json {
  if (isObject(data)) return data;
  if (typeof data !== "string") return {};
  try {
    const read: unknown = JSON.parse(data);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}

const BY_PRIORITY: readonly AlertSeverity[] = ["critical", "critical", "error", "warning", "info"];

function readInsight(reading: Reading, index: number, body: Json): void {
  const resource = textAt(body, "resource.name", "resource.full_path", "resource.id");
  tellFinding(reading, index, {
    uid: [textAt(body, "insight.id"), textAt(body, "resource.global_id") ?? resource],
    title: `${textAt(body, "insight.description") ?? "Insight"}${resource === null ? "" : `: ${resource}`}`,
    description: textAt(body, "insight.impact"),
    severity: BY_PRIORITY[numberAt(body, "insight.priority") ?? -1] ?? "warning",
    status: dig(body, "resource.is_suppressed") === true ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, body, "resource.found_date", "resource.last_scanned"),
    product: "Aqua",
    rule: textAt(body, "insight.id"),
    category: textAt(body, "insight.category", "type"),
    resource,
    service: resource === null ? null : nameIn(resource),
    account: textAt(body, "account_id"),
    labels: { policy: textAt(body, "response_policy_name") },
  });
}

/** clay/checkout:4.2 is checkout. */
const nameIn = (image: string): string => image.split("/").at(-1)!.split(/[:@]/)[0]!;

const GRADES = ["critical", "high", "medium", "low"] as const;

function readScan(reading: Reading, index: number, body: Json): void {
  const image = textAt(body, "image") ?? "an image";
  const counts = GRADES.map((grade) => countOf(body, grade));
  const disallowed =
    dig(body, "image_assurance_results.disallowed") === true || body["disallowed"] === true;
  const worst = GRADES.find((_, at) => counts[at]! > 0) ?? null;
  const open = disallowed || worst === "critical" || worst === "high";
  const told = GRADES.flatMap((grade, at) => (counts[at]! > 0 ? `${counts[at]!} ${grade}` : []));
  tellFinding(reading, index, {
    uid: ["image", textAt(body, "registry"), image],
    title: !open
      ? `${image} passes the scan again`
      : `${image}${disallowed ? " is not allowed" : ""}${told.length === 0 ? "" : `${disallowed ? "," : " has"} weaknesses: ${told.join(", ")}`}`,
    severity: severityBy(aqua.severities!, worst ?? "medium"),
    status: open ? "open" : "resolved",
    firstSeenAt: timeAt(reading, index, body, "scan_started.seconds", "scan_started"),
    product: "Aqua",
    rule: "scan of an image",
    category: "image",
    resource: image,
    service: nameIn(image),
    labels: { registry: textAt(body, "registry"), digest: textAt(body, "digest") },
  });
}

/** As the summary counts them, or else as the resources list them. */
function countOf(body: Json, grade: string): number {
  if (isObject(body["vulnerability_summary"])) {
    return numberAt(body["vulnerability_summary"], grade) ?? 0;
  }
  return listAt(body, "resources")
    .flatMap((resource) => listAt(resource, "vulnerabilities"))
    .filter((one) => textAt(one, "aqua_severity")?.toLowerCase() === grade).length;
}
