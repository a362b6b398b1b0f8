/** HTTP of runs: parse by contract → command or find → present. */
import { incidentNumber, runNumber } from "../../../contract/ids.ts";
import * as contract from "../../../contract/run.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import type { Command } from "../incident/commands.ts";
import { execute, type ReadConfig } from "../incident/routes.ts";
import { findIncident, lockIncident } from "../incident/store.ts";
import { approveAction, askAction, refuseAction, undoAction } from "./automation.ts";
import { findCarried, notFound } from "./carry.ts";
import { csvOf } from "../../base/csv.ts";
import { escalateTo } from "./escalate.ts";
import { exportedRun } from "./exportRun.ts";
import { fillForm } from "./forms.ts";
import { askFixBranch, messageOf } from "./fixBranch.ts";
import { mailOf, patchOf } from "./patch.ts";
import { eventView, listedView, presentRun } from "./presentRun.ts";
import { changesView, rebase } from "./rebase.ts";
import { KNOWN_TABLES, listRecords, type RecordWithTime } from "./recordStore.ts";
import { writeRecord } from "./records.ts";
import type { RunbookTools } from "./routes.ts";
import type { Carried } from "./run.ts";
import { listEvents, listFixes, listRuns } from "./runStore.ts";
import { listSafeMode } from "./safeMode.ts";
import { start } from "./start.ts";
import * as steps from "./steps.ts";
import { findTexts } from "./versionStore.ts";

export function runRoutes(
  world: World,
  config: ReadConfig,
  { actions }: RunbookTools,
): readonly BoundRoute<Actor>[] {
  /** A verb and the run it leaves behind. */
  const verb = (
    actor: Actor,
    id: string,
    act: (command: Command, number: number) => Promise<Carried>,
  ): Promise<contract.RunDetail> =>
    execute(world, config, actor, async (command) => {
      const carried = await act(command, runNumber(id));
      return presentRun(command.tx, command.config, actions, carried, command.now);
    });

  const mustFind = async (actor: Actor, id: string): Promise<Carried> => {
    const carried = await findCarried(world.db, readerOf(actor), runNumber(id));
    if (carried === null) throw notFound(runNumber(id));
    return carried;
  };

  const patchFor = async ({ run, version }: Carried) => {
    const fixes = await listFixes(world.db, run.number);
    const texts = await findTexts(world.db, run.runbookId, version.digest);
    const own = fixes.filter(({ digest }) => digest === version.digest);
    return {
      patch: patchOf(version, texts?.document ?? Buffer.alloc(0), own),
      fixes: own,
      version,
    };
  };

  return [
    bind(contract.startRun, ({ actor, body }) =>
      execute(world, config, actor, async (command) => {
        const incident = await incidentFor(command, body.incident);
        const carried = await start(command, {
          runbook: body.runbook,
          plan: body.plan,
          incident,
          inputs: body.inputs,
          drill: body.drill,
          because: "by hand",
          startKey: null,
        });
        if (carried === null) throw new Refusal("server.fault", { requestId: "start" });
        return presentRun(command.tx, command.config, actions, carried, command.now);
      }),
    ),
    bind(contract.listRuns, async ({ actor, query }) => {
      const filter = {
        incident: query.incident === undefined ? null : incidentNumber(query.incident),
        runbook: query.runbook ?? null,
        state: query.state ?? null,
      };
      const after = readCursor(query.cursor, "number");
      const rows = await listRuns(world.db, readerOf(actor), filter, query.limit + 1, after);
      return toPage(
        rows,
        query.limit,
        (row) => ({ at: row.startedAt, id: String(row.number) }),
        listedView,
      );
    }),
    bind(contract.getRun, async ({ actor, params }) =>
      presentRun(
        world.db,
        await config(world.db),
        actions,
        await mustFind(actor, params.id),
        world.clock.now(),
      ),
    ),
    bind(contract.exportRun, async ({ actor, params }) => {
      const carried = await mustFind(actor, params.id);
      const now = world.clock.now();
      const run = await presentRun(world.db, await config(world.db), actions, carried, now);
      const events = await listEvents(world.db, carried.run.number, 5_000, null);
      return new Raw("text/markdown; charset=utf-8", exportedRun(run, events.map(eventView), now));
    }),
    bind(contract.getRunTimeline, async ({ actor, params, query }) => {
      const { run } = await mustFind(actor, params.id);
      const rows = await listEvents(
        world.db,
        run.number,
        query.limit + 1,
        readCursor(query.cursor),
      );
      return toPage(rows, query.limit, (row) => ({ at: row.at, id: row.id }), eventView);
    }),
    bind(contract.getRunChanges, async ({ actor, params }) =>
      changesView(world.db, await mustFind(actor, params.id)),
    ),
    bind(contract.getFixes, async ({ actor, params }) => {
      const { patch } = await patchFor(await mustFind(actor, params.id));
      return new Raw("text/x-patch; charset=utf-8", patch);
    }),
    bind(contract.getFixMail, async ({ actor, params }) => {
      const { patch, fixes, version } = await patchFor(await mustFind(actor, params.id));
      const newest = fixes.at(-1);
      const by = newest?.byActor.kind === "person" ? newest.byActor.personId : "tocsin";
      const author = `${by} <${by}@${new URL(world.publicUrl).hostname}>`;
      const message = messageOf(params.id, version.path, fixes.length, version.digest);
      const mail = mailOf(patch, { author, at: newest?.at ?? world.clock.now(), message });
      return new Raw("application/mbox; charset=utf-8", mail);
    }),
    bind(contract.pushFixes, ({ actor, params }) =>
      verb(actor, params.id, (command, n) => askFixBranch(command, n)),
    ),
    bind(contract.beginStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.beginOne(command, n, body)),
    ),
    bind(contract.doneStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.finishOne(command, n, body)),
    ),
    bind(contract.skipStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.skipOne(command, n, body)),
    ),
    bind(contract.dismissStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.dismissOne(command, n, body)),
    ),
    bind(contract.failStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.failOne(command, n, body)),
    ),
    bind(contract.reopenStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.reopenOne(command, n, body)),
    ),
    bind(contract.assignStep, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.assignOne(command, n, body)),
    ),
    bind(contract.answerGuard, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.answerOne(command, n, body)),
    ),
    bind(contract.giveInputs, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.giveInputs(command, n, body.inputs)),
    ),
    bind(contract.fillForm, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => fillForm(command, n, body)),
    ),
    bind(contract.runAction, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => askAction(command, actions, n, body)),
    ),
    bind(contract.approveAction, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => approveAction(command, actions, n, body.step)),
    ),
    bind(contract.refuseAction, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => refuseAction(command, n, body)),
    ),
    bind(contract.undoAction, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => undoAction(command, actions, n, body.step)),
    ),
    bind(contract.writeRecord, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        writeRecord(command, n, { table: body.table, step: body.step, values: body.values }),
      ),
    ),
    bind(contract.proposeFix, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.proposeFix(command, n, body)),
    ),
    bind(contract.escalateRun, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => escalateTo(command, n, body)),
    ),
    bind(contract.rebaseRun, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => rebase(command, n, body.digest)),
    ),
    bind(contract.finishRun, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.finish(command, n, body?.because ?? null)),
    ),
    bind(contract.abandonRun, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => steps.abandon(command, n, body.because)),
    ),
    bind(contract.listRecords, async ({ actor, params, query }) => {
      const after = readCursor(query.cursor, "number");
      const reader = readerOf(actor);
      const rows = await listRecords(world.db, reader, params.table, query.limit + 1, after);
      return toPage(
        rows,
        query.limit,
        (row) => ({ at: row.updatedAt, id: String(row.runNumber ?? 0) }),
        recordView,
      );
    }),
    bind(contract.exportRecords, async ({ actor, params }) => {
      const rows = await listRecords(world.db, readerOf(actor), params.table, MOST_ROWS, null);
      const columns = KNOWN_TABLES[params.table] ?? [
        ...new Set(rows.flatMap((row) => Object.keys(row.values))),
      ];
      const csv = csvOf(
        columns,
        rows.map(({ values }) => columns.map((name) => values[name] ?? "")),
      );
      const file = `attachment; filename="${params.table}.csv"`;
      return new Raw("text/csv; charset=utf-8", csv, { "content-disposition": file });
    }),
    bind(contract.getSafeMode, async ({ actor }) => {
      const rows = await listSafeMode(world.db);
      const items = [];
      for (const row of rows) {
        // A banner is there for everybody; which incident it belongs to only for who may see that one.
        const incident =
          row.incidentNumber !== null &&
          (await findIncident(world.db, readerOf(actor), row.incidentNumber)) !== null
            ? `INC-${row.incidentNumber}`
            : null;
        const { scope, isOn: on, message } = row;
        items.push({ scope, on, message, since: toIso(row.since), incident });
      }
      return { items };
    }),
  ];
}

const MOST_ROWS = 50_000;

const recordView = ({
  table,
  id,
  values,
  runNumber: run,
  incidentNumber: incident,
  updatedAt,
}: RecordWithTime) => ({
  table,
  id,
  values: { ...values },
  run: run === null ? null : `RUN-${run}`,
  incident: incident === null ? null : `INC-${incident}`,
  updatedAt: toIso(updatedAt),
});

async function incidentFor(command: Command, id: string | undefined) {
  if (id === undefined) return null;
  const incident = await lockIncident(command.tx, readerOf(command.actor), incidentNumber(id));
  if (incident === null) throw new Refusal("incident.not_found", { id });
  return incident;
}
