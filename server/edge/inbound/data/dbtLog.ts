/**
 * Lines of dbt's structured log (`--log-format json`): since 1.4 with `info` and `data`, before that flat.
 * A node that ended becomes a result as run_results.json has it; what keeps dbt from running at all is a
 * condition of its own, which a command that succeeds ends.
 * https://docs.getdbt.com/reference/events-logging
 */
import { dig, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has } from "../telling.ts";
import { tellCheck } from "./check.ts";

export const isLogLine = (body: Json): boolean =>
  (isObject(body["info"]) && isObject(body["data"]) && has(body["info"], "code", "level", "ts")) ||
  has(body, "log_version", "code", "level", "ts");

const ENDED =
  /^(success|pass|passed|error|fail|failed|warn|runtime error|skipped|partial success)$/i;

/** A node's end as a result of the artifacts, and the artifact around it; null for any other line. */
export function endedNode(line: Json): { readonly result: Json; readonly artifact: Json } | null {
  const data = line["data"];
  const node = dig(data, "node_info") ?? line["node_info"];
  const id = textAt(node, "unique_id");
  const status = [
    textAt(data, "run_result.status"),
    textAt(node, "node_status"),
    textAt(data, "status"),
  ].find((word) => ENDED.test(word ?? ""));
  if (id === null || status === undefined) return null;
  const started = textAt(node, "node_started_at") ?? textAt(line, "info.ts", "ts");
  return {
    result: {
      unique_id: id,
      status,
      failures: numberAt(data, "run_result.num_failures", "num_failures"),
      message: textAt(data, "run_result.message") ?? textAt(line, "info.msg", "msg"),
      execution_time: numberAt(data, "run_result.execution_time", "execution_time"),
      timing: dig(data, "run_result.timing_info"),
      relation_name: textAt(node, "node_relation.relation_name"),
      snapshotted_at: started,
    },
    artifact: {
      metadata: {
        generated_at: started,
        invocation_id: textAt(line, "info.invocation_id", "invocation_id"),
      },
    },
  };
}

/** What a line says that is no node's end. */
export function readOtherLine(reading: Reading, index: number, line: Json): void {
  const name = textAt(line, "info.name", "name", "code") ?? "";
  const exception = textAt(line, "data.exc");
  const succeeded = name === "CommandCompleted" ? dig(line, "data.success") : null;
  if (succeeded !== true && (name !== "MainEncounteredError" || exception === null)) {
    return reading.find(
      index,
      "info.name",
      `“${name.slice(0, 60)}” is a line of dbt's log, no node's end: no alert`,
    );
  }
  const [first = ""] = (exception ?? "").split("\n", 1);
  tellCheck(reading, index, {
    key: ["dbt", "run"],
    title: succeeded === true ? "dbt runs again" : `dbt could not run: ${first}`,
    passed: succeeded === true,
    severity: "error",
    product: "dbt",
    at: timeAt(reading, index, line, "info.ts", "ts"),
    job: textAt(line, "data.command"),
    details: {
      exception: exception?.slice(0, 4_000),
      invocation: textAt(line, "info.invocation_id", "invocation_id"),
    },
  });
}
