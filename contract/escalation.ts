/** Whom to page, and the next when nobody answers. */
import { z } from "zod";
import { Severity, Slug } from "./ids.ts";

export const Target = z.union([
  z.strictObject({ schedule: Slug }),
  z.strictObject({ person: Slug }),
  z.strictObject({ team: Slug }),
]);
export type Target = z.infer<typeof Target>;

/** When a step counts: everything that is said must hold. Otherwise it is passed over, with the reason. */
const StepCondition = z.strictObject({
  severities: z.array(Severity).min(1).optional(),
  /** Inside or outside the hours of the policy's calendar. */
  hours: z.enum(["business", "outside"]).optional(),
  /** An alert of the incident has all of these. */
  labels: z.record(z.string().min(1).max(200), z.string().max(1_000)).optional(),
});
export type StepCondition = z.infer<typeof StepCondition>;

export const EscalationStep = z.strictObject({
  notify: z.array(Target).min(1).max(20),
  /** Minutes without an acknowledge after which the next step is due. */
  timeoutMinutes: z.number().min(0.5).max(1_440),
  /** One of its people at a time, each in turn, instead of all of them at once. */
  inTurn: z.boolean().optional(),
  when: StepCondition.optional(),
  /** Outside business hours it waits until they begin. */
  inBusinessHours: z.boolean().optional(),
});
export type EscalationStep = z.infer<typeof EscalationStep>;

export const EscalationPolicy = z.strictObject({
  name: z.string().min(1).max(120),
  team: Slug.optional(),
  steps: z.array(EscalationStep).min(1).max(20),
  /** How often the whole list is gone through again when nobody answered. */
  repeat: z.int().min(0).max(20).default(2),
  /** Whose hours its steps mean; that of the team in charge when absent. */
  calendar: Slug.optional(),
  /** The policy that takes over when nobody answered to the end of this one. */
  then: Slug.optional(),
});
export type EscalationPolicy = z.infer<typeof EscalationPolicy>;
