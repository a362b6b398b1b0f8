/**
 * Sustained conditions over numbers: “above 10 % for more than 5 minutes”. Pure and free of
 * history: the verdict follows from the samples alone, so late ones simply change the next verdict.
 *
 * How samples are read. They are taken by their own instants, in whatever order they came; of two
 * at the same instant the one given last counts; those after `now` are not looked at. A sample
 * speaks from its instant until the next sample, but at most for `gap`; after that nothing is known
 * until the next one. A next sample exactly `gap` later still joins; at exactly `gap` after the
 * last sample it still speaks.
 *
 * What holds. A span is an unbroken run of samples that meet the condition and reach `now`. A
 * healthy sample or a gap ends it; the first sample after a gap begins a new span at its own
 * instant, because nobody knows what was in between. The condition holds once the span is strictly
 * longer than `sustained`, measured from its first sample to `now`; with PT0S it holds at its first
 * sample.
 *
 * Baselines. A sample's limit is the threshold times the mean of the samples in the window of
 * length `baseline` that ends `sustained` and one `gap` before it: the start included, the end not.
 * So a disturbance does not raise its own limit before the sample that shows that it held. The
 * window has too little data with fewer than three samples, or with none in its first half; and of
 * a mean that is not above zero there is no multiple. In both cases nothing is known about the
 * sample, as in a gap.
 */
import type { Condition } from "../../../contract/signal.ts";
import { durationMs } from "../../base/duration.ts";
import { assert } from "../../base/errors.ts";
import { addMs, type Instant } from "../../base/instant.ts";

export type Sample = { readonly at: Instant; readonly value: number };

export type Verdict =
  /** `since`: the span's first sample, as far back as samples were given. */
  | { readonly kind: "holds"; readonly since: Instant }
  /**
   * Not long enough yet; `until` is the first instant at which it would be, were nothing to change.
   */
  | { readonly kind: "holding"; readonly since: Instant; readonly until: Instant }
  | { readonly kind: "healthy" }
  /** Neither health nor sickness; `from` is null when no sample was given at all. */
  | {
      readonly kind: "gap";
      readonly from: Instant | null;
      readonly to: Instant;
      readonly because: "no sample" | BaselineProblem;
    };

type BaselineProblem = "baseline has too little data" | "baseline is not above zero";

const MIN_BASELINE_SAMPLES = 3;

/** Judges a condition at `now`. Values must be finite; intake has refused others. */
export function judge(condition: Condition, samples: readonly Sample[], now: Instant): Verdict {
  const gapMs = durationMs(condition.gap);
  const sustainedMs = durationMs(condition.sustained);
  const ordered = inOrder(samples, now);
  const last = ordered.at(-1);
  if (last === undefined) return { kind: "gap", from: null, to: now, because: "no sample" };
  if (now - last.at > gapMs) {
    return { kind: "gap", from: addMs(last.at, gapMs), to: now, because: "no sample" };
  }
  const stateOf = stateReader(condition, ordered);
  const state = stateOf(last);
  if (state === "healthy") return { kind: "healthy" };
  if (state !== "sick") return { kind: "gap", from: last.at, to: now, because: state };
  let since = last.at;
  for (let index = ordered.length - 2; index >= 0; index -= 1) {
    const sample = ordered[index]!;
    if (since - sample.at > gapMs || stateOf(sample) !== "sick") break;
    since = sample.at;
  }
  if (sustainedMs === 0 || now - since > sustainedMs) return { kind: "holds", since };
  return { kind: "holding", since, until: addMs(since, sustainedMs + 1) };
}

/**
 * The earliest sample that can matter to the kind of verdict at `now`. Only the `since` of a
 * condition that already holds may lie further back.
 */
export function samplesNeededSince(condition: Condition, now: Instant): Instant {
  const spanMs = durationMs(condition.sustained) + durationMs(condition.gap);
  const earliest = addMs(now, -(spanMs + 1));
  if (condition.baseline === undefined) return earliest;
  return addMs(earliest, -(spanMs + durationMs(condition.baseline)));
}

function inOrder(samples: readonly Sample[], now: Instant): readonly Sample[] {
  const byInstant = new Map<Instant, Sample>();
  for (const sample of samples) {
    assert(Number.isFinite(sample.value), "a sample's value is a finite number");
    if (sample.at <= now) byInstant.set(sample.at, sample);
  }
  return [...byInstant.values()].sort((a, b) => a.at - b.at);
}

type State = "sick" | "healthy" | BaselineProblem;

function stateReader(condition: Condition, ordered: readonly Sample[]): (sample: Sample) => State {
  const factorOf = condition.baseline === undefined ? () => 1 : meanReader(condition, ordered);
  return (sample) => {
    const factor = factorOf(sample.at);
    if (typeof factor === "string") return factor;
    return meets(condition, sample.value, factor) ? "sick" : "healthy";
  };
}

function meets(condition: Condition, value: number, factor: number): boolean {
  const limit = condition.threshold * factor;
  switch (condition.comparator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
    case ">=": {
      const above = condition.comparator === ">" ? value > limit : value >= limit;
      return above && (condition.upTo === undefined || value <= condition.upTo * factor);
    }
  }
}

/**
 * The mean of the baseline window of a sample at an instant; sums are kept, so that each costs a
 * search.
 */
function meanReader(condition: Condition, ordered: readonly Sample[]) {
  const windowMs = durationMs(condition.baseline ?? "PT0S");
  const pauseMs = durationMs(condition.sustained) + durationMs(condition.gap);
  const sums = [0];
  for (const { value } of ordered) sums.push(sums.at(-1)! + value);
  return (at: Instant): number | BaselineProblem => {
    const end = at - pauseMs;
    const start = end - windowMs;
    const first = firstFrom(ordered, start);
    const past = firstFrom(ordered, end);
    const oldest = ordered[first];
    const count = past - first;
    if (count < MIN_BASELINE_SAMPLES || oldest === undefined || oldest.at >= start + windowMs / 2) {
      return "baseline has too little data";
    }
    const mean = (sums[past]! - sums[first]!) / count;
    return mean > 0 ? mean : "baseline is not above zero";
  };
}

/** The index of the first sample at or after an instant. */
function firstFrom(ordered: readonly Sample[], at: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ordered[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
