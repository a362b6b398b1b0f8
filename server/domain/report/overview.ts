/** The first page: gathers what burns, what waits for whoever asks, who is on call and what is late. */
import * as contract from "../../../contract/overview.ts";
import { incidentId } from "../../../contract/ids.ts";
import { tokenHash } from "../../base/crypto.ts";
import type { Queryable } from "../../base/db.ts";
import { addMs, DAY, HOUR, type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, personOf, type Reader, readerOf } from "../account/account.ts";
import { countAside } from "../alert/asideStore.ts";
import { alertViewer } from "../alert/present.ts";
import { findSpoolDepth, findStorm } from "../alert/spoolStore.ts";
import { countUnattended, listAlerts, listIntakeUse } from "../alert/store.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { deadlineView } from "../deadline/present.ts";
import { isDrill } from "../incident/incident.ts";
import { incidentView } from "../incident/present.ts";
import { listIncidents } from "../incident/store.ts";
import { finalShifts } from "../oncall/oncall.ts";
import { listOverrides } from "../oncall/store.ts";
import { actionItemView } from "../postmortem/present.ts";
import { listActionItems } from "../postmortem/store.ts";
import * as store from "./overviewStore.ts";

const BURNING = 50;
const FIRING = 6;
const ITEMS = 8;
const SOON_MS = 12 * HOUR;
const GAPS_MS = 14 * DAY;

export const overviewRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(contract.readOverview, async ({ actor }) => {
    const snapshot = await config(world.db);
    const now = world.clock.now();
    const [burning, mine, late, cover, alerts, storm] = await Promise.all([
      whatBurns(world.db, readerOf(actor), now),
      whatWaits(world.db, actor, now),
      whatIsLate(world.db, readerOf(actor), now),
      onCall(world.db, snapshot, now),
      whatFires(world.db, snapshot, readerOf(actor), now),
      whatStorms(world.db),
    ]);
    return {
      now: toIso(now),
      publicUrl: world.publicUrl,
      ...burning,
      ...mine,
      ...late,
      ...cover,
      ...alerts,
      ...storm,
      configured: {
        services: snapshot.all("services").length,
        people: snapshot.all("people").length,
        schedules: snapshot.all("schedules").length,
        keys: snapshot.all("keys").length,
      },
    };
  }),
  bind(contract.readDirectory, async () => directoryOf(await config(world.db))),
];

type Part<K extends keyof contract.Overview> = Promise<Pick<contract.Overview, K>>;

async function whatBurns(
  db: Queryable,
  reader: Reader,
  now: Instant,
): Part<"burning" | "burningCount"> {
  const listed = await listIncidents(db, reader, { state: "open" }, BURNING, null);
  const open = listed.filter((incident) => !isDrill(incident));
  const clocks = await store.listOpenClocks(
    db,
    open.map(({ number }) => incidentId(number)),
  );
  const burning = open.map((incident) => ({
    ...incidentView(incident),
    deadlines: clocks
      .filter(({ subject }) => subject === incidentId(incident.number))
      .map((row) => deadlineView(row, now)),
  }));
  return {
    burning: burning.toSorted((a, b) => a.severity.localeCompare(b.severity)),
    burningCount:
      listed.length < BURNING ? open.length : await store.countOpenIncidents(db, reader),
  };
}

/** An incident of a storm is nobody's secret: it is never restricted. */
async function whatStorms(db: Queryable): Part<"storm" | "setAside"> {
  const [storm, depth] = [await findStorm(db), await findSpoolDepth(db)];
  return {
    storm:
      storm === null && depth.signals === 0
        ? null
        : {
            waiting: depth.signals,
            oldestAt: toIsoOrNull(depth.oldestAt),
            incident: storm === null ? null : incidentId(storm.incidentNumber),
          },
    setAside: await countAside(db),
  };
}

async function whatWaits(
  db: Queryable,
  actor: Actor,
  now: Instant,
): Part<"pages" | "tasks" | "actionItems"> {
  const person = personOf(actor);
  if (person === null) return { pages: [], tasks: [], actionItems: [] };
  const reader = readerOf(actor);
  const mine = { owner: person, status: "unfinished" } as const;
  const [pages, tasks, items] = await Promise.all([
    store.listWaitingPages(db, reader, person),
    store.listTasksOf(db, reader, person),
    listActionItems(db, reader, mine, now, ITEMS, null),
  ]);
  return {
    pages: pages.map((row) => ({ ...aboutOf(row), id: row.id, pagedAt: toIso(row.pagedAt) })),
    tasks: tasks.map((row) => ({
      ...aboutOf(row),
      id: row.id,
      task: row.task,
      dueAt: toIsoOrNull(row.dueAt),
    })),
    actionItems: items.map((item) => actionItemView(item, now)),
  };
}

async function whatIsLate(
  db: Queryable,
  reader: Reader,
  now: Instant,
): Part<"overdueItems" | "postmortems"> {
  const [items, owed] = await Promise.all([
    listActionItems(db, reader, { overdue: true }, now, ITEMS, null),
    store.listOwedPostmortems(db, reader),
  ]);
  return {
    overdueItems: items.map((item) => actionItemView(item, now)),
    postmortems: owed.map((row) => ({
      ...aboutOf(row),
      commander: row.commanderId,
      deadline: deadlineView(
        { id: row.id, subject: incidentId(row.number), teamId: null, deadline: row.deadline },
        now,
      ),
    })),
  };
}

const aboutOf = (row: {
  readonly number: number;
  readonly title: string;
  readonly severity: contract.BurningIncident["severity"];
  readonly state: contract.BurningIncident["state"];
}) => ({
  incident: incidentId(row.number),
  title: row.title,
  severity: row.severity,
  state: row.state,
});

async function onCall(db: Queryable, config: Snapshot, now: Instant): Part<"onCall" | "gaps"> {
  const until = addMs(now, GAPS_MS);
  const soon = addMs(now, SOON_MS);
  const overrides = await listOverrides(db, null, addMs(now, -1), until);
  const schedules = config.all("schedules").map((schedule) => {
    const { id, body } = schedule;
    const own = overrides
      .filter((row) => row.scheduleId === id)
      .map((row) => ({ ...row, person: row.personId }));
    const spans = finalShifts(config.versionsOf(schedule), own, now, until).map((shift) => ({
      person: shift.person,
      startsAt: shift.startsAt,
      endsAt: shift.endsAt,
    }));
    return { schedule: id, name: body.name, spans };
  });
  const shown = (span: { person: string | null; startsAt: Instant; endsAt: Instant }) => ({
    ...span,
    startsAt: toIso(span.startsAt),
    endsAt: toIso(span.endsAt),
  });
  return {
    onCall: schedules.map(({ spans, ...schedule }) => ({
      ...schedule,
      spans: spans.filter((span) => span.startsAt < soon).map(shown),
    })),
    gaps: schedules.flatMap(({ spans, ...schedule }) =>
      spans
        .filter((span) => span.person === null)
        .slice(0, 5)
        .map((gap) => ({
          ...schedule,
          startsAt: toIso(gap.startsAt),
          endsAt: toIso(gap.endsAt),
        })),
    ),
  };
}

async function whatFires(
  db: Queryable,
  config: Snapshot,
  reader: Reader,
  now: Instant,
): Part<"firing" | "firingCount" | "silentKey"> {
  const services = servicesOfReader(config, reader);
  const [alerts, firingCount, used] = await Promise.all([
    listAlerts(db, reader, services, { status: "firing", unattended: true }, FIRING, null),
    countUnattended(db, reader, services),
    listIntakeUse(db),
  ]);
  const silent = config.all("keys").find(({ id }) => !used.some((row) => row.keyId === id));
  return {
    firing: alerts.map(await alertViewer(db, config, now)),
    firingCount,
    silentKey: silent === undefined ? null : shownKey(silent),
  };
}

/** A sample's key can be read in its files by everybody: its secret is its id. */
const shownKey = ({ id, body }: { id: string; body: { service: string; secret: string } }) => ({
  id,
  service: body.service,
  secret: body.secret === `sha256:${tokenHash(id).toString("hex")}` ? id : null,
});

const directoryOf = (config: Snapshot): contract.Directory => ({
  version: config.version,
  people: config
    .all("people")
    .map(({ id, body }) => ({ id, name: body.name, phone: body.phone ?? null })),
  teams: config.all("teams").map(({ id, body }) => ({ id, name: body.name })),
  services: config.all("services").map(({ id, body }) => ({
    id,
    name: body.name,
    team: body.team,
    tier: body.tier,
    runbook: body.runbook ?? null,
  })),
  audiences: config
    .all("audiences")
    .map(({ id, body }) => ({ id, name: body.name, public: body.public })),
});
