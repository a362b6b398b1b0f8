/** Questions to the server that a page keeps, and asks again when something changed. */
import {
  type QueryClient,
  queryOptions,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { z } from "zod";
import type { Route } from "../../contract/route.ts";
import { call, type Input } from "./call.ts";

/** A question to a route, kept under its path, parameters and query. */
export const asking = <
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  route: Route<P, Q, B, R>,
  input: Omit<Input<P, Q, B>, "body"> = {},
) =>
  queryOptions({
    queryKey: [route.path, input.params ?? {}, input.query ?? {}] as const,
    queryFn: () => call(route, input),
  });

/** Asks a route, and again whenever something says that it changed. */
export const useRoute = <
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  route: Route<P, Q, B, R>,
  input: Omit<Input<P, Q, B>, "body"> = {},
  options: { readonly enabled?: boolean; readonly refetchInterval?: number | false } = {},
) => useQuery({ ...asking(route, input), ...options });

/** A change: sends, then tells the page what may be different now. */
export function useSend<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  route: Route<P, Q, B, R>,
  after: (queries: QueryClient, reply: z.output<R>) => void = () => undefined,
): UseMutationResult<z.output<R>, Error, Input<P, Q, B>> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input<P, Q, B>) => call(route, input),
    onSuccess: (reply) => after(queries, reply),
  });
}
