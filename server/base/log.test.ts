import { expect, test } from "vitest";
import { errorFields, jsonLog } from "./log.ts";
import { Refusal } from "./errors.ts";

function collected(level: string) {
  const lines: string[] = [];
  const log = jsonLog(level, { write: (line) => void lines.push(line) });
  return { log, read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("a line is JSON with timestamp, level and message, and what every line of its log carries", () => {
  const { log, read } = collected("info");
  log.with({ request_id: "r-1" }).warn("something", { count: 3 });
  const [line] = read();
  expect(Object.keys(line ?? {}).toSorted()).toEqual(
    ["count", "level", "message", "request_id", "timestamp"].toSorted(),
  );
  expect(line).toMatchObject({ level: "warn", message: "something", request_id: "r-1", count: 3 });
  expect(line?.["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("what is less than the level is not written", () => {
  const { log, read } = collected("error");
  log.info("quiet");
  log.error("loud");
  expect(read().map((line) => line["message"])).toEqual(["loud"]);
});

test("fields that would carry names or secrets are cut", () => {
  const { log, read } = collected("info");
  const fields = { email: "a@b.example", token: "t", name: "Ann", address: "x", body: "b" };
  log.info("who", fields);
  for (const field of Object.keys(fields)) expect(read()[0]?.[field]).toBe("[cut]");
});

test("of an error its kind and code are told, not its words", () => {
  const error = Object.assign(new TypeError("ann@acme.example did it"), { code: "23505" });
  expect(errorFields(error)).toMatchObject({ error: "TypeError", code: "23505" });
  expect(JSON.stringify(errorFields(error))).not.toContain("ann@");
  expect(JSON.stringify(errorFields(new Refusal("access.signed_out")))).not.toContain("Sign in");
  expect(errorFields("just words")).toEqual({ error: "not an error" });
});
