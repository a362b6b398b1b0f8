import { expect, test } from "vitest";
import { hopsOf } from "./hops.ts";

const needs = new Map<string, readonly string[]>([
  ["checkout", ["ledger", "search"]],
  ["ledger", ["database"]],
  ["database", ["ledger"]],
  ["shop", ["checkout"]],
  ["mail", []],
]);

test("two steps each way, nothing twice, also in a circle", () => {
  expect(hopsOf("checkout", needs).map(({ services }) => services)).toEqual([
    ["database"],
    ["ledger", "search"],
    ["checkout"],
    ["shop"],
  ]);
  expect(hopsOf("ledger", needs).map(({ services }) => services)).toEqual([
    ["database"],
    ["ledger"],
    ["checkout"],
    ["shop"],
  ]);
  expect(hopsOf("mail", needs).map(({ services }) => services)).toEqual([["mail"]]);
});
