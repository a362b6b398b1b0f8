/**
 * What follows when a provider took a page and then says that it did not arrive, or says nothing: it goes by
 * the channel that takes over, and where there is none, the next step is paged at once.
 */
import { transact } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import { chronicleAll, type Command } from "../domain/incident/commands.ts";
import { failOver } from "../domain/notification/failOver.ts";
import { endFolded } from "../domain/notification/foldStore.ts";
import {
  listOverdue,
  lockOverdue,
  nextReceipt,
  type Overdue,
  putOffReceipt,
  saveSettled,
} from "../domain/notification/receiptStore.ts";
import { lockNotification } from "../domain/notification/sendStore.ts";
import { comeSooner, factOfFailOver, goOnWithout, lockTold } from "./diverting.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";
import { incidentsOf, unwanted } from "./wanted.ts";

const LIMIT = 100;
const MISSING = "no receipt";

export const receiptsStep = (parts: EngineParts): Step => ({
  name: "receipts",
  dueAt: () => nextReceipt,
  async run(now) {
    const items = await listOverdue(parts.world.db, now, LIMIT);
    const done = await each(parts, {
      now,
      items,
      work: (item) => asEngine(parts, now, (command) => settle(command, item)),
      putOff: ({ id }, until: Instant) =>
        transact(parts.world.db, async (tx) => void (await putOffReceipt(tx, id, until))),
    });
    return { done, nextAt: null };
  },
});

async function settle(command: Command, page: Overdue): Promise<boolean> {
  const { tx, world, config, now } = command;
  const { id } = page;
  const stoodFor = await lockTold(tx, page);
  const overdue = await lockOverdue(tx, id, now);
  const row = overdue === null ? null : await lockNotification(tx, id);
  if (overdue === null || row === null) return false;
  const failed = overdue.delivery !== null;
  const because = overdue.delivery ?? MISSING;
  await saveSettled(tx, id, { delivery: because, failed });
  if ((await unwanted(tx, row, await incidentsOf(tx, [row]))) !== null) return true;
  const to = await failOver(tx, world, config, row, { because, mayRepeat: !failed, now });
  if (to !== null) await chronicleAll(command, factOfFailOver(row, to, because));
  if (!failed) return true;
  if (stoodFor !== null && to === null) await endFolded(tx, row, `undelivered: ${because}`);
  const told = stoodFor ?? [row];
  const late = told.map((lost) => ({ row: lost, because }));
  await comeSooner(command, late, { unlessTold: true });
  if (to === null) await goOnWithout(command, row, told, because);
  return true;
}
