/** Whom an unanswered page wakes next, and when it stops. */
import { expect } from "vitest";
import { object } from "../company.ts";
import { story } from "../story.ts";

story(
  "nobody answered and nobody else was asked: secondary at 5 minutes, head at 10, again from the start, then exhausted",
  async (sim) => {
    await sim.event({ title: "Database down" });
    sim.expectMail("alice", /SEV1.*Database down/);
    sim.expectMail("engineering", /INC-1 declared/);
    await sim.forward("4m59s");
    sim.expectNoMore();
    await sim.forward("1s");
    sim.expectMail("bob", /SEV1.*Database down/);
    await sim.forward("5m");
    sim.expectMail("carol", /Database down/);
    await sim.forward("10m");
    sim.expectMail("alice", /Database down/);
    await sim.forward("10m");
    sim.expectMail("bob", /Database down/);
    const last = await sim.openLink(sim.expectMail("carol", /last step of the policy/));
    expect(last).toMatch(/You are paged at/);
    await sim.forward("10m");
    // The last resort: the team's manager, once more.
    expect((await sim.timeline("INC-1")).slice(-2)).toEqual([
      "Nobody answered and the policy payments is exhausted.",
      "Paged carol, who manages payments.",
    ]);
    expect(sim.pagesTo("carol")).toHaveLength(3);
    await sim.forward("30m");
    expect(sim.pagesTo("carol")).toHaveLength(3);
    expect((await sim.incident("INC-1")).acknowledgedAt).toBeNull();
  },
);

story(
  "nobody was on call and nobody knew: a gap in the schedule goes on to the next step at once",
  async (sim) => {
    await sim.event({ service: "reports", severity: "critical" });
    sim.expectMail("erin", /SEV1/);
    sim.expectNoMore("dave");
    expect(await sim.timeline("INC-1")).toContain(
      "Step 1, round 1: nobody is on call; going on to the next step.",
    );
  },
  { startsAt: "2026-11-23T21:00:00Z" },
);

story(
  "I had taken her shift and she was paged: an override pages the substitute, and ends when it ends",
  async (sim) => {
    await sim.override("payments-primary", "erin", "1h");
    await sim.event({ service: "checkout" });
    sim.expectMail("erin", /You are on call|SEV1/);
    sim.expectNoMore("alice");
    await sim.as("erin").acknowledge("INC-1");
    await sim.forward("61m");
    await sim.event({ service: "refunds" });
    sim.expectMail("alice", /INC-2/);
  },
);

story(
  "the one on call could not be reached: who has no contact is named and does not hold the next one up",
  async (sim) => {
    await sim.configure(
      object("people", "alice", {
        name: "Alice",
        email: "alice@sim.example",
        roles: [{ role: "responder" }],
      }),
    );
    await sim.event();
    sim.expectMail("bob", /SEV1/);
    const told = await sim.timeline("INC-1");
    expect(told).toContain("alice cannot be reached: no contact method on a configured channel.");
  },
);

story(
  "my phone rang although I had it: a second contact method waits its minutes and is spared by an acknowledge",
  async (sim) => {
    await sim.configure(
      object("people", "alice", {
        name: "Alice",
        email: "alice@sim.example",
        contacts: [
          { channel: "mail", address: "alice@sim.example" },
          { channel: "hook", address: "https://hooks.sim.example/alice", afterMinutes: 2 },
        ],
        roles: [{ role: "responder" }],
      }),
    );
    await sim.event();
    expect(sim.expectMail("alice", /SEV1/).via).toBe("mail");
    await sim.forward("2m");
    expect(sim.expectMail("alice", /SEV1/).via).toBe("http");
    await sim.as("alice").acknowledge("INC-1");
    await sim.event({ service: "refunds" });
    expect(sim.expectMail("alice", /INC-2/).via).toBe("mail");
    await sim.forward("1m");
    await sim.as("alice").acknowledge("INC-2");
    await sim.forward("10m");
    sim.expectNoMore("alice");
  },
);

story(
  "my shift had ended and I was paged: the next round asks who is on call by then",
  async (sim) => {
    const steps = [{ notify: [{ schedule: "discovery-daily" }], timeoutMinutes: 5 }];
    await sim.configure(
      object("escalations", "discovery", { name: "Discovery", steps, repeat: 1 }),
    );
    await sim.event({ service: "search" });
    await sim.forward("5m");
    const paged = (await sim.pages("INC-1")).map(({ person }) => person);
    expect(paged.toSorted()).toEqual(["dave", "erin"]);
    await sim.as("dave").acknowledge("INC-1");
  },
  { startsAt: "2026-11-24T07:57:00Z" },
);
