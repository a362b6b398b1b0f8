/** Runbooks as documents, search and insights, in a real browser. */
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  NO_BROWSER,
  seriousEverywhere,
  seriousIn,
  settled,
  startBrowser,
  visit,
} from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { de } from "../web/words/de.ts";
import { addressesOf } from "./everyPage.ts";
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

  /** The page's; a document that is drawn below it may begin with the same. */
  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole("heading", { level: 1, name }).first().waitFor();

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

  test("nothing keeps anybody out of any page, light on a desk, dark on a phone; nor is German broken by English", async () => {
    const burning = await stage.ring("billing", `Invoices fail ${"and fail ".repeat(20)}`);
    const { json: found } = await stage.node.ask<{ items: { id: string }[] }>(
      `GET /v1/alerts?incident=${burning}`,
    );
    const alert = found.items[0]?.id ?? "";
    const { json: run } = await stage.node.ask<{ id: string }>("POST /v1/runs", {
      token: await stage.node.tokenOf("mara"),
      body: { runbook: "checkout-outage", incident: burning, inputs: { REGION: "eu-1" } },
    });
    // German words are the longer ones.
    const { page, complaints, context } = await visit(browser, stage.node, "adam", {
      locale: "de-DE",
    });
    const serious: string[] = [];
    const english: string[] = [];
    for (const [name, address] of addressesOf({ burning, over: incident, alert, run: run.id })) {
      await page.goto(address);
      await settled(page);
      const words = SAYS[name];
      if (words !== undefined) await page.locator("main").getByText(words).first().waitFor();
      serious.push(...(await seriousEverywhere(page)).map((what) => `${name}: ${what}`));
      english.push(...(await englishIn(page)).map((what) => `${name}: ${what}`));
    }
    expect(serious).toEqual([]);
    expect(english).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  }, 240_000);
});

/** What has to stand there before it is looked at: the picture and the table behind it, the lists that come last. */
const SAYS: Readonly<Record<string, string | RegExp>> = {
  "insights-times": "Dasselbe als Zahlen",
  "insights-promises": "Zusagen nach Schweregrad",
  "insights-pages": /Alarmierungen nach Person|niemand alarmiert/,
  "insights-rules": "alarmiert",
  turns: "Jemanden hinzufügen",
  "oncall-load": "In den nächsten acht Wochen",
  "oncall-drills": "Noch keiner wurde abgehalten.",
  "runbook-versions": "Replay payments that were kept",
  warroom: "von Regel critical-on-billing",
  audit: "Empfängerkreise leadership",
};

/** What stands there in English: sentences that have German words, and what looks like a sentence that has none. */
async function englishIn(page: Page): Promise<readonly string[]> {
  const texts = await page.evaluate<readonly string[]>(TEXTS_THERE);
  return texts.filter(
    (text) =>
      !IDS.has(text) &&
      ((de[text] !== undefined && de[text] !== text) || ENGLISH.test(text.replace(DATA, ""))),
  );
}

const ENGLISH = /\b(the|is|are|of|by|to|and|not|has|have|for|from|it|this|your|you|with)\b/i;
/** Of a rule, an audience and the token of the one who sets up. */
const IDS: ReadonlySet<string> = new Set(["critical", "customers", "admin"]);
/** What people of this company wrote. */
const DATA =
  /Invoices fail|(and fail ?)+|Card payments fail|Handshakes time out.*|The flag is off\.?|Late data|.*(Scale the payment|Replay|payments|error rate|card provider|failures|flag|customers|Compare its start).*|Ask its owner\.|Look at the suite\./g;

/** What people read or hear there, without what a machine said and what says itself that it is English. */
const TEXTS_THERE = `(() => {
  const found = new Set();
  const apart = "script,style,noscript,code,kbd,pre,textarea,[lang=en],.doc,.mono,.paper li p,.prose";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node instanceof Element ? node : node.parentElement;
    if (element === null || element.closest(apart) !== null) continue;
    const said = node instanceof Text
      ? [node.data]
      : ["title", "aria-label", "placeholder", "alt"].map((name) => element.getAttribute(name) ?? "");
    for (const text of said) found.add(text.replace(/\\s+/g, " ").trim());
  }
  return [...found];
})()`;
