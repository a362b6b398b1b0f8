/** GitHub's security alerts: code scanning, secret scanning, Dependabot and the older vulnerability alerts. */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

export const GITHUB_SEVERITIES: Readonly<Record<string, AlertSeverity>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  moderate: "warning",
  low: "info",
  // A rule of code scanning without a security level.
  error: "error",
  warning: "warning",
  note: "info",
  none: "info",
  // A secret has no level: whoever reads the repository has it.
  secret: "error",
  "secret, publicly leaked": "critical",
};

const OVER_ACTION =
  /^(fixed|closed_by_user|dismissed|auto_dismissed|resolved|resolve|dismiss|revoked)$/;
const OVER_STATE = /^(fixed|dismissed|auto_dismissed|resolved|closed)$/;

/** The repository's full name, or what the address of the thing itself says. */
export function repositoryOf(body: Json): string | null {
  const page = textAt(body, "alert.html_url", "workflow_run.html_url", "release.html_url");
  return (
    textAt(body, "repository.full_name", "workflow_run.repository.full_name") ??
    /^https?:\/\/[^/]+\/([\w.-]+\/[\w.-]+)\//.exec(page ?? "")?.[1] ??
    null
  );
}

type Kind = "code-scanning" | "secret-scanning" | "dependabot" | "vulnerability";

function kindOf(alert: Json, event: string): Kind | null {
  if (event.startsWith("code_scanning") || isObject(alert["rule"])) return "code-scanning";
  if (event.startsWith("secret_scanning") || Object.hasOwn(alert, "secret_type"))
    return "secret-scanning";
  if (event.startsWith("dependabot") || isObject(alert["security_advisory"])) return "dependabot";
  return Object.hasOwn(alert, "affected_package_name") ? "vulnerability" : null;
}

export function readSecurityAlert(reading: Reading, body: Json, event: string): void {
  const alert = body["alert"];
  if (!isObject(alert)) return reading.refuse(0, "alert", "an object");
  const kind = kindOf(alert, event);
  if (kind === null)
    return reading.refuse(0, "alert", "an alert of code scanning, secret scanning or Dependabot");
  const id = textAt(alert, "number", "id");
  if (id === null) return reading.refuse(0, "alert.number", "a number");
  const action = textAt(body, "action") ?? "created";
  const repository = repositoryOf(body);
  const said = SAY[kind](alert, action);
  tellFinding(reading, 0, {
    uid: ["github", repository, kind, id],
    title: `${said.title}${repository === null ? "" : ` in ${repository}`}`,
    description: said.description,
    severity: severityBy(GITHUB_SEVERITIES, said.severity),
    status:
      OVER_ACTION.test(action) || OVER_STATE.test(textAt(alert, "state") ?? "")
        ? "resolved"
        : "open",
    firstSeenAt: timeAt(reading, 0, alert, "created_at", "dismissed_at"),
    product: "GitHub",
    link: textAt(alert, "html_url", "external_reference"),
    rule: said.rule,
    category: kind,
    resource: textAt(body, "repository.name") ?? repository?.split("/")[1],
    account: textAt(body, "organization.login", "repository.owner.login"),
    labels: {
      repository,
      branch: textAt(body, "ref"),
      commit: textAt(body, "commit_oid"),
      path: textAt(
        alert,
        "most_recent_instance.location.path",
        "instances.0.location.path",
        "dependency.manifest_path",
      ),
      cve: textAt(alert, "security_advisory.cve_id", "external_identifier"),
      action,
    },
    details: {
      reason: textAt(alert, "dismissed_reason", "dismiss_reason", "resolution"),
      fixedIn: textAt(alert, "security_vulnerability.first_patched_version.identifier", "fixed_in"),
      tool: textAt(alert, "tool.name"),
    },
  });
}

/** An advisory of one repository, or of the whole database. */
export function readAdvisory(reading: Reading, body: Json, event: string): void {
  const advisory = body[event];
  const id = textAt(advisory, "ghsa_id");
  if (id === null) return reading.refuse(0, `${event}.ghsa_id`, "a text");
  const action = textAt(body, "action") ?? "published";
  const repository = repositoryOf(body);
  const over = /^withdrawn$/.test(action) || textAt(advisory, "withdrawn_at") !== null;
  tellFinding(reading, 0, {
    uid: ["github", repository, "advisory", id],
    title: textAt(advisory, "summary") ?? id,
    description: textAt(advisory, "description")?.slice(0, 2_000),
    severity: severityBy(GITHUB_SEVERITIES, textAt(advisory, "severity", "cvss.severity")),
    status: over || textAt(advisory, "state") === "closed" ? "resolved" : "open",
    firstSeenAt: timeAt(reading, 0, advisory, "published_at", "created_at", "updated_at"),
    product: "GitHub",
    link: textAt(advisory, "html_url") ?? `https://github.com/advisories/${encodeURIComponent(id)}`,
    rule: id,
    category: "advisory",
    resource: textAt(body, "repository.name"),
    labels: { repository, cve: textAt(advisory, "cve_id"), action },
    details: { vulnerabilities: dig(advisory, "vulnerabilities") },
  });
}

type Words = {
  readonly title: string;
  readonly description: string | null;
  readonly severity: string | null;
  readonly rule: string | null;
};

const SAY: Readonly<Record<Kind, (alert: Json, action: string) => Words>> = {
  "code-scanning": (alert) => ({
    title: textAt(alert, "rule.description", "rule.name", "rule.id") ?? "Code scanning alert",
    description: textAt(alert, "rule.full_description", "most_recent_instance.message.text"),
    severity: textAt(alert, "rule.security_severity_level", "rule.severity"),
    rule: textAt(alert, "rule.id"),
  }),
  "secret-scanning": (alert, action) => ({
    title: `${textAt(alert, "secret_type_display_name", "secret_type") ?? "A secret"} was committed`,
    description: textAt(alert, "resolution_comment"),
    severity:
      action === "publicly_leaked" || dig(alert, "publicly_leaked") === true
        ? "secret, publicly leaked"
        : "secret",
    rule: textAt(alert, "secret_type"),
  }),
  dependabot: (alert) => ({
    title:
      textAt(alert, "security_advisory.summary") ??
      `${textAt(alert, "dependency.package.name") ?? "A dependency"} is vulnerable`,
    description: textAt(alert, "security_advisory.description")?.slice(0, 2_000) ?? null,
    severity: textAt(alert, "security_advisory.severity", "security_vulnerability.severity"),
    rule: textAt(alert, "security_advisory.ghsa_id"),
  }),
  vulnerability: (alert) => ({
    title: `${textAt(alert, "affected_package_name") ?? "A dependency"} ${textAt(alert, "affected_range") ?? ""} is vulnerable`,
    description: null,
    severity: textAt(alert, "severity"),
    rule: textAt(alert, "external_identifier", "ghsa_id"),
  }),
};
