/**
 * Live events in the browser. One tab of several listens (a browser has few connections to spare) and
 * tells the others. What changed is asked for again; nothing of it is believed from the event itself.
 */
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { LiveChange, LiveHello, LivePresence, LiveTopic } from "../../contract/live.ts";
import { listPresent } from "../../contract/presence.ts";
import { serverNow, setServerNow } from "../kit/now.ts";

type Told =
  | { readonly kind: "change"; readonly change: LiveChange; readonly id: string }
  | { readonly kind: "present"; readonly incidents: readonly string[] }
  | { readonly kind: "hello"; readonly hello: LiveHello; readonly id: string }
  | { readonly kind: "signed out" }
  | { readonly kind: "lost"; readonly at: number }
  | { readonly kind: "who listens?" };

/** Null while live; else since when not. */
let lostSince: number | null = null;
const watchers = new Set<() => void>();

function setLost(at: number | null): void {
  if (lostSince === at || (lostSince !== null && at !== null)) return;
  lostSince = at;
  watchers.forEach((tell) => tell());
}

export const useLostSince = (): number | null =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => lostSince,
    () => null,
  );

/** What a change of each list makes old. */
const LISTS: Readonly<Record<LiveTopic, readonly string[]>> = {
  alerts: ["/v1/alerts", "/v1/overview"],
  config: ["/v1/config", "/v1/directory", "/v1/schedules", "/v1/overview", "/v1/policy", "/v1/me"],
  "on call": ["/v1/schedules", "/v1/overrides", "/v1/overview"],
  runs: ["/v1/runs", "/v1/safe-mode"],
  runbooks: ["/v1/runbooks", "/v1/runs"],
};
const OF_INCIDENTS = ["/v1/overview", "/v1/incidents", "/v1/notifications", "/v1/action-items"];

/** Whether a question's answer may be another after these changes. */
export function isStale(
  key: readonly unknown[],
  { incidents, topics }: { incidents: ReadonlySet<string>; topics: ReadonlySet<LiveTopic> },
): boolean {
  const path = String(key[0]);
  const { id } = (key[1] ?? {}) as { id?: unknown };
  if (path.startsWith("/v1/incidents/:id")) return incidents.has(String(id));
  if (incidents.size > 0 && OF_INCIDENTS.includes(path)) return true;
  if (incidents.size > 0 && /^\/v1\/(alerts|runs|safe-mode)/.test(path)) return true;
  return [...topics].some((topic) => LISTS[topic].some((list) => path.startsWith(list)));
}

/** Asks again at once, then no more often than this. */
const SETTLE_MS = 60;
const AGAIN_MS = 700;
/** Whoever types or taps comes between. */
const BETWEEN_MS = 100;
/** What burns and what happened there: drawing all of it anew would be in the way of whoever begins to type or tap. */
const FIRST: ReadonlySet<unknown> = new Set([
  "/v1/overview",
  "/v1/incidents/:id",
  "/v1/incidents/:id/timeline",
]);
const REST_MS = 8_000;

/**
 * Listens until the page goes away. The server wrote into the page where among the events it stands, and what changed since is
 * told. Where nobody can tell it, as on a page that was kept on the device, everything is asked for again, once the page
 * stands.
 */
export function openLive(
  queries: QueryClient,
  onSignedOut: () => void,
  stands: Promise<unknown>,
): void {
  const incidents = new Set<string>();
  const topics = new Set<LiveTopic>();
  let flushedAt = 0;
  let waiting = false;
  /** The last event that is known here: whoever listens next goes on after it. */
  let known = document.documentElement.dataset["place"] ?? "";
  let greeted = false;

  const askAgain = async (): Promise<void> => {
    const asked = queries
      .getQueryCache()
      .getAll()
      .map(({ queryKey }) => queryKey);
    const isFirst = ([path]: QueryKey): boolean => FIRST.has(path);
    const again = async (keys: readonly QueryKey[]): Promise<void> => {
      for (const queryKey of keys) {
        await queries.invalidateQueries({ queryKey, exact: true });
        await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
      }
    };
    await stands;
    await again(asked.filter(isFirst));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    await again(asked.filter((queryKey) => !isFirst(queryKey)));
  };

  const flush = (): void => {
    waiting = false;
    flushedAt = performance.now();
    const changes = { incidents: new Set(incidents), topics: new Set(topics) };
    incidents.clear();
    topics.clear();
    void queries.invalidateQueries({ predicate: ({ queryKey }) => isStale(queryKey, changes) });
  };

  const take = (told: Told): void => {
    switch (told.kind) {
      case "hello":
        setServerNow(told.hello.now);
        if (told.hello.missed) void queries.resetQueries();
        greeted = true;
        known = told.id;
        setLost(null);
        return;
      case "change": {
        known = told.id;
        setLost(null);
        for (const id of told.change.incidents) incidents.add(id);
        for (const topic of told.change.topics) topics.add(topic);
        if (waiting) return;
        waiting = true;
        setTimeout(flush, Math.max(SETTLE_MS, flushedAt + AGAIN_MS - performance.now()));
        return;
      }
      case "present":
        return void queries.invalidateQueries({
          predicate: ({ queryKey: [path, params] }) =>
            path === listPresent.path && told.incidents.includes((params as { id: string }).id),
        });
      case "lost":
        return setLost(told.at);
      case "signed out":
        return onSignedOut();
      case "who listens?":
        return;
    }
  };

  const channel = new BroadcastChannel("tocsin live");
  let listening = false;
  channel.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if (data.kind === "hello" && !greeted && isLater(data.id, known)) void askAgain();
    if (data.kind !== "who listens?") return take(data);
    if (!listening || known === "") return;
    const hello = { now: new Date(serverNow()).toISOString(), missed: false };
    channel.postMessage(
      lostSince === null ? { kind: "hello", hello, id: known } : { kind: "lost", at: lostSince },
    );
  });
  const tell = (told: Told): void => {
    if (told.kind === "hello" && known === "") void askAgain();
    take(told);
    channel.postMessage(told);
  };
  const begin = async (): Promise<void> => {
    listening = true;
    await new Promise<void>((ended) => hear(() => known, tell, ended));
  };
  channel.postMessage({ kind: "who listens?" });
  // Locks need a secure context; without them each tab listens for itself.
  if (navigator.locks === undefined) void begin();
  else void navigator.locks.request("tocsin live", begin);
}

/** Whether something may have been told before that id and after the other: `TRANSACTION.NUMBER`, as the server says them. */
export function isLater(id: string, than: string): boolean {
  const parts = (text: string): readonly [bigint, bigint] => {
    const [transaction = "", number = ""] = text.split(".");
    return [BigInt(transaction), BigInt(number)];
  };
  if (than === "") return true;
  const [a, b] = [parts(id), parts(than)];
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

const NEW_COOKIE_MS = 400;

function hear(known: () => string, tell: (told: Told) => void, ended: () => void): void {
  const events = new EventSource(known() === "" ? "/v1/events" : `/v1/events?after=${known()}`);
  const read = (event: Event): unknown => JSON.parse((event as MessageEvent<string>).data);
  const idOf = (event: Event): string => (event as MessageEvent<string>).lastEventId;
  events.addEventListener("hello", (event) =>
    tell({ kind: "hello", hello: read(event) as LiveHello, id: idOf(event) }),
  );
  events.addEventListener("changed", (event) =>
    tell({ kind: "change", change: read(event) as LiveChange, id: idOf(event) }),
  );
  events.addEventListener("present", (event) =>
    tell({ kind: "present", incidents: (read(event) as LivePresence).incidents }),
  );
  const askWhoWeAre = (): void =>
    void fetch("/v1/me").then(
      ({ status }) => {
        if (status !== 401) return hear(known, tell, ended);
        tell({ kind: "signed out" });
        ended();
      },
      () => hear(known, tell, ended),
    );
  events.addEventListener("signed-out", () => {
    events.close();
    // Whoever changed how they sign in goes on under a new cookie, which may be a moment away.
    setTimeout(askWhoWeAre, NEW_COOKIE_MS);
  });
  events.addEventListener("error", () => {
    tell({ kind: "lost", at: serverNow() });
    // The browser tries again by itself, unless it was told no: then we are signed out, or it is away.
    if (events.readyState !== EventSource.CLOSED) return;
    setTimeout(askWhoWeAre, 2_000);
  });
}
