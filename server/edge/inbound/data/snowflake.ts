/**
 * Snowflake's error notifications by a cloud's queue: tasks that failed, and files that Snowpipe could not
 * load. It tells no end of a task; success notifications do where they are switched on.
 * https://docs.snowflake.com/en/user-guide/tasks-errors https://docs.snowflake.com/en/user-guide/data-load-snowpipe-errors
 * Samples: golden/snowflake.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { listAt, textAt, timeAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const isMessage = (body: Json): boolean =>
  has(body, "messageType", "messages") &&
  (has(body, "accountName") || has(body, "taskName") || has(body, "pipeName"));

export const snowflake: Adapter = {
  about: {
    id: "snowflake",
    name: "Snowflake",
    docs: "https://docs.snowflake.com/en/user-guide/tasks-errors",
  },
  setUp: {
    steps: [
      "Make a notification integration for an SNS topic (or Pub/Sub) and name it as ERROR_INTEGRATION of your tasks and pipes, and as SUCCESS_INTEGRATION of tasks, which ends the alert.",
      "Give the topic an HTTPS subscription to {url}.",
    ],
    sample: "snowflake.task.json",
  },
  severities: { USER_TASK_FAILED: "error", INGEST_FAILED_FILE: "error" },
  resendsByContract: false,
  recognise: recogniseObject(isMessage),
  read: readObject("an error notification of a task or pipe", (reading, body) => {
    const type = textAt(body, "messageType");
    const name = textAt(body, "rootTaskName", "taskName", "pipeName");
    if (type === null) return reading.refuse(0, "messageType", "a text such as USER_TASK_FAILED");
    if (name === null) return reading.refuse(0, "taskName", "a text, or pipeName");
    const passed = /SUCCE/i.test(type);
    const task = textAt(body, "taskName");
    const first = listAt(body, "messages")[0];
    const files = listAt(body, "messages").length;
    tellCheck(reading, 0, {
      key: ["snowflake", textAt(body, "accountName"), task ?? name],
      title: passed
        ? `Task ${task ?? name} succeeded`
        : task === null
          ? `Pipe ${name} could not load ${files} ${files === 1 ? "file" : "files"}`
          : `Task ${task} failed`,
      passed,
      severity: severityBy(snowflake.severities!, type),
      product: "Snowflake",
      at: timeAt(
        reading,
        0,
        { first, body },
        "first.queryStartTime",
        "first.scheduledTime",
        "body.timestamp",
      ),
      dataset: textAt(body, "tableName"),
      job: task ?? name,
      service: (task ?? name).split(".").at(-1),
      link: "https://app.snowflake.com/",
      labels: {
        account: textAt(body, "accountName"),
        query: textAt(first, "queryId"),
        error_code: textAt(first, "errorCode"),
      },
      details: {
        error: textAt(first, "errorMessage", "firstError")?.slice(0, 4_000),
        file: textAt(first, "fileName"),
      },
    });
  }),
};
