/**
 * What people hand in by mistake and is no alert: answers of other systems' APIs about people on
 * call, and calendars. Named, so that they do not page anybody as something unknown.
 */
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, Reading } from "./reading.ts";
import { has, recogniseObject } from "./telling.ts";

export const pagerDutyRest: Adapter = {
  about: {
    id: "pagerduty-rest",
    name: "PagerDuty's REST objects",
    docs: "https://developer.pagerduty.com/api-reference/",
  },
  setUp: {
    steps: ["Nothing to set up: schedules and escalation policies are configuration, not alerts."],
    sample: "pagerduty-rest.schedule.json",
  },
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      (isObject(body["schedule"]) && has(body["schedule"], "schedule_layers")) ||
      (isObject(body["escalation_policy"]) && has(body["escalation_policy"], "escalation_rules")) ||
      Array.isArray(body["oncalls"]),
  ),
  read({ body }) {
    const reading = new Reading();
    if (
      isObject(body) &&
      (has(body, "schedule") || has(body, "escalation_policy") || has(body, "oncalls"))
    ) {
      const [what = ""] = Object.keys(body);
      reading.find(0, what.slice(0, 60), "an object of configuration: no alert");
    } else reading.refuse(0, "schedule", "an object (or escalation_policy, oncalls)");
    return reading;
  },
};

export const calendar: Adapter = {
  about: { id: "calendar", name: "iCalendar", docs: "https://www.rfc-editor.org/rfc/rfc5545" },
  setUp: {
    steps: ["Nothing to set up: a calendar holds shifts or meetings, not alerts."],
    sample: "calendar.shift.ics",
  },
  resendsByContract: false,
  recognise: ({ body }) => Number(typeof body === "string" && body.startsWith("BEGIN:VCALENDAR")),
  read({ body }) {
    const reading = new Reading();
    if (typeof body === "string" && body.startsWith("BEGIN:VCALENDAR"))
      reading.find(0, "BEGIN", "a calendar: no alert");
    else reading.refuse(0, "BEGIN", "VCALENDAR, in the text of a calendar");
    return reading;
  },
};
