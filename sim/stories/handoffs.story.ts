/** “Nobody told me what was open when my shift began”: digests at its start, notes at its end. */
import { expect } from "vitest";
import { takeShift } from "../../contract/schedule.ts";
import { addShiftWords, listShiftNotes } from "../../contract/shiftNote.ts";
import { COMPANY, object } from "../company.ts";
import { story } from "../story.ts";

/** Dave until 9 on Tuesday, then Erin, as the company has it. */
const daily = object("schedules", "discovery-daily", {
  name: "Discovery, in daily turns",
  timezone: "Europe/Berlin",
  handoffNotes: true,
  layers: [
    {
      name: "Daily",
      people: ["dave", "erin"],
      every: "day",
      startsOn: "2024-01-01",
      handoffAt: "09:00",
    },
  ],
});
const options = {
  config: [...COMPANY.filter(({ id }) => id !== "discovery-daily"), daily],
};

story(
  "nobody told me what was open when my shift began: who comes gets what is open, who goes what was",
  async (sim) => {
    await sim.event({ service: "search", title: "Index is stale", severity: "critical" });
    const page = sim.mailsTo().find(({ kind }) => kind === "page")!;
    const went = page.to;
    const comes = went === "dave" ? "erin" : "dave";
    sim.expectMail(went, /Index is stale/);
    await sim.as(went).acknowledge("INC-1");
    await sim.forwardTo("2026-11-24T08:00:00Z");
    const digest = sim.expectMail(comes, /You are on call in discovery-daily/);
    expect(digest.kind).toBe("notice");
    expect(digest.text).toContain("INC-1 SEV1 Index is stale");
    expect(digest.text).toContain(`2026-11-25T08:00:00.000Z`);
    expect(sim.expectMail(went, /Your shift in discovery-daily is over/).text).toContain("INC-1");

    const body = { text: "The index rebuild runs until noon, leave it." };
    const note = await sim.call(went)(addShiftWords, { params: { id: "discovery-daily" }, body });
    expect(note.words).toMatchObject([{ by: went, text: body.text }]);
    sim.expectMail(comes, /leave it/);
    const { items } = await sim.call("vera")(listShiftNotes, {});
    expect(items.map(({ kind, person }) => [kind, person]).toSorted()).toEqual([
      ["end", went],
      ["start", comes],
    ]);
    await sim.forward("1h");
    sim.expectNoMore(comes);
  },
  options,
);

story(
  "somebody took my shift and knew of nothing: who takes it is told too, and nobody is told twice",
  async (sim) => {
    await sim.call("zoe")(takeShift, {
      params: { id: "discovery-daily" },
      body: { person: "alice" },
    });
    await sim.forward("5m");
    sim.expectMail("alice", /You are on call in discovery-daily/);
    await sim.forward("2h");
    sim.expectNoMore("alice");
  },
  { ...options, nodes: 2 },
);
