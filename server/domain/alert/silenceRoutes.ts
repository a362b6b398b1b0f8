/** HTTP of silences. It stands with the alerts, because a silence tells which of them it holds. */
import * as contract from "../../../contract/silence.ts";
import type { Tx, Queryable } from "../../base/db.ts";
import { transact } from "../../base/db.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, mustBeInstant } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import {
  createSilence,
  endSilence,
  mustCompile,
  type SilenceCommand,
} from "../silence/commands.ts";
import { allMatch, equalLabels, valuesOf } from "../silence/matching.ts";
import { muteView, NO_COUNTS } from "../silence/present.ts";
import { type Mute, muteOfMaintenance, muteOfSilence } from "../silence/silence.ts";
import { silenceWarnings } from "../silence/warnings.ts";
import { countHits, findSilence, listSilences } from "../silence/store.ts";
import type { AlertRow } from "./alert.ts";
import { countHeld } from "./holdStore.ts";
import { alertViewer } from "./present.ts";
import { type AlertFilter, listAlerts } from "./store.ts";

/** Open alerts that are looked through for a preview. */
const PREVIEW_AMONG = 2_000;
const PREVIEW_SHOWN = 100;

type ReadConfig = (tx: Queryable) => Promise<Snapshot>;

export function silenceRoutes(world: World, config: ReadConfig): readonly BoundRoute<Actor>[] {
  const command = <T>(actor: Actor, work: (command: SilenceCommand) => Promise<T>): Promise<T> =>
    transact(world.db, async (tx: Tx) =>
      work({ tx, world, config: await config(tx), actor, now: world.clock.now() }),
    );
  return [
    bind(contract.createSilence, async ({ actor, body }) =>
      command(actor, async (given) => {
        const owner = body.owner ?? null;
        // Its owner hears before it ends, so only a known person can be named.
        if (owner !== null && given.config.get("people", owner) === null)
          throw new Refusal("incident.unknown_person", { person: owner });
        const row = await createSilence(given, {
          matchers: body.matchers,
          reason: body.reason,
          owner,
          startsAt:
            body.startsAt === undefined ? given.now : mustBeInstant(body.startsAt, "startsAt"),
          endsAt: mustBeInstant(body.endsAt, "endsAt"),
          recurs: body.recurs ?? null,
        });
        return muteView(muteOfSilence(row), NO_COUNTS, given.now);
      }),
    ),
    bind(contract.previewSilence, async ({ actor, body }) => {
      mustCompile(body.matchers);
      const snapshot = await config(world.db);
      const reader = readerOf(actor);
      const services = servicesOfReader(snapshot, reader);
      const find = (filter: AlertFilter) =>
        listAlerts(world.db, reader, services, filter, PREVIEW_AMONG, null);
      // Of a great many open alerts those are looked through that have the labels which have to be equal.
      const labels = equalLabels(body.matchers);
      const isMeant = (row: AlertRow) => allMatch(body.matchers, valuesOf(snapshot, row));
      const [open, newest] = [await find({ status: "open" }), await find({})];
      const isAll = open.length < PREVIEW_AMONG || labels.length === 0;
      const looked = isAll ? open : await find({ status: "open", labels });
      const meant = looked.filter(isMeant);
      const recent = newest.filter(isMeant).length;
      const view = await alertViewer(world.db, snapshot, world.clock.now());
      const more = looked.length === PREVIEW_AMONG || meant.length > PREVIEW_SHOWN;
      return {
        items: meant.slice(0, PREVIEW_SHOWN).map(view),
        more,
        recent,
        warnings: silenceWarnings(snapshot, {
          matchers: body.matchers,
          open: open.length,
          meant: meant.length,
          inIncidents: meant.filter(({ incidentNumber }) => incidentNumber !== null).length,
          among: newest.length,
          recent,
        }),
      };
    }),
    bind(contract.listSilences, async ({ query }) => {
      const now = world.clock.now();
      const after = readCursor(query.cursor);
      const rows = await listSilences(world.db, query.state, now, query.limit + 1, after);
      const page = toPage(
        rows,
        query.limit,
        (row) => ({ at: row.createdAt, id: row.id }),
        muteOfSilence,
      );
      // Maintenance windows are few and stand before the first silence.
      const snapshot = await config(world.db);
      const planned = after === null ? snapshot.all("maintenance").map(muteOfMaintenance) : [];
      const shown = await muteViews(world.db, [...planned, ...page.items], now);
      const items = shown.filter(({ state }) => query.state === undefined || state === query.state);
      return { items, next: page.next };
    }),
    bind(contract.getSilence, async ({ params }) => {
      const row = await findSilence(world.db, params.id);
      if (row === null) throw new Refusal("silence.not_found", { id: params.id });
      const [view] = await muteViews(world.db, [muteOfSilence(row)], world.clock.now());
      return view!;
    }),
    bind(contract.endSilence, async ({ actor, params }) =>
      command(actor, async (given) => {
        const row = await endSilence(given, params.id);
        const [view] = await muteViews(given.tx, [muteOfSilence(row)], given.now);
        return view!;
      }),
    ),
  ];
}

/** Mutes with what they hold and have held. */
async function muteViews(
  tx: Queryable,
  mutes: readonly Mute[],
  now: Instant,
): Promise<contract.Silence[]> {
  const refs = mutes.map(({ ref }) => ref);
  const hits = await countHits(tx, refs);
  const held = await countHeld(tx, refs);
  return mutes.map((mute) =>
    muteView(mute, { ...NO_COUNTS, ...hits.get(mute.ref), holds: held.get(mute.ref) ?? 0 }, now),
  );
}
