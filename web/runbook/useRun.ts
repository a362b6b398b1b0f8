/** Verbs of a run: sent by themselves, the run as it is afterwards put in place at once. */
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import type { z } from "zod";
import { getIncident } from "../../contract/incident.ts";
import type { Route } from "../../contract/route.ts";
import { getRun, listRuns, type RunDetail, type RunStep } from "../../contract/run.ts";
import { call } from "../kit/call.ts";
import { useMe } from "../app/me.ts";

export type RunRoute = Route<z.ZodType, z.ZodType, z.ZodType, z.ZodType<RunDetail>>;
export type RunVerb = { readonly route: RunRoute; readonly body: object };

export function afterRun(queries: QueryClient, run: RunDetail): void {
  queries.setQueryData([getRun.path, { id: run.id }, {}], run);
  void queries.invalidateQueries({
    predicate: ({ queryKey: [path, params] }) =>
      path === listRuns.path ||
      (String(path).startsWith(`${getRun.path}/`) && (params as { id?: string }).id === run.id) ||
      (String(path).startsWith(`${getIncident.path}/`) &&
        (params as { id?: string }).id === run.incident),
  });
}

export function useRunVerb(run: Pick<RunDetail, "id">) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ route, body }: RunVerb) =>
      call(route, { params: { id: run.id }, body }) as Promise<RunDetail>,
    onSuccess: (reply) => afterRun(queries, reply),
  });
}

/** What the parts of one run share. */
export type RunScope = {
  readonly run: RunDetail;
  readonly mayRun: boolean;
  /** The step that stands open; its keys are live. */
  readonly current: RunStep | null;
  readonly open: (id: string) => void;
};

const Scope = createContext<RunScope | null>(null);
export const RunScopeProvider = Scope.Provider;

export function useRunScope(): RunScope & { readonly me: string | null } {
  const scope = useContext(Scope);
  const { person } = useMe();
  if (scope === null) throw new Error("a step is shown within its run");
  return { ...scope, me: person };
}
