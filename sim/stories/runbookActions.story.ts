/** Who may let a runbook act: nobody by an edit, one by a click, two for what may destroy. */
import { expect } from "vitest";
import { getRunbook, publishRunbook } from "../../contract/published.ts";
import * as runs from "../../contract/run.ts";
import {
  CONNECTIONS,
  DESTROY,
  DOCUMENT,
  LOOK,
  publishBrokenTable,
  sidecarFor,
  WRITE,
} from "../brokenTable.ts";
import { COMPANY } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const WORDS = [LOOK, DESTROY, WRITE] as const;

const options = { config: [...COMPANY, ...CONNECTIONS] };

async function begin(sim: Simulation): Promise<void> {
  await publishBrokenTable(sim.call("carol"));
  await sim.call("alice")(runs.startRun, { body: { runbook: "broken" } });
}

const params = { id: "RUN-1" };
const stepOf = async (sim: Simulation, text: string): Promise<runs.RunStep> => {
  const run = await sim.call("alice")(runs.getRun, { params });
  const found = run.phases.flatMap((phase) => phase.steps).find((step) => step.text === text);
  if (found === undefined) throw new Error(`no step “${text}”`);
  return found;
};

story(
  "what may destroy waits for a second person, who is not the one that asks",
  async (sim) => {
    await begin(sim);
    const { id: step } = await stepOf(sim, WORDS[1]);
    const body = { step };
    await sim.call("alice")(runs.runAction, { params, body });
    await sim.forward("1m");
    expect(sim.outside.started).toEqual([]);
    sim.expectMail("carol", /needs a second person/);
    await expect(sim.call("alice")(runs.approveAction, { params, body })).rejects.toThrow(
      /second person must agree/,
    );
    await expect(sim.call("vera")(runs.approveAction, { params, body })).rejects.toThrow(
      /runbooks.run/,
    );
    await sim.call("bob")(runs.approveAction, { params, body });
    expect(sim.outside.started).toEqual(["/bin/drop"]);
    const [attempt] = (await stepOf(sim, WORDS[1])).automation?.attempts ?? [];
    expect(attempt).toMatchObject({ askedBy: { id: "alice" }, approvedBy: { id: "bob" } });
  },
  options,
);

story(
  "after three failed looks it stops, says what was learned, and asks a person",
  async (sim) => {
    sim.outside.answers(/broken/, [{ count: 7 }]);
    await begin(sim);
    await sim.forward("10m");
    expect(sim.outside.asked).toHaveLength(3);
    const step = await stepOf(sim, WORDS[0]);
    expect(step).toMatchObject({ state: "failed", because: "broken: expected zero, found 7" });
    expect(step.automation).toMatchObject({ stopped: true });
    sim.expectMail("alice", /stopped and asks a person[^]*found 7/);
    sim.outside.answers(/broken/, [{ count: 0 }]);
    const body = { step: step.id, because: "mended by hand" };
    await sim.call("alice")(runs.reopenStep, { params, body });
    expect((await stepOf(sim, WORDS[0])).state).toBe("done");
  },
  options,
);

story(
  "nodes die in the middle of actions: a look is looked again, of a command a person is asked",
  async (sim) => {
    sim.outside.answers(/broken/, [{ count: 0 }]);
    sim.outside.hangs(/broken/);
    await begin(sim);
    expect(sim.outside.asked).toHaveLength(1);
    sim.replaceNodes();
    // Its lease holds others off until its node surely is gone.
    await sim.forward("30s");
    expect(sim.outside.asked).toHaveLength(1);
    await sim.forward("2m");
    expect(sim.outside.asked).toHaveLength(2);
    const look = await stepOf(sim, WORDS[0]);
    expect(look.state).toBe("done");
    // The same attempt, with the same key, taken up by another node.
    expect(look.automation?.attempts.map(({ state }) => state)).toEqual(["done"]);

    const body = { step: (await stepOf(sim, WORDS[2])).id };
    sim.outside.hangs(/\/bin\/go/);
    await sim.call("alice")(runs.runAction, { params, body });
    sim.replaceNodes();
    await sim.forward("10m");
    const command = await stepOf(sim, WORDS[2]);
    expect(sim.outside.started).toEqual(["/bin/go"]);
    expect(command).toMatchObject({ state: "failed", automation: { stopped: true } });
    expect(command.automation?.attempts).toMatchObject([{ state: "unknown" }]);
    sim.expectMail("alice", /nobody saw how command\.run@1 ended; it may have happened/);
  },
  { ...options, nodes: 2 },
);

story(
  "what an action brought is kept without secrets and addresses, and not more than a person reads",
  async (sim) => {
    const line = "ann@acme.example said Bearer abcdefghijkl and secret of env:W";
    sim.outside.answers(/broken/, [{ count: 7, line, more: "x".repeat(40_000) }]);
    await begin(sim);
    const [attempt] = (await stepOf(sim, WORDS[0])).automation?.attempts ?? [];
    const kept = JSON.stringify(attempt);
    expect(kept.length).toBeLessThan(20_000);
    for (const secret of ["acme.example", "abcdefghijkl", "secret of env:W"])
      expect(kept).not.toContain(secret);
  },
  options,
);

story(
  "a person is paged by an action; one that nobody knows is a failure that says so",
  async (sim) => {
    const [step] = ["Page the owner of the shop."];
    const document = `# Ask\n\n**Trigger:** It is odd.\n\n1. **Look**\n   - ${step}\n   - Page somebody else.\n2. **Mend**\n   - Mend it.\n`;
    const bare = { id: "ask", path: "ask.md", document };
    await sim.call("carol")(publishRunbook, {
      body: { ...bare, sidecar: "tocsin: 1\nowner: payments\n" },
    });
    const { document: read } = await sim.call("carol")(getRunbook, { params: { id: "ask" } });
    const bound = read.plans[0]!.phases[0]!.steps.map(
      ({ path, quote, hash }, at) =>
        `  - step: { path: ${path}, quote: "${quote}", hash: ${hash} }\n    action: person.page@1\n` +
        `    with: { person: ${at === 0 ? "carol" : "nobody-here"}, text: "Look at \${run.id}, please." }\n`,
    );
    const sidecar = `tocsin: 1\nowner: payments\nbindings:\n${bound.join("")}`;
    await sim.call("carol")(publishRunbook, { body: { ...bare, sidecar } });
    const run = await sim.call("alice")(runs.startRun, { body: { runbook: "ask" } });
    const [page, wrong] = run.phases[0]!.steps;
    const act = (id: string, dryRun = false) =>
      sim.call("alice")(runs.runAction, { params, body: { step: id, dryRun } });
    await act(page!.id, true);
    expect(sim.mailsTo("carol")).toEqual([]);
    await act(page!.id);
    sim.expectMail("carol", /Look at RUN-1, please\./);
    expect((await stepOf(sim, step!)).state).toBe("done");
    for (let tries = 0; tries < 3; tries++) await act(wrong!.id);
    const failed = await stepOf(sim, "Page somebody else.");
    expect(failed).toMatchObject({ state: "failed", automation: { stopped: true } });
    expect(failed.because).toMatch(/nobody-here/);
  },
  options,
);

story(
  "a click runs what writes, and what was done is taken back by the command that the connection names",
  async (sim) => {
    await begin(sim);
    const body = { step: (await stepOf(sim, WORDS[2])).id };
    expect(sim.outside.started).toEqual([]);
    await sim.call("alice")(runs.runAction, { params, body: { ...body, dryRun: true } });
    expect((await stepOf(sim, WORDS[2])).automation?.attempts[0]?.learned).toBe(
      "would start /bin/go",
    );
    await sim.call("alice")(runs.runAction, { params, body });
    await sim.call("alice")(runs.undoAction, { params, body });
    expect(sim.outside.started).toEqual(["/bin/go", "/bin/halt"]);
    expect((await stepOf(sim, WORDS[2])).state).toBe("pending");
  },
  options,
);

story(
  "a run keeps its version; a rebase keeps what is done, and an edit takes automation away",
  async (sim) => {
    sim.outside.answers(/broken/, [{ count: 0 }]);
    await begin(sim);
    const sidecar = await sidecarFor(sim.call("carol"));
    const edited = DOCUMENT.replace(
      "Delete the broken partition.",
      "Delete the broken partition of today.",
    ).replace("   - Let the jobs go on.\n", "   - Tell the readers of the table.\n");
    const late = sidecar.split("  - step")[3] ?? "";
    const body = {
      id: "broken",
      path: "broken.md",
      document: edited,
      // The step of the last binding is gone: with it publishing would stop at an orphan.
      sidecar: sidecar.replace(`  - step${late}`, ""),
    };
    const orphan = { ...body, sidecar };
    await expect(sim.call("carol")(publishRunbook, { body: orphan })).rejects.toThrow(
      /no step has words/,
    );
    await sim.call("carol")(publishRunbook, { body });
    const before = await sim.call("alice")(runs.getRun, { params });
    expect(before.newer?.banner).toMatch(/3 step\(s\) changed/);
    const { newest } = await sim.call("alice")(runs.getRunChanges, { params });
    await sim.call("alice")(runs.rebaseRun, { params, body: { digest: newest } });
    expect((await stepOf(sim, WORDS[0])).state).toBe("done");
    const changed = await stepOf(sim, "Delete the broken partition of today.");
    expect(changed.automation).toMatchObject({ state: "suspended" });
    await expect(
      sim.call("alice")(runs.runAction, { params, body: { step: changed.id } }),
    ).rejects.toThrow(/suspended/);
    expect((await stepOf(sim, "Tell the readers of the table.")).state).toBe("pending");
    expect((await stepOf(sim, WORDS[2])).state).toBe("withdrawn");
    expect(sim.outside.started).toEqual([]);
  },
  options,
);
