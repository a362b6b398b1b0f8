/**
 * The service worker: the app and what its reader has read stay there without a network.
 *
 * The app is kept whole, one build at a time: an address is asked of the server first, and only without
 * an answer is the kept page shown, with the files of the same build. A newer worker waits until no page
 * of the older one is open, so that no page gets files of two builds.
 *
 * Kept of the API is only what this reader was answered, the newest answer of each question. A “401” takes
 * all of it away, and so does another person or another right; a “403” or “404” the one answer; so does signing out (kept.ts).
 */
import { isDrawnByServer, isWorthKeeping } from "./rules.ts";

declare const APP_FILES: readonly string[];
declare const BUILT_FROM: string;

type Extendable = { waitUntil(work: Promise<unknown>): void };
type Fetching = Extendable & {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
};
type Clicked = Extendable & { readonly action: string; readonly notification: Notification };
type Pushed = Extendable & { readonly data: { json(): unknown } | null };
type Events = {
  install: Extendable;
  activate: Extendable;
  fetch: Fetching;
  push: Pushed;
  notificationclick: Clicked;
};
type Scope = {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly location: Location;
  addEventListener<K extends keyof Events>(kind: K, hear: (event: Events[K]) => void): void;
};
const worker = self as unknown as Scope;

const APP = `app-${BUILT_FROM}`;
const READ = "read";
/** Older answers than a day help nobody at night, and what is not read again need not stay. */
const KEPT_MS = 24 * 3_600_000;
const KEPT_MOST = 200;
/** A network that says nothing for so long is none. */
const PATIENCE_MS = 6_000;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(APP)
      .then((cache) =>
        cache.addAll(["/", ...APP_FILES].map((url) => new Request(url, { cache: "reload" }))),
      ),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith("app-") && name !== APP)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== worker.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (!isDrawnByServer(url.pathname)) event.respondWith(pageFor(request));
  } else if (url.pathname.startsWith("/assets/")) event.respondWith(assetFor(request));
  else if (isWorthKeeping(url.pathname) && request.headers.get("accept") === "application/json")
    event.respondWith(answerFor(event));
});

async function pageFor(request: Request): Promise<Response> {
  try {
    return await inTime(fetch(request));
  } catch {
    return (await (await caches.open(APP)).match("/")) ?? Response.error();
  }
}

/** A name never changes its content, so what is kept under it is right, whichever build kept it. */
const assetFor = async (request: Request): Promise<Response> =>
  (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);

async function answerFor(event: Fetching): Promise<Response> {
  const { request } = event;
  const cache = await caches.open(READ);
  let reply: Response;
  try {
    reply = await inTime(fetch(request));
  } catch (error) {
    const kept = await cache.match(request.url);
    const keptAt = Number(kept?.headers.get("x-kept-at") ?? 0);
    if (kept === undefined || Date.now() - keptAt > KEPT_MS) throw error;
    return kept;
  }
  if (reply.status === 401) event.waitUntil(caches.delete(READ));
  else if (!reply.ok) event.waitUntil(cache.delete(request.url));
  else event.waitUntil(keep(cache, request.url, reply.clone()));
  return reply;
}

async function keep(cache: Cache, url: string, reply: Response): Promise<void> {
  const body = await reply.text();
  const headers = { "content-type": "application/json", "x-kept-at": String(Date.now()) };
  const before = await cache.match(url);
  // Somebody else, or with other rights: what was read before was read by another.
  if (new URL(url).pathname === "/v1/me" && before !== undefined && (await before.text()) !== body)
    for (const each of await cache.keys()) await cache.delete(each);
  // Last in the list is the newest.
  await cache.delete(url);
  await cache.put(url, new Response(body, { headers }));
  const kept = await cache.keys();
  for (const old of kept.slice(0, Math.max(0, kept.length - KEPT_MOST))) await cache.delete(old);
}

function inTime(asked: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
