/** Search through HTTP: what is found, by whom, and how fast among very many alerts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, sql } from "../server/base/db.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { isLong } from "./long.ts";
import { publishOutage } from "./runbookStage.ts";

type Answer = {
  readonly items: readonly { kind: string; id: string; title: string; excerpt: string | null }[];
  readonly more: readonly string[];
  readonly alertsBackTo: string | null;
};

let stage: Stage;
let incident: string;
const ask = async (query: string): Promise<Answer> => {
  const { status, json, text } = await stage.node.ask<Answer>(`GET /v1/search?${query}`);
  expect(status, text).toBe(200);
  return json;
};
const found = async (words: string, kind: string): Promise<readonly string[]> =>
  (await ask(`q=${encodeURIComponent(words)}&kind=${kind}`)).items.map(({ id }) => id);

beforeAll(async () => {
  stage = await openStage();
  await publishOutage(stage.node);
  incident = await stage.ring("checkout", "Card payments fail at checkout");
  await stage.act("mara", incident, "note", { text: "Handshakes of 3-D Secure time out in eu-1." });
});
afterAll(() => stage.node.stop());

test("an incident by its number, its title, and what somebody wrote", async () => {
  expect(await found(incident, "incident")).toEqual([incident]);
  expect(await found("payments card", "incident")).toEqual([incident]);
  const { items } = await ask("q=handshakes%20secure%20eu-1");
  expect(items[0]).toMatchObject({ kind: "incident", id: incident });
  expect(items[0]?.excerpt).toContain("Handshakes of 3-D Secure");
  expect(await found("handshakes nowhere", "incident")).toEqual([]);
});

test("alerts by their title and service, runbooks by their document, people and services by name", async () => {
  expect(await found("card fail", "alert")).toHaveLength(1);
  const { items } = await ask("q=checkout-3ds-v2&kind=runbook");
  expect(items[0]).toMatchObject({ id: "checkout-outage" });
  expect(items[0]?.excerpt).toContain("turn the flag checkout-3ds-v2 off");
  expect(await found("priya", "person")).toEqual(["priya"]);
  expect(await found("check", "service")).toEqual(["checkout"]);
  expect(await found("customer", "schedule")).toEqual(["customer-lead"]);
  expect(await found("chekout", "service")).toEqual(["checkout"]);
});

test("what is typed is only ever words; nothing and signs find nothing", async () => {
  for (const words of ["' or 1=1 --", "%", "\\", "a:*|b", "!!", "((("])
    expect((await ask(`q=${encodeURIComponent(words)}`)).items.length).toBeLessThan(30);
  expect((await ask("q=%25%25")).items).toEqual([]);
  const { status, json } = await stage.node.ask<{ detail: string }>("GET /v1/search?q=");
  expect(status).toBe(400);
  expect(json.detail).toContain("q");
});

test("open alerts are counted by service, rule and incident, and a group leads to its own", async () => {
  const groups = async (by: string, limit = 500) => {
    type Groups = { items: readonly { key: string | null; alerts: number }[]; next: string | null };
    const keys: string[] = [];
    let cursor = "";
    do {
      const asked = `GET /v1/alerts/groups?by=${by}&limit=${limit}${cursor}`;
      const { status, json, text } = await stage.node.ask<Groups>(asked);
      expect(status, text).toBe(200);
      keys.push(...json.items.map(({ key, alerts }) => `${key} ${alerts}`));
      cursor = json.next === null ? "" : `&cursor=${json.next}`;
    } while (cursor !== "");
    return keys;
  };
  const second = await stage.ring("billing", "Invoices wait");
  const event = { routing_key: stage.keyOf("search"), event_action: "trigger", dedup_key: "alone" };
  for (let turn = 0; turn < 3; turn++) {
    const payload = { summary: `Slow ${turn}`, source: "probe", severity: "warning" };
    const body = { ...event, payload };
    expect((await stage.node.ask("POST /v2/enqueue", { token: null, body })).status).toBe(202);
  }
  const byIncident = ["null 1", `${second} 1`, `${incident} 1`];
  expect(await groups("incident")).toEqual(byIncident);
  expect(await groups("incident", 1)).toEqual(byIncident);
  expect(await groups("rule")).toEqual(["null 1", "critical-on-billing 1", "critical 1"]);
  expect(await groups("service")).toEqual(["search 1", "billing 1", "checkout 1"]);
  type Alerts = { items: readonly { id: string; title: string }[] };
  for (const [narrowed, title] of [
    ["rule=critical-on-billing", "Invoices wait"],
    ["rule=-", "Slow 2"],
    ["incident=-", "Slow 2"],
  ]) {
    const { json } = await stage.node.ask<Alerts>(`GET /v1/alerts?${narrowed}`);
    expect(json.items.map((each) => each.title)).toEqual([title]);
  }
  const { json } = await stage.node.ask<Alerts>("GET /v1/alerts?rule=-");
  const list = `GET /v1/alerts/${json.items[0]?.id}/signals?limit=2`;
  const first = await stage.node.ask<Alerts & { next: string }>(list);
  const rest = await stage.node.ask<Alerts & { next: null }>(`${list}&cursor=${first.json.next}`);
  const ids = [...first.json.items, ...rest.json.items].map(({ id }) => id);
  expect([new Set(ids).size, rest.json.next]).toEqual([3, null]);
});

test("among very many alerts it stays fast", async () => {
  const count = isLong ? 100_000 : 20_000;
  await run(
    stage.node.store.db,
    sql`insert into alert_open (id, key_id, dedup_key, service_id, title, severity, source, labels, details,
        adapter, started_at, first_received_at, last_received_at, count, batch_id, outcome, because, status)
      select gen_random_uuid(), 'search', 'many-' || n, 'search', 'Disk of node ' || n || ' fills', 'warning', 'probe',
        '{}', null, 'events', n, n, n, 1, gen_random_uuid(), 'open', 'no rule', 'firing'
      from generate_series(1, ${count}) n`,
  );
  const before = performance.now();
  expect(await found(`node 17`, "alert")).toHaveLength(8);
  expect(await found(`nowheretobefound`, "alert")).toEqual([]);
  expect(await found(`many-${count - 1}`, "alert")).toHaveLength(1);
  const each = (performance.now() - before) / 3;
  process.stdout.write(`search among ${count} alerts: ${each.toFixed(0)} ms each\n`);
  expect(each).toBeLessThan(1_000);
  const began = performance.now();
  const { json } = await stage.node.ask<{ items: readonly { alerts: number }[] }>(
    "GET /v1/alerts/groups?by=service&severity=warning",
  );
  expect(json.items[0]?.alerts).toBeGreaterThanOrEqual(count);
  const countedMs = performance.now() - began;
  process.stdout.write(`${count} alerts counted by service in ${countedMs.toFixed(0)} ms\n`);
  expect(countedMs).toBeLessThan(1_000);
});
