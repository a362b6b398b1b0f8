/** Instana: alerts by its generic webhook: issues, incidents, and changes of what is watched. Samples: golden/instana.*.json */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** By number: 5 is a warning, 10 is critical. */
const SEVERITIES = { "10": "critical", "5": "warning", "-1": "info" } satisfies Record<
  string,
  AlertSeverity
>;

const NO_TROUBLE = /^(change|online|presence)$/i;

export const instana: Adapter = {
  about: {
    id: "instana",
    name: "IBM Instana",
    docs: "https://www.ibm.com/docs/en/instana-observability?topic=alerting-webhooks",
  },
  setUp: {
    steps: [
      "Settings → Events & alerts → Alert channels → Generic webhook: URL {url}.",
      "Choose the channel in the alerts.",
      BY_HEADER,
    ],
    sample: "instana.open.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    ({ issue }) =>
      isObject(issue) &&
      has(issue, "id", "type", "text") &&
      (has(issue, "start") || has(issue, "fqdn") || has(issue, "entityLabel")),
  ),
  read({ body }) {
    const issue = isObject(body) ? body["issue"] : null;
    if (!isObject(issue)) return refusedWhole("issue", "an object, as the webhook has it");
    const id = firstText(issue["id"]);
    if (id === null) return refusedWhole("issue.id", "the identity of an issue");
    const reading = new Reading();
    const type = firstText(issue["type"]) ?? "issue";
    if (NO_TROUBLE.test(type)) {
      reading.find(0, "issue.type", `${type} tells what changed, and no trouble: no alert`);
      return reading;
    }
    readIssue(reading, issue, id, type);
    return reading;
  },
};

function readIssue(reading: Reading, issue: Json, id: string, type: string): void {
  const over = /^(closed|resolved)$/i.test(firstText(issue["state"]) ?? "");
  tell(reading, 0, {
    status: over ? "resolved" : "firing",
    title: firstText(issue["text"]) ?? `Instana ${type}`,
    severity: severityBy(SEVERITIES, issue["severity"] ?? (type === "incident" ? 10 : 5)),
    dedupKey: joinKey("issue", id),
    service: firstText(
      issue["service"],
      issue["application"],
      issue["entityLabel"],
      issue["container"],
      issue["fqdn"],
    ),
    source: firstText(issue["fqdn"], issue["entityLabel"]),
    link: issue["link"],
    startedAt: momentOf(issue["start"]),
    endsAt: over ? momentOf(issue["end"]) : null,
    labels: {
      type,
      zone: issue["zone"],
      entity: issue["entity"],
      tags: issue["tags"],
      container: issue["container"],
    },
    details: { suggestion: issue["suggestion"], properties: issue["customPayloads"] },
  });
}
