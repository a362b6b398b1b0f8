/**
 * Rows of Elementary's tables as exports and warehouses' alerts send them: elementary_test_results, whose
 * status says whether a test passed, and alerts_v2 and its older views, which hold failures alone. Some
 * warehouses write every name in capitals.
 * https://docs.elementary-data.com/data-tests/dbt/dbt-package-tables
 */
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, severityBy } from "../telling.ts";
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { tellCheck } from "./check.ts";

const PASSED = /^(pass|passed|success)$/i;

/** The row with names in small letters, and what alerts_v2 keeps as JSON beside its columns. */
export function rowOf(body: Json): Json {
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body).slice(0, 200)) {
    const lower = name.toLowerCase();
    if (lower !== "__proto__") row[lower] = value;
  }
  return { ...inner(row["data"]), ...row };
}

function inner(data: unknown): Json {
  if (isObject(data)) return data;
  if (typeof data !== "string" || !data.startsWith("{")) return {};
  try {
    const read: unknown = JSON.parse(data);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}

const isTestRow = (row: Json): boolean =>
  has(row, "status") &&
  (has(row, "test_type") || has(row, "test_sub_type")) &&
  (has(row, "test_unique_id") || (testIn(row) !== null && has(row, "detected_at")));
/** Some exports leave the identity out: a test is known by its name, on what it looked at. */
const testIn = (row: Json): string | null => {
  const [name, on] = [
    textAt(row, "test_name", "test_short_name"),
    textAt(row, "model_unique_id", "table_name"),
  ];
  return textAt(row, "test_unique_id") ?? (name === null || on === null ? null : `${on}.${name}`);
};
const isModelRow = (row: Json): boolean =>
  has(row, "alert_class_id", "status") ||
  (has(row, "unique_id", "status", "detected_at") && has(row, "materialization"));
const isFreshnessRow = (row: Json): boolean =>
  has(row, "source_freshness_execution_id", "status") && has(row, "max_loaded_at");

export const isRow = (body: Json): boolean => {
  if (!Object.keys(body).some((name) => /^(status|data)$/i.test(name))) return false;
  const row = rowOf(body);
  return isTestRow(row) || isModelRow(row) || isFreshnessRow(row);
};

export function readRow(
  reading: Reading,
  body: Json,
  severities: Readonly<Record<string, AlertSeverity>>,
): void {
  const row = rowOf(body);
  const test = isTestRow(row) ? testIn(row) : textAt(row, "test_unique_id");
  const model = textAt(row, "model_unique_id", "unique_id");
  const status = textAt(row, "status") ?? "fail";
  const column = textAt(row, "column_name");
  const passed = PASSED.test(status);
  // A suppressed alert's own row has its sending as its status; what the test said stands below.
  const word = /^(pending|sent|skipped)$/i.test(status)
    ? (textAt(row, "original_status", "severity") ?? "fail")
    : status;
  const table = textAt(row, "table_name", "alias", "identifier", "source_name");
  const kind = test !== null ? "Test" : isFreshnessRow(row) ? "Source" : "Model";
  const name =
    textAt(row, "test_short_name", "test_name") ?? table ?? model?.split(".").at(-1) ?? "row";
  const on = test !== null && table !== null ? ` on ${table}` : "";
  tellCheck(reading, 0, {
    key: [
      "elementary",
      textAt(row, "alert_class_id") ??
        [test ?? model, column, test === null ? null : textAt(row, "test_sub_type")]
          .filter((part) => part !== null)
          .join("."),
    ],
    title: `${kind} ${name}${on}${passed ? " is good again" : `: ${word.toLowerCase()}`}`,
    passed,
    severity: severityBy(
      severities,
      /^warn/i.test(textAt(row, "severity") ?? "") && /^fail$/i.test(word) ? "warn" : word,
    ),
    product: "Elementary",
    at: timeAt(reading, 0, row, "detected_at", "snapshotted_at", "created_at"),
    dataset: [textAt(row, "schema_name"), table].filter((part) => part !== null).join("."),
    service: table,
    column,
    job: model,
    labels: {
      status,
      test_type: textAt(row, "test_type"),
      test_sub_type: textAt(row, "test_sub_type"),
      owners: textAt(row, "owners", "model_owners"),
      tags: textAt(row, "tags", "model_tags"),
    },
    details: {
      message: textAt(row, "test_results_description", "message", "error")?.slice(0, 4_000),
      query: textAt(row, "test_results_query")?.slice(0, 4_000),
      failures: dig(row, "failures"),
      uniqueId: test ?? model,
    },
  });
}
