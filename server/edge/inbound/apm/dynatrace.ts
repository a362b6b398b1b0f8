/**
 * Dynatrace: problem notifications by webhook, by the names of their placeholders, and Davis problems
 * as a workflow passes them on.
 * https://docs.dynatrace.com/docs/semantic-dictionary/model/davis
 * Samples: golden/dynatrace.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { textAt } from "../paths.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  tagsOf,
  tell,
} from "../telling.ts";
import { momentOf } from "../times.ts";

/** What kind of problem it is; Dynatrace has no other rank. */
const SEVERITIES = {
  AVAILABILITY: "critical",
  ERROR: "error",
  ERRORS: "error",
  PERFORMANCE: "warning",
  SLOWDOWN: "warning",
  RESOURCE: "warning",
  RESOURCE_CONTENTION: "warning",
  CUSTOM_ALERT: "error",
  MONITORING_UNAVAILABLE: "warning",
  INFO: "info",
} satisfies Record<string, AlertSeverity>;

export const dynatrace: Adapter = {
  about: {
    id: "dynatrace",
    name: "Dynatrace",
    docs: "https://docs.dynatrace.com/docs/analyze-explore-automate/notifications-and-alerting/problem-notifications/webhook-integration",
  },
  setUp: {
    steps: [
      "Settings → Integration → Problem notifications → Custom integration: webhook URL {url}, and call it when a problem is closed too.",
      'Payload: {"State":"{State}","ProblemID":"{ProblemID}","PID":"{PID}","ProblemTitle":"{ProblemTitle}","ProblemSeverity":"{ProblemSeverity}","ProblemImpact":"{ProblemImpact}","ImpactedEntity":"{ImpactedEntity}","ProblemURL":"{ProblemURL}","Tags":"{Tags}","ProblemDetailsJSON":{ProblemDetailsJSON}}',
      BY_HEADER,
    ],
    sample: "dynatrace.open.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      (has(body, "ProblemTitle") && (has(body, "ProblemID") || has(body, "PID"))) ||
      (has(body, "ProblemID") && has(body, "State")) ||
      isDavis(body),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a problem notification");
    const reading = new Reading();
    if (isDavis(body)) readDavis(reading, body);
    else readProblem(reading, body);
    return reading;
  },
};

const isDavis = (body: Json): boolean =>
  textAt(body, "event.kind") === "DAVIS_PROBLEM" ||
  (textAt(body, "display_id") !== null && textAt(body, "event.category") !== null);

function readProblem(reading: Reading, body: Json): void {
  const id = firstText(body["PID"], body["ProblemID"]);
  if (id === null) return reading.refuse(0, "ProblemID", "the identity of a problem");
  const text = firstText(body["ProblemDetailsText"], body["ProblemDetails"]);
  // A state may come empty: the text begins with it.
  const state =
    firstText(body["State"], body["ProblemStatus"], body["ProblemState"]) ??
    /^(OPEN|RESOLVED|MERGED) /.exec(text ?? "")?.[1] ??
    "OPEN";
  const title = firstText(body["ProblemTitle"]);
  const entities = listOf(body["ImpactedEntities"]);
  const details =
    [body["ProblemDetailsJSONv2"], body["ProblemDetailsJSON"], body["ProblemDetails"]].find(
      isObject,
    ) ?? {};
  const tags = tagsOf(body["Tags"] ?? body["ProblemTags"]);
  tell(reading, 0, {
    // Merged: it lives on in another problem, which is told of by itself.
    status: /^(resolved|closed|merged)$/i.test(state) ? "resolved" : "firing",
    title: title ?? `Problem ${id}`,
    severity: severityBy(
      SEVERITIES,
      firstText(body["ProblemSeverity"], details["severityLevel"]) ?? "CUSTOM_ALERT",
    ),
    dedupKey: joinKey("problem", id),
    service: firstText(
      tags["service"],
      tags["app"],
      ...entities.map((one) => at(one, "name")),
      ...listOf(body["ImpactedEntityNames"]),
      body["ImpactedEntity"],
    ),
    source: firstText(body["ImpactedEntity"], ...entities.map((one) => at(one, "entity"))),
    link: firstText(body["ProblemURL"], body["Problem URL"]),
    startedAt: momentOf(details["startTime"]) ?? momentOf(body["StartTime"]),
    labels: {
      ...tags,
      problem: body["ProblemID"],
      kind: body["ProblemSeverity"],
      impact: body["ProblemImpact"],
      state,
    },
    details: {
      text,
      entities: body["ImpactedEntities"],
      problem: details,
    },
  });
}

/** Names with dots, written flat as in Grail or nested. */
function readDavis(reading: Reading, body: Json): void {
  const id = textAt(body, "event.id", "display_id");
  if (id === null) return reading.refuse(0, "event.id", "the identity of a problem");
  const kind = textAt(body, "event.category") ?? "CUSTOM_ALERT";
  const names = listOf(body["affected_entity_names"] ?? body["entity_tags"]);
  tell(reading, 0, {
    status: /^(closed|resolved)$/i.test(textAt(body, "event.status") ?? "") ? "resolved" : "firing",
    title: textAt(body, "event.name", "title") ?? `Problem ${id}`,
    severity: severityBy(SEVERITIES, kind),
    dedupKey: joinKey("problem", id),
    service: firstText(
      textAt(body, "root_cause_entity_name", "dt.entity.service.name"),
      ...names,
      ...listOf(body["affected_entity_ids"]),
    ),
    source: firstText(...listOf(body["affected_entity_ids"])),
    link: textAt(body, "event.url", "url"),
    startedAt: momentOf(textAt(body, "event.start", "timestamp")),
    labels: { problem: body["display_id"], kind },
    details: { description: textAt(body, "event.description"), problem: body },
  });
}
