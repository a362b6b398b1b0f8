/** Whether this installation is ready for its next incident: a checklist, each finding with what to do. */
import { z } from "zod";
import { route } from "./route.ts";

/** What is looked at, in the order in which it is shown. */
export const ReadinessArea = z.enum([
  "policy",
  "services",
  "plan",
  "escalation",
  "on call",
  "people",
  "channels",
  "mail",
  "address",
  "monitoring",
  "secrets",
  "postmortems",
  "action items",
  "engine",
  "ledger",
  "storm",
]);
export type ReadinessArea = z.infer<typeof ReadinessArea>;

export const ReadinessFinding = z.object({
  area: ReadinessArea,
  /** `missing`: an incident would go wrong. `warning`: somebody should know and may accept it. */
  level: z.enum(["ok", "missing", "warning"]),
  /** Sentences for people; instants in them are ISO 8601 in UTC. */
  what: z.string(),
  /** What mends it; null where nothing is to be done. */
  todo: z.string().nullable(),
});
export type ReadinessFinding = z.infer<typeof ReadinessFinding>;

export const readReadiness = route({
  method: "GET",
  path: "/v1/readiness",
  access: "system.read",
  tag: "system",
  summary: "Readiness before the next incident: findings, each with what to do.",
  reply: z.object({
    /** Nothing is missing; there may be warnings. */
    ready: z.boolean(),
    findings: z.array(ReadinessFinding),
  }),
});
