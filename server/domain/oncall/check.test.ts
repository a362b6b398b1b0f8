import { expect, test } from "vitest";
import { Schedule } from "../../../contract/oncall.ts";
import { snapshot } from "../config/config.ts";
import { checkSchedules } from "./check.ts";

const found = (layer: object) => {
  const shape = { name: "L", startsOn: "2026-01-05", people: ["ann"], ...layer };
  const body = Schedule.parse({ name: "S", timezone: "UTC", layers: [shape] });
  const entry = { kind: "schedules", id: "s", body, owner: "file", source: null, ref: "s" };
  return checkSchedules(snapshot(1, [entry] as never)).map(
    ({ path, message }) => `${path}: ${message}`,
  );
};

test("a rule that is none is found at its layer", () => {
  expect(found({ rule: "FREQ=YEARLY;BYMONTH=13" })).toEqual([
    "layers.0.rule: no recurrence rule that goes on (BYMONTH is from 1 to 12, and not 13)",
  ]);
});

test("one person may have several turns, but none together with themselves", () => {
  expect(found({ every: "day", people: ["ann", ["ann", "bob"], "ann"] })).toEqual([]);
  expect(found({ every: "day", people: ["ann", ["bob", "bob"]] })).toEqual([
    "layers.0.people.1: names somebody twice who has this turn together",
  ]);
});
