/** The first page: what burns, what waits for whoever asks, and nothing of what they may not see. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Overview } from "../contract/overview.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { eventually } from "./node.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.node.stop());

async function overviewOf(person: string): Promise<Overview> {
  const token = await stage.node.tokenOf(person);
  const { status, json, text } = await stage.node.ask<Overview>("GET /v1/overview", { token });
  expect(status, text + stage.node.lines.join("\n")).toBe(200);
  return json;
}

describe("the overview", () => {
  test("what burns stands with its clocks, the worst first; what is over does not", async () => {
    const minor = await stage.ring("search", "Results are old");
    const worst = await stage.ring("checkout", "Cards fail");
    const { burning, burningCount } = await overviewOf("vera");
    expect(burning.map(({ id }) => id)).toEqual([worst, minor]);
    expect(burning[0]?.deadlines.map(({ kind }) => kind)).toContain("acknowledge");
    expect(burningCount).toBe(2);
    await stage.act("mara", minor, "cancel", { reason: "false alarm" });
    expect((await overviewOf("vera")).burning.map(({ id }) => id)).toEqual([worst]);
  });

  test("a page waits for whom it was sent to until somebody has it; a task until it is done", async () => {
    const id = await stage.ring("billing", "Invoices are stuck");
    const paged = await eventually(async () => {
      const { json } = await stage.node.ask<{ items: { person: string }[] }>(
        `GET /v1/notifications?incident=${id}&kind=page`,
      );
      return json.items[0]?.person ?? null;
    });
    const mine = async () => (await overviewOf(paged)).pages.map(({ incident }) => incident);
    expect(await mine()).toContain(id);
    expect((await overviewOf("vera")).pages).toEqual([]);
    await stage.act("mara", id, "acknowledge");
    expect(await mine()).not.toContain(id);
    await stage.act("mara", id, "task", { title: "Count them", owner: "sofia" });
    const tasks = (await overviewOf("sofia")).tasks;
    expect(tasks).toMatchObject([{ incident: id, task: "Count them", dueAt: null }]);
    await stage.act("sofia", id, "finish-task", { task: tasks[0]?.id });
    expect((await overviewOf("sofia")).tasks).toEqual([]);
  });

  test("who is on call for twelve hours, and where nobody is within fourteen days", async () => {
    const { onCall, gaps } = await overviewOf("vera");
    expect(onCall.map(({ schedule }) => schedule)).toContain("payments-primary");
    expect(new Set(gaps.map(({ schedule }) => schedule))).toEqual(new Set(["customer-lead"]));
  });

  test("a restricted incident is in nothing that others are shown", async () => {
    const body = {
      title: "Zanzibarquartz",
      severity: "SEV1",
      services: ["ledger"],
      restricted: true,
      readers: ["oleg"],
    };
    const { json } = await stage.node.ask<{ id: string }>("POST /v1/incidents", { body });
    await stage.act("adam", json.id, "task", { title: "Zanzibarquartz", owner: "vera" });
    for (const person of ["vera", "mara", "ines"])
      expect(JSON.stringify(await overviewOf(person))).not.toContain("Zanzibarquartz");
    expect(JSON.stringify(await overviewOf("oleg"))).toContain("Zanzibarquartz");
  });

  test("alerts that belong to no incident are counted and shown", async () => {
    const before = (await overviewOf("vera")).firingCount;
    const event = {
      routing_key: stage.keyOf("search"),
      event_action: "trigger",
      payload: { summary: "Disk fills", source: "probe", severity: "warning" },
    };
    await stage.node.ask("POST /v2/enqueue", { token: null, body: event });
    const { firing, firingCount, silentKey } = await overviewOf("vera");
    expect(firingCount).toBe(before + 1);
    expect(firing[0]?.title).toBe("Disk fills");
    expect(silentKey).toMatchObject({ id: "ledger", secret: null });
  });

  test("names are told without addresses", async () => {
    const { text } = await stage.node.ask("GET /v1/directory");
    expect(text).toContain("Mara Vos");
    expect(text).not.toContain("@");
  });
});
