/**
 * Microsoft Entra ID Protection: risk detections and risky users, as diagnostic settings stream them and
 * as Microsoft Graph lists them.
 * https://learn.microsoft.com/en-us/graph/api/resources/riskdetection
 * Samples: golden/identity-protection.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const CATEGORY = /^(UserRiskEvents|RiskyUsers|ServicePrincipalRiskEvents|RiskyServicePrincipals)$/;

const isRisk = (one: unknown): boolean =>
  isObject(one) &&
  (CATEGORY.test(textAt(one, "category") ?? "") ||
    (has(one, "riskLevel", "riskState") &&
      (has(one, "riskEventType") || has(one, "userPrincipalName"))));

function itemsOf(body: Json): readonly unknown[] | null {
  if (isRisk(body)) return [body];
  const list = body["records"] ?? body["value"];
  return Array.isArray(list) && list.length > 0 && list.every(isRisk) ? list : null;
}

/** Somebody, or a new password, has dealt with it. `confirmedCompromised` and `atRisk` are open. */
const OVER = /^(remediated|dismissed|confirmedSafe|none)$/i;

export const identityProtection: Adapter = {
  about: {
    id: "identity-protection",
    name: "Microsoft Entra ID Protection",
    docs: "https://learn.microsoft.com/en-us/graph/api/resources/riskdetection",
  },
  setUp: {
    steps: [
      "In Entra ID open Diagnostic settings and stream UserRiskEvents and RiskyUsers to an event hub.",
      "Let a function read the hub and post its messages, with their list “records”, to {url}.",
    ],
    sample: "identity-protection.user-risk.json",
  },
  severities: { high: "error", medium: "warning", low: "info", hidden: "warning", none: "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("a risk detection or risky user", itemsOf, readRisk),
};

function readRisk(reading: Reading, index: number, record: Json): void {
  const inner = record["properties"];
  const risk: Json = isObject(inner) ? inner : record;
  const level = textAt(risk, "riskLevel", "riskLevelAggregated");
  if (level === null)
    return reading.refuse(index, "riskLevel", "low, medium, high, hidden or none");
  const who =
    textAt(
      risk,
      "userPrincipalName",
      "userDisplayName",
      "displayName",
      "servicePrincipalDisplayName",
    ) ?? textAt(record, "identity");
  const what = textAt(risk, "riskEventType", "riskType");
  const state = textAt(risk, "riskState") ?? "atRisk";
  tellFinding(reading, index, {
    uid: [textAt(risk, "id") ?? textAt(risk, "userId"), what === null ? "risk" : null],
    title: `${what === null ? `Risk ${level}` : spaced(what)}${who === null ? "" : ` for ${who}`}`,
    description: textAt(risk, "riskDetail"),
    severity: severityBy(identityProtection.severities!, level),
    status: OVER.test(state) ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      { risk, record },
      "risk.activityDateTime",
      "risk.detectedDateTime",
      "risk.riskLastUpdatedDateTime",
      "record.time",
    ),
    product: "Entra ID Protection",
    link: `https://entra.microsoft.com/#view/Microsoft_AAD_IAM/IdentityProtectionMenuBlade/~/${what === null ? "RiskyUsers" : "RiskDetections"}`,
    rule: what,
    category: textAt(record, "category") ?? textAt(risk, "activity"),
    user: who,
    resource: who,
    account: textAt(record, "tenantId") ?? textAt(risk, "homeTenantId"),
    sourceIp: textAt(risk, "ipAddress") ?? textAt(record, "callerIpAddress"),
    labels: {
      risk_state: state,
      risk_level: level,
      timing: textAt(risk, "detectionTimingType"),
      city: textAt(risk, "location.city"),
      country: textAt(risk, "location.countryOrRegion"),
    },
    details: { additionalInfo: dig(risk, "additionalInfo") },
  });
}

/** anonymizedIPAddress → anonymized IP address. */
const spaced = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replaceAll(/\b([A-Z])([a-z]+)/g, (word) => word.toLowerCase())
    .replace(/^[a-z]/, (letter) => letter.toUpperCase());
