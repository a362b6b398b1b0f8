/** HTTP of calendars from outside: leave, conflicts with it, and shifts that stand in one. */
import * as contract from "../../../contract/leave.ts";
import { peopleOfLayer, type Schedule } from "../../../contract/oncall.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant, mustBeInstant, toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { bySchedule } from "./asking.ts";
import { differencesFrom, personMeant } from "./calendarImport.ts";
import { addOverride, allowOn, type OverrideCommand, recordOnCall } from "./commands.ts";
import { eventsOf } from "./calendarReading.ts";
import { conflictsOf, leaveIn } from "./leave.ts";
import { listLeave, replaceLeave } from "./leaveStore.ts";
import { dutiesOf, schedulesOf } from "./loadRoutes.ts";
import { finalShifts } from "./oncall.ts";
import { holidaysOff, type ReadHolidays } from "./holidays.ts";
import { mustSpeakFor, placeOf, zoneOf } from "./people.ts";
import type { Span } from "./rotation.ts";
import { listOverrides } from "./store.ts";

const AHEAD_MS = 56 * DAY;
const SPAN_MS = 400 * DAY;

export function leaveRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  holidays: ReadHolidays,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.putLeave, async ({ actor, params, body }) => {
      const now = world.clock.now();
      const person = params.id;
      const known = await config(world.db);
      mustSpeakFor(known, actor, person);
      // A long calendar takes seconds to read: no transaction waits for it.
      const facts = { person, zone: zoneOf(known, person), only: body.only ?? null, now };
      const items = await leaveIn(body.calendar, facts);
      await transact(world.db, async (tx) => {
        const snapshot = await config(tx);
        const { ref } = mustSpeakFor(snapshot, actor, person);
        await replaceLeave(tx, person, items, now);
        const command = { tx, world, config: snapshot, actor, now };
        await recordOnCall(command, "leave said", `leave:${ref}`, { person, spans: items.length });
      });
      return { items: items.map(spanView) };
    }),
    bind(contract.listConflicts, async ({ query }) => {
      const [snapshot, now] = [await config(world.db), world.clock.now()];
      const ahead = { startsAt: now, endsAt: addMs(now, AHEAD_MS) };
      const duties = await dutiesOf(world.db, snapshot, snapshot.all("schedules"), ahead);
      // Also whoever has a shift by an override alone.
      const people = [
        ...new Set([
          ...snapshot.all("schedules").flatMap(({ body }) => peopleIn(body)),
          ...duties.map(({ person }) => person),
        ]),
      ];
      const leaves = [
        ...(await listLeave(world.db, ahead.startsAt, ahead.endsAt)),
        ...(await holidaysOff(holidays, snapshot, people, ahead)),
      ];
      const asked = new Set(schedulesOf(snapshot, query.schedule).map(({ id }) => id));
      const peopleOf = (id: string): readonly string[] => {
        const found = snapshot.get("schedules", id)?.body;
        return found === undefined ? [] : peopleIn(found);
      };
      const items = conflictsOf({ duties, leaves, peopleOf })
        .filter(({ schedule }) => asked.has(schedule))
        .map((conflict) => ({ ...spanView(conflict), proposals: [...conflict.proposals] }));
      return { items };
    }),
    bind(contract.listHolidays, async ({ query }) => {
      const [snapshot, now] = [await config(world.db), world.clock.now()];
      const startsAt = query.from === undefined ? now : mustBeInstant(query.from, "query.from");
      const endsAt =
        query.to === undefined ? addMs(startsAt, AHEAD_MS) : mustBeInstant(query.to, "query.to");
      const span = mustBeSpan({ startsAt, endsAt }, "query.to");
      const people = snapshot.all("people").map(({ id }) => id);
      const byPlace = Map.groupBy(people, (person) => placeOf(snapshot, person) ?? "");
      byPlace.delete("");
      const book = await holidays(byPlace.keys(), span);
      const [first, last] = [toIso(startsAt).slice(0, 10), toIso(endsAt).slice(0, 10)];
      const items = [...byPlace].flatMap(([country, those]) =>
        (book(country) ?? [])
          .filter(({ date }) => first <= date && date <= last)
          .map((holiday) => ({ ...holiday, country, people: those })),
      );
      return {
        items: items.toSorted((a, b) => a.date.localeCompare(b.date)),
        unknown: [...byPlace.keys()].filter((place) => book(place) === null).toSorted(),
      };
    }),
    bind(contract.importCalendar, async ({ actor, params, body }) => {
      const now = world.clock.now();
      const span = importSpan(body, now);
      const asked = { config: await config(world.db), actor };
      const zone = mustChange(asked, params.id).body.timezone;
      // Read before the transaction, which then is short.
      const read = await eventsOf(body.calendar, { span, zone });
      return transact(world.db, async (tx) => {
        const command = { tx, world, config: await config(tx), actor, now };
        const schedule = mustChange(command, params.id);
        const people = command.config.all("people").map((each) => ({ id: each.id, ...each.body }));
        const events = read.map((event) => ({
          ...event,
          person: personMeant(event.title, people, body.people),
        }));
        const known = events.flatMap(({ person, ...event }) =>
          person === null ? [] : [{ ...event, person }],
        );
        const unknown = new Set(
          events.filter((one) => one.person === null).map((one) => one.title),
        );
        const rows = await listOverrides(tx, [params.id], span.startsAt, span.endsAt);
        const roster = command.config.versionsOf(schedule);
        const overrides = bySchedule(rows)(params.id);
        const shifts = finalShifts(roster, overrides, span.startsAt, span.endsAt);
        const differences = differencesFrom(shifts, known, span);
        if (!body.dryRun) {
          if (unknown.size > 0)
            throw new Refusal("calendar.unknown_people", { names: [...unknown] });
          for (const { startsAt, endsAt, after } of differences)
            await addOverride(command, {
              scheduleId: params.id,
              personId: after,
              replaces: null,
              startsAt,
              endsAt,
              reason: "from a calendar",
            });
        }
        return {
          dryRun: body.dryRun,
          shifts: events.length,
          unknown: [...unknown],
          differences: differences.map(spanView),
        };
      });
    }),
  ];
}

/** The schedule, which the actor may change. */
function mustChange(asked: Pick<OverrideCommand, "config" | "actor">, id: string) {
  allowOn(asked, id);
  const schedule = asked.config.get("schedules", id);
  if (schedule === null) throw new Refusal("oncall.unknown_schedule", { id });
  return schedule;
}

/** The past is not rewritten, and what lasts longer is read again in time. */
function importSpan(
  body: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Instant,
): Span {
  const from = body.from === undefined ? now : mustBeInstant(body.from, "from");
  const startsAt = from < now ? now : from;
  const endsAt = body.to === undefined ? addMs(startsAt, AHEAD_MS) : mustBeInstant(body.to, "to");
  return mustBeSpan({ startsAt, endsAt }, "to");
}

function mustBeSpan(span: Span, field: string): Span {
  if (span.endsAt > span.startsAt && span.endsAt - span.startsAt <= SPAN_MS) return span;
  const expected = `after from, and by at most ${SPAN_MS / DAY} days`;
  throw new Refusal("request.invalid", { field, expected });
}

/** Who has turns in a schedule; whoever only learns in it is never alone, and no stand-in. */
const peopleIn = ({ layers }: Schedule): readonly string[] => [
  ...new Set(layers.filter(({ shadow }) => shadow !== true).flatMap(peopleOfLayer)),
];

const spanView = <T extends Span>(
  of: T,
): Omit<T, keyof Span> & { startsAt: string; endsAt: string } => ({
  ...of,
  startsAt: toIso(of.startsAt),
  endsAt: toIso(of.endsAt),
});
