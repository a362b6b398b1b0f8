/**
 * OpenLineage: run events say how a job went, and their facets what was asserted of datasets; dataset
 * events carry assertions alone, job events nothing that could fail.
 * https://openlineage.io/docs/spec/object-model Samples: golden/openlineage.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const isRun = (body: Json): boolean =>
  isObject(body["run"]) &&
  isObject(body["job"]) &&
  has(body, "eventTime") &&
  has(body["job"], "namespace", "name");
const isDataset = (body: Json): boolean =>
  isObject(body["dataset"]) && has(body, "eventTime") && has(body["dataset"], "namespace", "name");
const isJob = (body: Json): boolean =>
  isObject(body["job"]) &&
  has(body, "eventTime", "schemaURL") &&
  /JobEvent/.test(textAt(body, "schemaURL") ?? "");
/** A facet that was cut out of its event: it names its schema, but no job. */
const isLoneFacet = (body: Json): boolean => {
  const values = Object.values(body);
  return (
    values.length > 0 &&
    values.every((one) =>
      (textAt(one, "_schemaURL") ?? "").startsWith("https://openlineage.io/spec/facets/"),
    )
  );
};

export const openLineage: Adapter = {
  about: {
    id: "openlineage",
    name: "OpenLineage",
    docs: "https://openlineage.io/docs/spec/object-model",
  },
  setUp: {
    steps: [
      "Set the HTTP transport of your integration: OPENLINEAGE__TRANSPORT__TYPE=http, OPENLINEAGE__TRANSPORT__URL and __ENDPOINT together being {url}.",
      "Use the composite transport when a lineage backend should get the events too.",
      BY_HEADER,
    ],
    sample: "openlineage.fail.json",
  },
  severities: { FAIL: "error", ABORT: "warning", assertion: "error", "assertion: warn": "warning" },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => {
    if (isLoneFacet(body)) return 0.8;
    return isRun(body) || isDataset(body) || isJob(body) ? 1 : 0;
  }),
  read: readObject("an event of OpenLineage", (reading, body) => {
    if (isRun(body)) return readRun(reading, body);
    if (isDataset(body)) return readDatasets(reading, body, [body["dataset"]]);
    if (isJob(body))
      return reading.find(
        0,
        "schemaURL",
        "a job event tells what a job is, not how it went: no alert",
      );
    if (isLoneFacet(body))
      return reading.find(0, "body", "a facet without its event names no job: no alert");
    reading.refuse(0, "job", "an object with namespace and name, beside run and eventTime");
  }),
};

function readRun(reading: Reading, body: Json): void {
  const type = textAt(body, "eventType")?.toUpperCase() ?? "OTHER";
  const [namespace, name] = [textAt(body, "job.namespace"), textAt(body, "job.name")];
  const failed = type === "FAIL" || type === "ABORT";
  const before = reading.signals.length;
  if (failed || type === "COMPLETE") {
    tellCheck(reading, 0, {
      key: ["openlineage", "job", namespace, name],
      title: failed
        ? `Job ${name ?? "without a name"} ${type === "FAIL" ? "failed" : "was aborted"}`
        : `Job ${name ?? "without a name"} completed`,
      passed: !failed,
      severity: severityBy(openLineage.severities!, type),
      product: "OpenLineage",
      at: timeOf(reading, body),
      dataset: textAt(body, "outputs.0.name"),
      service: name,
      job: name,
      link: textAt(
        body,
        "run.facets.externalQuery.url",
        "run.facets.airflow.taskInstance.log_url",
        "job.facets.sourceCodeLocation.url",
      ),
      labels: {
        namespace,
        integration: textAt(
          body,
          "job.facets.jobType.integration",
          "run.facets.processing_engine.name",
        ),
        job_type: textAt(body, "job.facets.jobType.jobType"),
        parent: textAt(body, "run.facets.parent.job.name"),
      },
      details: {
        runId: textAt(body, "run.runId"),
        error: textAt(body, "run.facets.errorMessage.message")?.slice(0, 4_000),
        outputs: listAt(body, "outputs")
          .slice(0, 20)
          .map((one) => textAt(one, "name")),
      },
    });
  }
  readDatasets(reading, body, [...listAt(body, "inputs"), ...listAt(body, "outputs")], true);
  if (reading.signals.length === before) {
    reading.find(
      0,
      "eventType",
      `“${type.slice(0, 20)}”: the run neither failed nor ended, no alert`,
    );
  }
}

const timeOf = (reading: Reading, body: Json): Instant | null =>
  timeAt(reading, 0, body, "eventTime");

/** Assertions on datasets; where there are none, a dataset event says nothing. */
function readDatasets(
  reading: Reading,
  body: Json,
  datasets: readonly unknown[],
  quiet = false,
): void {
  let count = 0;
  for (const dataset of datasets.slice(0, 100)) {
    const facets = ["inputFacets", "outputFacets", "facets"].map((name) =>
      dig(dataset, `${name}.dataQualityAssertions`),
    );
    for (const assertion of facets.flatMap((facet) => listAt(facet, "assertions")).slice(0, 200)) {
      if (typeof dig(assertion, "success") !== "boolean") continue;
      count++;
      readAssertion(reading, body, dataset, assertion);
    }
  }
  if (count === 0 && !quiet) reading.find(0, "dataset", "no assertion about the dataset: no alert");
}

function readAssertion(reading: Reading, body: Json, dataset: unknown, assertion: unknown): void {
  const [namespace, name] = [textAt(dataset, "namespace"), textAt(dataset, "name")];
  const what = textAt(assertion, "assertion") ?? "assertion";
  const column = textAt(assertion, "column");
  const passed = dig(assertion, "success") === true;
  const severity: AlertSeverity = severityBy(
    openLineage.severities!,
    textAt(assertion, "severity") === "warn" ? "assertion: warn" : "assertion",
  );
  tellCheck(reading, 0, {
    key: ["openlineage", "assertion", namespace, name, column, what],
    title: `${what}${column === null ? "" : ` of ${column}`} on ${name ?? "a dataset without a name"} ${passed ? "holds again" : "does not hold"}`,
    passed,
    severity,
    product: "OpenLineage",
    at: timeOf(reading, body),
    dataset: name,
    column,
    job: textAt(body, "job.name"),
    labels: { namespace, assertion: what },
  });
}
