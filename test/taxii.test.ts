/**
 * A TAXII 2.1 server of our own, as faithful as the client can notice (media type, authentication,
 * filters, pages by `next`, `added_after`, the header with the last instant), polled by a real node.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addressGuard } from "../server/base/addresses.ts";
import { all, run, sql } from "../server/base/db.ts";
import { HOUR, MINUTE } from "../server/base/instant.ts";
import { realTransport } from "../server/base/realTransport.ts";
import { snapshotReader } from "../server/domain/config/store.ts";
import { taxii } from "../server/edge/inbound/intelligence/taxii.ts";
import { feedsStep, type FeedsStep } from "../server/engine/feeds.ts";
import { bareWorld, both, configure, db, forget, forward, useTwoNodes } from "./twoNodes.ts";

useTwoNodes();

const MEDIA_TYPE = "application/taxii+json;version=2.1";
type Stored = { readonly addedAt: string; readonly object: Record<string, unknown> };

let server: Server;
let collection: string;
const stored: Stored[] = [];
const asked: URL[] = [];
let broken = false;
/** Servers need not give places: the standard then goes on by when the last one was added. */
let placeless = false;

const indicator = (n: number, addedAt: string): Stored => ({
  addedAt,
  object: {
    type: "indicator",
    spec_version: "2.1",
    id: `indicator--00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    created: addedAt,
    modified: addedAt,
    pattern: `[ipv4-addr:value = '203.0.113.${n}']`,
    pattern_type: "stix",
    valid_from: addedAt,
  },
});

const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", collection);
    asked.push(url);
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { "content-type": MEDIA_TYPE, ...headers });
      response.end(JSON.stringify(body));
    };
    const expected = `Basic ${Buffer.from("acme:a-password").toString("base64")}`;
    if (request.headers.authorization !== expected) return answer(401, { title: "Who are you?" });
    if (request.headers.accept !== MEDIA_TYPE) return answer(406, { title: "Which version?" });
    if (broken) return answer(503, { title: "Closed for today" });
    if (!url.pathname.endsWith("/collections/c1/objects/")) return answer(404, { title: "No" });
    const type = url.searchParams.get("match[type]");
    const after = url.searchParams.get("added_after");
    const from = Number(url.searchParams.get("next") ?? 0);
    // This server gives two at a time, however many are asked for.
    const most = Math.min(2, Number(url.searchParams.get("limit")));
    const all = stored.filter(
      ({ object, addedAt }) =>
        (type === null || object["type"] === type) && (after === null || addedAt > after),
    );
    const page = all.slice(from, from + most);
    if (page.length === 0) return answer(200, {});
    const more = all.length > from + most;
    answer(
      200,
      {
        more,
        ...(more && !placeless && { next: String(from + most) }),
        objects: page.map(({ object }) => object),
      },
      {
        "x-taxii-date-added-first": page[0]!.addedAt,
        "x-taxii-date-added-last": page.at(-1)!.addedAt,
      },
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  collection = `http://127.0.0.1:${port}/api/collections/c1/`;
});
afterAll(async () => {
  transport.close();
  await new Promise((closed) => server.close(closed));
});

let steps: readonly FeedsStep[];
beforeEach(async () => {
  stored.length = 0;
  asked.length = 0;
  broken = false;
  placeless = false;
  await run(db(), sql`truncate feed_poll, indicator cascade`);
  await configure("intelligence", "cert", {
    taxii: collection,
    username: "acme",
    password: "env:CERT_PASSWORD",
    everyMinutes: 60,
  });
  steps = [1, 2].map(() => {
    const secret = (name: string) => (name === "env:CERT_PASSWORD" ? "a-password" : null);
    return feedsStep(
      { world: { ...bareWorld(), transport, secret }, config: snapshotReader() },
      taxii,
    );
  });
});

/** Both nodes at once, until neither finds anything to do. */
async function stepFeeds(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const done = await Promise.all(steps.map((step) => step.run(both.now)));
    await Promise.all(steps.map((step) => step.drain()));
    if (done.every(({ done: count }) => count === 0)) return;
  }
  throw new Error("the nodes find no rest");
}

const known = async (): Promise<readonly string[]> =>
  (
    await all(
      db(),
      sql<{
        value: string;
      }>`select value from indicator where source = 'TAXII cert' order by value limit 100`,
    )
  ).map(({ value }) => value);

const polls = () =>
  all(
    db(),
    sql<{
      failures: number;
      failure: string | null;
      dueAt: number;
    }>`select failures, failure, due_at
      from feed_poll order by feed_id limit 10`,
  );

test("all pages are read, by one of the nodes, and nothing that is no indicator", async () => {
  stored.push(indicator(1, "2026-11-20T00:00:01Z"), indicator(2, "2026-11-20T00:00:02Z"));
  stored.push({ addedAt: "2026-11-20T00:00:03Z", object: { type: "malware", id: "malware--1" } });
  stored.push(indicator(3, "2026-11-20T00:00:04Z"));
  await stepFeeds();
  expect(await known()).toEqual(["203.0.113.1", "203.0.113.2", "203.0.113.3"]);
  expect(asked.map(({ searchParams }) => searchParams.get("next"))).toEqual([null, "2"]);
  forward(59 * MINUTE);
  await stepFeeds();
  expect(asked).toHaveLength(2);
});

test("the next time only what was added since is asked for", async () => {
  stored.push(indicator(1, "2026-11-20T00:00:01Z"));
  await stepFeeds();
  stored.push(indicator(4, "2026-11-21T08:00:00Z"));
  forward(HOUR);
  await stepFeeds();
  expect(asked.at(-1)?.searchParams.get("added_after")).toBe("2026-11-20T00:00:01Z");
  expect(await known()).toEqual(["203.0.113.1", "203.0.113.4"]);
  // A reading that brings nothing keeps its place.
  forward(HOUR);
  await stepFeeds();
  forward(HOUR);
  await stepFeeds();
  expect(asked.at(-1)?.searchParams.get("added_after")).toBe("2026-11-21T08:00:00Z");
});

test("a server without places is read on by when the last object was added, at once", async () => {
  placeless = true;
  for (const n of [1, 2, 3, 4, 5]) stored.push(indicator(n, `2026-11-20T00:00:0${n}Z`));
  await stepFeeds();
  expect(await known()).toHaveLength(5);
  expect(asked.map(({ searchParams }) => searchParams.get("added_after"))).toEqual([
    null,
    "2026-11-20T00:00:02Z",
    "2026-11-20T00:00:04Z",
  ]);
});

test("a server that fails is told, and asked again for less, after ever longer times", async () => {
  broken = true;
  await stepFeeds();
  expect(await polls()).toMatchObject([
    { failures: 1, failure: "the server answered 503: Closed for today" },
  ]);
  forward(MINUTE);
  await stepFeeds();
  expect(asked.map(({ searchParams }) => searchParams.get("limit"))).toEqual(["100", "50"]);
  broken = false;
  stored.push(indicator(5, "2026-11-21T08:00:00Z"));
  forward(MINUTE);
  await stepFeeds();
  expect(asked).toHaveLength(2);
  forward(MINUTE);
  await stepFeeds();
  expect(await known()).toEqual(["203.0.113.5"]);
  expect(await polls()).toMatchObject([{ failures: 0, failure: null }]);
});

test("a source that is taken out of the configuration is asked no more", async () => {
  await stepFeeds();
  await forget("intelligence", "cert");
  forward(HOUR);
  await stepFeeds();
  expect([asked.length, await polls()]).toEqual([1, []]);
});
