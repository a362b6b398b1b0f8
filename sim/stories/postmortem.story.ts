/** What follows when it is over: nine sections on time, a meeting, and promises that are kept. */
import { expect } from "vitest";
import { changeActionItem } from "../../contract/postmortem.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

async function resolved(sim: Simulation): Promise<void> {
  await sim.event({ title: "Payments fail" });
  await sim.as("alice").acknowledge("INC-1");
  await sim.forward("40m");
  await sim.as("alice").resolve("INC-1");
}

story(
  "resolving a SEV1 drafts nine sections that are due in 48 hours, with what is known filled in",
  async (sim) => {
    await resolved(sim);
    const { sections, dueAt, required, state } = await sim.as("alice").readPostmortem("INC-1");
    expect(sections).toHaveLength(9);
    expect({ required, state }).toEqual({ required: true, state: "draft" });
    const { resolvedAt } = await sim.incident("INC-1");
    expect(Date.parse(dueAt ?? "") - Date.parse(resolvedAt ?? "")).toBe(48 * 3_600_000);
    const text = sections.map((section) => section.body).join("\n");
    expect(text).toMatch(/INC-1[^]*SEV1[^]*alice/i);
    expect(text).toContain("Payments fail");
    expect(await sim.timeline("INC-1")).toContain("Postmortem drafted.");
  },
);

story(
  "a postmortem that nobody publishes is reminded of and then overdue, and the manager hears",
  async (sim) => {
    await resolved(sim);
    await sim.forward("36h");
    sim.expectMail("alice", /postmortem clock is at 75 %/);
    await sim.forward("12h");
    sim.expectMail("alice", /postmortem clock is at 90 %/);
    sim.expectMail("alice", /postmortem clock was missed/);
    sim.expectMail("carol", /postmortem clock was missed/);
    await sim.forward("1s");
    expect(await sim.as("alice").readPostmortem("INC-1")).toMatchObject({ overdue: true });
  },
);

story("a SEV1 calls a review meeting in working hours, with an invitation", async (sim) => {
  await resolved(sim);
  const { tasks } = await sim.incident("INC-1");
  const meeting = tasks.find((task) => task.kind === "review meeting");
  // Due on Wednesday at 11:40 of Berlin: reviewed on Thursday at ten.
  expect(meeting?.dueAt).toBe("2026-11-26T09:00:00.000Z");
  sim.expectMail("alice", /Review meeting: INC-1/);
  sim.expectMail("carol", /Review meeting: INC-1/);
});

story("published with an action item it is shared and counts as lessons learned", async (sim) => {
  await resolved(sim);
  await sim
    .as("alice")
    .addActionItem("INC-1", { priority: "P0", title: "Alarm on full disks", owner: "bob" });
  await sim.as("alice").publishPostmortem("INC-1");
  sim.expectMail("engineering", /Postmortem of INC-1/);
  const { acceptance, deadlines } = await sim.incident("INC-1");
  expect(acceptance.find(({ piece }) => piece === "lessons")?.text).toMatch(
    /action items assigned: 1/,
  );
  expect(deadlines.find(({ kind }) => kind === "postmortem")?.state).toBe("met");
});

story(
  "an action item is followed until it is done: reminder, overdue, reviewed every week, then silence",
  async (sim) => {
    await resolved(sim);
    await sim
      .as("alice")
      .addActionItem("INC-1", { priority: "P0", title: "Alarm on full disks", owner: "bob" });
    await sim.as("alice").publishPostmortem("INC-1");
    await sim.forward("6d");
    sim.expectMail("bob", /AI-1 \(P0\) is due/);
    await sim.forward("1d");
    sim.expectMail("bob", /AI-1 \(P0\) is overdue/);
    sim.expectMail("carol", /AI-1/);
    sim.expectMail("carol", /1 open action items? of Payments/);
    await sim.forward("7d");
    sim.expectMail("carol", /1 open action items? of Payments, 1 overdue/);
    sim.expectMail("bob", /1 open action items? of Payments, 1 overdue/);
    await sim.call("bob")(changeActionItem, { params: { id: "AI-1" }, body: { status: "done" } });
    const before = sim.mailsTo("bob").length;
    await sim.forward("14d");
    expect(sim.mailsTo("bob")).toHaveLength(before);
  },
);

story(
  "a reopened incident takes its postmortem back and owes it again when it is over",
  async (sim) => {
    await resolved(sim);
    await sim.forward("1h");
    await sim.as("alice").reopen("INC-1", { because: "it came back" });
    const clock = async () => {
      const { deadlines } = await sim.incident("INC-1");
      return deadlines.find(({ kind }) => kind === "postmortem");
    };
    expect((await clock())?.state).toBe("withdrawn");
    await sim.forward("1h");
    await sim.as("alice").resolve("INC-1");
    expect(await clock()).toMatchObject({ state: "running" });
    const { resolvedAt } = await sim.incident("INC-1");
    expect(Date.parse((await clock())?.dueAt ?? "") - Date.parse(resolvedAt ?? "")).toBe(
      48 * 3_600_000,
    );
  },
);

story("a SEV3 owes no postmortem", async (sim) => {
  await sim.event({ severity: "warning" });
  await sim.as("alice").resolve("INC-1");
  await sim.forward("7d");
  expect((await sim.incident("INC-1")).deadlines.map(({ kind }) => kind)).not.toContain(
    "postmortem",
  );
  expect(await sim.timeline("INC-1")).not.toContain("Postmortem drafted.");
});
