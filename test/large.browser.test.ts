/**
 * Very long lists in a real browser: 10 000 entries on a timeline, 100 000 open alerts. First rows within a
 * second, no task over 200 ms while scrolling, an answer to a key within 200 ms. Prints what it measured.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { run, sql } from "../server/base/db.ts";
import { NO_BROWSER, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { isLong, longTest } from "./long.ts";

let stage: Stage;
let browser: Browser;
let incident: string;

const WATCH = `
  window.tasks = []; window.inputs = [];
  new PerformanceObserver((list) => { for (const each of list.getEntries()) window.tasks.push(each.duration); })
    .observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => { for (const each of list.getEntries()) if (each.interactionId > 0) window.inputs.push(each.duration); })
    .observe({ type: "event", durationThreshold: 16, buffered: true });
`;

describe.skipIf(NO_BROWSER !== null)("very long lists", () => {
  beforeAll(async () => {
    if (!isLong) return;
    [browser, stage] = await Promise.all([startBrowser(), openStage()]);
    incident = await stage.ring("checkout", "Card payments fail");
    const { db } = stage.node.store;
    await run(
      db,
      sql`insert into timeline_entry (id, incident_number, at, recorded_at, kind, actor, params, text)
        select gen_random_uuid(), ${Number(incident.slice(4))}, t, t, 'note',
          '{"kind": "person", "personId": "mara"}', '{}', 'What was seen at step ' || n || ': errors fall'
        from (select n, ${Date.now() - 86_400_000}::bigint + n * 8000 as t from generate_series(1, 10000) n) s`,
    );
    await run(
      db,
      sql`insert into alert_open (id, key_id, dedup_key, service_id, title, severity, source, labels, details,
          adapter, started_at, first_received_at, last_received_at, count, batch_id, outcome, because, status)
        select gen_random_uuid(), 'search', 'many-' || n, 'search', 'Disk of node ' || n || ' fills', 'warning',
          'probe', '{}', null, 'events', t, t, t, 1, gen_random_uuid(), 'open', 'no rule', 'firing'
        from (select n, ${Date.now() - 86_400_000}::bigint + n * 100 as t from generate_series(1, 100000) n) s`,
    );
    await run(db, sql`analyze`);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  /** Opens it, scrolls through it, presses a key; what each took. The first rows are there when they are painted, by whomever. */
  async function measure(page: Page, path: string, rows: string, list: string) {
    await page.goto("/you");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.addInitScript(WATCH);
    const from = Date.now();
    await page.goto(path);
    await page.locator(rows).first().waitFor();
    const firstRowsMs = Date.now() - from;
    await page.waitForTimeout(1_500);
    const before = await page.evaluate<number>("window.tasks.length");
    await page.locator(list).first().hover();
    for (let step = 0; step < 40; step++) {
      await page.mouse.wheel(0, step % 10 < 7 ? 900 : -700);
      await page.waitForTimeout(40);
    }
    const scroll = await page.evaluate<number[]>(`window.tasks.slice(${before})`);
    await page.keyboard.press("?");
    await page.keyboard.press("Escape");
    await page.waitForTimeout(300);
    const inputs = await page.evaluate<number[]>("window.inputs");
    return {
      path,
      firstRowsMs,
      longestScrollTaskMs: Math.max(0, ...scroll),
      inpMs: Math.max(0, ...inputs),
    };
  }

  longTest("earlier entries that come in above move nothing that is read", 60_000, async () => {
    const { page, context } = await visit(browser, stage.node, "mara");
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await page.route(/timeline\?limit=500&cursor=/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`/incidents/${incident}`);
    const list = page.locator(".tl:not(.ahead)");
    await list.getByText("step 10000:").waitFor();
    await list.evaluate((it) => it.scrollBy({ top: -2_000, behavior: "instant" }));
    await list.getByText("step 9900:").waitFor();
    const read = list
      .getByText(/^What was seen/)
      .filter({ visible: true })
      .nth(20);
    const words = await read.innerText();
    const settled = (): Promise<unknown> =>
      page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
      );
    await settled();
    const before = await read.boundingBox();
    go();
    await page.getByRole("button", { name: /^All 10 ?0\d\d$/ }).waitFor();
    await settled();
    const after = await page.getByText(words, { exact: true }).boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(12);
    await context.close();
  });

  longTest("a timeline and a list of alerts stay quick", 180_000, async () => {
    const { page, context } = await visit(browser, stage.node, "mara");
    const timeline = await measure(page, `/incidents/${incident}`, ".tl .e", ".tl");
    const alerts = await measure(
      page,
      "/alerts",
      "main a[href^='/alerts/']",
      "main a[href^='/alerts/']",
    );
    for (const each of [timeline, alerts]) {
      process.stdout.write(`${JSON.stringify(each)}\n`);
      expect(each.longestScrollTaskMs, each.path).toBeLessThanOrEqual(200);
      expect(each.inpMs, each.path).toBeLessThanOrEqual(200);
      expect(each.firstRowsMs, each.path).toBeLessThanOrEqual(1_000);
    }
    await context.close();
  });
});
