/**
 * Falco's JSON output, as its HTTP output and Falcosidekick's webhook send it.
 * https://falco.org/docs/concepts/outputs/forwarding/ Samples: golden/falco.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

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
  recognise: recogniseObject(
    (body) =>
      has(body, "rule", "priority", "output") && (has(body, "output_fields") || has(body, "time")),
  ),
  read: readObject("one Falco event", (reading, body) => {
    const rule = textAt(body, "rule");
    if (rule === null) return reading.refuse(0, "rule", "the name of a Falco rule");
    const priority = textAt(body, "priority");
    if (priority === null)
      return reading.refuse(0, "priority", "a Falco priority, such as Warning");
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
  }),
};

const listOfTags = (tags: unknown, form: RegExp): readonly string[] =>
  Array.isArray(tags)
    ? tags.filter((tag): tag is string => typeof tag === "string" && form.test(tag))
    : [];
