/** Postmortems and action items: their rules. */
import type { Calendar } from "../../../contract/deadline.ts";
import { incidentId } from "../../../contract/ids.ts";
import {
  type ActionItemStatus,
  type Priority,
  SECTION_KEYS,
  type SectionKey,
} from "../../../contract/postmortem.ts";
import { addDuration } from "../../base/duration.ts";
import { addMs, HOUR, instant, type Instant, SECOND } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";
import { isOpen as isCalendarOpen, nextOpening } from "../deadline/calendar.ts";
import type { DeadlineSpec } from "../deadline/deadline.ts";
import type { Incident } from "../incident/incident.ts";

export type Postmortem = {
  readonly incidentNumber: number;
  readonly state: "draft" | "published";
  readonly required: boolean;
  readonly draftedAt: Instant;
  readonly publishedAt: Instant | null;
  readonly audiences: readonly string[];
};

export type Section = {
  readonly key: SectionKey;
  readonly body: string;
  readonly version: number;
  readonly updatedBy: ActorMark;
};

/** The words of each section as they are known now. */
export type Draft = Readonly<Record<SectionKey, string>>;

/** Nobody has edited it, so it still follows the facts. */
const isUntouched = (section: Pick<Section, "version" | "updatedBy">): boolean =>
  section.version === 1 && section.updatedBy.kind === "engine";

/**
 * The sections as they are read: what somebody wrote stays, what nobody edited follows the facts
 * until it is published, and the list of action items always is the action items.
 */
export function sectionsAsRead(
  postmortem: Pick<Postmortem, "state">,
  stored: readonly Section[],
  draft: Draft,
): readonly Section[] {
  return SECTION_KEYS.flatMap((key) => {
    const section = stored.find((candidate) => candidate.key === key);
    if (section === undefined) return [];
    const follows = postmortem.state === "draft" && isUntouched(section);
    return [key === "action-items" || follows ? { ...section, body: draft[key] } : section];
  });
}

/** Over for those it hurt: only then is there something to look back on. */
export const isOver = (incident: Pick<Incident, "state">): boolean =>
  incident.state === "resolved" || incident.state === "closed";

/** Drafted before the incident was reopened and resolved again: due, and to be published, anew. */
export const isStale = (
  postmortem: Pick<Postmortem, "draftedAt">,
  incident: Pick<Incident, "resolvedAt">,
): boolean => incident.resolvedAt !== null && postmortem.draftedAt < incident.resolvedAt;

/** Where people read it. */
export const postmortemUrl = (publicUrl: string, number: number): string =>
  `${publicUrl}/incidents/${incidentId(number)}/postmortem`;

/** Audiences that a postmortem is shared with when none is named: never customers or the public. */
export const SHARED_BY_DEFAULT = ["engineering", "executives", "leadership"] as const;

const MEETING_HOUR = 10;

/**
 * When the postmortem is reviewed: on the first working day after the day it is due, at 10:00 or
 * when the calendar opens. Without a calendar, Monday to Friday count, in `zone`.
 */
export function meetingAt(dueAt: Instant, calendar: Calendar | null, zone: string): Instant {
  if (calendar !== null) {
    const tomorrow = dateIn(calendar.timezone, dueAt).add({ days: 1 });
    const midnight = tomorrow.toZonedDateTime(calendar.timezone).epochMilliseconds;
    const opening = nextOpening(calendar, instant(midnight));
    if (opening !== null) {
      const morning = atHour(dateIn(calendar.timezone, opening), calendar.timezone);
      return morning > opening && isCalendarOpen(calendar, morning) ? morning : opening;
    }
  }
  let date = dateIn(zone, dueAt).add({ days: 1 });
  while (date.dayOfWeek > 5) date = date.add({ days: 1 });
  return atHour(date, zone);
}

const dateIn = (zone: string, at: Instant): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();

const atHour = (date: Temporal.PlainDate, zone: string): Instant =>
  instant(
    date.toZonedDateTime({ timeZone: zone, plainTime: { hour: MEETING_HOUR } }).epochMilliseconds,
  );

export type ActionItem = {
  readonly number: number;
  readonly incidentNumber: number;
  readonly priority: Priority;
  readonly title: string;
  readonly ownerId: string;
  readonly dueAt: Instant;
  readonly status: ActionItemStatus;
  readonly doneAt: Instant | null;
  readonly createdAt: Instant;
  readonly note: string | null;
};

export const isUnfinished = ({ status }: Pick<ActionItem, "status">): boolean =>
  status === "open" || status === "in progress";

export const isOverdue = (item: Pick<ActionItem, "status" | "dueAt">, now: Instant): boolean =>
  isUnfinished(item) && item.dueAt < now;

const TIME_FOR: Readonly<Record<Priority, string>> = { P0: "P7D", P1: "P30D", P2: "P90D" };

/** When an action item is due if nobody says otherwise. */
export const defaultDueAt = (priority: Priority, createdAt: Instant): Instant =>
  addDuration(createdAt, TIME_FOR[priority]);

/** The clock of an action item: from its creation to its due time, to the millisecond. */
export function actionItemClock(
  item: Pick<ActionItem, "priority" | "createdAt" | "dueAt">,
): DeadlineSpec {
  const usual = item.dueAt === defaultDueAt(item.priority, item.createdAt);
  return {
    kind: "action item",
    length: { iso: usual ? TIME_FOR[item.priority] : lengthOf(item), unit: "running" },
    calendarId: null,
    source: usual ? "defaults" : "API",
  };
}

const lengthOf = ({ createdAt, dueAt }: Pick<ActionItem, "createdAt" | "dueAt">): string =>
  `PT${(dueAt - createdAt) / SECOND}S`;

/** An item as the change leaves it; finishing and taking up again set and clear its end. */
export function changedItem(
  item: ActionItem,
  change: Partial<Pick<ActionItem, "status" | "ownerId" | "dueAt" | "note">>,
  now: Instant,
): ActionItem {
  const status = change.status ?? item.status;
  const doneAt = status === "done" ? (item.status === "done" ? item.doneAt : now) : null;
  return { ...item, ...change, status, doneAt };
}

/** A review list shows at most this many; the rest is counted. */
export const REVIEW_LIMIT = 100;

/** A review meeting takes an hour: what people can spare before they stop coming. */
export const meetingEnd = (at: Instant): Instant => addMs(at, HOUR);
