/** Numbers that are fetched by a query from a Prometheus. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { all, sql } from "../server/base/db.ts";
import { SECOND } from "../server/base/instant.ts";
import {
  configure,
  count,
  db,
  forget,
  forward,
  incidents,
  openAlerts,
  start,
  states,
  stepBoth,
  useTwoNodes,
} from "./twoNodes.ts";

useTwoNodes();

describe("a query that is polled", () => {
  let server: Server;
  let asked: { path: string; query: string; time: string }[];
  let reply: (time: number) => { status: number; body: unknown };

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const form = new URLSearchParams(body);
        const time = form.get("time") ?? "";
        asked.push({ path: request.url ?? "", query: form.get("query") ?? "", time });
        const answer = reply(Number(time));
        response.writeHead(answer.status, { "Content-Type": "application/json" });
        response.end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const promql = { server: `http://127.0.0.1:${port}/prom`, query: "errors / requests * 100" };
    await configure("rules", "errors", {
      name: "Errors",
      services: ["checkout"],
      condition: { promql, comparator: ">", threshold: 10, unit: "%", sustained: "PT1M" },
      then: { declare: "SEV2" },
    });
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  const vector =
    (...series: readonly [labels: object, value: string][]) =>
    (time: number) => ({
      status: 200,
      body: {
        status: "success",
        data: {
          resultType: "vector",
          result: series.map(([metric, value]) => ({ metric, value: [time, value] })),
        },
      },
    });

  async function pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 15) {
      await stepBoth();
      forward(15 * SECOND);
    }
    await stepBoth();
  }

  test("rings for the service its label names, and is asked by one node at a time", async () => {
    reply = vector([{ service: "search" }, "12"], [{ service: "nowhere" }, "3"]);
    await pass(60);
    expect(asked).toHaveLength(3);
    expect(asked[0]).toEqual({
      path: "/prom/api/v1/query",
      query: "errors / requests * 100",
      time: (start / 1_000).toFixed(3),
    });
    expect(await openAlerts()).toEqual([]);
    forward(1);
    await stepBoth();
    expect(await openAlerts()).toMatchObject([
      { title: "Errors > 10 % for more than 1 min", severity: "error" },
    ]);
    expect(await incidents()).toMatchObject([{ severity: "SEV2", serviceId: "search" }]);
    expect(
      await all(db(), sql`select distinct service_id from measurement order by 1 limit 9`),
    ).toEqual([{ serviceId: "checkout" }, { serviceId: "search" }]);
  });

  test("that fails is a gap with a recorded reason, and is retried with growing pauses", async () => {
    reply = vector([{}, "12"]);
    await pass(75);
    expect(await openAlerts()).toHaveLength(1);
    reply = () => ({
      status: 503,
      body: { status: "error", errorType: "timeout", error: "query timed out" },
    });
    const before = asked.length;
    await pass(300);
    expect(asked.length - before).toBe(7);
    expect(await openAlerts()).toHaveLength(1);
    expect((await states()).map(({ verdict }) => verdict?.kind)).toEqual(["gap"]);
    const failure = "the server answered 503: timeout: query timed out";
    expect(await all(db(), sql`select failure from measurement_query limit 9`)).toEqual([
      { failure },
    ]);
    reply = vector([{}, "1"]);
    await pass(60);
    expect(await openAlerts()).toEqual([]);
    expect(await all(db(), sql`select failures, failure from measurement_query limit 9`)).toEqual([
      { failures: 0, failure: null },
    ]);
  });

  test("ends with its rule", async () => {
    reply = vector([{}, "12"]);
    await pass(15);
    await forget("rules", "errors");
    await stepBoth();
    const before = asked.length;
    await pass(60);
    expect(asked.length).toBe(before);
    expect([await count("measurement_query"), await states()]).toEqual([0, []]);
  });
});
