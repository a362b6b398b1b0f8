/**
 * Wazuh alerts: 4.x as the integrator posts them and as the indexer holds them (`rule.level` 0–15), and
 * the findings of 5.x (`wazuh.rule`, levels in words).
 * https://documentation.wazuh.com/current/user-manual/manager/integration-with-external-apis.html
 * Samples: golden/wazuh.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { listText, tellFinding } from "./finding.ts";

/** The document itself: alone, as a hit of the indexer, or below “all_fields”, as for Shuffle. */
const sourceOf = (body: Json): Json => {
  const source = body["_source"] ?? body["all_fields"];
  return isObject(source) ? source : (ofSlack(body) ?? body);
};

/** What the integration for Slack writes, wherever its hook_url points: the alert in an attachment. */
function ofSlack(body: Json): Json | null {
  const told = dig(body, "attachments.0");
  if (textAt(told, "pretext") !== "WAZUH Alert") return null;
  const field = (title: string): string | null =>
    textAt(
      listAt(told, "fields").find((one) => textAt(one, "title") === title),
      "value",
    );
  const [, id, level] = /^(\d+)\D+(\d+)/.exec(field("Rule ID") ?? "") ?? [];
  const [, agentId, agent] = /^\((\d+)\) - (.+)$/.exec(field("Agent") ?? "") ?? [];
  return {
    rule: { id, level, description: textAt(told, "title") },
    agent: { id: agentId, name: agent ?? field("Agentless Host") },
    location: field("Location"),
    full_log: textAt(told, "text"),
    timestamp: dig(told, "ts"),
  };
}

const isFour = (alert: Json): boolean =>
  isObject(alert["rule"]) &&
  Object.hasOwn(alert["rule"], "level") &&
  ["agent", "manager", "decoder"].some((name) => Object.hasOwn(alert, name));
const isFive = (alert: Json): boolean => isObject(dig(alert, "wazuh.rule"));

export const wazuh: Adapter = {
  about: {
    id: "wazuh",
    name: "Wazuh",
    docs: "https://documentation.wazuh.com/current/user-manual/manager/integration-with-external-apis.html",
  },
  setUp: {
    steps: [
      "Add an `<integration>` with `<hook_url>{url}</hook_url>`, `<level>7</level>` and `<alert_format>json</alert_format>` to ossec.conf, with a custom script that posts the alert file as it is.",
      "With 5.x add a webhook channel to the notifications of the dashboard and let its message be the finding as JSON.",
    ],
    sample: "wazuh.four.json",
  },
  // https://documentation.wazuh.com/current/user-manual/ruleset/rules/rules-classification.html
  severities: {
    "0": "info",
    "1": "info",
    "2": "info",
    "3": "info",
    "4": "info",
    "5": "info",
    "6": "info",
    "7": "warning",
    "8": "warning",
    "9": "warning",
    "10": "warning",
    "11": "warning",
    "12": "error",
    "13": "error",
    "14": "error",
    "15": "critical",
    "16": "critical",
    informational: "info",
    low: "info",
    medium: "warning",
    high: "error",
    critical: "critical",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    const alert = sourceOf(body);
    return isFour(alert) || isFive(alert);
  }),
  read: readObject("one Wazuh alert", (reading, body) => {
    const alert = sourceOf(body);
    if (isFive(alert)) return readFive(reading, alert);
    if (!isObject(alert["rule"]))
      return reading.refuse(0, "rule", "an object with id, level and description");
    readFour(reading, alert);
  }),
};

const severityOf = (level: unknown): AlertSeverity => severityBy(wazuh.severities!, level);

/**
 * A check of the configuration and a weakness of a package have an end: the check passes, the package is
 * gone or mended. Their rule differs then, so what they are about is their identity.
 */
type Condition = {
  readonly uid: readonly (string | null)[];
  /** “none”: the check did not run, or is for other machines. */
  readonly status: "open" | "resolved" | "none";
};

const RESULTS: Readonly<Record<string, Condition["status"]>> = {
  passed: "resolved",
  solved: "resolved",
  delete: "resolved",
  deleted: "resolved",
  "not applicable": "none",
  "not run": "none",
};

function conditionOf(alert: Json, agent: string | null): Condition | null {
  const cve = textAt(alert, "data.vulnerability.cve", "vulnerability.id");
  const check = textAt(alert, "data.sca.check.id", "check.id");
  if (cve === null && check === null) return null;
  const word =
    cve === null
      ? textAt(alert, "data.sca.check.result", "check.result")
      : textAt(alert, "data.vulnerability.status", "event.type.0");
  const status = RESULTS[word?.toLowerCase() ?? ""] ?? "open";
  return cve === null
    ? { uid: ["sca", agent, textAt(alert, "data.sca.policy", "policy.name"), check], status }
    : {
        uid: [cve, agent, textAt(alert, "data.vulnerability.package.name", "package.name")],
        status,
      };
}

const notRun = (reading: Reading): void =>
  reading.find(0, "check.result", "the check did not run, or is for other machines: no alert");

function readFour(reading: Reading, alert: Json): void {
  const title = textAt(alert, "rule.description") ?? textAt(alert, "full_log");
  if (title === null) return reading.refuse(0, "rule.description", "a text");
  const agent = textAt(alert, "agent.name", "agent.id", "manager.name");
  const file = textAt(alert, "syscheck.path");
  const source = textAt(alert, "data.srcip", "data.src_ip", "data.aws.sourceIPAddress");
  const condition = conditionOf(alert, textAt(alert, "agent.id") ?? agent);
  if (condition?.status === "none") return notRun(reading);
  tellFinding(reading, 0, {
    uid: condition?.uid ?? [
      textAt(alert, "rule.id"),
      textAt(alert, "agent.id") ?? agent,
      source,
      file,
    ],
    title,
    description: textAt(alert, "full_log"),
    severity: severityOf(dig(alert, "rule.level")),
    status: condition?.status ?? "open",
    firstSeenAt: timeAt(reading, 0, alert, "timestamp", "@timestamp"),
    product: "Wazuh",
    rule: textAt(alert, "rule.id"),
    category: dig(alert, "rule.groups"),
    host: agent,
    resource: agent,
    user: textAt(alert, "data.dstuser", "data.srcuser", "data.win.eventdata.targetUserName"),
    sourceIp: source,
    destinationIp: textAt(alert, "data.dstip", "data.dest_ip"),
    tactics: dig(alert, "rule.mitre.tactic"),
    techniques: dig(alert, "rule.mitre.id"),
    observables: [
      ["md5", textAt(alert, "syscheck.md5_after")],
      ["sha1", textAt(alert, "syscheck.sha1_after")],
      ["sha256", textAt(alert, "syscheck.sha256_after")],
      ["file name", file],
      ["url", textAt(alert, "data.url")],
    ],
    labels: {
      level: textAt(alert, "rule.level"),
      agent_ip: textAt(alert, "agent.ip"),
      manager: textAt(alert, "manager.name"),
      cve: textAt(alert, "data.vulnerability.cve"),
    },
    details: {
      location: textAt(alert, "location"),
      fired: textAt(alert, "rule.firedtimes"),
      data: dig(alert, "data"),
    },
  });
}

function readFive(reading: Reading, alert: Json): void {
  const title = textAt(alert, "wazuh.rule.title", "message", "wazuh.rule.id");
  if (title === null) return reading.refuse(0, "wazuh.rule.title", "a text");
  const agent = textAt(
    alert,
    "wazuh.agent.host.hostname",
    "wazuh.agent.name",
    "wazuh.agent.id",
    "host.name",
  );
  const file = textAt(alert, "file.path");
  const source = textAt(alert, "source.ip");
  const condition = conditionOf(alert, textAt(alert, "wazuh.agent.id") ?? agent);
  if (condition?.status === "none") return notRun(reading);
  tellFinding(reading, 0, {
    uid: condition?.uid ?? [
      textAt(alert, "wazuh.rule.id"),
      textAt(alert, "wazuh.agent.id") ?? agent,
      source,
      file ?? textAt(alert, "container.name", "process.name"),
      title,
    ],
    title,
    description: textAt(alert, "message"),
    severity: severityOf(dig(alert, "wazuh.rule.level")),
    status: condition?.status ?? "open",
    firstSeenAt: timeAt(reading, 0, alert, "@timestamp", "event.created"),
    product: "Wazuh",
    rule: textAt(alert, "wazuh.rule.id"),
    category: textAt(alert, "wazuh.integration.category", "wazuh.integration.name"),
    host: agent,
    resource: textAt(alert, "container.name") ?? agent,
    user: textAt(alert, "user.name", "related.user.0"),
    sourceIp: source,
    destinationIp: textAt(alert, "destination.ip"),
    tactics: dig(alert, "wazuh.rule.mitre.tactic.name"),
    techniques: dig(alert, "wazuh.rule.mitre.technique.id"),
    observables: [
      ["any", dig(alert, "related.hash")],
      ["ip", dig(alert, "related.ip")],
      ["file name", file],
      ["domain", textAt(alert, "dns.question.name", "url.domain")],
      ["url", textAt(alert, "url.full", "url.original")],
    ],
    labels: {
      level: textAt(alert, "wazuh.rule.level"),
      action: textAt(alert, "event.action"),
      cve: textAt(alert, "vulnerability.id"),
      groups: listText(dig(alert, "wazuh.agent.groups")),
    },
    details: {
      tags: dig(alert, "wazuh.rule.tags"),
      file: dig(alert, "file"),
      container: dig(alert, "container"),
    },
  });
}
