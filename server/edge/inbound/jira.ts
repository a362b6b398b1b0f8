/**
 * Jira's webhook for issues, and an issue alone, as an automation rule posts it and the REST API has it.
 * Samples: golden/jira.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { signedByHmac } from "./signatures.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** Priorities of today's and of older schemes. */
const SEVERITIES = {
  Blocker: "critical",
  Highest: "critical",
  Critical: "critical",
  High: "error",
  Major: "error",
  Medium: "warning",
  Minor: "info",
  Low: "info",
  Lowest: "info",
  Trivial: "info",
} satisfies Record<string, AlertSeverity>;

export const jira: Adapter = {
  about: {
    id: "jira",
    name: "Jira",
    docs: "https://developer.atlassian.com/server/jira/platform/webhooks/",
  },
  setUp: {
    steps: [
      "System → WebHooks: URL {url}, events “issue created, updated, deleted”, with a JQL filter for what is an alert.",
      "An automation rule may send a web request to {url} too, with the issue's data in Jira's format.",
      "Where the webhook has a secret, put it into the environment and name it in the key's signedWith.",
    ],
    sample: "jira.created.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-hub-signature", prefix: "sha256=" }),
  recognise: recogniseObject(
    (body) =>
      issueOf(body) !== null ||
      (typeof body["webhookEvent"] === "string" &&
        (isObject(body["issue"]) ||
          /^(jira|comment|project|sprint|worklog|user|board|version|issuelink|attachment)[:_]/.test(
            body["webhookEvent"],
          ))),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const event = firstText(body["webhookEvent"]);
    const alone = event === null ? issueOf(body) : null;
    if (alone !== null) {
      const reading = new Reading();
      readIssue(reading, "", alone, body);
      return reading;
    }
    if (event === null)
      return refusedWhole("webhookEvent", "the name of an event, such as jira:issue_created");
    const reading = new Reading();
    const { issue } = body;
    if (!event.startsWith("jira:issue_"))
      reading.find(0, "webhookEvent", `${event} is not about the state of an issue: no alert`);
    else if (!isObject(issue)) reading.refuse(0, "issue", "an object");
    else readIssue(reading, event, issue, body);
    return reading;
  },
};

/** An issue that no webhook is around: its fields and its address in the API say whose it is. */
function issueOf(body: Json): Json | null {
  if (has(body, "webhookEvent")) return null;
  const issue = isObject(body["issue"]) ? body["issue"] : body;
  const isIssue =
    has(issue, "key", "fields") &&
    isObject(issue["fields"]) &&
    has(issue["fields"], "summary") &&
    (/\/rest\/(?:api|agile)\//.test(firstText(issue["self"]) ?? "") ||
      at(issue["fields"], "status", "statusCategory") !== undefined);
  return isIssue ? issue : null;
}

function readIssue(reading: Reading, event: string, issue: Json, body: Json): void {
  const key = firstText(issue["key"], issue["id"]);
  if (key === null) return reading.refuse(0, "issue.key", "the key of an issue");
  const fields = isObject(issue["fields"]) ? issue["fields"] : {};
  const self = URL.parse(firstText(issue["self"]) ?? "");
  tell(reading, 0, {
    status: statusOf(event, fields),
    title: `${key}: ${firstText(fields["summary"]) ?? "an issue"}`,
    severity: severityBy(SEVERITIES, at(fields, "priority", "name")),
    dedupKey: joinKey(self?.host ?? "", key),
    service: firstText(
      ...listOf(fields["components"]).map((one) => at(one, "name")),
      at(fields, "project", "name"),
      at(fields, "project", "key"),
    ),
    source: firstText(at(fields, "project", "key")),
    link:
      self === null || !/^https?:$/.test(self.protocol)
        ? null
        : `${self.origin}/browse/${encodeURIComponent(key.toWellFormed())}`,
    startedAt: momentOf(fields["created"]) ?? momentOf(body["timestamp"]),
    labels: {
      event: event === "" ? null : event,
      type: at(fields, "issuetype", "name"),
      status: at(fields, "status", "name"),
      priority: at(fields, "priority", "name"),
      labels: listOf(fields["labels"])
        .map((label) => firstText(label) ?? "")
        .join(","),
    },
    details: { description: fields["description"] },
  });
}

/** The category is the same in every workflow, whatever its states are called. */
function statusOf(event: string, fields: Json): Status {
  const category = firstText(at(fields, "status", "statusCategory", "key"));
  const name = firstText(at(fields, "status", "name")) ?? "";
  if (event === "jira:issue_deleted" || category === "done") return "resolved";
  if (
    category === null &&
    (isObject(fields["resolution"]) || /^(done|resolved|closed)$/i.test(name))
  )
    return "resolved";
  return category === "indeterminate" || /^in progress$/i.test(name) ? "acknowledged" : "firing";
}
