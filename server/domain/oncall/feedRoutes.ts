/** HTTP of calendars: who may have their addresses, and what stands behind one. */
import * as contract from "../../../contract/feed.ts";
import { maybe, one, type Queryable, sql, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import { bind, type BoundRoute, Raw } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, actorRef, allow, personOf } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { calendarOf, CALENDAR_TYPE, type FeedShift } from "./feed.ts";
import { bySchedule } from "./asking.ts";
import { finalShifts, holdersOf, shadowShifts } from "./oncall.ts";
import { listOverrides } from "./store.ts";

const BACK_MS = 30 * DAY;
const AHEAD_MS = 180 * DAY;

type Subject = { readonly of: contract.FeedOf; readonly id: string };

export const feedRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(contract.giveFeed, async ({ actor, params }) => {
    mustExist(await config(world.db), params);
    if (params.of === "person") mustBeOwn(actor, params.id);
    return { ...params, url: addressOf(world, params, await generationOf(world.db, params)) };
  }),
  bind(contract.renewFeed, ({ actor, params }) =>
    transact(world.db, async (tx) => {
      const snapshot = await config(tx);
      mustExist(snapshot, params);
      if (params.of === "person") mustBeOwn(actor, params.id);
      else {
        const team = snapshot.get("schedules", params.id)?.body.team ?? null;
        allow(actor, "oncall.override", team);
      }
      const { generation } = await one(
        tx,
        sql<{ generation: number }>`insert into calendar_feed (subject, generation)
          values (${subjectOf(params)}, 1)
          on conflict (subject) do update set generation = calendar_feed.generation + 1 returning generation`,
      );
      await record(tx, world, {
        stream: "access",
        at: world.clock.now(),
        actorRef: actorRef(actor),
        action: "calendar address renewed",
        objectRef: `${params.of} feed`,
        payload: params,
      });
      return { ...params, url: addressOf(world, params, generation) };
    }),
  ),
  bind(contract.readFeed, async ({ params }) => {
    const snapshot = await config(world.db);
    const generation = await generationOf(world.db, params);
    const secret = params.secret.replace(/\.ics$/, "");
    if (!world.keys.verify("calendar", `${subjectOf(params)}/${generation}`, secret))
      throw new Refusal("oncall.feed_unknown");
    mustExist(snapshot, params);
    return new Raw(CALENDAR_TYPE, await calendar(world, snapshot, params, world.clock.now()));
  }),
];

const subjectOf = ({ of, id }: Subject): string => `${of}:${id}`;

const addressOf = (world: World, { of, id }: Subject, generation: number): string => {
  const secret = world.keys.sign("calendar", `${subjectOf({ of, id })}/${generation}`);
  return `${world.publicUrl}/feeds/${of}/${id}/${secret}.ics`;
};

async function generationOf(tx: Queryable, subject: Subject): Promise<number> {
  const row = await maybe(
    tx,
    sql<{
      generation: number;
    }>`select generation from calendar_feed where subject = ${subjectOf(subject)}`,
  );
  return row?.generation ?? 0;
}

function mustExist(config: Snapshot, { of, id }: Subject): void {
  if (of === "schedule" && config.get("schedules", id) === null)
    throw new Refusal("oncall.unknown_schedule", { id });
  if (of === "person" && config.get("people", id) === null)
    throw new Refusal("incident.unknown_person", { person: id });
}

/** A person's calendar tells where somebody sleeps: theirs alone, and of whoever gives out access. */
function mustBeOwn(actor: Actor, personId: string): void {
  if (personOf(actor) !== personId) allow(actor, "tokens.manage", null);
}

async function calendar(
  world: World,
  config: Snapshot,
  { of, id }: Subject,
  now: Instant,
): Promise<string> {
  const [from, to] = [addMs(now, -BACK_MS), addMs(now, AHEAD_MS)];
  const schedules = config.all("schedules").filter((each) => of === "person" || each.id === id);
  const overrides = await listOverrides(
    world.db,
    schedules.map((each) => each.id),
    from,
    to,
  );
  const nameOf = (person: string): string => config.get("people", person)?.body.name ?? person;
  const overridesOf = bySchedule(overrides);
  const shifts = schedules.flatMap((schedule): readonly FeedShift[] => {
    const roster = config.versionsOf(schedule);
    const about = { scheduleId: schedule.id, scheduleName: schedule.body.name };
    const held = finalShifts(roster, overridesOf(schedule.id), from, to).map((shift) => {
      const people = holdersOf(shift);
      const name = people.length === 0 ? null : people.map(nameOf).join(", ");
      return { ...about, ...shift, name, isShadow: false };
    });
    if (of === "schedule") return held;
    const shadowed = shadowShifts(roster, from, to)
      .filter(({ person }) => person === id)
      .map((shift) => ({
        ...about,
        ...shift,
        others: [],
        overrideId: null,
        name: nameOf(id),
        isShadow: true,
      }));
    return [...held.filter((shift) => holdersOf(shift).includes(id)), ...shadowed];
  });
  const title = of === "person" ? `On call: ${nameOf(id)}` : (schedules[0]?.body.name ?? id);
  const host = new URL(world.publicUrl).hostname;
  return calendarOf({ name: title, host, from, to, shifts, ofPerson: of === "person" });
}
