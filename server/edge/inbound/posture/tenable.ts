/**
 * Tenable Vulnerability Management: findings as its export of vulnerabilities lists them, each of a plugin
 * on a port of an asset. What is fixed or accepted ends; what only informs raises nothing.
 * https://developer.tenable.com/reference/exports-vulns-download-chunk Samples: golden/tenable.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { listText, tellFinding } from "../security/finding.ts";

const isOne = (one: unknown): boolean =>
  isObject(one) &&
  isObject(one["asset"]) &&
  textAt(one, "plugin.id") !== null &&
  textAt(one, "plugin.name") !== null &&
  textAt(one, "severity", "severity_id", "state") !== null;

function itemsOf(body: Json): readonly unknown[] | null {
  if (isOne(body)) return [body];
  const list = body["vulnerabilities"];
  return Array.isArray(list) && list.length > 0 && list.every(isOne) ? list : null;
}

const OVER = /^fixed$/i;
const ACCEPTED = /^accepted$/i;

export const tenable: Adapter = {
  about: {
    id: "tenable",
    name: "Tenable",
    docs: "https://developer.tenable.com/reference/exports-vulns-download-chunk",
  },
  setUp: {
    steps: [
      "Have a script export what changed since its last run (POST /vulns/export with the states open, reopened and fixed) and post each chunk as it is to {url}.",
    ],
    sample: "tenable.chunk.json",
  },
  severities: { critical: "critical", high: "error", medium: "warning", low: "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("findings with asset, plugin and severity", itemsOf, (reading, index, item) => {
    if (/^info/i.test(textAt(item, "severity") ?? "")) {
      return reading.find(index, "severity", "only informs, no weakness: no alert");
    }
    readOne(reading, index, item);
  }),
};

function readOne(reading: Reading, index: number, item: Json): void {
  const plugin = textAt(item, "plugin.id");
  const host = textAt(item, "asset.hostname", "asset.fqdn", "asset.netbios_name", "asset.ipv4");
  const name = plainText(textAt(item, "plugin.name") ?? `plugin ${plugin!}`);
  const over =
    OVER.test(textAt(item, "state") ?? "") ||
    ACCEPTED.test(textAt(item, "severity_modification_type") ?? "");
  tellFinding(reading, index, {
    uid: [
      textAt(item, "asset.uuid", "asset.id") ?? host,
      plugin,
      textAt(item, "port.port"),
      textAt(item, "port.protocol"),
    ],
    title: `${name}${host === null ? "" : ` on ${host}`}`,
    description: textAt(item, "plugin.synopsis", "plugin.description"),
    severity: severityBy(tenable.severities!, textAt(item, "severity")),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, item, "first_found", "last_found", "indexed"),
    product: "Tenable",
    rule: plugin,
    category: textAt(item, "plugin.family"),
    host,
    link: textAt(item, "plugin.see_also.0"),
    labels: {
      cve: listText(dig(item, "plugin.cve")),
      state: textAt(item, "state"),
      port: textAt(item, "port.port"),
      vpr: textAt(item, "plugin.vpr.score"),
      address: textAt(item, "asset.ipv4"),
    },
    details: { solution: textAt(item, "plugin.solution") },
  });
}

const MARKS: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&amp;": "&",
};
const plainText = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|quot|amp);/g, (mark) => MARKS[mark]!);
