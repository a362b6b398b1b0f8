/** The service worker from one build to the next, when somebody was signed out elsewhere, and when a page is pushed. */
import { beforeEach, describe, expect, test, vi } from "vitest";

const HERE = "https://tocsin.example";
type Hear = (event: Record<string, unknown>) => void;

/** As much of a browser's caches as the worker uses. */
class FakeCache {
  readonly kept = new Map<string, Response>();
  async addAll(requests: readonly Request[]) {
    for (const { url } of requests) this.kept.set(url, new Response(`of ${url}`));
  }
  async match(asked: string) {
    return this.kept.get(new URL(asked, HERE).href)?.clone();
  }
  async put(url: string, reply: Response) {
    this.kept.set(url, reply);
  }
  async delete(asked: string | { url: string }) {
    return this.kept.delete(typeof asked === "string" ? asked : asked.url);
  }
  async keys() {
    return [...this.kept.keys()].map((url) => ({ url }));
  }
}

const stores = new Map<string, FakeCache>();
const caches = {
  async open(name: string) {
    const store = stores.get(name) ?? new FakeCache();
    stores.set(name, store);
    return store;
  },
  keys: async () => [...stores.keys()],
  delete: async (name: string) => stores.delete(name),
  async match(url: string) {
    for (const store of stores.values()) {
      const found = await store.match(url);
      if (found !== undefined) return found;
    }
    return undefined;
  },
};

/** A worker of a build: what it heard of, and what it showed and opened. */
async function start(build: string) {
  const hears = new Map<string, Hear>();
  const shown: { title: string; options: Record<string, unknown> }[] = [];
  const opened: string[] = [];
  const subscribed: unknown[] = [];
  vi.stubGlobal("caches", caches);
  vi.stubGlobal("APP_FILES", [`/assets/app-${build}.js`]);
  vi.stubGlobal("BUILT_FROM", build);
  vi.stubGlobal(
    "Request",
    class extends Request {
      constructor(url: string, init?: RequestInit) {
        super(new URL(url, HERE), init);
      }
    },
  );
  vi.stubGlobal("self", {
    location: { origin: HERE },
    registration: {
      showNotification: async (title: string, options: Record<string, unknown>) =>
        void shown.push({ title, options }),
      pushManager: {
        subscribe: async (options: unknown) => {
          subscribed.push(options);
          const keys = { p256dh: "P", auth: "A" };
          return { toJSON: () => ({ endpoint: "https://push.example/new", keys }) };
        },
      },
    },
    clients: {
      claim: async () => undefined,
      matchAll: async () => [],
      openWindow: async (url: string) => void opened.push(url),
    },
    addEventListener: (kind: string, hear: Hear) => void hears.set(kind, hear),
  });
  vi.resetModules();
  await import("./worker.ts");
  const happen = async (kind: string, event: object): Promise<unknown> => {
    const works: Promise<unknown>[] = [];
    let answer: Promise<Response> | undefined;
    hears.get(kind)!({
      ...event,
      waitUntil: (work: Promise<unknown>) => void works.push(work),
      respondWith: (given: Promise<Response>) => (answer = given),
    });
    const reply = await answer?.catch((error: unknown) => error);
    await Promise.all(works);
    return reply;
  };
  const ask = async (path: string, mode = "cors"): Promise<string> => {
    const headers = new Headers({ accept: "application/json" });
    const request = { url: `${HERE}${path}`, method: "GET", mode, headers };
    const reply = await happen("fetch", { request });
    return reply instanceof Response ? `${reply.status} ${await reply.text()}` : String(reply);
  };
  return { happen, ask, shown, opened, subscribed };
}

const network = vi.fn<(asked: unknown) => Promise<Response>>();
const away = async (): Promise<Response> => {
  throw new TypeError("no network");
};
const says =
  (body: string, status = 200) =>
  async () =>
    new Response(body, { status });

beforeEach(() => {
  stores.clear();
  network.mockReset().mockImplementation(away);
  vi.stubGlobal("fetch", network);
});

describe("from one build to the next", () => {
  test("each keeps its own files until the newer one takes over, which takes out the older's", async () => {
    const older = await start("one");
    await older.happen("install", {});
    // The newer one is fetched and waits; pages of the older one still get its files.
    const newer = await start("two");
    await newer.happen("install", {});
    expect([...stores.keys()]).toEqual(["app-one", "app-two"]);
    expect(await older.ask("/assets/app-one.js")).toContain("app-one.js");
    expect(await older.ask("/incidents/INC-1", "navigate")).toContain(`of ${HERE}/`);
    (await caches.open("read")).kept.set(`${HERE}/v1/overview`, new Response("{}"));
    await newer.happen("activate", {});
    expect([...stores.keys()]).toEqual(["app-two", "read"]);
  });
});

describe("what was read", () => {
  const read = async () => {
    const worker = await start("one");
    network.mockImplementation(says('{"person":"mara"}'));
    await worker.ask("/v1/me");
    network.mockImplementation(says('{"title":"Cards fail"}'));
    await worker.ask("/v1/incidents/INC-1");
    return worker;
  };

  test("is there without a network", async () => {
    const { ask } = await read();
    network.mockImplementation(away);
    expect(await ask("/v1/incidents/INC-1")).toContain("Cards fail");
  });

  test("goes with the first answer that says that its reader was signed out elsewhere", async () => {
    const { ask } = await read();
    network.mockImplementation(says("{}", 401));
    await ask("/v1/incidents/INC-1");
    network.mockImplementation(away);
    expect(await ask("/v1/incidents/INC-1")).toContain("no network");
    expect(await ask("/v1/me")).toContain("no network");
  });

  test("goes when somebody else or another right answers to the same browser", async () => {
    const { ask } = await read();
    network.mockImplementation(says('{"person":"vera"}'));
    await ask("/v1/me");
    network.mockImplementation(away);
    expect(await ask("/v1/incidents/INC-1")).toContain("no network");
    expect(await ask("/v1/me")).toContain("vera");
  });

  test("is also what came with a page that the server drew, which another reader's takes away", async () => {
    const { happen, ask } = await read();
    const came = (person: string, address: string, answer: string) =>
      happen("message", {
        data: [
          ["/v1/me", `{"person":"${person}"}`],
          [address, answer],
        ],
      });
    await came("mara", "/v1/incidents/INC-2/timeline?limit=500", '{"items":["Paged"]}');
    network.mockImplementation(away);
    expect(await ask("/v1/incidents/INC-2/timeline?limit=500")).toContain("Paged");
    expect(await ask("/v1/incidents/INC-1")).toContain("Cards fail");
    await came("vera", "/v1/incidents/INC-3", '{"title":"Invoices are late"}');
    expect(await ask("/v1/incidents/INC-3")).toContain("Invoices");
    expect(await ask("/v1/incidents/INC-1")).toContain("no network");
    expect(await ask("/v1/incidents/INC-2/timeline?limit=500")).toContain("no network");
  });

  test("is not shown while the server still says who reads now", async () => {
    const { ask } = await read();
    const { promise, resolve } = Promise.withResolvers<Response>();
    network.mockImplementation((asked) =>
      (asked as { url: string }).url.endsWith("/v1/me") ? promise : away(),
    );
    const [who, what] = [ask("/v1/me"), ask("/v1/incidents/INC-1")];
    resolve(new Response('{"person":"vera"}'));
    expect(await who).toContain("vera");
    expect(await what).toContain("no network");
  });
});

describe("a pushed page", () => {
  const pushed = {
    title: "[SEV1] INC-1 Cards fail",
    body: "checkout",
    tag: "INC-1",
    open: `${HERE}/a/1.x`,
    acknowledge: { label: "Acknowledge", url: `${HERE}/a/1.x` },
    severity: "SEV1",
    quiet: false,
  };
  const ring = async (data: unknown = pushed) => {
    const worker = await start("one");
    await worker.happen("push", { data: { json: () => data } });
    const click = (action: string) =>
      worker.happen("notificationclick", {
        action,
        notification: { data: worker.shown[0]?.options["data"], close: () => undefined },
      });
    return { ...worker, click };
  };

  test("is acknowledged by its link alone, and then says so", async () => {
    const { shown, click } = await ring();
    network.mockImplementation(says('{"done":true,"said":"You have it."}'));
    await click("acknowledge");
    expect(network).toHaveBeenCalledWith(
      `${HERE}/a/1.x`,
      expect.objectContaining({ method: "POST" }),
    );
    expect(shown.map(({ options }) => options["body"])).toEqual(["checkout", "You have it."]);
  });

  test("goes to the browser's new address when its push service gave it another one", async () => {
    const { happen, subscribed } = await start("one");
    network.mockImplementation(says('{"senderKey":"KEY"}'));
    const oldSubscription = { endpoint: "https://push.example/old", options: {} };
    await happen("pushsubscriptionchange", { oldSubscription, newSubscription: null });
    expect(subscribed).toEqual([{ userVisibleOnly: true, applicationServerKey: "KEY" }]);
    const [path, sent] = network.mock.calls.at(-1) as unknown as [string, RequestInit];
    expect([path, sent.method]).toEqual(["/v1/me/devices", "POST"]);
    expect(JSON.parse(String(sent.body))).toMatchObject({
      subscription: { endpoint: "https://push.example/new", keys: { p256dh: "P", auth: "A" } },
      instead: "https://push.example/old",
    });
    // Without a network nothing breaks; the page does it when it is opened.
    network.mockImplementation(away);
    await happen("pushsubscriptionchange", {});
  });

  test("that cannot be acknowledged says that the escalation goes on", async () => {
    const { shown, click } = await ring();
    await click("acknowledge");
    expect(shown[1]?.options["body"]).toContain("escalation continues");
  });

  test("opens its page, and no page of anybody else", async () => {
    const own = await ring();
    await own.click("");
    expect(own.opened).toEqual([`${HERE}/a/1.x`]);
    const foreign = await ring({
      ...pushed,
      open: "https://evil.example/",
      acknowledge: { label: "Acknowledge", url: "https://evil.example/" },
    });
    await foreign.click("");
    await foreign.click("acknowledge");
    expect(foreign.opened).toEqual([HERE]);
    expect(network).not.toHaveBeenCalled();
  });
});
