/**
 * Configuration as one immutable snapshot: who works here, what can break, whom to page. Every
 * decision takes a snapshot as an argument, so it can be replayed with yesterday's or tried with
 * tomorrow's.
 */
import {
  CONFIG_KINDS,
  type ConfigBody,
  type ConfigKind,
  type ConfigSource,
} from "../../../contract/config.ts";
import type { PublishedPolicy } from "../../../contract/policy.ts";
import { type Instant, instant } from "../../base/instant.ts";

export type Entry<K extends ConfigKind> = {
  readonly kind: K;
  readonly id: string;
  readonly body: ConfigBody<K>;
  readonly owner: "file" | "api" | "default";
  readonly source: ConfigSource | null;
  /** The opaque name that the ledger uses. */
  readonly ref: string;
};
export type AnyEntry = { [K in ConfigKind]: Entry<K> }[ConfigKind];

/** What a schedule says from an instant on, until the next version; null: there is none. */
export type ScheduleVersion = {
  readonly from: Instant;
  readonly body: ConfigBody<"schedules"> | null;
};
/** The first version of a schedule counts since ever. */
export const EVER = instant(0);

export type Snapshot = {
  readonly version: number;
  /** Every object of a kind, by id in alphabetical order. */
  all<K extends ConfigKind>(kind: K): readonly Entry<K>[];
  get<K extends ConfigKind>(kind: K, id: string): Entry<K> | null;
  /** What published runbooks say, which comes first; by runbook. */
  readonly published: readonly PublishedPolicy[];
  /** Of schedules that were changed: what they said and will say, in order. The last is the newest text. */
  readonly versions: ReadonlyMap<string, readonly ScheduleVersion[]>;
  /** What counts of a schedule and when: its text since ever where it was never changed. */
  versionsOf(schedule: Entry<"schedules">): readonly ScheduleVersion[];
};

export const KINDS = Object.keys(CONFIG_KINDS) as readonly ConfigKind[];

/** A snapshot over the given objects. Objects are not copied; do not change them afterwards. */
export function snapshot(
  version: number,
  entries: readonly AnyEntry[],
  published: readonly PublishedPolicy[] = [],
  versions: Snapshot["versions"] = new Map(),
): Snapshot {
  const byKind = new Map<ConfigKind, Map<string, AnyEntry>>(KINDS.map((kind) => [kind, new Map()]));
  for (const entry of entries.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))) {
    byKind.get(entry.kind)?.set(entry.id, entry);
  }
  const lists = new Map(KINDS.map((kind) => [kind, [...(byKind.get(kind)?.values() ?? [])]]));
  return {
    version,
    published,
    versions,
    versionsOf: ({ id, body }) => versions.get(id) ?? [{ from: EVER, body }],
    all: <K extends ConfigKind>(kind: K) =>
      (lists.get(kind) ?? []) as unknown as readonly Entry<K>[],
    get: <K extends ConfigKind>(kind: K, id: string) =>
      (byKind.get(kind)?.get(id) ?? null) as unknown as Entry<K> | null,
  };
}

/** Every object, in the order of kinds and ids. */
export const everyEntry = (from: Snapshot): readonly AnyEntry[] =>
  KINDS.flatMap((kind) => from.all(kind) as readonly AnyEntry[]);

/** {@link Snapshot.get} for a kind that is known only at run time. */
export const anyEntry = (from: Snapshot, kind: ConfigKind, id: string): AnyEntry | null =>
  from.get(kind, id) as AnyEntry | null;

/** "policy.yaml:12", or who else is the source: the API, the defaults. */
export function sourceText(entry: { owner: string; source: ConfigSource | null }): string {
  if (entry.source !== null) return `${entry.source.file}:${entry.source.line}`;
  return entry.owner === "default" ? "defaults" : "API";
}
