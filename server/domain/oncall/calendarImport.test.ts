import { expect, test } from "vitest";
import { Schedule } from "../../../contract/oncall.ts";
import { addMs, HOUR, instant } from "../../base/instant.ts";
import { differencesFrom } from "./calendarImport.ts";
import { finalShifts } from "./oncall.ts";

const START = instant(Date.UTC(2026, 0, 5, 9));
const layer = { name: "Pair", people: [["ann", "bob"]], every: "week", startsOn: "2026-01-05" };
const pair = Schedule.parse({ name: "Pair", timezone: "UTC", layers: [layer] });
const event = (person: string, from: number, to: number) => ({
  person,
  title: person,
  startsAt: addMs(START, from * HOUR),
  endsAt: addMs(START, to * HOUR),
});

test("whoever has a turn together is where the schedule has them; somebody else is a difference", () => {
  const span = { startsAt: START, endsAt: addMs(START, 48 * HOUR) };
  const shifts = finalShifts(pair, [], span.startsAt, span.endsAt);
  const events = [event("ann", 0, 8), event("bob", 8, 16), event("cid", 16, 24)];
  expect(differencesFrom(shifts, events as never, span)).toEqual([
    {
      startsAt: addMs(START, 16 * HOUR),
      endsAt: addMs(START, 24 * HOUR),
      before: "ann",
      after: "cid",
    },
  ]);
});
