/** Three clocks by step: read, exercised, moved. And what follows when nobody reads a runbook for too long. */
import { expect } from "vitest";
import { getRunbook, publishRunbook, reviewRunbook } from "../../contract/published.ts";
import * as runs from "../../contract/run.ts";
import { COMPANY, object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const DOCUMENT = `# Ledger is late

last_reviewed: 2024-01-01

**Trigger:** The ledger is late.

1. **Look (Bookkeeper)**
   - Look at the ledger-service.
   - Start \`/opt/replay\` by hand.
   - Follow [the other one](other.md).
   - Tell the bookkeepers.
2. **Close**
   - Close the books.
`;
const SIDECAR =
  "tocsin: 1\nowner: payments\nreviewEvery: P7D\nroles:\n  bookkeeper: { person: bob }\n";
const book = (more: object = {}) => ({
  body: { id: "late", path: "late.md", document: DOCUMENT, sidecar: SIDECAR, ...more },
});
const other = (word: string) => ({
  body: {
    id: "other",
    path: "other.md",
    document: `# Other\n\n**Trigger:** It is odd.\n\n1. **Look**\n   - Look ${word}.\n`,
    sidecar: "tocsin: 1\nowner: payments\n",
  },
});
const service = (tier: number) =>
  object("services", "ledger-service", { name: "The ledger", team: "payments", tier });
const replay = (args: string[]) =>
  object("connections", "replay", { type: "command", program: "/opt/replay", args });

const see = (sim: Simulation) => sim.call("vera")(getRunbook, { params: { id: "late" } });
/** What moved, by the first words of each step. */
async function moved(sim: Simulation): Promise<Readonly<Record<string, readonly string[]>>> {
  const { freshness } = await see(sim);
  return Object.fromEntries(
    freshness
      .filter((step) => step.moved.length > 0)
      .map(({ text, moved: things }) => [text.slice(0, 6), things.map(({ what }) => what)]),
  );
}

const options = { config: [...COMPANY, service(2), replay(["--last"])] };

story(
  "a step ages alone: read by its words, exercised by a run, moved by what it names",
  async (sim) => {
    await sim.call("carol")(publishRunbook, other("here"));
    const { digest } = await sim.call("carol")(publishRunbook, book());
    expect(await moved(sim)).toEqual({});
    // A claim in the file is shown, and is no review.
    expect(await see(sim)).toMatchObject({ claimedReview: "2024-01-01" });
    expect((await see(sim)).freshness.every(({ readAt }) => readAt === null)).toBe(true);

    await sim.configure(service(1), replay(["--all"]));
    await sim.call("carol")(publishRunbook, other("there"));
    expect(await moved(sim)).toEqual({
      "Look a": ["service ledger-service"],
      "Start ": ["connection replay"],
      Follow: ["runbook other"],
    });

    const params = { id: "late" };
    const steps = (await see(sim)).freshness.map(({ step }) => step);
    await sim.call("alice")(reviewRunbook, { params, body: { digest, steps: [steps[0]!] } });
    expect(Object.keys(await moved(sim))).toEqual(["Start ", "Follow"]);
    const [first, second] = (await see(sim)).freshness;
    expect(first).toMatchObject({ readBy: "alice", exercisedAt: null });
    expect(second).toMatchObject({ readAt: null });

    await sim.call("alice")(runs.startRun, { body: { runbook: "late", drill: true } });
    const body = { step: steps[1]! };
    await sim.call("alice")(runs.doneStep, { params: { id: "RUN-1" }, body });
    expect((await see(sim)).freshness.map(({ exercisedBy }) => exercisedBy)).toEqual([
      null,
      "RUN-1",
      null,
      null,
      null,
    ]);

    // Other words are unread; those that stayed are as read and as exercised as they were.
    const document = DOCUMENT.replace(
      "Tell the bookkeepers.",
      "Tell the bookkeepers and the shop.",
    );
    await sim.call("carol")(publishRunbook, book({ document }));
    const after = (await see(sim)).freshness;
    expect(after.map(({ readBy, exercisedBy }) => [readBy, exercisedBy])).toEqual([
      ["alice", null],
      [null, "RUN-1"],
      [null, null],
      [null, null],
      [null, null],
    ]);
  },
  options,
);

story(
  "nobody reads it for too long: its owner gets a task, and it goes on working",
  async (sim) => {
    const { digest } = await sim.call("carol")(publishRunbook, book());
    await sim.forward("8d");
    expect(await see(sim)).toMatchObject({
      stale: true,
      reviewTask: { owner: "carol", title: expect.stringContaining("late") },
    });
    sim.expectMail("carol", /late/);
    const run = await sim.call("alice")(runs.startRun, { body: { runbook: "late" } });
    expect(run.state).toBe("running");
    await sim.call("carol")(reviewRunbook, { params: { id: "late" }, body: { digest } });
    expect(await see(sim)).toMatchObject({ stale: false, reviewTask: null });
    await sim.forward("8d");
    expect(await see(sim)).toMatchObject({ stale: true, reviewTask: { owner: "carol" } });
  },
  options,
);
