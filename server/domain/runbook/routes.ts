/** HTTP of runbooks: publish, read, review; sources and the action registry. */
import { z } from "zod";
import * as contract from "../../../contract/published.ts";
import { type ActionView, listActions } from "../../../contract/action.ts";
import type { RunbookDocument } from "../../../contract/runbook.ts";
import { readNameCursor } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, allow } from "../account/account.ts";
import { execute, type ReadConfig } from "../incident/routes.ts";
import { actionId, type ActionRegistry, type AnyAction } from "./action.ts";
import { draft } from "./draft.ts";
import { presentRunbook, publishView, runbookView } from "./present.ts";
import { publish, withdraw } from "./publish.ts";
import { review } from "./review.ts";
import { askSource, listSourceRows } from "./sourceStore.ts";
import type { PageDrawer } from "./safePages.ts";
import type { RunbookRow, Version } from "./version.ts";
import { versionDiff } from "./versionDiff.ts";
import {
  findBefore,
  findCurrent,
  findRunbook,
  findTexts,
  findVersion,
  listCurrent,
  listVersions,
} from "./versionStore.ts";

/** Reads a document in bounded time; refuses what no reader should be given. */
export type ReadDocument = (path: string, bytes: Buffer) => Promise<RunbookDocument>;

export type RunbookTools = {
  readonly actions: ActionRegistry;
  readonly read: ReadDocument;
  readonly draw: PageDrawer["draw"];
};

export function runbookRoutes(
  world: World,
  config: ReadConfig,
  tools: RunbookTools,
): readonly BoundRoute<Actor>[] {
  const { actions } = tools;
  const mustFind = async (
    id: string,
    digest?: string,
  ): Promise<{ readonly row: RunbookRow; readonly version: Version }> => {
    const row = await findRunbook(world.db, id);
    if (row === null) throw new Refusal("runbook.not_found", { id });
    const version =
      digest === undefined
        ? await findCurrent(world.db, id)
        : await findVersion(world.db, id, digest);
    if (version === null && digest !== undefined)
      throw new Refusal("runbook.version_unknown", { id, digest });
    if (version === null) throw new Refusal("runbook.not_found", { id });
    return { row, version };
  };
  const withTexts = async (version: Version) => {
    const found = await findTexts(world.db, version.runbookId, version.digest);
    if (found === null) throw new Refusal("runbook.not_found", { id: version.runbookId });
    return { version, texts: found };
  };
  const detail = async (found: { row: RunbookRow; version: Version }) =>
    presentRunbook(world.db, await config(world.db), actions, found, world.clock.now());

  return [
    bind(listActions, async () => ({ items: actions.all.map(actionView) })),
    bind(contract.listRunbooks, async ({ query }) => {
      const after = readNameCursor(query.cursor);
      const filter = { owner: query.owner ?? null, after, limit: query.limit + 1 };
      const rows = await listCurrent(world.db, filter);
      const shown = rows.slice(0, query.limit);
      const now = world.clock.now();
      return {
        items: shown.map(({ row, version }) => runbookView(row, version, now)),
        next: rows.length > query.limit ? (shown.at(-1)?.row.id ?? null) : null,
      };
    }),
    bind(contract.getRunbook, async ({ params, query }) =>
      detail(await mustFind(params.id, query.digest)),
    ),
    bind(contract.getRunbookText, async ({ params, query }) => {
      const { texts } = await withTexts((await mustFind(params.id, query.digest)).version);
      return new Raw("text/markdown; charset=utf-8", texts.document);
    }),
    bind(contract.getSidecarText, async ({ params, query }) => {
      const { texts } = await withTexts((await mustFind(params.id, query.digest)).version);
      return new Raw("application/yaml; charset=utf-8", texts.sidecar ?? "");
    }),
    bind(contract.getRunbookPage, async ({ params, query }) => {
      const { version } = await mustFind(params.id, query.digest);
      const { texts } = await withTexts(version);
      const { html, marks } = await tools.draw(version.plan, texts.document);
      const { digest, number, path } = version;
      return { id: params.id, digest, version: number, path, html, marks: [...marks] };
    }),
    bind(contract.getRunbookDiff, async ({ params, query }) => {
      const { version } = await mustFind(params.id, query.to);
      const before =
        query.from === undefined
          ? await findBefore(world.db, params.id, version.number)
          : (await mustFind(params.id, query.from)).version;
      const from = before === null ? null : await withTexts(before);
      return versionDiff(from, await withTexts(version));
    }),
    bind(contract.listRunbookVersions, async ({ params }) => {
      const row = await findRunbook(world.db, params.id);
      if (row === null) throw new Refusal("runbook.not_found", { id: params.id });
      const versions = await listVersions(world.db, params.id);
      return {
        items: versions.map((version) => ({
          digest: version.digest,
          version: version.number,
          publishedAt: toIso(version.publishedAt),
          publishedBy: { ...version.publishedBy },
          documentSha256: version.documentSha256,
          sidecarSha256: version.sidecarSha256,
          parser: version.parser,
          actions: [...version.actions],
          current: version.digest === row.digest,
        })),
      };
    }),
    bind(contract.publishRunbook, async ({ actor, body }) => {
      const document = Buffer.from(body.document);
      const read = await tools.read(body.path, document);
      const published = await execute(world, config, actor, (command) =>
        publish(command, actions, {
          id: body.id,
          path: body.path,
          document,
          sidecar: body.sidecar,
          read,
          source: { kind: "upload", id: null, path: body.path, commit: null },
          dryRun: body.dryRun,
        }),
      );
      return publishView(published, await config(world.db), body.dryRun);
    }),
    bind(contract.draftSidecar, async ({ body }) => {
      const read = await tools.read(body.path, Buffer.from(body.document));
      return draft(await config(world.db), read, {
        path: body.path,
        sidecar: body.sidecar,
        owner: body.owner,
      });
    }),
    bind(contract.withdrawRunbook, async ({ actor, params }) => {
      await execute(world, config, actor, (command) => withdraw(command, params.id));
      return { withdrawn: true as const };
    }),
    bind(contract.reviewRunbook, async ({ actor, params, body }) =>
      detail(
        await execute(world, config, actor, (command) =>
          review(command, params.id, { digest: body.digest, steps: body.steps }),
        ),
      ),
    ),
    bind(contract.listSources, async () => {
      const rows = new Map((await listSourceRows(world.db)).map((row) => [row.id, row]));
      return {
        items: (await config(world.db)).all("runbooks").map(({ id, body }) => {
          const row = rows.get(id);
          return {
            id,
            type: body.type,
            lookedAt: toIsoOrNull(row?.lookedAt ?? null),
            commit: row?.commit ?? null,
            failure: row?.failure ?? null,
            refused: [...(row?.refused ?? [])],
          };
        }),
      };
    }),
    bind(contract.pullSource, async ({ actor, params }) => {
      const source = (await config(world.db)).get("runbooks", params.id);
      const teams = source?.body.teams;
      for (const team of teams ?? [null]) allow(actor, "runbooks.publish", team);
      if (source === null) throw new Refusal("runbook.source_unknown", { id: params.id });
      await askSource(world.db, params.id, world.clock.now());
      world.nudge();
      return { source: params.id, asked: true as const };
    }),
  ];
}

const NOTHING = {} as never;

function actionView(action: AnyAction): ActionView {
  const least = action.input.safeParse(NOTHING);
  return {
    action: actionId(action),
    title: action.title,
    risk: least.success ? action.risk(least.data) : riskOf(action),
    connection: action.connection,
    input: z.toJSONSchema(action.input, { io: "input" }),
    dryRun: action.dryRun !== null,
    undo: action.undo !== null || action.connection === "command",
    timeoutMs: action.timeoutMs,
    permission: action.permission,
  };
}

/** Most actions have one risk whatever they are given. */
const riskOf = (action: AnyAction) => action.risk(NOTHING);
