/** API tokens that people make for themselves: in a browser, shortly after they showed who they are. */
import * as contract from "../../contract/session.ts";
import { readCursor, toPage } from "../base/cursor.ts";
import { transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { mustBeInstant } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, personOf } from "../domain/account/account.ts";
import { createOwnToken, endOwnToken } from "../domain/account/commands.ts";
import { tokenView } from "../domain/account/routes.ts";
import { listTokens } from "../domain/account/store.ts";
import { freshSession } from "../domain/account/ways.ts";
import { sessionCookie } from "./cookies.ts";

export const ownTokenRoutes = (world: World): readonly BoundRoute<Actor>[] => [
  bind(contract.listOwnTokens, async ({ actor, query }) => {
    const after = readCursor(query.cursor);
    const rows = await listTokens(world.db, query.limit + 1, after, mustBePerson(actor));
    return toPage(rows, query.limit, (row) => ({ at: row.createdAt, id: row.id }), tokenView);
  }),
  bind(contract.createOwnToken, ({ actor, body, request }) =>
    transact(world.db, async (tx) => {
      const now = world.clock.now();
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const { personId } = await freshSession(tx, actor, cookie, now);
      const expiresAt =
        body.expiresAt === undefined ? null : mustBeInstant(body.expiresAt, "expiresAt");
      const token = { label: body.label, personId, expiresAt };
      const made = await createOwnToken(tx, world, actor, token, now);
      return { ...tokenView(made.row), token: made.secret };
    }),
  ),
  bind(contract.revokeOwnToken, ({ actor, params }) =>
    transact(world.db, async (tx) => {
      const own = { id: params.id, personId: mustBePerson(actor) };
      return tokenView(await endOwnToken(tx, world, actor, own, world.clock.now()));
    }),
  ),
];

function mustBePerson(actor: Actor): string {
  const personId = personOf(actor);
  if (personId === null) throw new Refusal("access.browser_only");
  return personId;
}
