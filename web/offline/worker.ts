/**
 * The service worker: the app and what its reader has read stay there without a network.
 *
 * The app is kept whole, one build at a time: an address is asked of the server first, and only without
 * an answer is the kept page shown, with the files of the same build. A newer worker waits until no page
 * of the older one is open, so that no page gets files of two builds.
 *
 * Kept of the API is only what this reader was answered, the newest answer of each question. A “401” takes
 * all of it away, and so does another person or another right; a “403” or “404” the one answer; so does signing out (kept.ts).
 *
 * It shows the pages that are pushed, and acknowledges from there.
 */
import { deviceName } from "./deviceName.ts";
import { acknowledged, isPushed, notAcknowledged, type Shown, shownOf } from "./pushed.ts";
import { isDrawnByServer, isWorthKeeping } from "./rules.ts";

declare const APP_FILES: readonly string[];
declare const BUILT_FROM: string;

type Extendable = { waitUntil(work: Promise<unknown>): void };
type Fetching = Extendable & {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
};
type Clicked = Extendable & { readonly action: string; readonly notification: Notification };
/** A push service gave the browser another address; browsers tell of it what they know. */
type Readdressed = Extendable & {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
};
/** Answers that came with a page, by their addresses. */
type Given = Extendable & {
  readonly data: readonly (readonly [address: string, answer: string])[];
};
type Pushed = Extendable & { readonly data: { json(): unknown } | null };
type Events = {
  install: Extendable;
  activate: Extendable;
  fetch: Fetching;
  message: Given;
  push: Pushed;
  pushsubscriptionchange: Readdressed;
  notificationclick: Clicked;
};
type Scope = {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(): Promise<readonly { readonly url: string; focus(): Promise<unknown> }[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly location: Location;
  addEventListener<K extends keyof Events>(kind: K, hear: (event: Events[K]) => void): void;
};
const worker = self as unknown as Scope;

const APP = `app-${BUILT_FROM}`;
/** Asked for by name: to whoever is not signed in, “/” is the door. */
const PAGE = "/?app";
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
        cache.addAll([PAGE, ...APP_FILES].map((url) => new Request(url, { cache: "reload" }))),
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
    return (await (await caches.open(APP)).match(PAGE)) ?? Response.error();
  }
}

/** A name never changes its content, so what is kept under it is right, whichever build kept it. */
const assetFor = async (request: Request): Promise<Response> =>
  (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);

/** While it is asked who reads, nothing kept is given out: it may have been another's. */
let reader: Promise<unknown> = Promise.resolve();

async function answerFor(event: Fetching): Promise<Response> {
  const { request } = event;
  const isReader = new URL(request.url).pathname === "/v1/me";
  const { promise, resolve } = Promise.withResolvers<void>();
  if (isReader) reader = promise;
  const cache = await caches.open(READ);
  let reply: Response;
  try {
    reply = await inTime(fetch(request));
  } catch (error) {
    resolve();
    await reader;
    const kept = await cache.match(request.url);
    const keptAt = Number(kept?.headers.get("x-kept-at") ?? 0);
    if (kept === undefined || Date.now() - keptAt > KEPT_MS) throw error;
    return kept;
  }
  const done =
    reply.status === 401
      ? caches.delete(READ)
      : reply.ok
        ? keep(cache, request.url, reply.clone())
        : cache.delete(request.url);
  event.waitUntil(done.finally(resolve));
  return reply;
}

worker.addEventListener("message", (event) => event.waitUntil(keepGiven(event.data)));

async function keepGiven(given: Given["data"]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  reader = promise;
  try {
    const cache = await caches.open(READ);
    for (const [address, answer] of given)
      await keep(cache, new URL(address, worker.location.origin).href, new Response(answer));
  } finally {
    resolve();
  }
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

worker.addEventListener("push", (event) => {
  const pushed = event.data?.json();
  // Whatever is pushed must be shown: browsers take the permission from a worker that stays silent.
  if (isPushed(pushed)) event.waitUntil(show(shownOf(pushed)));
});

worker.addEventListener("pushsubscriptionchange", (event) => {
  // Nothing can be done without a network or a session; a page that is opened later does it then (device.ts).
  event.waitUntil(readdress(event).catch(() => undefined));
});

const DEVICES = "/v1/me/devices";

/** Subscribes anew where the browser has not, and tells the server, so that no page goes to the address before. */
async function readdress({ oldSubscription, newSubscription }: Readdressed): Promise<void> {
  const { pushManager } = worker.registration;
  const subscription =
    newSubscription ??
    (await pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey:
        oldSubscription?.options.applicationServerKey ?? (await keyOfTheServer()),
    }));
  const { endpoint, keys } = subscription.toJSON();
  const instead = oldSubscription?.endpoint;
  await fetch(DEVICES, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({
      name: deviceName(navigator.userAgent),
      subscription: { endpoint, keys: { p256dh: keys?.["p256dh"], auth: keys?.["auth"] } },
      ...(instead !== undefined && { instead }),
    }),
  });
}

async function keyOfTheServer(): Promise<string> {
  const reply = await fetch(DEVICES, { headers: { accept: "application/json" } });
  return ((await reply.json()) as { readonly senderKey: string }).senderKey;
}

worker.addEventListener("notificationclick", (event) => {
  const shown = event.notification.data as Shown | null;
  if (shown === null) return;
  event.notification.close();
  event.waitUntil(
    event.action === "acknowledge" ? acknowledge(shown) : open(shown.options.data.open),
  );
});

const show = ({ title, options }: Shown): Promise<void> =>
  worker.registration.showNotification(title, {
    ...options,
    // What a click needs is what was shown.
    data: { title, options },
  } as NotificationOptions);

/** The signed link is the right to do so, also where nobody is signed in; what became of it is shown in its place. */
async function acknowledge(shown: Shown): Promise<void> {
  const url = ownAddress(shown.options.data.acknowledge);
  if (url === null) return;
  try {
    const headers = { accept: "application/json" };
    const reply = await inTime(fetch(url, { method: "POST", headers }));
    await show(acknowledged(shown, await reply.json()));
  } catch {
    await show(notAcknowledged(shown));
  }
}

async function open(url: string | null): Promise<void> {
  const address = ownAddress(url) ?? worker.location.origin;
  const windows = await worker.clients.matchAll();
  await (windows.find((each) => each.url === address)?.focus() ??
    worker.clients.openWindow(address));
}

/** A link of ours, under the address that this browser knows; null: it leads elsewhere. */
function ownAddress(url: string | null): string | null {
  const address = url === null ? null : URL.parse(url, worker.location.origin);
  return address?.origin === worker.location.origin ? address.href : null;
}

function inTime(asked: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
