/** People, teams and what they may do, as configuration holds them. */
import { z } from "zod";
import { Language } from "./language.ts";
import { PhoneNumber, Place, Slug, WallTime, Weekday, Zone } from "./ids.ts";

/** From least to most; each may do what the ones before it may. */
export const Role = z.enum(["viewer", "responder", "manager", "admin"]);
export type Role = z.infer<typeof Role>;
export const ROLES = Role.options;

export const Grant = z.strictObject({
  role: Role,
  /** Where the role counts; absent means everywhere. */
  team: Slug.optional(),
});
export type Grant = z.infer<typeof Grant>;

export const ContactMethod = z.strictObject({
  /** The id of a channel. */
  channel: Slug,
  /** What the channel needs to reach the person: a mail address, a Slack member id, a URL. */
  address: z.string().min(1).max(320),
  /** Minutes to wait after the page is due before this method is tried; 0 is at once. */
  afterMinutes: z.int().min(0).max(60).default(0),
  /** Only for pages (high) or only for what need not wake (low); both when absent. */
  urgency: z.enum(["high", "low"]).optional(),
});
export type ContactMethod = z.infer<typeof ContactMethod>;

export const Person = z.strictObject({
  name: z.string().min(1).max(120),
  email: z.email(),
  /** Shown to colleagues; pages by text message or voice go to `contacts`. */
  phone: PhoneNumber.optional(),
  /** By which clock they live; absent: by that of their schedule, else by UTC. */
  timezone: Zone.optional(),
  /** Whose public holidays are theirs; absent: those of their schedule. */
  country: Place.optional(),
  /** In which pages and letters speak to them; absent: English, and pages as their browser says. */
  language: Language.optional(),
  contacts: z.array(ContactMethod).max(8).default([]),
  roles: z.array(Grant).max(32).default([]),
  /** On the wall clock of their zone: what need not wake waits until they end. Pages do not. */
  quietHours: z
    .strictObject({
      from: WallTime,
      /** May be earlier than `from`: then they end on the next day. */
      to: WallTime,
      days: z.array(Weekday).min(1).optional(),
    })
    .optional(),
  /** More pages than this in a minute by one way are folded into one; absent: none are. */
  pagesPerMinute: z.int().min(1).max(60).optional(),
});
export type Person = z.infer<typeof Person>;

export const Team = z.strictObject({
  name: z.string().min(1).max(120),
  members: z.array(Slug).default([]),
  /** Told of breaches and overdue work. */
  manager: Slug.optional(),
  /** Business hours of the team: the id of a calendar. */
  calendar: Slug.optional(),
});
export type Team = z.infer<typeof Team>;
