/** Changes of what runs: deployments, pipelines, releases, configuration, as their tools told them. */
import { z } from "zod";
import { IncidentId, InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route, Sentence } from "./route.ts";

export const ChangeKind = z.enum(["deployment", "pipeline", "release", "configuration", "other"]);
export type ChangeKind = z.infer<typeof ChangeKind>;
/** “told”: the tool says that it was, not how it went. */
export const ChangeStatus = z.enum(["started", "succeeded", "failed", "cancelled", "told"]);
export type ChangeStatus = z.infer<typeof ChangeStatus>;

export const ChangeView = z.object({
  id: z.uuid(),
  kind: ChangeKind,
  status: ChangeStatus,
  title: z.string(),
  service: Slug,
  /** What was changed by the tool's own words. */
  subject: z.string().nullable(),
  environment: z.string().nullable(),
  version: z.string().nullable(),
  by: z.string().nullable(),
  link: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  tool: z.string(),
  startedAt: InstantText,
  at: InstantText,
});
export type ChangeView = z.infer<typeof ChangeView>;

export const listChanges = route({
  method: "GET",
  path: "/v1/changes",
  access: "alerts.read",
  tag: "changes",
  summary: "Changes that tools told of, newest first.",
  query: PageQuery.extend({
    service: Slug.optional(),
    since: InstantText.optional(),
    until: InstantText.optional(),
  }),
  reply: page(ChangeView),
});

export const listIncidentChanges = route({
  method: "GET",
  path: "/v1/incidents/:id/changes",
  access: "incidents.read",
  tag: "changes",
  summary: "Changes near an incident, the likeliest cause first: nearness in time and dependency.",
  params: z.object({ id: IncidentId }),
  reply: z.object({
    changes: z.array(
      ChangeView.extend({
        /** How many dependencies lie between an affected service and the changed one. */
        distance: z.int(),
        because: z.string(),
        becauseSaid: Sentence.optional(),
      }),
    ),
  }),
});
