/** HTTP of the severity policy: what is read before a severity is chosen. */
import { SEVERITIES } from "../../../contract/ids.ts";
import { listSeverities } from "../../../contract/policy.ts";
import type { Queryable } from "../../base/db.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { runbookLayers } from "./published.ts";
import { effectiveTerms, policyLayers } from "./policy.ts";

export const policyRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(listSeverities, async ({ query }) => {
    const now = await config(world.db);
    const team = query.team ?? null;
    const applied = now.all("policies");
    const layers = policyLayers({ runbooks: runbookLayers(now, team), applied, team });
    return {
      items: SEVERITIES.map((severity) => {
        const terms = effectiveTerms(severity, layers);
        return {
          severity,
          means: terms.means.value,
          examples: [...terms.examples.value],
          acknowledge: terms.acknowledge.value,
          mitigate: terms.mitigate.value,
          resolve: terms.resolve.value,
          postmortemWithin: terms.postmortemWithin.value,
          urgency: terms.urgency.value,
        };
      }),
    };
  }),
];
