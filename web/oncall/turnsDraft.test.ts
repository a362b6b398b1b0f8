import { expect, test } from "vitest";
import type { Schedule } from "../../contract/oncall.ts";
import { countedFrom, draftProblem, moved, turnOf, withLayer, without } from "./turnsDraft.ts";

const saved: Schedule = {
  name: "Payments",
  timezone: "Europe/Berlin",
  layers: [
    {
      name: "Weekly",
      people: ["ann", ["bob", "eve"], "joe"],
      every: "week",
      count: 1,
      startsOn: "2026-01-05",
      handoffAt: "09:00",
      restrictions: [],
    },
  ],
};
const people = saved.layers[0]!.people;

test("somebody is moved among the turns, those who share one together, and never past an end", () => {
  expect(moved(people, 1, -1)).toEqual([["bob", "eve"], "ann", "joe"]);
  expect(moved(people, 1, 1)).toEqual(["ann", "joe", ["bob", "eve"]]);
  expect(moved(people, 0, -1)).toBe(people);
  expect(moved(people, 2, 1)).toBe(people);
  expect(without(people, 1).map(turnOf)).toEqual([["ann"], ["joe"]]);
});

test("what cannot be looked at says why, and what was not changed is no change", () => {
  expect(draftProblem(saved, saved)).toBe("Nothing was changed.");
  expect(draftProblem(withLayer(saved, 0, { people: [] }), saved)).toMatch(/Weekly/);
  expect(draftProblem(withLayer(saved, 0, { count: Number.NaN }), saved)).toMatch(/at least one/);
  expect(draftProblem(withLayer(saved, 0, { handoffAt: "10:00" }), saved)).toBeNull();
  const later = countedFrom(saved, "2026-12-01T09:00");
  expect(draftProblem(later, saved)).toBeNull();
  expect(countedFrom(later, "")).toEqual(saved);
});
