/** Starts, meets, pauses and recomputes the clocks of a subject. The caller has locked the subject. */
import type { Calendar, DeadlineKind } from "../../../contract/deadline.ts";
import type { Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import type { Snapshot } from "../config/config.ts";
import {
  type Deadline,
  type DeadlineSpec,
  isSettled,
  meet,
  pause,
  recompute,
  resume,
  startDeadline,
  withdraw,
} from "./deadline.ts";
import {
  type DeadlineRow,
  lockDeadline,
  lockDeadlines,
  saveDeadline,
  saveDeadlines,
} from "./store.ts";

const calendarOf = (config: Snapshot, id: string | null): Calendar | null =>
  id === null ? null : (config.get("calendars", id)?.body ?? null);

const zoneOf = (config: Snapshot, id: string | null): string =>
  calendarOf(config, id)?.timezone ?? "UTC";

export type Clocks = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly now: Instant;
};

/** Clocks that run from `anchorAt`, one of each kind. */
export const clocksFrom = (
  { world, config, now }: Omit<Clocks, "tx">,
  subject: string,
  teamId: string | null,
  specs: readonly DeadlineSpec[],
  anchorAt: Instant,
): readonly DeadlineRow[] =>
  specs.map((spec) => {
    const { calendarId } = spec;
    const [calendar, zone] = [calendarOf(config, calendarId), zoneOf(config, calendarId)];
    const deadline = startDeadline(spec, anchorAt, calendar, zone);
    return { id: world.chance.id(now), subject, teamId, deadline };
  });

/** Starts them, or starts those afresh that there were. */
export const startClocksFrom = (
  clocks: Clocks,
  subject: string,
  teamId: string | null,
  specs: readonly DeadlineSpec[],
  anchorAt: Instant,
): Promise<void> => saveDeadlines(clocks.tx, clocksFrom(clocks, subject, teamId, specs, anchorAt));

/** Starts the clock of one kind. */
export const startClock = (
  clocks: Clocks,
  subject: string,
  teamId: string | null,
  spec: DeadlineSpec,
  anchorAt: Instant,
): Promise<void> => startClocksFrom(clocks, subject, teamId, [spec], anchorAt);

/** Applies a transition to one clock; a clock that is not there or is over stays as it is. */
async function change(
  { tx, config }: Clocks,
  subject: string,
  kind: DeadlineKind,
  apply: (deadline: Deadline, calendar: Calendar | null) => Deadline,
): Promise<Deadline | null> {
  const row = await lockDeadline(tx, subject, kind);
  if (row === null || isSettled(row.deadline)) return null;
  const deadline = apply(row.deadline, calendarOf(config, row.deadline.calendarId));
  await saveDeadline(tx, { ...row, deadline });
  return deadline;
}

/** Keeps the promise; returns the clock so that the caller can see whether it was in time. */
export const meetClock = (
  clocks: Clocks,
  subject: string,
  kind: DeadlineKind,
): Promise<Deadline | null> =>
  change(clocks, subject, kind, (deadline) => meet(deadline, clocks.now));

export const pauseClock = (
  clocks: Clocks,
  subject: string,
  kind: DeadlineKind,
  because: string,
): Promise<Deadline | null> =>
  change(clocks, subject, kind, (deadline) =>
    deadline.state === "running" && clocks.now < deadline.dueAt
      ? pause(deadline, because, clocks.now)
      : deadline,
  );

export const resumeClock = (
  clocks: Clocks,
  subject: string,
  kind: DeadlineKind,
): Promise<Deadline | null> =>
  change(clocks, subject, kind, (deadline, calendar) =>
    deadline.state === "paused" ? resume(deadline, calendar, clocks.now) : deadline,
  );

export const recomputeClock = (
  clocks: Clocks,
  subject: string,
  spec: DeadlineSpec,
): Promise<Deadline | null> =>
  change(clocks, subject, spec.kind, (deadline) =>
    recompute(deadline, spec, calendarOf(clocks.config, spec.calendarId), clocks.now),
  );

export const withdrawClock = (
  clocks: Clocks,
  subject: string,
  kind: DeadlineKind,
  because: string,
): Promise<Deadline | null> =>
  change(clocks, subject, kind, (deadline) => withdraw(deadline, because, clocks.now));

/** Takes back every promise of the subject that is still open. */
export async function withdrawClocks(
  clocks: Clocks,
  subject: string,
  because: string,
): Promise<void> {
  for (const row of await lockDeadlines(clocks.tx, subject)) {
    if (isSettled(row.deadline)) continue;
    await saveDeadline(clocks.tx, {
      ...row,
      deadline: withdraw(row.deadline, because, clocks.now),
    });
  }
}
