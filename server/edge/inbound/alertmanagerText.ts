/**
 * What Alertmanager writes where it cannot post JSON: the default text of its messages to Amazon SNS, which
 * Amazon Managed Service for Prometheus sends, and that of Grafana. Each alert stands there with its labels and
 * annotations, so that it is the same alert as by webhook.
 * https://github.com/prometheus/alertmanager/blob/main/template/default.tmpl
 * Samples: golden/alertmanager-text.*.txt
 */
import { toIso } from "../../base/instant.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { alertmanagerWebhook } from "./alertmanagerWebhook.ts";
import { refusedWhole } from "./reading.ts";
import { SEVERITY_WORDS } from "./severityWords.ts";

const TEXT_MAX = 256 * 1_024;
const STATE = /^\**(?:Alerts? )?(Firing|Resolved)\**:?\s*$/i;
const PAIR = /^\s*- ([^\s=][^=]{0,200}?) = (.*)$/;
const HAS_STATE = /^\**(?:Alerts? )?(?:Firing|Resolved)\**:?\s*$/im;
const HAS_LABELS = /^Labels:\s*\n\s*- \S/m;

type Told = {
  readonly status: "firing" | "resolved";
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  generatorURL?: string;
};

/** A value of several lines goes on until the next name. */
function alertsIn(text: string): readonly Told[] {
  const alerts: Told[] = [];
  let status: Told["status"] = "firing";
  let into: { readonly fields: Record<string, string>; last?: string } | null = null;
  for (const line of text.slice(0, TEXT_MAX).split(/\r?\n/)) {
    const state = STATE.exec(line)?.[1];
    const alert = alerts.at(-1);
    const [, name, value = ""] = PAIR.exec(line) ?? [];
    const source = /^Source: *(\S+)/.exec(line)?.[1];
    if (state !== undefined) {
      status = state.toLowerCase() === "resolved" ? "resolved" : "firing";
      into = null;
    } else if (/^Labels:\s*$/.test(line)) {
      const labels = {};
      alerts.push({ status, labels, annotations: {} });
      into = { fields: labels };
    } else if (/^Annotations:\s*$/.test(line)) {
      into = alert === undefined ? null : { fields: alert.annotations };
    } else if (source !== undefined && alert !== undefined) {
      alert.generatorURL = source;
      into = null;
    } else if (into !== null && name !== undefined && name !== "__proto__") {
      into.fields[name] = value.trim();
      into.last = name;
    } else if (into?.last !== undefined && line.trim() !== "") {
      into.fields[into.last] = `${into.fields[into.last]}\n${line.trim()}`;
    }
  }
  return alerts;
}

export const alertmanagerText: Adapter = {
  about: {
    id: "alertmanager-text",
    name: "Alertmanager, by SNS (Amazon Managed Service for Prometheus)",
    docs: "https://github.com/prometheus/alertmanager/blob/main/template/default.tmpl",
  },
  setUp: {
    steps: [
      "In the configuration of the alert manager add a receiver with sns_configs for a topic, with send_resolved: true, and leave its message as it is.",
      "Subscribe the HTTPS endpoint {url} to the topic; Tocsin checks the signature and confirms the subscription.",
    ],
    sample: "alertmanager-text.firing.txt",
  },
  severities: SEVERITY_WORDS,
  resendsByContract: false,
  recognise: ({ body }) =>
    typeof body === "string" &&
    HAS_STATE.test(body.slice(0, TEXT_MAX)) &&
    HAS_LABELS.test(body.slice(0, TEXT_MAX))
      ? 1
      : 0,
  read(input) {
    const { body, envelope } = input;
    const told = typeof body === "string" ? alertsIn(body) : [];
    if (told.length === 0)
      return refusedWhole("body", "the text of alerts, with “Labels:” and a line for each of them");
    const at = envelope?.at ?? null;
    const when = at === null ? {} : { startsAt: toIso(at) };
    const alerts = told.map((alert) => (alert.status === "firing" ? { ...alert, ...when } : alert));
    return alertmanagerWebhook.read({ ...input, body: { version: "4", receiver: "text", alerts } });
  },
};
