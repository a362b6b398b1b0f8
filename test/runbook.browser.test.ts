/** A runbook in the war room: carried out by keyboard, with a second person, in two browsers at once. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_BROWSER, seriousIn, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { OUTAGE, publishOutage } from "./runbookStage.ts";

let stage: Stage;
let browser: Browser;

describe.skipIf(NO_BROWSER !== null)("a runbook in the browser", () => {
  beforeAll(async () => {
    [browser, stage] = await Promise.all([startBrowser(), openStage()]);
    await publishOutage(stage.node);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  const current = (page: Page) => page.locator("[aria-current=step]");
  const open = async (page: Page, address: string): Promise<void> => {
    await page.goto(address);
    await page.getByRole("region", { name: "Runbook Checkout outage" }).waitFor();
  };

  test("a run with a second person, by keyboard, seen live by both", async () => {
    const id = await stage.ring("checkout", "Card payments fail");
    const jonas = await visit(browser, stage.node, "jonas");
    const priya = await visit(browser, stage.node, "priya");
    await jonas.page.goto(`/incidents/${id}`);
    await jonas.page.getByRole("button", { name: "Start a run" }).click();
    await jonas.page.getByLabel("Runbook", { exact: true }).selectOption("checkout-outage");
    await jonas.page.getByRole("button", { name: "Start the run" }).press("Enter");
    await jonas.page.getByRole("region", { name: "Runbook Checkout outage" }).waitFor();
    await open(priya.page, `/incidents/${id}`);

    // What stands behind the gate says so; what is done by hand is a letter away.
    const keys = jonas.page.keyboard;
    await jonas.page.getByRole("log").focus();
    await priya.page.getByRole("button", { name: /Fail over/ }).click();
    await current(priya.page).getByText("Triage is a gate: 3 steps are still open.").waitFor();
    await current(jonas.page).getByText("Confirm the error rate").waitFor();
    await keys.press("d");
    await current(jonas.page).getByText("Done").first().waitFor();
    await keys.press("n");
    await current(jonas.page).getByLabel("REGION").fill("eu-1");
    await keys.press("Enter");
    await current(jonas.page)
      .getByText("Compare its start with the last changes in eu-1")
      .waitFor();
    await jonas.page.getByRole("log").focus();
    await keys.press("d");
    await current(jonas.page).getByText(/^Done/).waitFor();
    await keys.press("n");
    await keys.press("s");
    await keys.type("its status page is green");
    await keys.press("Enter");
    await current(jonas.page)
      .getByText(/Skipped.*its status page is green/)
      .waitFor();

    // Three failures, and it asks a person, who takes it over.
    await keys.press("n");
    for (const [attempt, words] of [1, 2, 3].entries()) {
      await jonas.page.getByRole("log").focus();
      await keys.press("r");
      await keys.press("Enter");
      await current(jonas.page).getByText(`${words} attempt`).waitFor();
      if (attempt < 2) await current(jonas.page).locator(".run-it:not([aria-disabled])").waitFor();
    }
    await current(jonas.page)
      .getByText(/Stopped after 3 attempts/)
      .waitFor();
    await current(jonas.page).getByRole("button", { name: "Take over" }).click();
    await current(jonas.page).getByText("Yours.").waitFor();

    // A question first; “no” would make it not applicable.
    await jonas.page.getByRole("button", { name: /If the failures began/ }).click();
    const runIt = current(jonas.page).getByRole("button", { name: "Run it" });
    expect(await runIt.getAttribute("aria-disabled")).toBe("true");
    expect(await runIt.getAttribute("title")).toBe("Answer its question first.");
    await current(jonas.page).getByRole("button", { name: "Yes" }).click();
    await current(jonas.page).locator(".run-it:not([aria-disabled])").press("Enter");
    await current(jonas.page).getByText("undo ready").waitFor();

    // What may destroy: the one who asks is not the one who confirms.
    await jonas.page.getByRole("button", { name: /Fail over/ }).click();
    await current(jonas.page).getByText("destructive, two people").waitFor();
    await jonas.page.getByRole("log").focus();
    await keys.press("r");
    await keys.press("Enter");
    await current(priya.page).getByText("Someone else must confirm").waitFor();
    const own = current(jonas.page).getByRole("button", { name: "Confirm as second person" });
    await own.waitFor();
    expect(await own.getAttribute("aria-disabled")).toBe("true");
    await current(jonas.page).getByText("Not you: you asked.").waitFor();
    expect(await seriousIn(jonas.page)).toEqual([]);
    await priya.page.getByRole("log").focus();
    await priya.page.keyboard.press("2");
    await priya.page.keyboard.press("Enter");
    await current(jonas.page)
      .getByText(/^Done .* by /)
      .waitFor();
    await current(jonas.page)
      .getByText(/confirmed by Priya Nair/)
      .waitFor({ state: "attached" });

    // The document moves on under the run, which keeps its own until somebody decides.
    await publishOutage(stage.node, OUTAGE.replace("Replay the payments", "Replay all payments"));
    await jonas.page.getByRole("button", { name: "Show the difference" }).click();
    await jonas.page.getByText("Replay all payments that were kept").first().waitFor();
    await jonas.page.getByRole("button", { name: "Go on with the newest" }).click();
    await jonas.page.getByRole("button", { name: /Replay all payments/ }).waitFor();
    expect([...jonas.complaints, ...priya.complaints]).toEqual([]);

    // The same run by its own address.
    await open(priya.page, "/runs/RUN-1");
    await priya.page.getByRole("heading", { level: 1, name: "Checkout outage" }).waitFor();
    await priya.page
      .getByRole("region", { name: "What happened" })
      .getByText(/its status page is green/)
      .waitFor();
    expect(await seriousIn(priya.page)).toEqual([]);
    await Promise.all([jonas.context.close(), priya.context.close()]);
  }, 60_000);
});
