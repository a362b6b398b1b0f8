/** “I have it”: from the mail, in time, a moment too late. */
import { expect } from "vitest";
import { type Db, transact } from "../../server/base/db.ts";
import { ENGINE_READER } from "../../server/domain/account/account.ts";
import { lockIncident } from "../../server/domain/incident/store.ts";
import { story } from "../story.ts";

story(
  "acknowledged by link: nobody else is paged, and reading the mail acknowledges nothing",
  async (sim) => {
    await sim.event();
    const mail = sim.expectMail("alice", /SEV1/);
    sim.expectMail("engineering", /declared/);
    expect(await sim.openLink(mail)).toContain("Nobody has it yet");
    expect((await sim.incident("INC-1")).acknowledgedAt).toBeNull();
    expect(await sim.clickLink(mail)).toContain("The escalation has stopped");
    expect((await sim.incident("INC-1")).acknowledgedBy).toBe("alice");
    await sim.forward("30m");
    expect([...sim.pagesTo("bob"), ...sim.pagesTo("carol")]).toEqual([]);
  },
);

story(
  "paged after acknowledging: what was in flight is shown in flight, and nothing follows it",
  async (sim) => {
    sim.sendsTo("bob", { takesMs: 20_000 });
    await sim.event();
    await sim.forward("5m");
    await sim.forward("5s");
    await sim.as("alice").acknowledge("INC-1");
    const pages = await sim.pages("INC-1");
    expect(pages.find((page) => page.person === "bob")).toMatchObject({
      state: "sending",
      inFlight: true,
    });
    await sim.forward("1h");
    expect(sim.expectMail("bob", /SEV1/).at - sim.startedAt).toBe(320_000);
    expect(sim.pagesTo("carol")).toEqual([]);
  },
);

story(
  "paged after acknowledging: a page that waits for its second attempt is dropped",
  async (sim) => {
    sim.sendsTo("alice", "busy");
    await sim.event();
    await sim.as("bob").acknowledge("INC-1");
    await sim.forward("1h");
    expect(
      (await sim.pages("INC-1")).map(({ person, state, because }) => [person, state, because]),
    ).toContainEqual(["alice", "dropped", "acknowledged"]);
    expect(sim.pagesTo("alice")).toEqual([]);
  },
);

story(
  "my acknowledge was lost: the node died with the answer, and pressing again says who has it",
  async (sim) => {
    await sim.event();
    const mail = sim.expectMail("alice", /SEV1/);
    await sim.clickLink(mail);
    sim.replaceNodes();
    expect(await sim.clickLink(mail)).toContain("You have it");
    await sim.forward("30m");
    expect((await sim.incident("INC-1")).acknowledgedBy).toBe("alice");
    expect([...sim.pagesTo("bob"), ...sim.pagesTo("carol")]).toEqual([]);
  },
);

story(
  "paged for what is over: a page that waits for its second attempt is dropped when its alert ends",
  async (sim) => {
    sim.sendsTo("alice", "busy");
    await sim.event({ class: "healing" });
    await sim.event({ class: "healing", action: "resolve" });
    await sim.forward("1h");
    expect(sim.pagesTo("alice")).toEqual([]);
    const [page] = await sim.pages("INC-1");
    expect(page).toMatchObject({ person: "alice", state: "dropped", because: "resolved" });
  },
);

story("two got up for one page: the second to acknowledge is told who has it", async (sim) => {
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  await expect(sim.as("bob").acknowledge("INC-1")).rejects.toThrow(/acknowledged by alice/);
});

story(
  "acknowledged in the monitoring and paged all the same: an acknowledge in the sender's own tool stops the escalation too",
  async (sim) => {
    await sim.event({ key: "db" });
    await sim.event({ key: "db", action: "acknowledge" });
    await sim.forward("30m");
    expect(sim.pagesTo("bob")).toEqual([]);
    expect((await sim.incident("INC-1")).acknowledgedAt).not.toBeNull();
  },
);

story("command changes hands only when it is accepted", async (sim) => {
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  await sim.as("alice").handOver("INC-1", { to: "bob" });
  sim.expectMail("bob", /take over command/);
  expect((await sim.incident("INC-1")).commander).toBe("alice");
  await expect(sim.as("carol").acceptCommand("INC-1")).rejects.toThrow(/was not offered to you/);
  await sim.as("bob").acceptCommand("INC-1");
  expect((await sim.incident("INC-1")).commander).toBe("bob");
});

story("whoever presses once more holds nothing up, and waits for nobody", async (sim) => {
  await sim.event();
  const mine = sim.expectMail("alice", /SEV1/);
  await sim.forward("5m");
  const theirs = sim.expectMail("bob", /SEV1/);
  await sim.clickLink(mine);
  const { db } = await sim.scene();
  await transact(db as Db, async (tx) => {
    // Somebody else is at work on the incident.
    await lockIncident(tx, ENGINE_READER, 1);
    expect(await sim.clickLink(mine)).toContain("The escalation has stopped");
    expect(await sim.clickLink(theirs)).toMatch(/acknowledged INC-1 at/);
    expect(await sim.clickLink(theirs, "not-mine")).toMatch(/Alice Sim has it/);
    expect(await sim.clickLink(theirs, "join")).toMatch(/Alice Sim has it/);
  });
});

story("“not mine” pressed twice wakes nobody twice", async (sim) => {
  await sim.event({ service: "search" });
  const first = sim.expectMail("erin", /SEV1/);
  await sim.clickLink(first, "not-mine");
  const after = sim.mailsTo().length;
  await sim.clickLink(first, "not-mine");
  expect(sim.mailsTo()).toHaveLength(after);
  const told = (await sim.timeline("INC-1")).filter((line) => line.includes("not theirs"));
  expect(told).toHaveLength(1);
  await sim.as("dave").acknowledge("INC-1");
});
