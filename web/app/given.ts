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

/** As `server/app/drawnIncident.ts` asks for them. */
export type Given = {
  readonly me: z.output<typeof whoAmI.reply>;
  readonly overview: z.output<typeof readOverview.reply>;
  readonly directory: z.output<typeof readDirectory.reply>;
  readonly incident: z.output<typeof getIncident.reply>;
  /** Its end, which is the whole of most. */
  readonly timeline: z.output<typeof getTimeline.reply>;
};

export function takeGiven(queries: QueryClient, given: Given): void {
  const { id } = given.incident;
  queries.setQueryData(asking(whoAmI).queryKey, given.me);
  queries.setQueryData(asking(readOverview).queryKey, given.overview);
  queries.setQueryData(asking(readDirectory).queryKey, given.directory);
  queries.setQueryData(asking(getIncident, { params: { id } }).queryKey, given.incident);
  queries.setQueryData(askingTimeline(queries, id).queryKey, knownFrom(given.timeline.items));
}

/** The same by the addresses that they would be asked for at, who reads first. */
export function addressesOf(given: Given): Kept {
  const params = { id: given.incident.id };
  return [
    [whoAmI.path, given.me],
    [readOverview.path, given.overview],
    [readDirectory.path, given.directory],
    [addressOf(getIncident.path, params, {}), given.incident],
    [addressOf(getTimeline.path, params, { limit: PART, end: true }), given.timeline],
  ];
}
