/** HTTP of people's own addresses: how they are reached, codes that verify it, and pages to oneself. */
import * as contract from "../../../contract/address.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import { inWords } from "../../base/words.ts";
import type { World } from "../../base/world.ts";
import { type Actor, ENGINE_READER } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { findMarks, wayKey } from "../notification/markStore.ts";
import { listPagedWays, listProofs } from "../notification/proofStore.ts";
import { personOnly, sendCode, testPage, verifyAddress } from "../notification/proving.ts";
import { findNotification } from "../notification/store.ts";
import { doubtsOf } from "./doubts.ts";
import { gatherProofs, gatherWakeable } from "./reachFacts.ts";

export function addressRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  async function viewsOf(personId: string): Promise<readonly contract.AddressView[]> {
    const { db, clock } = world;
    const contacts = (await config(db)).get("people", personId)?.body.contacts ?? [];
    const ways = contacts.map(({ channel, address }) => ({ channelId: channel, address }));
    const proofs = new Map((await listProofs(db, personId)).map((each) => [wayKey(each), each]));
    const paged = await listPagedWays(db, personId, clock.now());
    const pagedAt = new Map(paged.map((each) => [wayKey(each), each.at]));
    const marks = new Map((await findMarks(db, ways)).map((each) => [wayKey(each), each]));
    return contacts.map(({ channel, address, urgency, afterMinutes }) => {
      const key = wayKey({ channelId: channel, address });
      const mark = marks.get(key);
      return {
        channel,
        address,
        urgency: urgency ?? null,
        afterMinutes,
        verifiedAt: toIsoOrNull(proofs.get(key)?.verifiedAt ?? null),
        verifiedBy: proofs.get(key)?.verifiedBy ?? null,
        lastPageAt: toIsoOrNull(pagedAt.get(key) ?? null),
        mark:
          mark === undefined
            ? null
            : { kind: mark.kind, because: mark.because, at: toIso(mark.markedAt) },
      };
    });
  }

  return [
    bind(contract.listAddresses, async ({ actor }) => {
      const personId = personOnly(actor);
      const { db, clock } = world;
      const facts = {
        config: await config(db),
        wakeable: await gatherWakeable(db),
        proofs: await gatherProofs(db, personId, clock.now()),
      };
      const found = doubtsOf(facts, personId);
      return {
        items: [...(await viewsOf(personId))],
        doubts: found.map((doubt) => inWords(doubt, "en")),
        doubtsBecause: [...found],
      };
    }),
    bind(contract.sendCode, async ({ actor, body }) => {
      const sent = await transact(world.db, async (tx) => {
        const now = world.clock.now();
        return sendCode({ tx, world, config: await config(tx), actor, now }, body);
      });
      world.nudge();
      return { channel: sent.channelId, address: sent.address, until: toIso(sent.until) };
    }),
    bind(contract.verifyAddress, async ({ actor, body }) => {
      const { way, refusal } = await transact(world.db, async (tx) => {
        const now = world.clock.now();
        const scene = { tx, world, config: await config(tx), actor, now };
        return verifyAddress(scene, body, body.code);
      });
      if (refusal !== null) throw refusal;
      const views = await viewsOf(way.personId);
      const found = views.find(
        ({ channel, address }) => channel === way.channelId && address === way.address,
      );
      if (found === undefined) throw new Refusal("address.not_yours", { channel: body.channel });
      return found;
    }),
    bind(contract.testPage, async ({ actor }) => {
      const ids = await transact(world.db, async (tx) =>
        testPage({ tx, world, config: await config(tx), actor, now: world.clock.now() }),
      );
      world.nudge();
      const rows = await Promise.all(
        ids.map((id) => findNotification(world.db, ENGINE_READER, id)),
      );
      const pages = rows.flatMap((row) =>
        row === null ? [] : [{ id: row.id, channel: row.channelId, dueAt: toIso(row.dueAt) }],
      );
      return { pages };
    }),
  ];
}
