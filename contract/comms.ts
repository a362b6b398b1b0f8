/** Audiences: who hears status updates and declarations. */
import { z } from "zod";
import { ContactMethod } from "./account.ts";
import { Slug } from "./ids.ts";

export const Audience = z.strictObject({
  name: z.string().min(1).max(120),
  people: z.array(Slug).default([]),
  contacts: z.array(ContactMethod.omit({ afterMinutes: true, urgency: true })).default([]),
  /** Whether its words may be read by anybody (a status page). */
  public: z.boolean().default(false),
});
export type Audience = z.infer<typeof Audience>;
