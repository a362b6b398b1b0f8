/** HTTP of the changes near an incident. */
import { fill } from "../../../contract/texts.ts";
import * as contract from "../../../contract/deployment.ts";
import { incidentNumber } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, HOUR } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, type Reader, readerOf } from "../account/account.ts";
import { neededBy, servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { LOOK_BACK_MS, type Near, rankChanges } from "../deployment/deployment.ts";
import { changeView } from "../deployment/routes.ts";
import { type ChangeRow, listChanges } from "../deployment/store.ts";
import type { Incident } from "./incident.ts";
import { findIncident } from "./store.ts";

const CANDIDATES = 500;
const SHOWN = 50;
/** What was rolled out while it burnt is shown too: it may be the mend, or the next fault. */
const LOOK_AHEAD_MS = 12 * HOUR;

export function incidentChangeRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listIncidentChanges, async ({ actor, params }) => {
      const reader = readerOf(actor);
      const incident = await findIncident(world.db, reader, incidentNumber(params.id));
      if (incident === null) throw new Refusal("incident.not_found", { id: params.id });
      const near = await changesNear(world.db, await config(world.db), incident, reader);
      return {
        changes: near.map(({ change, distance, because }) => ({
          ...changeView(change),
          distance,
          because: fill(because.template, because.params),
          becauseSaid: because,
        })),
      };
    }),
  ];
}

/** The changes of what an incident affects and of what that needs, the likeliest cause first. */
export async function changesNear(
  tx: Queryable,
  config: Snapshot,
  incident: Pick<Incident, "services" | "detectedAt">,
  reader: Reader,
): Promise<readonly Near<ChangeRow>[]> {
  const distances = neededBy(config, incident.services);
  const own = servicesOfReader(config, reader);
  // Whoever may see the incident may see what changed in its own services.
  const services = [...distances.keys()].filter(
    (service) => own === null || own.includes(service) || incident.services.includes(service),
  );
  const changes = await listChanges(
    tx,
    {
      services,
      since: addMs(incident.detectedAt, -LOOK_BACK_MS),
      until: addMs(incident.detectedAt, LOOK_AHEAD_MS),
    },
    CANDIDATES,
    null,
  );
  return rankChanges(changes, distances, incident.detectedAt).slice(0, SHOWN);
}
