/** What can break, who answers for it, how much it matters. */
import { z } from "zod";
import { IncidentKind, Slug } from "./ids.ts";

export const Service = z.strictObject({
  name: z.string().min(1).max(120),
  description: z.string().max(2_000).optional(),
  /** The owning team. */
  team: Slug,
  /** 1 matters most, 4 least. */
  tier: z.int().min(1).max(4).default(3),
  /** Services this one needs in order to work. */
  dependsOn: z.array(Slug).default([]),
  /** The escalation policy that pages for it. */
  escalation: Slug.optional(),
  regions: z.array(z.string().min(1).max(60)).default([]),
  runbook: z.url().optional(),
  /** What kind of incidents its alerts declare; a label `class` of that name says it for one alert. */
  incidentKind: IncidentKind.default("service"),
});
export type Service = z.infer<typeof Service>;
