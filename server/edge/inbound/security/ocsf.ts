/**
 * OCSF findings (category 2: security, vulnerability, compliance, detection, incident, data security
 * and posture findings), from 1.0 with its `finding` and `state` to `finding_info` and `status`.
 * https://schema.ocsf.io/categories/findings Samples: golden/ocsf.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { type ObservableKind } from "../../../domain/signal/observable.ts";
import { readObject } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { type Finding, namesIn, tellFinding } from "./finding.ts";

/** https://schema.ocsf.io/objects/observable: of `type_id`, those that can be looked up in a feed. */
const KIND_OF_TYPE: Readonly<Record<number, ObservableKind | "any">> = {
  1: "domain",
  2: "ip",
  5: "email",
  6: "url",
  7: "file name",
  8: "any",
  23: "url",
  24: "file name",
  30: "any",
};
/** Status: 3 suppressed, 4 resolved, 5 archived or closed, 6 deleted. State of 1.0: 3 and 4 alike. */
const CLOSED_STATUS: ReadonlySet<number | null> = new Set([3, 4, 5, 6]);
/** A finding has at least one of them; a severity was optional in 1.0. */
const FINDS = ["severity_id", "finding", "finding_info", "finding_info_list"];
/** risk_level_id of 1.0, from “info” to “critical”, as severity_id. */
const SEVERITY_OF_RISK = [1, 2, 3, 4, 5];
const CLOSED_WORD = /^(resolved|suppressed|archived|closed|deleted)$/i;
const ACTIVITY_CLOSE = 3;
const INCIDENT_CLASS = 2005;
const COMPLIANCE_PASS = 1;

export const isFindingClass = (body: Json): boolean => {
  const uid = numberAt(body, "class_uid");
  return uid !== null && uid > 2_000 && uid < 3_000;
};

export const ocsf: Adapter = {
  about: {
    id: "ocsf",
    name: "OCSF findings",
    docs: "https://schema.ocsf.io/categories/findings",
  },
  setUp: {
    steps: [
      "Have whatever reads your findings, for example a security lake's subscriber, post each as JSON to {url}.",
      "Several findings may come as a list or as one JSON document a line.",
    ],
    sample: "ocsf.detection.json",
  },
  // https://schema.ocsf.io/dictionary: severity_id, and 6 is “fatal”.
  severities: {
    "6": "critical",
    "5": "critical",
    "4": "error",
    "3": "warning",
    "2": "info",
    "1": "info",
    "0": "warning",
    "99": "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    if (isFindingClass(body) && FINDS.some((name) => Object.hasOwn(body, name))) return 1;
    return isOtherClass(body) ? 0.6 : 0;
  }),
  read: readObject("one OCSF finding", (reading, body) => {
    if (isFindingClass(body)) return readOcsfFinding(reading, 0, body);
    if (isOtherClass(body) && body["is_alert"] === true) return readAlert(reading, body);
    if (!isOtherClass(body)) {
      return reading.refuse(0, "class_uid", "a class of the category Findings, such as 2004");
    }
    const name = (textAt(body, "class_name", "class_uid") ?? "").slice(0, 60);
    reading.find(0, "class_uid", `“${name}” is a record of activity, not a finding: no alert`);
  }),
};

/** The records of the other categories: what happened on systems, networks and accounts. */
const isOtherClass = (body: Json): boolean =>
  numberAt(body, "class_uid") !== null &&
  Object.hasOwn(body, "severity_id") &&
  isObject(dig(body, "metadata.product"));

/** Activity that the product itself calls an alert: what a firewall denied, for example. */
function readAlert(reading: Reading, body: Json): void {
  const what = textAt(body, "message", "type_name", "class_name") ?? "Activity";
  const read = { body, info: dig(body, "firewall_rule"), title: what };
  const finding = findingOf(reading, 0, read);
  const ends = [finding.sourceIp, finding.destinationIp, finding.host];
  tellFinding(reading, 0, {
    ...finding,
    uid: [finding.product, textAt(body, "type_uid"), textAt(read.info, "uid", "name"), ...ends],
    rule: textAt(read.info, "name", "uid"),
  });
}

export function readOcsfFinding(reading: Reading, index: number, body: Json): void {
  const info =
    dig(body, "finding_info") ?? dig(body, "finding") ?? listAt(body, "finding_info_list")[0];
  // An incident gathers findings: what it says of itself tells more than the first of them.
  const own = numberAt(body, "class_uid") === INCIDENT_CLASS ? textAt(body, "desc") : null;
  const title =
    own ?? textAt(info, "title") ?? textAt(body, "message", "desc", "type_name", "class_name");
  if (title === null) return reading.refuse(index, "finding_info.title", "a text");
  tellFinding(reading, index, findingOf(reading, index, { body, info, title }));
}

type Read = { readonly body: Json; readonly info: unknown; readonly title: string };

function findingOf(reading: Reading, index: number, { body, info, title }: Read): Finding {
  const resource = listAt(body, "resources")[0] ?? dig(body, "resource");
  const both = { ...body, ...(isObject(info) ? info : {}) };
  const attacks = [...listAt(info, "attacks"), ...listAt(body, "attacks")];
  return {
    uid: [
      textAt(body, "finding_info.uid", "finding.uid", "metadata.uid") ??
        textAt(info, "uid") ??
        title,
    ],
    title,
    description: textAt(info, "desc") ?? textAt(body, "desc", "message"),
    severity: severityBy(
      ocsf.severities!,
      dig(body, "severity_id") ??
        dig(body, "severity") ??
        SEVERITY_OF_RISK[numberAt(body, "risk_level_id", "impact_id") ?? -1],
    ),
    status: isClosed(body) ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      both,
      "first_seen_time_dt",
      "first_seen_time",
      "created_time_dt",
      "created_time",
      "start_time",
      "time_dt",
      "time",
    ),
    product: textAt(body, "metadata.product.name", "metadata.product.vendor_name") ?? "OCSF",
    link: textAt(info, "src_url") ?? textAt(body, "src_url"),
    rule: textAt(info, "analytic.name", "analytic.uid") ?? textAt(body, "analytic.name"),
    category: textAt(body, "class_name") ?? textAt(body, "class_uid"),
    resource: nameOf(resource),
    host: textAt(body, "device.hostname", "device.name"),
    user: textAt(body, "actor.user.name", "actor.user.email_addr", "user.name"),
    account: textAt(body, "cloud.account.uid"),
    region: textAt(body, "cloud.region") ?? textAt(resource, "region"),
    sourceIp: textAt(body, "evidences.0.src_endpoint.ip", "src_endpoint.ip"),
    destinationIp: textAt(body, "evidences.0.dst_endpoint.ip", "dst_endpoint.ip"),
    tactics: attacks.flatMap((attack) =>
      namesIn(listAt(attack, "tactic").concat(listAt(attack, "tactics")), "name", "uid"),
    ),
    techniques: attacks.flatMap((attack) => namesIn(dig(attack, "technique"), "uid", "name")),
    observables: [
      ...listAt(body, "observables").map(
        (seen) =>
          [KIND_OF_TYPE[numberAt(seen, "type_id") ?? -1] ?? "any", dig(seen, "value")] as const,
      ),
      ...listAt(body, "evidences").flatMap(inEvidence),
    ],
    labels: {
      activity: textAt(body, "activity_name"),
      tool_status: textAt(body, "status"),
      cve: textAt(body, "vulnerabilities.0.cve.uid"),
      control: textAt(body, "compliance.control"),
    },
    details: {
      types: dig(info, "types"),
      remediation: textAt(info, "remediation.desc") ?? textAt(body, "remediation.desc"),
      resources: listAt(body, "resources")
        .slice(0, 20)
        .map((one) => textAt(one, "uid", "name")),
    },
  };
}

/** What an artefact of the evidence can be looked up by. */
const inEvidence = (evidence: unknown): NonNullable<Finding["observables"]> => [
  ["ip", textAt(evidence, "src_endpoint.ip")],
  ["ip", textAt(evidence, "dst_endpoint.ip")],
  ["domain", textAt(evidence, "query.hostname")],
  ["url", textAt(evidence, "url.url_string")],
  ...["file", "process.file"].flatMap((path) =>
    listAt(evidence, `${path}.hashes`).map((hash) => ["any", dig(hash, "value")] as const),
  ),
];

/** A name that is a sentence is no name of a resource: then its identity is. */
const nameOf = (resource: unknown): string | null => {
  const name = textAt(resource, "name");
  return name === null || /\s/.test(name) ? (textAt(resource, "uid") ?? name) : name;
};

function isClosed(body: Json): boolean {
  const word = textAt(body, "state", "status") ?? "";
  return (
    CLOSED_STATUS.has(numberAt(body, "state_id") ?? numberAt(body, "status_id")) ||
    CLOSED_WORD.test(word) ||
    numberAt(body, "activity_id") === ACTIVITY_CLOSE ||
    numberAt(body, "compliance.status_id") === COMPLIANCE_PASS ||
    /^pass(ed)?$/i.test(textAt(body, "compliance.status") ?? "")
  );
}
