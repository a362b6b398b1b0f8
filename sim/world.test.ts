/** The simulation itself: it repeats, and it can fail. */
import { expect, test } from "vitest";
import type { Step } from "../server/engine/engine.ts";
import { simulate, type SimOptions, type Simulation } from "./world.ts";

/** A busy half hour in which everything happens that has an order: two nodes, retries, repeats, people. */
async function tell(sim: Simulation): Promise<void> {
  sim.sendsTo("alice", "busy", "loses the reply", { takesMs: 3_000 });
  const labels = ["a", "b", "c", "d", "e", "f"].map((name) => ({
    alertname: name,
    severity: "error",
  }));
  await sim.alertmanager(labels.map((each) => ({ labels: each })));
  await sim.event({ service: "refunds", title: "Refunds fail" });
  await sim.forward("7m");
  await sim.as("bob").acknowledge("INC-1");
  await sim.as("bob").resolve("INC-1");
  await sim.forward("30m");
}

async function hashOfRun(options: SimOptions): Promise<string> {
  const sim = await simulate(options);
  try {
    await tell(sim);
    return await sim.journalHash();
  } finally {
    await sim.close();
  }
}

test("the same seed is the same story, to the last fact", async () => {
  const options = { seed: "once", nodes: 2 };
  const first = await hashOfRun(options);
  expect(await hashOfRun(options)).toBe(first);
});

test("the journal holds what people received and what the timelines say, without ids", async () => {
  const sim = await simulate({ seed: "journal" });
  try {
    await sim.event({ title: "Database down" });
    const journal = await sim.journal();
    const text = journal.join("\n");
    expect(text).toMatch(/received by alice \(mail\): \[SEV1\] INC-1 Database down/);
    expect(text).toMatch(/timeline of 1: commander assigned/);
    expect(text).toMatch(/clock INC-1 acknowledge is running/);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  } finally {
    await sim.close();
  }
});

test("time moves only when it is told to, and reaches every due time in its turn", async () => {
  const sim = await simulate({ seed: "time" });
  try {
    const before = sim.now();
    await sim.event();
    expect(sim.now()).toBe(before);
    await sim.forward("10m");
    expect(sim.pagesTo("bob").map((page) => page.at - before)).toEqual([300_000]);
    expect(sim.pagesTo("carol").map((page) => page.at - before)).toEqual([600_000]);
  } finally {
    await sim.close();
  }
});

const without = (name: string) => (steps: readonly Step[]) =>
  steps.filter((step) => step.name !== name);

for (const [name, broken] of [
  ["attend alerts", /every alert that declares has an incident/],
  ["escalate", /every unanswered urgent incident has a next due time/],
  ["clocks", /none is silent after it/],
  ["deliver", /every due page is accounted for/],
] as const)
  test(`an engine without its step “${name}” breaks a promise and is found out`, async () => {
    const sim = await simulate({ seed: name, alter: without(name) });
    try {
      const run = async () => {
        await sim.event();
        await sim.forward("20m");
      };
      await expect(run()).rejects.toThrow(broken);
    } finally {
      await sim.close();
    }
  });

test("an engine that wants to be woken for what it does not do is found out: it would spin", async () => {
  const spinning: Step = { name: "spin", run: async (now) => ({ done: 0, nextAt: now }) };
  const start = simulate({ seed: "spin", alter: (steps) => [...steps, spinning] });
  await expect(start).rejects.toThrow(/would spin/);
});
