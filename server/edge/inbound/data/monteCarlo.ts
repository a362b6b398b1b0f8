/**
 * Monte Carlo's webhook: an anomaly of a table or a rule that was breached, as an alert that opens, and
 * again whenever somebody works on it. Signed is not the body but the form that Python makes of it.
 * https://docs.getmontecarlo.com/docs/webhooks Samples: golden/monte-carlo.*.json
 */
import { hmacSha512, sameBytes } from "../../../base/crypto.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";
import { pythonForm } from "./pythonForm.ts";

const isAlert = (body: Json): boolean =>
  isObject(body["payload"]) &&
  has(body["payload"], "incident_id") &&
  (isObject(body["account"]) || (textAt(body, "type") ?? "").endsWith("incident"));

/** Statuses with which an alert is over. */
const OVER = /^(fixed|expected|no_action_needed|false_positive)$/;

export const monteCarlo: Adapter = {
  about: {
    id: "monte-carlo",
    name: "Monte Carlo",
    docs: "https://docs.getmontecarlo.com/docs/webhooks",
  },
  setUp: {
    steps: [
      "In Monte Carlo open Settings, Notifications, create an audience with the channel Webhook and the URL {url}.",
      "Set a secret there, put it into the environment and name it in the key's signedWith.",
      "Choose the domains, tables and monitors whose alerts should come here; their status in Monte Carlo ends them here.",
    ],
    sample: "monte-carlo.anomaly.json",
  },
  // What somebody declares there; until then nobody has said how bad it is.
  severities: {
    "SEV-1": "critical",
    "SEV-2": "error",
    "SEV-3": "warning",
    "SEV-4": "info",
    "not declared": "warning",
  },
  resendsByContract: false,
  verify: ({ headers, rawBody }, secret) => {
    const form = pythonForm(rawBody.toString("utf8"));
    const given = headers["x-mcd-signature"];
    return (
      form !== null &&
      secret !== "" &&
      given !== undefined &&
      sameBytes(Buffer.from(given.trim().toLowerCase(), "hex"), hmacSha512(secret, form))
    );
  },
  recognise: recogniseObject(isAlert),
  read: readObject("an alert with payload.incident_id", (reading, body) => {
    const id = textAt(body, "payload.incident_id");
    if (id === null) return reading.refuse(0, "payload.incident_id", "a text");
    // Updates may tell what changed beside the payload or in it.
    const told = (name: string): string | null => textAt(body, `payload.${name}`, name);
    const event = listAt(body, "payload.event_list")[0];
    const rule = dig(body, "payload.rule") ?? dig(event, "rule");
    const table = textAt(event, "full_table_id", "table_name");
    const what =
      textAt(rule, "description", "name") ??
      textAt(event, "event_details") ??
      "An alert of Monte Carlo";
    const feedback = told("alert_feedback");
    tellCheck(reading, 0, {
      key: ["monte-carlo", id],
      title: `${what}${table === null ? "" : `: ${table}`}`,
      passed: OVER.test(feedback ?? ""),
      severity: severityBy(
        monteCarlo.severities!,
        told("declared_alert_severity") ?? "not declared",
      ),
      product: "Monte Carlo",
      at: null,
      dataset: table ?? textAt(body, "payload.group_id"),
      service: table?.split(/[.:]/).at(-1),
      link: textAt(body, "payload.url"),
      labels: {
        kind: textAt(body, "type"),
        rule: textAt(rule, "uuid"),
        group: textAt(body, "payload.group_id"),
        metric: textAt(event, "data.metric_display_name"),
        owner: told("owner"),
        tool_status: feedback,
        account: textAt(body, "account.id"),
      },
      details: {
        hits: listAt(event, "data.hits").slice(0, 10),
        comparisons: dig(event, "data.rule_comparisons") ?? dig(rule, "comparisons"),
      },
    });
  }),
};
