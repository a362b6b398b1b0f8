/** PagerDuty's Events API v1, which older tools still speak. Samples: golden/pagerduty-events-v1.*.json */
import { type Adapter, type SignalAction } from "../../domain/signal/signal.ts";
import { isFilled, isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { SEVERITY_WORDS } from "./severityWords.ts";

const STATUS: Readonly<Record<string, Status>> = {
  trigger: "firing",
  acknowledge: "acknowledged",
  resolve: "resolved",
} satisfies Record<SignalAction, Status>;

export const pagerDutyV1: Adapter = {
  about: {
    id: "pagerduty-events-v1",
    name: "PagerDuty Events API v1",
    docs: "https://developer.pagerduty.com/docs/events-api-v1-overview",
  },
  setUp: {
    steps: [
      "Leave the tool set up for PagerDuty and change only the address, https://events.pagerduty.com, to Tocsin's.",
      "Use the secret of the intake key as service key.",
    ],
    sample: "pagerduty-events-v1.trigger.json",
  },
  // Version 1 had none: details.severity may say it, and what says nothing woke somebody.
  severities: { ...SEVERITY_WORDS, "none told": "error" },
  resendsByContract: false,
  recognise: recogniseObject((body) =>
    has(body, "service_key", "event_type") ? 1 : isKeyless(body) ? 0.9 : 0,
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object, the event");
    const reading = new Reading();
    const status = STATUS[firstText(body["event_type"]) ?? ""];
    const key = firstText(body["incident_key"]);
    if (status === undefined) reading.refuse(0, "event_type", "trigger, acknowledge or resolve");
    if (status === "firing" && !isFilled(body["description"]))
      reading.refuse(0, "description", "a text of 1 to 1024 characters");
    if (status !== "firing" && key === null)
      reading.refuse(0, "incident_key", "a text: which incident");
    if (status === undefined || reading.refused.length > 0) return reading;
    const details = isObject(body["details"]) ? body["details"] : {};
    tell(reading, 0, {
      status,
      title: firstText(body["description"], key) ?? "",
      // Version 1 had no severity: whatever it was sent woke somebody.
      severity:
        firstText(details["severity"]) === null ? "error" : severityBy({}, details["severity"]),
      dedupKey: key,
      service: firstText(details["service"], body["client"]),
      source: firstText(details["host"], details["source"], body["client"]),
      link: firstText(
        body["client_url"],
        ...listOf(body["contexts"]).map((context) => at(context, "href")),
      ),
      labels: { client: body["client"], ...details },
      details: { details: body["details"], contexts: body["contexts"] },
    });
    return reading;
  },
};

/** Templates of other tools speak its words to an address that holds the key. */
const isKeyless = (body: Json): boolean =>
  Object.hasOwn(STATUS, firstText(body["event_type"]) ?? "") &&
  has(body, "incident_key", "description", "client");

/** The service key of an event, which names the intake key. */
export const serviceKeyOf = (body: unknown): string | null =>
  isObject(body) ? firstText((body as Json)["service_key"]) : null;
