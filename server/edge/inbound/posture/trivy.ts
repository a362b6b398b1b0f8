/**
 * Trivy: the reports of its operator for Kubernetes, as its webhook posts them, and the JSON of a scan on
 * the command line. A report is a condition of what was scanned; with nothing left in it, it is over.
 * https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/
 * Samples: golden/trivy.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter, type AdapterInput } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "../security/finding.ts";

const OPERATOR = /^aquasecurity\.github\.io\//;
const WORDS = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"] as const;

const isReport = (body: unknown): body is Json =>
  isObject(body) &&
  OPERATOR.test(textAt(body, "apiVersion") ?? "") &&
  (textAt(body, "kind") ?? "").endsWith("Report");
const isScan = (body: Json): boolean =>
  typeof body["SchemaVersion"] === "number" &&
  typeof body["ArtifactName"] === "string" &&
  (Array.isArray(body["Results"]) || Object.hasOwn(body, "ArtifactType"));

/** Before it had a schema, a scan was the list of its results, the image's name in the first target. */
const isOldResult = (one: unknown): boolean =>
  isObject(one) &&
  typeof one["Target"] === "string" &&
  ["Vulnerabilities", "Misconfigurations", "Secrets"].some((name) => Object.hasOwn(one, name));

function withSchema(input: AdapterInput): AdapterInput {
  const { body } = input;
  if (!Array.isArray(body) || body.length === 0 || !body.every(isOldResult)) return input;
  const name = textAt(body[0], "Target")?.replace(/ \([^)]*\)$/, "");
  return { ...input, body: { SchemaVersion: 1, ArtifactName: name, Results: body } };
}

const recognise = recogniseObject((body) => reportOf(body) !== null || isScan(body));

/**
 * The report itself: the operator wraps it where it tells of deleted ones too. What it wraps then is the
 * report of that kind which it read last, mostly another's that is still there
 * (https://github.com/aquasecurity/trivy-operator/issues/2377): such a message ends nothing.
 */
const reportOf = (body: Json): Json | null =>
  isReport(body) ? body : isReport(body["operatorObject"]) ? body["operatorObject"] : null;

export const trivy: Adapter = {
  about: {
    id: "trivy",
    name: "Trivy",
    docs: "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
  },
  setUp: {
    steps: [
      "Install the Trivy operator with OPERATOR_WEBHOOK_BROADCAST_URL={url}. A report with nothing left in it ends its alert; OPERATOR_SEND_DELETED_REPORTS is not needed, what it sends names the wrong report.",
      "Or, in a pipeline: trivy image --format json NAME | curl --data-binary @- -H 'content-type: application/json' {url}",
    ],
    sample: "trivy.report.json",
  },
  // The worst that the report counts.
  severities: {
    CRITICAL: "critical",
    HIGH: "error",
    MEDIUM: "warning",
    LOW: "info",
    UNKNOWN: "info",
  },
  resendsByContract: false,
  recognise: (input) => recognise(withSchema(input)),
  read: (input) => read(withSchema(input)),
};

const read = readObject(
  "a report of the Trivy operator, or the JSON of a scan",
  (reading, body) => {
    const report = reportOf(body);
    if (report !== null && body["verb"] === "delete")
      return reading.find(0, "verb", "the operator does not say whose report was deleted: no end");
    if (report !== null) return readReport(reading, report);
    if (isScan(body)) return readScan(reading, body);
    reading.refuse(
      0,
      "kind",
      "a report of aquasecurity.github.io, or SchemaVersion and ArtifactName",
    );
  },
);

/** How many of each word, worst first. */
type Counts = readonly (readonly [word: string, count: number])[];

const countsIn = (found: readonly unknown[], ...names: readonly string[]): Counts =>
  WORDS.map((word) => [
    word,
    found.filter((one) => textAt(one, ...names)?.toUpperCase() === word).length,
  ]);

/** A rule that is not met; in the long form with each thing that does not meet it. */
const isNotMet = (control: unknown): boolean =>
  (numberAt(control, "totalFail") ?? 0) > 0 ||
  listAt(control, "checks").some((one) => dig(one, "success") === false);

function countsOf(report: Json): Counts {
  const controls = ["status.summaryReport.controlCheck", "status.detailReport.results"]
    .flatMap((path) => listAt(report, path))
    .filter(isNotMet);
  if (controls.length > 0) return countsIn(controls, "severity");
  const failed = numberAt(report, "status.summary.failCount", "status.totalCounts.failCount");
  if (failed !== null) return [["UNKNOWN", failed]];
  return countsOfFindings(report);
}

function countsOfFindings(report: Json): Counts {
  const summary = dig(report, "report.summary");
  const told = WORDS.map(
    (word) => [word, numberAt(summary, `${word.toLowerCase()}Count`) ?? 0] as const,
  );
  if (isObject(summary) && told.some(([, count]) => count > 0)) return told;
  const failed = listAt(report, "report.checks").filter((one) => dig(one, "success") === false);
  return countsIn(
    [...listAt(report, "report.vulnerabilities"), ...listAt(report, "report.secrets"), ...failed],
    "severity",
  );
}

const worstOf = (counts: Counts): AlertSeverity =>
  severityBy(trivy.severities!, counts.find(([, count]) => count > 0)?.[0] ?? "LOW");

/** “2 critical, 5 high”. */
const counted = (counts: Counts): string =>
  counts
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word.toLowerCase()}`)
    .join(", ");

const WHAT: Readonly<Record<string, string>> = {
  Vulnerability: "Vulnerabilities",
  ConfigAudit: "Weak configuration",
  ExposedSecret: "Secrets",
  RbacAssessment: "Wide rights",
  InfraAssessment: "Weak infrastructure",
  Compliance: "Rules that are not met",
};

/** Where a report counts what it found, or lists it; one that does neither may be cut off. */
const COUNTED = ["summary", "checks", "vulnerabilities", "secrets"]
  .map((name) => `report.${name}`)
  .concat("status");
const isHeld = (value: unknown): boolean => typeof value === "object" && value !== null;

function readReport(reading: Reading, report: Json): void {
  const kind = textAt(report, "kind") ?? "";
  const about = kind.replace(/^Cluster/, "").replace(/Report$/, "");
  if (about === "Sbom")
    return reading.find(0, "kind", "a list of what an image holds, not of what is wrong: no alert");
  const label = (name: string): string | null =>
    textAt(dig(report, "metadata.labels"), `trivy-operator.${name}`);
  const namespace = textAt(report, "metadata.namespace");
  const workload = label("resource.name") ?? textAt(report, "metadata.name");
  if (workload === null) return reading.refuse(0, "metadata.name", "a text");
  const image = [
    textAt(report, "report.artifact.repository"),
    textAt(report, "report.artifact.tag"),
  ]
    .filter((part) => part !== null)
    .join(":");
  if (about === "Compliance" && !isObject(report["status"]))
    return reading.find(0, "status", "rules that were not looked at yet: no alert");
  if (!COUNTED.some((path) => isHeld(dig(report, path))))
    return reading.find(0, "report", "nothing that was looked for is told: neither alert nor end");
  const counts = countsOf(report);
  const over = counts.every(([, count]) => count === 0);
  tellFinding(reading, 0, {
    uid: [kind, namespace, label("resource.kind"), workload, label("container.name")],
    title: over
      ? `${WHAT[about] ?? about}: none left in ${workload}`
      : `${WHAT[about] ?? about} in ${workload}: ${counted(counts)}`,
    severity: worstOf(counts),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      0,
      report,
      "report.updateTimestamp",
      "status.updateTimestamp",
      "metadata.creationTimestamp",
    ),
    product: "Trivy",
    rule: about,
    category: kind,
    resource: workload,
    service: workload,
    labels: { namespace, image, container: label("container.name") },
    details: {
      rules: namesIn(
        listAt(report, "status.summaryReport.controlCheck").filter(isNotMet).slice(0, 20),
        "name",
      ),
      worst: listAt(report, "report.vulnerabilities")
        .filter((one) => /^(CRITICAL|HIGH)$/i.test(textAt(one, "severity") ?? ""))
        .slice(0, 20)
        .map((one) => `${textAt(one, "vulnerabilityID")}: ${textAt(one, "resource")}`),
      links: namesIn(listAt(report, "report.vulnerabilities").slice(0, 5), "primaryLink"),
    },
  });
}

function readScan(reading: Reading, scan: Json): void {
  const name = textAt(scan, "ArtifactName");
  if (name === null) return reading.refuse(0, "ArtifactName", "a text");
  const found = listAt(scan, "Results").flatMap((result) => [
    ...listAt(result, "Vulnerabilities"),
    ...listAt(result, "Secrets"),
    ...listAt(result, "Misconfigurations").filter((one) => textAt(one, "Status") !== "PASS"),
  ]);
  const counts = countsIn(found, "Severity");
  const over = found.length === 0;
  tellFinding(reading, 0, {
    uid: ["scan", textAt(scan, "ArtifactType"), name.replace(/[:@][^/]*$/, "")],
    title: over ? `Nothing found in ${name}` : `${name}: ${counted(counts)}`,
    severity: worstOf(counts),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(reading, 0, scan, "CreatedAt"),
    product: "Trivy",
    category: textAt(scan, "ArtifactType"),
    resource: name,
    service: name
      .replace(/[:@][^/]*$/, "")
      .split("/")
      .at(-1),
    details: {
      worst: found
        .filter((one) => /^(CRITICAL|HIGH)$/i.test(textAt(one, "Severity") ?? ""))
        .slice(0, 20)
        .map(
          (one) =>
            `${textAt(one, "VulnerabilityID", "ID", "RuleID")}: ${textAt(one, "PkgName", "Title")}`,
        ),
    },
  });
}
