/** HTTP of access. */
import * as contract from "../../../contract/session.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { mustBeInstant, toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Snapshot } from "../config/config.ts";
import { type Actor, allow } from "./account.ts";
import { createPersonLink, createToken, endToken } from "./commands.ts";
import { listTokens, type TokenRow } from "./store.ts";

export const tokenView = (row: TokenRow) => ({
  id: row.id,
  label: row.label,
  person: row.personId,
  grants: [...row.grants],
  createdAt: toIso(row.createdAt),
  expiresAt: toIsoOrNull(row.expiresAt),
  revokedAt: toIsoOrNull(row.revokedAt),
});

export function accountRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.whoAmI, async ({ actor }) => ({
      kind: actor.kind === "person" ? ("person" as const) : ("token" as const),
      person: actor.kind === "person" ? actor.personId : null,
      label: actor.kind === "token" ? actor.label : null,
      grants: actor.kind === "person" || actor.kind === "token" ? [...actor.grants] : [],
    })),
    bind(contract.createSignInLink, ({ actor, params }) =>
      transact(world.db, async (tx) => {
        const now = world.clock.now();
        const link = await createPersonLink(tx, world, await config(tx), actor, params.id, now);
        return { url: link.url, expiresAt: toIso(link.expiresAt) };
      }),
    ),
    bind(contract.listTokens, async ({ actor, query }) => {
      allow(actor, "tokens.manage", null);
      const rows = await listTokens(world.db, query.limit + 1, readCursor(query.cursor));
      return toPage(rows, query.limit, (row) => ({ at: row.createdAt, id: row.id }), tokenView);
    }),
    bind(contract.createToken, ({ actor, body }) =>
      transact(world.db, async (tx) => {
        const people = await config(tx);
        if (body.person !== undefined && people.get("people", body.person) === null) {
          throw new Refusal("incident.unknown_person", { person: body.person });
        }
        const expiresAt =
          body.expiresAt === undefined ? null : mustBeInstant(body.expiresAt, "expiresAt");
        const made = await createToken(
          tx,
          world,
          actor,
          { label: body.label, personId: body.person ?? null, grants: body.grants, expiresAt },
          world.clock.now(),
        );
        return { ...tokenView(made.row), token: made.secret };
      }),
    ),
    bind(contract.revokeToken, ({ actor, params }) =>
      transact(world.db, async (tx) =>
        tokenView(await endToken(tx, world, actor, params.id, world.clock.now())),
      ),
    ),
  ];
}
