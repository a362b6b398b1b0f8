/** Taking a shift over, told as the complaints it answers. */
import { expect } from "vitest";
import { explainOnCall, takeShift } from "../../contract/schedule.ts";
import { story } from "../story.ts";

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
