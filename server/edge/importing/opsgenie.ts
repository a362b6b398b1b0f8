/**
 * Opsgenie's REST API v2: users, teams, schedules (expand=rotation), their timelines, escalations, services,
 * integrations. Every rotation of a schedule has somebody at the same time, so each becomes a schedule of its own.
 */
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
  joinedDays,
  NOT_EXPRESSED,
  openDraft,
  renderedOf,
  wallOf,
  weeklyHours,
} from "./imported.ts";
import { byId, type Item, itemsUnder, sorter } from "./reading.ts";

const Recipient = z.looseObject({
  type: z.string(),
  id: z.string().nullish(),
  username: z.string().nullish(),
  name: z.string().nullish(),
});
type Recipient = z.output<typeof Recipient>;
const User = z.looseObject({
  id: z.string(),
  username: z.string(),
  fullName: z.string(),
  timeZone: z.string().nullish(),
  role: z.looseObject({ name: z.string().nullish() }).nullish(),
});
const Team = z.looseObject({
  id: z.string(),
  name: z.string(),
  members: z
    .array(
      z.looseObject({ user: z.looseObject({ id: z.string(), username: z.string().nullish() }) }),
    )
    .nullish(),
});
const Hours = z.looseObject({
  startHour: z.number(),
  startMin: z.number(),
  endHour: z.number(),
  endMin: z.number(),
  startDay: z.string().nullish(),
  endDay: z.string().nullish(),
});
const Rotation = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  startDate: z.string(),
  endDate: z.string().nullish(),
  type: z.enum(["hourly", "daily", "weekly"]),
  length: z.number().nullish(),
  participants: z.array(Recipient),
  timeRestriction: z
    .looseObject({
      type: z.string(),
      restriction: Hours.nullish(),
      restrictions: z.array(Hours).nullish(),
    })
    .nullish(),
});
type Rotation = z.output<typeof Rotation>;
const Schedule = z.looseObject({
  id: z.string(),
  name: z.string(),
  timezone: Zone,
  enabled: z.boolean().nullish(),
  ownerTeam: z.looseObject({ id: z.string(), name: z.string().nullish() }).nullish(),
  rotations: z.array(Rotation),
});
const Timeline = z.looseObject({
  _parent: z.looseObject({ id: z.string() }),
  startDate: z.string().nullish(),
  endDate: z.string().nullish(),
  finalTimeline: z.looseObject({
    rotations: z.array(
      z.looseObject({
        id: z.string().nullish(),
        periods: z
          .array(
            z.looseObject({
              startDate: z.string(),
              endDate: z.string(),
              type: z.string().nullish(),
              recipient: Recipient.nullish(),
            }),
          )
          .nullish(),
      }),
    ),
  }),
});
const Escalation = z.looseObject({
  id: z.string(),
  name: z.string(),
  ownerTeam: z.looseObject({ id: z.string(), name: z.string().nullish() }).nullish(),
  rules: z.array(
    z.looseObject({
      condition: z.string(),
      notifyType: z.string(),
      delay: z.looseObject({ timeAmount: z.number(), timeUnit: z.string().nullish() }),
      recipient: Recipient,
    }),
  ),
  repeat: z
    .looseObject({ waitInterval: z.number().nullish(), count: z.number().nullish() })
    .nullish(),
});
type Escalation = z.output<typeof Escalation>;
const Service = z.looseObject({
  id: z.string(),
  name: z.string(),
  teamId: z.string(),
  description: z.string().nullish(),
});
const Integration = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  apiKey: z.string().nullish(),
  teamId: z.string().nullish(),
  ownerTeam: z.looseObject({ id: z.string() }).nullish(),
});

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const EVERY = { hourly: "hour", daily: "day", weekly: "week" } as const;
const MINUTES: Readonly<Record<string, number>> = {
  minutes: 1,
  hours: 60,
  days: 1_440,
  seconds: 1 / 60,
};

export function importOpsgenie(documents: readonly ExportDocument[]): Imported {
  const draft = openDraft("opsgenie");
  const items = itemsUnder(documents, "data");
  const read = sorter(draft, items);
  for (const user of byId(read("user", User, (value) => "fullName" in value))) {
    addPerson(draft, user.id, {
      name: user.fullName,
      email: user.username,
      timezone: user.timeZone ?? null,
    });
    if (/admin|owner/i.test(user.role?.name ?? ""))
      draft.note(
        `${user.fullName} has the role ${user.role?.name} there and is a responder here: people.yaml gives roles`,
      );
  }
  const isTeam = (value: Item["value"]): boolean =>
    "members" in value ||
    ("name" in value &&
      "description" in value &&
      !("teamId" in value) &&
      !("rules" in value) &&
      !("rotations" in value) &&
      !("type" in value));
  for (const team of byId(read("team", Team, isTeam))) {
    const members = (team.members ?? []).map(({ user }) =>
      draft.personOf(user.id, user.username ?? user.id),
    );
    draft.add("teams", draft.nameOf("teams", team.id, team.name), { name: team.name, members });
  }
  const timelines = read("timeline", Timeline, (value) => "finalTimeline" in value);
  for (const schedule of byId(read("schedule", Schedule, (value) => "rotations" in value)))
    addSchedule(
      draft,
      schedule,
      timelines.filter(({ _parent }) => _parent.id === schedule.id),
    );
  const policies = byId(
    read("escalation", Escalation, (value) => "rules" in value && "repeat" in value),
  );
  for (const policy of policies) addEscalation(draft, policy);
  const escalationOf = (teamId: string) => {
    const found = policies.find(({ ownerTeam }) => ownerTeam?.id === teamId);
    const name = found === undefined ? null : draft.nameOf("escalations", found.id, found.name);
    return name !== null && draft.isThere("escalations", name) ? { escalation: name } : {};
  };
  for (const service of byId(
    read("service", Service, (value) => "teamId" in value && !("type" in value)),
  )) {
    const { name, teamId, description } = service;
    draft.add("services", draft.nameOf("services", service.id, name), {
      name,
      team: teamNamed(draft, { id: teamId }),
      ...(description != null && description !== "" && { description }),
      ...escalationOf(teamId),
    });
    draft.note(
      `service ${name}: its team's routing rules are not in the API's export; it pages by its team's first escalation`,
    );
  }
  for (const integration of byId(
    read("integration", Integration, (value) => "type" in value && "enabled" in value),
  ))
    addIntegration(draft, integration, escalationOf);
  return draft.result();
}

function teamNamed(
  draft: ImportDraft,
  team: { id: string; name?: string | null | undefined },
): string {
  const name = draft.nameOf("teams", team.id, team.name ?? team.id);
  draft.add("teams", name, { name: team.name ?? team.id });
  return name;
}

function recipientOf(draft: ImportDraft, recipient: Recipient): string {
  const words = recipient.username ?? recipient.name ?? recipient.id ?? recipient.type;
  if (recipient.type !== "user")
    draft.note(
      `${recipient.type} ${words} takes turns in a rotation, which only people do here: write who it is`,
    );
  return draft.personOf(recipient.id ?? `${recipient.type} ${words}`, words);
}

function addSchedule(
  draft: ImportDraft,
  schedule: z.output<typeof Schedule>,
  timelines: readonly z.output<typeof Timeline>[],
): void {
  const { name, timezone, ownerTeam } = schedule;
  if (schedule.enabled === false)
    draft.note(`schedule ${name} is disabled there; it is written all the same`);
  const several = schedule.rotations.length > 1;
  const parts: { readonly id: string; readonly rotation: string }[] = [];
  for (const [at, rotation] of schedule.rotations.entries()) {
    const layer = layerOf(draft, schedule, rotation);
    if (layer === null) continue;
    const words = several ? `${name}-${rotation.name ?? at + 1}` : name;
    // Policies know the first of them, whichever could not be expressed before it.
    const key = parts.length === 0 ? schedule.id : `${schedule.id} ${rotation.id}`;
    const id = draft.nameOf("schedules", key, words);
    const isAdded = draft.add("schedules", id, {
      name: several ? `${name}: ${rotation.name ?? at + 1}` : name,
      timezone,
      layers: [layer],
      ...(ownerTeam != null && { team: teamNamed(draft, ownerTeam) }),
    });
    if (isAdded) parts.push({ id, rotation: rotation.id });
  }
  const [first] = parts;
  if (first === undefined) {
    draft.note(`schedule ${name} has no rotation that could be expressed`);
    return draft.loseSchedule(name, NOT_EXPRESSED);
  }
  if (several)
    draft.note(
      `schedule ${name} has ${parts.length} rotations at once: one schedule each here, paged together`,
    );
  const periods = timelines.flatMap(({ finalTimeline }) =>
    finalTimeline.rotations.flatMap((rotation) =>
      (rotation.periods ?? []).flatMap((period) => {
        const [startsAt, endsAt] = [fromIso(period.startDate), fromIso(period.endDate)];
        if (startsAt === null || endsAt === null || endsAt <= startsAt || period.recipient == null)
          return [];
        const part = parts.find((each) => each.rotation === rotation.id)?.id ?? first.id;
        const shift = { person: recipientOf(draft, period.recipient), startsAt, endsAt };
        return [{ ...shift, schedule: part, isOverride: period.type === "override" }];
      }),
    ),
  );
  const bare = ({ person, startsAt, endsAt }: ImportedShift): ImportedShift => ({
    person,
    startsAt,
    endsAt,
  });
  draft.addSchedule({
    name,
    timezone,
    parts: parts.map(({ id }) => id),
    overrides: periods
      .filter(({ isOverride }) => isOverride)
      .map((period) => ({ ...bare(period), schedule: period.schedule })),
    rendered: renderedOf(periods.map(bare), {
      from: fromIso(timelines[0]?.startDate ?? ""),
      to: fromIso(timelines.at(-1)?.endDate ?? ""),
    }),
  });
}

function layerOf(
  draft: ImportDraft,
  { name, timezone }: z.output<typeof Schedule>,
  rotation: Rotation,
): Layer | null {
  const what = `schedule ${name}, rotation ${rotation.name ?? rotation.id}`;
  const start = wallOf(rotation.startDate, timezone);
  const end = rotation.endDate == null ? null : wallOf(rotation.endDate, timezone);
  const people = rotation.participants.flatMap((each) => {
    if (each.type !== "none") return [recipientOf(draft, each)];
    draft.note(`${what}: a turn of nobody cannot be expressed; the others' turns come earlier`);
    return [];
  });
  if (start === null || people.length === 0) {
    draft.note(`${what}: it has no start or nobody in it`);
    return null;
  }
  if (end !== null && end.time !== start.time)
    draft.note(
      `${what}: it ends at ${end.time} of ${end.day}, here at the handoff at ${start.time}`,
    );
  return {
    name: (rotation.name ?? rotation.id).slice(0, 80),
    people,
    every: EVERY[rotation.type],
    count: rotation.length ?? 1,
    startsOn: start.day,
    handoffAt: start.time,
    restrictions: [...hoursOf(rotation)],
    ...(end !== null && { endsOn: end.day }),
  };
}

function hoursOf({ timeRestriction }: Rotation): readonly Restriction[] {
  const spans = [
    ...(timeRestriction?.restriction == null ? [] : [timeRestriction.restriction]),
    ...(timeRestriction?.restrictions ?? []),
  ];
  const pieces = spans.flatMap((span): readonly Restriction[] => {
    const start = span.startHour * 60 + span.startMin;
    const end = span.endHour * 60 + span.endMin;
    if (span.startDay == null) return [dailyHours(start, (end - start + 1_440) % 1_440)];
    const [from, to] = [span.startDay, span.endDay ?? span.startDay].map(
      (day) => DAYS.indexOf(day.toLowerCase()) * 1_440,
    ) as [number, number];
    const length = (to + end - from - start + 10_080) % 10_080;
    return weeklyHours(from + start, length === 0 ? 10_080 : length);
  });
  return pieces.every(({ days }) => days === undefined) ? pieces : joinedDays(pieces);
}

function targetsOf(draft: ImportDraft, policy: string, recipient: Recipient): readonly Target[] {
  const words = recipient.username ?? recipient.name ?? recipient.id ?? "";
  if (recipient.type === "user") return [{ person: recipientOf(draft, recipient) }];
  if (recipient.type === "team")
    return [{ team: teamNamed(draft, { id: recipient.id ?? words, name: words }) }];
  const name = draft.nameOf("schedules", recipient.id ?? words, words);
  if (draft.isThere("schedules", name))
    return draft.partsOf(name).map((schedule) => ({ schedule }));
  draft.note(`escalation ${policy} pages ${recipient.type} ${words}, which is not in the export`);
  return [];
}

function addEscalation(draft: ImportDraft, policy: Escalation): void {
  const { id, name, ownerTeam, repeat } = policy;
  const minutesOf = (rule: Escalation["rules"][number]): number =>
    rule.delay.timeAmount * (MINUTES[rule.delay.timeUnit ?? "minutes"] ?? 1);
  const byDelay = new Map<number, Target[]>();
  for (const rule of policy.rules.toSorted((a, b) => minutesOf(a) - minutesOf(b))) {
    if (rule.condition === "if-not-closed")
      draft.note(
        `escalation ${name}: a step that goes on after an acknowledge stops here at the acknowledge`,
      );
    if (rule.notifyType !== "default")
      draft.note(
        `escalation ${name}: a step notifies “${rule.notifyType}” there, whoever is on call here`,
      );
    const targets = targetsOf(draft, name, rule.recipient);
    byDelay.set(minutesOf(rule), [...(byDelay.get(minutesOf(rule)) ?? []), ...targets]);
  }
  const rungs = [...byDelay].filter(([, notify]) => notify.length > 0);
  const [first] = rungs;
  if (first === undefined) return draft.note(`escalation ${name} has no step that pages anybody`);
  if (first[0] > 0)
    draft.note(`escalation ${name}: its first step waits ${first[0]} minutes there, none here`);
  const wait = repeat?.waitInterval ?? 0;
  const steps = rungs.map(([minutes, notify], at): EscalationStep => {
    const next = rungs[at + 1];
    const timeoutMinutes = next === undefined ? (wait > 0 ? wait : 10) : next[0] - minutes;
    return { notify, timeoutMinutes };
  });
  draft.add("escalations", draft.nameOf("escalations", id, name), {
    name,
    steps,
    repeat: repeat?.count ?? 0,
    ...(ownerTeam != null && { team: teamNamed(draft, ownerTeam) }),
  });
}

function addIntegration(
  draft: ImportDraft,
  { id, name, type, apiKey, teamId, ownerTeam }: z.output<typeof Integration>,
  escalationOf: (teamId: string) => { escalation?: string },
): void {
  if (apiKey == null || apiKey === "")
    return draft.note(`integration ${name} (${type}): the export holds no key; make one here`);
  const owner = teamId ?? ownerTeam?.id ?? null;
  const service = draft.nameOf("services", `of integration ${id}`, name);
  draft.add("services", service, {
    name,
    team: draft.teamOr(owner === null ? null : teamNamed(draft, { id: owner })),
    ...(owner === null ? {} : escalationOf(owner)),
  });
  draft.add("keys", draft.nameOf("keys", id, name), {
    service,
    secret: hashedKey(apiKey),
    description: `${name} (${type}), as it was in Opsgenie`,
  });
}
