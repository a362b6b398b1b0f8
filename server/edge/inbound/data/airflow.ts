/**
 * Airflow: what a callback posts. It has no form of its own, so that the context's names are read
 * wherever they stand: flat, below dag, task_instance and dag_run, or as the REST API gives a run.
 * https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/callbacks.html
 * Samples: golden/airflow.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, numberAt, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const DAG = [
  "dag_id",
  "dag.dag_id",
  "task_instance.dag_id",
  "ti.dag_id",
  "dag_run.dag_id",
  "context.dag_id",
  "dag",
];
const TASK = [
  "task_id",
  "task_instance.task_id",
  "ti.task_id",
  "task.task_id",
  "context.task_id",
  "task",
];
const RUN = ["run_id", "dag_run_id", "task_instance.run_id", "ti.run_id", "dag_run.run_id"];
const STATE = ["state", "task_instance.state", "ti.state", "dag_run.state", "status", "event"];
/** The sentence that notifiers write: “Task a failed in DAG b”. */
/** What the usual notifier for Slack writes, a name to a line. */
const LINES = /Task (Failed|Succeeded)\b[\s\S]{0,200}?\*Task\*: *([\w.-]+)\s+\*Dag\*: *([\w.-]+)/i;
const LOG_URL = /\*Log Url\*: *<?(https?:\/\/[^\s>|]{1,2000})/i;
const SENTENCE =
  /\bTask ["'`]?([\w.-]+)["'`]? (failed|succeeded|is up for retry|missed its SLA) in DAG ["'`]?([\w.-]+)/i;

type Seen = { readonly dag: string; readonly task: string | null; readonly state: string | null };

function seenIn(body: Json): Seen | null {
  const state = textAt(body, ...STATE);
  const dag = textAt(body, ...DAG);
  if (dag !== null) {
    // Airflow 3.1 tells of a run that did not end in time, which is still running.
    const late = state === null || state === "running" ? dig(body, "deadline") : undefined;
    const word = late === undefined ? (state ?? slaIn(body)) : "deadline missed";
    return { dag, task: textAt(body, ...TASK), state: word };
  }
  const text = textOf(body);
  const lines = LINES.exec(text);
  if (lines !== null) return { dag: lines[3]!, task: lines[2]!, state: state ?? lines[1]! };
  const sentence = SENTENCE.exec(text);
  if (sentence === null) return null;
  return { dag: sentence[3]!, task: sentence[1]!, state: state ?? sentence[2]! };
}

/** What the callback for a missed SLA is given has no state. */
const slaIn = (body: Json): string | null =>
  ["slas", "blocking_tis", "blocking_task_list"].some((name) => Object.hasOwn(body, name)) ||
  /\bsla[ _]?miss|\bmissed (its |the )?sla\b/i.test(
    `${textAt(body, "type", "alert_type", "title") ?? ""} ${textOf(body)}`,
  )
    ? "sla_miss"
    : null;

const textOf = (body: Json): string => textAt(body, "description", "message", "text") ?? "";

const isSure = (body: Json): boolean =>
  textAt(body, ...DAG.slice(0, 6)) !== null ||
  (/airflow/i.test(textAt(body, "name", "title", "source", "producer") ?? "") &&
    seenIn(body) !== null);

export const airflow: Adapter = {
  about: {
    id: "airflow",
    name: "Apache Airflow",
    docs: "https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/callbacks.html",
  },
  setUp: {
    steps: [
      "Set on_failure_callback and on_success_callback of the DAG to a function that posts dag_id, task_id, run_id, state, log_url and str(exception) as JSON to {url}.",
      "The success callback matters: it ends the alert of the failure.",
    ],
    sample: "airflow.failure.json",
  },
  severities: {
    failed: "error",
    upstream_failed: "error",
    sla_miss: "warning",
    "deadline missed": "warning",
    up_for_retry: "warning",
    critical: "critical",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => (isSure(body) ? 0.9 : seenIn(body) === null ? 0 : 0.6)),
  read: readObject("a callback's context with dag_id", (reading, body) => {
    const seen = seenIn(body);
    if (seen === null) return reading.refuse(0, "dag_id", "a text");
    readCallback(reading, body, seen);
  }),
};

const OVER = /^(success|succeeded|resolved|ok)$/i;
const GOING = /^(running|queued|scheduled|deferred|none|restarting|skipped|removed)$/i;

function readCallback(reading: Reading, body: Json, { dag, task, state }: Seen): void {
  if (state !== null && GOING.test(state)) {
    return reading.find(0, "state", `“${state}”: neither failed nor succeeded, no alert`);
  }
  const passed = state !== null && OVER.test(state);
  const said = state === null || /fail|firing/i.test(state) ? "failed" : state.toLowerCase();
  const word = said === "missed its sla" ? "sla_miss" : said;
  const given = textAt(body, "severity");
  // A mapped task runs many times over: what succeeds of it ends nothing of another one's.
  const mapped = numberAt(body, "map_index", "task_instance.map_index", "ti.map_index") ?? -1;
  const which = mapped < 0 ? (task ?? "") : `${task ?? ""}[${mapped}]`;
  const about = task === null ? `DAG ${dag}` : `Task ${which} in DAG ${dag}`;
  tellCheck(reading, 0, {
    key: ["airflow", dag, task === null ? null : which],
    title: passed
      ? `${about} succeeded`
      : `${about} ${word === "sla_miss" ? "missed its SLA" : word.replaceAll("_", " ")}`,
    passed,
    severity: severityBy(airflow.severities!, given ?? word),
    product: "Airflow",
    at: timeAt(
      reading,
      0,
      body,
      "start_date",
      "task_instance.start_date",
      "ti.start_date",
      "end_date",
      "dag_run.start_date",
      "logical_date",
      "execution_date",
      "dag_run.logical_date",
      "ts",
      "timestamp",
    ),
    service: textAt(body, "service") ?? dag,
    job: dag,
    link:
      textAt(body, "log_url", "task_instance.log_url", "ti.log_url", "url") ??
      LOG_URL.exec(textOf(body))?.[1],
    labels: {
      dag,
      task,
      run: textAt(body, ...RUN),
      state: word,
      try_number: textAt(body, "try_number", "task_instance.try_number", "ti.try_number"),
      owner: textAt(body, "owner", "task.owner", "dag.owner"),
    },
    details: {
      exception: textAt(body, "exception", "exception_message", "reason")?.slice(0, 4_000),
      description: textAt(body, "description"),
      params: dig(body, "params"),
    },
  });
}
