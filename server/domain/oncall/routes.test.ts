import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OnCallExplanation, OverrideView } from "../../../contract/schedule.ts";
import { ON_CALL } from "../../../contract/texts.ts";
import { startTestNode, type TestNode } from "../../../test/node.ts";
import { seededChance } from "../../base/chance.ts";
import { keyring } from "../../base/crypto.ts";
import { all, one, sql, transact, type Tx } from "../../base/db.ts";
import { fromIso, type Instant, toIso } from "../../base/instant.ts";
import { silentLog } from "../../base/log.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import { snapshotReader } from "../config/store.ts";
import { addOverride, endOverride } from "./commands.ts";
import { listOverrides } from "./store.ts";

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
  for (const team of ["red", "blue"]) await node.configure("teams", team, { name: team });
  for (const [id, roles] of [
    ["ann", [{ role: "responder", team: "red" }]],
    ["ben", [{ role: "responder", team: "blue" }]],
    ["cleo", [{ role: "viewer" }]],
  ] as const) {
    await node.configure("people", id, { name: id, email: `${id}@acme.example`, roles });
  }
  const nights = { name: "nights", people: ["ann", "ben"], every: "week", startsOn: "2026-01-05" };
  const berlin = { timezone: "Europe/Berlin", layers: [nights] };
  await node.configure("schedules", "berlin", { name: "Berlin", team: "red", ...berlin });
  const days = {
    name: "days",
    people: ["cleo"],
    every: "day",
    startsOn: "2026-01-05",
    restrictions: [
      {
        days: ["mon", "tue", "wed", "thu", "fri"],
        from: "09:00",
        to: "17:00",
      },
    ],
  };
  const office = { name: "Office", team: "red", timezone: "UTC", layers: [days] };
  await node.configure("schedules", "office", office);
  const pairs = { ...nights, name: "pairs", people: ["ann", ["ben", "cleo"]] };
  await node.configure("schedules", "pair", { name: "Pair", timezone: "UTC", layers: [pairs] });
  const ancient = { ...nights, name: "ancient", startsOn: "0001-01-01" };
  const far = { ...nights, name: "far", startsOn: "9999-12-31" };
  await node.configure("schedules", "odd", {
    name: "Odd",
    timezone: "UTC",
    layers: [ancient, far],
  });
});
afterAll(() => node.stop());

const who = async (schedule: string, at: string): Promise<OnCallExplanation> =>
  (await node.ask<OnCallExplanation>(`GET /v1/schedules/${schedule}/who?at=${at}`)).json;

describe("who is on call", () => {
  test("comes with the end of the shift, the next person and a sentence for each layer", async () => {
    expect(await who("berlin", "2026-01-07T12:00:00Z")).toEqual({
      schedule: "berlin",
      at: "2026-01-07T12:00:00.000Z",
      person: "ann",
      others: [],
      shadows: [],
      until: "2026-01-12T08:00:00.000Z",
      next: { at: "2026-01-12T08:00:00.000Z", person: "ben", others: [] },
      reasons: [
        {
          kind: "layer holds",
          verdict: "wins",
          layer: "nights",
          zone: "Europe/Berlin",
          person: "ann",
          override: null,
          replaces: null,
          startsAt: "2026-01-05T08:00:00.000Z",
          endsAt: "2026-01-12T08:00:00.000Z",
          because: null,
          text:
            "Layer “nights”: ann has the shift from 2026-01-05 09:00 to 2026-01-12 09:00 " +
            "(Europe/Berlin). This is the answer.",
          sentences: [
            {
              template: ON_CALL["layer holds"],
              params: {
                layer: "nights",
                person: ["ann"],
                from: "2026-01-05 09:00",
                to: "2026-01-12 09:00",
                zone: "Europe/Berlin",
              },
            },
            { template: ON_CALL.wins, params: {} },
          ],
        },
      ],
    });
  });

  test("names everybody who comes next", async () => {
    expect((await who("pair", "2026-01-07T12:00:00Z")).next).toEqual({
      at: "2026-01-12T09:00:00.000Z",
      person: "ben",
      others: ["cleo"],
    });
  });

  test("tells what the clock change does to the shift", async () => {
    const { reasons } = await who("berlin", "2026-03-28T12:00:00Z");
    expect(reasons[0]?.text).toContain("At 2026-03-29 02:00 the clocks jump to 03:00.");
  });

  test("says why nobody is, and until when", async () => {
    const answer = await who("office", "2026-01-10T12:00:00Z");
    expect([answer.person, answer.until]).toEqual([null, "2026-01-12T09:00:00.000Z"]);
    expect(answer.reasons[0]?.text).toBe(
      "Layer “days” has nobody: outside its hours until 2026-01-12 09:00 (UTC).",
    );
    const before = await who("office", "2025-06-01T00:00:00Z");
    expect(before.reasons[0]).toMatchObject({ because: "not started", person: null });
  });

  test("is listed for every schedule", async () => {
    const { json } = await node.ask<{ items: { id: string; onCall: string | null }[] }>(
      "GET /v1/schedules",
    );
    expect(json.items.map(({ id }) => id)).toEqual(["berlin", "odd", "office", "pair"]);
    expect(["ann", "ben"]).toContain(json.items[0]?.onCall);
    const first = await node.ask<{ items: unknown[]; next: string }>("GET /v1/schedules?limit=1");
    expect(first.json.next).toBe("berlin");
    const rest = await node.ask<{ items: { id: string }[] }>("GET /v1/schedules?cursor=berlin");
    expect(rest.json.items.map(({ id }) => id)).toEqual(["odd", "office", "pair"]);
  });

  test("is refused for an unknown schedule and for instants that no plan reaches", async () => {
    const unknown = await node.ask("GET /v1/schedules/none/who");
    expect([unknown.status, unknown.code]).toEqual([404, "oncall.unknown_schedule"]);
    for (const at of ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "yesterday", "2026-01-01"]) {
      const answer = await node.ask(`GET /v1/schedules/odd/who?at=${at}`);
      expect([answer.status, answer.code]).toEqual([400, "request.invalid"]);
    }
    expect((await who("odd", "2199-12-31T00:00:00Z")).person).toMatch(/ann|ben/);
  });
});

test("a schedule that is put or removed with a question that is not known stays as it is", async () => {
  const path = "/v1/config/schedules/odd?dryRun=true";
  for (const answer of [
    await node.ask(`PUT ${path}`, { body: { name: "Odder" } }),
    await node.ask(`DELETE ${path}`),
  ]) {
    expect([answer.status, answer.code]).toEqual([400, "request.invalid"]);
    expect(answer.text).toContain("query.dryRun: unknown key");
  }
  expect((await node.ask("GET /v1/config/schedules/odd")).text).toContain("Odd");
});

test("what is offered of a schedule that is gone is offered no more", async () => {
  const weekly = { name: "weekly", people: ["ann"], every: "week", startsOn: "2026-01-05" };
  const body = { name: "Passing", timezone: "UTC", layers: [weekly] };
  await node.configure("schedules", "passing", body);
  const offer = await node.ask("POST /v1/schedules/passing/swaps", { body: { from: "ann" } });
  expect(offer.status, offer.text).toBe(201);
  const listed = async (query = "") =>
    (await node.ask<{ items: unknown[] }>(`GET /v1/swaps${query}`)).json.items.length;
  expect(await listed()).toBe(1);
  expect((await node.ask("DELETE /v1/config/schedules/passing")).status).toBe(200);
  expect([await listed(), await listed("?all=true")]).toEqual([0, 1]);
});

describe("shifts", () => {
  type Shifts = { items: { startsAt: string; endsAt: string; person: string | null }[] };
  const shifts = (span: string) => node.ask<Shifts>(`GET /v1/schedules/office/shifts?${span}`);

  test("cover the span without a hole, gaps included", async () => {
    const { json } = await shifts("from=2026-01-09T12:00:00Z&to=2026-01-12T12:00:00Z");
    expect(json.items.map(({ startsAt, person }) => [startsAt.slice(5, 16), person])).toEqual([
      ["01-09T12:00", "cleo"],
      ["01-09T17:00", null],
      ["01-12T09:00", "cleo"],
    ]);
    expect(json.items.at(-1)?.endsAt).toBe("2026-01-12T12:00:00.000Z");
  });

  test("are two weeks from now unless asked otherwise", async () => {
    const { json } = await shifts("");
    const [from, to] = [json.items[0]?.startsAt ?? "", json.items.at(-1)?.endsAt ?? ""];
    expect(Date.parse(to) - Date.parse(from)).toBe(14 * 86_400_000);
  });

  for (const span of [
    "from=2026-01-01T00:00:00Z&to=2027-02-06T00:00:00Z",
    "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
  ]) {
    test(`are refused for ${span}`, async () => {
      const answer = await shifts(span);
      expect([answer.status, answer.code]).toEqual([400, "request.invalid"]);
      expect(answer.json).toMatchObject({ params: { field: "query.to" } });
    });
  }
});

describe("overrides over HTTP", () => {
  const span = { startsAt: "2098-01-06T00:00:00Z", endsAt: "2098-01-08T00:00:00Z" };
  const add = (schedule: string, body: object, token?: string) =>
    node.ask<OverrideView>(`POST /v1/schedules/${schedule}/overrides`, {
      body: { person: "cleo", ...span, ...body },
      ...(token !== undefined && { token }),
    });

  test("take the schedule, are listed, explained, and taken back", async () => {
    const { status, json } = await add("berlin", { reason: "Ann is away" });
    expect(status).toBe(201);
    expect(json).toMatchObject({ schedule: "berlin", person: "cleo", replaces: null });
    const during = await who("berlin", "2098-01-07T00:00:00Z");
    expect(during.person).toBe("cleo");
    expect(during.reasons.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ["override", "wins"],
      ["layer holds", "covered"],
    ]);
    expect(during.reasons[0]?.text).toBe(
      "Override: cleo takes the whole schedule from 2098-01-06 01:00 to 2098-01-08 01:00 (Europe/Berlin). This is the answer.",
    );
    const list = await node.ask<{ items: { id: string }[] }>("GET /v1/schedules/berlin/overrides");
    expect(list.json.items.map(({ id }) => id)).toEqual([json.id]);
    expect((await node.ask(`DELETE /v1/overrides/${json.id}`)).status).toBe(200);
    expect((await who("berlin", "2098-01-07T00:00:00Z")).person).not.toBe("cleo");
    const again = await node.ask(`DELETE /v1/overrides/${json.id}`);
    expect([again.status, again.code]).toEqual([404, "oncall.override_unknown"]);
  });

  for (const [what, body, code] of [
    ["an unknown person", { person: "nobody" }, "incident.unknown_person"],
    ["an unknown person to replace", { replaces: "nobody" }, "incident.unknown_person"],
    ["whoever would replace themselves", { replaces: "cleo" }, "swap.with_oneself"],
    ["an end before the start", { endsAt: "2098-01-05T00:00:00Z" }, "oncall.override_empty"],
    [
      "a span in the past",
      { startsAt: "2020-01-01T00:00:00Z", endsAt: "2020-01-02T00:00:00Z" },
      "oncall.override_past",
    ],
  ] as const) {
    test(`are refused for ${what}`, async () => {
      const answer = await add("berlin", body);
      expect([answer.status, answer.code]).toEqual([400, code]);
    });
  }

  test("need the right in the schedule's own team", async () => {
    const [ann, ben, cleo] = [
      await node.tokenOf("ann"),
      await node.tokenOf("ben"),
      await node.tokenOf("cleo"),
    ];
    for (const token of [ben, cleo])
      expect((await add("berlin", {}, token)).code).toBe("access.forbidden");
    const { json } = await add("berlin", {}, ann);
    const request = `DELETE /v1/overrides/${json.id}`;
    expect((await node.ask(request, { token: ben })).code).toBe("access.forbidden");
    expect((await node.ask(request, { token: ann })).status).toBe(200);
    expect((await add("odd", {}, ann)).code).toBe("access.forbidden");
  });
});

describe("the past is not rewritten", () => {
  const actor: Actor = {
    kind: "person",
    personId: "ann",
    ref: "r-ann",
    grants: [{ role: "admin" }],
  };
  const chance = seededChance("overrides");
  const at = (text: string): Instant => fromIso(`2026-06-01T${text}:00Z`)!;
  const wanted = { scheduleId: "office", personId: "cleo", replaces: null, reason: null };
  const config = snapshotReader();

  async function acting<T>(
    now: Instant,
    work: (command: Parameters<typeof endOverride>[0]) => Promise<T>,
  ): Promise<T> {
    const world: World = {
      chance,
      db: node.store.db,
      keys: keyring(Buffer.alloc(32)),
      log: silentLog,
      clock: {} as never,
      transport: {} as never,
      publicUrl: "",
      secret: () => null,
      nudge: () => undefined,
    };
    return transact(node.store.db, async (tx: Tx) =>
      work({ tx, world, config: await config(tx), actor, now }),
    );
  }
  const spans = async () =>
    (await listOverrides(node.store.db, ["office"], at("00:00"), at("23:00"))).map((row) => [
      toIso(row.startsAt).slice(11, 16),
      toIso(row.endsAt).slice(11, 16),
    ]);

  test("an override counts from now on; ended halfway, its first half stays", async () => {
    const override = { ...wanted, startsAt: at("08:00"), endsAt: at("18:00") };
    const row = await acting(at("10:00"), (command) => addOverride(command, override));
    expect(await spans()).toEqual([["10:00", "18:00"]]);
    await acting(at("12:00"), (command) => endOverride(command, row.id));
    expect(await spans()).toEqual([["10:00", "12:00"]]);
    await expect(acting(at("12:00"), (command) => endOverride(command, row.id))).rejects.toThrow(
      /is over since 2026-06-01T12:00:00.000Z/,
    );
  });

  test("one that never began leaves no trace but in the ledger", async () => {
    const before = await spans();
    const override = { ...wanted, startsAt: at("14:00"), endsAt: at("18:00") };
    const row = await acting(at("13:00"), (command) => addOverride(command, override));
    await acting(at("14:00"), (command) => endOverride(command, row.id));
    expect(await spans()).toEqual(before);
    const entries = await all(
      node.store.db,
      sql<{ action: string; actorRef: string }>`select action, actor_ref from ledger_pending
        where object_ref = ${`override:${row.id}`} order by id limit 10`,
    );
    expect(entries).toEqual([
      { action: "override added", actorRef: "person:r-ann" },
      { action: "override removed", actorRef: "person:r-ann" },
    ]);
    const { n } = await one(
      node.store.db,
      sql<{ n: number }>`select count(*) as n from ledger_pending
        where object_ref like '%cleo%' or actor_ref like '%ann@%'`,
    );
    expect(n).toBe(0);
  });
});
