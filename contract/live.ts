/** Live events: what changed, by id, for whoever may read it. The content is asked for as ever. */
import { z } from "zod";
import { IncidentId, InstantText } from "./ids.ts";
import { route } from "./route.ts";

/** What may have changed beside single incidents; names of lists, never of what stands in them. */
export const LiveTopic = z.enum(["alerts", "config", "on call", "runs", "runbooks"]);
export type LiveTopic = z.infer<typeof LiveTopic>;

/** `event: changed`. Its id is handed back as Last-Event-ID after a drop. */
export const LiveChange = z.object({
  incidents: z.array(IncidentId),
  topics: z.array(LiveTopic),
});
export type LiveChange = z.infer<typeof LiveChange>;

/** `event: present`, without an id: who has the pages of these incidents open is different now. */
export const LivePresence = z.object({ incidents: z.array(IncidentId) });
export type LivePresence = z.infer<typeof LivePresence>;

/** `event: hello`, at the start: `missed` says that too much was missed to be told again. */
export const LiveHello = z.object({ now: InstantText, missed: z.boolean() });
export type LiveHello = z.infer<typeof LiveHello>;

export const liveEvents = route({
  method: "GET",
  path: "/v1/events",
  access: "signed in",
  tag: "system",
  summary:
    "What changed, as server-sent events: ids only, resumed by Last-Event-ID, or after the id given.",
  query: z.object({ after: z.string().max(40).optional() }),
  reply: z.string(),
});
