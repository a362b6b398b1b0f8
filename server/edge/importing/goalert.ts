/**
 * GoAlert's GraphQL API: users, rotations, schedules with targets and shifts, escalationPolicies, services. Every
 * target of a schedule counts at once there, so each becomes a schedule of its own.
 */
import { z } from "zod";
import type { EscalationStep, Target } from "../../../contract/escalation.ts";
import { WEEKDAYS, Zone } from "../../../contract/ids.ts";
import type { Layer, Restriction } from "../../../contract/oncall.ts";
import { addMs, fromIso, HOUR, type Instant } from "../../base/instant.ts";
import { hashedKey } from "../../domain/config/secrets.ts";
import { wallAt } from "../../domain/oncall/wallclock.ts";
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
  wallOf,
} from "./imported.ts";
import { byId, isObject, type Item, listOf, readItems } from "./reading.ts";

const TargetThere = z.looseObject({ id: z.string(), type: z.string(), name: z.string().nullish() });
const User = z.looseObject({
  id: z.string(),
  name: z.string(),
  email: z.string().nullish(),
  contactMethods: z
    .array(z.looseObject({ type: z.string(), value: z.string().nullish() }))
    .nullish(),
});
const Rotation = z.looseObject({
  id: z.string(),
  name: z.string(),
  timeZone: Zone,
  start: z.string(),
  type: z.enum(["hourly", "daily", "weekly", "monthly"]),
  shiftLength: z.number(),
  userIDs: z.array(z.string()),
  activeUserIndex: z.number().nullish(),
  nextHandoffTimes: z.array(z.string()).nullish(),
});
type Rotation = z.output<typeof Rotation>;
const Rule = z.looseObject({
  start: z.string(),
  end: z.string(),
  weekdayFilter: z.array(z.boolean()),
});
const Schedule = z.looseObject({
  id: z.string(),
  name: z.string(),
  timeZone: Zone,
  targets: z.array(z.looseObject({ target: TargetThere, rules: z.array(Rule) })).nullish(),
  shifts: z
    .array(
      z.looseObject({
        userID: z.string(),
        start: z.string(),
        end: z.string(),
        user: z.looseObject({ name: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  temporarySchedules: z.array(z.looseObject({ start: z.string(), end: z.string() })).nullish(),
});
type Schedule = z.output<typeof Schedule>;
const Policy = z.looseObject({
  id: z.string(),
  name: z.string(),
  repeat: z.number().nullish(),
  steps: z.array(z.looseObject({ delayMinutes: z.number(), targets: z.array(TargetThere) })),
});
const Service = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  escalationPolicyID: z.string().nullish(),
  integrationKeys: z
    .array(z.looseObject({ id: z.string(), type: z.string(), name: z.string() }))
    .nullish(),
  heartbeatMonitors: z
    .array(z.looseObject({ id: z.string(), name: z.string(), timeoutMinutes: z.number() }))
    .nullish(),
});
type Service = z.output<typeof Service>;

const EVERY = { hourly: "hour", daily: "day", weekly: "week", monthly: "month" } as const;

export function importGoAlert(documents: readonly ExportDocument[]): Imported {
  const draft = openDraft("goalert");
  const read = <T extends z.ZodType<{ id: string }>>(word: string, list: string, shape: T) =>
    byId(readItems(draft, word, shape, dataUnder(documents, list, word))) as readonly z.output<T>[];
  for (const user of read("user", "users", User)) addUser(draft, user);
  const rotations = new Map(read("rotation", "rotations", Rotation).map((each) => [each.id, each]));
  for (const schedule of read("schedule", "schedules", Schedule))
    addSchedule(draft, schedule, rotations);
  for (const policy of read("escalationPolicy", "escalationPolicies", Policy))
    addPolicy(draft, policy, rotations);
  for (const service of read("service", "services", Service)) addService(draft, service);
  return draft.result();
}

const dataUnder = (
  documents: readonly ExportDocument[],
  ...keys: readonly string[]
): readonly Item[] =>
  documents.flatMap(({ file, value }) => {
    const data = isObject(value) && isObject(value["data"]) ? value["data"] : value;
    if (!isObject(data)) return [];
    return keys.flatMap((key) => listOf(data[key]).map((item) => ({ file, value: item })));
  });

function addUser(draft: ImportDraft, user: z.output<typeof User>): void {
  const methods = user.contactMethods ?? [];
  const mail = user.email || methods.find(({ type }) => type === "EMAIL")?.value;
  if (mail == null || mail === "") return void draft.personOf(user.id, user.name);
  const phone = methods.find(({ type }) => type === "VOICE" || type === "SMS")?.value ?? null;
  addPerson(draft, user.id, { name: user.name, email: mail, phone });
  for (const { type } of methods)
    if (!["EMAIL", "VOICE", "SMS"].includes(type))
      draft.note(
        `${user.name}: contact method ${type} needs a channel here: add it in people.yaml`,
      );
}

function addSchedule(
  draft: ImportDraft,
  schedule: Schedule,
  rotations: ReadonlyMap<string, Rotation>,
): void {
  const { name, timeZone: timezone } = schedule;
  const targets = schedule.targets ?? [];
  const several = targets.length > 1;
  const parts: string[] = [];
  for (const [at, { target, rules }] of targets.entries()) {
    const words = target.name ?? String(at + 1);
    const hours = hoursOfAll(draft, `schedule ${name}`, rules);
    if (hours === null) {
      draft.note(`schedule ${name}: ${target.type} ${words} is on call at no time: left out`);
      continue;
    }
    const layer =
      target.type === "user"
        ? always(draft, target, hours)
        : layerOf(draft, rotations.get(target.id), hours, timezone);
    if (layer === null) {
      draft.note(`schedule ${name}: ${target.type} ${words} is not in the export`);
      continue;
    }
    // Policies know the first of them, whichever could not be expressed before it.
    const key = parts.length === 0 ? schedule.id : `${schedule.id} ${at}`;
    const id = draft.nameOf("schedules", key, several ? `${name}-${words}` : name);
    const named = several ? `${name}: ${words}` : name;
    if (draft.add("schedules", id, { name: named, timezone, layers: [layer] })) parts.push(id);
  }
  if ((schedule.temporarySchedules ?? []).length > 0)
    draft.note(`schedule ${name}: its temporary schedules are overrides here: add them by hand`);
  if (parts.length === 0) {
    draft.note(`schedule ${name} has no target that could be expressed`);
    return draft.loseSchedule(name, NOT_EXPRESSED);
  }
  if (parts.length > 1)
    draft.note(
      `schedule ${name} has ${parts.length} targets at once: one schedule each here, paged together`,
    );
  const rendered = (schedule.shifts ?? []).flatMap(
    ({ userID, start, end, user }): ImportedShift[] => {
      const [startsAt, endsAt] = [fromIso(start), fromIso(end)];
      if (startsAt === null || endsAt === null || endsAt <= startsAt) return [];
      return [{ person: draft.personOf(userID, user?.name ?? userID), startsAt, endsAt }];
    },
  );
  draft.addSchedule({ name, timezone, parts, overrides: [], rendered: renderedOf(rendered) });
}

/** One person, whenever the hours are. */
const always = (
  draft: ImportDraft,
  target: z.output<typeof TargetThere>,
  hours: readonly Restriction[],
): Layer => ({
  name: (target.name ?? target.id).slice(0, 80),
  people: [draft.personOf(target.id, target.name ?? target.id)],
  every: "week",
  count: 1,
  startsOn: "2020-01-06",
  handoffAt: "00:00",
  restrictions: [...hours],
});

/** Who is first follows from whose turn it was when the export was made: the start alone does not say. */
function layerOf(
  draft: ImportDraft,
  rotation: Rotation | undefined,
  hours: readonly Restriction[],
  scheduleZone: string,
): Layer | null {
  if (rotation === undefined || rotation.userIDs.length === 0) return null;
  const every = EVERY[rotation.type];
  const [next] = rotation.nextHandoffTimes ?? [];
  const nextAt = next === undefined ? null : fromIso(next);
  const start = wallOf(rotation.start, rotation.timeZone);
  if (start === null) return null;
  const active = rotation.activeUserIndex ?? 0;
  const turned = nextAt === null ? 0 : Math.max(0, active);
  if (nextAt === null)
    draft.note(
      `rotation ${rotation.name}: the export does not say whose turn it is; its first person starts`,
    );
  const people = [...rotation.userIDs.slice(turned), ...rotation.userIDs.slice(0, turned)];
  const begin = nextAt === null ? start : turnBefore(nextAt, start.time, rotation, every);
  return {
    name: rotation.name.slice(0, 80),
    people: people.map((user) => draft.personOf(user, user)),
    every,
    count: rotation.shiftLength,
    startsOn: begin.day,
    handoffAt: begin.time,
    ...(rotation.timeZone !== scheduleZone && { timezone: rotation.timeZone }),
    restrictions: [...hours],
  };
}

/** When the turn began that is under way. Turns of hours begin at other times of the day than the first one did. */
function turnBefore(
  nextAt: Instant,
  time: string,
  { timeZone, shiftLength }: Rotation,
  every: "hour" | "day" | "week" | "month",
): { readonly day: string; readonly time: string } {
  if (every === "hour") {
    const wall = wallAt(addMs(nextAt, -shiftLength * HOUR), timeZone);
    return { day: wall.toPlainDate().toString(), time: wall.toPlainTime().toString().slice(0, 5) };
  }
  const wall = wallAt(nextAt, timeZone).subtract({ [`${every}s`]: shiftLength });
  return { day: wall.toPlainDate().toString(), time };
}

/** The hours of all rules together; none: always. Null where no rule means any time. */
function hoursOfAll(
  draft: ImportDraft,
  what: string,
  rules: readonly z.output<typeof Rule>[],
): readonly Restriction[] | null {
  const each = rules.map((rule) => hoursOf(draft, what, rule)).filter((hours) => hours !== null);
  if (each.length === 0) return null;
  return each.some((hours) => hours.length === 0) ? [] : each.flat();
}

/**
 * `end` may be earlier than `start`, on the next day; the same means the whole day. Sunday is first. None: always. Null:
 * never.
 */
function hoursOf(
  draft: ImportDraft,
  what: string,
  rule: z.output<typeof Rule>,
): readonly Restriction[] | null {
  const minutesOf = (text: string): number => {
    const [hour = 0, minute = 0] = text.split(":").map(Number);
    return hour * 60 + minute;
  };
  const days = WEEKDAYS.filter((_, at) => rule.weekdayFilter[(at + 1) % 7] === true);
  if (days.length === 0) {
    draft.note(`${what}: a rule for no day is left out`);
    return null;
  }
  const start = minutesOf(rule.start);
  const length = (minutesOf(rule.end) - start + 1_440) % 1_440;
  if (days.length === 7 && length === 0) return [];
  return [{ ...dailyHours(start, length), ...(days.length < 7 && { days }) }];
}

function addPolicy(
  draft: ImportDraft,
  policy: z.output<typeof Policy>,
  rotations: ReadonlyMap<string, Rotation>,
): void {
  const { name } = policy;
  const steps = policy.steps.flatMap(({ delayMinutes, targets }): EscalationStep[] => {
    const notify = targets.flatMap((target): Target[] => {
      const words = target.name ?? target.id;
      if (target.type === "user") return [{ person: draft.personOf(target.id, words) }];
      const schedule = draft.nameOf("schedules", target.id, words);
      if (target.type === "schedule" && draft.isThere("schedules", schedule))
        return draft.partsOf(schedule).map((part) => ({ schedule: part }));
      const rotation = target.type === "rotation" ? rotations.get(target.id) : undefined;
      const layer = layerOf(draft, rotation, [], rotation?.timeZone ?? "UTC");
      if (rotation !== undefined && layer !== null) {
        draft.add("schedules", schedule, {
          name: words,
          timezone: rotation.timeZone,
          layers: [layer],
        });
        return [{ schedule }];
      }
      draft.note(`policy ${name}: target ${target.type} ${words} cannot be expressed`);
      return [];
    });
    return notify.length === 0 ? [] : [{ notify, timeoutMinutes: Math.max(0.5, delayMinutes) }];
  });
  if (steps.length === 0) return draft.note(`policy ${name} has no step that pages anybody`);
  draft.add("escalations", draft.nameOf("escalations", policy.id, name), {
    name,
    steps,
    repeat: policy.repeat ?? 0,
  });
}

function addService(draft: ImportDraft, service: Service): void {
  const { name, description, escalationPolicyID: policy } = service;
  const id = draft.nameOf("services", service.id, name);
  const escalation = policy == null ? null : draft.nameOf("escalations", policy, policy);
  draft.add("services", id, {
    name,
    team: draft.teamOr(null),
    ...(description != null && description !== "" && { description }),
    ...(escalation !== null && draft.isThere("escalations", escalation) && { escalation }),
  });
  for (const key of service.integrationKeys ?? []) {
    const words = `${id}-${key.name}`;
    // The id of an integration key is its secret there.
    draft.add("keys", draft.nameOf("keys", key.id, words), {
      service: id,
      secret: hashedKey(key.id),
      description: `${key.name} (${key.type}), as it was in GoAlert`,
    });
  }
  for (const monitor of service.heartbeatMonitors ?? [])
    draft.add("heartbeats", draft.nameOf("heartbeats", monitor.id, `${id}-${monitor.name}`), {
      name: monitor.name,
      service: id,
      every: `PT${monitor.timeoutMinutes}M`,
      grace: "PT0S",
      secret: hashedKey(monitor.id),
    });
}
