/** A page whose provider wants to be left alone goes by what else there is meanwhile: nobody waits for a limit. */
import type { Tx } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { hurryEscalation } from "../domain/escalation/commands.ts";
import { chronicle, chronicleAll, type Command, type Fact } from "../domain/incident/commands.ts";
import { lockEveryIncident, lockIncidents } from "../domain/incident/store.ts";
import { FOLD } from "../domain/notification/folding.ts";
import { listFolded } from "../domain/notification/foldStore.ts";
import { failOverAll } from "../domain/notification/failOver.ts";
import {
  ATTEMPTS_BEFORE_ESCALATING,
  type Notification,
} from "../domain/notification/notification.ts";
import { hastenNext } from "../domain/notification/receiptStore.ts";
import { lockNotifications } from "../domain/notification/sendStore.ts";
import { isLastHope } from "../domain/notification/store.ts";
import { isToldTogether } from "./folding.ts";
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

/** Those whose incidents nobody else holds; returns the others. */
async function divertFree(command: Command, pages: readonly Held[]): Promise<readonly Held[]> {
  const { tx } = command;
  const told: Told[] = [];
  for (const page of pages) told.push({ ...page, told: await toldBy(tx, page.row) });
  const numbers = numbersOf(told.flatMap((page) => page.told));
  const locked = await lockIncidents(tx, ENGINE_READER, numbers);
  const free = new Set<number | null>([null, ...locked.map(({ number }) => number)]);
  const isFree = (page: Told): boolean =>
    page.told.every(({ incidentNumber }) => free.has(incidentNumber));
  await divertLocked(command, told.filter(isFree));
  return told.filter((page) => !isFree(page));
}

export async function divert(command: Command, page: Held): Promise<void> {
  const told = await lockTold(command.tx, page.row);
  await divertLocked(command, [{ ...page, told: told ?? [page.row] }]);
}

/** A page that waits, with what comes with it. */
type Told = Held & { readonly told: readonly Notification[] };

/**
 * By the channel that takes over, as when it had been refused; where its provider wants nothing by whomever, by the
 * next ways of its person as well, which would have had their turn later.
 */
async function divertLocked(command: Command, pages: readonly Told[]): Promise<void> {
  const { tx, world, config, now } = command;
  const ids = pages.map(({ row }) => row.id);
  const rows = new Map((await lockNotifications(tx, ids)).map((row) => [row.id, row]));
  const waiting = pages.flatMap(({ row: { id }, turn: { because, isAll }, told }) => {
    const row = rows.get(id);
    return row !== undefined && (row.state === "pending" || isToldTogether(row))
      ? [{ row, because: because ?? "", isAll, told }]
      : [];
  });
  // One that is told together with others waits as they do, and goes by no other provider than they.
  const alone = waiting.filter(({ row }) => row.state === "pending");
  const to = await failOverAll(tx, world, config, alone, { mayRepeat: false, now });
  await chronicleAll(
    command,
    alone.flatMap(({ row, because }) => {
      const channel = to.get(row.id);
      return channel === undefined ? [] : factOfFailOver(row, channel, because);
    }),
  );
  // Nobody waits for a limit, whatever else they were told by.
  await comeSooner(
    command,
    waiting.flatMap(({ isAll, because, told }) =>
      isAll ? told.map((row) => ({ row, because })) : [],
    ),
    { unlessTold: false },
  );
}

type Way = Pick<Notification, "subject" | "occasion" | "personId" | "address">;

/** What comes with a page: that page, or all for which it stands. */
const toldBy = (tx: Tx, row: Notification): Promise<readonly Notification[]> =>
  row.subject === FOLD ? listFolded(tx, row) : Promise.resolve([row]);

const numbersOf = (pages: readonly Pick<Notification, "incidentNumber">[]): readonly number[] => [
  ...new Set(pages.flatMap(({ incidentNumber }) => incidentNumber ?? [])),
];

/**
 * Locks the incidents that a page tells of, which comes before locking the page. Returns the pages for which it stands,
 * none of which comes or goes once it is under way; null: for itself.
 */
export async function lockTold(
  tx: Tx,
  page: Way & Pick<Notification, "incidentNumber">,
): Promise<readonly Notification[] | null> {
  const told = page.subject === FOLD ? await listFolded(tx, page) : null;
  await lockEveryIncident(tx, ENGINE_READER, numbersOf(told ?? [page]));
  return told;
}

/** Pages that will not come by the way of `row`: where that was the last hope of a step, the next one is due. */
export async function goOnWithout(
  command: Command,
  row: Pick<Notification, "channelId">,
  lost: readonly Notification[],
  because: string,
): Promise<void> {
  const { tx, now } = command;
  for (const page of lost) {
    const { incidentNumber, personId } = page;
    if (incidentNumber === null) continue;
    if (!(await isLastHope(tx, page, ATTEMPTS_BEFORE_ESCALATING))) continue;
    if (await hurryEscalation(tx, incidentNumber, now))
      await chronicle(command, incidentNumber, "page failed", {
        person: personId ?? "an audience",
        channel: row.channelId,
        because,
      });
  }
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
