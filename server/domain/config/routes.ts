/** Configuration over HTTP. */
import type { ConfigObject } from "../../../contract/configuration.ts";
import * as contract from "../../../contract/configuration.ts";
import { readCursor, readNameCursor, toPage } from "../../base/cursor.ts";
import { transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import { setOf } from "./apply.ts";
import {
  applyConfig,
  type Author,
  type ConfigTools,
  previewObject,
  putObject,
  removeObject,
} from "./commands.ts";
import { type AnyEntry, everyEntry, type Snapshot } from "./config.ts";
import { writeFiles } from "./files.ts";
import { masked } from "./secrets.ts";
import { findConfigVersion, findEntry, findSnapshot, listChanges, listEntries } from "./store.ts";

/** What routes need besides: accounts come later in the order of nouns, so rights are handed in. */
export type ConfigAccess<Actor> = {
  /** The actor as an author; refuses whoever may not change configuration. */
  readonly authorOf: (actor: Actor) => Author;
  readonly mayWrite: (actor: Actor) => boolean;
};

/** The routes of configuration. Changes commit first; then every node is told. */
export function configRoutes<Actor>(
  tools: ConfigTools,
  access: ConfigAccess<Actor>,
): readonly BoundRoute<Actor>[] {
  return [...changingRoutes(tools, access), ...readingRoutes(tools, access)];
}

function changingRoutes<Actor>(
  tools: ConfigTools,
  { authorOf }: ConfigAccess<Actor>,
): readonly BoundRoute<Actor>[] {
  const { db, clock, nudge } = tools.world;
  return [
    bind(contract.applyConfiguration, async ({ actor, body }) => {
      const author = authorOf(actor);
      const report = await transact(db, (tx) => applyConfig(tx, tools, author, body, clock.now()));
      if (!report.dryRun) nudge();
      return report;
    }),
    bind(contract.putConfigObject, async ({ actor, params, query, body }) => {
      const author = authorOf(actor);
      const { entry, key } = await transact(db, (tx) =>
        putObject(tx, tools, author, { ...params, ...query, body }, clock.now()),
      );
      nudge();
      return { ...present(entry), key };
    }),
    bind(contract.previewConfigObject, async ({ actor, params, query, body }) => {
      authorOf(actor);
      return transact(db, (tx) =>
        previewObject(tx, tools, { ...params, ...query, body }, clock.now()),
      );
    }),
    bind(contract.removeConfigObject, async ({ actor, params }) => {
      const author = authorOf(actor);
      await transact(db, (tx) => removeObject(tx, tools, author, params, clock.now()));
      nudge();
      return { removed: true as const };
    }),
    bind(contract.exportConfiguration, async ({ actor, query }) => {
      // Key hashes stand in an export, so it is for those who may also write.
      authorOf(actor);
      const snapshot = await findSnapshot(db, await findConfigVersion(db));
      const set = query.set ?? onlySet(snapshot) ?? "exported";
      return { set, files: { ...writeFiles(set, everyEntry(snapshot)) } };
    }),
  ];
}

function readingRoutes<Actor>(
  { world: { db } }: ConfigTools,
  { mayWrite }: ConfigAccess<Actor>,
): readonly BoundRoute<Actor>[] {
  const seen = (actor: Actor, object: ConfigObject): ConfigObject =>
    mayWrite(actor) ? object : { ...object, body: masked(object.body) };
  return [
    bind(contract.listConfigChanges, async ({ actor, query }) => {
      const rows = await listChanges(db, query.limit + 1, readCursor(query.cursor));
      const shown = (body: unknown) =>
        (mayWrite(actor) ? body : masked(body)) as Record<string, unknown> | null;
      return toPage(
        rows,
        query.limit,
        ({ at, id }) => ({ at, id }),
        (change) => ({
          id: change.id,
          at: toIso(change.at),
          by: change.actor as Record<string, unknown>,
          verb: change.verb,
          kind: change.kind,
          object: change.objectId,
          before: shown(change.before),
          after: shown(change.after),
        }),
      );
    }),
    bind(contract.listConfigObjects, async ({ actor, params, query }) => {
      const after = readNameCursor(query.cursor);
      const entries = await listEntries(db, params.kind, query.limit + 1, after);
      const kept = entries.slice(0, query.limit);
      const next = entries.length > kept.length ? (kept.at(-1)?.id ?? null) : null;
      return { items: kept.map((entry) => seen(actor, present(entry))), next };
    }),
    bind(contract.readConfigObject, async ({ actor, params }) => {
      const entry = await findEntry(db, params.kind, params.id);
      if (entry === null) throw new Refusal("config.unknown", params);
      return seen(actor, present(entry));
    }),
  ];
}

const present = ({ kind, id, body, owner, source }: AnyEntry): ConfigObject => ({
  kind,
  id,
  body: { ...body },
  owner: owner === "file" ? "file" : "api",
  source,
});

/** The set of all objects that files own, when it is one. */
function onlySet(snapshot: Snapshot): string | null {
  const sets = [...new Set(everyEntry(snapshot).map(setOf))].filter((set) => set !== null);
  return sets.length === 1 ? (sets[0] ?? null) : null;
}
