/** People, teams and what they may do, as configuration holds them. */
import { z } from "zod";
import { Slug, Zone } from "./ids.ts";

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
});
export type ContactMethod = z.infer<typeof ContactMethod>;

export const Person = z.strictObject({
  name: z.string().min(1).max(120),
  email: z.email(),
  timezone: Zone.default("UTC"),
  contacts: z.array(ContactMethod).max(8).default([]),
  roles: z.array(Grant).max(32).default([]),
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
