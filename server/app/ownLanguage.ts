/** In which language what is sent to somebody comes: it stands in their entry, and they may change it there themselves. */
import * as contract from "../../contract/session.ts";
import { type Queryable, transact } from "../base/db.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import { type Actor, actorRef, markOf } from "../domain/account/account.ts";
import { type ConfigTools, putObject } from "../domain/config/commands.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { mustBePerson } from "../domain/incident/commands.ts";
import { languageOf } from "../domain/notification/wording.ts";

export function ownLanguageRoutes(
  tools: ConfigTools,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  const { db, clock, nudge } = tools.world;
  return [
    bind(contract.readOwnLanguage, async ({ actor }) => ({
      language: languageOf(await config(db), mustBePerson(actor)),
    })),
    bind(contract.setOwnLanguage, async ({ actor, body: { language } }) => {
      const id = mustBePerson(actor);
      const author = { ref: actorRef(actor), mark: markOf(actor) };
      await transact(db, async (tx) => {
        const body = { ...(await config(tx)).get("people", id)?.body, language };
        await putObject(
          tx,
          tools,
          author,
          { kind: "people", id, body, atOnce: false },
          clock.now(),
        );
      });
      nudge();
      return { language };
    }),
  ];
}
