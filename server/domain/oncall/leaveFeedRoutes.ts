/** HTTP of calendars that leave is read from: theirs alone, and of whoever speaks for them. */
import * as contract from "../../../contract/leaveFeed.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { recordOnCall } from "./commands.ts";
import { mustBeCalendarAddress, sealAddress } from "./leaveFeed.ts";
import {
  findLeaveFeed,
  insertLeaveFeed,
  listFeedLeave,
  removeLeaveFeed,
  replaceFeedLeave,
} from "./leaveFeedStore.ts";
import { mustSpeakFor } from "./people.ts";

export const leaveFeedRoutes = (
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] => [
  bind(contract.putLeaveFeed, async ({ actor, params, body }) => {
    const now = world.clock.now();
    const personId = params.id;
    const view = await transact(world.db, async (tx) => {
      const snapshot = await config(tx);
      const { ref } = mustSpeakFor(snapshot, actor, personId);
      const url = mustBeCalendarAddress(body.url);
      const feed = { personId, host: url.host, onlyWord: body.only ?? null };
      await insertLeaveFeed(tx, { ...feed, sealed: sealAddress(world, url) }, now);
      const command = { tx, world, config: snapshot, actor, now };
      const what = { person: personId, host: url.host };
      await recordOnCall(command, "leave feed said", `leave:${ref}`, what);
      return feedView(tx, personId, now);
    });
    world.nudge();
    return view!;
  }),
  bind(contract.readLeaveFeed, async ({ actor, params }) => {
    mustSpeakFor(await config(world.db), actor, params.id);
    return { feed: await feedView(world.db, params.id, world.clock.now()) };
  }),
  bind(contract.removeLeaveFeed, ({ actor, params }) =>
    transact(world.db, async (tx) => {
      const now = world.clock.now();
      const snapshot = await config(tx);
      const { ref } = mustSpeakFor(snapshot, actor, params.id);
      const removed = await removeLeaveFeed(tx, params.id);
      await replaceFeedLeave(tx, params.id, [], now);
      const command = { tx, world, config: snapshot, actor, now };
      if (removed)
        await recordOnCall(command, "leave feed removed", `leave:${ref}`, { person: params.id });
      return { removed };
    }),
  ),
];

async function feedView(
  tx: Queryable,
  person: string,
  now: Instant,
): Promise<contract.LeaveFeed | null> {
  const feed = await findLeaveFeed(tx, person);
  if (feed === null) return null;
  const leave = await listFeedLeave(tx, person, now);
  return {
    person,
    host: feed.host,
    only: feed.onlyWord,
    saidAt: toIso(feed.saidAt),
    readAt: toIsoOrNull(feed.readAt),
    nextAt: toIso(feed.dueAt),
    failure: feed.failure,
    failingSince: toIsoOrNull(feed.failingSince),
    leave: leave.map(({ startsAt, endsAt }) => ({
      startsAt: toIso(startsAt),
      endsAt: toIso(endsAt),
    })),
  };
}
