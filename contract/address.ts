/** The addresses by which you are reached: whether they are verified, and whether a page came lately. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { route, Sentence } from "./route.ts";

export const AddressView = z.object({
  channel: Slug,
  address: z.string(),
  urgency: z.enum(["high", "low"]).nullable(),
  afterMinutes: z.int(),
  verifiedAt: InstantText.nullable(),
  /** A code that came back, or an answer to a page from there. */
  verifiedBy: z.enum(["code", "answer"]).nullable(),
  /** When a page was last taken there. */
  lastPageAt: InstantText.nullable(),
  /** Nothing arrives there, or you said that you want nothing there. */
  mark: z
    .object({ kind: z.enum(["bounced", "stopped"]), because: z.string(), at: InstantText })
    .nullable(),
});
export type AddressView = z.infer<typeof AddressView>;

const Meant = z.strictObject({
  channel: Slug,
  /** Only needed where you have several on the channel. */
  address: z.string().min(1).max(320).optional(),
});

export const listAddresses = route({
  method: "GET",
  path: "/v1/me/addresses",
  access: "signed in",
  tag: "pages",
  summary: "How you are reached, and what would keep a page from you.",
  reply: z.object({
    items: z.array(AddressView),
    doubts: z.array(z.string()),
    /** What those sentences are made of, in their order. */
    doubtsBecause: z.array(Sentence).optional(),
  }),
});

export const sendCode = route({
  method: "POST",
  path: "/v1/me/addresses/code",
  access: "signed in",
  tag: "pages",
  summary: "Send six digits to an address of yours, to verify it.",
  body: Meant,
  reply: z.object({ channel: Slug, address: z.string(), until: InstantText }),
});

export const verifyAddress = route({
  method: "POST",
  path: "/v1/me/addresses/verify",
  access: "signed in",
  tag: "pages",
  summary: "Verify an address of yours by the six digits that came there.",
  body: Meant.extend({ code: z.string().regex(/^\s*\d{3}\s?\d{3}\s*$/, "six digits") }),
  reply: AddressView,
});

export const testPage = route({
  method: "POST",
  path: "/v1/me/test-page",
  access: "signed in",
  tag: "pages",
  summary: "Page yourself, by the way a true page goes, once in a minute.",
  status: 201,
  reply: z.object({
    pages: z.array(z.object({ id: z.uuid(), channel: z.string(), dueAt: InstantText })),
  }),
});
