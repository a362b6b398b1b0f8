/**
 * Soda: the events of Soda Cloud's webhook (checkEvaluation, incidentCreated, incidentUpdated,
 * contractPublished, validate) in the words of versions 3 and 4, and the scan results of Soda Library.
 * https://docs.soda.io/soda/integrate-webhooks.html https://docs.soda.io/reference/webhook-api Samples: golden/soda.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readItems } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy, tell } from "../telling.ts";
import { tellCheck } from "./check.ts";

const EVENTS =
  /^(checkEvaluation|incidentCreated|incidentUpdated|validate|contractPublished|contractUpdated|contractCreated)$/;
const isScan = (body: Json): boolean =>
  Array.isArray(body["checks"]) &&
  has(body, "definitionName") &&
  (has(body, "hasFailures") || has(body, "scanStartTimestamp"));

function itemsOf(body: Json): readonly unknown[] | null {
  if (isScan(body)) return body["checks"] as readonly unknown[];
  const event = textAt(body, "event");
  if (event === null || !EVENTS.test(event)) return null;
  if (event === "checkEvaluation")
    return Array.isArray(body["checkResults"]) ? body["checkResults"] : null;
  return event.startsWith("incident") ? [body["incident"]] : [body];
}

export const soda: Adapter = {
  about: { id: "soda", name: "Soda", docs: "https://docs.soda.io/soda/integrate-webhooks.html" },
  setUp: {
    steps: [
      "In Soda Cloud open Organization Settings, Integrations, and add a Webhook with the URL {url}.",
      "Enable it for alert notifications and for incidents.",
      BY_HEADER,
    ],
    sample: "soda.check.json",
  },
  severities: {
    fail: "error",
    warn: "warning",
    // Version 4: the check itself could not be evaluated.
    error: "error",
    critical: "critical",
    major: "error",
    high: "error",
    minor: "warning",
    medium: "warning",
    low: "info",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems(
    "an event of Soda Cloud, or a scan result",
    itemsOf,
    (reading, index, item, body) => {
      const event = textAt(body, "event");
      if (event?.startsWith("incident") === true) readIncident(reading, index, item);
      else if (event === null || event === "checkEvaluation") readCheck(reading, index, item, body);
      else if (event === "validate")
        reading.find(index, "event", "Soda Cloud tries whether the address answers: no alert");
      else {
        const dataset = textAt(item, "contract.dataset", "contract.datasetName") ?? "a dataset";
        reading.find(
          index,
          "event",
          `the contract of ${dataset.slice(0, 200)} was published: no alert`,
        );
      }
    },
  ),
};

const PASSED = /^pass(ed)?$/i;

function readCheck(reading: Reading, index: number, check: Json, body: Json): void {
  const id = textAt(check, "id", "identity", "identities.v4", "identities.v3");
  const outcome = textAt(check, "outcome", "evaluationStatus");
  const name = nameOf(check);
  if (id === null && name === null) return reading.refuse(index, "id", "a text");
  if (outcome === null || !/^(pass|passed|warn|fail|failed|error)$/i.test(outcome)) {
    return reading.find(index, "outcome", "the check was not evaluated: neither failed nor passed");
  }
  const dataset = textAt(
    check,
    "datasets.0.name",
    "dataset.name",
    "table",
    "dataset",
    "datasetName",
  );
  const column = textAt(check, "column");
  tellCheck(reading, index, {
    key: ["soda", "check", id ?? `${dataset} ${name}`],
    title: `${name ?? id}${dataset === null ? "" : ` on ${dataset}`}${PASSED.test(outcome) ? " passes again" : `: ${outcome}`}`,
    passed: PASSED.test(outcome),
    severity: severityBy(soda.severities!, outcome),
    product: "Soda",
    at: timeAt(
      reading,
      index,
      { check, body },
      "check.dataTimestamp",
      "body.dataTimestamp",
      "check.lastCheckRunTime",
      "body.scanStartTimestamp",
      "body.sentAt",
    ),
    dataset,
    column,
    job: textAt(body, "definitionName"),
    link: textAt(check, "sodaCloudUrl", "cloudUrl") ?? textAt(body, "cloudUrl"),
    labels: {
      datasource: textAt(check, "datasets.0.datasource.name", "dataSource"),
      outcome,
      owner: textAt(check, "datasets.0.owner.email"),
    },
    details: {
      definition: textAt(check, "definition"),
      diagnostics: dig(check, "diagnostics"),
      agreement: textAt(check, "agreement.label"),
    },
  });
}

/** The check's name, or the last line of what it was written as. */
function nameOf(check: Json): string | null {
  const written = textAt(check, "definition")
    ?.split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return textAt(check, "name") ?? written?.at(-1) ?? null;
}

function readIncident(reading: Reading, index: number, incident: Json): void {
  const id = textAt(incident, "id");
  const title = textAt(incident, "title", "description");
  if (id === null) return reading.refuse(index, "incident.id", "a text");
  if (title === null) return reading.refuse(index, "incident.title", "a text");
  const status = textAt(incident, "status");
  tell(reading, index, {
    status: /^(resolved|closed|fixed)$/i.test(status ?? "") ? "resolved" : "firing",
    title: `Incident ${textAt(incident, "number") ?? id}: ${title}`,
    severity: severityBy(soda.severities!, dig(incident, "severity")),
    dedupKey: `soda/incident/${id}`,
    service: textAt(incident, "checkResults.0.datasets.0.name"),
    source: "Soda",
    link: textAt(incident, "sodaCloudUrl"),
    startedAt: timeAt(
      reading,
      index,
      incident,
      "createdTimestamp",
      "createdAt",
      "created",
      "lastUpdatedTimestamp",
      "lastUpdated",
    ),
    labels: {
      product: "Soda",
      tool_status: status,
      lead: textAt(incident, "lead.email"),
      dataset: textAt(incident, "checkResults.0.datasets.0.name"),
    },
    details: {
      description: textAt(incident, "description"),
      resolution: textAt(incident, "resolutionNotes"),
    },
  });
}
