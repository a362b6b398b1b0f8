/**
 * Sensu Go: events as a handler posts them, one check of one entity each.
 * https://docs.sensu.io/sensu-go/latest/observability-pipeline/observe-events/events/
 * Samples: golden/sensu.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";

/** The status of a check is the exit code of its command. */
const SEVERITIES = {
  "0": "info",
  "1": "warning",
  "2": "critical",
  "any other": "warning",
} satisfies Record<string, AlertSeverity>;

export const sensu: Adapter = {
  about: {
    id: "sensu",
    name: "Sensu Go",
    docs: "https://docs.sensu.io/sensu-go/latest/observability-pipeline/observe-events/events/",
  },
  setUp: {
    steps: [
      "Create a handler of type pipe whose command posts the event on its standard input to {url} (curl --data-binary @- will do).",
      "Let it use the filters is_incident and not_silenced.",
    ],
    sample: "sensu.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      isObject(entityOf(body)) &&
      isObject(body["check"]) &&
      has(body["check"], "status", "output") &&
      nameOf(entityOf(body) as Json) !== null &&
      nameOf(body["check"]) !== null,
  ),
  read: readObject("one JSON object of an event", (reading, body) => {
    const [entity, check] = [entityOf(body), body["check"]];
    const host = isObject(entity) ? nameOf(entity) : null;
    const name = isObject(check) ? nameOf(check) : null;
    if (host === null) return reading.refuse(0, "entity.metadata.name", "the name of an entity");
    if (name === null) return reading.refuse(0, "check.metadata.name", "the name of a check");
    // What does not say how it went ends nothing.
    const code =
      textAt(check, "status") ?? (textAt(check, "state") === "passing" ? "0" : "any other");
    const output = textAt(check, "output")?.split("\n", 1)[0] ?? null;
    tell(reading, 0, {
      status: code === "0" ? "resolved" : "firing",
      title: `${name} on ${host}: ${output ?? (code === "0" ? "passing" : "failing")}`,
      severity: Object.hasOwn(SEVERITIES, code)
        ? severityBy(SEVERITIES, code)
        : SEVERITIES["any other"],
      dedupKey: joinKey(
        "sensu",
        textAt(body, "metadata.namespace", "entity.metadata.namespace"),
        host,
        name,
      ),
      service: textAt(
        check,
        "metadata.labels.service",
        "metadata.labels.app",
        "metadata.name",
        "name",
      ),
      source: host,
      link: null,
      startedAt: timeAt(reading, 0, body, "check.executed", "check.issued", "timestamp"),
      labels: {
        host,
        check: name,
        namespace: textAt(body, "metadata.namespace", "entity.metadata.namespace"),
        state: textAt(check, "state"),
      },
      details: { output: textAt(check, "output"), occurrences: textAt(check, "occurrences") },
    });
  }),
};

/** Sensu before Go called it a client, and had no metadata around its names. */
const entityOf = (body: Json): unknown => body["entity"] ?? body["client"];
const nameOf = (object: Json): string | null => textAt(object, "metadata.name", "name", "id");
