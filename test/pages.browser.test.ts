/** The pages around the war room, in a real browser. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "../server/base/db.ts";
import { NO_BROWSER, seriousEverywhere, seriousIn, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";

let stage: Stage;
let browser: Browser;

describe.skipIf(NO_BROWSER !== null)("pages in the browser", () => {
  beforeAll(async () => {
    [browser, stage] = await Promise.all([startBrowser(), openStage()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  test("an alert shows its decision and rule; an incident is declared from it, others are silenced", async () => {
    const event = (summary: string) => ({
      routing_key: stage.keyOf("search"),
      event_action: "trigger",
      payload: { summary, source: "probe", severity: "warning" },
    });
    await stage.node.ask("POST /v2/enqueue", { token: null, body: event("Disk fills") });
    const { page, complaints, context } = await visit(browser, stage.node, "mara");
    await page.goto("/alerts");
    await page.getByRole("link", { name: /Disk fills/ }).click();
    await page.getByRole("heading", { name: "The decision" }).waitFor();
    await page.getByText("Recorded only").waitFor();
    expect(await seriousIn(page)).toEqual([]);
    await page.getByRole("button", { name: "Silence it" }).click();
    await page.getByLabel("Why it may be quiet").fill("Known, grows slowly");
    await page.getByRole("button", { name: "Silence it" }).last().click();
    await page.getByText(/Suppressed by/).waitFor();
    // What comes in meanwhile appears in the list by itself.
    await stage.node.ask("POST /v2/enqueue", { token: null, body: event("Queue grows") });
    await page.getByRole("link", { name: /Queue grows/ }).click();
    await page.getByRole("button", { name: "Declare an incident" }).click();
    await page.getByRole("button", { name: "Declare SEV3" }).click();
    await page.waitForURL(/\/incidents\/INC-/);
    await page.getByRole("log").getByText("Alert attached: Queue grows").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a hundred thousand open alerts stay quick: first rows, and rows after a long way down", async () => {
    const event = {
      routing_key: stage.keyOf("search"),
      event_action: "trigger",
      payload: { summary: "The first of many", source: "probe", severity: "warning" },
    };
    await stage.node.ask("POST /v2/enqueue", { token: null, body: event });
    await manyAlerts(100_000);
    const { page, complaints, context } = await visit(browser, stage.node, "mara");
    const began = Date.now();
    await page.goto("/alerts");
    await page.getByRole("link", { name: /Flood 99999/ }).waitFor();
    const firstRowsMs = Date.now() - began;
    const list = page.getByRole("region", { name: "List of alerts" });
    for (let turn = 0; turn < 8; turn++) {
      await list.evaluate((element) => element.scrollBy(0, 1_500));
      await page.waitForTimeout(60);
    }
    await page
      .getByRole("link", { name: /Flood 996\d\d/ })
      .first()
      .waitFor();
    const drawn = await page.locator(".alert-row").count();
    expect(drawn).toBeLessThan(120);
    process.stdout.write(`first rows of 100 000 alerts after ${firstRowsMs} ms, ${drawn} drawn\n`);
    expect(complaints).toEqual([]);
    await context.close();
    await stage.node.store.db.executeQuery(
      sql`delete from alert_open where title like 'Flood%'`.compile(stage.node.store.db),
    );
  });

  test("who and why at an instant; an override drawn on the ribbon, and taken back", async () => {
    const { page, complaints, context } = await visit(browser, stage.node, "mara");
    await page.goto("/oncall?schedule=platform-primary");
    await page.getByRole("heading", { level: 3, name: /holds Platform primary/ }).waitFor();
    const track = page.locator(".ribbon-row", { hasText: "Payments primary" }).locator(".track");
    const box = await track.boundingBox();
    if (box === null) throw new Error("the ribbon has no row for payments");
    const [x, y] = [box.x + box.width * 0.5, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + box.width * 0.1, y, { steps: 4 });
    await page.mouse.up();
    const form = page.getByRole("form", { name: "Override" });
    await form.getByLabel("Who takes it").selectOption("sofia");
    await form.getByLabel(/^Why/).fill("family day");
    await form.getByText(/Sofia Marin holds it for .*would not be paged then/).waitFor();
    await form.getByRole("button", { name: "Keep the override" }).click();
    await track.getByText("Sofia Marin").waitFor();
    await page.getByRole("button", { name: /^Payments primary/ }).click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await track.getByText("Sofia Marin").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("turns are changed on the calendar: what changes lies on it before it is kept", async () => {
    const { page, complaints, context } = await visit(browser, stage.node, "adam");
    await page.goto("/oncall?schedule=payments-secondary&edit=turns");
    const form = page.getByRole("region", { name: "Turns of Payments secondary" });
    await form.getByRole("button", { name: "Jonas Falk earlier" }).click();
    await form.getByRole("button", { name: "Show what changes" }).click();
    const proposed = page.locator(".ribbon-row.proposed");
    await proposed.locator(".bar.new").first().waitFor();
    await form
      .getByRole("row", { name: /Priya Nair Jonas Falk/ })
      .first()
      .waitFor();
    expect(await seriousIn(page)).toEqual([]);
    // Another draft: what lay on the calendar was of the one before.
    await form.getByLabel("Handoff at").fill("10:00");
    await proposed.waitFor({ state: "detached" });
    await form.getByRole("button", { name: "Show what changes" }).click();
    await proposed.locator(".bar.new").first().waitFor();
    await form.getByRole("button", { name: "Keep the change" }).click();
    await form.waitFor({ state: "detached" });
    const { json } = await stage.node.ask<{ body: { layers: { people: string[] }[] } }>(
      "GET /v1/config/schedules/payments-secondary",
    );
    expect(json.body.layers[0]).toMatchObject({ people: ["jonas", "priya"], handoffAt: "10:00" });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a postmortem from draft to published, and two who write at once lose no word", async () => {
    const id = await stage.ring("checkout", "Cards fail");
    await stage.act("mara", id, "acknowledge");
    await stage.act("mara", id, "resolve", { text: "The flag is off" });
    const [mara, priya] = await Promise.all([
      visit(browser, stage.node, "mara"),
      visit(browser, stage.node, "priya"),
    ]);
    await Promise.all(
      [mara, priya].map(async ({ page }) => {
        await page.goto(`/postmortems/${id}?section=went-well`);
        await page.getByRole("textbox", { name: "What went well" }).waitFor();
      }),
    );
    await priya.page
      .getByRole("textbox", { name: "What went well" })
      .fill("The **rollback** took a minute.");
    await priya.page.getByRole("article").locator("strong", { hasText: "rollback" }).waitFor();
    await mara.page.getByRole("textbox", { name: "What went well" }).fill("We were paged at once.");
    await mara.page.getByRole("button", { name: /^Save/ }).click();
    const conflict = priya.page.getByRole("alert");
    await conflict.getByText("We were paged at once.").waitFor();
    expect(
      await priya.page.getByRole("textbox", { name: "What went well" }).inputValue(),
    ).toContain("rollback");
    await conflict.getByRole("button", { name: "Put mine below theirs" }).click();
    await priya.page.keyboard.press("Tab");
    await priya.page.getByRole("button", { name: /^Save/ }).click();
    await mara.page.getByRole("article").getByText("took a minute").waitFor();
    expect(await mara.page.getByRole("textbox", { name: "What went well" }).inputValue()).toContain(
      "paged at once",
    );
    expect(await seriousIn(mara.page)).toEqual([]);
    // Entries of the timeline are chosen and put in by keyboard.
    await mara.page.getByRole("button", { name: "Pick from the timeline" }).press("Enter");
    await mara.page.getByLabel("Search the timeline").fill("mara");
    await mara.page.getByRole("checkbox", { name: /Acknowledged by Mara Vos/ }).press("Space");
    await mara.page.keyboard.press("Enter");
    const written = mara.page.getByRole("textbox", { name: "What went well" });
    expect(await written.inputValue()).toMatch(
      /\n- \d{4}-\d\d-\d\d \d\d:\d\d UTC: Acknowledged by Mara Vos \(Mara Vos\)/,
    );
    expect(await seriousIn(mara.page)).toEqual([]);
    await mara.page.keyboard.press("Control+Enter");
    await mara.page.getByText("version 4").waitFor();
    await mara.page.getByRole("button", { name: /Action items/ }).click();
    await mara.page.getByLabel("What will change").fill("Alarm on the retry queue");
    await mara.page.getByLabel("Owner").selectOption("priya");
    await mara.page.getByRole("button", { name: "Add action item" }).click();
    await mara.page.getByText(/AI-\d+, Priya Nair/).waitFor();
    await mara.page.getByRole("button", { name: "Publish" }).click();
    await mara.page.getByLabel("Leadership").check();
    await mara.page.getByRole("button", { name: "Publish it to them" }).click();
    await mara.page.getByText("published", { exact: true }).waitFor();
    expect([...mara.complaints, ...priya.complaints]).toEqual([]);
    await Promise.all([mara.context.close(), priya.context.close()]);
  });

  test("settings: an audience changed as YAML, a key whose first event is awaited, a token shown once", async () => {
    const { page, complaints, context } = await visit(browser, stage.node, "adam");
    await page.goto("/settings/audiences");
    await page.getByRole("button", { name: /^customers/ }).click();
    const yaml = page.getByLabel("What it says");
    await yaml.fill("name: Customers and partners\npeople: [oleg");
    await page.getByText(/^It is not YAML/).waitFor();
    await yaml.fill("name: Customers and partners\npeople: [nobody-known]\n");
    await page.getByRole("button", { name: "Show what changes" }).click();
    await page
      .getByRole("alert")
      .getByText(/nobody-known/)
      .waitFor();
    await yaml.fill("name: Customers and partners\npeople: [oleg]\n");
    await page.getByRole("button", { name: "Show what changes" }).click();
    await page.getByText("Nobody’s shifts change in the next four weeks.").waitFor();
    expect(await seriousEverywhere(page)).toEqual([]);
    await page.getByRole("button", { name: "Keep the change" }).click();
    await page.getByRole("button", { name: /^customers Customers and partners/ }).waitFor();
    await page.goto("/settings/keys");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByLabel("Id").fill("by-hand");
    await page.getByLabel("What it says").fill("service: search\nsecret: generate\n");
    await page.getByRole("button", { name: "Show what changes" }).click();
    await page.getByText("added intake keys by-hand").waitFor();
    await page.getByRole("button", { name: "Add it" }).click();
    const first = page.getByRole("region", { name: "First event" });
    const words = (await first.locator("pre").textContent()) ?? "";
    const body = JSON.parse(words.slice(words.indexOf("{"), words.lastIndexOf("}") + 1)) as object;
    await first.getByText(/^Waiting for the event/).waitFor();
    expect((await stage.node.ask("POST /v2/enqueue", { token: null, body })).status).toBe(202);
    await first.getByText("It came in").waitFor();
    await first.getByLabel("How to set up").selectOption("falco");
    await first.getByRole("button", { name: "Send a sample" }).click();
    await first
      .getByRole("status", { name: "What became of the sample" })
      .getByText("opened")
      .waitFor();
    await first.getByText("Sample: Shell in a container").waitFor();
    await page.goto("/settings/tokens");
    await page.getByLabel("What it is for").fill("laptop");
    await page.getByLabel("Acts as").selectOption("oleg");
    await page.getByRole("button", { name: "Make a token" }).click();
    const secret = (await page.locator(".note-box .mono").textContent()) ?? "";
    const me = await stage.node.ask("GET /v1/me", { token: secret });
    expect(me.json["person"]).toBe("oleg");
    await page.getByRole("button", { name: "Revoke laptop" }).click();
    await page.getByText(/^revoked/).waitFor();
    expect((await stage.node.ask("GET /v1/me", { token: secret })).status).toBe(401);
    await page.goto("/settings/changes");
    await page.getByRole("link", { name: "audiences customers" }).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("services with owner, what they lean on, what burns", async () => {
    const { page, complaints, context } = await visit(browser, stage.node, "vera");
    await page.goto("/services");
    await page.getByRole("link", { name: "Checkout" }).click();
    await page.getByRole("heading", { level: 1, name: "Checkout" }).waitFor();
    await page.getByRole("link", { name: "Ledger" }).click();
    await page.getByRole("heading", { level: 1, name: "Ledger" }).waitFor();
    expect(await page.locator(".hops").textContent()).toContain("Checkout");
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** Open alerts in the store without going through the intake. */
async function manyAlerts(count: number): Promise<void> {
  const { db } = stage.node.store;
  await db.executeQuery(
    sql`insert into alert_open select flood.*
        from (select a from alert_open a limit 1) one, generate_series(0, ${count - 1}::int) n,
          lateral jsonb_populate_record(one.a, jsonb_build_object('id', gen_random_uuid(),
            'dedup_key', 'flood-' || n, 'title', 'Flood ' || n, 'attend_at', null, 'incident_number', null,
            'first_received_at', (one.a).first_received_at + n)) flood`.compile(db),
  );
}
