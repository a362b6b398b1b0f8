/** The deadlines of an open incident, and what is owed to close it. */
import { expect } from "vitest";
import { object } from "../company.ts";
import { story } from "../story.ts";

story(
  "the acknowledge clock warns at 75 and 90 %, and its breach tells the manager",
  async (sim) => {
    await sim.event();
    await sim.forward("11m15s");
    sim.expectMail("alice", /acknowledge clock is at 75 %/);
    await sim.forward("2m15s");
    sim.expectMail("alice", /acknowledge clock is at 90 %/);
    expect(sim.mailsTo("carol").some((mail) => /clock/.test(mail.subject))).toBe(false);
    await sim.forward("1m30s");
    sim.expectMail("alice", /acknowledge clock was missed/);
    sim.expectMail("carol", /acknowledge clock was missed/);
  },
);

story("a kept promise is silent", async (sim) => {
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  await sim.as("alice").mitigate("INC-1");
  await sim.as("alice").resolve("INC-1");
  await sim.forward("24h");
  expect(sim.mailsTo("alice").filter((mail) => /clock/.test(mail.subject))).toEqual([]);
});

story(
  "status updates are asked for every half hour of a SEV1, counted from the last one",
  async (sim) => {
    await sim.event();
    await sim.as("alice").acknowledge("INC-1");
    await sim.forward("20m");
    await sim.as("alice").postUpdate("INC-1", { text: "We look into it." });
    sim.expectMail("engineering", /declared/);
    sim.expectMail("engineering", /We look into it/);
    await sim.forward("26m");
    sim.expectMail("alice", /status update clock is at 75 %/);
    await sim.forward("4m");
    sim.expectMail("alice", /status update clock was missed/);
    await sim.as("alice").postUpdate("INC-1", { text: "Found it.", audiences: ["heads"] });
    sim.expectMail("carol", /Found it/);
    await sim.forward("20m");
    expect(
      sim.mailsTo("alice").filter((mail) => /status update clock was missed/.test(mail.subject)),
    ).toHaveLength(1);
  },
);

story("closing names what is missing; a manager may override it with a reason", async (sim) => {
  await sim.event();
  await sim.as("alice").resolve("INC-1");
  await sim.as("alice").record("INC-1", { piece: "verification", text: "Error rate 0.1 %" });
  await expect(sim.as("alice").close("INC-1")).rejects.toThrow(
    /evidence.*stakeholders.*root cause.*lessons/s,
  );
  await sim.as("alice").setRootCause("INC-1", { whatHappened: "A disk was full" });
  await expect(sim.as("alice").close("INC-1")).rejects.toThrow(/^(?!.*root cause).*evidence/s);
  const override = { because: "drill" };
  await expect(sim.as("alice").close("INC-1", { override })).rejects.toThrow(/incidents.override/);
  await sim.as("carol").close("INC-1", { override });
  const { state, acceptance } = await sim.incident("INC-1");
  expect(state).toBe("closed");
  expect(acceptance.filter((piece) => piece.overridden).map(({ piece }) => piece)).toContain(
    "lessons",
  );
});

story("a cancelled incident owes nothing and is silent", async (sim) => {
  await sim.event();
  await sim.as("alice").cancel("INC-1", { reason: "false alarm" });
  const { deadlines, state } = await sim.incident("INC-1");
  expect(state).toBe("cancelled");
  expect(deadlines.every((deadline) => deadline.state === "withdrawn")).toBe(true);
  await sim.forward("7d");
  expect(sim.pagesTo("bob")).toEqual([]);
  expect(sim.pagesTo("carol")).toEqual([]);
});

story(
  "a merge moves the alerts, stops the merged escalation and takes the worse severity over",
  async (sim) => {
    await sim.event({ service: "refunds", severity: "error", title: "Refunds slow" });
    await sim.event({ service: "checkout", title: "Payments fail" });
    await sim.as("alice").acknowledge("INC-1");
    await sim.as("alice").merge("INC-2", { into: "INC-1" });
    expect((await sim.alerts()).map((alert) => alert.incident)).toEqual(["INC-1", "INC-1"]);
    expect(await sim.incident("INC-1")).toMatchObject({
      severity: "SEV1",
      services: ["refunds", "checkout"],
    });
    expect(await sim.incident("INC-2")).toMatchObject({ state: "cancelled", mergedInto: "INC-1" });
    await sim.forward("30m");
    expect(sim.pagesTo("bob")).toEqual([]);
  },
);

story(
  "wrong at the clock change: exactly one person is on call in the night when half past two comes twice",
  async (sim) => {
    const paged: string[] = [];
    // Half past two comes twice; Erin hands over at nine in the morning of Berlin, now an hour later.
    for (const at of ["00:30", "01:30", "02:30", "07:00", "07:59", "08:00"]) {
      await sim.forwardTo(`2026-10-25T${at}:00Z`);
      await sim.event({ service: "search", title: `Fault at ${at}` });
      const id = `INC-${paged.length + 1}`;
      const people = (await sim.pages(id)).map((page) => page.person ?? "nobody");
      paged.push(people.join(" and "));
      await sim.as(people[0] ?? "nobody").resolve(id);
    }
    expect(paged).toEqual(["erin", "erin", "erin", "erin", "erin", "dave"]);
  },
  { startsAt: "2026-10-24T22:00:00Z" },
);

story(
  "a restricted incident's mails do not show its title, and outsiders do not see it",
  async (sim) => {
    await sim.as("zoe").declare({
      title: "Stolen laptop of the CFO",
      severity: "SEV1",
      services: ["checkout"],
      restricted: true,
      readers: ["carol"],
    });
    sim.expectMail("alice", /A restricted incident/);
    await sim.forward("30m");
    sim.expectMail("bob", /A restricted incident/);
    for (const mail of sim.mailsTo())
      expect(`${mail.subject} ${mail.text}`).not.toMatch(/laptop|CFO|checkout/);
    expect(sim.mailsTo("engineering")).toEqual([]);
    await expect(sim.as("erin").see("INC-1")).rejects.toThrow(/no incident INC-1 that you may see/);
    expect(await sim.as("carol").see("INC-1")).toMatchObject({ title: "Stolen laptop of the CFO" });
  },
);

story(
  "a clock in business hours stands still over night, the weekend and a holiday",
  async (sim) => {
    await sim.configure(
      object("policies", "default", {
        severities: { SEV3: { tells: [], clockHours: "business" } },
      }),
    );
    await sim.event({ severity: "warning" });
    const { deadlines } = await sim.incident("INC-1");
    const due = (kind: string) => deadlines.find((deadline) => deadline.kind === kind)?.dueAt;
    // Thursday 16:00 in Berlin: one hour is left, Friday is Christmas Day, three hours of Monday.
    expect(due("acknowledge")).toBe("2026-12-28T11:00:00.000Z");
    await sim.forwardTo("2026-12-28T10:59:00Z");
    const late = (await sim.incident("INC-1")).deadlines.filter(
      ({ state }) => state === "breached",
    );
    expect(late.map(({ kind }) => kind)).toEqual(["status update"]);
  },
  { startsAt: "2026-12-24T15:00:00Z" },
);
