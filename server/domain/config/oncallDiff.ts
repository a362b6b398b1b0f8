/** Who would be on call: the same days before and after a change, side by side. */
import type { OnCallChange } from "../../../contract/configuration.ts";
import { addMs, DAY, HOUR, type Instant, instant, toIso, toIsoOrNull } from "../../base/instant.ts";

/** From `startsAt` up to `endsAt` these people, or nobody, hold the schedule. */
export type OnCallSpan = {
  readonly schedule: string;
  readonly people: readonly string[];
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

/** How far ahead a change of configuration is shown. */
export const ON_CALL_DAYS = 28;
const HANDOFFS_SHOWN = 3;
const DIFFERENCES_SHOWN = 12;
/** Four weeks by the hour. */
const MOST_SPANS = 700;

export const onCallHorizon = (now: Instant): Instant => addMs(now, ON_CALL_DAYS * DAY);

/** The weeks that are looked at for a schedule. */
type Window = { readonly from: Instant; readonly to: Instant };

/**
 * A change moves nobody before it counts: where that would leave less than half of the weeks, those from then on are
 * looked at.
 */
export const laterWindows = (
  countsFrom: ReadonlyMap<string, Instant>,
  now: Instant,
): ReadonlyMap<string, Window> =>
  new Map(
    [...countsFrom]
      .filter(([, from]) => from > addMs(now, (ON_CALL_DAYS / 2) * DAY))
      .map(([schedule, from]) => [schedule, { from, to: onCallHorizon(from) }]),
  );

/**
 * What the next weeks tell of schedules of which later ones are looked at: only who has them now. The rest would be
 * told, and counted, twice where the weeks overlap.
 */
export const nearOf = (
  spans: readonly OnCallSpan[],
  later: ReadonlyMap<string, Window>,
  now: Instant,
): readonly OnCallSpan[] =>
  spans.flatMap((span) => {
    const window = later.get(span.schedule);
    if (window === undefined) return [span];
    if (span.startsAt > now || span.endsAt <= now) return [];
    return [{ ...span, endsAt: instant(Math.min(span.endsAt, window.from)) }];
  });

/**
 * For every schedule before or after: who has it now and at the next handoffs. Where the change
 * makes a difference, only the moments in which it does are shown after the first, and whose hours it changes.
 */
export function compareOnCall(
  before: readonly OnCallSpan[],
  after: readonly OnCallSpan[],
  {
    now,
    to,
    countsFrom,
    later = new Map<string, Window>(),
  }: {
    readonly now: Instant;
    readonly to: Instant;
    readonly countsFrom: ReadonlyMap<string, Instant>;
    readonly later?: ReadonlyMap<string, Window>;
  },
): readonly OnCallChange[] {
  const [beforeOf, afterOf] = [grouped(before), grouped(after)];
  const schedules = [...new Set([...beforeOf.keys(), ...afterOf.keys()])].toSorted();
  return schedules.map((schedule) => {
    const window = later.get(schedule) ?? { from: now, to };
    const looked = ({ startsAt, endsAt }: OnCallSpan): boolean =>
      startsAt >= window.from || (startsAt <= now && now < endsAt);
    const was = (beforeOf.get(schedule) ?? []).filter(looked);
    const will = (afterOf.get(schedule) ?? []).filter(looked);
    const starts = [...was, ...will].map(({ startsAt }) => startsAt).filter((at) => at > now);
    const moments = [now, ...new Set(starts.toSorted((a, b) => a - b))].map((at) => ({
      at: toIso(at),
      before: holderAt(was, at),
      after: holderAt(will, at),
    }));
    const changes = moments.some((moment) => moment.before !== moment.after);
    const [first, ...following] = moments;
    const handoffs = changes
      ? following
          .filter((moment, index) => isNews(moment, moments[index]))
          .slice(0, DIFFERENCES_SHOWN)
      : following
          .filter((moment, index) => moment.after !== moments[index]?.after)
          .slice(0, HANDOFFS_SHOWN);
    return {
      schedule,
      changes,
      countsFrom: toIsoOrNull(countsFrom.get(schedule) ?? null),
      spans: changes ? spansOf(moments, window.to).slice(0, MOST_SPANS) : [],
      moments: [...(first === undefined ? [] : [first]), ...handoffs],
      hours: changes ? hoursChanged(hoursOf(was, window), hoursOf(will, window)) : [],
    };
  });
}

const grouped = (spans: readonly OnCallSpan[]): ReadonlyMap<string, readonly OnCallSpan[]> =>
  Map.groupBy(spans, ({ schedule }) => schedule);

type Span = OnCallChange["spans"][number];

/** From each moment to the next, where the two differ; what goes on in the same way is one. */
function spansOf(
  moments: readonly (Moment & { readonly at: string })[],
  to: Instant,
): readonly Span[] {
  const found: Span[] = [];
  for (const [index, { at, before, after }] of moments.entries()) {
    if (before === after) continue;
    const endsAt = moments[index + 1]?.at ?? toIso(to);
    const last = found.at(-1);
    if (last?.endsAt === at && last.before === before && last.after === after) last.endsAt = endsAt;
    else found.push({ startsAt: at, endsAt, before, after });
  }
  return found;
}

type Moment = { readonly before: string | null; readonly after: string | null };

/** A moment in which the change makes a difference that it did not make in the same way just before. */
const isNews = (moment: Moment, last: Moment | undefined): boolean =>
  moment.before !== moment.after && (moment.before !== last?.before || moment.after !== last.after);

function holderAt(spans: readonly OnCallSpan[], at: Instant): string | null {
  const people = spans.find(({ startsAt, endsAt }) => startsAt <= at && at < endsAt)?.people ?? [];
  return people.length === 0 ? null : people.join(" + ");
}

function hoursOf(spans: readonly OnCallSpan[], { from, to }: Window): ReadonlyMap<string, number> {
  const hours = new Map<string, number>();
  for (const { people, startsAt, endsAt } of spans.filter((span) => span.endsAt > from))
    for (const person of people)
      hours.set(
        person,
        (hours.get(person) ?? 0) + (Math.min(endsAt, to) - Math.max(startsAt, from)) / HOUR,
      );
  return hours;
}

function hoursChanged(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): OnCallChange["hours"] {
  const people = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const shown = (hours: number | undefined): number => Math.round((hours ?? 0) * 10) / 10;
  return people
    .map((person) => ({
      person,
      before: shown(before.get(person)),
      after: shown(after.get(person)),
    }))
    .filter((line) => line.before !== line.after);
}
