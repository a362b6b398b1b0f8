/** HTTP of incidents: parse by contract → command or find → present. */
import * as contract from "../../../contract/incident.ts";
import { incidentNumber } from "../../../contract/ids.ts";
import { type Queryable, transact, type Tx } from "../../base/db.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { mustBeInstant } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, allow, readerOf } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import type { Command } from "./commands.ts";
import { declare, teamsOf } from "./declare.ts";
import { escalate, notMine, reassign } from "./escalating.ts";
import type { Incident } from "./incident.ts";
import { renew } from "./lease.ts";
import { addResponders, answerRequest } from "./responders.ts";
import { merge, unmerge } from "./merging.ts";
import { incidentView, presentIncident, timelineView } from "./present.ts";
import * as record from "./record.ts";
import * as respond from "./respond.ts";
import { findIncident, listIncidents, listTimeline, listTimelineEnd } from "./store.ts";

export type ReadConfig = (tx: Queryable) => Promise<Snapshot>;

/** Runs one verb in a transaction of its own and nudges the engine. */
export async function execute<T>(
  world: World,
  config: ReadConfig,
  actor: Actor,
  work: (command: Command) => Promise<T>,
): Promise<T> {
  const result = await transact(world.db, async (tx: Tx) =>
    work({ tx, world, config: await config(tx), actor, now: world.clock.now() }),
  );
  world.nudge();
  return result;
}

export function incidentRoutes(world: World, config: ReadConfig): readonly BoundRoute<Actor>[] {
  /** A verb and the incident it leaves behind. */
  const verb = (
    actor: Actor,
    id: string,
    act: (command: Command, number: number) => Promise<Incident>,
  ): Promise<contract.IncidentDetail> =>
    execute(world, config, actor, async (command) => {
      const incident = await act(command, incidentNumber(id));
      return presentIncident(command.tx, command.config, incident, command.now);
    });

  const mustFind = async (actor: Actor, id: string): Promise<Incident> => {
    const incident = await findIncident(world.db, readerOf(actor), incidentNumber(id));
    if (incident === null) throw new Refusal("incident.not_found", { id });
    return incident;
  };

  return [
    bind(contract.listIncidents, async ({ actor, query }) => {
      const rows = await listIncidents(
        world.db,
        readerOf(actor),
        query,
        query.limit + 1,
        readCursor(query.cursor, "number"),
      );
      return toPage(
        rows,
        query.limit,
        (row) => ({ at: row.declaredAt, id: String(row.number) }),
        incidentView,
      );
    }),
    bind(contract.getIncident, async ({ actor, params }) =>
      presentIncident(
        world.db,
        await config(world.db),
        await mustFind(actor, params.id),
        world.clock.now(),
      ),
    ),
    bind(contract.getTimeline, async ({ actor, params, query }) => {
      const { number } = await mustFind(actor, params.id);
      const after = readCursor(query.cursor);
      if (query.end) {
        // What comes after a place and what comes last are two questions.
        if (after !== null) throw new Refusal("request.cursor");
        const newest = await listTimelineEnd(world.db, number, query.limit);
        return { items: newest.map(timelineView), next: null };
      }
      const rows = await listTimeline(world.db, number, query.limit + 1, after);
      return toPage(rows, query.limit, (row) => ({ at: row.recordedAt, id: row.id }), timelineView);
    }),
    bind(contract.declareIncident, ({ actor, body }) =>
      execute(world, config, actor, async (command) => {
        const teams = teamsOf(command, body.services);
        for (const team of teams.length === 0 ? [null] : teams.slice(0, 1))
          allow(actor, "incidents.respond", team);
        const incident = await declare(command, {
          title: body.title,
          kind: body.kind,
          severity: body.severity,
          services: body.services,
          regions: body.regions,
          summary: body.summary ?? null,
          detectedAt:
            body.detectedAt === undefined
              ? command.now
              : mustBeInstant(body.detectedAt, "detectedAt"),
          rule: null,
          autoResolve: false,
          restricted: body.restricted,
          readers: body.readers,
        });
        if (incident === null) throw new Refusal("server.fault", { requestId: "declare" });
        return presentIncident(command.tx, command.config, incident, command.now);
      }),
    ),
    bind(contract.acknowledgeIncident, ({ actor, params }) =>
      verb(actor, params.id, respond.acknowledge),
    ),
    bind(contract.escalateIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => escalate(command, n, body?.because ?? null)),
    ),
    bind(contract.reassignIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => reassign(command, n, body.to, body.because ?? null)),
    ),
    bind(contract.notMine, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => notMine(command, n, body?.because ?? null)),
    ),
    bind(contract.renewIncident, ({ actor, params }) => verb(actor, params.id, renew)),
    bind(contract.addResponders, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        addResponders(command, n, body.to, body.message ?? null),
      ),
    ),
    bind(contract.joinIncident, ({ actor, params }) =>
      verb(actor, params.id, (command, n) => answerRequest(command, n, "joined", null)),
    ),
    bind(contract.declineIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        answerRequest(command, n, "declined", body?.because ?? null),
      ),
    ),
    bind(contract.deferIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        respond.defer(command, n, body.because, body.incident ?? null),
      ),
    ),
    bind(contract.changeSeverity, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        respond.changeSeverity(command, n, body.severity, body.because),
      ),
    ),
    bind(contract.assignRole, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.assignRole(command, n, body.role, body.person)),
    ),
    bind(contract.releaseRole, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        record.releaseRole(command, n, body.role, body.person),
      ),
    ),
    bind(contract.handOver, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.handOver(command, n, body.to)),
    ),
    bind(contract.acceptCommand, ({ actor, params }) =>
      verb(actor, params.id, record.acceptCommand),
    ),
    bind(contract.declineCommand, ({ actor, params }) =>
      verb(actor, params.id, record.declineCommand),
    ),
    bind(contract.addNote, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.note(command, n, body.text)),
    ),
    bind(contract.addTask, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        record.addTask(command, n, {
          title: body.title,
          ownerId: body.owner ?? null,
          dueAt: body.dueAt === undefined ? null : mustBeInstant(body.dueAt, "dueAt"),
        }),
      ),
    ),
    bind(contract.finishTask, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.doneTask(command, n, body.task)),
    ),
    bind(contract.attachAlert, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.attach(command, n, body.alert)),
    ),
    bind(contract.setImpact, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.setImpact(command, n, body)),
    ),
    bind(contract.setRootCause, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.setRootCause(command, n, body)),
    ),
    bind(contract.recordPiece, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => record.recordPiece(command, n, body.piece, body.text)),
    ),
    bind(contract.mergeIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => merge(command, n, incidentNumber(body.into))),
    ),
    bind(contract.unmergeIncident, ({ actor, params }) => verb(actor, params.id, unmerge)),
    bind(contract.mitigateIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => respond.mitigate(command, n, body?.text ?? null)),
    ),
    bind(contract.resolveIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => respond.resolve(command, n, body?.text ?? null)),
    ),
    bind(contract.reopenIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) => respond.reopen(command, n, body.because)),
    ),
    bind(contract.closeIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        respond.close(command, n, body?.override?.because ?? null),
      ),
    ),
    bind(contract.cancelIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        respond.cancel(command, n, {
          reason: body.reason,
          of: body.of === undefined ? null : incidentNumber(body.of),
          note: body.note ?? null,
        }),
      ),
    ),
    bind(contract.restrictIncident, ({ actor, params, body }) =>
      verb(actor, params.id, (command, n) =>
        record.restrict(command, n, body.restricted, body.readers),
      ),
    ),
  ];
}
