/** The war room in real browsers: two people, one incident, by mouse and by keyboard. */
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WEB_BUILT } from "../server/app/web.ts";
import { linkFor, NO_BROWSER, PHONE, seriousEverywhere, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";

let stage: Stage;
let browser: Browser;

describe.skipIf(NO_BROWSER !== null)("in the browser", () => {
  beforeAll(async () => {
    [browser, stage] = await Promise.all([startBrowser(), openStage()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  const entries = (page: Page) => page.getByRole("log");
  const open = async (page: Page, incident: string): Promise<void> => {
    await page.goto(`/incidents/${incident}`);
    await entries(page).waitFor();
  };

  test("a link signs somebody in once; what burns is there, and a way to more", async () => {
    const id = await stage.ring("checkout", "Card payments fail");
    const link = await linkFor(stage.node, "mara");
    const { page, complaints, context } = await visit(browser, stage.node, null);
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
    await page.goto(link);
    expect(await page.textContent("h1")).toBe("Sign in as Mara Vos");
    await page.getByRole("button", { name: /^Sign in/ }).click();
    await page.getByRole("heading", { level: 1, name: /One SEV1 burns/ }).waitFor();
    await page.getByRole("link", { name: "Card payments fail", exact: true }).click();
    await page.waitForURL(`**/incidents/${id}`);
    await page.goto(link);
    expect(await page.textContent("body")).toContain("was used or has expired");
    expect(complaints).toEqual([]);
    await context.close();
    await stage.act("mara", id, "cancel", { reason: "false alarm" });
  });

  test("two people see each other's changes within a second", async ({ onTestFinished }) => {
    const id = await stage.ring("checkout", "Card payments fail again");
    const mara = await visit(browser, stage.node, "mara");
    const priya = await visit(browser, stage.node, "priya");
    // Whoever tries it again is here alone.
    onTestFinished(async () => {
      await Promise.all([mara, priya].map(({ context }) => context.close()));
    });
    await Promise.all([open(mara.page, id), open(priya.page, id)]);
    const here = mara.page.getByRole("group", { name: "Who has this page open" });
    await here.getByText("Priya Nair").waitFor();
    await mara.page.keyboard.press("t");
    await mara.page.keyboard.type("It was the flag");
    const sent = Date.now();
    await mara.page.keyboard.press("Enter");
    await entries(priya.page).getByText("It was the flag").waitFor();
    expect(Date.now() - sent).toBeLessThan(1_000);
    await priya.page.getByRole("button", { name: "Acknowledge" }).click();
    await mara.page.getByRole("group", { name: "Who has it" }).getByText("Priya Nair").waitFor();
    const call = mara.page.getByRole("link", { name: /^Call Priya Nair, \+3120555/ }).first();
    expect(await call.getAttribute("href")).toMatch(/^tel:\+3120555\d{4}$/);
    // The command goes over only when the other takes it.
    const commander = mara.page.getByRole("group", { name: "Who has it" });
    await mara.page.keyboard.press("Escape");
    await mara.page.keyboard.press("h");
    await mara.page.getByLabel("To whom").selectOption("priya");
    await mara.page.keyboard.press("Control+Enter");
    await priya.page.getByRole("button", { name: "Take the command" }).click();
    await commander.getByText("Priya Nair").first().waitFor();
    await entries(mara.page).getByText("Priya Nair took over command").waitFor();
    await priya.page.goto("/alerts");
    await here.getByText("only you").waitFor();
    expect([...mara.complaints, ...priya.complaints]).toEqual([]);
    await stage.act("mara", id, "cancel", { reason: "false alarm" });
  });

  test("whoever is asked to join sees it on a phone, without moving a line", async () => {
    const id = await stage.ring("checkout", "Card payments fail at night");
    await stage.act("priya", id, "add-responders", { to: [{ person: "mara" }] });
    const { page, context } = await visit(browser, stage.node, "mara", { viewport: PHONE });
    await open(page, id);
    const group = page.getByRole("group", { name: "Who has it" });
    await group.getByText("Priya Nair asks you to join.").waitFor();
    for (const name of ["Join", "Decline"]) {
      const box = (await group.getByRole("button", { name, exact: true }).boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(PHONE.width);
    }
    await context.close();
    await stage.act("mara", id, "cancel", { reason: "false alarm" });
  });

  test("of two tabs in one browser one listens; when it is closed the other goes on where it was", async () => {
    const id = await stage.ring("checkout", "Cards fail in two tabs");
    const { page: first, complaints, context } = await visit(browser, stage.node, "priya");
    await open(first, id);
    await first.getByText("Live", { exact: true }).waitFor();
    const second = await context.newPage();
    const asked: string[] = [];
    second.on("request", (request) => {
      if (request.url().includes("/v1/events")) asked.push(request.url());
    });
    await open(second, id);
    await stage.act("mara", id, "note", { text: "Heard by way of the other" });
    await entries(second).getByText("Heard by way of the other").waitFor();
    expect(asked).toEqual([]);
    await first.close();
    await stage.act("mara", id, "note", { text: "Heard by itself" });
    await entries(second).getByText("Heard by itself").waitFor();
    expect(asked).toEqual([expect.stringMatching(/[?&]after=\d/)]);
    expect(complaints).toEqual([]);
    await context.close();
    await stage.act("mara", id, "cancel", { reason: "false alarm" });
  });

  test.each(["that the server wrote", "that was kept on the device"])(
    "what changes while a page %s opens, before it listens, is seen all the same",
    async (kind) => {
      const { page, context } = await visit(browser, stage.node, "vera");
      const isWritten = kind === "that the server wrote";
      // A kept page does not know where among the events it stands.
      if (!isWritten)
        await page.route(`${stage.node.address}/`, async (route) => {
          const response = await route.fetch();
          const body = (await response.text()).replace(/ data-place="[\d.]+"/, "");
          await route.fulfill({ response, body });
        });
      let go: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (go = resolve));
      let line = "";
      await page.route(/\/v1\/events/, async (route) => {
        line = route.request().url();
        await held;
        await route.continue();
      });
      await page.goto("/");
      await page.getByRole("heading", { level: 1 }).waitFor();
      const body = { title: "The till is slow", severity: "SEV3", services: ["ledger"] };
      const { json } = await stage.node.ask<{ id: string }>("POST /v1/incidents", { body });
      go();
      await page
        .getByRole("link", { name: new RegExp(json.id) })
        .first()
        .waitFor();
      expect(/after=\d+\.\d+$/.test(line)).toBe(isWritten);
      await context.close();
      await stage.act("adam", json.id, "cancel", { reason: "false alarm" });
    },
  );

  test("what cannot be done says why; what was refused is told where it was tried", async () => {
    const id = await stage.ring("billing", "Invoices are stuck");
    const vera = await visit(browser, stage.node, "vera");
    await open(vera.page, id);
    const acknowledge = vera.page.getByRole("button", { name: "Acknowledge" }).first();
    expect(await acknowledge.getAttribute("aria-disabled")).toBe("true");
    expect(await acknowledge.getAttribute("title")).toContain("incidents.respond");
    await vera.page.keyboard.press("k");
    const mara = await visit(browser, stage.node, "mara");
    await open(mara.page, id);
    await mara.page.keyboard.press("v");
    await mara.page.getByLabel("SEV2").check();
    await mara.page.getByLabel("Why", { exact: true }).fill("It is what it is");
    await mara.page.getByRole("button", { name: "Change severity" }).last().click();
    await mara.page.getByRole("alert").getByText(`${id} is SEV2 already.`).waitFor();
    expect(await mara.page.getByLabel("Why", { exact: true }).inputValue()).toBe(
      "It is what it is",
    );
    await mara.page.keyboard.press("Escape");
    await mara.page.getByRole("button", { name: "More verbs" }).click();
    const reopen = mara.page.getByRole("menuitem", { name: /Reopen/ });
    expect(await reopen.textContent()).toContain("while it is declared");
    expect([...vera.complaints, ...mara.complaints]).toEqual([]);
    await Promise.all([vera.context.close(), mara.context.close()]);
    await stage.act("mara", id, "cancel", { reason: "false alarm" });
  });

  test("a restricted incident is nowhere for others, also while it changes", async () => {
    const { page, context } = await visit(browser, stage.node, "vera");
    const body = {
      title: "Zanzibarquartz",
      severity: "SEV1",
      services: ["ledger"],
      restricted: true,
    };
    const { json } = await stage.node.ask<{ id: string }>("POST /v1/incidents", { body });
    await stage.act("adam", json.id, "note", { text: "Zanzibarquartz" });
    const seen = await stage.ring("search", "Results are old");
    await page
      .getByRole("link", { name: new RegExp(seen) })
      .first()
      .waitFor();
    expect(await page.textContent("body")).not.toContain("Zanzibarquartz");
    // Nor in the page before the app has drawn it, where those who may see it have it.
    const drawn = async (as: Page): Promise<string> =>
      (await as.request.get(`/incidents/${json.id}`)).text();
    expect(await drawn(page)).not.toContain("Zanzibarquartz");
    const adam = await visit(browser, stage.node, "adam");
    expect(await drawn(adam.page)).toMatch(/<h1[^>]*>Zanzibarquartz</);
    await adam.context.clearCookies();
    expect(await drawn(adam.page)).not.toContain("Zanzibarquartz");
    await adam.context.close();
    await page.goto(`/incidents/${json.id}`);
    await page.getByText("that you may see").waitFor();
    expect(await page.textContent("body")).not.toContain("Zanzibarquartz");
    await context.close();
    await stage.act("mara", seen, "cancel", { reason: "false alarm" });
    await stage.act("adam", json.id, "cancel", { reason: "false alarm" });
  });

  test("an incident comes drawn; the app takes it over as it stands, with what was pressed before", async () => {
    const id = await stage.ring("checkout", "Cards are refused");
    const { page, complaints, context } = await visit(browser, stage.node, "priya");
    // What the app tells about its reader when they leave a page.
    await page.goto(`/incidents/${id}`);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.goto("/services");
    const told = (await context.cookies()).map(({ name }) => name);
    expect(told).toContain("tocsin-reader");
    await page.goto(`/incidents/${id}`);
    const plain = await page.request.get(`/incidents/${id}`);
    expect(plain.headers()["cache-control"]).toBe("no-store");
    expect(await plain.text()).not.toMatch(/ style=| on[a-z]+=/);
    // Nothing of it moves when the app is there.
    await page.reload();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "Pages" }).waitFor();
    const moved = await page.evaluate(`new Promise((resolve) => {
      const sum = (list) => list.getEntries().reduce((all, { value }) => all + value, 0);
      new PerformanceObserver((list) => resolve(sum(list)))
        .observe({ type: "layout-shift", buffered: true });
      setTimeout(resolve, 300, 0);
    })`);
    expect(moved).toBeLessThan(0.001);
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await page.route("**/assets/main-*.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`/incidents/${id}`, { waitUntil: "commit" });
    // Before any script of the app: what burns, who has it, what happened, and of when that is.
    await page.getByRole("heading", { name: "Cards are refused" }).waitFor();
    await page.getByText("SEV1 declared by rule").waitFor();
    await page.getByText(/^as of \d\d:\d\d$/).waitFor();
    const acknowledge = page.getByRole("button", { name: "Acknowledge", exact: false }).first();
    const [before, button] = await Promise.all([
      page.getByRole("heading", { name: "Cards are refused" }).elementHandle(),
      acknowledge.elementHandle(),
    ]);
    await acknowledge.click();
    expect(await button?.getAttribute("aria-busy")).toBe("true");
    go();
    await page.getByText("Live", { exact: true }).waitFor();
    await entries(page)
      .getByText(/Priya Nair.*acknowledged|Acknowledged/)
      .waitFor();
    expect(await before?.evaluate((heading) => heading.isConnected)).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
    await stage.act("mara", id, "cancel", { reason: "false alarm" });
  });

  test("signed out in one window, the other shows nothing any more; a lost line is told", async () => {
    const { page, context } = await visit(browser, stage.node, "oleg");
    const other = await context.newPage();
    await other.goto("/you");
    await other.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
    await context.close();
    const lost = await visit(browser, stage.node, "oleg");
    await lost.page.route(/\/v1\/events/, (route) => route.abort());
    await lost.page.goto("/");
    await lost.page.getByText(/Not live since \d\d:\d\d:\d\d, trying/).waitFor();
    await lost.context.close();
  });

  test("a form for words is open to those who read or steer in other ways", async () => {
    const id = await stage.ring("checkout", "Cards fail for some");
    const { page, context } = await visit(browser, stage.node, "mara");
    await open(page, id);
    await page.keyboard.press("u");
    await page.getByLabel("What they read").waitFor();
    expect(await seriousEverywhere(page)).toEqual([]);
    // What was merged by mistake is taken out again where it says where it went.
    const body = { title: "Cards are slow", severity: "SEV3", services: ["checkout"] };
    const { json } = await stage.node.ask<{ id: string }>("POST /v1/incidents", { body });
    await stage.act("mara", json.id, "merge", { into: id });
    await open(page, json.id);
    const back = page.getByRole("button", { name: "Take it out again" });
    await back.click();
    await entries(page).getByText(`Taken out of ${id} again`).waitFor();
    expect(await back.count()).toBe(0);
    await context.close();
    for (const each of [json.id, id])
      await stage.act("mara", each, "cancel", { reason: "false alarm" });
  });

  test("the first page loads at most 200 kB of script", async () => {
    const { page, context } = await visit(browser, stage.node, null);
    const scripts: string[] = [];
    page.on("request", (request) => {
      if (request.resourceType() === "script") scripts.push(new URL(request.url()).pathname);
    });
    await page.goto(await linkFor(stage.node, "mara"));
    await page.getByRole("button", { name: /^Sign in/ }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    const sizes = await Promise.all(
      [...new Set(scripts)].map(
        async (path) => gzipSync(await readFile(`${WEB_BUILT}${path}`)).length,
      ),
    );
    expect((await readdir(`${WEB_BUILT}assets`)).length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(200 * 1_024);
    await context.close();
  });
});
