/** Schedules and overrides over HTTP: parse by contract → command or find → present. */
import * as contract from "../../../contract/schedule.ts";
import { readCursor, readNameCursor, toPage } from "../../base/cursor.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import {
  addMs,
  DAY,
  fromIso,
  type Instant,
  mustBeInstant,
  toIso,
  toIsoOrNull,
} from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { bySchedule, HORIZON_MS } from "./asking.ts";
import { addOverride, endOverride, takeShift } from "./commands.ts";
import { presentReason } from "./explain.ts";
import { finalShifts, nextHandoff, type Override, type Roster, whoIsOnCall } from "./oncall.ts";
import { listOverrides, listOverridesOf, type OverrideRow } from "./store.ts";
import { versionAt } from "./walk.ts";

type ReadConfig = (tx: Queryable) => Promise<Snapshot>;

const DEFAULT_SPAN_MS = 14 * DAY;

export const oncallRoutes = (world: World, config: ReadConfig): readonly BoundRoute<Actor>[] => [
  ...scheduleRoutes(world, config),
  ...overrideRoutes(world, config),
];

async function mustFind(
  world: World,
  config: ReadConfig,
  id: string,
): Promise<{ readonly id: string; readonly roster: Roster }> {
  const snapshot = await config(world.db);
  const schedule = snapshot.get("schedules", id);
  if (schedule === null) throw new Refusal("oncall.unknown_schedule", { id });
  return { id, roster: snapshot.versionsOf(schedule) };
}

async function overridesFrom(
  world: World,
  schedules: readonly string[],
  from: Instant,
  to: Instant,
): Promise<(scheduleId: string) => readonly Override[]> {
  return bySchedule(await listOverrides(world.db, schedules, from, to));
}

function scheduleRoutes(world: World, config: ReadConfig): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listSchedules, async ({ query }) => {
      const now = world.clock.now();
      const after = readNameCursor(query.cursor);
      const snapshot = await config(world.db);
      const found = snapshot.all("schedules").filter(({ id }) => after === null || id > after);
      const kept = found.slice(0, query.limit);
      const ids = kept.map(({ id }) => id);
      const overridesOf = await overridesFrom(world, ids, now, addMs(now, HORIZON_MS));
      return {
        items: kept.map((schedule) => {
          const { id, body } = schedule;
          const roster = snapshot.versionsOf(schedule);
          const { person, others, shadows, until } = whoIsOnCall(roster, overridesOf(id), now);
          const { name, timezone } = body;
          const layers = body.layers.map((layer) => layer.name);
          const beside = { others: [...others], shadows: [...shadows] };
          const holder = { onCall: person, ...beside, until: toIsoOrNull(until) };
          return { id, name, team: body.team ?? null, timezone, layers, ...holder };
        }),
        next: found.length > kept.length ? (ids.at(-1) ?? null) : null,
      };
    }),
    bind(contract.explainOnCall, async ({ params, query }) => {
      const { id, roster } = await mustFind(world, config, params.id);
      const at = instantOr(query.at, "query.at", world.clock.now());
      const overrides = (await overridesFrom(world, [id], at, addMs(at, HORIZON_MS)))(id);
      const answer = whoIsOnCall(roster, overrides, at);
      const next = nextHandoff(roster, overrides, at);
      const counting = versionAt(roster, at);
      return {
        schedule: id,
        at: toIso(at),
        person: answer.person,
        others: [...answer.others],
        shadows: [...answer.shadows],
        until: toIsoOrNull(answer.until),
        next:
          next === null
            ? null
            : { at: toIso(next.at), person: next.to, others: [...next.toOthers] },
        reasons: answer.because.flatMap((reason) =>
          counting === null ? [] : [presentReason(counting, reason)],
        ),
      };
    }),
    bind(contract.listShifts, async ({ params, query }) => {
      const { id, roster } = await mustFind(world, config, params.id);
      const from = instantOr(query.from, "query.from", world.clock.now());
      const to = instantOr(query.to, "query.to", addMs(from, DEFAULT_SPAN_MS));
      if (to <= from || to - from > contract.SHIFT_DAYS_MAX * DAY) {
        const expected = `after query.from, and by at most ${contract.SHIFT_DAYS_MAX} days`;
        throw new Refusal("request.invalid", { field: "query.to", expected });
      }
      const overrides = (await overridesFrom(world, [id], from, to))(id);
      const items = finalShifts(roster, overrides, from, to).map((shift) => ({
        startsAt: toIso(shift.startsAt),
        endsAt: toIso(shift.endsAt),
        person: shift.person,
        others: [...shift.others],
        layer: shift.layer,
        override: shift.overrideId,
      }));
      return { from: toIso(from), to: toIso(to), items };
    }),
  ];
}

function overrideRoutes(world: World, config: ReadConfig): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listOverrides, async ({ params, query }) => {
      const { id } = await mustFind(world, config, params.id);
      const from = instantOr(query.from, "query.from", world.clock.now());
      const after = readCursor(query.cursor);
      const rows = await listOverridesOf(world.db, id, from, query.limit + 1, after);
      return toPage(rows, query.limit, (row) => ({ at: row.createdAt, id: row.id }), overrideView);
    }),
    bind(contract.addOverride, ({ actor, params, body }) =>
      transact(world.db, async (tx) => {
        const snapshot = await config(tx);
        const scheduleId = params.id;
        if (snapshot.get("schedules", scheduleId) === null) {
          throw new Refusal("oncall.unknown_schedule", { id: scheduleId });
        }
        const command = { tx, world, config: snapshot, actor, now: world.clock.now() };
        const row = await addOverride(command, {
          scheduleId,
          personId: body.person,
          replaces: body.replaces ?? null,
          startsAt: mustBeInstant(body.startsAt, "startsAt"),
          endsAt: mustBeInstant(body.endsAt, "endsAt"),
          reason: body.reason ?? null,
        });
        return overrideView(row);
      }),
    ),
    bind(contract.takeShift, async ({ actor, params, body }) => {
      const row = await transact(world.db, async (tx) => {
        const command = { tx, world, config: await config(tx), actor, now: world.clock.now() };
        return takeShift(command, {
          scheduleId: params.id,
          personId: body.person ?? null,
          replaces: body.replaces ?? null,
          endsAt: body.endsAt === undefined ? null : mustBeInstant(body.endsAt, "endsAt"),
          reason: body.reason ?? null,
        });
      });
      world.nudge();
      return overrideView(row);
    }),
    bind(contract.endOverride, ({ actor, params }) =>
      transact(world.db, async (tx) => {
        const command = { tx, world, config: await config(tx), actor, now: world.clock.now() };
        return overrideView(await endOverride(command, params.id));
      }),
    ),
  ];
}

const overrideView = (row: OverrideRow): contract.OverrideView => ({
  id: row.id,
  schedule: row.scheduleId,
  person: row.personId,
  replaces: row.replaces,
  startsAt: toIso(row.startsAt),
  endsAt: toIso(row.endsAt),
  reason: row.reason,
  createdAt: toIso(row.createdAt),
  createdBy: { ...(row.createdBy as Record<string, unknown>) },
});

/** Rotations are counted by the calendar, which has an end; nobody plans outside of this. */
const EARLIEST = fromIso("1970-01-01T00:00:00Z")!;
const LATEST = fromIso("2200-01-01T00:00:00Z")!;

function instantOr(text: string | undefined, field: string, otherwise: Instant): Instant {
  const at = text === undefined ? otherwise : mustBeInstant(text, field);
  if (at >= EARLIEST && at <= LATEST) return at;
  throw new Refusal("request.invalid", { field, expected: "an instant from 1970 to 2200" });
}
