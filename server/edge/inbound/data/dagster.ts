/**
 * Dagster+: an alert policy's webhook. Its body is a template without a default: what the set-up below says
 * is read, by the names of the tokens that Dagster's page lists. Which of them are filled depends on the event.
 * https://docs.dagster.io/guides/labs/webhook-alerts Samples: golden/dagster.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readObject } from "../items.ts";
import { textAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { momentOf } from "../times.ts";
import { tellCheck } from "./check.ts";

const TOKENS =
  "alert_summary alert_content alert_policy_name notification_type is_sample deployment_name deployment_url job_name run_id run_link run_status failure_message end_time asset_key asset_keys event_types health_status freshness_status location_name location_link instigator_name instigator_type agent_url metric_name".split(
    " ",
  );
const TEMPLATE = TOKENS.map((token) => `"${token}":"{{${token}}}"`).join(",");

/** A token of another kind of event stays empty, or as it was written. */
function filled(body: Json, ...names: readonly string[]): string | null {
  const values = names.map((name) => textAt(body, name));
  return values.find((value) => value !== null && !value.startsWith("{{")) ?? null;
}

/** The first of these that an alert has is what it is about. */
const ABOUT: readonly (readonly [what: string, ...tokens: readonly string[]])[] = [
  ["job", "job_name"],
  ["asset", "asset_key", "asset_keys"],
  ["code location", "location_name"],
  ["tick", "instigator_name"],
  ["metric", "metric_name"],
  ["agent", "agent_url"],
  ["policy", "alert_policy_name"],
];

const subjectOf = (body: Json): readonly [what: string, subject: string] | null =>
  ABOUT.map(([what, ...tokens]) => [what, filled(body, ...tokens)] as const).find(
    (pair): pair is readonly [string, string] => pair[1] !== null,
  ) ?? null;

export const dagster: Adapter = {
  about: {
    id: "dagster",
    name: "Dagster+",
    docs: "https://docs.dagster.io/guides/labs/webhook-alerts",
  },
  setUp: {
    steps: [
      "Deployment settings → Alert policies: choose a webhook with the URL {url}.",
      `Body: {"tool":"dagster",${TEMPLATE}}`,
      "Let the policy tell successes of jobs and healthy assets too: they end the alert of the failure.",
      BY_HEADER,
    ],
    sample: "dagster.failure.json",
  },
  severities: {
    FAILURE: "error",
    DEGRADED: "error",
    FAIL: "error",
    WARNING: "warning",
    UNKNOWN: "warning",
    "a failure without a known status": "error",
    "no status": "warning",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => {
    if (filled(body, "alert_summary") === null)
      return textAt(body, "tool") === "dagster" && subjectOf(body) !== null;
    const named = ["alert_policy_name", "notification_type", "deployment_name", "deployment_url"];
    return textAt(body, "tool") === "dagster" || named.some((name) => textAt(body, name) !== null);
  }),
  read: readObject("an alert of Dagster+ with alert_summary", (reading, body) => {
    const summary = filled(body, "alert_summary");
    const [what, subject] = subjectOf(body) ?? ["policy", summary];
    if (subject === null) return reading.refuse(0, "alert_summary", "a text");
    if (/^true$/i.test(filled(body, "is_sample") ?? ""))
      return reading.find(
        0,
        "is_sample",
        "a sample that somebody sent to try the webhook: no alert",
      );
    const status = filled(body, "run_status", "health_status", "freshness_status");
    const failure = filled(body, "failure_message");
    const events = filled(body, "event_types") ?? "";
    const failed = failure !== null || /fail|error/i.test(events);
    const isKnown = Object.hasOwn(dagster.severities!, status?.toUpperCase() ?? "");
    const deployment = filled(body, "deployment_name");
    tellCheck(reading, 0, {
      key: ["dagster", deployment, what, subject],
      title: summary ?? `The ${what} ${subject}: ${status ?? failure ?? "an alert of Dagster+"}`,
      passed:
        status === null
          ? !failed &&
            /succe(ss|eded)|pass|_healthy/i.test(events) &&
            !/warn|degraded/i.test(events)
          : /^(SUCCESS|HEALTHY|PASS(ED|ING)?|NOT_APPLICABLE)$/i.test(status),
      severity: severityBy(
        dagster.severities!,
        failed && !isKnown ? "a failure without a known status" : (status ?? "no status"),
      ),
      product: "Dagster+",
      at: momentOf(filled(body, "end_time", "start_time")),
      service: subject,
      job: filled(body, "job_name"),
      dataset: filled(body, "asset_key"),
      link: filled(body, "run_link", "location_link", "agent_url", "deployment_url"),
      labels: {
        deployment,
        policy: filled(body, "alert_policy_name"),
        type: filled(body, "notification_type"),
        run: filled(body, "run_id"),
        status,
      },
      details: { content: filled(body, "alert_content"), failure, events },
    });
  }),
};
