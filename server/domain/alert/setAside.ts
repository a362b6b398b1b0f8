/** What a storm left over, in the hands of people: looked at, tried again after a mend, or dropped with a reason. */
import type * as contract from "../../../contract/setAside.ts";
import { transact, type Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import type { World } from "../../base/world.ts";
import { type Actor, actorRef, allow } from "../account/account.ts";
import { type AsideRow, deleteAside, findAside, keepAside, lockAside } from "./asideStore.ts";
import type { Flushed } from "./flush.ts";
import type { Arrival, IntakeDesk } from "./intake.ts";
import { openArrivals, sealArrivals } from "./packed.ts";

export type AsideCommand = {
  readonly tx: Tx;
  readonly world: World;
  readonly actor: Actor;
  readonly now: Instant;
};

const RAW_SHOWN = 64 * 1024;

export const asideView = (row: Omit<AsideRow, "sealed">): contract.SetAside => ({
  id: row.id,
  key: row.keyId,
  receivedAt: toIso(row.receivedAt),
  setAsideAt: toIso(row.foundAt),
  because: row.because,
});

export function asideDetail(world: World, row: AsideRow): contract.SetAsideDetail {
  const arrivals = openArrivals(world, row.sealed);
  return {
    ...asideView(row),
    signals:
      arrivals?.map(({ adapter, serviceId, signal }) => ({
        action: signal.action,
        title: signal.title,
        severity: signal.severity,
        service: serviceId,
        dedupKey: signal.dedupKey,
        adapter,
        labels: { ...signal.labels },
      })) ?? null,
    raw: arrivals?.[0]?.raw.subarray(0, RAW_SHOWN).toString("utf8") ?? null,
  };
}

type Taken = { readonly arrival: Arrival; readonly result: Flushed };

/**
 * Decides about it as if it had just come. The desk commits by itself, on connections of its own, so none is held
 * meanwhile: a crash in between, or two who try at once, decide twice, and the second time repeats what the first one
 * opened; one of two is refused.
 */
export async function retryAside(
  { world, actor, now }: Omit<AsideCommand, "tx">,
  desk: Pick<IntakeDesk, "accept">,
  id: number,
): Promise<readonly Taken[]> {
  allow(actor, "signals.mend", null);
  const found = mustBeThere(await findAside(world.db, id), id);
  const arrivals = openArrivals(world, found.sealed);
  if (arrivals === null) throw new Refusal("set_aside.sealed", { id });
  const results = await desk.accept(arrivals);
  const taken: Taken[] = [];
  const left: { readonly arrival: Arrival; readonly refusal: Refusal }[] = [];
  arrivals.forEach((arrival, at) => {
    const result = results[at]!;
    if (result instanceof Refusal) left.push({ arrival, refusal: result });
    else taken.push({ arrival, result });
  });
  const [first] = left;
  if (first !== undefined && taken.length === 0)
    throw new Refusal("set_aside.still", { id, because: first.refusal.message });
  return transact(world.db, async (tx) => {
    const command = { tx, world, actor, now };
    const row = await lockOne(command, id);
    if (first === undefined) await deleteAside(tx, id);
    else {
      const sealed = sealArrivals(
        world,
        left.map(({ arrival }) => arrival),
      );
      await keepAside(tx, { id, because: first.refusal.message, sealed });
    }
    await recordAside(command, row, "set aside signal tried again", {
      alerts: taken.map(({ result }) => result.alertId),
      left: left.length,
    });
    return taken;
  });
}

export async function dropAside(command: AsideCommand, id: number, because: string): Promise<void> {
  const row = await lockOne(command, id);
  await deleteAside(command.tx, id);
  await recordAside(command, row, "set aside signal dropped", { because });
}

async function lockOne({ tx, actor }: AsideCommand, id: number): Promise<AsideRow> {
  // It may be anybody's: the right in one team is not enough.
  allow(actor, "signals.mend", null);
  return mustBeThere(await lockAside(tx, id), id);
}

function mustBeThere(row: AsideRow | null, id: number): AsideRow {
  if (row === null) throw new Refusal("set_aside.not_found", { id });
  return row;
}

async function recordAside(
  { tx, world, actor, now }: AsideCommand,
  { id, keyId, receivedAt, because }: AsideRow,
  action: string,
  more: Readonly<Record<string, unknown>>,
): Promise<void> {
  await record(tx, world, {
    stream: "intake",
    at: now,
    actorRef: actorRef(actor),
    action,
    objectRef: `set-aside:${id}`,
    payload: { key: keyId, receivedAt, setAsideBecause: because, ...more },
  });
}
