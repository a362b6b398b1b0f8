/** A published runbook carried out: pinned, ticked off, timed, with everything on the timeline. */
import { expect } from "vitest";
import { getRunbook, listRunbooks, listSources, publishRunbook } from "../../contract/published.ts";
import * as runs from "../../contract/run.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const DOCUMENT = `# Checkout is down

Owner: Payments

**Trigger:** Payments fail.

1. **Triage (Primary On-Call)**
   - Acknowledge within 5 minutes.
   - Look at the dashboard of the payment provider.
2. **Containment**
   - Turn the old provider on if the new one fails.
   - Show the Safe Mode banner in the shop.
3. **Postmortem**
   - Within 48 hours, file the postmortem.
`;

const SIDECAR = `tocsin: 1
owner: payments
roles:
  primary-on-call: { schedule: payments-primary }
starts:
  - severities: [SEV1]
    kinds: [service]
`;

async function publish(sim: Simulation, more: object = {}) {
  const body = {
    id: "checkout-down",
    path: "checkout-down.md",
    document: DOCUMENT,
    sidecar: SIDECAR,
  };
  return sim.call("carol")(publishRunbook, { body: { ...body, ...more } });
}

const step = (run: runs.RunDetail, words: RegExp): runs.RunStep => {
  const found = run.phases.flatMap((phase) => phase.steps).find(({ text }) => words.test(text));
  if (found === undefined) throw new Error(`no step like ${words}`);
  return found;
};

const see = (sim: Simulation, id: string, who = "alice"): Promise<runs.RunDetail> =>
  sim.call(who)(runs.getRun, { params: { id } });

story(
  "a SEV1 starts the runbook that its rule names, pinned to the published version",
  async (sim) => {
    const { digest } = await publish(sim);
    await sim.event();
    const run = await see(sim, "RUN-1");
    expect(run).toMatchObject({
      incident: "INC-1",
      digest,
      state: "running",
      runbook: "checkout-down",
    });
    expect(run.because).toBe("rule checkout-down.tocsin.yaml:6");
    expect(step(run, /Acknowledge/)).toMatchObject({ assignee: "alice", state: "pending" });
    expect((await sim.timeline("INC-1")).join("\n")).toMatch(
      /RUN-1 of runbook checkout-down started/,
    );
    await sim.event({ title: "Another", key: "another" });
    await expect(see(sim, "RUN-2")).rejects.toThrow(/no run RUN-2/);
  },
);

story(
  "steps follow the roles of the incident, but not from whoever has them by name",
  async (sim) => {
    await publish(sim, {
      document: `# Outage

1. **Look (Investigation Lead)**
   - Compare with the last deployment.
   - Read the logs of the gateway.
   - Ask the provider.
2. **Tell (Customer Lead)**
   - Tell the customers.
`,
      sidecar: `tocsin: 1\nowner: payments\nroles:\n  investigation-lead: { person: bob }\n  customer-lead: null\nstarts:\n  - severities: [SEV1]\n`,
    });
    await sim.event();
    const of = async (words: RegExp) => step(await see(sim, "RUN-1"), words).assignee;
    const call = (words: RegExp) =>
      see(sim, "RUN-1").then((run) => ({
        params: { id: "RUN-1" },
        body: { step: step(run, words).id },
      }));
    expect(await of(/Compare/)).toBe("bob");
    const toCarol = await call(/Read the logs/);
    await sim.call("alice")(runs.assignStep, {
      ...toCarol,
      body: { ...toCarol.body, person: "carol" },
    });
    await sim.call("bob")(runs.beginStep, await call(/Compare/));
    await sim.as("alice").assignRole("INC-1", { role: "investigation lead", person: "dave" });
    await sim.as("alice").assignRole("INC-1", { role: "customer lead", person: "carol" });
    await sim.forward("1s");
    // Bob is at it, Carol was named, and only what nobody has begun goes to Dave.
    expect([await of(/Compare/), await of(/Read the logs/), await of(/Ask the/)]).toEqual([
      "bob",
      "carol",
      "dave",
    ]);
    for (const words of [/Compare/, /Read the logs/, /Ask the/])
      await sim.call("alice")(runs.doneStep, await call(words));
    expect(await of(/Tell the customers/)).toBe("carol");
  },
);

story("the clock of a step counts from the page, and a miss is late for ever", async (sim) => {
  await publish(sim);
  await sim.event();
  await sim.forward("6m");
  const acknowledge = step(await see(sim, "RUN-1"), /Acknowledge/);
  expect(acknowledge.late).toBe(true);
  expect(acknowledge.deadlines[0]).toMatchObject({
    state: "breached",
    source: "checkout-down.md:8",
  });
  sim.expectMail("alice", /RUN-1: “Acknowledge within 5 minutes/);
  sim.expectMail("carol", /was due/);
});

story("steps are done, skipped with a reason, or do not apply, in any order", async (sim) => {
  await publish(sim);
  await sim.event();
  const alice = sim.call("alice");
  const params = { id: "RUN-1" };
  const run = await see(sim, "RUN-1");
  const banner = step(run, /banner/).id;
  await alice(runs.doneStep, { params, body: { step: banner, note: "it shows" } });
  const guard = step(run, /old provider/);
  expect(guard.guard?.question).toMatch(/new one fails/);
  await alice(runs.answerGuard, { params, body: { step: guard.id, answer: "no" } });
  await expect(
    alice(runs.skipStep, { params, body: { step: step(run, /dashboard/).id } }),
  ).rejects.toThrow();
  await alice(runs.skipStep, {
    params,
    body: { step: step(run, /dashboard/).id, because: "the provider told us itself" },
  });
  await expect(alice(runs.doneStep, { params, body: { step: banner } })).rejects.toThrow(
    /is done, so “done” is not possible/,
  );
  const after = await see(sim, "RUN-1");
  expect(step(after, /banner/)).toMatchObject({ state: "done", endedBy: { id: "alice" } });
  expect(step(after, /old provider/).state).toBe("not applicable");
  expect(step(after, /dashboard/)).toMatchObject({ state: "skipped" });
  const told = (await sim.timeline("INC-1")).join("\n");
  expect(told).toMatch(/skipped “Look at the dashboard.*the provider told us itself/);
  await expect(alice(runs.finishRun, { params })).rejects.toThrow(/open step/);
  await alice(runs.finishRun, { params, body: { because: "it is over" } });
  expect((await see(sim, "RUN-1")).state).toBe("finished");
  await expect(
    alice(runs.skipStep, { params, body: { step: banner, because: "x" } }),
  ).rejects.toThrow(/is finished/);
});

story("the postmortem's clock of a document starts when the incident is resolved", async (sim) => {
  await publish(sim);
  await sim.event();
  await sim.as("alice").acknowledge("INC-1");
  await sim.forward("30m");
  expect(step(await see(sim, "RUN-1"), /postmortem/).deadlines).toEqual([]);
  await sim.as("alice").resolve("INC-1");
  const [clock] = step(await see(sim, "RUN-1"), /postmortem/).deadlines;
  expect(clock).toMatchObject({ state: "running", dueAt: "2026-11-25T10:30:00.000Z" });
});

story("a cancelled incident takes its runs with it", async (sim) => {
  await publish(sim);
  await sim.event();
  await sim.as("alice").cancel("INC-1", { reason: "false alarm" });
  const run = await see(sim, "RUN-1");
  expect(run.state).toBe("abandoned");
  expect(run.phases.flatMap((phase) => phase.steps.flatMap(({ deadlines }) => deadlines))).toEqual(
    expect.arrayContaining([expect.objectContaining({ state: "withdrawn" })]),
  );
});

story("publishing again is nothing; another team's people may not", async (sim) => {
  const first = await publish(sim);
  const again = await publish(sim);
  expect(again).toMatchObject({ digest: first.digest, changed: false, version: 1 });
  await expect(
    sim.call("erin")(publishRunbook, {
      body: { id: "checkout-down", path: "x.md", document: DOCUMENT, sidecar: null },
    }),
  ).rejects.toThrow(/runbooks.publish/);
  const shown = await sim.call("vera")(getRunbook, { params: { id: "checkout-down" } });
  expect(shown.plans).toEqual([expect.objectContaining({ steps: 5 })]);
});

story(
  "a source publishes what it holds, refuses what it may not, and withdraws what is gone",
  async (sim) => {
    const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });
    const foreign = SIDECAR.replace("owner: payments", "owner: discovery").replace(
      /starts:[^]*/,
      "",
    );
    sim.outside.files.push(
      file("ops/checkout-down.md", DOCUMENT),
      file("ops/checkout-down.tocsin.yaml", SIDECAR),
      file("ops/foreign.md", DOCUMENT),
      file("ops/foreign.tocsin.yaml", foreign),
    );
    const url = "https://git.sim.example/x.git";
    await sim.configure(object("runbooks", "handbook", { type: "git", url, teams: ["payments"] }));
    await sim.forward("5s");
    const list = async () => (await sim.call("vera")(listRunbooks, {})).items.map(({ id }) => id);
    expect(await list()).toEqual(["checkout-down"]);
    const { items } = await sim.call("vera")(listSources, {});
    expect(items[0]?.refused).toEqual([
      { path: "ops/foreign.md", because: expect.stringMatching(/is for runbooks of payments/) },
    ]);
    sim.outside.files.splice(0);
    await sim.forward("6m");
    expect(await list()).toEqual([]);
  },
);
