/** Silences: a person mutes matching alerts until an instant; maintenance: the same, planned in files. */
import { z } from "zod";
import { Alert } from "./alert.ts";
import { PositiveDuration } from "./duration.ts";
import { InstantText, Slug, Zone } from "./ids.ts";
import { MatcherText } from "./matcher.ts";
import { page, PageQuery, route } from "./route.ts";

const Reason = z.string().trim().min(1).max(1_000);
const Matchers = z.array(MatcherText).min(1).max(50);
const RuleText = z
  .string()
  .min(1)
  .max(300)
  .regex(
    /^(?!.*DTSTART)FREQ=(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[\w,+:-]+)*$/,
    "a recurrence rule (RFC 5545) such as FREQ=WEEKLY;BYDAY=SU, hourly at most",
  );
const WallInstant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d$/,
    "a day and a time of day such as 2026-11-29T02:00",
  );

/** How a silence comes back: on the wall clock of a zone, from its start to its end. */
export const Recurrence = z.strictObject({
  rule: RuleText,
  timezone: Zone,
  /** How long each time lasts. */
  duration: PositiveDuration,
});
export type Recurrence = z.infer<typeof Recurrence>;

/** A planned mute, owned by a file. */
export const Maintenance = z
  .strictObject({
    reason: Reason,
    /** The person who answers for it and hears before it ends. */
    owner: Slug,
    /** Any of these services, and all of the matchers. */
    services: z.array(Slug).min(1).max(500).optional(),
    matchers: Matchers.optional(),
    timezone: Zone,
    /** The first time, on the wall clock of the zone. */
    startsAt: WallInstant,
    duration: PositiveDuration,
    /** Absent: once. */
    repeats: RuleText.optional(),
    /** After this nothing is muted any more; what repeats must have it. */
    until: WallInstant.optional(),
  })
  .refine((body) => body.services !== undefined || body.matchers !== undefined, {
    path: ["services"],
    message: "services or matchers: which alerts it mutes",
  })
  .refine(({ repeats, until }) => (repeats === undefined) === (until === undefined), {
    path: ["until"],
    message: "the last day of what repeats, and only of that: every mute has an end",
  })
  .refine(({ startsAt, until }) => until === undefined || until > startsAt, {
    path: ["until"],
    message: "after startsAt",
  });
export type Maintenance = z.infer<typeof Maintenance>;

const SilenceState = z.enum(["pending", "active", "expired"]);

export const Silence = z.object({
  id: z.string(),
  /** A person's silence, or a maintenance window of a file. */
  kind: z.enum(["silence", "maintenance"]),
  state: SilenceState,
  matchers: z.array(z.string()),
  services: z.array(Slug),
  reason: z.string(),
  owner: z.string(),
  /** The whole of it, and for what comes back the time that is running or next. */
  startsAt: InstantText,
  endsAt: InstantText,
  now: z.object({ from: InstantText, to: InstantText }).nullable(),
  recurs: Recurrence.nullable(),
  /** Where it stands: a file and line, or the API. */
  source: z.string(),
  /** Alerts that it holds now, and that it has held; how many of those would have paged somebody. */
  holds: z.int(),
  held: z.int(),
  wouldHavePaged: z.int(),
});
export type Silence = z.infer<typeof Silence>;

export const NewSilence = z.strictObject({
  matchers: Matchers,
  reason: Reason,
  /** Whoever creates it, unless somebody else is named. */
  owner: Slug.optional(),
  startsAt: InstantText.optional(),
  endsAt: InstantText,
  recurs: Recurrence.optional(),
});
export type NewSilence = z.infer<typeof NewSilence>;

export const createSilence = route({
  method: "POST",
  path: "/v1/silences",
  access: "silences.write",
  tag: "silences",
  summary: "Mute matching alerts until an instant. They stay in every list, with the silence.",
  status: 201,
  body: NewSilence,
  reply: Silence,
});

/** What whoever makes a silence should know before; the sentence of each, filled from its parameters. */
export const SILENCE_WARNINGS = {
  "means nothing": "It means none of the newest {among} alerts: is a word mistyped?",
  "unknown name": "There is no {name} “{value}”.",
  "means all": "It means every one of the {count} open alerts.",
  "goes on":
    "{count} of them are in an incident already, which goes on: a silence mutes what is new.",
} as const;
const SilenceWarning = z.object({
  code: z.enum(Object.keys(SILENCE_WARNINGS) as [keyof typeof SILENCE_WARNINGS]),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type SilenceWarning = z.infer<typeof SilenceWarning>;

export const previewSilence = route({
  method: "POST",
  path: "/v1/silences/preview",
  access: "alerts.read",
  tag: "silences",
  summary: "The open alerts that these matchers mean now; nothing is muted.",
  body: z.strictObject({ matchers: Matchers }),
  reply: z.object({
    items: z.array(Alert),
    more: z.boolean(),
    /** How many alerts it means, open or not, of the newest. */
    recent: z.int(),
    warnings: z.array(SilenceWarning),
  }),
});

export const listSilences = route({
  method: "GET",
  path: "/v1/silences",
  access: "alerts.read",
  tag: "silences",
  summary: "Maintenance windows of files, then silences, the newest first.",
  query: PageQuery.extend({ state: SilenceState.optional() }),
  reply: page(Silence),
});

const ById = z.object({ id: z.uuid() });

export const getSilence = route({
  method: "GET",
  path: "/v1/silences/:id",
  access: "alerts.read",
  tag: "silences",
  summary: "One silence with what it held.",
  params: ById,
  reply: Silence,
});

export const endSilence = route({
  method: "POST",
  path: "/v1/silences/:id/end",
  access: "silences.write",
  tag: "silences",
  summary: "End a silence now; what still fires is looked at again.",
  params: ById,
  reply: Silence,
});
