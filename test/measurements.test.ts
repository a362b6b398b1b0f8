/** Numbers over time, from the route to the incident, with two nodes over one store. */
import { describe, expect, test } from "vitest";
import { measurementRoutes } from "../server/app/measurements.ts";
import { all, isStoreAway, openDb, sql } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import { addMs, HOUR, SECOND, toIso } from "../server/base/instant.ts";
import { ENGINE } from "../server/domain/account/account.ts";
import { snapshotReader } from "../server/domain/config/store.ts";
import { tick } from "../server/engine/engine.ts";
import {
  bareWorld,
  both,
  closedAlerts,
  configure,
  count,
  db,
  forget,
  forward,
  incidents,
  measure,
  node,
  openAlerts,
  SECRET,
  start,
  states,
  stepBoth,
  useTwoNodes,
} from "./twoNodes.ts";

useTwoNodes();

describe("the default policy over pushed numbers, on two nodes", () => {
  test("above 10 % for more than 5 minutes declares one SEV1, once", async () => {
    await measure(12, 5);
    expect(await incidents()).toEqual([]);
    await measure(12, 10);
    expect(await openAlerts()).toEqual([
      {
        title: "error_rate > 10 % for more than 5 min",
        severity: "critical",
        count: 1,
        because: `condition holds since ${toIso(start)}`,
        status: "firing",
      },
    ]);
    expect(await incidents()).toEqual([
      {
        severity: "SEV1",
        title: "error_rate > 10 % for more than 5 min",
        serviceId: "checkout",
        ruleId: "default-error-rate-high",
      },
    ]);
    expect(await count("every_signal")).toBe(1);
  });

  test("it rings on time although the next number has not come yet", async () => {
    await measure(12, 5);
    await both.nodes[0]?.post({ measure: "error_rate", value: 12 });
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    const { nextAt } = await tick(bareWorld(), [both.nodes[0]!.conditions], both.now);
    expect(nextAt).toBe(addMs(both.now, 1));
    forward(1);
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
  });

  test("7 % for more than 15 minutes declares a SEV2", async () => {
    await measure(7, 15);
    expect(await incidents()).toEqual([]);
    await measure(7, 3);
    expect(await incidents()).toMatchObject([
      { severity: "SEV2", title: "error_rate 5–10 % for more than 15 min" },
    ]);
  });

  test("health resolves the alert, and the next time is news again", async () => {
    await measure(12, 7);
    await measure(1, 1);
    expect([await openAlerts(), (await closedAlerts()).length]).toEqual([[], 1]);
    await measure(12, 7);
    expect([(await openAlerts()).length, (await closedAlerts()).length]).toEqual([1, 1]);
  });

  test("a gap neither rings nor resolves", async () => {
    await measure(12, 4);
    forward(HOUR);
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    await measure(12, 7);
    expect(await openAlerts()).toHaveLength(1);
    forward(HOUR);
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
    // The other rule, which has no alert, has forgotten the series.
    expect(await states()).toMatchObject([
      { ruleId: "default-error-rate-high", verdict: { kind: "gap" } },
    ]);
  });

  test("series ring apart, and one service is no other", async () => {
    await both.nodes[0]?.post([
      { measure: "payment_failure_rate", value: 3, labels: { zone: "a" } },
      { measure: "payment_failure_rate", value: 3, labels: { zone: "b" } },
      { measure: "payment_failure_rate", value: 0, service: "search" },
    ]);
    await stepBoth();
    const alerts = await all(
      db(),
      sql<{ labels: object }>`select labels from alert_open order by labels->>'zone' limit 9`,
    );
    expect(alerts).toEqual([{ labels: { zone: "a" } }, { labels: { zone: "b" } }]);
    expect(await incidents()).toMatchObject([{ serviceId: "checkout" }]);
  });
});

describe("a signal that is owed", () => {
  test("is handed over again after a crash in between, and stays one alert", async () => {
    const crashing = node({}, (desk) => ({
      ...desk,
      async accept(arrivals) {
        await desk.accept(arrivals);
        throw new Error("killed after the intake had committed");
      },
    }));
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    await expect(crashing.conditions.run(both.now)).rejects.toThrow("killed");
    await stepBoth();
    expect(await count("every_signal")).toBe(1);
    forward(10 * SECOND);
    await stepBoth();
    expect([(await openAlerts()).length, (await incidents()).length]).toEqual([1, 1]);
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 0 });
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    await crashing.settle();
  });

  test("rings although the number has become healthy before the crash was noticed", async () => {
    const crashing = node({}, (desk) => ({
      ...desk,
      accept: () => Promise.reject(new Error("killed before the intake had it")),
    }));
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    await expect(crashing.conditions.run(both.now)).rejects.toThrow("killed");
    forward(10 * SECOND);
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 0 });
    await stepBoth();
    expect(await closedAlerts()).toHaveLength(1);
    await crashing.settle();
  });

  test("leaves no open alert when it is handed over by a node that lost its lease", async () => {
    const stalled = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const slow = node({}, (desk) => ({
      ...desk,
      async accept(arrivals) {
        started.resolve();
        await stalled.promise;
        return desk.accept(arrivals);
      },
    }));
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    const late = slow.conditions.run(both.now);
    await started.promise;
    forward(10 * SECOND);
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 0 });
    await stepBoth();
    expect([(await openAlerts()).length, (await closedAlerts()).length]).toEqual([0, 1]);
    stalled.resolve();
    await late;
    expect(await openAlerts()).toHaveLength(1);
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    await slow.settle();
  });

  test("is owed on when the intake refuses it", async () => {
    const away = node({}, (desk) => ({
      ...desk,
      accept: async () => [new Refusal("signal.unstorable", { sqlState: "22000" })],
    }));
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    await away.conditions.run(both.now);
    forward(10 * SECOND);
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
    await away.settle();
  });
});

describe("POST /v1/measurements", () => {
  test("keeps the good ones and names the others by index and field", async () => {
    const reply = await both.nodes[0]?.post([
      { measure: "a", value: 1 },
      { measure: "a", value: "2" },
      { value: 3 },
    ]);
    expect(reply).toMatchObject({
      accepted: 1,
      refused: [
        { index: 1, field: "value" },
        { index: 2, field: "measure" },
      ],
    });
    expect(await count("measurement")).toBe(1);
  });

  test("refuses a request in which nothing is good", async () => {
    await expect(both.nodes[0]?.post({ measure: "a" })).rejects.toMatchObject({
      code: "signal.refused",
    });
  });

  for (const [promise, secret] of [
    ["refuses a key that nobody has", "another"],
    ["refuses a request without a key", null],
  ] as const)
    test(promise, async () => {
      const reply = both.nodes[0]?.post({ measure: "a", value: 1 }, secret);
      await expect(reply).rejects.toMatchObject({ code: "signal.key_unknown" });
    });

  test("of two numbers at one instant of one series the last counts", async () => {
    const at = toIso(start);
    const labels = { a: "1", b: "2" };
    await both.nodes[0]?.post([
      { measure: "m", value: 1, at, labels },
      { measure: "m", value: 2, at, labels: { b: "2", a: "1" } },
    ]);
    await both.nodes[1]?.post({ measure: "m", value: 3, at, labels });
    expect(await all(db(), sql`select value from measurement limit 9`)).toEqual([{ value: 3 }]);
  });

  test("takes a thousand labels' worth of text in a series", async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`${"n".repeat(200)}${index}`, "ü".repeat(1_000)]),
    );
    await both.nodes[0]?.post({ measure: "payment_failure_rate", value: 9, labels });
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
  });

  test("numbers of an unknown service belong to the service of the key", async () => {
    await both.nodes[0]?.post([
      { measure: "m", value: 1, service: "nowhere" },
      { measure: "m", value: 1, service: "search" },
    ]);
    expect(
      await all(db(), sql`select service_id from measurement order by service_id limit 9`),
    ).toEqual([{ serviceId: "checkout" }, { serviceId: "search" }]);
  });

  test("a store that is away is told as such, for an honest 503", async () => {
    const reader = snapshotReader();
    const known = await reader(db());
    const away = openDb({
      url: "postgres://nobody@127.0.0.1:1/none",
      maxConnections: 1,
      name: "away",
      onFault: () => undefined,
    });
    const [route] = measurementRoutes(
      { ...bareWorld(), db: away },
      {
        known: () => known,
        read: async () => known,
        based: async () => ({ config: known, basis: "1.1" }),
      },
    );
    const answer = route?.answer({
      actor: ENGINE,
      params: {} as never,
      query: {} as never,
      body: { measure: "m", value: 1 } as never,
      request: {
        requestId: "r",
        headers: { "x-tocsin-key": SECRET },
        address: "127.0.0.1",
        rawBody: Buffer.from(""),
      },
    });
    expect(await answer?.catch(isStoreAway)).toBe(true);
    await away.destroy();
  });
});

describe("rules that change", () => {
  const condition = { measure: "queue", comparator: ">", threshold: 100, sustained: "PT0S" };
  const then = { declare: "SEV3" };

  test("a rule that vanishes resolves what it opened and leaves no state", async () => {
    await configure("rules", "queue-long", { condition, then });
    await both.nodes[0]?.post({ measure: "queue", value: 200 });
    await stepBoth();
    expect(await openAlerts()).toMatchObject([{ title: "queue > 100", severity: "warning" }]);
    await forget("rules", "queue-long");
    await stepBoth();
    expect([await openAlerts(), await states()]).toEqual([[], []]);
    expect(
      await all(db(), sql`select because from signal where action = 'resolve' limit 9`),
    ).toEqual([{ because: "rule queue-long is gone or asks for something else" }]);
  });

  test("an incident names the file and line of the rule", async () => {
    await configure("rules", "queue-long", { condition, then });
    await both.nodes[0]?.post({ measure: "queue", value: 200 });
    await stepBoth();
    expect(
      await all(db(), sql`select rule_id, rule_file, rule_line from incident limit 9`),
    ).toEqual([{ ruleId: "queue-long", ruleFile: "test.yaml", ruleLine: 7 }]);
  });
});

test("numbers that no rule needs any more are deleted, the others are kept", async () => {
  const old = [30, 1].map((days) => ({
    measure: "m",
    value: days,
    at: toIso(addMs(start, -days * 24 * HOUR)),
  }));
  await both.nodes[0]?.post(old);
  await stepBoth();
  expect(await all(db(), sql`select value from measurement limit 9`)).toEqual([{ value: 1 }]);
});
