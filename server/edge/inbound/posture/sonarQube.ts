/**
 * SonarQube's webhook, of the server and of the cloud: how the quality gate of a branch judged an
 * analysis, or that the analysis failed. A branch is one condition: the gate that passes again ends it.
 * https://docs.sonarsource.com/sonarqube-server/project-administration/webhooks
 * Samples: golden/sonarqube.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { signedByHmac } from "../signatures.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "../data/check.ts";

const isAnalysis = (body: Json): boolean =>
  has(body, "serverUrl", "project", "status") &&
  textAt(body, "project.key") !== null &&
  (isObject(body["qualityGate"]) || Object.hasOwn(body, "taskId"));

const FAILED_MAX = 20;

export const sonarQube: Adapter = {
  about: {
    id: "sonarqube",
    name: "SonarQube",
    docs: "https://docs.sonarsource.com/sonarqube-server/project-administration/webhooks",
  },
  setUp: {
    steps: [
      "In SonarQube open Administration, Configuration, Webhooks (or the same of a project) and make one with the URL {url} and a secret of yours.",
      "Put that secret into the environment and name it in the key's signedWith.",
    ],
    sample: "sonarqube.failed.json",
  },
  // The gate's status; a pull request whose gate fails is for its author, so it is only a note.
  severities: {
    ERROR: "error",
    WARN: "warning",
    "analysis failed": "error",
    "pull request": "info",
  },
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-sonar-webhook-hmac-sha256" }),
  recognise: recogniseObject(isAnalysis),
  read: readItems(
    "an analysis with serverUrl, project and qualityGate",
    (body) => (isAnalysis(body) ? [body] : null),
    readAnalysis,
  ),
};

function readAnalysis(reading: Reading, index: number, body: Json): void {
  const key = textAt(body, "project.key")!;
  const project = textAt(body, "project.name") ?? key;
  const branch = textAt(body, "branch.name");
  const isPull = textAt(body, "branch.type") === "PULL_REQUEST";
  const analysed = textAt(body, "status") === "SUCCESS";
  const gate = textAt(body, "qualityGate.status") ?? "NONE";
  if (analysed && gate === "NONE") {
    return reading.find(index, "qualityGate", "no quality gate judged it: no alert");
  }
  const where = `${project}${branch === null ? "" : isPull ? ` (pull request ${branch})` : ` (${branch})`}`;
  const failed = listAt(body, "qualityGate.conditions").filter((one) =>
    /^(ERROR|WARN)$/.test(textAt(one, "status") ?? ""),
  );
  const passed = analysed && gate === "OK";
  const why = failed.slice(0, FAILED_MAX).map(conditionOf);
  tellCheck(reading, index, {
    // An analysis that failed early knows no branch: it is the main one's.
    key: ["sonarqube", key, dig(body, "branch.isMain") === true ? null : branch],
    title: passed
      ? `Quality gate passes again: ${where}`
      : analysed
        ? `Quality gate failed: ${where}${why.length === 0 ? "" : `, ${why[0]!}`}${why.length > 1 ? ` and ${why.length - 1} more` : ""}`
        : `Analysis failed: ${where}`,
    passed,
    severity: severityBy(
      sonarQube.severities!,
      isPull ? "pull request" : analysed ? gate : "analysis failed",
    ),
    product: "SonarQube",
    at: timeAt(reading, index, body, "changedAt", "analysedAt"),
    dataset: key,
    service: project,
    link: textAt(body, "branch.url", "project.url"),
    labels: {
      branch,
      gate: textAt(body, "qualityGate.name"),
      revision: textAt(body, "revision"),
      status: analysed ? gate : textAt(body, "status"),
    },
    details: { failed: why, task: textAt(body, "taskId"), server: dig(body, "serverUrl") },
  });
}

const OPERATORS: Readonly<Record<string, string>> = {
  LESS_THAN: "less than",
  GREATER_THAN: "more than",
  EQUALS: "equal to",
  NOT_EQUALS: "not equal to",
};

/** new_coverage 61.2, less than 80 */
function conditionOf(one: unknown): string {
  const metric = (textAt(one, "metric") ?? "a condition").replaceAll("_", " ");
  const value = textAt(one, "value");
  const limit = textAt(one, "errorThreshold", "warningThreshold");
  const operator = OPERATORS[textAt(one, "operator") ?? ""];
  return `${metric}${value === null ? "" : ` ${value}`}${limit === null || operator === undefined ? "" : ` (${operator} ${limit})`}`;
}
