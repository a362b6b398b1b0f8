/** Pages for reading: the front door, the list of incidents, one incident. They change nothing. */
import { incidentId, incidentNumber } from "../../contract/ids.ts";
import * as contract from "../../contract/pages.ts";
import { tokenHash } from "../base/crypto.ts";
import { readCursor, toPage } from "../base/cursor.ts";
import type { Queryable } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, may, readerOf } from "../domain/account/account.ts";
import { listAlerts } from "../domain/alert/store.ts";
import { alertViewer } from "../domain/alert/present.ts";
import { servicesOfReader } from "../domain/catalog/catalog.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { incidentView, presentIncident, timelineView } from "../domain/incident/present.ts";
import { findIncident, listIncidents, listTimeline } from "../domain/incident/store.ts";
import { notificationView } from "../domain/notification/routes.ts";
import { listNotifications } from "../domain/notification/store.ts";
import { homePage, type HomeFacts, incidentsPage } from "./homePage.ts";
import type { Identify } from "./http.ts";
import { type IncidentFacts, incidentPage } from "./incidentPage.ts";
import { pageAround, type Reading } from "./pageParts.ts";

const INCIDENTS_SHOWN = 50;
const ENTRIES_SHOWN = 500;
const PAGES_SHOWN = 200;
const ALERTS_SHOWN = 20;

/** What people are called; whoever is gone from configuration keeps the id. */
export const nameIn =
  (config: Snapshot) =>
  (personId: string): string =>
    config.get("people", personId)?.body.name ?? personId;

export function readingRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  identify: Identify,
): readonly BoundRoute<Actor>[] {
  const readingOf = (snapshot: Snapshot, actor: Actor | null): Reading => {
    const person = actor?.kind === "person" ? snapshot.get("people", actor.personId) : null;
    return { now: world.clock.now(), zone: person?.body.timezone ?? "UTC" };
  };
  return [
    bind(contract.frontDoor, async ({ request }) => {
      // What a stranger presents that is not valid is as good as nothing: the door is open to all.
      const asking = { method: "GET", headers: request.headers };
      const actor = await identify(asking).catch((error: unknown) => {
        if (error instanceof Refusal) return null;
        throw error;
      });
      const snapshot = await config(world.db);
      const facts = await homeFacts(world, snapshot, actor, readingOf(snapshot, actor));
      const options = {
        title: "Home",
        bar: "home",
        signedInAs: actor && calledIn(snapshot, actor),
      } as const;
      return pageAround(options, homePage(facts));
    }),
    bind(contract.showIncidents, async ({ actor, query }) => {
      const snapshot = await config(world.db);
      const after = readCursor(query.cursor, "number");
      const rows = await listIncidents(
        world.db,
        readerOf(actor),
        query,
        INCIDENTS_SHOWN + 1,
        after,
      );
      const { items, next } = toPage(rows, INCIDENTS_SHOWN, cursorOf, incidentView);
      const onward = new URLSearchParams({ ...query, cursor: next ?? "" });
      const body = incidentsPage({
        incidents: items,
        filter: query.state ?? "all",
        nextUrl: next === null ? null : `/incidents?${onward}`,
        nameOf: nameIn(snapshot),
        reading: readingOf(snapshot, actor),
      });
      return pageAround(
        { title: "Incidents", bar: "incidents", signedInAs: calledIn(snapshot, actor) },
        body,
      );
    }),
    bind(contract.showIncident, async ({ actor, params }) => {
      const incident = await findIncident(world.db, readerOf(actor), incidentNumber(params.id));
      if (incident === null) throw new Refusal("incident.not_found", { id: params.id });
      const snapshot = await config(world.db);
      const facts = await incidentFacts(
        world,
        snapshot,
        actor,
        incident,
        readingOf(snapshot, actor),
      );
      const title = `${incident.severity} ${incidentId(incident.number)}`;
      return pageAround(
        { title, bar: "incidents", signedInAs: calledIn(snapshot, actor) },
        incidentPage(facts),
      );
    }),
  ];
}

const cursorOf = (row: Incident) => ({ at: row.declaredAt, id: String(row.number) });

function calledIn(config: Snapshot, actor: Actor): string {
  if (actor.kind === "person") return nameIn(config)(actor.personId);
  return actor.kind === "token" ? actor.label : "signed in";
}

async function homeFacts(
  world: World,
  config: Snapshot,
  actor: Actor | null,
  reading: Reading,
): Promise<HomeFacts> {
  const signedIn = actor !== null && may(actor, "incidents.read", "any") ? actor : null;
  const open =
    signedIn === null
      ? null
      : await listIncidents(world.db, readerOf(signedIn), { state: "open" }, INCIDENTS_SHOWN, null);
  return {
    publicUrl: world.publicUrl,
    open: open === null ? null : open.map(incidentView).toSorted(worstFirst),
    key: signedIn === null ? null : sampleKey(config),
    nameOf: nameIn(config),
    reading,
  };
}

const worstFirst = (a: { severity: string }, b: { severity: string }): number =>
  a.severity < b.severity ? -1 : a.severity > b.severity ? 1 : 0;

/** A sample key, which everybody can read in the sample's files: its secret is its id. */
function sampleKey(config: Snapshot): HomeFacts["key"] {
  const found = config
    .all("keys")
    .find(({ id, body }) => body.secret === `sha256:${tokenHash(id).toString("hex")}`);
  return found === undefined ? null : { secret: found.id, service: found.body.service };
}

async function incidentFacts(
  world: World,
  config: Snapshot,
  actor: Actor,
  incident: Incident,
  reading: Reading,
): Promise<IncidentFacts> {
  const { db } = world;
  const reader = readerOf(actor);
  const incidentNumber = incident.number;
  const entries = await listTimeline(db, incidentNumber, ENTRIES_SHOWN + 1, null);
  const pages = may(actor, "pages.read", "any")
    ? await listNotifications(db, reader, { incidentNumber }, PAGES_SHOWN, null)
    : null;
  const services = servicesOfReader(config, reader);
  const alerts = may(actor, "alerts.read", "any")
    ? await listAlerts(db, reader, services, { incidentNumber }, ALERTS_SHOWN, null)
    : null;
  return {
    incident: await presentIncident(db, config, incident, reading.now),
    timeline: entries.slice(0, ENTRIES_SHOWN).map(timelineView),
    timelineIsCut: entries.length > ENTRIES_SHOWN,
    pages: pages?.toReversed().map(notificationView) ?? null,
    alerts: alerts?.map(await alertViewer(db, config, reading.now)) ?? null,
    nameOf: nameIn(config),
    reading,
  };
}
