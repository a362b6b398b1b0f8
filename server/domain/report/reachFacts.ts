/** What is needed to say who can be reached, from the rows and the process. */
import type { Queryable } from "../../base/db.ts";
import { addMs, type Instant } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { findPeopleWithDevices } from "../account/deviceStore.ts";
import type { Snapshot } from "../config/config.ts";
import { listOverrides } from "../oncall/store.ts";
import type { ReachFacts } from "./reach.ts";

export async function gatherReach(
  tx: Queryable,
  world: World,
  config: Snapshot,
  mailServer: boolean,
  span: { readonly from: Instant; readonly to: Instant },
): Promise<ReachFacts> {
  const overrides = await listOverrides(tx, null, addMs(span.from, -1), span.to);
  return {
    config,
    overrides: overrides.map((row) => ({ ...row, person: row.personId })),
    mailServer,
    unsetSecrets: unsetSecrets(world, config),
    wakeable: await findPeopleWithDevices(tx),
  };
}

/** The `env:NAME` references of channels, keys and heartbeats whose variable is not set. */
export function unsetSecrets(world: World, config: Snapshot): ReadonlySet<string> {
  const values = [
    ...config.all("channels").flatMap(({ body }) => Object.values(body).map(String)),
    ...config.all("keys").map(({ body }) => body.secret),
    ...config.all("heartbeats").map(({ body }) => body.secret),
  ];
  const references = values.filter((value) => value.startsWith("env:"));
  return new Set(references.filter((reference) => world.secret(reference) === null));
}
