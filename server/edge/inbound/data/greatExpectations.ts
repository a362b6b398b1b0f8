/**
 * Great Expectations: validation results, what a checkpoint or validation operator returns
 * (`run_results`), and a checkpoint's description. Both spellings of the suite's and the expectation's
 * names are read: `expectation_suite_name`/`suite_name`, `expectation_type`/`type`.
 * https://docs.greatexpectations.io/docs/reference/api/core/expectationsuitevalidationresult_class
 * Samples: golden/great-expectations.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const isResult = (one: unknown): boolean =>
  isObject(one) &&
  typeof one["success"] === "boolean" &&
  (Array.isArray(one["results"]) || Array.isArray(one["expectations"])) &&
  (dig(one, "statistics.evaluated_expectations") !== undefined || suiteOf(one) !== null);

const suiteOf = (result: unknown): string | null =>
  textAt(
    result,
    "meta.expectation_suite_name",
    "meta.suite_name",
    "suite_name",
    "expectation_suite_name",
  );

/** The result of one expectation alone. */
const isSingle = (body: Json): boolean =>
  typeof body["success"] === "boolean" &&
  isObject(body["expectation_config"]) &&
  isObject(body["result"]);

const UNNAMED = "of ";
const TYPE_PATHS = [
  "expectation_config.expectation_type",
  "expectation_config.type",
  "expectation_type",
  "type",
];

/**
 * Results of expectations with no word of the suite, and often none on the whole either, as the first
 * generations wrote them. What was expected stands for the suite's name.
 */
function unnamed(body: Json): Json | null {
  const results = body["results"];
  if (!Array.isArray(results) || results.length === 0) return null;
  const types = results.map((one: unknown) =>
    isObject(one) &&
    typeof one["success"] === "boolean" &&
    (isObject(one["expectation_config"]) || isObject(one["kwargs"]))
      ? textAt(one, ...TYPE_PATHS)
      : null,
  );
  if (!types.every((type) => type?.startsWith("expect_"))) return null;
  const success = results.every((one: unknown) => dig(one, "success") === true);
  const names = [...new Set(types)].slice(0, 3).join(", ");
  return { success, ...body, suite_name: suiteOf(body) ?? `${UNNAMED}${names}` };
}

/** A checkpoint in words of its own: validations whose suites have no name. */
const isDescribed = (one: unknown): boolean =>
  isObject(one) && typeof one["success"] === "boolean" && Array.isArray(one["expectations"]);

function resultsOf(body: Json): readonly unknown[] | null {
  if (isResult(body)) return [body];
  if (isSingle(body)) {
    const type = textAt(body, "expectation_config.expectation_type", "expectation_config.type");
    const asset = textAt(body, "expectation_config.kwargs.batch_id") ?? "";
    return [{ ...body, results: [body], suite_name: `${type ?? "expectation"} ${asset}`.trim() }];
  }
  const plain = unnamed(body);
  if (plain !== null) return [plain];
  const runs = body["run_results"];
  const list: readonly unknown[] = isObject(runs)
    ? Object.values(runs).map((run) => dig(run, "validation_result") ?? run)
    : Array.isArray(body["validation_results"])
      ? body["validation_results"]
      : [];
  if (list.length === 0) return null;
  if (!list.every(isResult) && !list.every(isDescribed)) return null;
  const name = textAt(body, "name", "checkpoint_config.name");
  return list.map((one, at) => {
    if (!isObject(one) || suiteOf(one) !== null || assetOf(one) !== null) return one;
    const expected = name === null ? expectedOf(one) : "";
    const place = expected === "" ? `${name ?? "checkpoint"} ${at + 1}` : `${UNNAMED}${expected}`;
    return { ...one, suite_name: textAt(one, "result_url") ?? place };
  });
}

const EXPECTED_MAX = 10;

/** What a validation without any name expected, of which columns: the next run expects the same. */
function expectedOf(result: Json): string {
  const all = [...listAt(result, "results"), ...listAt(result, "expectations")].map((one) => {
    const column = textAt(one, "expectation_config.kwargs.column", "kwargs.column");
    return `${textAt(one, ...TYPE_PATHS) ?? "expectation"}${column === null ? "" : `(${column})`}`;
  });
  return [...new Set(all)].slice(0, EXPECTED_MAX).join(", ");
}

/** A suite says what is expected, not how it went. */
const isSuite = (body: Json): boolean =>
  Array.isArray(body["expectations"]) &&
  !Object.hasOwn(body, "success") &&
  (Object.hasOwn(body, "expectation_suite_name") ||
    dig(body, "meta.great_expectations_version") !== undefined);

export const greatExpectations: Adapter = {
  about: {
    id: "great-expectations",
    name: "Great Expectations",
    docs: "https://docs.greatexpectations.io/docs/reference/api/core/expectationsuitevalidationresult_class",
  },
  setUp: {
    steps: [
      'Give the checkpoint an action that posts its result: requests.post("{url}", json=result.to_json_dict()).',
      "Post results that pass too: they end the alerts of those that failed.",
    ],
    sample: "great-expectations.validation.json",
  },
  // The severity of an expectation (1.5 and later, or in its meta); the worst that failed counts.
  severities: {
    critical: "critical",
    error: "error",
    warning: "warning",
    info: "info",
    "not given": "error",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => resultsOf(body) !== null || isSuite(body)),
  read: readItems(
    "a validation result, or the result of a checkpoint",
    (body) => resultsOf(body) ?? (isSuite(body) ? [body] : null),
    (reading, index, result) =>
      isSuite(result)
        ? reading.find(
            index,
            "expectations",
            "a suite says what is expected, not how it went: no alert",
          )
        : readResult(reading, index, result),
  ),
};

const RANK: readonly AlertSeverity[] = ["critical", "error", "warning", "info"];

function readResult(reading: Reading, index: number, result: Json): void {
  const suite = suiteOf(result);
  const asset = assetOf(result);
  if (suite === null && asset === null) {
    return reading.refuse(index, "meta.expectation_suite_name", "a text, or else suite_name");
  }
  const expectations = [...listAt(result, "results"), ...listAt(result, "expectations")];
  const failed = expectations.filter((one) => dig(one, "success") === false);
  const count = numberAt(result, "statistics.unsuccessful_expectations") ?? failed.length;
  const all = numberAt(result, "statistics.evaluated_expectations") ?? expectations.length;
  const passed = result["success"] === true;
  const about = `Suite ${suite ?? "without a name"}${asset === null ? "" : ` on ${asset}`}`;
  const severities = failed.map((one) =>
    severityBy(
      greatExpectations.severities!,
      textAt(
        one,
        "expectation_config.severity",
        "expectation_config.meta.severity",
        "severity",
        "meta.severity",
      ) ?? "not given",
    ),
  );
  tellCheck(reading, index, {
    key: ["great-expectations", suite, asset],
    title: passed ? `${about} passes again` : `${about}: ${count} of ${all} expectations failed`,
    passed,
    severity: RANK.find((one) => severities.includes(one)) ?? "error",
    product: "Great Expectations",
    at: timeAt(
      reading,
      index,
      result,
      "meta.run_id.run_time",
      "meta.validation_time",
      "meta.run_time",
    ),
    dataset: asset,
    service: asset ?? (suite?.startsWith(UNNAMED) === true ? null : suite),
    suite,
    link: textAt(result, "result_url", "meta.data_docs_url", "meta.result_url"),
    labels: {
      run: textAt(result, "meta.run_id.run_name"),
      checkpoint: textAt(result, "meta.checkpoint_name", "meta.checkpoint_id"),
      datasource: textAt(
        result,
        "meta.active_batch_definition.datasource_name",
        "meta.batch_kwargs.datasource",
      ),
    },
    details: {
      failed: failed.slice(0, 50).map(failureOf),
      successPercent: numberAt(result, "statistics.success_percent"),
    },
  });
}

/** What was validated: its name is given differently by every generation. */
function assetOf(result: Json): string | null {
  const path = textAt(
    result,
    "meta.batch_kwargs.path",
    "meta.batch_spec.path",
    "meta.batch_kwargs.s3",
  );
  return (
    textAt(
      result,
      "meta.active_batch_definition.data_asset_name",
      "meta.batch_spec.data_asset_name",
      "meta.batch_kwargs.data_asset_name",
      "meta.batch_kwargs.table",
      "meta.batch_spec.table_name",
      "meta.validation_definition_name",
      "asset_name",
    ) ??
    path?.split("/").at(-1) ??
    textAt(result, "meta.batch_kwargs.datasource", "meta.validation_id")
  );
}

function failureOf(one: unknown): string {
  const type = textAt(one, ...TYPE_PATHS);
  const column = textAt(one, "expectation_config.kwargs.column", "kwargs.column");
  const seen = textAt(
    one,
    "result.observed_value",
    "result.unexpected_percent",
    "exception_info.exception_message",
  );
  return `${type ?? "expectation"}${column === null ? "" : ` of ${column}`}${seen === null ? "" : `: ${seen.slice(0, 200)}`}`;
}
