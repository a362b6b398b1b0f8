/**
 * Two real nodes over one PostgreSQL, with HTTP, engines and a real mail server: they share the work, and
 * nobody can tell from the outside that there are two.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Incident } from "../contract/incident.ts";
import type { Notification } from "../contract/page.ts";
import { type Node, startNode } from "../server/app/app.ts";
import { type Mailbox, startMailbox } from "../server/app/local/mailbox.ts";
import { nodeName } from "../server/app/peers.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { realChance } from "../server/base/chance.ts";
import { anchoredClock, type AnchoredClock } from "../server/base/clock.ts";
import { keyring } from "../server/base/crypto.ts";
import { openDb } from "../server/base/db.ts";
import { addMs, instant, MINUTE } from "../server/base/instant.ts";
import { silentLog } from "../server/base/log.ts";
import { realTransport } from "../server/base/realTransport.ts";
import { ADMIN, askOver } from "./node.ts";
import { until } from "./running.ts";
import { freshDatabase, type TestStore } from "./store.ts";

const SECOND_MS = 1_000;
const PATIENCE_MS = 20_000;

let store: TestStore;
let mailbox: Mailbox;
type RunningNode = Node & { end(): Promise<void> };
let nodes: RunningNode[] = [];
/** How far the nodes' clocks are ahead of the database's: escalation takes minutes. */
let aheadMs = 0;
let key: string;

/** A clock that tests move; a node's distance from the database is that of the clock below it. */
function movedClock(): AnchoredClock {
  const clock = anchoredClock();
  return { ...clock, now: () => addMs(clock.now(), aheadMs) };
}

async function start(): Promise<RunningNode> {
  const transport = realTransport({ smtpUrl: mailbox.url, guard: addressGuard([]) });
  const db = openDb({
    url: store.url,
    maxConnections: 10,
    name: nodeName(),
    onFault: () => undefined,
  });
  const node = await startNode(
    {
      clock: movedClock(),
      chance: realChance(),
      db,
      keys: keyring(Buffer.alloc(32, 3)),
      transport,
      log: silentLog,
      publicUrl: "http://tocsin.example",
      secret: () => null,
    },
    {
      databaseUrl: store.url,
      host: "127.0.0.1",
      port: 0,
      adminTokens: [ADMIN],
      trustProxy: false,
      mailServer: true,
    },
  );
  return {
    ...node,
    async end() {
      nodes = nodes.filter((other) => other.address !== node.address);
      await node.stop();
      transport.close();
      await db.destroy();
    },
  };
}

const must = async <T>(address: string, request: string, body?: unknown): Promise<T> => {
  const answer = await askOver<T>(address, request, body === undefined ? {} : { body });
  if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${answer.text}`);
  return answer.json;
};

const PEOPLE = ["ann", "bob", "cid"];

beforeAll(async () => {
  store = await freshDatabase();
  mailbox = await startMailbox({ keep: 1_000, now: () => instant(Date.now()) });
  nodes = [await start(), await start()];
  const { address } = nodes[0]!;
  const put = (path: string, body: object) =>
    must<{ key: string | null }>(address, `PUT /v1/config/${path}`, body);
  await put("channels/mail", { type: "email", from: "tocsin@acme.example" });
  for (const id of PEOPLE) {
    const contacts = [{ channel: "mail", address: `${id}@acme.example` }];
    const roles = [{ role: "responder" }];
    await put(`people/${id}`, { name: id, email: `${id}@acme.example`, roles, contacts });
  }
  await put("teams/shop", { name: "Shop", members: PEOPLE });
  await put("escalations/shop", {
    name: "Shop",
    steps: PEOPLE.map((person) => ({ notify: [{ person }], timeoutMinutes: 5 })),
  });
  for (const id of ["checkout", "search", "cart"]) {
    await put(`services/${id}`, { name: id, team: "shop", escalation: "shop" });
  }
  await put("rules/critical", { when: 'severity == "critical"', then: { declare: "SEV1" } });
  key = (await put("keys/shop", { service: "checkout", serviceLabel: "service" })).key ?? "";
});
afterAll(async () => {
  for (const node of nodes) await node.end();
  await mailbox?.stop();
  await store?.drop();
});

/** One critical alert of a service, by the API of Alertmanager. */
async function report(address: string, service: string, name: string): Promise<void> {
  const alert = {
    labels: { alertname: name, service, severity: "critical" },
    annotations: { summary: `${service} is down` },
    endsAt: new Date(Date.now() + 24 * 60 * MINUTE).toISOString(),
  };
  const answer = await askOver(address, "POST /api/v2/alerts", { token: key, body: [alert] });
  expect(answer.status).toBe(200);
}

const incidentsOf = async (service: string): Promise<readonly Incident[]> =>
  (await must<{ items: Incident[] }>(nodes[0]!.address, `GET /v1/incidents?service=${service}`))
    .items;

const pagesOf = async (incident: string): Promise<readonly Notification[]> =>
  (
    await must<{ items: Notification[] }>(
      nodes[0]!.address,
      `GET /v1/notifications?kind=page&incident=${incident}`,
    )
  ).items;

/** The people whose page of the incident was taken by the mail server, in the order of the pages. */
async function pagedFor(incident: string, count: number): Promise<readonly (string | null)[]> {
  const pages = await until(
    () => pagesOf(incident),
    (rows) => rows.filter((page) => page.state === "accepted").length >= count,
    PATIENCE_MS,
  );
  return pages.toReversed().map((page) => page.person);
}

/** Every page is one mail, and there is none besides. */
async function expectOneMailEach(incident: string): Promise<void> {
  for (const page of await pagesOf(incident)) {
    const mails = mailbox.mails().filter((mail) => mail.messageId.includes(page.id));
    expect(mails).toHaveLength(1);
    expect(page.mayRepeat).toBe(false);
  }
}

async function onlyIncident(service: string): Promise<string> {
  const incidents = await until(
    () => incidentsOf(service),
    (rows) => rows.length > 0,
    PATIENCE_MS,
  );
  expect(incidents).toHaveLength(1);
  return incidents[0]!.id;
}

test("one event is one incident and one page per person and step, whichever node comes first", async () => {
  await report(nodes[0]!.address, "checkout", "Down");
  const id = await onlyIncident("checkout");
  expect(await pagedFor(id, 1)).toEqual(["ann"]);
  aheadMs += 5 * MINUTE + SECOND_MS;
  expect(await pagedFor(id, 2)).toEqual(["ann", "bob"]);
  await expectOneMailEach(id);
  await must(nodes[1]!.address, `POST /v1/incidents/${id}/acknowledge`, {});
  aheadMs += 60 * MINUTE;
  // A second outage is paged by now: had a page of the first one been due, it would have come before.
  await report(nodes[1]!.address, "search", "Down");
  await pagedFor(await onlyIncident("search"), 1);
  expect((await pagesOf(id)).map((page) => page.person)).toEqual(["bob", "ann"]);
});

test("an outage that both nodes hear of at once is one incident with all alerts", async () => {
  const names = Array.from({ length: 20 }, (_, n) => `Alert${n}`);
  await Promise.all(names.map((name, n) => report(nodes[n % 2]!.address, "cart", name)));
  const id = await onlyIncident("cart");
  const alerts = await until(
    async () =>
      (await must<{ items: unknown[] }>(nodes[1]!.address, `GET /v1/alerts?incident=${id}`)).items,
    (rows) => rows.length === names.length,
    PATIENCE_MS,
  );
  expect(alerts).toHaveLength(20);
  expect(await incidentsOf("cart")).toHaveLength(1);
  expect(await pagedFor(id, 1)).toEqual(["ann"]);
  await expectOneMailEach(id);
});

test("who is here is seen through either node, and told by both", async () => {
  const [a, b] = [nodes[0]!.address, nodes[1]!.address];
  const body = { title: "Cart is slow", severity: "SEV4", regions: ["eu"] };
  const { id } = await must<{ id: string }>(a, "POST /v1/incidents", body);
  const made = { label: "ann", person: "ann" };
  const { token } = await must<{ token: string }>(a, "POST /v1/tokens", made);
  const hangingUp = new AbortController();
  const { body: events } = await fetch(`${b}/v1/events`, {
    signal: hangingUp.signal,
    headers: { authorization: `Bearer ${ADMIN}` },
  });
  let told = "";
  void events!
    .pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (part) => void (told += part) }))
    .catch(() => undefined);
  const path = `/v1/incidents/${id}/presence`;
  const stayed = { token, body: { tab: "tab-of-ann-at-the-first" } };
  expect((await askOver(a, `POST ${path}`, stayed)).status).toBe(200);
  const here = await must<{ people: { person: string }[] }>(b, `GET ${path}`);
  expect(here.people.map(({ person }) => person)).toEqual(["ann"]);
  const isTold = async (): Promise<boolean> => told.includes("event: present") && told.includes(id);
  await until(isTold, Boolean, PATIENCE_MS);
  await askOver(b, `DELETE ${path}/${stayed.body.tab}`, { token });
  expect(await must(a, `GET ${path}`)).toEqual({ people: [] });
  hangingUp.abort();
});

test("when one node stops in the middle of an escalation, the other one goes on", async () => {
  const [incident] = await incidentsOf("cart");
  const id = incident!.id;
  await nodes[0]!.end();
  aheadMs += 5 * MINUTE + SECOND_MS;
  expect(await pagedFor(id, 2)).toEqual(["ann", "bob"]);
  aheadMs += 5 * MINUTE + SECOND_MS;
  expect(await pagedFor(id, 3)).toEqual(["ann", "bob", "cid"]);
  await expectOneMailEach(id);
});
