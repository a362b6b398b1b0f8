/** Tocsin rings about itself: failed requests of its own become an alert on the service “tocsin”. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alert } from "../contract/alert.ts";
import { errorRate, watchOwnErrors } from "../server/app/selfWatch.ts";
import { wire } from "../server/app/wiring.ts";
import { realChance } from "../server/base/chance.ts";
import { keyring } from "../server/base/crypto.ts";
import { addMs, instant, MINUTE, SECOND } from "../server/base/instant.ts";
import { silentLog } from "../server/base/log.ts";
import { pooledSession } from "../server/base/session.ts";
import type { World } from "../server/base/world.ts";
import { changesOver } from "../server/domain/alert/changes.ts";
import { eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
  await node.configure("people", "ada", { name: "Ada", email: "ada@example.test" });
  await node.configure("teams", "core", { name: "Core", members: ["ada"], manager: "ada" });
  await node.configure("services", "tocsin", { name: "Tocsin", team: "core", tier: 2 });
});
afterAll(() => node.stop());

test.each([
  ["a share of the requests in between", { answered: 200, failed: 7 }, 7],
  ["nothing of a handful of requests", { answered: 119, failed: 19 }, 0],
  ["nothing where all is well", { answered: 5_000, failed: 0 }, 0],
])("the error rate is %s", (_, after, rate) => {
  expect(errorRate({ answered: 100, failed: 0 }, after)).toBe(rate);
});

test("more than 5 % of failed requests for a minute are a SEV2 on its own service", async () => {
  const from = instant(Date.now());
  // Three minutes of samples within a moment: the clock of the watcher is the test's.
  let asked = 0;
  const totals = () => ({ answered: asked * 100, failed: asked * 7 });
  const world: World = {
    clock: {
      now: () => addMs(from, -3 * MINUTE + 15 * SECOND * asked),
      sleep: async () => undefined,
    },
    chance: realChance(),
    db: node.store.db,
    keys: keyring(Buffer.alloc(32, 5)),
    transport: { send: async () => ({ kind: "mail", code: 250, text: "ok" }) as const },
    log: silentLog,
    publicUrl: "http://tocsin.example",
    secret: () => null,
    nudge: () => undefined,
  };
  const { config } = wire(world, {
    watch: { sent: () => undefined },
    readChanges: changesOver(pooledSession(node.store.db)),
  });
  const watching = watchOwnErrors(world, config, () => (asked++, totals()), 5);
  await eventually(async () => (asked > 12 ? true : null));
  await watching.stop();
  const alert = await eventually(async () => {
    const { json } = await node.ask<{ items: Alert[] }>("GET /v1/alerts?service=tocsin");
    return json.items[0] ?? null;
  });
  expect(alert).toMatchObject({ service: "tocsin", status: "firing" });
  const incident = await eventually(async () => {
    const { json } = await node.ask<{ items: { severity: string; service: string }[] }>(
      "GET /v1/incidents",
    );
    return json.items[0] ?? null;
  });
  expect(incident).toMatchObject({ severity: "SEV2", service: "tocsin" });
});
