/**
 * Looks at the configured sources of runbooks and publishes what they hold. One source at a time and node,
 * under a lease, outside the tick: a slow repository delays nobody.
 */
import type { RunbookSource } from "../../contract/published.ts";
import { transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { Fetched } from "../base/repository.ts";
import type { Entry } from "../domain/config/config.ts";
import type { ActionRegistry } from "../domain/runbook/action.ts";
import type { ReadDocument } from "../domain/runbook/routes.ts";
import { type Found, publishFound, withdrawGone } from "../domain/runbook/source.ts";
import {
  claimSource,
  findNextSource,
  haveSources,
  saveSource,
  type SourceRow,
} from "../domain/runbook/sourceStore.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

/** Promises never to reject. `known`: the commit that was read last. */
export type FetchSource = (source: RunbookSource, known: string | null) => Promise<Fetched>;

const LEASE_MS = 5 * MINUTE;

export type SourcesStep = Step & { drain(): Promise<void> };

export function sourcesStep(
  parts: EngineParts,
  tools: {
    readonly actions: ActionRegistry;
    readonly read: ReadDocument;
    readonly fetch: FetchSource;
  },
): SourcesStep {
  let underWay: Promise<void> | null = null;
  return {
    name: "sources",
    async run(now) {
      const { db } = parts.world;
      const sources = (await parts.config(db)).all("runbooks");
      if (sources.length === 0 || underWay !== null) return { done: 0, nextAt: null };
      const ids = sources.map(({ id }) => id);
      await haveSources(db, ids, now);
      const row = await transact(db, (tx) => claimSource(tx, ids, now, addMs(now, LEASE_MS)));
      const source = sources.find(({ id }) => id === row?.id);
      if (row !== null && source !== undefined)
        underWay = lookAt(parts, tools, source, row)
          .catch((error: unknown) =>
            parts.world.log.error("a source of runbooks could not be read", errorFields(error)),
          )
          .finally(() => (underWay = null));
      return { done: row === null ? 0 : 1, nextAt: await findNextSource(db, ids, now) };
    },
    async drain() {
      await underWay;
    },
  };
}

async function lookAt(
  parts: EngineParts,
  tools: Parameters<typeof sourcesStep>[1],
  source: Entry<"runbooks">,
  row: SourceRow,
): Promise<void> {
  const { world } = parts;
  const fetched = await tools.fetch(source.body, row.failure === null ? row.commit : null);
  const now = world.clock.now();
  const after: SourceRow = {
    ...row,
    dueAt: addMs(now, source.body.everyMinutes * MINUTE),
    lookedAt: now,
  };
  if (fetched.kind === "failure")
    return saveSource(world.db, { ...after, failure: fetched.because });
  if (fetched.kind === "same") return saveSource(world.db, { ...after, failure: null });
  const refused: { path: string; because: string }[] = [];
  const documents = fetched.files.filter(({ path }) => /\.(md|markdown)$/i.test(path));
  for (const { path, bytes } of documents) {
    const sidecar = fetched.files.find((file) => file.path === sidecarOf(path))?.bytes ?? null;
    const found: Found = {
      source,
      path,
      document: bytes,
      sidecar: sidecar?.toString("utf8") ?? null,
      commit: fetched.commit,
      read: await tools.read(path, bytes),
    };
    const because = await publishOne(parts, tools.actions, found, now);
    if (because !== null) refused.push({ path, because });
  }
  const paths = documents.map(({ path }) => path);
  await asEngine(parts, now, (command) => withdrawGone(command, source.id, paths));
  await saveSource(world.db, { ...after, commit: fetched.commit, failure: null, refused });
  world.nudge();
}

const sidecarOf = (path: string): string => `${path.replace(/\.(md|markdown)$/i, "")}.tocsin.yaml`;

/** Why it was refused; the version before stays in use then. */
async function publishOne(
  parts: EngineParts,
  actions: ActionRegistry,
  found: Found,
  now: Instant,
): Promise<string | null> {
  try {
    await asEngine(parts, now, (command) => publishFound(command, actions, found));
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message.slice(0, 1_000);
    throw error;
  }
}
