/** Whom to page, and the next when nobody answers. */
import { z } from "zod";
import { Slug } from "./ids.ts";

export const Target = z.union([
  z.strictObject({ schedule: Slug }),
  z.strictObject({ person: Slug }),
  z.strictObject({ team: Slug }),
]);
export type Target = z.infer<typeof Target>;

export const EscalationStep = z.strictObject({
  notify: z.array(Target).min(1).max(20),
  /** Minutes without an acknowledge after which the next step is due. */
  timeoutMinutes: z.number().min(0.5).max(1_440),
});
export type EscalationStep = z.infer<typeof EscalationStep>;

export const EscalationPolicy = z.strictObject({
  name: z.string().min(1).max(120),
  team: Slug.optional(),
  steps: z.array(EscalationStep).min(1).max(20),
  /** How often the whole list is gone through again when nobody answered. */
  repeat: z.int().min(0).max(20).default(2),
});
export type EscalationPolicy = z.infer<typeof EscalationPolicy>;
