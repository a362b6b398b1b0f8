/** Corners in which a page could get lost: what was configured is gone, what was over is not. */
import { expect } from "vitest";
import { hashedKey } from "../../server/domain/config/secrets.ts";
import { COMPANY, object, secretOfService } from "../company.ts";
import { story } from "../story.ts";

story("an alert whose service left the catalogue still declares", async (sim) => {
  await sim.event({ key: "db", severity: "info" });
  await sim.configure(
    object("keys", "checkout-key", {
      service: "refunds",
      secret: hashedKey(secretOfService("checkout")),
    }),
  );
  await sim.remove("services", "checkout");
  await sim.event({ key: "db", severity: "critical" });
  expect(await sim.incident("INC-1")).toMatchObject({ severity: "SEV1", service: "checkout" });
  expect((await sim.alerts())[0]).toMatchObject({ incident: "INC-1" });
});

story("an alert that gets worse after its incident was resolved declares anew", async (sim) => {
  const repeat = () => sim.alertmanager([{ labels: { alertname: "Slow", severity: "warning" } }]);
  await repeat();
  await sim.as("bob").changeSeverity("INC-1", { severity: "SEV1", because: "worse than it looks" });
  await sim.as("alice").resolve("INC-1");
  await repeat();
  expect((await sim.alerts()).map((alert) => alert.incident)).toEqual(["INC-1"]);
  const then = { declare: "SEV2" } as const;
  await sim.configure(
    object("rules", "warning-is-sev3", { order: 300, when: `severity == "warning"`, then }),
  );
  await repeat();
  expect(await sim.incident("INC-2")).toMatchObject({ severity: "SEV2", state: "declared" });
});

story("what a person resolved and fires again is a new incident that pages", async (sim) => {
  await sim.event({ key: "node", severity: "error", class: "healing" });
  await sim.as("alice").acknowledge("INC-1");
  await sim.as("alice").resolve("INC-1");
  await sim.forward("5m");
  await sim.event({ key: "node", severity: "error", class: "healing" });
  expect(await sim.incident("INC-2")).toMatchObject({ state: "declared" });
  expect(sim.pagesTo("alice")).toHaveLength(2);
});

story("whoever has a flapping incident hears that it is back, without a page", async (sim) => {
  await sim.event({ key: "node", severity: "error", class: "healing" });
  await sim.as("alice").acknowledge("INC-1");
  await sim.event({ key: "node", action: "resolve" });
  await sim.forward("9m");
  await sim.event({ key: "node", severity: "error", class: "healing" });
  sim.expectMail("alice", /it is not over/);
  expect(sim.pagesTo("alice")).toHaveLength(1);
});

story("a worse alert on an acknowledged incident reaches whoever has it", async (sim) => {
  await sim.event({ key: "one", severity: "warning" });
  await sim.as("bob").acknowledge("INC-1");
  await sim.event({ key: "one", severity: "critical" });
  sim.expectMail("bob", /Raised from SEV3 to SEV1/);
  sim.expectMail("alice", /Raised from SEV3 to SEV1/);
});

story(
  "a deferral ends when what it waited for is lowered, and the commander hears it",
  async (sim) => {
    await sim.event({ service: "refunds", severity: "warning", title: "Typo" });
    await sim.event({ service: "checkout" });
    await sim.as("alice").defer("INC-1", { because: "all hands on INC-2" });
    await sim
      .as("bob")
      .changeSeverity("INC-2", { severity: "SEV3", because: "only the test shop" });
    expect((await sim.incident("INC-1")).deferred).toBeNull();
    sim.expectMail("alice", /No longer deferred/);
  },
);

story("a deferred incident that is raised waits no longer and pages", async (sim) => {
  await sim.event({ service: "refunds", severity: "warning", key: "slow" });
  await sim.event({ service: "checkout" });
  await sim.as("alice").defer("INC-1", { because: "all hands on INC-2" });
  const before = sim.pagesTo("alice").length;
  await sim.event({ service: "refunds", severity: "critical", key: "slow" });
  const incident = await sim.incident("INC-1");
  expect(incident.deferred).toBeNull();
  expect(incident.deadlines.find(({ kind }) => kind === "acknowledge")).toMatchObject({
    state: "running",
  });
  expect(sim.pagesTo("alice")).toHaveLength(before + 1);
});

story("a SEV3 whose commander cannot be reached is told to the team's manager", async (sim) => {
  const silent = COMPANY.find(({ kind, id }) => kind === "people" && id === "alice");
  await sim.configure({ ...silent!, body: { ...(silent!.body as object), contacts: [] } });
  await sim.event({ severity: "warning" });
  sim.expectMail("carol", /SEV3/);
  expect((await sim.timeline("INC-1")).join("\n")).toContain("alice cannot be reached");
});

story("what was merged stays merged: its next alert joins the other incident", async (sim) => {
  await sim.event({ service: "checkout" });
  await sim.event({ service: "refunds", key: "one" });
  await sim.as("alice").merge("INC-2", { into: "INC-1" });
  await sim.as("alice").acknowledge("INC-1");
  await sim.event({ service: "refunds", key: "two" });
  expect((await sim.alerts()).map((alert) => alert.incident)).toEqual(["INC-1", "INC-1", "INC-1"]);
  await sim.as("alice").resolve("INC-1");
  await sim.event({ service: "refunds", key: "three" });
  expect(await sim.incident("INC-3")).toMatchObject({ state: "declared" });
});

story(
  "given up after a gap of minutes: one in all schedules does not exhaust a policy",
  async (sim) => {
    await sim.configure(
      object("escalations", "discovery", {
        name: "Discovery",
        steps: [{ notify: [{ schedule: "discovery-days" }], timeoutMinutes: 5 }],
        repeat: 3,
      }),
    );
    await sim.event({ service: "search" });
    await sim.forward("6m");
    sim.expectMail("dave", /SEV1/);
  },
  { startsAt: "2026-11-23T06:55:00Z" },
);

type Ways = { readonly first?: readonly string[]; readonly pagesPerMinute?: number };
const reachedTwice = (name: string, { first = [], ...more }: Ways = {}) =>
  object("people", name, {
    name,
    email: `${name}@sim.example`,
    contacts: [
      ...[...first, name].map((to) => ({ channel: "mail", address: `${to}@sim.example` })),
      { channel: "mail", address: `${name}-2@sim.example`, afterMinutes: 3 },
    ],
    roles: [{ role: "responder" }],
    ...more,
  });
const pagedFirst = (name: string) =>
  object("escalations", "payments", {
    name: "Payments",
    steps: [
      { notify: [{ person: name }], timeoutMinutes: 15 },
      { notify: [{ person: "bob" }], timeoutMinutes: 15 },
    ],
    repeat: 0,
  });

story("a page that is refused does not let its person's next way wait", async (sim) => {
  await sim.configure(reachedTwice("gwen"), pagedFirst("gwen"));
  sim.sendsTo("gwen", "refuse");
  await sim.event();
  expect(sim.pagesTo("gwen-2")).toHaveLength(1);
  sim.expectNoMore("bob");
  await sim.forward("3m");
  expect(sim.pagesTo("gwen-2")).toHaveLength(1);
  await sim.as("zoe").acknowledge("INC-1");
});

story(
  "what one of two ways refuses wakes nobody by the louder one, as long as the other has it",
  async (sim) => {
    await sim.configure(reachedTwice("gwen", { first: ["chat"] }), pagedFirst("gwen"));
    sim.sendsTo("gwen", "refuse");
    await sim.event();
    expect(sim.pagesTo("chat")).toHaveLength(1);
    expect(sim.pagesTo("gwen-2")).toEqual([]);
    await sim.forward("3m");
    expect(sim.pagesTo("gwen-2")).toHaveLength(1);
    await sim.as("zoe").acknowledge("INC-1");
    await sim.as("zoe").resolve("INC-1");
    // Where the chat refuses it as well nobody waits.
    sim.sendsTo("gwen", "refuse");
    sim.sendsTo("chat", "refuse");
    await sim.event({ title: "Down again", key: "again" });
    expect(sim.pagesTo("gwen-2")).toHaveLength(2);
    sim.expectNoMore("bob");
    await sim.as("zoe").acknowledge("INC-2");
  },
);

story(
  "a page that stood for others and is refused lets the next way of none of them wait",
  async (sim) => {
    await sim.configure(reachedTwice("gwen", { pagesPerMinute: 1 }), pagedFirst("gwen"));
    await sim.event();
    await sim.event({ service: "refunds", title: "Refunds fail" });
    expect(sim.pagesTo("gwen")).toHaveLength(1);
    sim.sendsTo("gwen", "refuse");
    await sim.forward("59s");
    expect(sim.pagesTo("gwen-2")).toEqual([]);
    await sim.forward("1s");
    sim.expectMail("gwen-2", /INC-2/);
    sim.expectNoMore("gwen-2");
    await sim.as("zoe").acknowledge("INC-1");
    await sim.as("zoe").acknowledge("INC-2");
  },
);

const reachedOnce = (name: string, pagesPerMinute: number) =>
  object("people", name, {
    name,
    email: `${name}@sim.example`,
    contacts: [{ channel: "mail", address: `${name}@sim.example` }],
    roles: [{ role: "responder" }],
    pagesPerMinute,
  });

story(
  "a page that stood for others, was somebody's only way and is refused: the next one is paged at once",
  async (sim) => {
    await sim.configure(reachedOnce("gwen", 1), pagedFirst("gwen"));
    await sim.event();
    await sim.event({ service: "refunds", title: "Refunds fail" });
    await sim.event({ service: "checkout", title: "Carts are empty", class: "healing" });
    sim.sendsTo("gwen", "refuse");
    await sim.forward("59s");
    sim.expectNoMore("bob");
    await sim.forward("1s");
    sim.expectMail("bob", /INC-2/);
    sim.expectMail("bob", /INC-3/);
    sim.expectNoMore("bob");
    const [page] = await sim.pages("INC-2");
    expect(page?.because).toMatch(
      /^told in one page: more than 1 in a minute; that one failed: refused: .*550/,
    );
    expect((await sim.timeline("INC-2")).join("\n")).toMatch(/gwen by mail failed .*going on/);
    for (const id of ["INC-1", "INC-2", "INC-3"]) await sim.as("zoe").acknowledge(id);
  },
);

story(
  "what waits in a page that stands for others is still a hope: nobody further is woken",
  async (sim) => {
    const both = [{ person: "gwen" }, { person: "hugo" }];
    await sim.configure(
      reachedOnce("gwen", 1),
      reachedOnce("hugo", 9),
      object("escalations", "payments", {
        name: "Payments",
        steps: [
          { notify: both, timeoutMinutes: 15 },
          { notify: [{ person: "bob" }], timeoutMinutes: 15 },
        ],
        repeat: 0,
      }),
    );
    await sim.event();
    sim.sendsTo("hugo", "refuse");
    await sim.event({ service: "refunds", title: "Refunds fail" });
    sim.expectNoMore("bob");
    await sim.forward("1m");
    expect(sim.pagesTo("gwen")).toHaveLength(2);
    sim.expectNoMore("bob");
    for (const id of ["INC-1", "INC-2"]) await sim.as("zoe").acknowledge(id);
  },
);

story("whoever has left is paged no more, and the next one is at once", async (sim) => {
  await sim.configure(reachedTwice("gwen"), pagedFirst("gwen"));
  sim.sendsTo("gwen", "down");
  await sim.event();
  await sim.configure(pagedFirst("dave"));
  await sim.remove("people", "gwen");
  sim.sendsTo("gwen", "accept");
  await sim.forward("1m");
  expect([...sim.pagesTo("gwen"), ...sim.pagesTo("gwen-2")]).toEqual([]);
  sim.expectMail("bob", /SEV1/);
  const [page] = await sim.pages("INC-1");
  expect(page?.because).toBe("refused: the person is not in the configuration any more");
  await sim.as("bob").acknowledge("INC-1");
});
