/** Status updates over HTTP. */
import { incidentNumber } from "../../../contract/ids.ts";
import * as contract from "../../../contract/incident.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import { presentIncident } from "../incident/present.ts";
import { execute, type ReadConfig } from "../incident/routes.ts";
import { postUpdate } from "./commands.ts";

export const commsRoutes = (world: World, config: ReadConfig): readonly BoundRoute<Actor>[] => [
  bind(contract.postUpdate, ({ actor, params, body }) =>
    execute(world, config, actor, async (command) => {
      const incident = await postUpdate(command, incidentNumber(params.id), body);
      return presentIncident(command.tx, command.config, incident, command.now);
    }),
  ),
];
