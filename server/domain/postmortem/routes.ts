/** Postmortems and action items over HTTP: parse by contract → command or find → present. */
import { actionItemNumber, incidentNumber } from "../../../contract/ids.ts";
import * as contract from "../../../contract/postmortem.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { mustBeInstant } from "../../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, ENGINE, readerOf } from "../account/account.ts";
import type { Incident } from "../incident/incident.ts";
import { execute, type ReadConfig } from "../incident/routes.ts";
import { findIncident } from "../incident/store.ts";
import { addActionItem, changeActionItem } from "./actionItems.ts";
import { editSection, postmortemOf, publish } from "./commands.ts";
import { type Document, toMarkdown } from "./document.ts";
import type { Postmortem } from "./postmortem.ts";
import { isOver, isStale } from "./postmortem.ts";
import { actionItemView, presentDocument, presentPostmortem, sectionView } from "./present.ts";
import { renderPage, renderPdf } from "./render.ts";
import { findPostmortem, listActionItems } from "./store.ts";

export const postmortemRoutes = (
  world: World,
  config: ReadConfig,
): readonly BoundRoute<Actor>[] => [
  ...documentRoutes(world, config),
  ...actionItemRoutes(world, config),
];

type Found = { readonly incident: Incident; readonly postmortem: Postmortem };

/**
 * What the actor may read; drafted by Tocsin when the incident is over and has no draft of its end
 * yet.
 */
async function mustFind(
  world: World,
  config: ReadConfig,
  actor: Actor,
  id: string,
): Promise<Found> {
  const incident = await findIncident(world.db, readerOf(actor), incidentNumber(id));
  if (incident === null) throw new Refusal("incident.not_found", { id });
  const found = await findPostmortem(world.db, incident.number);
  const missing = found === null || (isOver(incident) && isStale(found, incident));
  if (!missing) return { incident, postmortem: found };
  const postmortem = await execute(world, config, ENGINE, (command) =>
    postmortemOf(command, incident.number),
  );
  return { incident, postmortem };
}

function documentRoutes(world: World, config: ReadConfig): readonly BoundRoute<Actor>[] {
  const documentOf = async (actor: Actor, id: string): Promise<Document> => {
    const { incident, postmortem } = await mustFind(world, config, actor, id);
    const snapshot = await config(world.db);
    return presentDocument(world.db, snapshot, incident, postmortem, world.clock.now());
  };
  return [
    bind(contract.getPostmortem, async ({ actor, params }) => {
      const { incident, postmortem } = await mustFind(world, config, actor, params.id);
      const snapshot = await config(world.db);
      return presentPostmortem(world.db, snapshot, incident, postmortem, world.clock.now());
    }),
    bind(contract.exportPostmortemMarkdown, async ({ actor, params }) => {
      const text = toMarkdown(await documentOf(actor, params.id));
      return file("text/markdown; charset=utf-8", text, `${params.id}-postmortem.md`);
    }),
    bind(contract.exportPostmortemHtml, async ({ actor, params }) => {
      const text = await renderPage(await documentOf(actor, params.id));
      if (text === null) throw new Refusal("postmortem.not_rendered", { id: params.id });
      return file("text/html; charset=utf-8", text, `${params.id}-postmortem.html`);
    }),
    bind(contract.exportPostmortemPdf, async ({ actor, params }) => {
      const pages = await renderPdf(await documentOf(actor, params.id));
      if (pages === null) throw new Refusal("postmortem.not_rendered", { id: params.id });
      return file("application/pdf", pages, `${params.id}-postmortem.pdf`);
    }),
    bind(contract.editSection, ({ actor, params, body }) =>
      execute(world, config, actor, async (command) =>
        sectionView(
          await editSection(command, incidentNumber(params.id), { key: params.key, ...body }),
        ),
      ),
    ),
    bind(contract.publishPostmortem, ({ actor, params, body }) =>
      execute(world, config, actor, async (command) => {
        const number = incidentNumber(params.id);
        const postmortem = await publish(command, number, body?.audiences ?? []);
        const incident = await findIncident(command.tx, readerOf(actor), number);
        if (incident === null) throw new Refusal("incident.not_found", { id: params.id });
        return presentPostmortem(command.tx, command.config, incident, postmortem, command.now);
      }),
    ),
  ];
}

function actionItemRoutes(world: World, config: ReadConfig): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.addActionItem, ({ actor, params, body }) =>
      execute(world, config, actor, async (command) => {
        const item = await addActionItem(command, incidentNumber(params.id), {
          priority: body.priority,
          title: body.title,
          ownerId: body.owner,
          dueAt: body.dueAt === undefined ? null : mustBeInstant(body.dueAt, "dueAt"),
          note: body.note ?? null,
        });
        return actionItemView(item, command.now);
      }),
    ),
    bind(contract.listActionItems, async ({ actor, query }) => {
      const now = world.clock.now();
      const filter = {
        status: query.status,
        owner: query.owner,
        priority: query.priority,
        incidentNumber: query.incident === undefined ? undefined : incidentNumber(query.incident),
        overdue: query.overdue === undefined ? undefined : query.overdue === "true",
      };
      const after = readCursor(query.cursor, "number");
      const rows = await listActionItems(
        world.db,
        readerOf(actor),
        filter,
        now,
        query.limit + 1,
        after,
      );
      return toPage(
        rows,
        query.limit,
        (item) => ({ at: item.dueAt, id: String(item.number) }),
        (item) => actionItemView(item, now),
      );
    }),
    bind(contract.changeActionItem, ({ actor, params, body }) =>
      execute(world, config, actor, async (command) => {
        const { status, owner, dueAt, note } = body;
        const item = await changeActionItem(command, actionItemNumber(params.id), {
          ...(status !== undefined && { status }),
          ...(owner !== undefined && { ownerId: owner }),
          ...(dueAt !== undefined && { dueAt: mustBeInstant(dueAt, "dueAt") }),
          ...(note !== undefined && { note }),
        });
        return actionItemView(item, command.now);
      }),
    ),
  ];
}

const file = (type: string, text: string | Buffer, name: string): Raw =>
  new Raw(type, text, { "content-disposition": `attachment; filename="${name}"` });
