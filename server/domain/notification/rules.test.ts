import { describe, expect, test } from "vitest";
import type { ContactMethod } from "../../../contract/account.ts";
import { addMs, fromIso, type Instant, SECOND } from "../../base/instant.ts";
import { foldsAt } from "./folding.ts";
import { quietUntil, waysFor } from "./rules.ts";

const way = (address: string, urgency?: "high" | "low"): ContactMethod => ({
  channel: "c",
  address,
  afterMinutes: 0,
  ...(urgency !== undefined && { urgency }),
});

describe("the ways of a person", () => {
  for (const [promise, contacts, urgency, found] of [
    ["without an urgency are for both", [way("a"), way("b")], "low", ["a", "b"]],
    ["keep their order", [way("a", "high"), way("b", "low"), way("c")], "high", ["a", "c"]],
    ["for pages only are silent for the rest", [way("a", "high")], "low", []],
    [
      "are all there is when none is meant for pages",
      [way("a", "low"), way("b", "low")],
      "high",
      ["a", "b"],
    ],
  ] as const)
    test(promise, () =>
      expect(waysFor(contacts, urgency).map(({ address }) => address)).toEqual(found),
    );
});

const at = (iso: string): Instant => fromIso(iso)!;

describe("quiet hours", () => {
  const nights = { from: "22:00", to: "07:00" };
  const person = { timezone: "Europe/Berlin", quietHours: nights };
  for (const [promise, change, urgency, now, until] of [
    [
      "hold what is quiet until they end",
      {},
      "low",
      "2026-11-24T22:00:00Z",
      "2026-11-25T06:00:00Z",
    ],
    ["never hold a page", {}, "high", "2026-11-24T22:00:00Z", null],
    ["are over in the morning", {}, "low", "2026-11-24T06:00:00Z", null],
    [
      "are an hour longer when the clocks go back",
      {},
      "low",
      "2026-10-24T20:00:00Z",
      "2026-10-25T06:00:00Z",
    ],
    [
      "are an hour shorter when they go forward",
      {},
      "low",
      "2026-03-28T21:00:00Z",
      "2026-03-29T05:00:00Z",
    ],
    [
      "belong to the day on which they begin",
      { quietHours: { ...nights, days: ["fri" as const] } },
      "low",
      "2026-11-28T03:00:00Z",
      "2026-11-28T06:00:00Z",
    ],
    [
      "are not there on other days",
      { quietHours: { ...nights, days: ["fri" as const] } },
      "low",
      "2026-11-28T22:00:00Z",
      null,
    ],
    ["need not be there", { quietHours: undefined }, "low", "2026-11-24T22:00:00Z", null],
  ] as const)
    test(promise, () => {
      const own = { ...person, ...change } as Parameters<typeof quietUntil>[0];
      expect(quietUntil(own, urgency, at(now))).toBe(until === null ? null : at(until));
    });
});

describe("too many in a minute", () => {
  const now = at("2026-11-24T22:00:00Z");
  const ago = (seconds: number): Instant => addMs(now, -seconds * SECOND);
  for (const [promise, starts, limit, folds] of [
    ["there is room for the first", [], 1, null],
    ["there is room below the number", [ago(1), ago(2)], 3, null],
    [
      "at the number, the rest wait until the oldest of them is a minute old",
      [ago(1), ago(50)],
      2,
      ago(-10),
    ],
    ["what is a minute old no longer counts", [ago(1), ago(60)], 2, null],
    ["only as many count as may come", [ago(1), ago(2), ago(50)], 2, ago(-58)],
  ] as const)
    test(promise, () => expect(foldsAt(starts, limit, now)).toBe(folds));
});
