/**
 * dbt artifacts: run_results.json (schema v1 to v6, and the older form without a schema) and
 * sources.json (freshness), where every node is a condition of its own; the same by the lines of its
 * structured log; and the webhooks of dbt's platform, where every job is one. https://docs.getdbt.com/reference/artifacts/run-results-json
 * https://docs.getdbt.com/docs/deploy/webhooks Samples: golden/dbt.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { signedByHmac } from "../signatures.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";
import { endedNode, isLogLine, readOtherLine } from "./dbtLog.ts";

const PASSED = /^(success|pass|passed|no-op|reused)$/i;
const FAILED = /^(error|fail|failed|runtime error|warn|partial success)$/i;

const schemaOf = (body: Json): string => textAt(body, "metadata.dbt_schema_version") ?? "";

function resultsOf(body: Json): readonly unknown[] | null {
  const results = body["results"];
  if (!Array.isArray(results)) return null;
  if (/\/(run-results|sources|freshness)\/v\d+/.test(schemaOf(body))) return results;
  const first: unknown = results[0];
  // Before schemas, every result carried its node.
  return isObject(first) && typeof dig(first, "node.unique_id") === "string" ? results : null;
}

export const dbt: Adapter = {
  about: {
    id: "dbt",
    name: "dbt",
    docs: "https://docs.getdbt.com/reference/artifacts/run-results-json",
  },
  setUp: {
    steps: [
      "After `dbt build`, `dbt test` or `dbt source freshness` post the artifact: curl --data-binary @target/run_results.json -H 'content-type: application/json' {url}",
      "Or, with dbt's platform: Account settings → Webhooks, for runs that complete and that fail, endpoint {url}; put the webhook's secret into the environment and name it in the key's signedWith.",
      "Or post the lines of `dbt --log-format json build` to the same address.",
      "Post it after runs that pass too: they end the alerts of those that failed.",
    ],
    sample: "dbt.run-results.json",
  },
  severities: {
    error: "error",
    fail: "error",
    "runtime error": "error",
    "partial success": "warning",
    warn: "warning",
  },
  resendsByContract: false,
  verify: (request, secret) => signedByHmac(request, secret, { header: "authorization" }),
  recognise: recogniseObject(
    (body) => resultsOf(body) !== null || isJob(body) || isLogLine(body) || isInventory(body),
  ),
  read: readItems(
    "a run_results.json or sources.json, or what a webhook of a job sends",
    (body) =>
      resultsOf(body) ?? (isJob(body) || isLogLine(body) || isInventory(body) ? [body] : null),
    (reading, index, result, body) => {
      if (isJob(result)) readJob(reading, index, result);
      else if (isLogLine(result)) readLogLine(reading, index, result);
      else if (isInventory(result))
        reading.find(index, "metadata", "says what there is, not how a run went: no alert");
      else if (
        Object.hasOwn(result, "max_loaded_at") ||
        Object.hasOwn(result, "criteria") ||
        /\/(sources|freshness)\//.test(schemaOf(body))
      ) {
        readFreshness(reading, index, result, body);
      } else readResult(reading, index, result, body);
    },
  ),
};

/** manifest.json, catalog.json and their like. */
const isInventory = (body: Json): boolean =>
  /\/(manifest|catalog|semantic_manifest)\/v\d+/.test(schemaOf(body)) ||
  // The semantic manifest names no schema.
  (Array.isArray(body["semantic_models"]) && Array.isArray(body["metrics"]));

function readLogLine(reading: Reading, index: number, line: Json): void {
  const ended = endedNode(line);
  if (ended === null) return readOtherLine(reading, index, line);
  const { result, artifact } = ended;
  if ((textAt(result, "unique_id") ?? "").startsWith("source."))
    readFreshness(reading, index, result, artifact);
  else readResult(reading, index, result, artifact);
}

const isJob = (body: Json): boolean =>
  /^job\.run\.\w+$/.test(textAt(body, "eventType") ?? "") &&
  isObject(body["data"]) &&
  Object.hasOwn(body["data"], "jobId");

/** A run that began, ended or failed; one that was called off tells nothing about the job. */
function readJob(reading: Reading, index: number, body: Json): void {
  const data = body["data"];
  const event = textAt(body, "eventType") ?? "";
  const status = textAt(data, "runStatus") ?? "";
  const failed = event === "job.run.errored" || /^error(ed)?$/i.test(status);
  if (!failed && !/^success$/i.test(status))
    return reading.find(
      index,
      "eventType",
      `“${event}”: the run neither failed nor succeeded, no alert`,
    );
  const name = textAt(data, "jobName") ?? textAt(data, "jobId");
  const project = textAt(data, "projectName");
  tellCheck(reading, index, {
    key: ["dbt", "job", textAt(body, "accountId"), textAt(data, "jobId")],
    title: `Job ${name} ${failed ? "failed" : "succeeded"}`,
    passed: !failed,
    severity: dbt.severities!["error"]!,
    product: "dbt",
    at: timeAt(reading, index, data, "runErroredAt", "runFinishedAt", "runStartedAt"),
    job: name,
    service: project,
    labels: { environment: textAt(data, "environmentName"), run: textAt(data, "runId") },
    details: { reason: textAt(data, "runReason"), message: textAt(data, "runStatusMessage") },
  });
}

/** “success”, or before schemas: whether `error`, `fail` or `warn` was set. */
function statusOf(result: Json): string | null {
  const status = textAt(result, "status");
  if (status !== null && (PASSED.test(status) || FAILED.test(status) || /^skip/i.test(status)))
    return status;
  if (textAt(result, "error") !== null) return "error";
  if (dig(result, "fail") === true) return "fail";
  if (dig(result, "warn") === true) return "warn";
  if (dig(result, "skip") === true) return "skipped";
  return isObject(result["node"]) ? "success" : status;
}

function readResult(reading: Reading, index: number, result: Json, body: Json): void {
  const id = textAt(result, "unique_id", "node.unique_id");
  const status = statusOf(result);
  if (id === null) return reading.refuse(index, "unique_id", "a text such as model.shop.orders");
  if (status === null)
    return reading.refuse(index, "status", "success, pass, warn, fail, error or skipped");
  if (/^skip/i.test(status)) {
    return reading.find(
      index,
      "status",
      "skipped because of another node: neither failed nor passed",
    );
  }
  if (!PASSED.test(status) && !FAILED.test(status)) {
    return reading.refuse(index, "status", "success, pass, warn, fail, error or skipped");
  }
  const [type = "", project = "", ...rest] = id.split(".");
  // A unit test has its own name behind that of its model.
  const [node = project, ...unit] = rest;
  const name = type === "unit_test" ? [node, ...unit].join(".") : node;
  const failures = numberAt(result, "failures");
  tellCheck(reading, index, {
    key: ["dbt", id],
    title: titleOf({ type, name, status, failures }),
    passed: PASSED.test(status),
    severity: severityBy(dbt.severities!, status),
    product: "dbt",
    at: startOf(reading, index, result, body),
    dataset:
      textAt(result, "relation_name")?.replaceAll(/["`]/g, "") ?? (type === "test" ? null : node),
    service: type === "test" ? project : node,
    job: textAt(body, "args.invocation_command", "metadata.env.DBT_CLOUD_JOB_ID"),
    labels: {
      resource_type: type,
      project,
      node: name,
      status,
      dbt_version: textAt(body, "metadata.dbt_version"),
    },
    details: {
      uniqueId: id,
      message: textAt(result, "message", "error"),
      failures,
      seconds: numberAt(result, "execution_time"),
      invocation: textAt(body, "metadata.invocation_id"),
    },
  });
}

function titleOf(node: {
  type: string;
  name: string;
  status: string;
  failures: number | null;
}): string {
  const kind =
    node.type === ""
      ? "Node"
      : node.type[0]!.toUpperCase() + node.type.slice(1).replaceAll("_", " ");
  if (PASSED.test(node.status)) return `${kind} ${node.name} is good again`;
  const rows =
    node.failures !== null && node.failures > 0
      ? ` (${node.failures} ${node.failures === 1 ? "row" : "rows"})`
      : "";
  return `${kind} ${node.name}: ${node.status}${rows}`;
}

function startOf(reading: Reading, index: number, result: Json, body: Json) {
  const timing = Array.isArray(result["timing"]) ? result["timing"] : [];
  const execute: unknown =
    timing.find((one: unknown) => textAt(one, "name") === "execute") ?? timing[0];
  return timeAt(
    reading,
    index,
    { execute, body },
    "execute.started_at",
    "body.metadata.generated_at",
    "body.generated_at",
  );
}

const SECONDS_A_MINUTE = 60;

function readFreshness(reading: Reading, index: number, result: Json, body: Json): void {
  const id = textAt(result, "unique_id");
  const status = textAt(result, "status", "state");
  if (id === null)
    return reading.refuse(index, "unique_id", "a text such as source.shop.raw.orders");
  if (status === null || !(PASSED.test(status) || FAILED.test(status))) {
    return reading.refuse(index, "status", "pass, warn, error or runtime error");
  }
  const [, project, ...rest] = id.split(".");
  const name = rest.join(".");
  const what = id.startsWith("model.") ? "Model" : "Source";
  const age = numberAt(result, "max_loaded_at_time_ago_in_s");
  const told = /runtime/i.test(status)
    ? `freshness could not be found out: ${textAt(result, "error") ?? "runtime error"}`
    : age === null || age < SECONDS_A_MINUTE
      ? "is not fresh"
      : `no new rows for ${spanOf(age)}`;
  tellCheck(reading, index, {
    key: ["dbt", "freshness", id],
    title: PASSED.test(status) ? `${what} ${name} is fresh again` : `${what} ${name}: ${told}`,
    passed: PASSED.test(status),
    severity: severityBy(dbt.severities!, status),
    product: "dbt",
    at: timeAt(
      reading,
      index,
      { result, body },
      "result.snapshotted_at",
      "body.metadata.generated_at",
    ),
    dataset: name,
    labels: { resource_type: what.toLowerCase(), project, node: name, status },
    details: {
      uniqueId: id,
      maxLoadedAt: textAt(result, "max_loaded_at"),
      criteria: dig(result, "criteria"),
      error: textAt(result, "error"),
    },
  });
}

function spanOf(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours >= 1 ? `${hours} h` : `${Math.floor(seconds / 60)} min`;
}
