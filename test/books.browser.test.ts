/** Runbooks as documents, search and insights, in a real browser. */
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_BROWSER, PHONE, seriousIn, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { OUTAGE, publishOutage } from "./runbookStage.ts";

let stage: Stage;
let browser: Browser;
let incident: string;

describe.skipIf(NO_BROWSER !== null)("in the browser", () => {
  beforeAll(async () => {
    [browser, stage] = await Promise.all([startBrowser(), openStage()]);
    await publishOutage(stage.node, OUTAGE.replace("Replay the payments", "Replay payments"));
    await publishOutage(stage.node);
    incident = await stage.ring("checkout", "Card payments fail");
    await stage.act("mara", incident, "acknowledge");
    await stage.act("mara", incident, "note", { text: "Handshakes time out in eu-1." });
    await stage.act("mara", incident, "resolve", { text: "The flag is off." });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole("heading", { level: 1, name }).waitFor();

  test("a document as written, its plan and its findings share one selection", async () => {
    const { page, complaints, context } = await visit(browser, stage.node, "ines");
    await page.goto("/runbooks");
    await page.getByRole("link", { name: "Checkout outage" }).click();
    await heading(page, "Checkout outage");
    await page.getByRole("button", { name: /Fail over payments-db/ }).click();
    await page.locator(".doc .on").first().waitFor();
    expect(await page.locator(".doc .on").allTextContents()).toContain("payments-db");
    await page.locator(".doc").getByText("Ask the card provider").click();
    expect(
      await page.locator(".plan-step[aria-pressed=true]").getByText("Ask the card").count(),
    ).toBe(1);
    expect(page.url()).toContain("ask-the-card-provider");
    await page.keyboard.press("c");
    await page.getByText("Version 2 against 1").waitFor();
    await page.getByText("Replay payments that were kept").first().waitFor();
    await page.keyboard.press("c");
    await page.keyboard.press("b");
    await page.getByRole("button", { name: "Draft from the document" }).click();
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText(/^Read as procedure/).waitFor();
    expect(await seriousIn(page)).toEqual([]);
    await page.getByRole("link", { name: "Print" }).click();
    await page.getByText("Who ______________").first().waitFor();
    expect(await page.textContent("main")).toContain("Changes something in another system");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a team's own document is brought, shown what it gives, and published", async () => {
    const file = join(tmpdir(), `tocsin-late-data-${process.pid}.md`);
    await writeFile(
      file,
      "# Late data\n\n**Trigger:** a suite fails.\n\n1. **Look**\n   - Look at the suite.\n   - Ask its owner.\n",
    );
    const { page, complaints, context } = await visit(browser, stage.node, "ines");
    await page.goto("/runbooks");
    await page.getByRole("button", { name: "Bring a document" }).click();
    await page.getByLabel(/^Document/).setInputFiles(file);
    await page.getByText(/Late data \(\d steps?\)/).waitFor();
    await page.getByLabel("Name in addresses").fill("late-data");
    await page.getByRole("button", { name: "Publish it" }).click();
    await page.getByRole("link", { name: "Version 1 is published: read it" }).click();
    await heading(page, "Late data");
    await page.keyboard.press("r");
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.waitForURL("**/runs/RUN-*");
    await page.locator("[aria-current=step]").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("the palette finds what somebody wrote, and leads there", async () => {
    const { page, complaints, context } = await visit(browser, stage.node, "mara");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("handshakes eu-1");
    await page
      .getByRole("option", { name: new RegExp(`${incident} Card payments fail`) })
      .waitFor();
    await page.getByText("Handshakes time out in eu-1.").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/incidents/${incident}`);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("insights answer with a picture and the table behind it, in both schemes and on a phone", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const { page, complaints, context } = await visit(browser, stage.node, "mara", {
        scheme,
        ...(scheme === "dark" && { viewport: PHONE }),
      });
      for (const [topic, question, words] of [
        ["times", /How fast/, "The same as numbers"],
        ["promises", /Which promises/, "Promises by severity"],
        ["pages", /Whom do we wake/, /Pages by person|Nobody was paged/],
        ["rules", /page for nothing/, "paged"],
      ] as const) {
        await page.goto(`/insights/${topic}`);
        await heading(page, question);
        await page.locator("main").getByText(words).first().waitFor();
        expect(await seriousIn(page), `${topic} ${scheme}`).toEqual([]);
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        expect(wide).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
      }
      for (const path of ["/runbooks", "/runbooks/checkout-outage", "/runs/RUN-1"]) {
        await page.goto(path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        expect(await seriousIn(page), `${path} ${scheme}`).toEqual([]);
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        expect(wide, path).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
      }
      expect(complaints).toEqual([]);
      await context.close();
    }
  }, 120_000);
});
