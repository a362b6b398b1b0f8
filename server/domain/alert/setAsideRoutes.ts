/** HTTP of what a storm left over. */
import * as contract from "../../../contract/setAside.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, allow } from "../account/account.ts";
import { findAside, listAside } from "./asideStore.ts";
import type { IntakeDesk } from "./intake.ts";
import { type AsideCommand, asideDetail, asideView, dropAside, retryAside } from "./setAside.ts";

export function setAsideRoutes(
  world: World,
  desk: Pick<IntakeDesk, "accept">,
): readonly BoundRoute<Actor>[] {
  const command = <T>(actor: Actor, work: (command: AsideCommand) => Promise<T>): Promise<T> =>
    transact(world.db, (tx) => work({ tx, world, actor, now: world.clock.now() }));
  return [
    bind(contract.listSetAside, async ({ query }) => {
      const after = readCursor(query.cursor, "number");
      const rows = await listAside(
        world.db,
        query.limit + 1,
        after === null ? null : Number(after.id),
      );
      return toPage(rows, query.limit, (row) => ({ at: row.foundAt, id: `${row.id}` }), asideView);
    }),
    bind(contract.getSetAside, async ({ actor, params }) => {
      allow(actor, "signals.mend", null);
      const row = await findAside(world.db, params.id);
      if (row === null) throw new Refusal("set_aside.not_found", { id: params.id });
      return asideDetail(world, row);
    }),
    bind(contract.retrySetAside, async ({ actor, params }) => {
      const given = { world, actor, now: world.clock.now() };
      const taken = await retryAside(given, desk, params.id);
      return {
        accepted: taken.map(({ arrival, result }) => ({
          dedupKey: arrival.signal.dedupKey,
          alert: result.alertId,
          what: result.what,
        })),
      };
    }),
    bind(contract.dropSetAside, ({ actor, params, body }) =>
      command(actor, async (given) => {
        await dropAside(given, params.id, body.because);
        return { dropped: true as const };
      }),
    ),
  ];
}
