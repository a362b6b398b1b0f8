/** A repository says that it has changed. It need not be believed: it only makes its source due. */
import { sourceWebhook } from "../../contract/published.ts";
import type { Queryable } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, instant, SECOND } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { askSource, findSourceRow } from "../domain/runbook/sourceStore.ts";
import { isSigned } from "../edge/inbound/repositoryWebhook.ts";

/** However many webhooks come, a repository is looked at this seldom. */
const SELDOM_MS = 10 * SECOND;
/** Compared with where there is no secret, so that a source that is not there takes as long as one that is. */
const NOBODYS = "a secret that nobody was told";

export function sourceWebhookRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(sourceWebhook, async ({ params, request }) => {
      const body = (await config(world.db)).get("runbooks", params.id)?.body;
      const reference = body?.type === "git" ? body.webhook : undefined;
      const secret = reference === undefined ? null : world.secret(reference);
      const proved = isSigned(request.headers, request.rawBody, secret ?? NOBODYS);
      if (!proved || secret === null) throw new Refusal("runbook.webhook_unproved");
      const now = world.clock.now();
      await askSource(world.db, params.id, seldom(await lookedAt(world.db, params.id), now));
      world.nudge();
      return {};
    }),
  ];
}

const lookedAt = async (db: Queryable, id: string): Promise<Instant | null> =>
  (await findSourceRow(db, id))?.lookedAt ?? null;

const seldom = (last: Instant | null, now: Instant): Instant =>
  last === null ? now : instant(Math.max(now, addMs(last, SELDOM_MS)));
