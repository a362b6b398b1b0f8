/** The words of a digest at the start of a shift and of a note at its end, from what was and what is open. */
import { incidentId, type Severity } from "../../../contract/ids.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";

export type ShiftIncident = {
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly state: string;
  readonly acknowledgedBy: string | null;
  readonly pages: number;
};

export type ShiftFacts = {
  /** The shift that is over. */
  readonly from: Instant;
  readonly to: Instant;
  readonly open: readonly ShiftIncident[];
  /** Declared or paged for within the shift, and not open any more. */
  readonly over: readonly ShiftIncident[];
  readonly silences: readonly {
    readonly matchers: readonly string[];
    readonly endsAt: Instant;
    readonly reason: string;
  }[];
  readonly next: { readonly at: Instant; readonly people: readonly string[] } | null;
};

/** The services whose policy asks the schedule. */
export const servicesAsking = (config: Snapshot, scheduleId: string): readonly string[] =>
  config.all("services").flatMap(({ id, body }) => {
    const policy =
      body.escalation === undefined ? null : config.get("escalations", body.escalation);
    const asks = policy?.body.steps.some(({ notify }) =>
      notify.some((target) => "schedule" in target && target.schedule === scheduleId),
    );
    return asks === true ? [id] : [];
  });

/** For whoever comes: what is open, what was paged for, what ends soon, who follows. */
export const startLines = (facts: ShiftFacts): readonly Text[] => [
  ...section(say("shift open"), facts.open.map(openLine)),
  ...section(say("shift paged"), facts.over.map(overLine)),
  ...section(say("shift silences"), facts.silences.map(silenceLine)),
  ...nextLines(facts),
];

/** For whoever went: what happened, what is left. */
export const endLines = (facts: ShiftFacts): readonly Text[] => [
  ...section(say("shift happened"), facts.over.map(overLine)),
  ...section(say("shift left"), facts.open.map(openLine)),
  ...section(say("shift silences"), facts.silences.map(silenceLine)),
];

const section = (heading: Text, lines: readonly Text[]): readonly Text[] =>
  lines.length === 0 ? [say("shift none", { heading })] : [heading, ...lines];

const openLine = ({ acknowledgedBy, ...incident }: ShiftIncident): Text => {
  const person = acknowledgedBy ?? say("shift nobody");
  return say("shift has", { incident: nameOf(incident), state: incident.state, person });
};
const overLine = ({ state, pages: count, ...incident }: ShiftIncident): Text =>
  say("shift pages", { incident: nameOf(incident), state, count });
const nameOf = ({
  number,
  severity,
  title,
}: Pick<ShiftIncident, "number" | "severity" | "title">): string =>
  `${incidentId(number)} ${severity} ${title}`;
const silenceLine = ({ matchers, endsAt, reason }: ShiftFacts["silences"][number]): Text =>
  say("shift until", { matchers: matchers.join(" "), until: toIso(endsAt), reason });

const nextLines = ({ next }: ShiftFacts): readonly Text[] =>
  next === null
    ? []
    : [
        say("shift next", {
          at: toIso(next.at),
          person: next.people.length === 0 ? say("shift nobody") : next.people.join(", "),
        }),
      ];
