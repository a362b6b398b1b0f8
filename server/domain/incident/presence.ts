/**
 * Who has an incident's page open. It is no fact of the incident and stands on no timeline: a tab says every
 * few seconds that it is there, and counts for half a minute when it says no more.
 */
import * as contract from "../../../contract/presence.ts";
import { incidentNumber } from "../../../contract/ids.ts";
import { all, type Queryable, run, sql } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, type Instant, SECOND, toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, personOf, readerOf } from "../account/account.ts";
import { findIncident } from "./store.ts";

const COUNTS_MS = 30 * SECOND;
const SHOWN = 200;
/** Somebody who opens more at once has no eyes for them. */
const MOST_TABS = 20;

export const presenceRoutes = (world: World): readonly BoundRoute<Actor>[] => [
  bind(contract.listPresent, async ({ actor, params }) =>
    view(world, await mustSee(world, actor, params.id)),
  ),
  bind(contract.stayPresent, async ({ actor, params, body }) => {
    const number = await mustSee(world, actor, params.id);
    const person = personOf(actor);
    if (
      person !== null &&
      (await stay(world.db, { number, person, tab: body.tab }, world.clock.now()))
    )
      world.nudge();
    return view(world, number);
  }),
  bind(contract.leavePresence, async ({ actor, params }) => {
    const number = await mustSee(world, actor, params.id);
    const person = personOf(actor);
    if (person !== null && (await leave(world.db, { number, person, tab: params.tab })))
      world.nudge();
    return {};
  }),
];

async function mustSee(world: World, actor: Actor, id: string): Promise<number> {
  const number = incidentNumber(id);
  if ((await findIncident(world.db, readerOf(actor), number)) === null)
    throw new Refusal("incident.not_found", { id });
  return number;
}

async function view({ db, clock }: World, number: number): Promise<contract.PresenceView> {
  const rows = await all(
    db,
    sql<{
      person: string;
      since: Instant;
    }>`select person_id as person, min(since) as since from presence
      where incident_number = ${number} and until > ${clock.now()}
      group by person_id order by min(since), person_id limit ${SHOWN}`,
  );
  return { people: rows.map(({ person, since }) => ({ person, since: toIso(since) })) };
}

type Place = { readonly number: number; readonly person: string; readonly tab: string };

/** True when the tab was not there before. */
async function stay(tx: Queryable, place: Place, now: Instant): Promise<boolean> {
  const until = addMs(now, COUNTS_MS);
  const known = await run(
    tx,
    sql`update presence set until = ${until} where incident_number = ${place.number}
      and person_id = ${place.person} and tab = ${place.tab} and until > ${now}`,
  );
  if (known > 0) return false;
  const come = await run(
    tx,
    sql`insert into presence (incident_number, person_id, tab, since, until)
      select ${place.number}, ${place.person}, ${place.tab}, ${now}, ${until}
      where (select count(*) from presence where person_id = ${place.person} and until > ${now}) < ${MOST_TABS}
      on conflict (incident_number, person_id, tab) do update set since = ${now}, until = ${until}`,
  );
  return come > 0;
}

/** False when it was not there. */
const leave = async (tx: Queryable, { number, person, tab }: Place): Promise<boolean> =>
  (await run(
    tx,
    sql`delete from presence
      where incident_number = ${number} and person_id = ${person} and tab = ${tab}`,
  )) > 0;

/** Who is where at an instant: what live events compare with what they told before. */
export async function whoIsWhere(
  tx: Queryable,
  now: Instant,
): Promise<ReadonlyMap<number, string>> {
  const rows = await all(
    tx,
    sql<{ number: number; people: string }>`
      select incident_number as number, string_agg(distinct person_id, ' ' order by person_id) as people
      from presence where until > ${now} group by incident_number order by incident_number limit 10000`,
  );
  return new Map(rows.map(({ number, people }) => [number, people]));
}

/** Takes out those who are gone. */
export const forgetPresence = (tx: Queryable, now: Instant): Promise<number> =>
  run(tx, sql`delete from presence where until < ${now}`);
