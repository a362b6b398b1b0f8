/**
 * What follows when a provider took a page and then says that it did not arrive, or says nothing: it goes by
 * the channel that takes over, and where there is none, the next step is paged at once.
 */
import { transact } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { hurryEscalation } from "../domain/escalation/commands.ts";
import { chronicle, chronicleAll, type Command } from "../domain/incident/commands.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { failOver } from "../domain/notification/failOver.ts";
import { ATTEMPTS_BEFORE_ESCALATING } from "../domain/notification/notification.ts";
import {
  listOverdue,
  lockOverdue,
  nextReceipt,
  type Overdue,
  putOffReceipt,
  saveSettled,
} from "../domain/notification/receiptStore.ts";
import { lockNotification } from "../domain/notification/sendStore.ts";
import { isLastHope } from "../domain/notification/store.ts";
import { comeSooner, factOfFailOver, lostWith } from "./diverting.ts";
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

async function settle(command: Command, { id, incidentNumber }: Overdue): Promise<boolean> {
  const { tx, world, config, now } = command;
  if (incidentNumber !== null) await lockIncident(tx, ENGINE_READER, incidentNumber);
  const overdue = await lockOverdue(tx, id, now);
  const row = overdue === null ? null : await lockNotification(tx, id);
  if (overdue === null || row === null) return false;
  const failed = overdue.delivery !== null;
  const because = overdue.delivery ?? MISSING;
  await saveSettled(tx, id, { delivery: because, failed });
  if ((await unwanted(tx, row, await incidentsOf(tx, [row]))) !== null) return true;
  const to = await failOver(tx, world, config, row, { because, mayRepeat: !failed, now });
  if (failed) {
    const late = (await lostWith(command, row)).map((lost) => ({ row: lost, because }));
    await comeSooner(command, late, { unlessTold: true });
  }
  if (row.incidentNumber === null) return true;
  if (to !== null) await chronicleAll(command, factOfFailOver(row, to, because));
  else if (
    failed &&
    (await isLastHope(tx, row, ATTEMPTS_BEFORE_ESCALATING)) &&
    (await hurryEscalation(tx, row.incidentNumber, now))
  )
    await chronicle(command, row.incidentNumber, "page failed", {
      person: row.personId ?? "an audience",
      channel: row.channelId,
      because,
    });
  return true;
}
