/**
 * Pictures of every page in light, dark, on a phone and in German, into screenshots/ (not kept in the repository):
 * `npm run screenshots`. Somebody looks at them; nothing is compared.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { RunDetail } from "../contract/run.ts";
import { afterAll, beforeAll, describe, test } from "vitest";
import { DESK, NO_BROWSER, PHONE, settled, startBrowser, visit } from "./browser.ts";
import { addressesOf } from "./everyPage.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { eventually, type TestNode } from "./node.ts";
import { actOnRun, publishOutage } from "./runbookStage.ts";

const TO = fileURLToPath(new URL("../screenshots/", import.meta.url));
const wanted = process.env["TOCSIN_SCREENSHOTS"] === "1";

let stage: Stage;
let browser: Browser;
let incident: string;
let over: string;

describe.skipIf(!wanted || NO_BROWSER !== null)("pictures", () => {
  beforeAll(async () => {
    await mkdir(TO, { recursive: true });
    browser = await startBrowser();
    stage = await openStage();
    over = await playOne(stage);
    incident = await playSome(stage);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await stage.node.stop();
  });

  const addresses = async () => {
    const { json } = await stage.node.ask<{ items: { id: string }[] }>("GET /v1/alerts?limit=1");
    const alert = json.items[0]?.id ?? "";
    return addressesOf({ burning: incident, over, alert, run: "RUN-1" });
  };
  const still = async (page: Page): Promise<void> => {
    await settled(page);
    await page.waitForTimeout(700);
  };

  for (const [name, viewport, scheme, locale] of [
    ["light", DESK, "light"],
    ["dark", DESK, "dark"],
    ["phone-light", PHONE, "light"],
    ["phone-dark", PHONE, "dark"],
    ["tablet-light", { width: 1024, height: 768 }, "light"],
    ["german", DESK, "light", "de-DE"],
  ] as const) {
    test(
      name,
      async () => {
        const other = await visit(browser, stage.node, "priya");
        await other.page.goto(`/incidents/${incident}`);
        const { page, context, complaints } = await visit(browser, stage.node, "mara", {
          viewport,
          scheme,
          ...(locale !== undefined && { locale }),
        });
        for (const [what, path] of await addresses()) {
          await page.goto(path);
          await still(page);
          await page.screenshot({ path: `${TO}${what}-${name}.png` });
        }
        if (locale !== undefined) return context.close();
        await page.goto(`/incidents/${incident}`);
        await page.getByRole("log").waitFor();
        await page.keyboard.press("u");
        await still(page);
        await page.screenshot({ path: `${TO}warroom-update-${name}.png` });
        await page.goto(`/incidents/${incident}`);
        await page.getByRole("button", { name: "More verbs" }).click();
        await page.screenshot({ path: `${TO}warroom-verbs-${name}.png` });
        await page.goto(`/postmortems/${over}?section=went-well`);
        await page.getByRole("button", { name: "Pick from the timeline" }).click();
        await page.getByRole("checkbox").nth(2).check();
        await still(page);
        await page.screenshot({ path: `${TO}postmortem-pick-${name}.png` });
        await page.goto("/");
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.keyboard.press("Control+k");
        await page.keyboard.type("checkout");
        await page.waitForTimeout(300);
        await page.screenshot({ path: `${TO}palette-${name}.png` });
        await Promise.all([context.close(), other.context.close()]);
        const admin = await visit(browser, stage.node, "adam", { viewport, scheme });
        await admin.page.goto("/settings/audit");
        await settled(admin.page);
        await admin.page.screenshot({ path: `${TO}audit-${name}.png` });
        await admin.context.close();
        const out = await visit(browser, stage.node, null, { viewport, scheme });
        await out.page.goto("/");
        await still(out.page);
        await out.page.screenshot({ path: `${TO}signed-out-${name}.png` });
        await out.context.close();
        if (complaints.length > 0) throw new Error(complaints.join("\n"));
      },
      300_000,
    );
  }
});

/** An outage in the middle, with everything a war room shows. */
async function playSome({ node, ring, act, keyOf }: Stage): Promise<string> {
  await ring("search", "Search results are an hour old");
  await ring("billing", "Invoices are not sent");
  for (const [service, summary] of [
    ["ledger", "Deployed ledger 2026.11.2"],
    ["checkout", "Flag three-ds-v2 turned on for half of the customers"],
  ] as const)
    await node.ask("POST /v2/change/enqueue", {
      token: null,
      body: {
        routing_key: keyOf(service),
        payload: { summary, source: "acme/rollout" },
        links: [{ href: "https://ci.acme.example/run/4711", text: "Run" }],
      },
    });
  const id = await ring("checkout", "Card payments fail at checkout");
  await eventually(async () => {
    const { json } = await node.ask<{ items: unknown[] }>(
      `GET /v1/notifications?incident=${id}&kind=page&state=accepted`,
    );
    return json.items.length > 0 ? true : null;
  });
  await act("mara", id, "acknowledge");
  await playRun(node, id);
  await act("mara", id, "hand-over", { to: "priya" });
  await act("priya", id, "accept-command");
  await act("priya", id, "hand-over", { to: "mara" });
  await act("mara", id, "accept-command");
  await act("mara", id, "role", { role: "comms lead", person: "oleg" });
  await act("mara", id, "role", { role: "scribe", person: "sofia" });
  await act("mara", id, "impact", {
    percent: 14.2,
    customers: "9 200 customers",
    revenue: "41 k€ an hour: orders × 38 €",
  });
  await act("oleg", id, "update", {
    text: "Some card payments fail at checkout in the EU and the US. Other ways to pay work. We write again within half an hour.",
    audiences: ["customers", "leadership"],
  });
  await act("priya", id, "note", {
    text: "3-D Secure handshakes time out after exactly 5 s in all three regions. The old flow on the canary is clean.",
  });
  await act("mara", id, "task", { title: "Freeze all rollouts", owner: "priya" });
  await act("mara", id, "task", {
    title: "Approve the text for the mail to customers",
    owner: "mara",
    dueAt: new Date(Date.now() + 13 * 60_000).toISOString(),
  });
  await act("mara", id, "task", { title: "Count orders that were paid twice" });
  await act("jonas", id, "note", { text: "Turned the flag off in eu-1; errors fall." });
  await act("mara", id, "record", {
    piece: "evidence",
    text: "Gateway log of eu-1, 02:00 to 02:30, in the evidence bucket",
  });
  return id;
}

/** Its runbook in the middle: done, skipped, failed three times, yours, and one that waits for a second. */
async function playRun(node: TestNode, incident: string): Promise<void> {
  const [mara, priya] = await Promise.all([node.tokenOf("mara"), node.tokenOf("priya")]);
  await publishOutage(node);
  const start = await node.ask<{ id: string }>("POST /v1/runs", {
    token: mara,
    body: { runbook: "checkout-outage", incident, inputs: { REGION: "eu-1" } },
  });
  const on = (token: string, verb: string, step: string, more?: object): Promise<void> =>
    actOnRun(node, token, start.json.id, verb, step, more);
  await on(priya, "done-step", "Confirm");
  await on(priya, "done-step", "Compare");
  await on(priya, "skip-step", "Ask the card", { because: "its status page is green" });
  for (const attempt of [1, 2, 3]) {
    await on(priya, "run-action", "Scale");
    await eventually(async () => {
      const { json } = await node.ask<RunDetail>(`GET /v1/runs/${start.json.id}`);
      const steps = json.phases.flatMap((phase) => phase.steps);
      const ended = steps.flatMap((step) => step.automation?.attempts ?? []);
      return ended.filter(({ state }) => state === "failed").length === attempt ? true : null;
    });
  }
  await on(mara, "begin-step", "If the failures");
  await on(mara, "answer", "If the failures", { answer: "yes" });
  await on(priya, "run-action", "Fail over");
}

/** An outage that is over, with its postmortem drafted. */
async function playOne({ ring, act }: Stage): Promise<string> {
  const id = await ring("ledger", "Ledger answers slowly");
  await act("priya", id, "acknowledge");
  await act("priya", id, "note", { text: "A backup held the disk." });
  await act("priya", id, "resolve", { text: "The backup was stopped." });
  return id;
}
