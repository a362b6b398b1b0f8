/**
 * What somebody did without a network: an acknowledge, a note, a step. It waits here, in the order in which
 * it was done, and is sent when the network is back; what is older than five minutes asks first, because
 * by then somebody else may have acted on its not being there.
 */
import { useSyncExternalStore } from "react";
import { acknowledgeIncident, addNote } from "../../contract/incident.ts";
import type { Route } from "../../contract/route.ts";
import { doneStep, skipStep } from "../../contract/run.ts";
import { queueChanged, Refused, sendNow, type Sending, setQueue, watchQueue } from "../kit/call.ts";
import { t } from "../kit/words.ts";

export type Waiting = Sending & {
  readonly id: string;
  readonly at: number;
  /** Who did it: it is sent as nobody else. */
  readonly person: string;
  /** Null: not tried since. Else what became of it. */
  readonly outcome:
    | null
    | { readonly kind: "done" }
    | { readonly kind: "refused"; readonly why: string };
};

const ASKS_AFTER_MS = 5 * 60_000;
const KEPT = "tocsin.waiting";

const QUEUED: readonly Route[] = [acknowledgeIncident, addNote, doneStep, skipStep];
const isQueued = (path: string): boolean => QUEUED.some((route) => route.path === path);

const NONE: readonly Waiting[] = [];
let items: readonly Waiting[] = read();

function read(): readonly Waiting[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as readonly Waiting[];
  } catch {
    return [];
  }
}

function save(next: readonly Waiting[]): void {
  items = next;
  if (next.length === 0) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, JSON.stringify(next));
  queueChanged();
}

export const useWaiting = (): readonly Waiting[] =>
  useSyncExternalStore(
    watchQueue,
    () => items,
    () => NONE,
  );

export const forgetQueue = (): void => save([]);
export const drop = (id: string): void => save(items.filter((each) => each.id !== id));

/** Whether it has waited so long that a person must say that it is still meant. */
export const asksFirst = (item: Waiting, now: number): boolean => now - item.at > ASKS_AFTER_MS;

/** What is said beside the button instead of an answer. */
function whatStillHappens(path: string): string {
  return path === acknowledgeIncident.path
    ? t("Not sent yet, escalation continues. It is kept here and sent when the network is back.")
    : t("Not sent yet. It is kept here and sent when the network is back.");
}

const waits = (given: Sending): boolean =>
  items.some(
    (each) =>
      each.outcome === null &&
      each.path === given.path &&
      JSON.stringify([each.params, each.body]) === JSON.stringify([given.params, given.body]),
  );

function enqueue(person: string, given: Sending): void {
  if (waits(given)) return;
  // Not randomUUID, which browsers have only in secure contexts.
  const id = `${Date.now()}-${items.length}`;
  save([...items, { ...given, id, person, at: Date.now(), outcome: null }]);
}

let sending = false;

/** Sends what waits and need not ask, in order, until the network is gone again. */
export async function flush(afterEach: () => void, also: string | null = null): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (const item of items) {
      const asks = item.id !== also && asksFirst(item, Date.now());
      if (item.outcome !== null || asks) continue;
      try {
        await sendNow(item);
        settle(item.id, { kind: "done" });
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 0 || error.status >= 500) return;
        // Signed out meanwhile: it is neither done nor refused, and its person may come back.
        if (error.status === 401) return;
        settle(item.id, { kind: "refused", why: error.message });
      }
      afterEach();
    }
  } finally {
    sending = false;
  }
}

const settle = (id: string, outcome: NonNullable<Waiting["outcome"]>): void =>
  save(items.map((each) => (each.id === id ? { ...each, outcome } : each)));

/** From now on, what cannot be sent and may wait is kept; what another person left here goes. */
export function beginQueue(person: string): void {
  if (items.some((each) => each.person !== person))
    save(items.filter((each) => each.person === person));
  const take = (given: Sending): string | null => {
    if (!isQueued(given.path)) return null;
    enqueue(person, given);
    return whatStillHappens(given.path);
  };
  setQueue({ take, waits });
}
