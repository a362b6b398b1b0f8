/** Who holds the pager, told as the complaints that it answers. */
import { expect } from "vitest";
import { importCalendar, listConflicts, listHolidays, putLeave } from "../../contract/leave.ts";
import { exportLoad, readLoad } from "../../contract/load.ts";
import { addOverride, explainOnCall, listShifts } from "../../contract/schedule.ts";
import { COMPANY, object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const ID = "discovery-daily";
type Layer = Parameters<typeof object<"schedules">>[2]["layers"][number];

const daily = (people: Layer["people"], more: Partial<Layer> = {}): Layer => ({
  name: "Daily",
  people,
  every: "day",
  startsOn: "2024-01-01",
  handoffAt: "09:00",
  ...more,
});
const schedule = (layers: readonly Layer[], more: object = {}) =>
  object("schedules", ID, {
    name: "Discovery, in daily turns",
    timezone: "Europe/Berlin",
    layers: [...layers],
    ...more,
  });

const who = (sim: Simulation, at?: string) =>
  sim.call("zoe")(explainOnCall, { params: { id: ID }, query: at === undefined ? {} : { at } });
const shifts = (sim: Simulation, from: string, to: string) =>
  sim.call("zoe")(listShifts, { params: { id: ID }, query: { from, to } });

story(
  "I was moved in the middle of my day: a colleague who joins the turns moves nobody before the handoff",
  async (sim) => {
    const week = ["2026-11-16T08:00:00Z", "2026-11-23T10:00:00Z"] as const;
    const [before, past] = [await who(sim), await shifts(sim, ...week)];
    // With five people the turns fall to others: at once, and all the way back.
    await sim.configure(schedule([daily(["zoe", "dave", "erin", "alice", "bob"])]));
    expect((await who(sim)).person).toBe(before.person);
    expect((await who(sim)).until).toBe(before.until);
    expect(await shifts(sim, ...week)).toEqual(past);
    await sim.event({ service: "search" });
    sim.expectMail(before.person ?? "", /SEV1/);
    await sim.as("dave").resolve("INC-1");
    await sim.forwardTo(before.until ?? "");
    const after = await who(sim);
    expect(after.person).toBe((await who(sim, "2026-11-29T09:00:00Z")).person);
    expect((await who(sim, "2026-11-24T07:59:59Z")).person).toBe(before.person);
    expect(await shifts(sim, ...week)).toEqual(past);
  },
);

story(
  "the new turns came a week too early: an edit counts from the moment that it names",
  async (sim) => {
    const old = (await who(sim, "2026-11-27T12:00:00Z")).person;
    const effectiveFrom = "2026-12-01T09:00";
    await sim.configure(schedule([daily(["bob"])], { effectiveFrom }));
    expect((await who(sim, "2026-11-27T12:00:00Z")).person).toBe(old);
    expect((await who(sim, "2026-12-01T07:59:59Z")).person).not.toBe("bob");
    expect((await who(sim, "2026-12-01T08:00:00Z")).person).toBe("bob");
    // Thought better of: what was to begin is given up, and nothing has happened.
    await sim.configure(schedule([daily(["dave", "erin"])]));
    expect((await who(sim, "2026-12-02T12:00:00Z")).person).not.toBe("bob");
  },
);

story(
  "on call and not even in the company: whoever is removed is replaced at once",
  async (sim) => {
    const before = (await who(sim)).person ?? "";
    const other = before === "dave" ? "erin" : "dave";
    await sim.configure(
      schedule([daily([other])]),
      object("teams", "discovery", { name: "Discovery", members: [other], calendar: "office" }),
      ...(before === "dave"
        ? [object("schedules", "discovery-days", { ...NIGHT, layers: [daily([other])] })]
        : [object("escalations", "days-then-erin", POLICY_OF(other))]),
    );
    expect((await who(sim)).person).toBe(before);
    await sim.remove("people", before);
    expect((await who(sim)).person).toBe(other);
  },
);

const NIGHT = { name: "Discovery, by day only", timezone: "Europe/Berlin" };
const POLICY_OF = (person: string) => ({
  name: "By day Dave",
  steps: [{ notify: [{ person }], timeoutMinutes: 5 }],
  repeat: 0,
});

story("alone with it at night: two people who have a turn together are both paged", async (sim) => {
  await sim.configure(schedule([daily([["dave", "erin"]])]));
  await sim.forward("24h");
  expect(await who(sim)).toMatchObject({ person: "dave", others: ["erin"] });
  await sim.event({ service: "search" });
  for (const person of ["dave", "erin"]) sim.expectMail(person, /SEV1/);
  await sim.as("erin").acknowledge("INC-1");
});

story(
  "thrown in at the deep end: who shadows hears quietly, is asked for nothing, and is never alone",
  async (sim) => {
    const shadow = daily(["alice"], { name: "Learning", shadow: true });
    await sim.configure(schedule([daily(["dave", "erin"]), shadow]));
    await sim.forward("24h");
    const { person, shadows, reasons } = await who(sim);
    expect(shadows).toEqual(["alice"]);
    expect(reasons.map(({ text }) => text).join("\n")).toMatch(/alice has the shift.*never alone/);
    await sim.event({ service: "search" });
    sim.expectMail(person ?? "", /SEV1/);
    const told = sim.expectMail("alice", /SEV1/);
    expect(told.text).toMatch(/You shadow discovery-daily/);
    expect(told.text).not.toMatch(/\/a\//);
    await sim.as(person ?? "").resolve("INC-1");
    // Nobody holds it: then nobody shadows it either.
    await sim.configure(schedule([daily(["dave"], { endsOn: "2026-11-26" }), shadow]));
    await sim.forwardTo("2026-11-26T12:00:00Z");
    expect(await who(sim)).toMatchObject({ person: null, shadows: [] });
    await sim.event({ service: "search", title: "At night" });
    sim.expectNoMore("alice");
  },
);

story(
  "it is always me at night, and nobody counts it: hours and pages of everybody, also as CSV",
  async (sim) => {
    await sim.event({ service: "search" });
    await sim.as("dave").resolve("INC-1");
    await sim.forwardTo("2026-11-25T02:00:00Z");
    await sim.event({ service: "search", title: "At night" });
    await sim.as("dave").resolve("INC-2");
    await sim.forwardTo("2026-11-25T08:00:00Z");
    const query = { from: "2026-11-23T08:00:00Z", to: "2026-11-25T08:00:00Z", schedule: ID };
    const { people, findings } = await sim.call("zoe")(readLoad, { query });
    const day = { hours: 24, nightHours: 8, weekendHours: 0, holidayHours: 0, shifts: 1 };
    expect(people).toEqual([
      { person: "dave", ...day, pages: 1, sleepPages: 1 },
      { person: "erin", ...day, pages: 1, sleepPages: 0 },
    ]);
    expect(findings).toEqual([]);
    const csv = await sim.call("zoe")(exportLoad, { query });
    expect(String((csv as unknown as { body: string }).body).split("\r\n")[1]).toMatch(
      /^2026-11-23T08:00:00.000Z,2026-11-25T08:00:00.000Z,dave,24,8,0,0,1,1,1$/,
    );
    const alone = await sim.call("zoe")(readLoad, { query: { schedule: "payments-primary" } });
    expect(alone.findings.map(({ kind, person }) => `${kind}: ${person}`)).toEqual([
      "too long: alice",
      "single point of failure: alice",
    ]);
  },
);

const calendar = (...events: readonly (readonly [title: string, from: string, to: string])[]) =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    ...events.flatMap(([title, from, to], index) => [
      "BEGIN:VEVENT",
      `UID:${index}`,
      `SUMMARY:${title}`,
      `DTSTART:${from}`,
      `DTEND:${to}`,
      "END:VEVENT",
    ]),
    "END:VCALENDAR",
    "",
  ].join("\r\n");

story(
  "paged on my honeymoon: leave is known before, who could take it is proposed, and nobody is moved silently",
  async (sim) => {
    const learning = daily(["carol"], { name: "Learning", shadow: true });
    await sim.configure(schedule([daily(["dave", "erin", "zoe"]), learning]));
    await sim.forward("24h");
    const away = calendar(
      ["Honeymoon", "20261201T000000Z", "20261203T000000Z"],
      ["Dentist", "20261204T080000Z", "20261204T100000Z"],
    );
    const conflicts = async () => (await sim.call("zoe")(listConflicts, { query: {} })).items;
    expect(await conflicts()).toEqual([]);
    const before = await shifts(sim, "2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z");
    const params = { id: "erin" };
    const body = { calendar: away, only: "honeymoon" };
    // Carol manages another team.
    for (const other of ["dave", "carol"])
      await expect(sim.call(other)(putLeave, { params, body })).rejects.toThrow("Only erin");
    for (const only of ["dentist", "of a word that is not there"])
      await sim.call("carol")(putLeave, { params: { id: "bob" }, body: { ...body, only } });
    const { items } = await sim.call("erin")(putLeave, { params, body });
    expect(items.map(({ startsAt }) => startsAt)).toEqual(["2026-12-01T00:00:00.000Z"]);
    const [found, ...more] = await conflicts();
    expect(found).toMatchObject({ schedule: ID, person: "erin" });
    // Dave has another pager by day; whose day it is has no second one. Whoever learns is no stand-in.
    expect(found?.proposals.map(({ person }) => person)).toEqual(["zoe"]);
    expect(more).toEqual([]);
    expect(await shifts(sim, "2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z")).toEqual(before);
  },
);

story(
  "on call over Christmas, and it surprised everybody: public holidays are named as conflicts, and counted",
  async (sim) => {
    const bavarian = (person: string) => {
      const found = COMPANY.find(({ kind, id }) => kind === "people" && id === person)!;
      return { ...found, body: { ...(found.body as object), country: "DE-BY" } } as typeof found;
    };
    await sim.configure(
      schedule([daily(["dave", "erin"])], { country: "DE" }),
      bavarian("erin"),
      bavarian("carol"),
    );
    const { items } = await sim.call("zoe")(listConflicts, { query: { schedule: ID } });
    const named = (name: string) => items.filter(({ holiday }) => holiday === name);
    // A turn goes from nine to nine: two people have a part of the day, and neither can take it from the other.
    expect(
      named("1. Weihnachtstag")
        .map(({ person }) => person)
        .toSorted(),
    ).toEqual(["dave", "erin"]);
    expect(named("1. Weihnachtstag").every(({ proposals }) => proposals.length === 0)).toBe(true);
    // Only Bavaria has it.
    expect(named("Heilige Drei Könige").map(({ person }) => person)).toEqual(["erin"]);
    // Also whoever has that day by an override alone.
    const day = { startsAt: "2027-01-06T09:00:00Z", endsAt: "2027-01-06T10:00:00Z" };
    await sim.call("zoe")(addOverride, { params: { id: ID }, body: { person: "carol", ...day } });
    const again = await sim.call("zoe")(listConflicts, { query: { schedule: ID } });
    expect(again.items.filter(({ person }) => person === "carol")).toMatchObject([
      { holiday: "Heilige Drei Könige", startsAt: "2027-01-06T09:00:00.000Z" },
    ]);
    const span = { from: "2026-12-25T23:00:00Z", to: "2026-12-26T23:00:00Z", schedule: ID };
    const { people } = await sim.call("zoe")(readLoad, { query: span });
    expect(people.reduce((sum, { holidayHours }) => sum + holidayHours, 0)).toBe(24);
    const listed = await sim.call("zoe")(listHolidays, { query: {} });
    expect(listed.unknown).toEqual([]);
    expect(listed.items.find(({ date }) => date === "2027-01-06")?.people).toEqual([
      "carol",
      "erin",
    ]);
  },
);

story(
  "the old tool said somebody else: its calendar is compared with the schedule, and moves nobody unless asked",
  async (sim) => {
    const params = { id: ID };
    const text = calendar(
      ["@Dave", "20261124T080000Z", "20261125T080000Z"],
      ["dave@sim.example", "20261125T080000Z", "20261125T200000Z"],
      ["Mr. Nobody", "20261126T080000Z", "20261127T080000Z"],
    );
    const read = (body: object) =>
      sim.call("zoe")(importCalendar, { params, body: { calendar: text, ...body } });
    const seen = await read({});
    expect(seen).toMatchObject({ dryRun: true, shifts: 3, unknown: ["Mr. Nobody"] });
    expect(seen.differences).toEqual([
      {
        startsAt: "2026-11-25T08:00:00.000Z",
        endsAt: "2026-11-25T20:00:00.000Z",
        before: "erin",
        after: "dave",
      },
    ]);
    expect((await who(sim, "2026-11-25T12:00:00Z")).person).toBe("erin");
    await expect(read({ dryRun: false })).rejects.toThrow("Mr. Nobody");
    const people = { "Mr. Nobody": "alice" };
    expect((await read({ dryRun: false, people })).differences).toHaveLength(2);
    for (const [at, person] of [
      ["2026-11-25T12:00:00Z", "dave"],
      ["2026-11-25T20:00:00Z", "erin"],
      ["2026-11-26T12:00:00Z", "alice"],
    ] as const)
      expect((await who(sim, at)).person).toBe(person);
    expect((await read({ people })).differences).toEqual([]);
  },
);
