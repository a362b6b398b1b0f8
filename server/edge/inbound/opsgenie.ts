/**
 * Opsgenie: the webhooks it sends of its alerts, and the bodies of its alert API, for whoever posted
 * to it until now. Samples: golden/opsgenie.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { PRIORITIES, priorityOf } from "./severityWords.ts";
import { firstText, has, listOf, recogniseObject, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** What ends, what is seen, and what changes nothing about an alert. */
const ACTIONS: Readonly<Record<string, Status | "nothing">> = {
  Create: "firing",
  UnAcknowledge: "firing",
  Escalate: "firing",
  EscalateNext: "firing",
  UpdatePriority: "firing",
  UpdateMessage: "firing",
  UpdateDescription: "firing",
  Acknowledge: "acknowledged",
  TakeOwnership: "acknowledged",
  AssignOwnership: "acknowledged",
  Close: "resolved",
  Delete: "resolved",
};

export const opsgenie: Adapter = {
  about: {
    id: "opsgenie",
    name: "Opsgenie",
    docs: "https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/",
  },
  setUp: {
    steps: [
      "For tools that post to Opsgenie: change only the address, https://api.opsgenie.com, to Tocsin's, and use the intake key as API key (GenieKey).",
      "For Opsgenie's own alerts: Settings → Integrations → Webhook, URL {url}, for create, acknowledge and close.",
    ],
    sample: "opsgenie.create.json",
  },
  severities: PRIORITIES satisfies Record<string, AlertSeverity>,
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    if (
      isObject(body["alert"]) &&
      typeof body["action"] === "string" &&
      (has(body["alert"], "alertId") || has(body["alert"], "alias"))
    )
      return 1;
    return isApiBody(body) ? 0.8 : 0;
  }),
  read({ body }) {
    if (!isObject(body))
      return refusedWhole("body", "one JSON object: a webhook, or a body of the alert API");
    if (isObject(body["alert"])) return readWebhook(body, body["alert"]);
    return readCreate(body);
  },
};

const isApiBody = (body: Json): boolean =>
  typeof body["message"] === "string" &&
  ["alias", "responders", "visibleTo", "entity", "actions", "note", "user"].filter((name) =>
    has(body, name),
  ).length >= 1 &&
  (has(body, "alias") || priorityOf(body["priority"]) !== null || has(body, "responders"));

function readWebhook(body: Json, alert: Json): Reading {
  const reading = new Reading();
  const action = firstText(body["action"]) ?? "";
  const status = Object.hasOwn(ACTIONS, action) ? ACTIONS[action]! : "nothing";
  const id = firstText(alert["alias"], alert["alertId"], alert["tinyId"]);
  if (id === null) reading.refuse(0, "alert.alias", "the alias of an alert, or its alertId");
  else if (status === "nothing")
    reading.find(0, "action", `${action || "no action"} changes nothing about the alert: no alert`);
  else if (status === "firing" && action !== "Create" && firstText(alert["message"]) === null)
    // An escalation names the alert by its id alone, which is not the alias that it was created by.
    reading.find(0, "alert.message", `${action} says nothing of the alert but its id: no alert`);
  else tellAlert(reading, alert, status, id);
  return reading;
}

/** The body of POST /v2/alerts, which makes an alert or counts one more of its alias. */
export function readCreate(body: Json): Reading {
  const reading = new Reading();
  if (firstText(body["message"]) === null)
    reading.refuse(0, "message", "a text of 1 to 130 characters");
  else tellAlert(reading, body, statusOf(body), firstText(body["alias"]));
  return reading;
}

/** What the API lists says how it stands; what is sent to it is new. */
function statusOf(alert: Json): Status {
  if (!has(alert, "tinyId")) return "firing";
  if (alert["status"] === "closed") return "resolved";
  return alert["acknowledged"] === true ? "acknowledged" : "firing";
}

function tellAlert(reading: Reading, alert: Json, status: Status, id: string | null): void {
  const priority = priorityOf(alert["priority"]) ?? "P3";
  const details = isObject(alert["details"]) ? alert["details"] : {};
  const tags = listOf(alert["tags"])
    .map((tag) => firstText(tag) ?? "")
    .filter((tag) => tag !== "");
  tell(reading, 0, {
    status,
    title: firstText(alert["message"]) ?? id ?? "Opsgenie alert",
    severity: PRIORITIES[priority],
    dedupKey: id,
    service: firstText(details["service"], alert["entity"], details["app"]),
    source: firstText(alert["source"], alert["entity"]),
    link: firstText(details["url"], details["link"], alert["url"], pageOf(alert["alertId"])),
    startedAt: momentOf(alert["createdAt"]) ?? momentOf(alert["insertedAt"]),
    labels: { ...details, entity: alert["entity"], priority, tags: tags.join(",") },
    details: {
      description: alert["description"],
      note: alert["note"],
      responders: alert["responders"] ?? alert["teams"],
    },
  });
}

/** Where Opsgenie shows an alert of its own; who is elsewhere, such as in the EU, is led on from there. */
const pageOf = (alertId: unknown): string | null =>
  typeof alertId === "string" && /^[\w-]{8,80}$/.test(alertId)
    ? `https://app.opsgenie.com/alert/detail/${alertId}/details`
    : null;
