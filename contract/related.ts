/** Incidents that may have to do with one: what burns around it, and what was like it before. */
import { z } from "zod";
import { Incident } from "./incident.ts";
import { IncidentId } from "./ids.ts";
import { route, Sentence } from "./route.ts";

export const RelatedIncident = Incident.pick({
  id: true,
  title: true,
  severity: true,
  state: true,
  declaredAt: true,
}).extend({
  because: z.string(),
  becauseSaid: Sentence.optional(),
  /** What it was, where somebody wrote it down. */
  cause: z.string().nullable(),
});
export type RelatedIncident = z.infer<typeof RelatedIncident>;

export const listRelated = route({
  method: "GET",
  path: "/v1/incidents/:id/related",
  access: "incidents.read",
  tag: "incidents",
  summary:
    "What burns around an incident and what was like it in the last half year, nearest first.",
  params: z.object({ id: IncidentId }),
  reply: z.object({ incidents: z.array(RelatedIncident) }),
});
