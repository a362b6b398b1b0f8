/** What pages have asked the server, kept as long as somebody looks at it. */
import { QueryClient } from "@tanstack/react-query";
import { Refused } from "../kit/call.ts";

export const makeQueries = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      // The worker answers without a network, and what cannot be sent is kept and said, not held back.
      mutations: { networkMode: "always" },
      queries: {
        networkMode: "always",
        staleTime: 30_000,
        // A refusal is an answer; only silence is worth another try.
        retry: (failures, error) =>
          failures < 2 && !(error instanceof Refused && error.status >= 400 && error.status < 500),
        retryDelay: (failures) => 400 * 2 ** failures,
        refetchOnWindowFocus: true,
      },
    },
  });

/** When everything that was asked until now has an answer, or a refusal. */
export const answered = (queries: QueryClient): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (queries.isFetching() > 0) return;
      stop();
      resolve();
    };
    const stop = queries.getQueryCache().subscribe(look);
    look();
  });
