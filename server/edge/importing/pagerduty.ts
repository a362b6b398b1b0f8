/** PagerDuty's REST API v2: users, teams, schedules (with since and until), escalation policies, services. */
import { z } from "zod";
import type { EscalationStep, Target } from "../../../contract/escalation.ts";
import { Zone } from "../../../contract/ids.ts";
import type { Layer, Restriction } from "../../../contract/oncall.ts";
import { fromIso } from "../../base/instant.ts";
import { hashedKey } from "../../domain/config/secrets.ts";
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
  turnsOfSeconds,
  wallOf,
  weeklyHours,
} from "./imported.ts";
import { byId, itemsUnder, readItems } from "./reading.ts";

const Reference = z.looseObject({ id: z.string(), summary: z.string().nullish() });
const ContactMethod = z.looseObject({
  type: z.string(),
  address: z.string().nullish(),
  country_code: z.number().nullish(),
});
const User = Reference.extend({
  name: z.string(),
  email: z.string(),
  time_zone: z.string().nullish(),
  role: z.string().nullish(),
  teams: z.array(Reference).nullish(),
  contact_methods: z.array(ContactMethod).nullish(),
});
const Team = Reference.extend({ name: z.string() });
const Entry = z.looseObject({ start: z.string(), end: z.string(), user: Reference });
const Restrict = z.looseObject({
  type: z.string(),
  start_time_of_day: z.string(),
  duration_seconds: z.number(),
  start_day_of_week: z.number().nullish(),
});
const ScheduleLayer = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  start: z.string(),
  end: z.string().nullish(),
  rotation_virtual_start: z.string(),
  rotation_turn_length_seconds: z.number(),
  users: z.array(z.looseObject({ user: Reference })),
  restrictions: z.array(Restrict).nullish(),
});
type ScheduleLayer = z.output<typeof ScheduleLayer>;
const Rendered = z.looseObject({ rendered_schedule_entries: z.array(Entry).nullish() });
const Schedule = Reference.extend({
  name: z.string(),
  time_zone: Zone,
  teams: z.array(Reference).nullish(),
  schedule_layers: z.array(ScheduleLayer).nullish(),
  overrides_subschedule: Rendered.nullish(),
  final_schedule: Rendered.nullish(),
});
type Schedule = z.output<typeof Schedule>;
const Policy = Reference.extend({
  name: z.string(),
  num_loops: z.number().nullish(),
  teams: z.array(Reference).nullish(),
  escalation_rules: z.array(
    z.looseObject({
      escalation_delay_in_minutes: z.number(),
      targets: z.array(Reference.extend({ type: z.string() })),
    }),
  ),
});
const Integration = z.looseObject({
  id: z.string(),
  type: z.string().nullish(),
  summary: z.string().nullish(),
  name: z.string().nullish(),
  integration_key: z.string().nullish(),
});
const Service = Reference.extend({
  name: z.string(),
  description: z.string().nullish(),
  escalation_policy: Reference.nullish(),
  teams: z.array(Reference).nullish(),
  integrations: z.array(Integration).nullish(),
});

const ADMINS = new Set(["admin", "owner", "global_admin", "account_owner"]);

export function importPagerDuty(documents: readonly ExportDocument[]): Imported {
  const draft = openDraft("pagerduty");
  const read = <T extends z.ZodType<{ id: string }>>(word: string, list: string, shape: T) =>
    byId(
      readItems(draft, word, shape, itemsUnder(documents, list, word)),
    ) as readonly z.output<T>[];
  const users = read("user", "users", User);
  for (const user of users) {
    const phone = user.contact_methods?.find(({ type }) => type.startsWith("phone"));
    const number = phone?.address?.replaceAll(/\D/g, "");
    const timezone = user.time_zone ?? null;
    addPerson(draft, user.id, {
      ...user,
      timezone,
      phone: number === undefined ? null : `+${phone?.country_code ?? 1}${number}`,
    });
    if (ADMINS.has(user.role ?? ""))
      draft.note(
        `${user.name} has the role ${user.role} there and is a responder here: people.yaml gives roles`,
      );
    for (const { type } of user.contact_methods ?? [])
      if (!/^(email|phone)/.test(type))
        draft.note(
          `${user.name}: contact method ${type} needs a channel here: add it in people.yaml`,
        );
  }
  for (const { id, name } of read("team", "teams", Team))
    draft.add("teams", draft.nameOf("teams", id, name), {
      name,
      members: users
        .filter(({ teams }) => teams?.some((team) => team.id === id))
        .map((user) => personOf(draft, user)),
    });
  for (const schedule of read("schedule", "schedules", Schedule)) addSchedule(draft, schedule);
  for (const policy of read("escalation_policy", "escalation_policies", Policy))
    addPolicy(draft, policy);
  for (const service of read("service", "services", Service)) addService(draft, service);
  return draft.result();
}

const teamOf = (
  draft: ImportDraft,
  teams: readonly z.output<typeof Reference>[] | null | undefined,
) => {
  const [first] = teams ?? [];
  if (first === undefined) return null;
  const name = draft.nameOf("teams", first.id, first.summary ?? first.id);
  draft.add("teams", name, { name: first.summary ?? first.id });
  return name;
};

const personOf = (draft: ImportDraft, user: z.output<typeof Reference>): string =>
  draft.personOf(user.id, user.summary ?? user.id);

function addSchedule(draft: ImportDraft, schedule: Schedule): void {
  const { name, time_zone: timezone, teams } = schedule;
  const id = draft.nameOf("schedules", schedule.id, name);
  const team = teamOf(draft, teams);
  // The first of the list lies on top there; here the last one does.
  const layers = (schedule.schedule_layers ?? [])
    .toReversed()
    .flatMap((layer) => layerOf(draft, schedule, layer));
  const isAdded =
    layers.length > 0 &&
    draft.add("schedules", id, { name, timezone, layers, ...(team !== null && { team }) });
  if (!isAdded) {
    draft.note(`schedule ${name} has no layer that could be expressed`);
    return draft.loseSchedule(name, NOT_EXPRESSED);
  }
  const shiftsOf = (part: z.output<typeof Rendered> | null | undefined): readonly ImportedShift[] =>
    (part?.rendered_schedule_entries ?? []).flatMap(({ start, end, user }) => {
      const [startsAt, endsAt] = [fromIso(start), fromIso(end)];
      return startsAt === null || endsAt === null || endsAt <= startsAt
        ? []
        : [{ person: personOf(draft, user), startsAt, endsAt }];
    });
  draft.addSchedule({
    name,
    timezone,
    parts: [id],
    overrides: shiftsOf(schedule.overrides_subschedule).map((shift) => ({
      ...shift,
      schedule: id,
    })),
    rendered: renderedOf(shiftsOf(schedule.final_schedule)),
  });
}

function layerOf(draft: ImportDraft, schedule: Schedule, layer: ScheduleLayer): readonly Layer[] {
  const what = `schedule ${schedule.name}, layer ${layer.name ?? layer.id}`;
  const turns = turnsOfSeconds(layer.rotation_turn_length_seconds);
  const start = wallOf(layer.rotation_virtual_start, schedule.time_zone);
  const end = layer.end == null ? null : wallOf(layer.end, schedule.time_zone);
  if (turns === null || start === null) {
    draft.note(
      `${what}: a turn of ${layer.rotation_turn_length_seconds} seconds is no whole number of hours, days or weeks`,
    );
    return [];
  }
  if (!start.isWhole) draft.note(`${what}: its handoff is not at a whole minute`);
  if (end !== null && end.time !== start.time)
    draft.note(
      `${what}: it ends at ${end.time} of ${end.day}, here at the handoff at ${start.time}`,
    );
  if (layer.users.length === 0) {
    draft.note(`${what}: nobody is in it`);
    return [];
  }
  return [
    {
      name: (layer.name ?? layer.id).slice(0, 80),
      people: layer.users.map(({ user }) => personOf(draft, user)),
      ...turns,
      startsOn: start.day,
      handoffAt: start.time,
      restrictions: (layer.restrictions ?? []).flatMap((each) => hoursOf(draft, what, each)),
      ...(end !== null && { endsOn: end.day }),
    } as Layer,
  ];
}

function hoursOf(
  draft: ImportDraft,
  what: string,
  restriction: z.output<typeof Restrict>,
): readonly Restriction[] {
  const [hour = 0, minute = 0, second = 0] = restriction.start_time_of_day.split(":").map(Number);
  const length = restriction.duration_seconds / 60;
  if (second !== 0 || !Number.isInteger(length))
    draft.note(`${what}: hours that are no whole minutes are cut to minutes`);
  const start = hour * 60 + minute;
  const minutes = Math.floor(length);
  if (restriction.type === "daily_restriction") return [dailyHours(start, minutes)];
  const day = (restriction.start_day_of_week ?? 1) - 1;
  return weeklyHours(day * 1_440 + start, minutes);
}

function addPolicy(draft: ImportDraft, policy: z.output<typeof Policy>): void {
  const { id, name, num_loops: loops } = policy;
  const steps = policy.escalation_rules.flatMap((rule): EscalationStep[] => {
    const notify = rule.targets.flatMap((target): Target[] => {
      const words = target.summary ?? target.id;
      if (target.type.startsWith("user")) return [{ person: personOf(draft, target) }];
      const schedule = draft.nameOf("schedules", target.id, words);
      if (draft.isThere("schedules", schedule)) return [{ schedule }];
      draft.note(`policy ${name} pages schedule ${words}, which is not in the export`);
      return [];
    });
    return notify.length === 0
      ? []
      : [{ notify, timeoutMinutes: rule.escalation_delay_in_minutes }];
  });
  if (steps.length === 0) return draft.note(`policy ${name} has no step that pages anybody`);
  const team = teamOf(draft, policy.teams);
  draft.add("escalations", draft.nameOf("escalations", id, name), {
    name,
    steps,
    repeat: loops ?? 0,
    ...(team !== null && { team }),
  });
}

function addService(draft: ImportDraft, service: z.output<typeof Service>): void {
  const id = draft.nameOf("services", service.id, service.name);
  const policy = service.escalation_policy;
  const escalation =
    policy == null ? null : draft.nameOf("escalations", policy.id, policy.summary ?? policy.id);
  const isKnown = escalation !== null && draft.isThere("escalations", escalation);
  if (!isKnown && policy != null)
    draft.note(
      `service ${service.name} pages by ${policy.summary ?? policy.id}, which is not in the export`,
    );
  draft.add("services", id, {
    name: service.name,
    team: draft.teamOr(teamOf(draft, service.teams)),
    ...(service.description != null &&
      service.description !== "" && { description: service.description }),
    ...(isKnown && { escalation }),
  });
  for (const integration of service.integrations ?? []) {
    const words = integration.name ?? integration.summary ?? integration.id;
    const key = draft.nameOf("keys", integration.id, `${id}-${words}`);
    if (integration.integration_key == null || integration.integration_key === "")
      draft.note(
        `service ${service.name}, integration ${words}: the export holds no key; make one here`,
      );
    else
      draft.add("keys", key, {
        service: id,
        secret: hashedKey(integration.integration_key),
        description: `${words}, as it was in PagerDuty`,
      });
  }
}
