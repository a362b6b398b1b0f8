/**
 * Falco's JSON output, as its HTTP output and Falcosidekick's webhook send it, and the lines of text that
 * it writes where JSON was not asked for.
 * https://falco.org/docs/concepts/outputs/forwarding/ Samples: golden/falco.*.json
 */
import { type Adapter, type ReadResult } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readLines } from "../items.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { has, severityBy } from "../telling.ts";
import { momentOf } from "../times.ts";
import { tellFinding } from "./finding.ts";

const EXPECTED = "one Falco event, or lines as Falco writes them";
/** A clock of the host or a whole date, the priority, and what the rule says. */
const LINE =
  /^(?:(?:.{0,120}? )?(?<host>\S{1,100} )?falco(?:\[\d{1,10}\])?: +)?(?<time>(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d{4})?): (?<priority>Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) (?<said>\S.*)$/;
const FIRST_MAX = 2_000;

export const falco: Adapter = {
  about: {
    id: "falco",
    name: "Falco",
    docs: "https://falco.org/docs/concepts/outputs/forwarding/",
  },
  setUp: {
    steps: [
      "In falco.yaml set `json_output: true` and `http_output: { enabled: true, url: {url} }`.",
      "Or set `webhook: { address: {url} }` in Falcosidekick.",
      BY_HEADER,
    ],
    sample: "falco.rule.json",
  },
  // https://falco.org/docs/concepts/rules/basic-elements/#priority
  severities: {
    Emergency: "critical",
    Alert: "critical",
    Critical: "critical",
    Error: "error",
    Warning: "warning",
    Notice: "info",
    Informational: "info",
    Debug: "info",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise({ body }) {
    if (typeof body === "string") {
      const [first = ""] = body.slice(0, FIRST_MAX).trimStart().split("\n", 1);
      return LINE.test(first.trim()) ? 1 : 0;
    }
    return isObject(body) &&
      has(body, "rule", "priority", "output") &&
      (has(body, "output_fields") || has(body, "time"))
      ? 1
      : 0;
  },
  read({ body }): ReadResult {
    if (typeof body === "string") return readLines(body, EXPECTED, readLine);
    if (!isObject(body)) return refusedWhole("body", EXPECTED);
    const reading = new Reading();
    readEvent(reading, body);
    return reading;
  },
};

function readEvent(reading: Reading, body: Json): void {
  const rule = textAt(body, "rule");
  if (rule === null) return reading.refuse(0, "rule", "the name of a Falco rule");
  const priority = textAt(body, "priority");
  if (priority === null) return reading.refuse(0, "priority", "a Falco priority, such as Warning");
  const field = (name: string): string | null => textAt(dig(body, "output_fields"), name);
  // Of a plugin for audit logs: what the request was aimed at.
  const [namespace, pod] = [
    field("k8s.ns.name") ?? field("ka.target.namespace"),
    field("k8s.pod.name") ?? field("ka.target.name"),
  ];
  const container = field("container.name") ?? field("container.id");
  const host = textAt(body, "hostname");
  tellFinding(reading, 0, {
    uid: [rule, host, namespace, pod ?? container, field("ct.user") ?? field("ka.user.name")],
    title: `${rule}${(pod ?? host) === null ? "" : ` on ${pod ?? host}`}`,
    description: textAt(body, "output"),
    severity: severityBy(falco.severities!, priority),
    status: "open",
    firstSeenAt: timeAt(reading, 0, body, "time", "output_fields.evt.time"),
    product: "Falco",
    rule,
    host,
    resource: pod ?? container ?? host,
    service:
      field("k8s.deployment.name") ??
      field("k8s.deploy.name") ??
      container ??
      pod ??
      namespace ??
      host,
    account: field("ct.recipientaccountid") ?? field("aws.accountID"),
    region: field("ct.region"),
    user: field("user.name") ?? field("ka.user.name") ?? field("ct.user"),
    sourceIp: field("fd.cip") ?? field("fd.lip") ?? field("ct.srcip"),
    destinationIp: field("fd.sip") ?? field("fd.rip"),
    observables: [
      ["any", field("fd.sip.name")],
      ["file name", field("proc.exepath")],
      ["sha256", field("proc.exe_sha256")],
    ],
    techniques: listOfTags(dig(body, "tags"), /^T\d{4}/i),
    tactics: listOfTags(dig(body, "tags"), /^mitre_/i),
    labels: {
      source: textAt(body, "source"),
      namespace,
      pod,
      container,
      process: field("proc.name"),
      priority,
    },
    details: { output_fields: dig(body, "output_fields"), tags: dig(body, "tags") },
  });
}

/** A line has no rule's name: what the rule says before its fields stands for it. */
function readLine(reading: Reading, index: number, line: string): void {
  const { time, priority, said, host } = LINE.exec(line)?.groups ?? {};
  if (time === undefined || priority === undefined || said === undefined)
    return reading.refuse(index, "line", "a line as Falco writes it");
  const [what = said] = said.split(/ \(|: (?=\S+=)/, 1);
  const field = (...names: readonly string[]): string | null => {
    const found = new RegExp(`[ (](?:${names.join("|")})=([^ )]{1,200})`).exec(said)?.[1] ?? null;
    return found === "<NA>" ? null : found;
  };
  const pod = field("k8s[._]pod(?:[._]name)?", "pod");
  const container = field("container[._]name", "container");
  const seen = pod ?? container ?? host?.trim();
  tellFinding(reading, index, {
    uid: [what, host?.trim(), pod ?? container, field("user", "user[._]name")],
    title: `${what}${seen === undefined ? "" : ` on ${seen}`}`,
    description: said,
    severity: severityBy(falco.severities!, priority),
    status: "open",
    // A clock without a date is the host's own.
    firstSeenAt: time.includes("T") ? momentOf(time) : null,
    product: "Falco",
    rule: what,
    host: host?.trim() ?? null,
    resource: seen ?? null,
    service: container ?? pod ?? field("k8s[._]ns(?:[._]name)?"),
    user: field("user", "user[._]name"),
    labels: { priority },
    details: { line: said },
  });
}

const listOfTags = (tags: unknown, form: RegExp): readonly string[] =>
  Array.isArray(tags)
    ? tags.filter((tag): tag is string => typeof tag === "string" && form.test(tag))
    : [];
