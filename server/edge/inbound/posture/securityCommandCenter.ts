/**
 * Google Cloud's Security Command Center: a finding's notification, alone or by Pub/Sub.
 * https://cloud.google.com/security-command-center/docs/how-to-api-filter-notifications
 * Samples: golden/security-command-center.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { BY_GOOGLE } from "../authorization.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "../security/finding.ts";

const NAME =
  /^(organizations|folders|projects)\/[^/]+\/sources\/[^/]+\/(locations\/[^/]+\/)?findings\//;
const isFinding = (one: unknown): boolean => NAME.test(textAt(one, "finding.name") ?? "");

/** One notification, or what the API lists. */
function itemsOf(body: Json): readonly unknown[] | null {
  if (isFinding(body)) return [body];
  if (NAME.test(textAt(body, "name") ?? "") && Object.hasOwn(body, "category")) {
    return [{ finding: body, resource: body["resource"] }];
  }
  const list = body["listFindingsResults"];
  return Array.isArray(list) && list.length > 0 && list.every(isFinding) ? list : null;
}

export const securityCommandCenter: Adapter = {
  about: {
    id: "security-command-center",
    name: "Google Security Command Center",
    docs: "https://cloud.google.com/security-command-center/docs/how-to-api-filter-notifications",
  },
  setUp: {
    steps: [
      "Make a notification config of Security Command Center for a Pub/Sub topic.",
      "Give the topic a push subscription with the endpoint {url}.",
      BY_GOOGLE,
    ],
    sample: "security-command-center.finding.json",
  },
  severities: {
    CRITICAL: "critical",
    HIGH: "error",
    MEDIUM: "warning",
    LOW: "info",
    SEVERITY_UNSPECIFIED: "warning",
  },
  resendsByContract: false,
  tokensOf: "Google",
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("a finding of Security Command Center", itemsOf, readFinding),
};

function readFinding(reading: Reading, index: number, item: Json): void {
  const finding = item["finding"];
  const name = textAt(finding, "name");
  if (name === null) return reading.refuse(index, "finding.name", "a text");
  const resource =
    textAt(item, "resource.displayName", "resource.name") ?? textAt(finding, "resourceName");
  const short = resource?.split("/").at(-1);
  const category = textAt(finding, "category") ?? "Finding";
  const muted = textAt(finding, "mute") === "MUTED";
  tellFinding(reading, index, {
    uid: [name],
    title: `${category}${short === undefined ? "" : `: ${short}`}`,
    description: textAt(finding, "description"),
    severity: severityBy(securityCommandCenter.severities!, textAt(finding, "severity")),
    status: textAt(finding, "state") === "INACTIVE" || muted ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, finding, "createTime", "eventTime"),
    product: "Security Command Center",
    link: textAt(finding, "externalUri") ?? linkOf(name),
    rule: category,
    category: textAt(finding, "findingClass"),
    resource: short,
    account: textAt(
      item,
      "resource.projectDisplayName",
      "resource.project",
      "resource.gcpMetadata.project",
    ),
    sourceIp: textAt(finding, "connections.0.sourceIp", "access.callerIp"),
    destinationIp: textAt(finding, "connections.0.destinationIp"),
    user: textAt(finding, "access.principalEmail"),
    tactics: textAt(finding, "mitreAttack.primaryTactic"),
    techniques: dig(finding, "mitreAttack.primaryTechniques"),
    observables: [
      ["ip", dig(finding, "indicator.ipAddresses")],
      ["domain", dig(finding, "indicator.domains")],
      ...listAt(finding, "files").map((file) => ["sha256", dig(file, "sha256")] as const),
    ],
    labels: {
      state: textAt(finding, "state"),
      cve: textAt(finding, "vulnerability.cve.id"),
      resource_type: textAt(item, "resource.type"),
    },
    details: {
      nextSteps: textAt(finding, "nextSteps"),
      compliances: namesIn(listAt(finding, "compliances"), "standard"),
    },
  });
}

/** The console opens a finding by its whole name. */
const linkOf = (name: string): string =>
  `https://console.cloud.google.com/security/command-center/findingsv2?resourceId=${encodeURIComponent(name)}`;
