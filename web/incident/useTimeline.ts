/** The whole timeline, part by part: what is known is kept, and only its end is asked for again. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { getTimeline, type TimelineEntry } from "../../contract/incident.ts";
import { call } from "../kit/call.ts";

type Part = {
  readonly cursor: string | undefined;
  readonly items: readonly TimelineEntry[];
};

export const PART = 500;

export const useTimeline = (id: string) =>
  useQuery({ ...askingTimeline(useQueryClient(), id), select: entriesOf });

export function askingTimeline(queries: QueryClient, id: string) {
  const queryKey = [getTimeline.path, { id }, {}];
  return queryOptions({
    queryKey,
    queryFn: async (): Promise<readonly Part[]> => {
      const known = queries.getQueryData<readonly Part[]>(queryKey) ?? [];
      const parts = known.slice(0, -1);
      let cursor = known.at(-1)?.cursor;
      for (;;) {
        const query = cursor === undefined ? { limit: PART } : { limit: PART, cursor };
        const { items, next } = await call(getTimeline, { params: { id }, query });
        parts.push({ cursor, items });
        if (next === null) return parts;
        // Of a long one the first part is there to be read while the others come.
        if (known.length === 0 && parts.length === 1) queries.setQueryData(queryKey, [...parts]);
        cursor = next;
      }
    },
  });
}

const entriesOf = (parts: readonly Part[]): readonly TimelineEntry[] =>
  parts.flatMap(({ items }) => items);
