/** Who is on call while they are away, and who could take it: it proposes, and moves nothing. All but the reading is pure. */
import { addMs, DAY, HOUR, type Instant, instant } from "../../base/instant.ts";
import { eventsOf } from "./calendarReading.ts";
import { type Duty, stretchesOf } from "./load.ts";
import type { Span } from "./rotation.ts";

/** `holiday`: the public holiday that it is. */
export type Leave = Span & { readonly person: string; readonly holiday?: string };

export type FoundConflict = Span & {
  readonly schedule: string;
  readonly person: string;
  readonly holiday: string | null;
  readonly proposals: readonly { readonly person: string; readonly hours: number }[];
};

/** What lies further ahead is read again in time. */
const LEAVE_AHEAD_MS = 400 * DAY;

export type LeaveFacts = {
  readonly person: string;
  readonly zone: string;
  /** Only events with this word in their title. */
  readonly only: string | null;
  readonly now: Instant;
  /** Waits for its turn to be read, however many do. */
  readonly isPatient?: boolean;
};

/** When a calendar says that somebody is away, from now on: all its events, or those with a word in their title. */
export async function leaveIn(calendar: string, facts: LeaveFacts): Promise<readonly Leave[]> {
  const { person, zone, now, isPatient = false } = facts;
  const span = { startsAt: now, endsAt: addMs(now, LEAVE_AHEAD_MS) };
  const word = facts.only?.toLowerCase() ?? "";
  return (await eventsOf(calendar, { span, zone }, { isPatient }))
    .filter(({ title }) => title.toLowerCase().includes(word))
    .map(({ startsAt, endsAt }) => ({ person, startsAt, endsAt }));
}

/** In order of time. `peopleOf` gives everybody who has turns in a schedule. */
export function conflictsOf(facts: {
  /** Of all schedules: who has one pager does not take a second. */
  readonly duties: readonly Duty[];
  readonly leaves: readonly Leave[];
  readonly peopleOf: (schedule: string) => readonly string[];
}): readonly FoundConflict[] {
  const { duties, leaves, peopleOf } = facts;
  const dutiesOf = Map.groupBy(duties, ({ person }) => person);
  const leavesOf = Map.groupBy(leaves, ({ person }) => person);
  const isFree = (person: string, span: Span): boolean =>
    ![...(dutiesOf.get(person) ?? []), ...(leavesOf.get(person) ?? [])].some((other) =>
      overlaps(other, span),
    );
  const hours = (person: string): number =>
    stretchesOf(dutiesOf.get(person) ?? []).reduce(
      (sum, { startsAt, endsAt }) => sum + (endsAt - startsAt) / HOUR,
      0,
    );
  return duties
    .flatMap((duty) =>
      absencesOf(leavesOf.get(duty.person) ?? [])
        .filter((leave) => overlaps(leave, duty))
        .map((leave): FoundConflict => {
          const span = within(duty, leave);
          const { holiday } = leave;
          const proposals = peopleOf(duty.schedule)
            .filter((person) => person !== duty.person && isFree(person, span))
            .map((person) => ({ person, hours: Math.round(hours(person)) }))
            .toSorted((a, b) => a.hours - b.hours);
          return { ...span, schedule: duty.schedule, person: duty.person, holiday, proposals };
        }),
    )
    .toSorted((a, b) => a.startsAt - b.startsAt);
}

/** Leave that touches is one; a holiday stands by itself, unless it falls into leave. */
function absencesOf(leaves: readonly Leave[]): readonly (Span & { holiday: string | null })[] {
  const said = stretchesOf(leaves.filter(({ holiday }) => holiday === undefined));
  const isOff = (day: Span): boolean =>
    said.some(({ startsAt, endsAt }) => startsAt <= day.startsAt && day.endsAt <= endsAt);
  const days = leaves.flatMap(({ startsAt, endsAt, holiday = null }) =>
    holiday === null || isOff({ startsAt, endsAt }) ? [] : [{ startsAt, endsAt, holiday }],
  );
  return [...said.map((span) => ({ ...span, holiday: null })), ...days];
}

const overlaps = (a: Span, b: Span): boolean => a.startsAt < b.endsAt && b.startsAt < a.endsAt;

const within = (a: Span, b: Span): { startsAt: Instant; endsAt: Instant } => ({
  startsAt: instant(Math.max(a.startsAt, b.startsAt)),
  endsAt: instant(Math.min(a.endsAt, b.endsAt)),
});
