/**
 * Decides what applying a set of files changes. A set is what the files of one directory own: only
 * what it owns can vanish with its files, and what others own is overwritten only when asked.
 */
import type { ConfigBody, ConfigKind, ConfigSource } from "../../../contract/config.ts";
import type { ConfigFinding } from "../../../contract/configuration.ts";
import {
  type AnyEntry,
  anyEntry,
  everyEntry,
  KINDS,
  type Snapshot,
  snapshot,
  sourceText,
} from "./config.ts";
import { sameBody } from "./difference.ts";

/** An object as a file states it, its body already read. */
export type Desired = {
  readonly kind: ConfigKind;
  readonly id: string;
  readonly body: ConfigBody;
  readonly source: ConfigSource;
};

export type Change =
  | { readonly verb: "create"; readonly before: null; readonly after: AnyEntry }
  | { readonly verb: "update"; readonly before: AnyEntry; readonly after: AnyEntry }
  | { readonly verb: "remove"; readonly before: AnyEntry; readonly after: null };

export type ApplyPlan = {
  /** Creations and updates in the order in which kinds refer to each other, then removals. */
  readonly changes: readonly Change[];
  /** Unchanged objects that stand on another line now. */
  readonly moved: readonly AnyEntry[];
  readonly unchanged: number;
  /** Objects of others that would have to be taken over; while there are any, do nothing. */
  readonly conflicts: readonly ConfigFinding[];
  /** The configuration as it would be. */
  readonly after: Snapshot;
};

/** The set that owns an object of a file: the first folder of its source. */
export const setOf = (entry: { readonly source: ConfigSource | null }): string | null =>
  entry.source?.file.split("/")[0] ?? null;

/** Plans making the objects of `set` what `objects` say. `newRef`: a reference never used before. */
export function planApply(
  before: Snapshot,
  request: { readonly set: string; readonly objects: readonly Desired[]; readonly take: boolean },
  newRef: () => string,
): ApplyPlan {
  const changes: Change[] = [];
  const moved: AnyEntry[] = [];
  const conflicts: ConfigFinding[] = [];
  let unchanged = 0;
  for (const desired of inOrder(request.objects)) {
    const found = anyEntry(before, desired.kind, desired.id);
    const after = entryOf(desired, found?.ref ?? newRef());
    if (found === null) {
      changes.push({ verb: "create", before: null, after });
      continue;
    }
    const same = sameBody(found.body, desired.body);
    const own = found.owner === "file" && setOf(found) === request.set;
    if (own || request.take) {
      if (!same || !own) changes.push({ verb: "update", before: found, after });
      else unchanged++;
      if (same && own && !sameBody(found.source, desired.source)) moved.push(after);
    } else if (same) unchanged++;
    else conflicts.push(conflictOf(found, desired));
  }
  for (const entry of vanished(before, request))
    changes.push({ verb: "remove", before: entry, after: null });
  return { changes, moved, unchanged, conflicts, after: patched(before, changes, moved) };
}

/** A snapshot with changes made and positions moved. */
export function patched(
  before: Snapshot,
  changes: readonly Change[],
  moved: readonly AnyEntry[] = [],
): Snapshot {
  const entries = new Map<string, AnyEntry>();
  const keyOf = (entry: AnyEntry): string => `${entry.kind}/${entry.id}`;
  for (const entry of everyEntry(before)) entries.set(keyOf(entry), entry);
  for (const entry of moved) entries.set(keyOf(entry), entry);
  for (const change of changes) {
    if (change.after === null) entries.delete(keyOf(change.before));
    else entries.set(keyOf(change.after), change.after);
  }
  const version = changes.length + moved.length === 0 ? before.version : before.version + 1;
  return snapshot(version, [...entries.values()], before.published, before.versions);
}

const entryOf = ({ kind, id, body, source }: Desired, ref: string): AnyEntry =>
  ({ kind, id, body, source, owner: "file", ref }) as AnyEntry;

const inOrder = (objects: readonly Desired[]): readonly Desired[] =>
  objects.toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.id < b.id ? -1 : 1),
  );

function conflictOf(found: AnyEntry, { kind, id, source }: Desired): ConfigFinding {
  const owner = found.owner === "api" ? "the API" : sourceText(found);
  const message = `owned by ${owner}; --take takes it over`;
  return { source, path: `${kind}.${id}`, message };
}

function vanished(
  before: Snapshot,
  { set, objects }: { readonly set: string; readonly objects: readonly Desired[] },
): readonly AnyEntry[] {
  const wanted = new Set(objects.map(({ kind, id }) => `${kind}/${id}`));
  return everyEntry(before)
    .toReversed()
    .filter((entry) => entry.owner === "file" && setOf(entry) === set)
    .filter((entry) => !wanted.has(`${entry.kind}/${entry.id}`));
}
