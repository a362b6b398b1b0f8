/**
 * What ends with a person: an id that stood for somebody and is given to somebody else brings nothing of the first one to
 * life. What happened stays as it was recorded. It ends when they leave, and once more when the id comes back, for what
 * was written at that very moment, or by an earlier version.
 */
import type { Tx } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import { record } from "../base/ledger.ts";
import type { World } from "../base/world.ts";
import { endAccessOf } from "../domain/account/leavingStore.ts";
import type { PeopleChange } from "../domain/config/commands.ts";
import { endReadersOf } from "../domain/incident/store.ts";
import { endMessagesOf, endProofsOf } from "../domain/notification/leavingStore.ts";
import { endOverridesOf, endSayingsOf } from "../domain/oncall/leavingStore.ts";

export async function endWhatWas(
  tx: Tx,
  world: World,
  { author, came, left }: PeopleChange,
  now: Instant,
): Promise<void> {
  const people = [...left, ...came].map(({ id }) => id).toSorted();
  await endAccessOf(tx, people, now);
  await endSayingsOf(tx, people, now);
  const overrides = await endOverridesOf(tx, people, now, () => world.chance.id(now));
  await endProofsOf(tx, people);
  await endMessagesOf(tx, people, now);
  await endReadersOf(tx, people);
  const entry = { at: now, actorRef: author.ref };
  for (const { ref } of left)
    await record(tx, world, {
      ...entry,
      stream: "access",
      action: "access ended",
      objectRef: `person:${ref}`,
      payload: null,
    });
  for (const [action, rows] of [
    ["override ended", overrides.ended],
    ["override added", overrides.added],
  ] as const)
    for (const { id, scheduleId, personId, replaces, startsAt, endsAt, reason } of rows)
      await record(tx, world, {
        ...entry,
        stream: "oncall",
        action,
        objectRef: `override:${id}`,
        payload: { scheduleId, personId, replaces, startsAt, endsAt, reason },
      });
}
