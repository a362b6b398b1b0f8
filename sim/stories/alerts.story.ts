/** From the tool's messages to incidents: counting, joining, closing, coming back. */
import { expect } from "vitest";
import { toIso } from "../../server/base/instant.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";

story(
  "paged again at every repeat: a re-send is one alert with a count and pages nobody again",
  async (sim) => {
    for (let times = 0; times < 5; times++) {
      await sim.event({ key: "db" });
      await sim.forward("10s");
    }
    expect(await sim.alerts()).toMatchObject([
      { dedupKey: "db", count: 5, status: "firing", incident: "INC-1" },
    ]);
    expect(sim.pagesTo("alice")).toHaveLength(1);
  },
);

story(
  "a resolve closes the alert; firing again joins the open incident and pages nobody again",
  async (sim) => {
    await sim.event({ key: "db" });
    await sim.as("alice").acknowledge("INC-1");
    for (let times = 0; times < 3; times++) {
      await sim.event({ key: "db", action: "resolve" });
      await sim.forward("30s");
      await sim.event({ key: "db" });
      await sim.forward("30s");
    }
    expect((await sim.alerts()).map((alert) => alert.incident)).toEqual([
      "INC-1",
      "INC-1",
      "INC-1",
      "INC-1",
    ]);
    expect(sim.pagesTo("alice")).toHaveLength(1);
    expect(sim.pagesTo("bob")).toEqual([]);
  },
);

story(
  "woken by every flap: a rule that lets alerts resolve their incident does, and a flap wakes nobody who has it",
  async (sim) => {
    await sim.event({ key: "node", severity: "error", class: "healing" });
    await sim.as("alice").acknowledge("INC-1");
    for (let times = 0; times < 3; times++) {
      await sim.event({ key: "node", action: "resolve" });
      expect((await sim.incident("INC-1")).state).toBe("resolved");
      await sim.forward("1m");
      await sim.event({ key: "node", severity: "error", class: "healing" });
      expect((await sim.incident("INC-1")).state).toBe("declared");
      await sim.forward("1m");
    }
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.forward("1h");
    expect(sim.pagesTo("bob")).toEqual([]);
  },
);

story(
  "a flap that nobody has goes on with its escalation instead of waking the first one again",
  async (sim) => {
    await sim.event({ key: "node", severity: "error", class: "healing" });
    await sim.forward("2m");
    for (let times = 0; times < 3; times++) {
      await sim.event({ key: "node", action: "resolve" });
      await sim.forward("30s");
      await sim.event({ key: "node", severity: "error", class: "healing" });
      await sim.forward("30s");
    }
    expect(sim.pagesTo("alice")).toHaveLength(1);
    expect(sim.pagesTo("bob")).toHaveLength(1);
  },
);

story(
  "two services are two incidents, the same service and rule is one, another rule raises another",
  async (sim) => {
    await sim.event({ service: "checkout", title: "Payments fail" });
    await sim.event({ service: "refunds", title: "Refunds fail" });
    await sim.event({ service: "checkout", title: "Cards fail" });
    await sim.event({ service: "checkout", title: "Slow", severity: "error" });
    const joined = (await sim.alerts())
      .map(({ title, incident }) => `${title} ${incident}`)
      .toSorted();
    expect(joined).toEqual([
      "Cards fail INC-1",
      "Payments fail INC-1",
      "Refunds fail INC-2",
      "Slow INC-3",
    ]);
  },
);

story(
  "two nodes that race for the same service and rule make one incident with one page",
  async (sim) => {
    const acts = Array.from(
      { length: 12 },
      (_, index) => () => sim.event({ title: `Fault ${index}`, node: index % 2 }),
    );
    await sim.together(acts);
    await sim.forward("1m");
    expect(new Set((await sim.alerts()).map((alert) => alert.incident)).size).toBe(1);
    expect(sim.pagesTo("alice")).toHaveLength(1);
  },
  { nodes: 2 },
);

story("an Alertmanager alert closes when its sender goes silent", async (sim) => {
  const labels = { alertname: "DiskFull", instance: "db-1", severity: "critical" };
  const repeat = () =>
    sim.alertmanager([{ labels, startsAt: toIso(sim.now()), endsAt: toIso(sim.after("4m")) }]);
  await repeat();
  for (let times = 0; times < 8; times++) {
    await sim.forward("1m");
    await repeat();
  }
  expect(await sim.alerts()).toMatchObject([{ count: 9, status: "firing" }]);
  await sim.as("alice").acknowledge("INC-1");
  await sim.forward("3m");
  expect((await sim.alerts())[0]?.status).toBe("acknowledged");
  await sim.forward("2m");
  expect((await sim.alerts())[0]?.status).toBe("resolved");
  expect(await sim.timeline("INC-1")).toContain("All alerts of this incident have resolved.");
  expect((await sim.incident("INC-1")).state).toBe("declared");
});

story(
  "repeats that a dying node had not written do not let their alert expire",
  async (sim) => {
    const labels = { alertname: "DiskFull", instance: "db-1", severity: "critical" };
    const startsAt = toIso(sim.now());
    const repeat = () =>
      sim.alertmanager([{ labels, startsAt, endsAt: toIso(sim.after("4m")) }], "checkout", 0);
    await repeat();
    await sim.forward("1m");
    await repeat();
    expect(await sim.alerts()).toMatchObject([{ count: 1 }]);
    await sim.forward("5s");
    expect(await sim.alerts()).toMatchObject([{ count: 2 }]);
    await sim.forward("55s");
    await repeat();
    sim.kill(0);
    // Its tool tries again after a minute, as it would have with an end that was stored in time.
    await sim.forward("1m");
    expect(await sim.alerts()).toMatchObject([{ count: 2, status: "firing" }]);
    await repeat();
    expect(await sim.alerts()).toMatchObject([{ count: 3, status: "firing" }]);
    await sim.forward("3m");
    expect(await sim.alerts()).toMatchObject([{ status: "firing" }]);
    expect(sim.pagesTo("alice")).toHaveLength(1);
  },
  { nodes: 2 },
);

story(
  "what one node resolves is news when another node hears its repeat",
  async (sim) => {
    const labels = { alertname: "DiskFull", instance: "db-1", severity: "critical" };
    const startsAt = toIso(sim.now());
    const send = (endsAt: string, node: number) =>
      sim.alertmanager([{ labels, startsAt, endsAt }], "checkout", node);
    for (let times = 0; times < 3; times++) {
      await send(toIso(sim.after("4m")), 0);
      await sim.forward("1m");
    }
    await send(toIso(sim.now()), 1);
    expect(await sim.alerts()).toMatchObject([{ count: 3, status: "resolved" }]);
    await send(toIso(sim.after("4m")), 0);
    expect(await sim.alerts()).toMatchObject([
      { count: 3, status: "resolved" },
      { count: 1, status: "firing" },
    ]);
  },
  { nodes: 2 },
);

story(
  "an alert that no rule knows is recorded with that decision and declares nothing",
  async (sim) => {
    await sim.event({ severity: "info", title: "Deployed" });
    await sim.forward("1h");
    expect(await sim.alerts()).toMatchObject([{ title: "Deployed", incident: null }]);
    expect(sim.pagesTo("alice")).toEqual([]);
  },
);

story("an error rate above 10 % declares a SEV1 only after five minutes", async (sim) => {
  for (let minute = 0; minute <= 5; minute++) {
    await sim.measure([{ measure: "error_rate", value: 12 }]);
    expect(await sim.alerts()).toEqual([]);
    if (minute < 5) await sim.forward("1m");
  }
  await sim.forward("1s");
  sim.expectMail("alice", /SEV1.*error_rate/);
  await sim.measure([{ measure: "error_rate", value: 1 }]);
  expect((await sim.alerts())[0]?.status).toBe("resolved");
});

story("a changed rule counts for the next alert, and what was decided stays", async (sim) => {
  await sim.event({ key: "a", severity: "error", service: "refunds" });
  await sim.configure(
    object("rules", "error-is-sev2", {
      order: 200,
      when: `severity == "error"`,
      then: { record: true },
    }),
  );
  await sim.event({ key: "b", severity: "error", service: "checkout" });
  const incidents = (await sim.alerts())
    .map(({ dedupKey, incident }) => `${dedupKey} ${incident}`)
    .toSorted();
  expect(incidents).toEqual(["a INC-1", "b null"]);
});
