/**
 * Databricks' webhook destination: a job or one of its tasks that began, ended, failed or takes too long.
 * https://docs.databricks.com/aws/en/jobs/notifications Samples: golden/databricks.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const isJob = (body: Json): boolean =>
  /^jobs\.on_\w+$/.test(textAt(body, "event_type") ?? "") &&
  (isObject(body["job"]) || Object.hasOwn(body, "job_id") || isObject(body["run"]));

export const databricks: Adapter = {
  about: {
    id: "databricks",
    name: "Databricks jobs",
    docs: "https://docs.databricks.com/aws/en/jobs/notifications",
  },
  setUp: {
    steps: [
      "As an administrator make a notification destination of the kind Webhook with the URL {url}.",
      "Choose it in the job's notifications for failure, success and duration warning: success ends the alert.",
    ],
    sample: "databricks.failure.json",
  },
  severities: {
    "jobs.on_failure": "error",
    "jobs.on_duration_warning_threshold_exceeded": "warning",
    "jobs.on_streaming_backlog_exceeded": "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject(isJob),
  read: readObject("an event of a job", (reading, body) => {
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
