/** A page whose provider wants to be left alone goes by what else there is meanwhile: nobody waits for a limit. */
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Command } from "../domain/incident/commands.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { failOver } from "../domain/notification/failOver.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { hastenNext } from "../domain/notification/receiptStore.ts";
import { lockNotification } from "../domain/notification/sendStore.ts";
import type { Waiting } from "./pacing.ts";
import { tellOfFailOver } from "./receipts.ts";

/**
 * By the channel that takes over, as when it had been refused; where its provider wants nothing by whomever, by the
 * next ways of its person as well, which would have had their turn later.
 */
export async function divert(
  command: Command,
  row: Notification,
  { because, isAll }: Waiting,
): Promise<void> {
  const { tx, world, config, now } = command;
  if (row.incidentNumber !== null) await lockIncident(tx, ENGINE_READER, row.incidentNumber);
  const locked = await lockNotification(tx, row.id);
  if (locked?.state !== "pending") return;
  const why = because ?? "";
  const to = await failOver(tx, world, config, locked, { because: why, mayRepeat: false, now });
  if (to !== null) await tellOfFailOver(command, locked, to, why);
  if (isAll) await comeSooner(command, locked, why);
}

/** The next ways of a page's person, which would have had their turn later, have it now. */
export async function comeSooner(
  command: Command,
  row: Notification,
  because: string,
): Promise<void> {
  const { tx, now } = command;
  const way = { kind: "sooner", params: { before: row.channelId, because } };
  for (const channel of await hastenNext(tx, row, way, now))
    await tellOfFailOver(command, row, channel, because);
}
