/** The browsers that somebody lets be woken by their pages. */
import { z } from "zod";
import { InstantText } from "./ids.ts";
import { route } from "./route.ts";

export const DeviceView = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The host of its push service. */
  service: z.string(),
  allowedAt: InstantText,
  /** When a page last reached its push service. */
  lastUsedAt: InstantText.nullable(),
  /** Null: pages ring there. */
  ended: z
    .object({
      at: InstantText,
      /** Its push service knows it no more; or the session that allowed it was ended. */
      because: z.enum(["gone", "session ended"]),
    })
    .nullable(),
});
export type DeviceView = z.infer<typeof DeviceView>;

/** What a browser gives when somebody subscribes in it. */
const Subscription = z.object({
  endpoint: z.string().min(10).max(1_000),
  keys: z.object({ p256dh: z.string().min(80).max(100), auth: z.string().min(20).max(30) }),
});

export const listDevices = route({
  method: "GET",
  path: "/v1/me/devices",
  access: "signed in",
  tag: "access",
  summary: "Your browsers that your pages ring in, and those that rang until lately.",
  reply: z.object({
    items: z.array(DeviceView),
    /** What a browser subscribes with. */
    senderKey: z.string(),
  }),
});

export const allowDevice = route({
  method: "POST",
  path: "/v1/me/devices",
  access: "signed in",
  tag: "access",
  summary:
    "Let your pages ring in this browser. The same one again changes nothing; `instead` names the address that it had before.",
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(80),
    subscription: Subscription,
    /** The address before, when the push service gave the browser another one. */
    instead: z.string().min(10).max(1_000).optional(),
  }),
  reply: DeviceView,
});

export const removeDevice = route({
  method: "DELETE",
  path: "/v1/me/devices/:id",
  access: "signed in",
  tag: "access",
  summary: "Pages no longer ring there.",
  params: z.object({ id: z.uuid() }),
  reply: z.object({}),
});
