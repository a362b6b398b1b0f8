/**
 * Fivetran's webhooks: syncs of a connector and runs of its transformations, as they begin and end.
 * https://fivetran.com/docs/rest-api/webhooks Samples: golden/fivetran.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { signedByHmac } from "../signatures.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellCheck } from "./check.ts";

const isEvent = (body: Json): boolean =>
  typeof body["event"] === "string" &&
  has(body, "created") &&
  (has(body, "connector_id") || has(body, "connection_id") || has(body, "destination_group_id"));

export const fivetran: Adapter = {
  about: {
    id: "fivetran",
    name: "Fivetran",
    docs: "https://fivetran.com/docs/rest-api/webhooks",
  },
  setUp: {
    steps: [
      "Make a webhook by Fivetran's API with the url {url}, the events sync_end and dbt_run_failed, and a secret of yours.",
      "Put that secret into the environment and name it in the key's signedWith.",
    ],
    sample: "fivetran.failed.json",
  },
  severities: {
    FAILURE: "error",
    FAILURE_WITH_TASK: "error",
    FAILED: "error",
    RESCHEDULED: "warning",
  },
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-fivetran-signature-256" }),
  recognise: recogniseObject(isEvent),
  read: readObject("an event of a connector", (reading, body) => {
    const event = textAt(body, "event");
    if (event === null) return reading.refuse(0, "event", "a text such as sync_end");
    const status =
      textAt(body, "data.status", "data.result", "status") ??
      (event.endsWith("_failed") ? "FAILED" : event.endsWith("_succeeded") ? "SUCCESSFUL" : null);
    const failed = Object.hasOwn(fivetran.severities!, status ?? "");
    const passed = /^SUCCESS(FUL)?$/i.test(status ?? "");
    if (!failed && !passed) {
      return reading.find(
        0,
        "event",
        `“${event.slice(0, 60)}” is neither an end nor a failure: no alert`,
      );
    }
    const id = textAt(body, "connector_id", "connection_id", "destination_group_id");
    const name = textAt(body, "connector_name", "connection_name") ?? id;
    const what = event.startsWith("dbt_") ? "Transformation" : "Sync";
    tellCheck(reading, 0, {
      key: ["fivetran", what.toLowerCase(), id],
      title: `${what} of ${name} ${passed ? "succeeded" : status === "RESCHEDULED" ? "was put off" : "failed"}`,
      passed,
      severity: severityBy(fivetran.severities!, status),
      product: "Fivetran",
      at: timeAt(reading, 0, body, "created"),
      job: name,
      service: name,
      link: `https://fivetran.com/dashboard/connectors/${encodeURIComponent(id ?? "")}`,
      labels: {
        connector_type: textAt(body, "connector_type"),
        group: textAt(body, "destination_group_id", "group_id"),
        sync: textAt(body, "sync_id"),
        status,
      },
      details: { reason: textAt(body, "data.reason", "data.taskType")?.slice(0, 4_000) },
    });
  }),
};
