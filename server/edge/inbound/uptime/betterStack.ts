/**
 * Better Stack (once Better Uptime): the webhooks of its incidents and of its errors, the answers of its
 * API, and what a status page made with it tells its subscribers.
 * https://betterstack.com/docs/uptime/api/incidents-api-response-params/
 * https://betterstack.com/docs/uptime/api/incident-log-drain/
 * https://betterstack.com/docs/errors/integrations/outgoing-webhooks/
 * https://betterstack.com/docs/uptime/subscribing-to-status-updates/subscribing-with-webhooks/
 * Samples: golden/better-stack.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_PASSWORD } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { at, firstText, has, joinKey, listOf, recogniseObject, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The status of an incident; one that is not yet confirmed wakes nobody by itself. */
const SEVERITIES = {
  Started: "critical",
  Unconfirmed: "warning",
  "of a status page": "warning",
  "an error of an application": "error",
} satisfies Record<string, AlertSeverity>;

export const betterStack: Adapter = {
  about: {
    id: "better-stack",
    name: "Better Stack (Better Uptime)",
    docs: "https://betterstack.com/docs/uptime/webhooks/",
  },
  setUp: {
    steps: [
      "Integrations → Exporting data → Webhooks: type “Incident”, URL {url}.",
      BY_PASSWORD,
      "Errors → Outgoing webhooks → Error webhook: URL {url}, with Resolved among its events.",
      "A provider's status page made with Better Stack: subscribe to updates by webhook with {url}.",
    ],
    sample: "better-stack.started.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => {
    const [first] = listOf(body["data"]);
    if (isObject(first))
      return /^(incident|monitor|heartbeat|on_call.*)$/.test(firstText(first["type"]) ?? "") &&
        isObject(first["attributes"])
        ? isOwn(first["attributes"])
        : isError(first);
    return isOfPage(body) || isLogged(body);
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    if (isOfPage(body)) readPage(reading, body);
    else if (isLogged(body)) readLogged(reading, body);
    else {
      const items = listOf(body["data"]);
      if (items.length === 0) return refusedWhole("data", "an object with type and attributes");
      items.forEach((item, index) => readItem(reading, index, item, body));
    }
    return reading;
  },
};

const isOwn = (attributes: Json): boolean =>
  has(attributes, "started_at") ||
  has(attributes, "cause") ||
  has(attributes, "pronounceable_name");

const isOfPage = (body: Json): boolean =>
  /^(incident|maintenance)$/.test(firstText(body["event_type"]) ?? "") &&
  isObject(body["page"]) &&
  (isObject(body["incident"]) || isObject(body["maintenance"]));

function readItem(reading: Reading, index: number, item: unknown, body: Json): void {
  if (!isObject(item) || !isObject(item["attributes"]))
    return reading.refuse(index, "data", "an object with type and attributes");
  if (isError(item)) return readError(reading, index, item);
  if (item["type"] !== "incident")
    return reading.find(
      index,
      "data.type",
      `${firstText(item["type"]) ?? "it"} is no incident: no alert`,
    );
  const id = firstText(item["id"]);
  if (id === null) return reading.refuse(index, "data.id", "the identity of an incident");
  const { attributes } = item;
  const word = firstText(attributes["status"], body["event"]) ?? "";
  const resolved = momentOf(attributes["resolved_at"]);
  const seen = momentOf(attributes["acknowledged_at"]);
  const cause = firstText(attributes["cause"]);
  const name = firstText(attributes["name"], attributes["url"]);
  tell(reading, index, {
    status:
      resolved !== null || /^resolved$/i.test(word)
        ? "resolved"
        : seen !== null || /^acknowledged$/i.test(word)
          ? "acknowledged"
          : "firing",
    title: [name, cause].filter((part) => part !== null).join(": ") || "Better Stack incident",
    severity: /^unconfirmed$/i.test(word) ? SEVERITIES.Unconfirmed : SEVERITIES.Started,
    dedupKey: joinKey("incident", id),
    service: name,
    source: firstText(attributes["url"], attributes["team_name"]),
    link: firstText(attributes["origin_url"], attributes["url"], attributes["screenshot_url"]),
    startedAt: momentOf(attributes["started_at"]),
    endsAt: resolved,
    labels: {
      monitor: firstText(at(item, "relationships", "monitor", "data", "id")),
      team: attributes["team_name"],
      regions: listOf(attributes["regions"])
        .map((one) => firstText(one) ?? "")
        .join(","),
      status: word,
    },
    details: {
      cause,
      response: attributes["response_content"],
      screenshot: attributes["screenshot_url"],
      metadata: attributes["metadata"],
    },
  });
}

/** A line of the log that it drains to elsewhere. */
const isLogged = (body: Json): boolean =>
  has(body, "dt", "message", "organization_id", "team_id") &&
  /^(incident|monitor|heartbeat)\.\w+$/.test(firstText(body["event"]) ?? "");

function readLogged(reading: Reading, body: Json): void {
  const event = firstText(body["event"]) ?? "";
  const id = firstText(body["incident_id"]);
  if (id === null || !/^incident\.(started|acknowledged|resolved)$/.test(event))
    return reading.find(0, "event", `“${event.slice(0, 60)}” begins or ends no incident: no alert`);
  const name = firstText(body["monitor_name"], body["heartbeat_name"], body["monitor_url"]);
  tell(reading, 0, {
    status: event.endsWith("resolved")
      ? "resolved"
      : event.endsWith("acknowledged")
        ? "acknowledged"
        : "firing",
    title: firstText(body["message"]) ?? "Better Stack incident",
    severity: SEVERITIES.Started,
    dedupKey: joinKey("incident", id),
    service: name,
    source: firstText(body["monitor_url"], name),
    link: body["monitor_url"],
    startedAt: event.endsWith("started") ? momentOf(body["dt"]) : null,
    labels: { event, team: body["team_id"] },
    details: body,
  });
}

const isError = (item: Json): boolean =>
  item["type"] === "error" &&
  isObject(item["attributes"]) &&
  has(item["attributes"], "event", "application_name");

/** An error that somebody ignores is over for everybody. */
function readError(reading: Reading, index: number, item: Json): void {
  const { id, attributes } = item;
  const event = firstText(at(attributes, "event")) ?? "";
  const application = firstText(at(attributes, "application_name"));
  const said = [at(attributes, "error_type"), at(attributes, "error_message")].map((part) =>
    firstText(part),
  );
  tell(reading, index, {
    status: /(^|_)(resolved|ignored)/i.test(event) ? "resolved" : "firing",
    title: said.filter((part) => part !== null).join(": ") || `An error of ${application}`,
    severity: SEVERITIES["an error of an application"],
    dedupKey: joinKey("error", at(attributes, "application_id"), id),
    service: application,
    source: application,
    link: at(attributes, "error_url"),
    labels: { application, event, function: at(attributes, "call_site_function") },
    details: attributes,
  });
}

/** Its incidents have no state of their own: the page is well again, or it is not. */
function readPage(reading: Reading, body: Json): void {
  if (!isObject(body["incident"]))
    return reading.find(0, "event_type", "a planned maintenance: no alert");
  const { incident } = body;
  const id = firstText(incident["id"]);
  if (id === null) return reading.refuse(0, "incident.id", "the identity of an incident");
  const page = firstText(at(body, "page", "id"), incident["organization_id"]);
  const state = firstText(at(body, "page", "status_indicator"));
  tell(reading, 0, {
    status: state === "operational" ? "resolved" : "firing",
    title: firstText(incident["name"]) ?? "Incident of a provider",
    severity: SEVERITIES["of a status page"],
    dedupKey: joinKey("page", page, id),
    source: page,
    link: incident["shortlink"],
    startedAt: momentOf(incident["created_at"]),
    labels: { state },
    details: { update: firstText(at(listOf(incident["incident_updates"])[0], "body")) },
  });
}
