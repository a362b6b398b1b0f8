/** A list of any length: its first part, and a button for each that follows. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { Route } from "../../contract/route.ts";
import { call, type Input } from "./call.ts";
import { Button } from "./parts.tsx";
import { t } from "./words.ts";

type Part = z.ZodType<{ readonly items: readonly unknown[]; readonly next: string | null }>;

export function useList<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends Part,
>(
  route: Route<P, Q, B, R>,
  input: Omit<Input<P, Q, B>, "body"> = {},
  options: { readonly refetchInterval?: number | false } = {},
) {
  const list = useInfiniteQuery({
    queryKey: [route.path, input.params ?? {}, input.query ?? {}, "in parts"],
    queryFn: ({ pageParam }) =>
      call(route, {
        ...input,
        query: { ...(input.query as object), cursor: pageParam } as z.input<Q>,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    ...options,
  });
  const parts = list.data?.pages;
  const items = parts?.flatMap((part) => [...part.items]) as
    | z.output<R>["items"][number][]
    | undefined;
  return {
    data: items === undefined ? undefined : { items },
    isPending: list.isPending,
    error: list.error,
    refetch: list.refetch,
    more: list.hasNextPage ? () => void list.fetchNextPage() : null,
    isAsking: list.isFetchingNextPage,
  };
}

/** Stands below a list of which there is more. */
export function More(props: { readonly more: (() => void) | null; readonly isAsking: boolean }) {
  if (props.more === null) return null;
  return (
    <p>
      <Button small onClick={props.more}>
        {props.isAsking ? t("Asking") : t("Show more")}
      </Button>
    </p>
  );
}
