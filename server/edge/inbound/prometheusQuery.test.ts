import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instant } from "../../base/instant.ts";
import type { Reply } from "../../base/transport.ts";
import { prometheusQuery } from "./prometheusQuery.ts";

const golden = (name: string): string =>
  readFileSync(new URL(`golden/prometheus-query.${name}.json`, import.meta.url), "utf8");
const http = (body: unknown, status = 200): Reply => ({
  kind: "http",
  status,
  headers: {},
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const success = (resultType: string, result: unknown): Reply =>
  http({ status: "success", data: { resultType, result } });
const at = instant(1_795_255_200_250);

describe("the request", () => {
  for (const [promise, server, url] of [
    ["goes to the query API of the server", "http://prom:9090", "http://prom:9090/api/v1/query"],
    [
      "keeps a path that the server stands under",
      "https://mon.example/prom/",
      "https://mon.example/prom/api/v1/query",
    ],
  ] as const)
    test(promise, () => {
      expect(prometheusQuery.render({ server, query: "up" }, at)).toMatchObject({ url });
    });

  test("evaluates the query at the instant that is asked for, to the millisecond", () => {
    const { body } = prometheusQuery.render({ server: "http://p", query: 'a{b="c"} * 100' }, at);
    expect(Object.fromEntries(new URLSearchParams(body ?? ""))).toEqual({
      query: 'a{b="c"} * 100',
      time: "1795255200.250",
    });
  });
});

describe("a reply", () => {
  test("yields the finite number of every series with its labels", () => {
    expect(prometheusQuery.read(http(golden("vector")))).toEqual({
      kind: "numbers",
      numbers: [
        { labels: { service: "checkout", zone: "a" }, value: 12.5, at },
        { labels: { service: "search", zone: "a" }, value: 0, at },
      ],
    });
  });

  test("may be one scalar, which has no labels", () => {
    const reply = success("scalar", [1_795_255_200.25, "3"]);
    const numbers = [{ labels: {}, value: 3, at }];
    expect(prometheusQuery.read(reply)).toEqual({ kind: "numbers", numbers });
  });

  for (const [promise, reply, because] of [
    [
      "of an error says in the server's words what is wrong",
      http(golden("error"), 400),
      'the server answered 400: bad_data: invalid parameter "query": 1:5: parse error: unexpected end of input',
    ],
    ["that is no JSON is named by its status", http("<html>", 502), "the server answered 502"],
    [
      "that was cut says so",
      http('{"status":"success","data":{"res'),
      "the reply is no JSON, or has more series than fit into 256 KiB",
    ],
    ["without a series is no health", success("vector", []), "the query yields no series"],
    [
      "with nothing but infinities is no number",
      success("vector", [{ metric: {}, value: [1, "+Inf"] }]),
      "the query yields no finite number",
    ],
    [
      "with histograms is no number",
      success("vector", [{ metric: {}, histogram: [1, {}] }]),
      "the query yields no finite number",
    ],
    [
      "with a range of samples is refused",
      success("matrix", []),
      "the query yields a matrix, not numbers at one instant",
    ],
    [
      "that never came is passed on",
      { kind: "error", reached: "no", because: "prom: the connection was refused" },
      "prom: the connection was refused",
    ],
    [
      "of a surprising shape is refused",
      http("[]"),
      "the reply is no JSON, or has more series than fit into 256 KiB",
    ],
    [
      "whose point is misshapen is left out",
      success("scalar", ["now", 3]),
      "the query yields no finite number",
    ],
  ] as const satisfies readonly (readonly [string, Reply, string])[])
    test(promise, () => {
      expect(prometheusQuery.read(reply)).toEqual({ kind: "failed", because });
    });
});
