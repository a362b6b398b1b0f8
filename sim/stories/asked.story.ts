/** Acknowledges that run out, people who are asked to join, and what need not wake: told as complaints. */
import { expect } from "vitest";
import { object } from "../company.ts";
import { story } from "../story.ts";

const NIGHT = { startsAt: "2026-11-24T02:00:00Z" };
const severities = {
  SEV1: { tells: [] },
  SEV2: { tells: [] },
  SEV3: { tells: [] },
  SEV4: { tells: [] },
};

story("acknowledged half asleep and forgotten: after a reminder it pages again", async (sim) => {
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  expect((await sim.incident("INC-1")).lease?.person).toBe("alice");
  await sim.forward("89m");
  expect(sim.pagesTo("alice")).toHaveLength(1);
  await sim.forward("1m");
  sim.expectMail("alice", /counts until 2026-11-23T12:00/);
  await sim.forward("29m");
  expect(sim.pagesTo("alice")).toHaveLength(1);
  await sim.forward("1m");
  expect(sim.pagesTo("alice")).toHaveLength(2);
  expect(await sim.timeline("INC-1")).toContain(
    "alice no longer has it: it is not resolved, and nobody renewed it.",
  );
  await sim.forward("5m");
  expect(sim.pagesTo("bob")).toHaveLength(1);
  await sim.as("bob").resolve("INC-1");
  await sim.forward("24h");
  expect(sim.pagesTo("bob")).toHaveLength(1);
});

story(
  "paged again although I am at it: what I do renews the acknowledge, and so does saying so",
  async (sim) => {
    await sim.event();
    await sim.as("alice").acknowledge("INC-1");
    await sim.forward("1h");
    await sim
      .as("alice")
      .postUpdate("INC-1", { text: "Moving traffic.", audiences: ["engineering"] });
    await sim.forward("100m");
    await sim.as("bob").renew("INC-1");
    await sim.forward("100m");
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.as("alice").mitigate("INC-1");
    await sim.forward("110m");
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.as("alice").resolve("INC-1");
  },
);

story("a team that wants no lease has none", async (sim) => {
  await sim.configure(
    object("policies", "default", {
      severities: { ...severities, SEV1: { tells: [], acknowledgeLease: "none" } },
    }),
  );
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  await sim.forward("48h");
  expect(sim.pagesTo("alice")).toHaveLength(1);
  await expect(sim.as("alice").renew("INC-1")).rejects.toThrow("nothing to renew");
});

story(
  "I asked for help and never heard: they are paged until they answer, then I am told",
  async (sim) => {
    await sim.event();
    await sim.as("alice").acknowledge("INC-1");
    await sim.as("alice").addResponders("INC-1", {
      to: [{ person: "dave" }, { schedule: "payments-secondary" }],
      message: "the primary lags",
    });
    expect(sim.expectMail("dave", /asks you to join/).text).toMatch(/the primary lags/);
    sim.expectMail("bob", /asks you to join/);
    await sim.as("bob").join("INC-1");
    await sim.forward("5m");
    await sim.forward("5m");
    expect(sim.pagesTo("dave")).toHaveLength(3);
    expect(sim.pagesTo("bob")).toHaveLength(1);
    await sim.forward("5m");
    sim.expectMail("alice", /dave did not answer/);
    const { requests, roles } = await sim.incident("INC-1");
    expect(requests.map(({ person, answer }) => [person, answer])).toEqual([
      ["dave", "unanswered"],
      ["bob", "joined"],
    ]);
    expect(roles).toContainEqual({ role: "responder", person: "bob" });
    await sim.forward("1h");
    expect(sim.pagesTo("dave")).toHaveLength(3);
  },
);

story(
  "asked twice and no way to say no: a no by the link ends it, and the asker hears",
  async (sim) => {
    await sim.event();
    await sim.as("alice").acknowledge("INC-1");
    const ask = () => sim.as("alice").addResponders("INC-1", { to: [{ person: "dave" }] });
    await ask();
    await ask();
    expect(sim.pagesTo("dave")).toHaveLength(1);
    const mail = sim.expectMail("dave", /asks you to join/);
    expect(await sim.openLink(mail)).toMatch(/asks you to join/);
    expect(await sim.clickLink(mail, "decline")).toMatch(/You have declined/);
    sim.expectMail("alice", /dave cannot join/);
    await sim.forward("1h");
    expect(sim.pagesTo("dave")).toHaveLength(1);
    await expect(sim.as("dave").join("INC-1")).rejects.toThrow("was not asked to join");
  },
);

story("only an acknowledge by link: not mine, escalate and resolved are there too", async (sim) => {
  await sim.event();
  await sim.clickLink(sim.expectMail("alice", /SEV1/), "not-mine");
  const page = sim.expectMail("bob", /SEV1/);
  expect(await sim.clickLink(page)).toMatch(/You have it/);
  await sim.clickLink(page, "escalate");
  const last = sim.expectMail("carol", /SEV1/);
  await sim.clickLink(last);
  expect(await sim.clickLink(last, "resolve")).toMatch(/It is over/);
  expect((await sim.incident("INC-1")).state).toBe("resolved");
});

story(
  "a mail for every trifle at night: what is quiet is told once, when business hours begin",
  async (sim) => {
    await sim.event({ severity: "warning", title: "A" });
    await sim.event({ severity: "warning", title: "B", service: "refunds" });
    expect(sim.mailsTo("alice")).toEqual([]);
    expect(await sim.timeline("INC-1")).toContain(
      "alice hears of it when business hours begin, at 2026-11-24T08:00:00.000Z.",
    );
    await sim.as("bob").resolve("INC-1");
    await sim.forwardTo("2026-11-24T07:59:59Z");
    expect(sim.mailsTo("alice")).toEqual([]);
    await sim.forward("1s");
    const mail = sim.expectMail("alice", /2 that could wait/);
    expect(mail.text).toMatch(/INC-1 \(SEV3, resolved\): A/);
    expect(mail.text).toMatch(/INC-2 \(SEV3, declared\): B/);
    sim.expectNoMore("alice");
  },
  { startsAt: "2026-11-24T06:00:00Z" },
);

story(
  "woken for a service that nobody needs at night: quiet by tier and hours, and it pages in the morning",
  async (sim) => {
    await sim.configure(
      object("policies", "default", {
        severities,
        urgency: [{ tiers: [2, 3, 4], hours: "outside", urgency: "low" }],
      }),
    );
    await sim.event({ service: "refunds" });
    await sim.event({ service: "checkout", title: "Payments fail" });
    expect(sim.pagesTo("alice").map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/INC-2/),
    ]);
    await sim.as("alice").acknowledge("INC-2");
    await sim.forwardTo("2026-11-24T08:00:00Z");
    expect(sim.pagesTo("alice").some(({ subject }) => /INC-1/.test(subject))).toBe(true);
    await sim.as("alice").acknowledge("INC-1");
    await sim.as("alice").resolve("INC-2");
  },
  NIGHT,
);
