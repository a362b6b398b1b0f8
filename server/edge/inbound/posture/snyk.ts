/**
 * Snyk's webhook: a snapshot of a project with the issues that are new since the last one and those that
 * are gone, each a condition of its own.
 * https://docs.snyk.io/snyk-api/snyk-webhooks/snyk-webhook-events-and-payloads
 * Samples: golden/snyk.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { signedByHmac } from "../signatures.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isSnapshot = (body: Json): boolean =>
  isObject(body["project"]) &&
  isObject(body["org"]) &&
  (Array.isArray(body["newIssues"]) || Array.isArray(body["removedIssues"]));
const isPing = (body: Json): boolean => has(body, "webhookId") && !isSnapshot(body);

/** Every issue, with whether it is gone; a snapshot without news stands for itself. */
function itemsOf(body: Json): readonly unknown[] | null {
  if (isPing(body)) return [{ ping: true }];
  if (!isSnapshot(body)) return null;
  const of = (name: string, gone: boolean): readonly unknown[] =>
    listAt(body, name).map((issue) => ({ issue, gone }));
  return [...of("newIssues", false), ...of("removedIssues", true)];
}

export const snyk: Adapter = {
  about: {
    id: "snyk",
    name: "Snyk",
    docs: "https://docs.snyk.io/snyk-api/snyk-webhooks/snyk-webhook-events-and-payloads",
  },
  setUp: {
    steps: [
      "Make a webhook of your organisation by Snyk's API (POST /org/ORG/webhooks) with the url {url} and a secret of yours.",
      "Put that secret into the environment and name it in the key's signedWith.",
    ],
    sample: "snyk.snapshot.json",
  },
  severities: { critical: "critical", high: "error", medium: "warning", low: "info" },
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-hub-signature", prefix: "sha256=" }),
  recognise: recogniseObject((body) => (isSnapshot(body) ? 1 : isPing(body) ? 0.4 : 0)),
  read: readItems("a project's snapshot with newIssues and removedIssues", itemsOf, readIssue),
};

function readIssue(reading: Reading, index: number, item: Json, body: Json): void {
  if (item["ping"] === true)
    return reading.find(index, "webhookId", "Snyk tries whether the address answers: no alert");
  const issue = item["issue"];
  const gone = item["gone"] === true;
  const id = textAt(issue, "id", "issueData.id");
  if (id === null) return reading.refuse(index, "newIssues.id", "a text");
  const project = textAt(body, "project.name");
  const title = textAt(issue, "issueData.title", "title") ?? id;
  const packageName = textAt(issue, "pkgName");
  tellFinding(reading, index, {
    uid: [textAt(body, "project.id") ?? project, id, packageName],
    title: `${title}${packageName === null ? "" : ` in ${packageName}`}${project === null ? "" : `: ${project}`}`,
    severity: severityBy(
      snyk.severities!,
      dig(issue, "issueData.severity") ?? dig(issue, "severity"),
    ),
    status: gone || dig(issue, "isIgnored") === true ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      { issue, body },
      "issue.introducedDate",
      "body.project.lastTestedDate",
    ),
    product: "Snyk",
    link: textAt(body, "project.browseUrl") ?? textAt(issue, "issueData.url"),
    rule: id,
    category: textAt(issue, "issueType"),
    resource: project,
    // The name is that of the repository, a colon and the file in it.
    service: project?.split(":")[0]?.split("/").at(-1),
    account: textAt(body, "org.name", "org.slug"),
    labels: {
      package: packageName,
      version: textAt(dig(issue, "pkgVersions"), "0"),
      exploit: textAt(issue, "issueData.exploitMaturity"),
      cve: textAt(issue, "issueData.identifiers.CVE.0"),
    },
    details: { fixedIn: dig(issue, "fixInfo.fixedIn"), issueUrl: textAt(issue, "issueData.url") },
  });
}
