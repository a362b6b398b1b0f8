/** Tables over HTTP: asked once, believed for a while, and never in the way of an alert. */
import { expect, test } from "vitest";
import { Table } from "../../contract/calm.ts";
import { addMs, instant, MINUTE, SECOND } from "../base/instant.ts";
import { silentLog } from "../base/log.ts";
import type { HttpOutbound, Reply } from "../base/transport.ts";
import type { World } from "../base/world.ts";
import { type AnyEntry, snapshot } from "../domain/config/config.ts";
import { enrich } from "../domain/signal/tables.ts";
import { openLookups } from "./lookups.ts";

const TABLE = {
  match: ["host"],
  url: "https://inventory.example/hosts/{host}",
  take: { owner: "owner.team", rack: "racks.0" },
  token: "env:INVENTORY",
};

const configOf = (table: object = TABLE) =>
  snapshot(1, [
    {
      kind: "tables",
      id: "inventory",
      body: Table.parse(table),
      owner: "file",
      source: null,
      ref: "",
    } as unknown as AnyEntry,
  ]);

const json = (status: number, body: unknown): Reply => ({
  kind: "http",
  status,
  headers: {},
  body: JSON.stringify(body),
});
const FOUND = json(200, { owner: { team: "storage" }, racks: ["r7"], password: "x" });
const AWAY: Reply = { kind: "error", reached: "maybe", because: "no reply in time" };

function house(...replies: Reply[]) {
  let now = instant(Date.UTC(2026, 10, 26, 9));
  const asked: HttpOutbound[] = [];
  const lookups = openLookups({
    clock: { now: () => now, sleep: () => Promise.reject(new Error("nobody sleeps")) },
    transport: {
      async send(outbound: HttpOutbound) {
        asked.push(outbound);
        return replies.length > 1 ? replies.shift()! : replies[0]!;
      },
    },
    secret: (name: string) => `secret of ${name}`,
    log: silentLog,
  } as unknown as World);
  const config = configOf();
  return {
    asked,
    later: (ms: number) => (now = addMs(now, ms)),
    prepare: (...hosts: string[]) =>
      lookups.prepare(
        config,
        hosts.map((host) => ({ host })),
      ),
    labelsOf: (host: string) => enrich(config, { host }, lookups.known).labels,
  };
}

test("an answer becomes labels, is asked for once, and is believed for ten minutes", async () => {
  const { asked, prepare, labelsOf, later } = house(FOUND);
  expect(await prepare("db 1/2", "db 1/2")).toEqual([]);
  expect(labelsOf("db 1/2")).toEqual({ host: "db 1/2", owner: "storage", rack: "r7" });
  expect(asked).toMatchObject([
    {
      method: "GET",
      url: "https://inventory.example/hosts/db%201%2F2",
      headers: { authorization: "Bearer secret of env:INVENTORY" },
      timeoutMs: SECOND,
    },
  ]);
  later(9 * MINUTE);
  await prepare("db 1/2");
  expect(asked).toHaveLength(1);
  later(2 * MINUTE);
  await prepare("db 1/2");
  expect(asked).toHaveLength(2);
});

test("what is not there is believed for a minute", async () => {
  const { asked, prepare, labelsOf, later } = house(json(404, {}), FOUND);
  expect(await prepare("new")).toEqual([]);
  expect(labelsOf("new")).toEqual({ host: "new" });
  await prepare("new");
  expect(asked).toHaveLength(1);
  later(61 * SECOND);
  await prepare("new");
  expect(labelsOf("new")).toMatchObject({ owner: "storage" });
});

test("a server that fails is told of, left alone for a while, and holds no alert up", async () => {
  const { asked, prepare, labelsOf, later } = house(AWAY, FOUND);
  expect(await prepare("a")).toEqual([{ table: "inventory", because: "no reply in time" }]);
  expect(labelsOf("a")).toEqual({ host: "a" });
  expect(await prepare("b")).toEqual([
    { table: "inventory", because: "left alone since it failed: no reply in time" },
  ]);
  expect(asked).toHaveLength(1);
  later(31 * SECOND);
  expect(await prepare("b")).toEqual([]);
  expect(labelsOf("b")).toMatchObject({ rack: "r7" });
});

test("more questions than may be under way go unasked", async () => {
  const { asked, prepare } = house(FOUND);
  const hosts = Array.from({ length: 40 }, (_, n) => `h${n}`);
  expect(await prepare(...hosts)).toEqual([
    { table: "inventory", because: "too many questions are under way" },
  ]);
  expect(asked).toHaveLength(16);
});

test("no label climbs out of the path, and the tool's own labels stay", async () => {
  const { asked, prepare } = house(FOUND);
  await prepare("..", ".");
  expect(asked).toEqual([]);
});

test.each([
  [{ ...TABLE, url: "https://{host}.example/x" }, "url"],
  [{ ...TABLE, url: "https://u:p@inventory.example/{host}" }, "url"],
  [{ ...TABLE, url: "https://inventory.example/{rack}" }, "url"],
  [{ ...TABLE, take: {} }, "take"],
  [{ ...TABLE, columns: ["host", "owner"], rows: [] }, "url"],
  [{ match: ["host"], take: { a: "b" }, columns: ["host", "a"] }, "take"],
])("a table %o is refused at %s", (table, field) => {
  const problems = Table.safeParse(table).error?.issues ?? [];
  expect(problems.map(({ path }) => path[0])).toContain(field);
});
