/** The answers that came with a page that the server drew: the app begins with them instead of asking. */
import type { QueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import { getIncident, getTimeline } from "../../contract/incident.ts";
import { readDirectory, readOverview } from "../../contract/overview.ts";
import { whoAmI } from "../../contract/session.ts";
import { addressOf } from "../kit/call.ts";
import { asking } from "../kit/client.ts";
import { askingTimeline, knownFrom, PART } from "../incident/useTimeline.ts";
import type { Kept } from "../offline/kept.ts";

/** As `server/app/drawnPage.ts` asks for them. */
export type Given = {
  readonly me: z.output<typeof whoAmI.reply>;
  readonly overview: z.output<typeof readOverview.reply>;
  readonly directory: z.output<typeof readDirectory.reply>;
} & Partial<OfIncident>;

/** Together, on the page of an incident. */
type OfIncident = {
  readonly incident: z.output<typeof getIncident.reply>;
  /** Its end, which is the whole of most. */
  readonly timeline: z.output<typeof getTimeline.reply>;
};

export function takeGiven(queries: QueryClient, given: Given): void {
  queries.setQueryData(asking(whoAmI).queryKey, given.me);
  queries.setQueryData(asking(readOverview).queryKey, given.overview);
  queries.setQueryData(asking(readDirectory).queryKey, given.directory);
  const { incident, timeline } = given;
  if (incident === undefined || timeline === undefined) return;
  const { id } = incident;
  queries.setQueryData(asking(getIncident, { params: { id } }).queryKey, incident);
  queries.setQueryData(askingTimeline(queries, id).queryKey, knownFrom(timeline.items));
}

/** The same by the addresses that they would be asked for at, who reads first. */
export function addressesOf(given: Given): Kept {
  const { incident, timeline } = given;
  const around: Kept = [
    [whoAmI.path, given.me],
    [readOverview.path, given.overview],
    [readDirectory.path, given.directory],
  ];
  if (incident === undefined || timeline === undefined) return around;
  const params = { id: incident.id };
  return [
    ...around,
    [addressOf(getIncident.path, params, {}), incident],
    [addressOf(getTimeline.path, params, { limit: PART, end: true }), timeline],
  ];
}
