/**
 * Grafana OnCall's HTTP API v1: users, teams, schedules, on_call_shifts, final_shifts, escalation_chains,
 * escalation_policies, integrations. Answers of final_shifts name no schedule: the file's name holds its id.
 */
import { z } from "zod";
import type { EscalationStep, Target } from "../../../contract/escalation.ts";
import { type Weekday, WEEKDAYS, Zone } from "../../../contract/ids.ts";
import type { Layer } from "../../../contract/oncall.ts";
import { addMs, fromIso, type Instant } from "../../base/instant.ts";
import { firstInstantAt } from "../../domain/oncall/wallclock.ts";
import {
  addPerson,
  dailyHours,
  type ExportDocument,
  type Imported,
  type ImportDraft,
  type ImportedShift,
  NOT_EXPRESSED,
  openDraft,
  renderedOf,
} from "./imported.ts";
import { byId, isObject, type Item, itemsUnder, readItems, sorter } from "./reading.ts";

const User = z.looseObject({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  timezone: z.string().nullish(),
  role: z.string().nullish(),
});
const Named = z.looseObject({ id: z.string(), name: z.string(), team_id: z.string().nullish() });
const Schedule = Named.extend({
  type: z.string(),
  time_zone: Zone.nullish(),
  shifts: z.array(z.string()).nullish(),
});
const OnCallShift = Named.extend({
  type: z.string(),
  time_zone: Zone.nullish(),
  level: z.number().nullish(),
  start: z.string(),
  rotation_start: z.string().nullish(),
  until: z.string().nullish(),
  duration: z.number(),
  frequency: z.string().nullish(),
  interval: z.number().nullish(),
  by_day: z.array(z.string()).nullish(),
  by_month: z.array(z.number()).nullish(),
  by_monthday: z.array(z.number()).nullish(),
  users: z.array(z.string()).nullish(),
  rolling_users: z.array(z.array(z.string())).nullish(),
  start_rotation_from_user_index: z.number().nullish(),
});
type OnCallShift = z.output<typeof OnCallShift>;
const Rendered = z.looseObject({
  user_pk: z.string(),
  user_email: z.string().nullish(),
  shift_start: z.string(),
  shift_end: z.string(),
});
const Policy = z.looseObject({
  id: z.string(),
  escalation_chain_id: z.string(),
  position: z.number(),
  type: z.string().nullish(),
  duration: z.number().nullish(),
  persons_to_notify: z.array(z.string()).nullish(),
  persons_to_notify_next_each_time: z.array(z.string()).nullish(),
  notify_on_call_from_schedule: z.string().nullish(),
});
const Integration = Named.extend({
  type: z.string(),
  link: z.string().nullish(),
  default_route: z.looseObject({ escalation_chain_id: z.string().nullish() }).nullish(),
});

const DAYS: Readonly<Record<string, Weekday>> = {
  MO: "mon",
  TU: "tue",
  WE: "wed",
  TH: "thu",
  FR: "fri",
  SA: "sat",
  SU: "sun",
};
const TURNS = { hourly: "hour", daily: "day", weekly: "week", monthly: "month" } as const;
const SECONDS: Readonly<Record<string, number>> = { hourly: 3_600, daily: 86_400, weekly: 604_800 };
/** A last step without a wait: as long as OnCall's own default between two. */
const LAST_MINUTES = 5;

export function importGrafanaOncall(documents: readonly ExportDocument[]): Imported {
  const draft = openDraft("grafana-oncall");
  const items = [...itemsUnder(documents, "results"), ...alone(documents)];
  const read = sorter(draft, items);
  for (const user of byId(read("user", User, (value) => "username" in value && "email" in value))) {
    addPerson(draft, user.id, {
      name: user.username,
      email: user.email,
      timezone: user.timezone ?? null,
    });
    if (user.role === "admin")
      draft.note(
        `${user.username} has the role admin there and is a responder here: people.yaml gives roles`,
      );
  }
  const isTeam = (value: Item["value"]): boolean => "grafana_id" in value || "avatar_url" in value;
  for (const team of byId(read("team", Named, (value) => isTeam(value) && !("email" in value))))
    draft.add("teams", draft.nameOf("teams", team.id, team.name), { name: team.name });
  const shifts = byId(
    read("on-call shift", OnCallShift, (value) => "duration" in value && "start" in value),
  );
  const finals = items.filter(({ value }) => "shift_start" in value);
  const schedules = byId(
    read(
      "schedule",
      Schedule,
      (value) => "on_call_now" in value || ("shifts" in value && "type" in value),
    ),
  );
  for (const schedule of schedules) {
    const own = finals.filter(({ file }) => file.includes(schedule.id));
    addSchedule(draft, schedule, shifts, readItems(draft, "final shift", Rendered, own));
  }
  const unplaced = finals.filter(({ file }) => !schedules.some(({ id }) => file.includes(id)));
  for (const file of new Set(unplaced.map((each) => each.file)))
    draft.note(`${file}: final shifts of no schedule: put the schedule's id into the file's name`);
  const policies = byId(
    read(
      "escalation policy",
      Policy,
      (value) => "escalation_chain_id" in value && "position" in value,
    ),
  );
  const chains = new Map(
    byId(read("escalation chain", Named, (value) => isChain(value))).map(({ id, name }) => [
      id,
      name,
    ]),
  );
  for (const id of new Set(policies.map((policy) => policy.escalation_chain_id)))
    addChain(
      draft,
      { id, name: chains.get(id) ?? id },
      policies.filter((policy) => policy.escalation_chain_id === id),
    );
  for (const integration of byId(
    read("integration", Integration, (value) => "default_route" in value || "link" in value),
  ))
    addIntegration(draft, integration, chains);
  return draft.result();
}

const isChain = (value: Item["value"]): boolean =>
  Object.keys(value).every((key) => ["id", "name", "team_id"].includes(key));

/** An entity asked for alone is no list. */
const alone = (documents: readonly ExportDocument[]): readonly Item[] =>
  documents.flatMap(({ file, value }) =>
    isObject(value) && !("results" in value) && "id" in value ? [{ file, value }] : [],
  );

/**
 * The higher level wins there, and all of one level at once: each shift of a level goes into a schedule of its
 * own, with those of other levels below and above it.
 */
function addSchedule(
  draft: ImportDraft,
  schedule: z.output<typeof Schedule>,
  shifts: readonly OnCallShift[],
  rendered: readonly z.output<typeof Rendered>[],
): void {
  const { name } = schedule;
  const zone = schedule.time_zone ?? "UTC";
  if (schedule.type !== "web" && schedule.type !== "calendar")
    draft.note(`schedule ${name} is of type ${schedule.type}: import its calendar by hand`);
  const own = (schedule.shifts ?? []).flatMap((id) => {
    const shift = shifts.find((each) => each.id === id);
    if (shift === undefined) draft.note(`schedule ${name}: shift ${id} is not in the export`);
    return shift ?? [];
  });
  const singles = own.filter(({ type }) => type === "single_event");
  const levels = new Map<number, Layer[]>();
  for (const shift of own.filter(({ type }) => type !== "single_event")) {
    const level = shift.level ?? 0;
    levels.set(level, [...(levels.get(level) ?? []), ...layersOf(draft, name, zone, shift)]);
  }
  const stacks = [...levels].toSorted(([a], [b]) => a - b).map(([, layers]) => layers);
  const count = Math.max(0, ...stacks.map((layers) => layers.length));
  const uneven =
    count > 1 && stacks.some((layers) => layers.length !== count && layers.length !== 1);
  if (uneven)
    draft.note(`schedule ${name}: levels with several shifts each cannot all be kept apart`);
  const parts = Array.from({ length: count }, (_, at) => {
    const id = draft.nameOf("schedules", at === 0 ? schedule.id : `${schedule.id} ${at}`, name);
    const layers = stacks.flatMap((layers) => layers[at % layers.length] ?? []);
    const team = schedule.team_id == null ? {} : { team: teamNamed(draft, schedule.team_id) };
    return draft.add("schedules", id, {
      name: at === 0 ? name : `${name}, ${at + 1}`,
      timezone: zone,
      layers,
      ...team,
    })
      ? [id]
      : [];
  }).flat();
  const [first] = parts;
  if (first === undefined) {
    draft.note(`schedule ${name} has no shift that could be expressed`);
    return draft.loseSchedule(name, NOT_EXPRESSED);
  }
  if (parts.length > 1)
    draft.note(
      `schedule ${name} has ${parts.length} shifts at once: one schedule each here, paged together`,
    );
  draft.addSchedule({
    name,
    parts,
    overrides: singles.flatMap((shift) => overridesOf(draft, shift, zone, first)),
    timezone: zone,
    rendered: renderedOf(
      rendered.flatMap(({ user_pk: user, user_email: email, shift_start, shift_end }) => {
        const [startsAt, endsAt] = [fromIso(shift_start), fromIso(shift_end)];
        if (startsAt === null || endsAt === null || endsAt <= startsAt) return [];
        return [{ person: draft.personOf(user, email ?? user), startsAt, endsAt }];
      }),
    ),
  });
}

function teamNamed(draft: ImportDraft, id: string): string {
  const name = draft.nameOf("teams", id, id);
  draft.add("teams", name, { name: id });
  return name;
}

/** A start has no offset: it is the wall clock of the shift's zone, or of its schedule's. */
function wallStart(text: string): Temporal.PlainDateTime | null {
  try {
    return Temporal.PlainDateTime.from(text.replace(/Z$/, ""));
  } catch {
    return null;
  }
}

function overridesOf(
  draft: ImportDraft,
  shift: OnCallShift,
  zone: string,
  schedule: string,
): readonly (ImportedShift & { readonly schedule: string })[] {
  const wall = wallStart(shift.start);
  if (wall === null) return [];
  const startsAt: Instant = firstInstantAt(wall, shift.time_zone ?? zone);
  const endsAt = addMs(startsAt, shift.duration * 1_000);
  const [person, ...more] = (shift.users ?? []).map((user) => draft.personOf(user, user));
  if (more.length > 0) draft.note(`shift ${shift.name}: only its first person overrides here`);
  return person === undefined ? [] : [{ person, startsAt, endsAt, schedule }];
}

function layersOf(
  draft: ImportDraft,
  schedule: string,
  scheduleZone: string,
  shift: OnCallShift,
): readonly Layer[] {
  const what = `schedule ${schedule}, shift ${shift.name}`;
  const refuse = (why: string): readonly Layer[] => {
    draft.note(`${what}: ${why}`);
    return [];
  };
  const wall = wallStart(shift.rotation_start ?? shift.start);
  const start = wallStart(shift.start);
  const every = TURNS[shift.frequency as keyof typeof TURNS];
  if (wall === null || start === null || every === undefined)
    return refuse(`frequency ${shift.frequency ?? "none"} cannot be expressed`);
  if ((shift.by_month ?? []).length > 0 || (shift.by_monthday ?? []).length > 0)
    return refuse("by_month and by_monthday cannot be expressed");
  const days = (shift.by_day ?? []).flatMap((day) => DAYS[day] ?? []);
  if (days.length > 0 && every !== "week") return refuse("by_day counts here only with weeks");
  const interval = shift.interval ?? 1;
  const minutes = shift.duration / 60;
  const time = start.toPlainTime().toString().slice(0, 5);
  const inDay = start.hour * 60 + start.minute;
  const whole = shift.duration === (SECONDS[shift.frequency ?? ""] ?? Number.NaN) * interval;
  if (!whole && (minutes > 1_440 || every === "hour" || every === "month"))
    return refuse(
      `it lasts ${minutes} minutes of each ${interval} ${every}, longer than a day's hours`,
    );
  const hours = whole
    ? []
    : [{ ...dailyHours(inDay, minutes), days: days.length > 0 ? days : onDays(every, start) }];
  const groups =
    shift.type === "rolling_users"
      ? (shift.rolling_users ?? [])
      : (shift.users ?? []).map((user) => [user]);
  const from = shift.start_rotation_from_user_index ?? 0;
  const turned =
    shift.type === "rolling_users" ? [...groups.slice(from), ...groups.slice(0, from)] : groups;
  const size = Math.max(0, ...turned.map((group) => group.length));
  if (size === 0) return refuse("nobody is in it");
  if (turned.some((group) => group.length !== size))
    draft.note(`${what}: groups of several sizes: who is alone stands for both`);
  const until = shift.until == null ? null : wallStart(shift.until);
  const zone = shift.time_zone ?? scheduleZone;
  const layer = (people: readonly string[], at: number): Layer => ({
    name: (at === 0 ? shift.name : `${shift.name}, ${at + 1}`).slice(0, 80),
    people: people.map((user) => draft.personOf(user, user)),
    every,
    count: interval,
    // Weeks are counted from their Monday where days of them are named.
    startsOn: (days.length > 0 ? monday(wall) : wall.toPlainDate()).toString(),
    handoffAt: days.length > 0 ? "00:00" : time,
    ...(zone !== scheduleZone && { timezone: zone }),
    restrictions: hours,
    ...(until !== null && { endsOn: until.toPlainDate().toString() }),
  });
  if (shift.type === "recurrent_event") return turned.map((group, at) => layer(group, at));
  return Array.from({ length: size }, (_, at) =>
    layer(
      turned.flatMap((group) => group[at % group.length] ?? []),
      at,
    ),
  );
}

const onDays = (every: string, start: Temporal.PlainDateTime): Weekday[] =>
  every === "week" ? [WEEKDAYS[start.dayOfWeek - 1]!] : [...WEEKDAYS];

const monday = (wall: Temporal.PlainDateTime): Temporal.PlainDate =>
  wall.toPlainDate().subtract({ days: wall.dayOfWeek - 1 });

function addChain(
  draft: ImportDraft,
  chain: { readonly id: string; readonly name: string },
  policies: readonly z.output<typeof Policy>[],
): void {
  const steps: EscalationStep[] = [];
  let notify: Target[] = [];
  let repeat = 0;
  let inTurn = false;
  const close = (timeoutMinutes: number): void => {
    if (notify.length > 0)
      steps.push({
        notify,
        timeoutMinutes: Math.max(0.5, timeoutMinutes),
        ...(inTurn && { inTurn }),
      });
    notify = [];
    inTurn = false;
  };
  for (const policy of policies.toSorted((a, b) => a.position - b.position)) {
    const type = policy.type ?? "";
    const people = policy.persons_to_notify ?? policy.persons_to_notify_next_each_time ?? [];
    if (type === "wait") close((policy.duration ?? LAST_MINUTES * 60) / 60);
    else if (type === "repeat_escalation") repeat = 5;
    else if (people.length > 0) {
      if (type.endsWith("next_each_time")) {
        close(LAST_MINUTES);
        inTurn = true;
      }
      notify.push(...people.map((user) => ({ person: draft.personOf(user, user) })));
    } else if (policy.notify_on_call_from_schedule != null) {
      const id = policy.notify_on_call_from_schedule;
      const schedule = draft.nameOf("schedules", id, id);
      if (draft.isThere("schedules", schedule))
        notify.push(...draft.partsOf(schedule).map((part) => ({ schedule: part })));
      else draft.note(`chain ${chain.name} pages schedule ${id}, which is not in the export`);
    } else draft.note(`chain ${chain.name}: a step “${type}” cannot be expressed`);
  }
  close(LAST_MINUTES);
  if (steps.length === 0) return draft.note(`chain ${chain.name} has no step that pages anybody`);
  const name = draft.nameOf("escalations", chain.id, chain.name);
  draft.add("escalations", name, { name: chain.name, steps, repeat });
}

function addIntegration(
  draft: ImportDraft,
  integration: z.output<typeof Integration>,
  chains: ReadonlyMap<string, string>,
): void {
  const { id, name, team_id: team, type } = integration;
  const chain = integration.default_route?.escalation_chain_id ?? null;
  const escalation =
    chain === null ? null : draft.nameOf("escalations", chain, chains.get(chain) ?? chain);
  const service = draft.nameOf("services", id, name);
  draft.add("services", service, {
    name,
    team: draft.teamOr(team == null ? null : teamNamed(draft, team)),
    ...(escalation !== null && draft.isThere("escalations", escalation) && { escalation }),
  });
  const key = draft.nameOf("keys", id, name);
  const variable = `KEY_${key.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
  draft.add("keys", key, { service, secret: `env:${variable}`, description: `${name} (${type})` });
  draft.note(
    `integration ${name}: give ${variable} a new secret and its tool the new address (docs/intake.md); routes by label become rules`,
  );
}
