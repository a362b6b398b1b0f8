/**
 * Airbyte's notifications: a sync of a connection that failed or succeeded, with what it moved.
 * https://docs.airbyte.com/platform/cloud/managing-airbyte-cloud/manage-airbyte-cloud-notifications
 * Samples: golden/airbyte.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

/** What the notification says of itself, beside its text for Slack. */
const summaryOf = (body: Json): Json => (isObject(body["data"]) ? body["data"] : body);
const isSync = (body: Json): boolean => {
  const summary = summaryOf(body);
  return (
    isObject(summary["connection"]) &&
    isObject(summary["workspace"]) &&
    (has(summary, "jobId") || has(summary, "success"))
  );
};

export const airbyte: Adapter = {
  about: {
    id: "airbyte",
    name: "Airbyte",
    docs: "https://docs.airbyte.com/platform/cloud/managing-airbyte-cloud/manage-airbyte-cloud-notifications",
  },
  setUp: {
    steps: [
      "In Airbyte open Settings, Notifications, and give failed and successful syncs the webhook {url}.",
      "Successful ones matter: they end the alerts of those that failed.",
    ],
    sample: "airbyte.failed.json",
  },
  severities: {
    failed: "error",
    config_error: "error",
    transient_error: "warning",
    system_error: "error",
  },
  resendsByContract: false,
  recognise: recogniseObject(isSync),
  read: readObject("a sync of a connection", (reading, body) => {
    const summary = summaryOf(body);
    const id = textAt(summary, "connection.id", "connection.name");
    if (!isSync(body) || id === null)
      return reading.refuse(0, "data.connection.id", "a text, beside workspace and success");
    const name = textAt(summary, "connection.name") ?? id;
    const passed = (dig(summary, "success") ?? dig(summary, "isSuccess")) === true;
    tellCheck(reading, 0, {
      key: ["airbyte", id],
      title: `Sync of ${name} ${passed ? "succeeded" : "failed"}`,
      passed,
      severity: severityBy(airbyte.severities!, textAt(summary, "errorType") ?? "failed"),
      product: "Airbyte",
      at: timeAt(reading, 0, summary, "startedAt", "finishedAt"),
      dataset: textAt(summary, "destination.name"),
      job: name,
      service: name,
      link: textAt(summary, "connection.url", "workspace.url"),
      labels: {
        workspace: textAt(summary, "workspace.name"),
        source: textAt(summary, "source.name"),
        destination: textAt(summary, "destination.name"),
        job_id: textAt(summary, "jobId"),
        error_origin: textAt(summary, "errorOrigin"),
      },
      details: {
        error: textAt(summary, "errorMessage")?.slice(0, 4_000),
        records: textAt(summary, "recordsCommitted"),
      },
    });
  }),
};
