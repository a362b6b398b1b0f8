/** What a verb's answer changes at once on the page of whoever did it; the rest comes as an event. */
import type { QueryClient } from "@tanstack/react-query";
import { getIncident, type IncidentDetail } from "../../contract/incident.ts";
import { readOverview } from "../../contract/overview.ts";

export function afterIncident(queries: QueryClient, reply: unknown): void {
  const incident = reply as IncidentDetail;
  queries.setQueryData([getIncident.path, { id: incident.id }, {}], incident);
  void queries.invalidateQueries({
    predicate: ({ queryKey: [path, params] }) =>
      path === readOverview.path ||
      (String(path).startsWith(`${getIncident.path}/`) &&
        (params as { id?: string }).id === incident.id),
  });
}
