/**
 * The timeline of a postmortem: what happened, without the paperwork, and without a storm of
 * alerts.
 */
import type { TimelineEntry } from "../../../contract/incident.ts";
import { fromIso, type Instant } from "../../base/instant.ts";
import type { Incident } from "../incident/incident.ts";
import { blocks, table, when } from "./markdown.ts";

type TimelineFacts = {
  readonly incident: Incident;
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** There are more entries than these. */
  readonly timelineIsCut: boolean;
  readonly personName: (id: string) => string;
};

/** Single alerts beyond this many are counted instead of listed. */
const ALERTS_SHOWN = 50;
/** Longer words stand on the incident's own timeline. */
const WORDS_SHOWN = 400;

const ALERTS: readonly string[] = ["alert joined", "alert attached", "alert resolved"];

/** About the review itself, or a warning of something that has an entry of its own. */
const LEFT_OUT: readonly string[] = [
  "at risk",
  "impact set",
  "root cause set",
  "acceptance recorded",
  "acceptance overridden",
  "postmortem drafted",
  "postmortem published",
  "action item added",
  "action item changed",
  "action item owner",
  "action item due",
  "review meeting",
];

/** The table of time, event, action and owner, oldest first. */
export function timelineTable(facts: TimelineFacts): string {
  const happened = facts.timeline.filter(
    (entry) => !LEFT_OUT.includes(entry.kind) && !isMeetingTask(entry),
  );
  const alerts = happened.filter((entry) => ALERTS.includes(entry.kind));
  const cut = new Set(alerts.slice(ALERTS_SHOWN));
  const rows = happened
    .filter((entry) => !cut.has(entry))
    .map((entry) => [
      timeOf(entry),
      capital(entry.kind),
      shortened(entry.text),
      ownerOf(entry, facts.personName),
    ]);
  const first = [when(facts.incident.detectedAt), "Detected", "The first signal came.", null];
  return blocks(
    table(["Time", "Event", "Action", "Owner"], [first, ...rows]),
    cut.size > 0 &&
      `${cut.size} more entries of single alerts are left out; the incident's timeline has all.`,
    facts.timelineIsCut && "The incident's timeline goes on; only its beginning is shown here.",
  );
}

/**
 * The one task that Tocsin adds by itself is the review meeting: work of the review, not of the
 * incident.
 */
const isMeetingTask = ({ kind, actor }: TimelineEntry): boolean =>
  kind === "task added" && actor.kind === "engine";

const timeOf = (entry: TimelineEntry): string => {
  const at: Instant | null = fromIso(entry.at);
  return at === null ? entry.at : when(at);
};

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

const shortened = (text: string): string =>
  text.length <= WORDS_SHOWN ? text : `${[...text].slice(0, WORDS_SHOWN).join("")}…`;

function ownerOf({ actor }: TimelineEntry, personName: (id: string) => string): string {
  switch (actor.kind) {
    case "person":
      return actor.id === null ? "a person" : personName(actor.id);
    case "engine":
      return "Tocsin";
    default:
      return `${actor.kind} ${actor.id ?? ""}`.trim();
  }
}
