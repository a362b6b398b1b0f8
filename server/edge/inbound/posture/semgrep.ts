/**
 * Semgrep's webhook: findings of a scan, each once, and incidents of the supply chain with the projects
 * that they meet. A scan alone tells nothing, and a finding that is gone is not told.
 * https://semgrep.dev/docs/semgrep-appsec-platform/webhooks Samples: golden/semgrep.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { signedByHmac } from "../signatures.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { listText, namesIn, tellFinding } from "../security/finding.ts";

const NAMES = ["semgrep_finding", "semgrep_scan", "semgrep_supply_chain_incident"];
const isOne = (one: unknown): boolean => isObject(one) && NAMES.some((name) => isObject(one[name]));

const PROJECTS_MAX = 50;

export const semgrep: Adapter = {
  about: {
    id: "semgrep",
    name: "Semgrep",
    docs: "https://semgrep.dev/docs/semgrep-appsec-platform/webhooks",
  },
  setUp: {
    steps: [
      "In Semgrep open Settings, Integrations, add a webhook with the URL {url} and a signature secret of yours.",
      "In a remediation policy add the action “Call a webhook” for the findings that somebody should know.",
      "Put the secret into the environment and name it in the key's signedWith.",
    ],
    sample: "semgrep.finding.json",
  },
  // The number of a finding, or the word that newer rules have.
  severities: {
    "2": "error",
    "1": "warning",
    "0": "info",
    critical: "critical",
    high: "error",
    error: "error",
    medium: "warning",
    warning: "warning",
    low: "info",
    info: "info",
  },
  resendsByContract: false,
  verify: (request, secret) => signedByHmac(request, secret, { header: "x-semgrep-signature-256" }),
  recognise: recogniseObject(isOne),
  read: readItems(
    "semgrep_finding, semgrep_scan or semgrep_supply_chain_incident",
    (body) => (isOne(body) ? [body] : null),
    (reading, index, item) => {
      const finding = item["semgrep_finding"];
      const incident = item["semgrep_supply_chain_incident"];
      if (isObject(finding)) return readFinding(reading, index, finding);
      if (isObject(incident)) return readIncident(reading, index, incident);
      reading.find(index, "semgrep_scan", "says that a scan ran, not what it found: no alert");
    },
  ),
};

function readFinding(reading: Reading, index: number, finding: Json): void {
  const id = textAt(finding, "id", "numeric_id");
  if (id === null) return reading.refuse(index, "semgrep_finding.id", "a text");
  const repository = textAt(finding, "repo_name", "repository");
  const check = textAt(finding, "check_id") ?? "a rule";
  const path = textAt(finding, "path");
  const what =
    listText(dig(finding, "metadata.vulnerability_class")) ??
    textAt(finding, "vulnerability") ??
    check.split(".").at(-1)!;
  const place = path === null ? repository : `${path}${lineOf(finding)}`;
  tellFinding(reading, index, {
    uid: [repository, id],
    title: `${what}${place === null ? "" : ` in ${place}`}`,
    description: textAt(finding, "message"),
    severity: severityBy(semgrep.severities!, dig(finding, "severity")),
    status: "open",
    // Its own beginning may be the text “None”.
    firstSeenAt: timeAt(
      reading,
      index,
      textAt(finding, "start_date") === "None" ? { ...finding, start_date: null } : finding,
      "start_date",
      "commit_date",
    ),
    product: "Semgrep",
    link: textAt(finding, "commit_url", "metadata.shortlink", "metadata.source", "source"),
    rule: check,
    category: textAt(finding, "metadata.category", "category"),
    resource: repository,
    service: repository?.split("/").at(-1),
    labels: {
      branch: textAt(finding, "ref"),
      path,
      cwe: listText(dig(finding, "metadata.cwe") ?? dig(finding, "cwe")),
      confidence: textAt(finding, "metadata.confidence"),
      policy: textAt(dig(dig(finding, "metadata"), "semgrep.policy"), "name"),
    },
  });
}

const lineOf = (finding: Json): string => {
  const line = textAt(finding, "line");
  return line === null ? "" : `:${line}`;
};

/** Who is met by an incident is told; who is not need not wake anybody. */
function readIncident(reading: Reading, index: number, incident: Json): void {
  const id = textAt(incident, "incident_id");
  if (id === null) {
    return reading.refuse(index, "semgrep_supply_chain_incident.incident_id", "a number");
  }
  const affected = incident["is_affected"] === true;
  const projects = namesIn(listAt(incident, "matching_projects.items"), "repository_name");
  const project = projects.length === 1 ? textAt(projects, "0") : null;
  tellFinding(reading, index, {
    uid: ["incident", id],
    title: `${textAt(incident, "title") ?? `Supply chain incident ${id}`}${affected ? "" : " (no project of yours is affected)"}`,
    description: textAt(incident, "description"),
    severity: affected ? "critical" : "info",
    status: "open",
    firstSeenAt: timeAt(reading, index, incident, "metadata.dispatched_at"),
    product: "Semgrep",
    link: textAt(incident, "advisories_url", "blog_url"),
    rule: `incident ${id}`,
    category: "supply chain",
    resource: project,
    service: project?.split("/").at(-1),
    labels: { affected },
    details: {
      packages: listAt(incident, "incident_packages.items")
        .slice(0, PROJECTS_MAX)
        .map((one) => `${textAt(one, "name") ?? ""}${textAt(one, "version") ?? ""}`),
      projects: projects.slice(0, PROJECTS_MAX),
    },
  });
}
