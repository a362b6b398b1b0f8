/** A SEV1 carried out in the war room: by keyboard alone, with a second person, in two browsers at once. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_BROWSER, pointersOn, seriousIn, startBrowser, tabTo, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { actOnRun, OUTAGE, publishOutage } from "./runbookStage.ts";

let stage: Stage;
let browser: Browser;

describe.skipIf(NO_BROWSER !== null)("a SEV1 in the browser", () => {
  beforeAll(async () => {
    [browser, stage] = await Promise.all([startBrowser(), openStage()]);
    await publishOutage(stage.node);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  const current = (page: Page) => page.locator("[aria-current=step]");
  const entries = (page: Page) => page.getByRole("log");
  const runbook = (page: Page) => page.getByRole("region", { name: "Runbook Checkout outage" });
  const focused = (page: Page): Promise<string> =>
    page.evaluate("document.activeElement.textContent");
  /** A form opens with its first field under the hands. */
  const formOf = async (page: Page, name: string): Promise<void> => {
    await page.getByRole("form", { name }).locator(":focus").waitFor();
  };

  test("from declared to the published postmortem by keyboard alone, its runbook with a second person", async () => {
    const mara = await visit(browser, stage.node, "mara");
    const priya = await visit(browser, stage.node, "priya");
    const pointed = await Promise.all([pointersOn(mara), pointersOn(priya)]);
    const { page } = mara;
    const keys = page.keyboard;
    const send = (): Promise<void> => keys.press("Control+Enter");
    await page.getByRole("heading", { level: 1, name: /Nothing burns/ }).waitFor();

    // Declared, acknowledged from the next clock's verb, and the command taken.
    await keys.press("d");
    await formOf(page, "Declare an incident");
    await keys.type("Card payments fail");
    await keys.press("Tab");
    await keys.press("Space");
    await tabTo(page, /^Service/);
    await keys.type("Check");
    await send();
    await page.waitForURL("**/incidents/INC-*");
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await entries(page).getByText("SEV1 declared: Card payments fail").waitFor();
    await keys.press(".");
    expect(await focused(page)).toContain("Acknowledge");
    await keys.press("Enter");
    await entries(page).getByText("Acknowledged by Mara Vos").waitFor();
    await priya.page.getByRole("heading", { level: 1, name: /One SEV1 burns/ }).waitFor();
    await priya.page.keyboard.press("1");
    await entries(priya.page).waitFor();
    await priya.page.keyboard.press("h");
    await formOf(priya.page, "Hand over");
    await priya.page.keyboard.type("Mara");
    await priya.page.keyboard.press("Control+Enter");
    await page.getByText("The command is offered to you.").waitFor();
    await keys.press("Control+k");
    await keys.type("take the command");
    await keys.press("Enter");
    await entries(page).getByText("Mara Vos took over command").waitFor();
    await keys.press("?");
    await page.getByRole("dialog", { name: "Keys of this page" }).getByText("Mitigate").waitFor();
    await keys.press("Escape");

    // The runbook begins; what stands behind its gate says so.
    await tabTo(page, /^Start a run/);
    await keys.press("Enter");
    await tabTo(page, /^Runbook/);
    await page.getByRole("option", { name: /^Checkout outage/ }).waitFor({ state: "attached" });
    await keys.type("Check");
    await tabTo(page, /^Start the run/);
    await keys.press("Enter");
    await Promise.all([runbook(page).waitFor(), runbook(priya.page).waitFor()]);
    await tabTo(priya.page, /Fail over/);
    await priya.page.keyboard.press("Enter");
    await current(priya.page).getByText("Triage is a gate: 3 steps are still open.").waitFor();

    // What is done by hand is a letter away; a value is asked for where it is needed.
    await current(page).getByText("Confirm the error rate").waitFor();
    await keys.press("d");
    await current(page).getByText("Done").first().waitFor();
    await keys.press("n");
    await tabTo(page, /^REGION/);
    await keys.type("eu-1");
    await keys.press("Enter");
    await current(page).getByText("Compare its start with the last changes in eu-1").waitFor();
    await keys.press("d");
    await current(page).getByText(/^Done/).waitFor();
    await keys.press("n");
    await keys.press("s");
    await keys.type("its status page is green");
    await keys.press("Enter");
    await current(page)
      .getByText(/Skipped.*its status page is green/)
      .waitFor();

    // Three failures, and it asks a person, who takes it over.
    await keys.press("n");
    for (const [attempt, words] of [1, 2, 3].entries()) {
      await current(page).locator(".run-it:not([aria-disabled])").waitFor();
      await keys.press("r");
      await keys.press("Enter");
      await current(page).getByText(`${words} attempt`).waitFor();
      if (attempt === 2) await current(page).getByText("Stopped after 3 attempts").waitFor();
    }
    await tabTo(page, /^Take over/);
    await keys.press("Enter");
    await current(page).getByText("Yours.").waitFor();

    // A question first; “no” would make it not applicable.
    await keys.press("n");
    await current(page).getByText("If the failures began").waitFor();
    const runIt = current(page).getByRole("button", { name: "Run it" });
    expect(await runIt.getAttribute("title")).toBe("Answer its question first.");
    await tabTo(page, /^Yes/);
    await keys.press("Enter");
    await current(page).locator(".run-it:not([aria-disabled])").waitFor();
    await keys.press("r");
    await keys.press("Enter");
    await current(page).getByText("undo ready").waitFor();

    // What may destroy: the one who asks is not the one who confirms.
    await keys.press("n");
    await current(page).getByText("destructive, two people").waitFor();
    await keys.press("r");
    await keys.press("Enter");
    await current(priya.page).getByText("Someone else must confirm").waitFor();
    const own = current(page).getByRole("button", { name: "Confirm as second person" });
    await own.waitFor();
    expect(await own.getAttribute("aria-disabled")).toBe("true");
    await current(page).getByText("Not you: you asked.").waitFor();
    expect(await seriousIn(page)).toEqual([]);
    await priya.page.keyboard.press("2");
    await priya.page.keyboard.press("Enter");
    await current(page)
      .getByText(/^Done .* by /)
      .waitFor();
    await current(page)
      .getByText(/confirmed by Priya Nair/)
      .waitFor({ state: "attached" });

    // The run is finished, which takes a reason while steps are open.
    await tabTo(page, /^End this run, \d still open/);
    await keys.press("Enter");
    await tabTo(page, /^Why/);
    await keys.type("the flag was it");
    await tabTo(page, /^Finish the run/);
    await keys.press("Enter");
    await entries(page)
      .getByText(/RUN-\d+ is finished/)
      .first()
      .waitFor();

    // Stakeholders are told; users no longer hurt; the cause is gone.
    await keys.press("u");
    await formOf(page, "Write update");
    await keys.type("Card payments fail, we look into it.");
    await page.getByLabel("As it is read").getByText("Card payments fail, we look").waitFor();
    await keys.press("Tab");
    await keys.press("Space");
    await send();
    await entries(page).getByText("Status update to customers").waitFor();
    await keys.press("a");
    await formOf(page, "Add task");
    await keys.type("Freeze all rollouts");
    await send();
    await tabTo(page, /^Freeze all rollouts/);
    await keys.press("Space");
    await entries(page).getByText("Task finished: Freeze all rollouts").waitFor();
    await keys.press("Control+k");
    await keys.type("mitigate");
    await keys.press("Enter");
    await formOf(page, "Mitigate");
    await keys.type("The flag is off");
    await send();
    await entries(page).getByText("Mitigated: users no longer hurt").waitFor();
    await keys.press("z");
    await formOf(page, "Resolve");
    await send();
    await entries(page).getByText("Resolved", { exact: true }).waitFor();

    // The postmortem: written, with an action item, and published to whom it concerns.
    await keys.press("g");
    await keys.press("p");
    await page.getByRole("link", { name: new RegExp(id) }).waitFor();
    await tabTo(page, new RegExp(`^${id}`));
    await keys.press("Enter");
    await page.getByRole("navigation", { name: "Sections" }).waitFor();
    await tabTo(page, /^What went well/);
    await keys.press("Enter");
    await page.getByRole("textbox", { name: "What went well" }).waitFor();
    await tabTo(page, /^What went well(?!.*empty)/);
    await keys.type("The **flag** was found within minutes.");
    await send();
    await page.getByText("version 2").waitFor();
    await tabTo(page, /^Action items/, { back: true });
    await keys.press("Enter");
    await tabTo(page, /^What will change/);
    await keys.type("Alarm on the retry queue");
    await keys.press("Tab");
    await keys.type("Priya");
    await tabTo(page, /^Add action item/);
    await keys.press("Enter");
    await page.getByText(/AI-\d+, Priya Nair/).waitFor();
    await tabTo(page, /^Publish/, { back: true });
    await keys.press("Enter");
    await tabTo(page, /^Leadership/);
    await keys.press("Space");
    await tabTo(page, /^Publish it to them/);
    await keys.press("Enter");
    await page.getByText("published", { exact: true }).waitFor();
    expect(pointed).toEqual([[], []]);
    expect([...mara.complaints, ...priya.complaints]).toEqual([]);
    await Promise.all([mara.context.close(), priya.context.close()]);
  }, 90_000);

  test("a document moves on under its run, which keeps its own until somebody decides", async () => {
    const token = await stage.node.tokenOf("priya");
    const body = { runbook: "checkout-outage", inputs: { REGION: "eu-1" } };
    const { json: run } = await stage.node.ask<{ id: string }>("POST /v1/runs", { token, body });
    const because = "its status page is green";
    await actOnRun(stage.node, token, run.id, "skip-step", "Ask the card", { because });
    const { page, complaints, context } = await visit(browser, stage.node, "priya");
    await publishOutage(stage.node, OUTAGE.replace("Replay the payments", "Replay all payments"));
    await page.goto(`/runs/${run.id}`);
    await page.getByRole("heading", { level: 1, name: "Checkout outage" }).waitFor();
    await page.getByRole("button", { name: "Show the difference" }).click();
    await page.getByText("Replay all payments that were kept").first().waitFor();
    await page.getByRole("button", { name: "Go on with the newest" }).click();
    await page.getByRole("button", { name: /Replay all payments/ }).waitFor();
    await page
      .getByRole("region", { name: "What happened" })
      .getByText(/its status page is green/)
      .waitFor();
    expect(await seriousIn(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
