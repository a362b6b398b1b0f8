/**
 * Pictures of every page into screenshots/ (not kept in the repository): `npm run screenshots`. Each page in light and in
 * dark, on a desk, a phone and a tablet, and what stands below the first screen; in German on a desk and a phone. Somebody
 * looks at them; nothing is compared.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFIG_KINDS } from "../contract/config.ts";
import { DESK, linkFor, NO_BROWSER, PHONE, settled, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { addressesOf } from "./everyPage.ts";
import { playHouse, playOne, playSome, pageLink } from "./pictureStage.ts";

const TO = fileURLToPath(new URL("../screenshots/", import.meta.url));
const wanted = process.env["TOCSIN_SCREENSHOTS"] === "1";
const LOOKS = [
  ["light", DESK, "light"],
  ["dark", DESK, "dark"],
  ["tablet-light", { width: 1024, height: 768 }, "light"],
  ["tablet-dark", { width: 768, height: 1024 }, "dark"],
  ["phone-light", PHONE, "light"],
  ["phone-dark", PHONE, "dark"],
] as const;
const GERMAN = [
  ["german", DESK, "light"],
  ["german-phone", PHONE, "light"],
] as const;

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
    await playHouse(stage);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
  });

  const addresses = async () => {
    const { json } = await stage.node.ask<{ items: { id: string }[] }>(
      `GET /v1/alerts?incident=${incident}`,
    );
    return addressesOf({ burning: incident, over, alert: json.items[0]?.id ?? "", run: "RUN-1" });
  };
  /** Opens a window for somebody; what the browser complained about fails the pictures at their end. */
  async function taking(
    person: string | null,
    take: (page: Page) => Promise<void>,
    look: { locale?: string } = {},
  ): Promise<void> {
    const { page, context, complaints } = await visit(browser, stage.node, person, look);
    await take(page);
    await context.close();
    expect(complaints).toEqual([]);
  }

  test("every page", async () => {
    const other = await visit(browser, stage.node, "priya");
    await other.page.goto(`/incidents/${incident}`);
    await taking("mara", async (page) => {
      for (const [name, path] of await addresses()) await shoot(page, path, name);
    });
    await other.context.close();
  }, 600_000);

  test(
    "what opens on a page",
    () =>
      taking("mara", async (page) => {
        const room = `/incidents/${incident}`;
        await page.goto(room);
        await page.getByRole("log").waitFor();
        await page.keyboard.press("u");
        await snap(page, "warroom-update");
        await page.goto(room);
        await page.getByRole("button", { name: "More verbs" }).click();
        await snap(page, "warroom-verbs");
        await page.goto(room);
        await page.getByRole("log").waitFor();
        await page.keyboard.press("?");
        await snap(page, "keys");
        await page.goto(`/postmortems/${over}?section=went-well`);
        await page.getByRole("button", { name: "Pick from the timeline" }).click();
        await page.getByRole("checkbox").nth(2).check();
        await snap(page, "postmortem-pick");
        await page.goto("/");
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.keyboard.press("Control+k");
        await page.keyboard.type("checkout");
        await snap(page, "palette");
        await page.goto("/oncall");
        await page.getByRole("button", { name: /^Override/ }).click();
        await snap(page, "override");
        await page.goto("/incidents");
        await page.getByRole("button", { name: /^Declare/ }).click();
        await snap(page, "declare");
        await shoot(page, "/alerts?firing=true&severity=SEV9", "alerts-none");
        await shoot(page, "/incidents/INC-999", "no-such-incident");
        await shoot(page, "/nothing/here", "no-such-page");
      }),
    300_000,
  );

  test(
    "settings, each part",
    () =>
      taking("adam", async (page) => {
        for (const kind of Object.keys(CONFIG_KINDS)) {
          const { json } = await stage.node.ask<{ items: { id: string }[] }>(
            `GET /v1/config/${kind}?limit=1`,
          );
          const id = json.items[0]?.id;
          await shoot(
            page,
            `/settings/${kind}${id === undefined ? "" : `?id=${id}`}`,
            `set-${kind}`,
          );
        }
        for (const part of ["silences", "tokens", "changes", "audit"])
          await shoot(page, `/settings/${part}`, `set-${part}`);
        await page.goto("/settings/audiences?id=customers");
        await page.getByLabel("What it says").fill("name: Customers\npeople: [oleg, sofia]\n");
        await page.getByRole("button", { name: "Show what changes" }).click();
        await snap(page, "set-difference");
        await page.goto("/settings/keys?id=search");
        await page.getByLabel("How to set up").selectOption("falco");
        await snap(page, "set-tool");
        await page.goto("/oncall?schedule=payments-secondary&edit=turns");
        await page.getByRole("button", { name: "Jonas Falk earlier" }).click();
        await page.getByRole("button", { name: "Show what changes" }).click();
        await page.locator(".ribbon-row.proposed .bar.new").first().waitFor();
        await snap(page, "turns-difference");
      }),
    600_000,
  );

  test(
    "the links of mails, the door, an empty house",
    () =>
      taking(null, async (page) => {
        const burns = await stage.ring("ledger", "Transfers between accounts fail");
        const link = await pageLink(stage.node, burns);
        await page.goto(link);
        await snap(page, "acknowledge");
        await page.getByRole("button", { name: /^Acknowledge/ }).click();
        await snap(page, "acknowledged");
        await page.goto(await linkFor(stage.node, "vera"));
        await snap(page, "sign-in-link");
        await page.goto("/a/some-old-token-of-a-page");
        await snap(page, "acknowledge-old");
        await shoot(page, "/", "signed-out");
      }),
    120_000,
  );

  test(
    "in German",
    () =>
      taking(
        "mara",
        async (page) => {
          for (const [name, path] of await addresses()) {
            await page.goto(path);
            await settled(page);
            await snap(page, name, GERMAN);
          }
        },
        { locale: "de-DE" },
      ),
    300_000,
  );
});

async function shoot(page: Page, path: string, name: string): Promise<void> {
  await page.goto(path);
  await settled(page);
  await snap(page, name);
}

type Looks = readonly (readonly [string, { width: number; height: number }, "light" | "dark"])[];

/** The page as it stands in each look; in light also with all that its window hides. */
async function snap(page: Page, name: string, looks: Looks = LOOKS): Promise<void> {
  await page.waitForTimeout(400);
  for (const [look, viewport, colorScheme] of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${TO}${name}-${look}.png` });
    const hidden = colorScheme === "light" ? await page.evaluate<number>(HIDDEN) : 0;
    if (hidden < 24) continue;
    const height = Math.min(viewport.height + hidden, 4_000);
    await page.setViewportSize({ ...viewport, height });
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${TO}${name}-${look}-whole.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESK);
}

const HIDDEN = `Math.max(0, ...[document.documentElement, ...document.querySelectorAll("body *")]
  .filter((each) => each === document.documentElement || /auto|scroll/.test(getComputedStyle(each).overflowY))
  .map((each) => each.scrollHeight - each.clientHeight))`;
