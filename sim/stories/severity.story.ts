/** What a severity promises, and what changes when it does. */
import { expect } from "vitest";
import { story } from "../story.ts";

story(
  "a SEV3 is deferred while a SEV1 burns, its clock stands still, and it goes on when that is mitigated",
  async (sim) => {
    await sim.event({ service: "refunds", severity: "warning", title: "Typo in receipts" });
    await expect(sim.as("alice").defer("INC-1", { because: "busy" })).rejects.toThrow(
      /no higher severity/,
    );
    await sim.forward("1h");
    await sim.event({ service: "checkout", title: "Payments fail" });
    await sim.as("alice").defer("INC-1", { because: "all hands on INC-2" });
    const clock = async () => {
      const { deadlines } = await sim.incident("INC-1");
      return deadlines.find((deadline) => deadline.kind === "acknowledge");
    };
    expect(await clock()).toMatchObject({ state: "paused", pausedBecause: "all hands on INC-2" });
    await sim.forward("5h");
    expect(await clock()).toMatchObject({ state: "paused" });
    await sim.as("alice").mitigate("INC-2");
    expect(await clock()).toMatchObject({ state: "running" });
    expect((await sim.incident("INC-1")).deferred).toBeNull();
    await sim.forward("3h");
    expect(await clock()).toMatchObject({ state: "breached" });
  },
);

story(
  "a raised severity computes the clocks anew from the declaration and pages who is on call",
  async (sim) => {
    await sim.event({ severity: "warning", title: "Slow" });
    sim.expectMail("alice", /SEV3/);
    await sim.forward("6m");
    sim.expectNoMore();
    await sim.as("bob").changeSeverity("INC-1", { severity: "SEV1", because: "nobody can pay" });
    const page = sim.expectMail("alice", /SEV1/);
    expect(page.text).toContain("Acknowledge:");
    const { declaredAt, deadlines } = await sim.incident("INC-1");
    const due = deadlines.find(({ kind }) => kind === "acknowledge")?.dueAt ?? "";
    expect(Date.parse(due) - Date.parse(declaredAt)).toBe(15 * 60_000);
    await sim.forward("5m");
    sim.expectMail("bob", /SEV1/);
  },
);

story("what was acknowledged as a SEV3 and turns into a SEV1 pages again", async (sim) => {
  await sim.event({ severity: "warning", title: "Slow" });
  sim.expectMail("alice", /SEV3/);
  await sim.as("alice").acknowledge("INC-1");
  await sim.forward("10m");
  await sim.as("bob").changeSeverity("INC-1", { severity: "SEV1", because: "nobody can pay" });
  sim.expectMail("alice", /SEV1/);
  expect((await sim.incident("INC-1")).acknowledgedAt).toBeNull();
  await sim.forward("5m");
  sim.expectMail("bob", /SEV1/);
  await sim.as("bob").acknowledge("INC-1");
});

story("raising what pages already does not start the policy anew", async (sim) => {
  await sim.event({ severity: "error" });
  sim.expectMail("alice", /SEV2/);
  await sim.forward("4m");
  await sim.as("carol").changeSeverity("INC-1", { severity: "SEV1", because: "all of Europe" });
  await sim.forward("1m");
  sim.expectMail("bob", /SEV1/);
});

story("a worse alert raises its open incident", async (sim) => {
  await sim.event({ key: "one", severity: "warning" });
  await sim.event({ key: "one", severity: "critical" });
  expect(await sim.incident("INC-1")).toMatchObject({ severity: "SEV1" });
  sim.expectMail("alice", /SEV3/);
  sim.expectMail("alice", /SEV1/);
});

story("a severity lowered below paging stops the escalation", async (sim) => {
  await sim.event();
  await sim.forward("1m");
  await sim.as("bob").changeSeverity("INC-1", { severity: "SEV3", because: "only the test shop" });
  await sim.forward("1h");
  expect(sim.pagesTo("bob")).toEqual([]);
  expect(sim.pagesTo("carol")).toEqual([]);
});

story(
  "a SEV4 gets its commander in business hours only",
  async (sim) => {
    await sim.event({ severity: "warning", class: "cosmetic", title: "Typo" });
    expect(await sim.incident("INC-1")).toMatchObject({ severity: "SEV4", commander: null });
    await sim.forwardTo("2026-11-23T07:59:59Z");
    expect(sim.pagesTo("alice")).toEqual([]);
    await sim.forward("1s");
    expect(await sim.incident("INC-1")).toMatchObject({ commander: "alice" });
    sim.expectMail("alice", /SEV4/);
  },
  { startsAt: "2026-11-20T22:00:00Z" },
);
