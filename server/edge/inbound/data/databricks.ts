/**
 * Databricks' webhook destination: a job or one of its tasks that began, ended, failed or takes too long, and
 * alerts of its SQL, whose older form is Redash's too.
 * https://docs.databricks.com/aws/en/jobs/notifications
 * https://docs.databricks.com/aws/en/sql/user/alerts/webhook-payload Samples: golden/databricks.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_PASSWORD } from "../authorization.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const isJob = (body: Json): boolean =>
  /^jobs\.on_\w+$/.test(textAt(body, "event_type") ?? "") &&
  (isObject(body["job"]) || Object.hasOwn(body, "job_id") || isObject(body["run"]));

const isQueryAlert = (body: Json): boolean =>
  body["event"] === "alert_state_change" && isObject(body["alert"]);

export const databricks: Adapter = {
  about: {
    id: "databricks",
    name: "Databricks",
    docs: "https://docs.databricks.com/aws/en/jobs/notifications",
  },
  setUp: {
    steps: [
      "As an administrator make a notification destination of the kind Webhook with the URL {url}.",
      "Choose it in the job's notifications for failure, success and duration warning: success ends the alert.",
      BY_PASSWORD,
    ],
    sample: "databricks.failure.json",
  },
  severities: {
    "jobs.on_failure": "error",
    "jobs.on_duration_warning_threshold_exceeded": "warning",
    "jobs.on_streaming_backlog_exceeded": "warning",
    TRIGGERED: "warning",
    ERROR: "warning",
    UNKNOWN: "warning",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => isJob(body) || isQueryAlert(body)),
  read: readObject("an event of a job, or of an alert on a query", (reading, body) => {
    if (isQueryAlert(body)) return readQueryAlert(reading, body);
    const event = textAt(body, "event_type") ?? "";
    const job = textAt(body, "job.job_id", "job_id");
    if (!isJob(body) || (job === null && textAt(body, "run.run_id") === null))
      return reading.refuse(0, "job.job_id", "a text, beside event_type");
    const passed = event === "jobs.on_success";
    if (!passed && !Object.hasOwn(databricks.severities!, event)) {
      return reading.find(
        0,
        "event_type",
        `“${event.slice(0, 60)}” is neither an end nor a failure: no alert`,
      );
    }
    const task = textAt(body, "task.task_key");
    const name = textAt(body, "job.name", "job_name") ?? `job ${job ?? ""}`.trim();
    const about = task === null ? `Job ${name}` : `Task ${task} of ${name}`;
    const workspace = textAt(body, "workspace_id");
    const run = textAt(body, "run.parent_run_id", "run.run_id", "run_id");
    tellCheck(reading, 0, {
      key: ["databricks", workspace, job ?? name, task],
      title: `${about} ${passed ? "succeeded" : event === "jobs.on_failure" ? "failed" : event.includes("backlog") ? "falls behind" : "takes too long"}`,
      passed,
      severity: severityBy(databricks.severities!, event),
      product: "Databricks",
      at: timeAt(reading, 0, body, "run_start_time", "timestamp"),
      job: name,
      service: name,
      link: textAt(body, "run_page_url", "run.run_page_url"),
      labels: { workspace, task, run },
    });
  }),
};

/** What a query found: its state stands in a field, or at the end of the title. */
function readQueryAlert(reading: Reading, body: Json): void {
  const told = body["alert"];
  const id = textAt(told, "alert.id", "id");
  if (id === null) return reading.refuse(0, "alert.id", "a text");
  const said = textAt(told, "title", "alert.custom_summary");
  const state = (
    textAt(told, "state", "status", "alert.state", "alert.evaluations.0.state") ??
    / (?:changed status to|is now) (\w{2,20})\.?$/.exec(said ?? "")?.[1] ??
    "TRIGGERED"
  ).toUpperCase();
  const name = textAt(told, "alert.name", "name") ?? `alert ${id}`;
  const passed = state === "OK";
  tellCheck(reading, 0, {
    key: ["databricks", "alert", id],
    title: `${name} ${passed ? "is well again" : state === "TRIGGERED" ? "was triggered" : "could not be evaluated"}`,
    passed,
    severity: severityBy(databricks.severities!, state),
    product: "Databricks",
    at: timeAt(
      reading,
      0,
      told,
      "alert.evaluations.0.evaluated_at",
      "last_triggered_at",
      "updated_at",
    ),
    job: name,
    service: name,
    link: pageOf(textAt(body, "url_base"), id),
    labels: { state, owner: textAt(told, "alert.owner.name", "user.name") },
    details: {
      description: textAt(told, "description", "custom_body"),
      query: textAt(told, "alert.query_text", "query.query")?.slice(0, 4_000),
    },
  });
}

/** The address names the workspace behind its path: https://host/sql?o=1. */
function pageOf(base: string | null, id: string): string | null {
  if (base === null || !/^https?:\/\//.test(base)) return null;
  const [path = "", asked] = base.split("?", 2);
  const page = `${path.replace(/\/$/, "")}/alerts/${encodeURIComponent(id)}`;
  return asked === undefined ? page : `${page}?${asked}`;
}
