/** HTTP of load: who has been on call and paged how much, and what is wrong with the weeks to come. */
import * as contract from "../../../contract/load.ts";
import { csvOf } from "../../base/csv.ts";
import type { Queryable } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant, mustBeInstant, toIso } from "../../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, type Reader, readerOf } from "../account/account.ts";
import type { Entry, Snapshot } from "../config/config.ts";
import { listPageTimes } from "../notification/store.ts";
import { bySchedule } from "./asking.ts";
import type { ReadHolidays } from "./holidays.ts";
import { type Duty, loadOf } from "./load.ts";
import { finalShifts, holdersOf } from "./oncall.ts";
import { findingsOf } from "./quality.ts";
import type { Span } from "./rotation.ts";
import { listOverrides } from "./store.ts";

const BACK_MS = 28 * DAY;
const AHEAD_MS = 56 * DAY;
const LONGEST_MS = 400 * DAY;

type Asked = { readonly from?: string; readonly to?: string; readonly schedule?: string };

export function loadRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  holidays: ReadHolidays,
): readonly BoundRoute<Actor>[] {
  const linesOf = async (actor: Actor, query: Asked, now: Instant) => {
    const snapshot = await config(world.db);
    const schedules = schedulesOf(snapshot, query.schedule);
    const span = spanOf(query, now);
    const isOfOne = query.schedule !== undefined;
    const reader = readerOf(actor);
    return {
      snapshot,
      schedules,
      span,
      people: await load(world.db, snapshot, { schedules, span, reader, isOfOne, holidays }),
    };
  };
  return [
    bind(contract.readLoad, async ({ actor, query }) => {
      const now = world.clock.now();
      const { snapshot, schedules, span, people } = await linesOf(actor, query, now);
      const ahead = { startsAt: now, endsAt: addMs(now, AHEAD_MS) };
      const findings = findingsOf(await dutiesOf(world.db, snapshot, schedules, ahead), ahead);
      const within = { from: toIso(span.startsAt), to: toIso(span.endsAt) };
      return { ...within, people: [...people], findings: [...findings] };
    }),
    bind(contract.exportLoad, async ({ actor, query }) => {
      const { people, span } = await linesOf(actor, query, world.clock.now());
      const columns = ["from", "to", ...Object.keys(contract.LoadLine.shape)];
      const rows = people.map((line) => [
        toIso(span.startsAt),
        toIso(span.endsAt),
        ...Object.values(line).map(String),
      ]);
      const file = `attachment; filename="on-call-load.csv"`;
      const headers = { "content-disposition": file };
      return new Raw("text/csv; charset=utf-8", csvOf(columns, rows), headers);
    }),
  ];
}

export function schedulesOf(
  config: Snapshot,
  id: string | undefined,
): readonly Entry<"schedules">[] {
  if (id === undefined) return config.all("schedules");
  const schedule = config.get("schedules", id);
  if (schedule === null) throw new Refusal("oncall.unknown_schedule", { id });
  return [schedule];
}

function spanOf({ from, to }: Asked, now: Instant): Span {
  const endsAt = to === undefined ? now : mustBeInstant(to, "query.to");
  const startsAt = from === undefined ? addMs(endsAt, -BACK_MS) : mustBeInstant(from, "query.from");
  if (startsAt < endsAt && endsAt - startsAt <= LONGEST_MS) return { startsAt, endsAt };
  const expected = `before query.to, and by at most ${LONGEST_MS / DAY} days`;
  throw new Refusal("request.invalid", { field: "query.from", expected });
}

export async function dutiesOf(
  db: Queryable,
  config: Snapshot,
  schedules: readonly Entry<"schedules">[],
  { startsAt, endsAt }: Span,
): Promise<readonly Duty[]> {
  const ids = schedules.map(({ id }) => id);
  const overridesOf = bySchedule(await listOverrides(db, ids, startsAt, endsAt));
  return schedules.flatMap((schedule) =>
    finalShifts(config.versionsOf(schedule), overridesOf(schedule.id), startsAt, endsAt).flatMap(
      (shift) =>
        holdersOf(shift).map((person) => ({
          person,
          schedule: schedule.id,
          startsAt: shift.startsAt,
          endsAt: shift.endsAt,
        })),
    ),
  );
}

async function load(
  db: Queryable,
  config: Snapshot,
  asked: {
    readonly schedules: readonly Entry<"schedules">[];
    readonly span: Span;
    readonly reader: Reader;
    /** Then only pages count that came while they held it. */
    readonly isOfOne: boolean;
    readonly holidays: ReadHolidays;
  },
) {
  const { schedules, span, reader, isOfOne, holidays } = asked;
  const duties = await dutiesOf(db, config, schedules, span);
  const own = Map.groupBy(duties, ({ person }) => person);
  const pages = (await listPageTimes(db, reader, span.startsAt, span.endsAt)).filter(
    ({ person, at }) =>
      !isOfOne || (own.get(person) ?? []).some((one) => one.startsAt <= at && at < one.endsAt),
  );
  const bodies = new Map(schedules.map(({ id, body }) => [id, body]));
  const first = (person: string) => bodies.get(own.get(person)?.[0]?.schedule ?? "");
  const placeOf = (person: string): string =>
    config.get("people", person)?.body.country ?? first(person)?.country ?? "";
  const places = new Set([...own.keys()].map(placeOf).filter((place) => place !== ""));
  const book = await holidays(places, span);
  const daysOff = new Map(
    [...places].map((place) => [place, new Set(book(place)?.map(({ date }) => date))]),
  );
  return loadOf({
    duties,
    pages,
    // A person whose own zone nobody has written down lives where their schedule does.
    zoneOf(person) {
      return config.get("people", person)?.body.timezone ?? first(person)?.timezone ?? "UTC";
    },
    isHoliday(person, day) {
      if (daysOff.get(placeOf(person))?.has(day) === true) return true;
      const team = config.get("teams", first(person)?.team ?? "")?.body;
      const calendar = config.get("calendars", team?.calendar ?? "")?.body;
      return calendar?.holidays.some(({ date }) => date === day) ?? false;
    },
  });
}
