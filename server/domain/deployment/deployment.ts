/** A change of something that runs, as a deployment or pipeline tool tells it, and how near it is to an incident. */
import { NEAR } from "../../../contract/nearTexts.ts";
import type { Sentence } from "../../../contract/route.ts";
import type { ChangeKind, ChangeStatus } from "../../../contract/deployment.ts";
import { spoken } from "../../base/duration.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../base/instant.ts";

export type { ChangeKind, ChangeStatus } from "../../../contract/deployment.ts";

export type Change = {
  readonly kind: ChangeKind;
  /** The tool's own identity: what it tells later about the same change has the same one. */
  readonly dedupKey: string;
  readonly title: string;
  readonly status: ChangeStatus;
  /** What was changed, by the tool's own words. */
  readonly service: string | null;
  readonly environment: string | null;
  /** A version, a tag or the hash of a commit. */
  readonly version: string | null;
  /** Who or what caused it. */
  readonly by: string | null;
  /** An http or https address. */
  readonly link: string | null;
  readonly at: Instant | null;
  readonly labels: Readonly<Record<string, string>>;
};

/** How long before an incident a change is still worth showing. */
export const LOOK_BACK_MS = DAY;
/** Clocks of tools differ: so short after the detection a change may still be its cause. */
const SKEW_MS = 5 * MINUTE;

/** One step of dependency counts as much as this much time. */
const STEP_MS = HOUR;
/** What came after the detection cannot have caused it, but may be the mend. */
const AFTER_MS = DAY;
/** A build alone changes nothing that runs; neither does what was called off. */
const HARMLESS_MS = 3 * HOUR;

export type Near<T> = {
  readonly change: T;
  readonly distance: number;
  readonly because: Sentence;
};

type Ranked = {
  readonly kind: ChangeKind;
  readonly status: ChangeStatus;
  readonly serviceId: string;
  readonly at: Instant;
};

/**
 * Changes by how likely they are the cause, nearest first. `distances` tells how many dependencies lie
 * between an affected service and another; what is not in it has nothing to do with the incident.
 */
export function rankChanges<T extends Ranked>(
  changes: readonly T[],
  distances: ReadonlyMap<string, number>,
  detectedAt: Instant,
): readonly Near<T>[] {
  return changes
    .flatMap((change) => {
      const distance = distances.get(change.serviceId);
      if (distance === undefined) return [];
      return [{ change, distance, because: reasonOf(change, distance, detectedAt) }];
    })
    .toSorted(
      (a, b) =>
        weightOf(a.change, a.distance, detectedAt) - weightOf(b.change, b.distance, detectedAt),
    );
}

function weightOf(change: Ranked, distance: number, detectedAt: Instant): number {
  const before = detectedAt - change.at;
  const late = before < -SKEW_MS ? AFTER_MS : 0;
  const harmless = change.kind === "pipeline" || change.status === "cancelled" ? HARMLESS_MS : 0;
  return Math.abs(before) + late + harmless + distance * STEP_MS;
}

function reasonOf(change: Ranked, distance: number, detectedAt: Instant): Sentence {
  const before = detectedAt - change.at;
  const side = before >= 0 ? "before" : "after";
  const where = distance === 0 ? "itself" : distance === 1 ? "directly" : "by steps";
  const params = { length: spoken(Math.abs(before)), service: change.serviceId, steps: distance };
  return { template: NEAR[`${side}, ${where}`], params };
}
