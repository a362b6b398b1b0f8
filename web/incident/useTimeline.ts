/**
 * The whole timeline. Its end is asked for first, since it is what is read first; a long one follows from its beginning, part
 * by part, and takes the end's place once it is whole. What is known is kept, and only its last part is asked for again.
 */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { getTimeline, type TimelineEntry } from "../../contract/incident.ts";
import { call } from "../kit/call.ts";

type Part = {
  readonly cursor: string | undefined;
  readonly items: readonly TimelineEntry[];
};

/** Null: the parts are the whole of it. */
type Known = { readonly end: readonly TimelineEntry[] | null; readonly parts: readonly Part[] };

export type Entries = {
  readonly entries: readonly TimelineEntry[];
  /** False: earlier ones are on their way. */
  readonly whole: boolean;
};

export const PART = 500;

export const useTimeline = (id: string) =>
  useQuery({ ...askingTimeline(useQueryClient(), id), select: entriesOf });

export function askingTimeline(queries: QueryClient, id: string) {
  const queryKey = [getTimeline.path, { id }, {}];
  const ask = (query: { readonly end: "true" } | { readonly cursor?: string }) =>
    call(getTimeline, { params: { id }, query: { limit: PART, ...query } });
  return queryOptions({
    queryKey,
    queryFn: async (): Promise<Known> => {
      const known = queries.getQueryData<Known>(queryKey);
      let end: Known["end"] = null;
      if (known === undefined || known.end !== null) {
        end = (await ask({ end: "true" })).items;
        if (isWhole(end)) return { end, parts: [] };
      }
      const parts = known?.parts.slice(0, -1) ?? [];
      let cursor = known?.parts.at(-1)?.cursor;
      for (;;) {
        // The end is there to be read while the parts come; whoever asks again goes on from here.
        if (end !== null) queries.setQueryData<Known>(queryKey, { end, parts: [...parts] });
        const { items, next } = await ask(cursor === undefined ? {} : { cursor });
        parts.push({ cursor, items });
        if (next === null) return { end: null, parts };
        cursor = next;
      }
    },
  });
}

/** What a page came with, which is its end. */
export const knownFrom = (end: readonly TimelineEntry[]): Known => ({ end, parts: [] });

/** What came before the end that a page came with. */
export const askForTheRest = (queries: QueryClient): void =>
  void queries.invalidateQueries({
    predicate: ({ queryKey: [path], state }) => {
      const end = path === getTimeline.path ? (state.data as Known | undefined)?.end : null;
      return end != null && !isWhole(end);
    },
  });

const isWhole = (end: readonly TimelineEntry[]): boolean => end.length < PART;

const entriesOf = ({ end, parts }: Known): Entries =>
  end === null
    ? { entries: parts.flatMap(({ items }) => items), whole: true }
    : { entries: end, whole: isWhole(end) };
