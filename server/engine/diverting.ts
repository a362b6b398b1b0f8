/** A page whose provider wants to be left alone goes by what else there is meanwhile: nobody waits for a limit. */
import type { Instant } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { chronicleAll, type Command, type Fact } from "../domain/incident/commands.ts";
import { lockIncident, lockIncidents } from "../domain/incident/store.ts";
import { FOLD } from "../domain/notification/folding.ts";
import { listFolded } from "../domain/notification/foldStore.ts";
import { failOverAll } from "../domain/notification/failOver.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { hastenNext } from "../domain/notification/receiptStore.ts";
import { lockNotifications } from "../domain/notification/sendStore.ts";
import type { Waiting } from "./pacing.ts";
import { asEngine, type EngineParts, inSets } from "./parts.ts";

/** A page that waits for its turn. */
export type Held = { readonly row: Notification; readonly turn: Waiting };

/**
 * A crowd of them in one transaction. Returns those of incidents that somebody else holds: nobody waits for them here, as
 * a whole tick would wait as well. One that cannot be told another way has its turn all the same, and keeps no other
 * from theirs.
 */
export async function divertCrowd(
  parts: EngineParts,
  pages: readonly Held[],
  now: Instant,
): Promise<readonly Held[]> {
  const left: Held[] = [];
  await inSets(parts, {
    now,
    sets: [pages],
    work: async (set) => {
      const passed = await asEngine(parts, now, (command) => divertFree(command, set));
      left.push(...passed);
      return set.length;
    },
    putOff: () => Promise.resolve(),
  });
  return left;
}

/** Those whose incident nobody else holds; returns the others. */
async function divertFree(command: Command, pages: readonly Held[]): Promise<readonly Held[]> {
  const numbers = pages.flatMap(({ row }) => row.incidentNumber ?? []);
  const locked = await lockIncidents(command.tx, ENGINE_READER, [...new Set(numbers)]);
  const free = new Set<number | null>([null, ...locked.map(({ number }) => number)]);
  const isFree = ({ row }: Held): boolean => free.has(row.incidentNumber);
  await divertLocked(command, pages.filter(isFree));
  return pages.filter((page) => !isFree(page));
}

export async function divert(command: Command, page: Held): Promise<void> {
  const { incidentNumber } = page.row;
  if (incidentNumber !== null) await lockIncident(command.tx, ENGINE_READER, incidentNumber);
  await divertLocked(command, [page]);
}

/**
 * By the channel that takes over, as when it had been refused; where its provider wants nothing by whomever, by the
 * next ways of its person as well, which would have had their turn later.
 */
async function divertLocked(command: Command, pages: readonly Held[]): Promise<void> {
  const { tx, world, config, now } = command;
  const ids = pages.map(({ row }) => row.id);
  const rows = new Map((await lockNotifications(tx, ids)).map((row) => [row.id, row]));
  const waiting = pages.flatMap(({ row: { id }, turn: { because, isAll } }) => {
    const row = rows.get(id);
    return row?.state === "pending" ? [{ row, because: because ?? "", isAll }] : [];
  });
  const to = await failOverAll(tx, world, config, waiting, { mayRepeat: false, now });
  await chronicleAll(
    command,
    waiting.flatMap(({ row, because }) => {
      const channel = to.get(row.id);
      return channel === undefined ? [] : factOfFailOver(row, channel, because);
    }),
  );
  // Nobody waits for a limit, whatever else they were told by.
  await comeSooner(
    command,
    waiting.filter(({ isAll }) => isAll),
    { unlessTold: false },
  );
}

/**
 * What has not come with a page: that page, or all for which it stood. Those of incidents that somebody else holds keep
 * their minutes: their incidents are locked before their pages, and here that is too late to wait.
 */
export async function lostWith(
  { tx }: Command,
  row: Notification,
): Promise<readonly Notification[]> {
  if (row.subject !== FOLD) return [row];
  const pages = await listFolded(tx, row);
  const numbers = new Set(pages.flatMap(({ incidentNumber }) => incidentNumber ?? []));
  const locked = await lockIncidents(tx, ENGINE_READER, [...numbers]);
  const free = new Set<number | null>([null, ...locked.map(({ number }) => number)]);
  return pages.filter(({ incidentNumber }) => free.has(incidentNumber));
}

type Late = { readonly row: Notification; readonly because: string };

/**
 * The next ways of pages' people, which would have had their turn later, have it now. `unlessTold`: not where another
 * way has had its turn and has not failed; then they wait for an answer to that one.
 */
export async function comeSooner(
  command: Command,
  pages: readonly Late[],
  { unlessTold }: { readonly unlessTold: boolean },
): Promise<void> {
  const { tx, now } = command;
  const hastened = await hastenNext(
    tx,
    pages.map(({ row, because }) => ({
      row,
      way: { kind: "sooner", params: { before: row.channelId, because } },
    })),
    { now, unlessTold },
  );
  const next = Map.groupBy(hastened, ({ before }) => before);
  await chronicleAll(
    command,
    pages.flatMap(({ row, because }) =>
      (next.get(row.id) ?? []).flatMap(({ channelId }) => factOfFailOver(row, channelId, because)),
    ),
  );
}

/** That a page goes by another channel, on the timeline of its incident. */
export const factOfFailOver = (
  { incidentNumber, personId, channelId }: Notification,
  to: string,
  because: string,
): readonly Fact[] =>
  incidentNumber === null
    ? []
    : [
        {
          number: incidentNumber,
          kind: "page failed over",
          params: { person: personId ?? "an audience", channel: channelId, because, to },
        },
      ];
