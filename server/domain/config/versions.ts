/** Versions of schedules: a change of one counts from an instant on, and what it said before stays for the past. */
import type { Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Change } from "./apply.ts";
import {
  type Entry,
  EVER,
  everyEntry,
  type ScheduleVersion,
  type Snapshot,
  snapshot,
} from "./config.ts";
import { saveScheduleVersion } from "./store.ts";

/** From when on a changed schedule counts; `before` are the versions that it has had. */
export type CountsFrom = (
  before: readonly ScheduleVersion[],
  next: Entry<"schedules">["body"],
  facts: { readonly after: Snapshot; readonly now: Instant; readonly atOnce: boolean },
) => Instant;

export type NewVersion = {
  readonly scheduleId: string;
  readonly first: ScheduleVersion;
  readonly next: ScheduleVersion;
};

type Facts = {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly countsFrom: CountsFrom;
  readonly now: Instant;
  readonly atOnce: boolean;
};

/**
 * A version for every schedule that the changes alter, one that is new counts since ever; and for those whose
 * newest text waits for a turn of somebody who is taken away.
 */
export function newVersions(changes: readonly Change[], facts: Facts): readonly NewVersion[] {
  const touched = changes.map(({ before, after }) => after ?? before);
  const ids = new Set(touched.filter(({ kind }) => kind === "schedules").map(({ id }) => id));
  const orphans = changes.some(({ after, before }) => after === null && before.kind === "people");
  const waiting = [...facts.before.versions]
    .filter(([, versions]) => orphans && versions.some(({ from }) => from > facts.now))
    .map(([id]) => id);
  return [
    ...[...ids].flatMap((id) => newVersion(id, facts)),
    ...waiting
      .filter((id) => !ids.has(id) && facts.after.get("schedules", id) !== null)
      .flatMap((id) => newVersion(id, facts)),
  ];
}

function newVersion(scheduleId: string, facts: Facts): readonly NewVersion[] {
  const { before, after, now, atOnce } = facts;
  const was = before.get("schedules", scheduleId);
  const will = after.get("schedules", scheduleId);
  const versions = was === null ? (before.versions.get(scheduleId) ?? []) : before.versionsOf(was);
  const [first] = versions;
  if (first === undefined) return [];
  const from = will === null ? now : facts.countsFrom(versions, will.body, { after, now, atOnce });
  return [{ scheduleId, first, next: { from, body: will?.body ?? null } }];
}

/** The snapshot in which they count. */
export function withVersions(after: Snapshot, made: readonly NewVersion[]): Snapshot {
  if (made.length === 0) return after;
  const versions = new Map(after.versions);
  for (const { scheduleId, first, next } of made) {
    const old = versions.get(scheduleId) ?? [first];
    versions.set(scheduleId, [
      ...old.filter(({ from }) => from < next.from || from === EVER),
      next,
    ]);
  }
  return snapshot(after.version, everyEntry(after), after.published, versions);
}

export async function saveVersions(
  tx: Tx,
  made: readonly NewVersion[],
  now: Instant,
): Promise<void> {
  for (const { scheduleId, ...version } of made)
    await saveScheduleVersion(tx, scheduleId, version, now);
}
