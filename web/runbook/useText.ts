/** A text of the server, as it stands: a document, a sidecar. */
import { useQuery } from "@tanstack/react-query";
import type { Route } from "../../contract/route.ts";
import { addressOf, Refused } from "../kit/call.ts";
import { t } from "../kit/words.ts";

export const useText = (route: Route, params: object, query: object) =>
  useQuery({
    queryKey: [route.path, params, query],
    queryFn: async () => {
      const reply = await fetch(addressOf(route.path, params, query));
      if (!reply.ok)
        throw new Refused(
          t("The server answered {status}.", { status: reply.status }),
          reply.status,
          null,
        );
      return reply.text();
    },
  });
