/** Swaps: a shift is offered to everybody, or somebody is asked to take it, perhaps for one of theirs. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

const SpanBody = z.strictObject({ startsAt: InstantText, endsAt: InstantText });
const Span = z.object({ startsAt: InstantText, endsAt: InstantText });

/** `lapsed`: nobody took it before it was over. */
export const SwapState = z.enum(["open", "accepted", "declined", "withdrawn", "lapsed"]);
export type SwapState = z.infer<typeof SwapState>;

export const Swap = z.object({
  id: z.uuid(),
  schedule: Slug,
  /** Whose shift it is. */
  from: Slug,
  /** Who is asked; null: offered to everybody of the team. */
  to: Slug.nullable(),
  startsAt: InstantText,
  endsAt: InstantText,
  /** When `from` takes over from `to` in exchange. */
  inReturn: Span.nullable(),
  reason: z.string().nullable(),
  state: SwapState,
  askedAt: InstantText,
  /** Who took it. */
  takenBy: Slug.nullable(),
  answeredAt: InstantText.nullable(),
});
export type Swap = z.infer<typeof Swap>;

const ById = z.object({ id: z.uuid() });

export const askSwap = route({
  method: "POST",
  path: "/v1/schedules/:id/swaps",
  access: "oncall.override",
  tag: "on call",
  summary: "Offer a shift to the team, or ask somebody to take it. Nothing moves before a yes.",
  status: 201,
  params: z.object({ id: Slug }),
  body: z.strictObject({
    /** Whose shift; absent: of whoever asks. For others: a manager of the team. */
    from: Slug.optional(),
    /** Who is asked; absent: everybody of the team. */
    to: Slug.optional(),
    /** Absent: the shift that they have or that is next. */
    span: SpanBody.optional(),
    /** What `from` takes over from `to` in exchange. */
    inReturn: SpanBody.optional(),
    reason: z.string().trim().min(1).max(500).optional(),
  }),
  reply: Swap,
});

export const listSwaps = route({
  method: "GET",
  path: "/v1/swaps",
  access: "oncall.read",
  tag: "on call",
  summary: "Swaps that are asked for or offered, the newest first; `all` with those that are over.",
  query: PageQuery.extend({ schedule: Slug.optional(), all: z.stringbool().default(false) }),
  reply: page(Swap),
});

export const acceptSwap = route({
  method: "POST",
  path: "/v1/swaps/:id/accept",
  access: "oncall.override",
  tag: "on call",
  summary:
    "Take the shift, and give one's own in exchange where that was asked. Both and the team hear.",
  params: ById,
  /** Who takes it; absent: whoever says so. For others: a manager of the team. */
  body: z.strictObject({ person: Slug.optional() }).nullish(),
  reply: Swap,
});

export const declineSwap = route({
  method: "POST",
  path: "/v1/swaps/:id/decline",
  access: "oncall.override",
  tag: "on call",
  summary: "Say no to a swap that one was asked for. Whoever asked hears of it.",
  params: ById,
  reply: Swap,
});

export const withdrawSwap = route({
  method: "DELETE",
  path: "/v1/swaps/:id",
  access: "oncall.override",
  tag: "on call",
  summary: "Take back what was asked or offered, as long as nobody has taken it.",
  params: ById,
  reply: Swap,
});
