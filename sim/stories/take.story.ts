/** Taking a shift over, told as the complaints it answers. */
import { expect } from "vitest";
import { explainOnCall, takeShift } from "../../contract/schedule.ts";
import { acceptSwap, askSwap, declineSwap, listSwaps, withdrawSwap } from "../../contract/swap.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const params = { id: "discovery-daily" };

story("no way to take a shift: one word, and it is mine until it ends", async (sim) => {
  const who = async () => (await sim.call("zoe")(explainOnCall, { params, query: {} })).person;
  const before = (await who()) ?? "";
  const other = before === "dave" ? "erin" : "dave";
  const taken = await sim.call(other)(takeShift, { params, body: { reason: "you are ill" } });
  expect(taken).toMatchObject({
    person: other,
    replaces: before,
    endsAt: "2026-11-24T08:00:00.000Z",
  });
  expect(sim.expectMail(before, /instead of you/).text).toMatch(/you are ill/);
  await sim.event({ service: "search" });
  sim.expectMail(other, /SEV1/);
  sim.expectNoMore(before);
  await sim.as(other).resolve("INC-1");
  await sim.forwardTo("2026-11-24T07:59:59Z");
  expect(await who()).toBe(other);
  await sim.forward("2s");
  expect(await who()).toBe(other);
});

story(
  "somebody moved who should not: a shift is taken by its holder's colleague or for them, never twice",
  async (sim) => {
    const take = (by: string, body: object = {}) => sim.call(by)(takeShift, { params, body });
    await take("zoe", { person: "alice", endsAt: "2026-11-23T12:00:00Z" });
    await expect(take("alice")).rejects.toThrow("alice is on call in discovery-daily already");
    await expect(take("vera")).rejects.toThrow("oncall.override");
    const alone = { id: "payments-primary" };
    await expect(
      sim.call("zoe")(takeShift, { params: alone, body: { person: "nobody" } }),
    ).rejects.toThrow("nobody");
  },
);

story("she took my place and not his: of two who hold it together one is named", async (sim) => {
  const layer = { name: "Both", people: [["dave", "erin"]], every: "day", startsOn: "2024-01-01" };
  await sim.configure(
    object("schedules", "pair", { name: "Pair", timezone: "UTC", layers: [layer as never] }),
  );
  const take = (body: object) =>
    sim.call("zoe")(takeShift, { params: { id: "pair" }, body: { person: "alice", ...body } });
  await expect(take({})).rejects.toThrow("dave, erin hold pair together");
  await expect(take({ replaces: "bob" })).rejects.toThrow("bob is not on call in pair now");
  expect(await take({ replaces: "erin" })).toMatchObject({ person: "alice", replaces: "erin" });
  const held = await sim.call("zoe")(explainOnCall, { params: { id: "pair" }, query: {} });
  expect([held.person, ...held.others].toSorted()).toEqual(["alice", "dave"]);
  sim.expectMail("erin", /instead of you/);
  sim.expectNoMore("dave");
});

// Dave and Erin have Discovery's days in turn: on the 24th it is Dave's, on the 25th Erin's.
const DAY = { startsAt: "2026-11-24T08:00:00Z", endsAt: "2026-11-25T08:00:00Z" };
const NEXT = { startsAt: "2026-11-25T08:00:00Z", endsAt: "2026-11-26T08:00:00Z" };
const whoAt = async (sim: Simulation, at: string) =>
  (await sim.call("zoe")(explainOnCall, { params, query: { at } })).person;

story(
  "I begged in three chats for somebody to take my day: an offer reaches the team, and the first yes has it",
  async (sim) => {
    const offer = await sim.call("dave")(askSwap, { params, body: { reason: "a wedding" } });
    expect(offer).toMatchObject({ from: "dave", to: null, state: "open" });
    expect(Date.parse(offer.startsAt)).toBe(Date.parse(DAY.startsAt));
    expect(sim.expectMail("erin", /dave asks whether you take a shift/).text).toMatch(/a wedding/);
    expect(await whoAt(sim, "2026-11-24T12:00:00Z")).toBe("dave");
    await sim.call("erin")(acceptSwap, { params: { id: offer.id }, body: {} });
    expect(await whoAt(sim, "2026-11-24T12:00:00Z")).toBe("erin");
    expect(await whoAt(sim, "2026-11-26T12:00:00Z")).toBe("dave");
    for (const person of ["dave", "erin"]) sim.expectMail(person, /erin takes a shift of dave/);
    const late = sim.call("alice")(acceptSwap, { params: { id: offer.id }, body: {} });
    await expect(late).rejects.toThrow("accepted");
    expect((await sim.call("zoe")(listSwaps, { query: {} })).items).toEqual([]);
  },
);

story(
  "I thought it was taken and slept: who offers a shift hears that nobody took it",
  async (sim) => {
    const { id } = await sim.call("dave")(askSwap, { params, body: {} });
    await sim.forwardTo("2026-11-23T22:00:00Z");
    expect(
      sim.expectMail("dave", /Nobody has taken your shift .* it is still yours/).text,
    ).toBeTruthy();
    sim.expectMail("erin", /asks whether you take a shift/);
    await sim.forwardTo("2026-11-25T08:00:01Z");
    sim.expectMail("dave", /Nobody took your shift/);
    await sim.forward("3d");
    sim.expectNoMore("dave");
    const late = sim.call("erin")(acceptSwap, { params: { id }, body: {} });
    await expect(late).rejects.toThrow("lapsed");
  },
);

story(
  "I took his night and never got mine back: an exchange is one yes, for both shifts or for none",
  async (sim) => {
    const ask = () =>
      sim.call("dave")(askSwap, { params, body: { to: "erin", span: DAY, inReturn: NEXT } });
    const first = await ask();
    await sim.call("erin")(declineSwap, { params: { id: first.id } });
    sim.expectMail("dave", /erin does not take your shift/);
    expect(await whoAt(sim, "2026-11-24T12:00:00Z")).toBe("dave");
    const second = await ask();
    const others = sim.call("alice")(acceptSwap, { params: { id: second.id }, body: {} });
    await expect(others).rejects.toThrow("Only erin");
    await sim.call("erin")(acceptSwap, { params: { id: second.id }, body: {} });
    expect(await whoAt(sim, "2026-11-24T12:00:00Z")).toBe("erin");
    expect(await whoAt(sim, "2026-11-25T12:00:00Z")).toBe("dave");
  },
);

story(
  "she is in hospital and cannot click: a manager acts for others, and nobody else does",
  async (sim) => {
    const body = { from: "dave", to: "erin" };
    await expect(sim.call("alice")(askSwap, { params, body })).rejects.toThrow("Only dave");
    const { id } = await sim.call("zoe")(askSwap, { params, body });
    await expect(sim.call("erin")(withdrawSwap, { params: { id } })).rejects.toThrow("Only dave");
    await sim.call("zoe")(acceptSwap, { params: { id }, body: { person: "erin" } });
    expect(await whoAt(sim, "2026-11-24T12:00:00Z")).toBe("erin");
    const nothing = sim.call("zoe")(askSwap, { params, body: { from: "alice" } });
    await expect(nothing).rejects.toThrow("alice is not on call in discovery-daily");
  },
);
