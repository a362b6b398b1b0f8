/** What happens to a page when mail servers, networks and nodes fail. */
import { expect } from "vitest";
import { story } from "../story.ts";

story(
  "the mail server is down: retried with backoff, then the next person at once, and never lost",
  async (sim) => {
    sim.allSends("down");
    await sim.event();
    await sim.forward("15s");
    expect(await sim.timeline("INC-1")).toContain(
      "The page to alice by mail failed (connection refused); going on to the next step.",
    );
    sim.allSends("accept");
    await sim.forward("1m");
    sim.expectMail("bob", /SEV1/);
    sim.expectMail("alice", /SEV1/);
    await sim.as("bob").acknowledge("INC-1");
  },
);

story(
  "one person's mailbox is broken: the next one still has the full five minutes",
  async (sim) => {
    sim.sendsTo("alice", "busy", "busy", "busy", "busy", "busy", "busy", "busy", "busy", "busy");
    await sim.event();
    await sim.forward("20s");
    sim.expectMail("bob", /SEV1/);
    await sim.forward("4m50s");
    expect(sim.pagesTo("carol")).toEqual([]);
    await sim.forward("10s");
    sim.expectMail("carol", /SEV1/);
  },
);

story("a mailbox that does not exist hands the page on at once", async (sim) => {
  sim.sendsTo("alice", "refuse");
  await sim.event();
  sim.expectMail("bob", /SEV1/);
  expect((await sim.pages("INC-1")).find((page) => page.person === "alice")).toMatchObject({
    state: "failed",
    because: expect.stringContaining("no such mailbox"),
  });
});

story(
  "a lost reply is sent again with the same Message-ID, marked as a possible repeat, and counted",
  async (sim) => {
    sim.sendsTo("alice", "loses the reply");
    await sim.event();
    await sim.forward("10s");
    const [first, second] = [sim.expectMail("alice", /SEV1/), sim.expectMail("alice", /SEV1/)];
    expect(second.messageId).toBe(first.messageId);
    expect([first.mayRepeat, second.mayRepeat]).toEqual([false, true]);
    const page = (await sim.pages("INC-1")).find(({ person }) => person === "alice");
    expect(page).toMatchObject({ state: "accepted", mayRepeat: true });
    await sim.forward("4m");
    sim.expectNoMore("alice");
  },
);

story(
  "a mail that takes half a minute is the node's that sends it, as long as that lives",
  async (sim) => {
    sim.sendsTo("alice", { takesMs: 40_000 });
    await sim.event();
    await sim.forward("4m");
    expect(sim.mailsTo("alice").map((mail) => mail.mayRepeat)).toEqual([false]);
  },
  { nodes: 2 },
);

story(
  "a mail that takes a minute is delivered once or says that it may be a repeat",
  async (sim) => {
    sim.sendsTo("alice", { takesMs: 75_000 });
    await sim.event();
    await sim.forward("4m");
    const mails = sim.mailsTo("alice");
    expect(mails.map((mail) => mail.mayRepeat).toSorted()).toEqual([false, true]);
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1);
  },
);

for (const [moment, behaviour, copies] of [
  ["between the claim and the send", "hangs before", 1],
  ["between the send and its reply", "hangs after", 2],
] as const)
  story(
    `a node dies ${moment}: the other one sends within the lease`,
    async (sim) => {
      sim.sendsTo("alice", behaviour);
      await sim.event();
      sim.killWhoSendsTo("alice");
      await sim.forward("14s");
      expect(sim.pagesTo("alice")).toHaveLength(copies - 1);
      await sim.forward("1s");
      expect(sim.pagesTo("alice")).toHaveLength(copies);
      expect(sim.mailsTo("alice").at(-1)?.mayRepeat).toBe(true);
      await sim.forward("3m");
      expect(sim.pagesTo("alice")).toHaveLength(copies);
    },
    { nodes: 2 },
  );
