/** Who would be on call: the same days before and after a change, side by side. */
import type { OnCallChange } from "../../../contract/configuration.ts";
import { addMs, DAY, type Instant, toIso } from "../../base/instant.ts";

/** From `startsAt` up to `endsAt` this person, or nobody, holds the schedule. */
export type OnCallSpan = {
  readonly schedule: string;
  readonly person: string | null;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

/** How far ahead a change of configuration is shown. */
const ON_CALL_DAYS = 14;
const HANDOFFS_SHOWN = 3;

export const onCallHorizon = (now: Instant): Instant => addMs(now, ON_CALL_DAYS * DAY);

/**
 * For every schedule before or after: who has it now and at the next handoffs. Where the change
 * makes a difference, only the moments in which it does are shown after the first.
 */
export function compareOnCall(
  before: readonly OnCallSpan[],
  after: readonly OnCallSpan[],
  now: Instant,
): readonly OnCallChange[] {
  const schedules = [...new Set([...before, ...after].map(({ schedule }) => schedule))].toSorted();
  return schedules.map((schedule) => {
    const was = before.filter((span) => span.schedule === schedule);
    const will = after.filter((span) => span.schedule === schedule);
    const starts = [...was, ...will].map(({ startsAt }) => startsAt).filter((at) => at > now);
    const moments = [now, ...new Set(starts.toSorted((a, b) => a - b))].map((at) => ({
      at: toIso(at),
      before: holderAt(was, at),
      after: holderAt(will, at),
    }));
    const changes = moments.some((moment) => moment.before !== moment.after);
    const [first, ...later] = moments;
    const handoffs = later.filter((moment, index) =>
      changes ? moment.before !== moment.after : moment.after !== moments[index]?.after,
    );
    return {
      schedule,
      changes,
      moments: [...(first === undefined ? [] : [first]), ...handoffs.slice(0, HANDOFFS_SHOWN)],
    };
  });
}

const holderAt = (spans: readonly OnCallSpan[], at: Instant): string | null =>
  spans.find(({ startsAt, endsAt }) => startsAt <= at && at < endsAt)?.person ?? null;
