import { describe, expect, test } from "vitest";
import { Rule } from "../../../contract/signal.ts";
import { DEFAULT_RULES } from "./defaultRules.ts";

const declared = (severity: string) =>
  DEFAULT_RULES.filter(({ body }) => "declare" in body.then && body.then.declare === severity);

describe("the default rules", () => {
  test("are five ways into SEV1, four into SEV2, and three for Tocsin itself", () => {
    expect(declared("SEV1")).toHaveLength(5);
    expect(declared("SEV2").map(({ id }) => id)).toHaveLength(7);
    expect(declared("SEV2").at(-1)?.id).toBe("default-own-break-glass");
    expect(DEFAULT_RULES).toHaveLength(12);
  });

  test("are what the contract would make of them", () => {
    for (const { body } of DEFAULT_RULES) {
      expect(Rule.parse(JSON.parse(JSON.stringify(body)))).toEqual(
        JSON.parse(JSON.stringify(body)),
      );
    }
  });

  test("have names and places of their own, behind every rule that leaves its order open", () => {
    expect(new Set(DEFAULT_RULES.map(({ id }) => id)).size).toBe(DEFAULT_RULES.length);
    const orders = DEFAULT_RULES.map(({ body }) => body.order);
    expect(orders).toEqual([...new Set(orders)].sort((a, b) => a - b));
    expect(Math.min(...orders)).toBeGreaterThan(Rule.parse({ then: { record: true } }).order);
  });

  test("say what the procedure says", () => {
    const lines = DEFAULT_RULES.flatMap(({ body: { condition: c, then } }) => {
      if (c === undefined || !("declare" in then)) return [];
      const band = c.upTo === undefined ? "" : `..${c.upTo}`;
      const times = c.baseline === undefined ? "" : ` of ${c.baseline}`;
      const limit = `${c.comparator} ${c.threshold}${band}${times}`;
      return [`${then.declare} ${c.measure} ${limit} for > ${c.sustained}`];
    });
    expect(lines).toEqual([
      "SEV1 error_rate > 10 for > PT5M",
      "SEV1 authentication_failure_rate > 5 for > PT0S",
      "SEV1 database_connection_failures > 0 for > PT0S",
      "SEV1 payment_failure_rate > 1 for > PT0S",
      "SEV2 error_rate >= 5..10 for > PT15M",
      "SEV2 p95_seconds > 5 for > PT10M",
      "SEV2 availability < 95 for > PT15M",
      "SEV2 support_tickets > 3 of P1W for > PT0S",
      "SEV2 tocsin_error_rate > 5 for > PT1M",
      "SEV2 tocsin_unaccounted > 0 for > PT0S",
      "SEV2 tocsin_break_glass > 0 for > PT0S",
    ]);
  });
});
