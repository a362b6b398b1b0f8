/** Signals that were accepted in a storm and then could not be stored. */
import { z } from "zod";
import { InstantText } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

const SetAside = z.object({
  id: z.int(),
  /** The intake key by which it came. */
  key: z.string(),
  receivedAt: InstantText,
  setAsideAt: InstantText,
  because: z.string(),
});
export type SetAside = z.infer<typeof SetAside>;

const SetAsideDetail = SetAside.extend({
  /** Null when its seal cannot be opened with the keys of this installation. */
  signals: z
    .array(
      z.object({
        action: z.enum(["trigger", "acknowledge", "resolve"]),
        title: z.string(),
        severity: z.string().nullable(),
        service: z.string(),
        dedupKey: z.string(),
        adapter: z.string(),
        labels: z.record(z.string(), z.string()),
      }),
    )
    .nullable(),
  /** The body as it came, cut at 64 kB. */
  raw: z.string().nullable(),
});
export type SetAsideDetail = z.infer<typeof SetAsideDetail>;

const ById = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const Because = z.strictObject({ because: z.string().trim().min(1).max(1_000) });

export const listSetAside = route({
  method: "GET",
  path: "/v1/set-aside",
  access: "system.read",
  tag: "intake",
  summary:
    "What was accepted in a storm and could not be stored, the newest first, each with its reason.",
  query: PageQuery,
  reply: page(SetAside),
});

export const getSetAside = route({
  method: "GET",
  path: "/v1/set-aside/:id",
  access: "signals.mend",
  tag: "intake",
  summary: "One of them as it came.",
  params: ById,
  reply: SetAsideDetail,
});

export const retrySetAside = route({
  method: "POST",
  path: "/v1/set-aside/:id/retry",
  access: "signals.mend",
  tag: "intake",
  summary: "Try it again after a mend: it is decided about as if it had just come.",
  params: ById,
  reply: z.object({
    accepted: z.array(
      z.object({ dedupKey: z.string(), alert: z.string().nullable(), what: z.string() }),
    ),
  }),
});

export const dropSetAside = route({
  method: "POST",
  path: "/v1/set-aside/:id/drop",
  access: "signals.mend",
  tag: "intake",
  summary: "Let it go for good, with a reason; who did it and why is kept.",
  params: ById,
  body: Because,
  reply: z.object({ dropped: z.literal(true) }),
});
