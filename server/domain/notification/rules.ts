/** A person's own rules: by which of their ways they hear of what, after how long, and when not. */
import type { ContactMethod, Person } from "../../../contract/account.ts";
import type { Calendar } from "../../../contract/deadline.ts";
import { WEEKDAYS } from "../../../contract/ids.ts";
import type { Instant } from "../../base/instant.ts";
import { isOpen, nextTurn } from "../deadline/calendar.ts";
import type { Urgency } from "./notification.ts";

/** Their ways for an urgency, in their order. Where none is meant for a page, it goes by all of them. */
export function waysFor(
  contacts: readonly ContactMethod[],
  urgency: Urgency,
): readonly ContactMethod[] {
  const meant = contacts.filter((contact) => (contact.urgency ?? urgency) === urgency);
  return meant.length === 0 && urgency === "high" ? contacts : meant;
}

/** Until when a quiet message waits for this person; null: it need not. Urgent ones never do. */
export function quietUntil(
  person: Pick<Person, "timezone" | "quietHours">,
  urgency: Urgency,
  now: Instant,
): Instant | null {
  const { quietHours } = person;
  if (quietHours === undefined || urgency === "high") return null;
  const days = quietHours.days ?? WEEKDAYS;
  const span = `${quietHours.from}-${quietHours.to}`;
  const quiet: Calendar = {
    timezone: person.timezone ?? "UTC",
    hours: Object.fromEntries(days.map((day) => [day, span])),
    holidays: [],
  };
  return isOpen(quiet, now) ? nextTurn(quiet, now) : null;
}
