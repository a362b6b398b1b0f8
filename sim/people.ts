/** People at work in a simulation: the verbs of incidents and their postmortems, as typed methods. */
import type { z } from "zod";
import * as incidents from "../contract/incident.ts";
import * as postmortems from "../contract/postmortem.ts";
import type { Route } from "../contract/route.ts";

/** A verb on one incident, by the name a person would say. */
export const VERBS = {
  acknowledge: incidents.acknowledgeIncident,
  escalate: incidents.escalateIncident,
  reassign: incidents.reassignIncident,
  notMine: incidents.notMine,
  renew: incidents.renewIncident,
  addResponders: incidents.addResponders,
  join: incidents.joinIncident,
  decline: incidents.declineIncident,
  defer: incidents.deferIncident,
  changeSeverity: incidents.changeSeverity,
  assignRole: incidents.assignRole,
  handOver: incidents.handOver,
  acceptCommand: incidents.acceptCommand,
  declineCommand: incidents.declineCommand,
  postUpdate: incidents.postUpdate,
  setRootCause: incidents.setRootCause,
  record: incidents.recordPiece,
  merge: incidents.mergeIncident,
  unmerge: incidents.unmergeIncident,
  mitigate: incidents.mitigateIncident,
  resolve: incidents.resolveIncident,
  reopen: incidents.reopenIncident,
  close: incidents.closeIncident,
  cancel: incidents.cancelIncident,
  addActionItem: postmortems.addActionItem,
  publishPostmortem: postmortems.publishPostmortem,
} as const;

type Verbs = typeof VERBS;
type Reply<R> = R extends Route<z.ZodType, z.ZodType, z.ZodType, infer T> ? z.output<T> : never;
export type ReplyOf<R> = Reply<R>;

export type Acting = {
  readonly [K in keyof Verbs]: (
    id: string,
    body?: z.input<Verbs[K]["body"]>,
  ) => Promise<ReplyOf<Verbs[K]>>;
} & {
  declare(
    body: z.input<(typeof incidents.declareIncident)["body"]>,
  ): Promise<incidents.IncidentDetail>;
  see(id: string): Promise<incidents.IncidentDetail>;
  readPostmortem(id: string): Promise<postmortems.Postmortem>;
};

/** Calls a route of the contract; the simulation chooses the node. */
export type Call = <R extends Route>(
  route: R,
  input: { readonly params?: unknown; readonly body?: unknown; readonly query?: unknown },
) => Promise<ReplyOf<R>>;

/** What one person can do, each verb through the bound route that HTTP would call. */
export function acting(call: Call): Acting {
  const verbs = Object.fromEntries(
    Object.entries(VERBS).map(([name, route]) => [
      name,
      (id: string, body: unknown = {}) => call(route as Route, { params: { id }, body }),
    ]),
  ) as unknown as Pick<Acting, keyof Verbs>;
  return {
    ...verbs,
    declare: (body) => call(incidents.declareIncident, { body }),
    see: (id) => call(incidents.getIncident, { params: { id } }),
    readPostmortem: (id) => call(postmortems.getPostmortem, { params: { id } }),
  };
}
