/**
 * The one deadline machine: pure transitions of a promise with a due time. Acknowledge, mitigate,
 * resolve, the next status update, the postmortem, an action item and its review are all this.
 *
 *     running ⇄ paused        running, paused or breached → met | withdrawn (both final)
 *     running → breached      breached → running, only when new terms put the due time ahead again
 *
 * Three marks stand on the way to the due time: at risk (75 % and 90 % of the length) and the
 * breach itself. Their times are always computed from the same facts (anchor, length, finished
 * pauses), so no order of pausing and changing the terms can make them drift.
 *
 * While a clock is paused its time stands still: only marks that were due before the pause still
 * fire. A SEV3 that its on-call engineer defers while a higher severity burns pauses its
 * acknowledge clock this way, with the reason shown wherever the clock is.
 */
import { type Calendar, type DeadlineKind } from "../../../contract/deadline.ts";
import { addDuration } from "../../base/duration.ts";
import { assert, Refusal } from "../../base/errors.ts";
import { addMs, type Instant } from "../../base/instant.ts";
import { addBusinessDuration, addBusinessTime, businessTimeBetween } from "./calendar.ts";

const FRACTIONS = [0.75, 0.9, 1] as const;

export type Mark = {
  /** 0.75 and 0.9: at risk. 1: the due time, the breach. */
  readonly fraction: (typeof FRACTIONS)[number];
  readonly at: Instant;
  readonly firedAt: Instant | null;
};

export type Pause = { readonly from: Instant; readonly to: Instant; readonly because: string };

/** What is promised, and where that stands written. */
export type DeadlineSpec = {
  readonly kind: DeadlineKind;
  readonly length: { readonly iso: string; readonly unit: "running" | "business" };
  readonly calendarId: string | null;
  /** A file and line, or "defaults". */
  readonly source: string;
};

export type Deadline = DeadlineSpec & {
  readonly anchorAt: Instant;
  /** Where a running day, week or month ends on the wall clock. */
  readonly zone: string;
  /** Why a length in business time is counted in running time after all. */
  readonly runningBecause: "no calendar" | "calendar hardly ever open" | null;
  readonly state: "running" | "paused" | "met" | "breached" | "withdrawn";
  readonly dueAt: Instant;
  /** In order of time; the last is the due time. */
  readonly marks: readonly Mark[];
  /** When the engine must look again; null when nothing can fire. */
  readonly nextMarkAt: Instant | null;
  /** Finished pauses, in order. */
  readonly pauses: readonly Pause[];
  readonly pausedAt: Instant | null;
  readonly pausedBecause: string | null;
  readonly metAt: Instant | null;
  /** The due time that passed unmet; kept when it is met late or withdrawn afterwards. */
  readonly breachedAt: Instant | null;
  readonly withdrawnAt: Instant | null;
  readonly withdrawnBecause: string | null;
};

/** Starts the clock at `anchorAt`. Running days, weeks and months end by the clock of `zone`. */
export function startDeadline(
  spec: DeadlineSpec,
  anchorAt: Instant,
  calendar: Calendar | null,
  zone: string,
): Deadline {
  const bare: Deadline = {
    ...termsOf(spec),
    anchorAt,
    zone,
    runningBecause: null,
    state: "running",
    dueAt: anchorAt,
    marks: [],
    nextMarkAt: null,
    pauses: [],
    pausedAt: null,
    pausedBecause: null,
    metAt: null,
    breachedAt: null,
    withdrawnAt: null,
    withdrawnBecause: null,
  };
  return reschedule(bare, calendar, anchorAt);
}

/** Stops the clock, with the reason people will see. Refuses when its time is already over. */
export function pause(d: Deadline, because: string, now: Instant): Deadline {
  assert(because.trim() !== "", "a paused clock says why");
  if (d.state !== "running") throw wrongState(d, "paused");
  // The engine may be a moment late with the breach; a pause must not undo it.
  if (now >= d.dueAt) throw wrongState({ ...d, state: "breached" }, "paused");
  return ready({ ...d, state: "paused", pausedAt: now, pausedBecause: because });
}

/** Lets the clock go on: what was left at the pause is left now, and marks ahead move with it. */
export function resume(d: Deadline, calendar: Calendar | null, now: Instant): Deadline {
  if (d.state !== "paused") throw wrongState(d, "resumed");
  return reschedule({ ...withoutPause(d, now), state: "running" }, calendar, now);
}

/** Keeps the promise. From its due time on it is late: met, with `breachedAt`. */
export function meet(d: Deadline, now: Instant): Deadline {
  if (isSettled(d)) throw wrongState(d, "met");
  const breachedAt = clockTime(d, now) >= d.dueAt ? d.dueAt : null;
  return ready({ ...withoutPause(d, now), state: "met", metAt: now, breachedAt });
}

/** Takes the promise back (a false alarm owes nothing), with the reason people will see. */
export function withdraw(d: Deadline, because: string, now: Instant): Deadline {
  assert(because.trim() !== "", "a withdrawn clock says why");
  if (isSettled(d)) throw wrongState(d, "withdrawn");
  return ready({
    ...withoutPause(d, now),
    state: "withdrawn",
    withdrawnAt: now,
    withdrawnBecause: because,
  });
}

/**
 * New terms for the same promise (the severity changed): same anchor, new length, pauses left out.
 * A mark that fired stays fired unless its new time is ahead, so a severity that is lowered and
 * raised again warns again. A breached clock whose due time is ahead again runs again. What is met
 * or withdrawn stays as it is: nobody becomes late afterwards.
 */
export function recompute(
  d: Deadline,
  spec: DeadlineSpec,
  calendar: Calendar | null,
  now: Instant,
): Deadline {
  assert(spec.kind === d.kind, "new terms are for the same kind of deadline");
  return isSettled(d) ? d : reschedule({ ...d, ...termsOf(spec) }, calendar, now);
}

/**
 * Fires the marks whose time has come: each once, in order. Several may come together (after new,
 * stricter terms, or a node that was away): the last one says how things stand.
 */
export function dueMarks(
  d: Deadline,
  now: Instant,
): { readonly deadline: Deadline; readonly fired: readonly Mark[] } {
  if (d.nextMarkAt === null || d.nextMarkAt > now) return { deadline: d, fired: [] };
  const time = clockTime(d, now);
  const marks = d.marks.map((mark) =>
    mark.firedAt === null && mark.at <= time ? { ...mark, firedAt: now } : mark,
  );
  const fired = marks.filter((mark, index) => mark !== d.marks[index]);
  const breached = fired.some((mark) => mark.fraction === 1);
  const after: Deadline = breached
    ? { ...withoutPause(d, now), marks, state: "breached", breachedAt: d.dueAt }
    : { ...d, marks };
  return { deadline: ready(after), fired };
}

/** Met or withdrawn: nothing is owed any more. */
export const isSettled = (d: Deadline): boolean => d.state === "met" || d.state === "withdrawn";

/** One way to count time, so that running and business deadlines share every rule. */
type Measure = {
  end(from: Instant, iso: string): Instant | null;
  between(from: Instant, to: Instant): number;
  plus(at: Instant, ms: number): Instant | null;
};

const runningTime = (zone: string): Measure => ({
  end: (from, iso) => addDuration(from, iso, zone),
  between: (from, to) => to - from,
  plus: addMs,
});

const businessTime = (calendar: Calendar): Measure => ({
  end: (from, iso) => addBusinessDuration(calendar, from, iso),
  between: (from, to) => businessTimeBetween(calendar, from, to),
  plus: (at, ms) => addBusinessTime(calendar, at, ms),
});

/** Marks, due time and state anew from anchor, length and pauses: the only place that sets them. */
function reschedule(d: Deadline, calendar: Calendar | null, now: Instant): Deadline {
  const business = d.length.unit === "business";
  const inHours = business && calendar !== null ? markTimes(d, businessTime(calendar)) : null;
  const times = inHours ?? markTimes(d, runningTime(d.zone));
  assert(times !== null, "running time always has an end");
  const time = clockTime(d, now);
  const marks = times.map(({ fraction, at }): Mark => {
    const before = d.marks.find((mark) => mark.fraction === fraction);
    return { fraction, at, firedAt: at <= time ? (before?.firedAt ?? null) : null };
  });
  const dueAt = times.at(-1)?.at ?? d.anchorAt;
  const state = d.state === "breached" && dueAt > time ? "running" : d.state;
  return ready({
    ...d,
    marks,
    dueAt,
    state,
    breachedAt: state === "breached" ? dueAt : null,
    runningBecause: !business || inHours ? null : whyRunning(calendar),
  });
}

const whyRunning = (calendar: Calendar | null): Deadline["runningBecause"] =>
  calendar === null ? "no calendar" : "calendar hardly ever open";

function markTimes(d: Deadline, measure: Measure): readonly Omit<Mark, "firedAt">[] | null {
  const end = measure.end(d.anchorAt, d.length.iso);
  if (end === null) return null;
  const total = measure.between(d.anchorAt, end);
  const times: Omit<Mark, "firedAt">[] = [];
  for (const fraction of FRACTIONS) {
    let at = fraction === 1 ? end : measure.plus(d.anchorAt, Math.floor(total * fraction));
    for (const { from, to } of d.pauses)
      if (at !== null && at > from) at = measure.plus(at, measure.between(from, to));
    if (at === null) return null;
    times.push({ fraction, at });
  }
  return times;
}

/** The time this clock shows: it stands still while paused. */
const clockTime = (d: Deadline, now: Instant): Instant => d.pausedAt ?? now;

/** The current pause, if any, becomes a finished one. */
function withoutPause(d: Deadline, now: Instant): Deadline {
  if (d.pausedAt === null) return d;
  const finished = { from: d.pausedAt, to: now, because: d.pausedBecause ?? "" };
  return { ...d, pauses: [...d.pauses, finished], pausedAt: null, pausedBecause: null };
}

/** Sets `nextMarkAt`, the column the engine's query reads. Every transition ends here. */
function ready(d: Deadline): Deadline {
  const next = d.marks.find((mark) => mark.firedAt === null)?.at ?? null;
  const canFire =
    d.state === "running" || (d.pausedAt !== null && next !== null && next <= d.pausedAt);
  return { ...d, nextMarkAt: canFire ? next : null };
}

/** Exactly the terms, so that a wider object handed in as a spec cannot overwrite the state. */
const termsOf = ({ kind, length, calendarId, source }: DeadlineSpec): DeadlineSpec => ({
  kind,
  length,
  calendarId,
  source,
});

const wrongState = (d: Deadline, verb: string): Refusal =>
  new Refusal("deadline.wrong_state", { kind: d.kind, state: d.state, verb });
