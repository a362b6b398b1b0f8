/** What escalation policies can say, and what people may do to them, each told as the complaint it answers. */
import { expect } from "vitest";
import { object } from "../company.ts";
import { story } from "../story.ts";

type Step = Parameters<typeof object<"escalations">>[2]["steps"][number];
const policy = (steps: readonly Step[], more: object = {}, id = "payments") =>
  object("escalations", id, { name: id, team: "payments", steps: [...steps], repeat: 0, ...more });
const to = (person: string, more: Partial<Step> = {}): Step => ({
  notify: [{ person }],
  timeoutMinutes: 5,
  ...more,
});
const SATURDAY = { startsAt: "2026-11-28T10:00:00Z" };

story(
  "it is always me: people in turn share the pages, and whoever cannot be reached is left out",
  async (sim) => {
    const everybody = { notify: [{ team: "payments" }], timeoutMinutes: 5, inTurn: true };
    await sim.configure(
      policy([everybody]),
      object("people", "bob", {
        name: "Bob",
        email: "bob@sim.example",
        roles: [{ role: "responder" }],
      }),
    );
    for (const [person, title] of [
      ["alice", "one"],
      ["carol", "two"],
      ["alice", "three"],
    ] as const) {
      await sim.event({ title, service: title === "two" ? "refunds" : "checkout" });
      expect(sim.pagesTo(person).at(-1)?.subject).toMatch(title);
      await sim.as("carol").resolve(`INC-${["one", "two", "three"].indexOf(title) + 1}`);
    }
    expect(sim.pagesTo("alice")).toHaveLength(2);
    expect(sim.pagesTo("bob")).toEqual([]);
  },
);

story(
  "only one was paged: a step pages a schedule, a team and a person at once, each once",
  async (sim) => {
    const notify = [{ schedule: "payments-primary" }, { team: "discovery" }, { person: "alice" }];
    await sim.configure(policy([{ notify, timeoutMinutes: 5 }]));
    await sim.event();
    for (const person of ["alice", "dave", "erin"]) sim.expectMail(person, /SEV1/);
    sim.expectNoMore("alice");
    await sim.as("dave").acknowledge("INC-1");
  },
);

story(
  "woken for nothing: a step for SEV1 alone is passed over, and the timeline says so",
  async (sim) => {
    await sim.configure(policy([to("carol", { when: { severities: ["SEV1"] } }), to("alice")]));
    await sim.event({ severity: "error" });
    sim.expectMail("alice", /SEV2/);
    expect(sim.pagesTo("carol")).toEqual([]);
    expect(await sim.timeline("INC-1")).toContain(
      "Step 1, round 1: passed over, it is not for its severities.",
    );
    await sim.as("alice").acknowledge("INC-1");
  },
);

story("the wrong team: a step for a label pages only where an alert has it", async (sim) => {
  await sim.configure(
    policy([
      to("erin", { when: { labels: { class: "healing" } } }),
      to("bob", { when: { labels: { class: "x" } } }),
      to("alice"),
    ]),
  );
  await sim.event({ severity: "error", class: "healing" });
  sim.expectMail("erin", /SEV2/);
  await sim.forward("5m");
  sim.expectMail("alice", /SEV2/);
  expect(sim.pagesTo("bob")).toEqual([]);
  await sim.as("alice").acknowledge("INC-1");
});

story(
  "a page at the weekend that could wait: it is held, promises when it goes on, and keeps it",
  async (sim) => {
    await sim.configure(policy([to("alice", { inBusinessHours: true }), to("bob")]));
    await sim.event({ severity: "error" });
    expect(sim.pagesTo("alice")).toEqual([]);
    expect(await sim.timeline("INC-1")).toContain(
      "Step 1 waits for business hours and pages at 2026-11-30T08:00:00.000Z.",
    );
    await sim.forwardTo("2026-11-30T07:59:59Z");
    expect(sim.pagesTo("alice")).toEqual([]);
    await sim.forward("1s");
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.forward("5m");
    expect(sim.pagesTo("bob")).toHaveLength(1);
    await sim.as("bob").acknowledge("INC-1");
  },
  SATURDAY,
);

story(
  "held although it became a SEV1: raising it begins the policy anew",
  async (sim) => {
    await sim.configure(
      policy([
        to("bob", { when: { severities: ["SEV1"] } }),
        to("alice", { inBusinessHours: true }),
      ]),
    );
    await sim.event({ severity: "error" });
    expect(sim.pagesTo("bob")).toEqual([]);
    await sim.as("carol").changeSeverity("INC-1", { severity: "SEV1", because: "all customers" });
    expect(sim.pagesTo("bob")).toHaveLength(1);
    await sim.as("bob").acknowledge("INC-1");
  },
  SATURDAY,
);

story(
  "nobody heard that nobody answered: the policy hands over to the next, and only its end calls the manager",
  async (sim) => {
    await sim.configure(
      policy([to("dave")], { team: "discovery" }, "last-resort"),
      policy([to("alice"), to("bob")], { then: "last-resort" }),
    );
    await sim.event();
    await sim.forward("10m");
    sim.expectMail("dave", /SEV1/);
    expect(await sim.timeline("INC-1")).toContain(
      "Nobody answered and the policy payments hands over to last-resort.",
    );
    expect(sim.pagesTo("carol")).toEqual([]);
    await sim.forward("5m");
    expect(sim.pagesTo("carol")).toHaveLength(1);
    expect(await sim.timeline("INC-1")).toContain(
      "Nobody answered and the policy last-resort is exhausted.",
    );
  },
);

story(
  "I have it and need help now: escalating by hand pages the next step at once",
  async (sim) => {
    await sim.event();
    const mail = sim.expectMail("alice", /SEV1/);
    await sim.clickLink(mail);
    await sim.forward("20m");
    expect(sim.pagesTo("bob")).toEqual([]);
    await sim.as("alice").escalate("INC-1", { because: "needs the database" });
    expect(sim.expectMail("bob", /SEV1/).text).toMatch(/INC-1/);
    expect((await sim.incident("INC-1")).acknowledgedAt).toBeNull();
    expect(await sim.timeline("INC-1")).toContain(
      "alice asks for the next step. needs the database",
    );
    // Bob does not answer either: the list goes on from there.
    await sim.forward("5m");
    expect(sim.pagesTo("carol")).toHaveLength(1);
    await sim.as("carol").acknowledge("INC-1");
    await sim.forward("1h");
    expect(sim.pagesTo("bob")).toHaveLength(1);
  },
);

story(
  "it waits for Monday, but not for me: who asks for a held step gets it now",
  async (sim) => {
    await sim.configure(policy([to("alice", { inBusinessHours: true })]));
    await sim.event({ severity: "error" });
    expect(sim.pagesTo("alice")).toEqual([]);
    await sim.as("bob").escalate("INC-1");
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.as("alice").acknowledge("INC-1");
  },
  SATURDAY,
);

story(
  "given to others and forgotten: when they do not answer, its own policy begins",
  async (sim) => {
    await sim.event();
    await sim.as("alice").acknowledge("INC-1");
    await sim
      .as("alice")
      .reassign("INC-1", { to: { schedule: "discovery-daily" }, because: "search" });
    const holder = sim.pagesTo("dave").length === 1 ? "dave" : "erin";
    expect(sim.pagesTo(holder)).toHaveLength(1);
    expect((await sim.incident("INC-1")).acknowledgedBy).toBeNull();
    // What happens otherwise is told with the page, also what comes after what was given to them.
    const told = await sim.openLink(sim.expectMail(holder, /SEV1/));
    expect(told).toMatch(/Alice Sim is paged at.*10:05/s);
    await sim.forward("5m");
    expect(sim.pagesTo("alice")).toHaveLength(2);
    await sim.as("alice").acknowledge("INC-1");
  },
);

story("given to another policy: that one runs from its first step", async (sim) => {
  await sim.event();
  await sim.as("bob").reassign("INC-1", { to: { policy: "days-then-erin" } });
  expect(sim.pagesTo("dave")).toHaveLength(1);
  await sim.forward("5m");
  expect(sim.pagesTo("erin")).toHaveLength(1);
  expect(sim.pagesTo("bob")).toEqual([]);
  await sim.as("erin").acknowledge("INC-1");
});

story(
  "paged for what is not mine: I say so, and the next one is paged instead of me",
  async (sim) => {
    await sim.event();
    sim.expectMail("alice", /SEV1/);
    await sim.as("alice").notMine("INC-1", { because: "the storage team runs it" });
    sim.expectMail("bob", /SEV1/);
    expect(await sim.timeline("INC-1")).toContain(
      "alice says that it is not theirs. the storage team runs it",
    );
    await sim.as("bob").acknowledge("INC-1");
  },
);

story("not mine, but another of the step has it still: nobody further is woken", async (sim) => {
  await sim.configure(
    policy([{ notify: [{ team: "discovery" }], timeoutMinutes: 5 }, to("carol")]),
  );
  await sim.event();
  await sim.as("dave").notMine("INC-1");
  expect(sim.pagesTo("carol")).toEqual([]);
  await sim.as("erin").notMine("INC-1");
  expect(sim.pagesTo("carol")).toHaveLength(1);
  await sim.as("carol").acknowledge("INC-1");
});

story("not mine after I took it: it goes on where it was", async (sim) => {
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  await sim.as("alice").notMine("INC-1");
  expect(sim.pagesTo("bob")).toHaveLength(1);
  expect((await sim.incident("INC-1")).acknowledgedBy).toBeNull();
  await expect(sim.as("dave").notMine("INC-1")).rejects.toThrow("dave was not paged for INC-1");
  await sim.as("bob").acknowledge("INC-1");
  await expect(sim.as("alice").notMine("INC-1")).rejects.toThrow("was acknowledged by bob");
});
