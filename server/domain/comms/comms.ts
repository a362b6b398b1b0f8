/** Which audiences hear a word about an incident, and who of them, when it is restricted. */
import type { Audience } from "../../../contract/comms.ts";
import { incidentId } from "../../../contract/ids.ts";
import { Refusal } from "../../base/errors.ts";
import type { Incident } from "../incident/incident.ts";

export type Choice = {
  readonly incident: Pick<Incident, "number" | "restricted">;
  /** Named by the caller; empty means the defaults. */
  readonly named: readonly string[];
  readonly defaults: readonly string[];
  readonly find: (audience: string) => Audience | null;
};

/** Heard only by people who are named one by one, so that each can be checked. */
const isClosed = (audience: Audience): boolean =>
  !audience.public && audience.contacts.length === 0;

/**
 * The audiences to tell. Those named must exist and, for a restricted incident, consist of people
 * only; defaults that do not fit are left out. Empty when no default is left.
 */
export function chooseAudiences({ incident, named, defaults, find }: Choice): readonly string[] {
  for (const name of named) {
    const audience = find(name);
    if (audience === null) throw new Refusal("incident.unknown_audience", { audience: name });
    if (incident.restricted && !isClosed(audience)) {
      const id = incidentId(incident.number);
      throw new Refusal("comms.audience_open", { id, audience: name });
    }
  }
  const fitting = defaults.filter((name) => {
    const audience = find(name);
    return audience !== null && (!incident.restricted || isClosed(audience));
  });
  return [...new Set(named.length > 0 ? named : fitting)];
}
