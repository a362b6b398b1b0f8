import { expect, test } from "vitest";
import { Schedule } from "../../../contract/oncall.ts";
import { mustBeInstant } from "../../base/instant.ts";
import { presentReason } from "./explain.ts";
import { whoIsOnCall } from "./oncall.ts";

const pair = Schedule.parse({
  name: "Pair",
  timezone: "America/Havana",
  layers: [
    { name: "turns", people: [["ann", "bob"]], every: "month", startsOn: "2026-03-01" },
    {
      name: "nights",
      people: ["cid"],
      every: "week",
      startsOn: "2026-03-02",
      timezone: "Australia/Lord_Howe",
      restrictions: [{ from: "01:45", to: "02:15" }],
    },
  ],
});

/** What is said of each layer, from the top, at an instant. */
const said = (at: string): readonly string[] =>
  whoIsOnCall(pair, [], mustBeInstant(at, "at")).because.map(
    (reason) => presentReason(pair, reason).text,
  );

test("whoever has a turn together is told in the plural, with the zone of every time", () => {
  expect(said("2026-05-05T12:00Z")).toEqual([
    "Layer “nights” has nobody: outside its hours until 2026-05-06 01:45 (Australia/Lord_Howe).",
    "Layer “turns”: ann and bob share the shift from 2026-05-01 09:00 to 2026-06-01 09:00 (America/Havana). " +
      "This is the answer.",
  ]);
});

test("a jump of the clocks is told by what they would have shown and what they show", () => {
  // Havana goes from midnight to one o'clock in spring, and from one o'clock to midnight in autumn.
  expect(said("2026-03-05T12:00Z")[1]).toContain("At 2026-03-08 00:00 the clocks jump to 01:00.");
  expect(said("2026-10-20T12:00Z")[1]).toContain("At 2026-11-01 01:00 the clocks jump to 00:00.");
  // Lord Howe goes by half an hour: over the start of these hours.
  expect(said("2026-10-03T15:20Z")[0]).toContain("At 2026-10-04 02:00 the clocks jump to 02:30.");
  expect(said("2026-10-03T15:20Z")[0]).toContain(
    "The clocks skip 2026-10-04 02:15, so the hours end is at 2026-10-04 02:30.",
  );
});

test("a jump over midnight names both days", () => {
  const azores = Schedule.parse({
    name: "Azores",
    timezone: "America/Scoresbysund",
    layers: [{ name: "turns", people: ["ann"], every: "week", startsOn: "2026-10-19" }],
  });
  const { because } = whoIsOnCall(azores, [], mustBeInstant("2026-10-24T12:00Z", "at"));
  expect(presentReason(azores, because[0]!).text).toContain(
    "At 2026-10-25 00:00 the clocks jump to 2026-10-24 23:00.",
  );
});
