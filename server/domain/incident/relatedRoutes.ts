/** HTTP of the incidents around one. */
import { fill } from "../../../contract/texts.ts";
import * as contract from "../../../contract/related.ts";
import { incidentId, incidentNumber } from "../../../contract/ids.ts";
import { all, type Queryable, sql, texts } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, type Reader, readerOf } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";
import { neededBy, needing } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import type { Incident } from "./incident.ts";
import { rankRelated, RELATED_BACK_MS } from "./related.ts";
import { columns, findIncident } from "./store.ts";

const CANDIDATES = 300;
const SHOWN = 8;

export const relatedRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(contract.listRelated, async ({ actor, params }) => {
    const reader = readerOf(actor);
    const subject = await findIncident(world.db, reader, incidentNumber(params.id));
    if (subject === null) throw new Refusal("incident.not_found", { id: params.id });
    const snapshot = await config(world.db);
    const around = {
      needs: neededBy(snapshot, subject.services),
      needing: needing(snapshot, subject.services),
    };
    const services = [...new Set([...around.needs.keys(), ...around.needing.keys()])];
    const others = await candidates(world.db, reader, subject, services);
    return {
      incidents: rankRelated(subject, others, around)
        .slice(0, SHOWN)
        .map(({ incident, because }) => ({
          id: incidentId(incident.number),
          title: incident.title,
          severity: incident.severity,
          state: incident.state,
          declaredAt: toIso(incident.declaredAt),
          because: fill(because.template, because.params),
          becauseSaid: because,
          cause: causeOf(incident),
        })),
    };
  }),
];

function causeOf({ rootCause }: Incident): string | null {
  return rootCause.underlying ?? rootCause.immediate ?? rootCause.whatHappened ?? null;
}

/** The newest that the reader may see and that touch one of these services, or were merged with it. */
function candidates(
  tx: Queryable,
  reader: Reader,
  subject: Incident,
  services: readonly string[],
): Promise<readonly Incident[]> {
  const { number, mergedInto, declaredAt } = subject;
  return all(
    tx,
    sql<Incident>`select ${columns} from incident i
      where i.number <> ${number} and i.declared_at > ${addMs(declaredAt, -RELATED_BACK_MS)}
        and ((i.services && ${texts(services)} and i.state <> 'cancelled')
          or i.merged_into = ${number} or i.number = ${mergedInto}::integer)
        and ${incidentVisibleTo(reader)}
      order by i.declared_at desc, i.number desc limit ${CANDIDATES}`,
  );
}
