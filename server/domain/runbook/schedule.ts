/** When scheduled runs are due: the first day, then every so often, at a time of day in a zone. */
import type { RunSchedule } from "../../../contract/sidecar.ts";
import { type Instant, instant } from "../../base/instant.ts";
import { planMeant } from "./check.ts";
import type { Version } from "./version.ts";

export type ScheduledRun = {
  readonly position: number;
  readonly planId: string;
  readonly body: RunSchedule;
  readonly nextAt: Instant;
};

/** Enough to get from any first day to today in steps of a day. */
const MOST_STEPS = 40_000;

/**
 * The first time after `after`. Each is counted from the first day, so that the 31st of January and
 * "every month" mean the last of February and the 31st of March again.
 */
export function nextScheduled(schedule: RunSchedule, after: Instant): Instant {
  const first = Temporal.PlainDate.from(schedule.startsOn);
  const every = Temporal.Duration.from(schedule.every);
  const at = (step: number): Instant => {
    const date = first.add({
      years: every.years * step,
      months: every.months * step,
      weeks: every.weeks * step,
      days: every.days * step,
    });
    const zoned = date.toZonedDateTime({ timeZone: schedule.timezone, plainTime: schedule.at });
    return instant(zoned.epochMilliseconds);
  };
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const candidate = at(step);
    if (candidate > after) return candidate;
  }
  return at(MOST_STEPS);
}

/** The schedules of a version with their next times. */
export const firstRuns = (version: Version, now: Instant): readonly ScheduledRun[] =>
  version.settings.schedules.flatMap((body, position) => {
    const plan = planMeant(version.plan, body.plan);
    return plan === null
      ? []
      : [{ position, planId: plan.id, body, nextAt: nextScheduled(body, now) }];
  });
