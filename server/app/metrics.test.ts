/** Requests as they are counted here, against what Prometheus expects of a counter and a histogram. */
import { expect, test } from "vitest";
import { CALM } from "../../test/calm.ts";
import { metrics } from "./metrics.ts";

test("every request counts once, in its bucket and all slower ones, however often somebody reads", async () => {
  const measured = metrics();
  const route = "/v1/incidents/:id";
  for (const [method, status, ms] of [
    ["GET", 200, 1],
    ["GET", 404, 3],
    ["GET", 200, 2_500],
    ["GET", 500, 9_000],
    ["POST", 200, 0.25],
  ] as const)
    measured.request({ method, route, status, ms });
  const once = await measured.text(CALM);
  expect(await measured.text(CALM)).toBe(once);
  const lines = once.split("\n").filter((line) => line.includes(`route="${route}"`));
  expect(lines).toContain(`request_count{method="GET",route="${route}",status="200"} 2`);
  expect(lines).toContain(`error_count{method="GET",route="${route}",status="500"} 1`);
  const of = (method: string, what: string): number =>
    Number(
      lines
        .find((line) => line.startsWith(`response_time_${what}`) && line.includes(method))
        ?.split(" ")
        .at(-1),
    );
  const counted = ["0.001", "0.0025", "0.005", "1", "2.5", "+Inf"].map((le) =>
    of("GET", `bucket{le="${le}"`),
  );
  expect(counted).toEqual([1, 1, 2, 2, 3, 4]);
  expect([of("GET", "count"), of("GET", "sum")]).toEqual([4, 11.504]);
  expect([of("POST", "count"), of("POST", "sum")]).toEqual([1, 0.00025]);
  expect(once).toMatch(/^error_rate 0\.2$/m);
  measured.request({ method: "GET", route, status: 404, ms: 1 });
  expect(await measured.text(CALM)).toContain(
    `request_count{method="GET",route="${route}",status="404"} 2`,
  );
  expect(measured.totals()).toEqual({ answered: 6, failed: 1 });
});

test("the share that failed is of the last thousand", async () => {
  const measured = metrics();
  const ask = (status: number, times: number): void => {
    for (let n = 0; n < times; n++) measured.request({ method: "GET", route: "/", status, ms: 1 });
  };
  expect(await measured.text(CALM)).toMatch(/^error_rate 0$/m);
  ask(500, 700);
  ask(200, 900);
  expect(await measured.text(CALM)).toMatch(/^error_rate 0\.1$/m);
});
