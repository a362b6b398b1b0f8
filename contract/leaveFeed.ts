/** A calendar somewhere else that says when somebody is away. Its address is a secret and is never shown again. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { route } from "./route.ts";

const LeaveFeed = z.object({
  person: Slug,
  /** All that is told of the address. */
  host: z.string(),
  only: z.string().nullable(),
  saidAt: InstantText,
  /** When it was read last, or was found to be unchanged; null: not yet. */
  readAt: InstantText.nullable(),
  nextAt: InstantText,
  /** What keeps it from being read; null: nothing. */
  failure: z.string().nullable(),
  failingSince: InstantText.nullable(),
  /** What it says of the time to come. */
  leave: z.array(z.object({ startsAt: InstantText, endsAt: InstantText })),
});
export type LeaveFeed = z.infer<typeof LeaveFeed>;

const ById = z.object({ id: Slug });

export const putLeaveFeed = route({
  method: "PUT",
  path: "/v1/people/:id/leave-feed",
  access: "signed in",
  tag: "on call",
  summary:
    "Read somebody's leave from a calendar at an address, every hour. Only when is kept, never why; no shift moves.",
  params: ById,
  body: z.strictObject({
    /** Of an iCalendar file; whoever has it reads the calendar, so it is kept sealed. */
    url: z.string().trim().min(1).max(2_000),
    /** Only events with this word in their title; absent: all. */
    only: z.string().trim().min(1).max(100).optional(),
  }),
  reply: LeaveFeed,
});

export const readLeaveFeed = route({
  method: "GET",
  path: "/v1/people/:id/leave-feed",
  access: "signed in",
  tag: "on call",
  summary: "The calendar that somebody's leave is read from, and how that went; null: none.",
  params: ById,
  reply: z.object({ feed: LeaveFeed.nullable() }),
});

export const removeLeaveFeed = route({
  method: "DELETE",
  path: "/v1/people/:id/leave-feed",
  access: "signed in",
  tag: "on call",
  summary: "Read it no more: the leave to come that it said is gone.",
  params: ById,
  reply: z.object({ removed: z.boolean() }),
});
