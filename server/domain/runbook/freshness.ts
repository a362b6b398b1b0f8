/**
 * Three clocks of staleness, kept apart and by step: read, exercised, moved. None of them disables
 * anything: an old runbook is better than none at three in the morning.
 */
import type { StepFreshness } from "../../../contract/published.ts";
import { runId } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import { toIsoOrNull } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import type { ActionRegistry } from "./action.ts";
import { connectionFault } from "./check.ts";
import {
  listDigests,
  listExercises,
  listNamed,
  listReadings,
  type NamedRow,
} from "./freshnessStore.ts";
import { namedBy } from "./named.ts";
import { roleOf, targetOf } from "./people.ts";
import { boundTo, runnable, stepsOfPlan, type Version } from "./version.ts";

export async function freshnessOf(
  tx: Queryable,
  config: Snapshot,
  registry: ActionRegistry,
  version: Version,
): Promise<StepFreshness[]> {
  const readings = await listReadings(tx, version.runbookId);
  const exercises = await listExercises(tx, version.runbookId);
  const seen = Map.groupBy(await listNamed(tx, version.runbookId), (row) => row.stepHash);
  const now = Map.groupBy(await namedNow(tx, config, version), (row) => row.stepHash);
  return runnable(version.plan).flatMap((plan) =>
    stepsOfPlan(plan).map((step) => {
      const read = readings.get(step.hash);
      const exercised = exercises.get(step.hash);
      const gone = movedThings(config, registry, version, {
        stepId: step.id,
        role: roleOf(plan, step.id),
      });
      const names = (now.get(step.hash) ?? []).map((row) => [row.what, row.fingerprint] as const);
      const changed = changedSince(seen.get(step.hash) ?? [], new Map(names));
      const moved = [...new Set([...gone, ...changed])];
      return {
        step: step.id,
        text: step.text,
        readAt: toIsoOrNull(read?.readAt ?? null),
        readBy: read?.readBy ?? null,
        exercisedAt: toIsoOrNull(exercised?.at ?? null),
        exercisedBy: exercised === undefined ? null : runId(exercised.runNumber),
        moved: moved.map((what) => ({ what, at: null as string | null })),
      };
    }),
  );
}

/** Everything that the steps of a version name, as it is now. */
export async function namedNow(
  tx: Queryable,
  config: Snapshot,
  version: Version,
): Promise<readonly NamedRow[]> {
  const digests = await listDigests(tx);
  return runnable(version.plan).flatMap((plan) =>
    stepsOfPlan(plan).flatMap((step) =>
      namedBy(config, digests, version, { step, role: roleOf(plan, step.id) }).map((named) => ({
        stepHash: step.hash,
        ...named,
      })),
    ),
  );
}

/** What was seen and is another now, or is not there any more. */
const changedSince = (
  seen: readonly NamedRow[],
  now: ReadonlyMap<string, string>,
): readonly string[] =>
  seen.filter(({ what, fingerprint }) => now.get(what) !== fingerprint).map(({ what }) => what);

/** What a step names that is not any more what it was when it was published. */
function movedThings(
  config: Snapshot,
  registry: ActionRegistry,
  version: Version,
  { stepId, role }: { readonly stepId: string; readonly role: string | null },
): readonly string[] {
  const found: string[] = [];
  const bound = boundTo(version, stepId);
  if (bound !== null) {
    const action = registry.find(bound.binding.action);
    if (action === null) found.push(`action ${bound.binding.action}`);
    const owner = version.settings.owner;
    const fault =
      action === null ? null : connectionFault(config, action.connection, bound.connection, owner);
    if (fault !== null) found.push(fault);
    if (bound.state === "suspended") found.push(`its words: ${bound.because}`);
  }
  const target = role === null ? undefined : targetOf(version.settings, role);
  if (target !== undefined && target !== null) {
    if ("schedule" in target && config.get("schedules", target.schedule) === null)
      found.push(`schedule ${target.schedule}`);
    if ("person" in target && config.get("people", target.person) === null)
      found.push(`person ${target.person}`);
    if ("team" in target && config.get("teams", target.team) === null)
      found.push(`team ${target.team}`);
  }
  return found;
}
