/** Final schedules as calendars that programs subscribe to, under secret addresses that can be renewed. */
import { z } from "zod";
import { Slug } from "./ids.ts";
import { route } from "./route.ts";

export const FeedOf = z.enum(["schedule", "person"]);
export type FeedOf = z.infer<typeof FeedOf>;

const Subject = z.object({ of: FeedOf, id: Slug });
const FeedAddress = z.object({
  of: FeedOf,
  id: Slug,
  /** Whoever has it can read the calendar: it is a secret. */
  url: z.string(),
});

export const giveFeed = route({
  method: "GET",
  path: "/v1/feeds/:of/:id",
  access: "oncall.read",
  tag: "on call",
  summary:
    "The secret address of a schedule's calendar, or of a person's own (others' need the right to manage tokens).",
  params: Subject,
  reply: FeedAddress,
});

export const renewFeed = route({
  method: "POST",
  path: "/v1/feeds/:of/:id/renew",
  access: "oncall.override",
  tag: "on call",
  summary: "A new secret address; the one before stops working at once.",
  params: Subject,
  reply: FeedAddress,
});

export const readFeed = route({
  method: "GET",
  path: "/feeds/:of/:id/:secret",
  access: "link",
  tag: "on call",
  summary: "The shifts from a month back to half a year ahead, as iCalendar (RFC 5545).",
  params: Subject.extend({ secret: z.string().min(10).max(80) }),
  reply: z.string(),
});
