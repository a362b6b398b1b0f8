/** Who else has an incident's page open. */
import { z } from "zod";
import { IncidentId, InstantText, Slug } from "./ids.ts";
import { route } from "./route.ts";

export const PresenceView = z.object({
  people: z.array(z.object({ person: Slug, since: InstantText })),
});
export type PresenceView = z.infer<typeof PresenceView>;

const Tab = z.string().regex(/^[\w-]{8,40}$/, "8 to 40 letters, digits, “-” and “_”");

export const listPresent = route({
  method: "GET",
  path: "/v1/incidents/:id/presence",
  access: "incidents.read",
  tag: "incidents",
  summary: "The people who have the page of an incident open, longest first.",
  params: z.object({ id: IncidentId }),
  reply: PresenceView,
});

export const stayPresent = route({
  method: "POST",
  path: "/v1/incidents/:id/presence",
  access: "incidents.read",
  tag: "incidents",
  summary: "Say that you have it open in a tab; it counts for half a minute. A token is nobody.",
  params: z.object({ id: IncidentId }),
  body: z.strictObject({ tab: Tab }),
  reply: PresenceView,
});

export const leavePresence = route({
  method: "DELETE",
  path: "/v1/incidents/:id/presence/:tab",
  access: "incidents.read",
  tag: "incidents",
  summary: "Say that the tab is closed or out of sight.",
  params: z.object({ id: IncidentId, tab: Tab }),
  reply: z.object({}),
});
