/** Which incidents a responder is told of, and in which order. */
import { fill } from "../../../contract/texts.ts";
import { expect, test } from "vitest";
import { DAY, instant } from "../../base/instant.ts";
import { rankRelated } from "./related.ts";

const NOW = instant(Date.UTC(2026, 10, 26));
const subject = {
  number: 10,
  services: ["checkout"],
  ruleId: "critical",
  declaredAt: NOW,
  state: "declared",
  mergedInto: null,
} as const;
const other = (number: number, change: object) => ({ ...subject, number, ...change });
const daysAgo = (days: number) => ({ state: "closed", declaredAt: instant(NOW - days * DAY) });
const around = {
  needs: new Map([
    ["checkout", 0],
    ["ledger", 1],
  ]),
  needing: new Map([["shop", 1]]),
};
const ranked = (...others: readonly ReturnType<typeof other>[]) =>
  rankRelated(subject, others as never, around).map(({ incident, because }) => [
    (incident as { number: number }).number,
    fill(because.template, because.params),
  ]);

test("what burns around it comes before all that was", () => {
  expect(
    ranked(
      other(1, daysAgo(3)),
      other(2, { services: ["shop"], ruleId: null }),
      other(3, { services: ["ledger"], state: "mitigated" }),
      other(4, { mergedInto: 10, state: "cancelled" }),
    ),
  ).toEqual([
    [4, "merged into this one"],
    [3, "burns now: ledger, which it needs"],
    [2, "burns now: shop, which needs it"],
    [1, "3 d before: the same rule and service"],
  ]);
});

test("the same rule counts as much as half the time, a service between them as a month", () => {
  expect(
    ranked(
      other(1, { ...daysAgo(20), ruleId: null }),
      other(2, daysAgo(30)),
      other(3, { ...daysAgo(1), services: ["ledger"] }),
    ).map(([number]) => number),
  ).toEqual([2, 1, 3]);
});

test("what has nothing to do with it is not shown", () => {
  expect(ranked(other(1, { services: ["search"] }))).toEqual([]);
});
