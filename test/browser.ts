/**
 * A real browser against a real node: Debian's chromium, driven over its debugging protocol. Where there
 * is no chromium the tests are skipped and say so.
 */
import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { ensureWebApp } from "../server/app/local/buildWeb.ts";
import type { TestNode } from "./node.ts";

const PLACES = [
  process.env["TOCSIN_CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const found = PLACES.find((path) => path !== "" && existsSync(path));

/** Null when a browser is there; else why the tests are skipped. */
export const NO_BROWSER =
  found === undefined
    ? `no chromium found (looked for ${PLACES.filter(Boolean).join(", ")}; apt-get install chromium, or set TOCSIN_CHROMIUM)`
    : null;
if (NO_BROWSER !== null) process.stderr.write(`Browser tests are skipped: ${NO_BROWSER}.\n`);

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser, building the app first when it is older than its sources. */
export async function startBrowser(): Promise<Browser> {
  await ensureWebApp(() => undefined);
  return chromium.launch({ executablePath: found ?? "", args: FLAGS });
}

export type Visit = {
  readonly page: Page;
  /** What the browser complained about: errors in script, what our policy forbade. */
  readonly complaints: string[];
};

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

type Look = {
  readonly viewport?: typeof DESK;
  readonly scheme?: "light" | "dark";
  readonly locale?: string;
  /** With the service worker, which keeps pages and answers for times without a network. */
  readonly offline?: boolean;
};

/** Opens a window for somebody, signed in by a link of their own; nobody: signed out. */
export async function visit(
  browser: Browser,
  node: TestNode,
  person: string | null,
  { viewport = DESK, scheme = "light", locale, offline = false }: Look = {},
): Promise<Visit & { readonly context: BrowserContext }> {
  const context = await browser.newContext({
    baseURL: node.address,
    viewport,
    colorScheme: scheme,
    ...(locale !== undefined && { locale }),
    reducedMotion: "reduce",
    serviceWorkers: offline ? "allow" : "block",
    timezoneId: "Europe/Amsterdam",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A refusal is an answer; the browser reports its status as an error all the same.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      complaints.push(message.text());
  });
  page.setDefaultTimeout(10_000);
  if (person !== null) {
    await page.goto(await linkFor(node, person));
    await page.getByRole("button", { name: /^(Sign in|Anmelden)/ }).click();
    await page.waitForURL((url) => url.pathname === "/");
    // Home stands before the app does; who types waits for it.
    await page.locator(".live:not(.drawn)").waitFor({ state: "attached" });
  }
  return { page, complaints, context };
}

/** What a pointer does in the window from now on; empty for whoever has none. */
export async function pointersOn({ page, context }: Visit & { context: BrowserContext }) {
  const seen: string[] = [];
  await context.exposeFunction("pointed", (what: string) => seen.push(what));
  const watch = `addEventListener("pointerdown", (event) => pointed(event.target.textContent), true)`;
  await context.addInitScript(watch);
  await page.evaluate(watch);
  return seen;
}

/** Goes on with Tab until what has that name has the focus, as whoever steers without a pointer does. */
export async function tabTo(page: Page, name: RegExp, { back = false } = {}): Promise<void> {
  const focused = async (): Promise<string> =>
    page.evaluate(`(() => {
      const it = document.activeElement;
      const labels = [...(it.labels ?? [])].map((label) => label.textContent);
      return [it.getAttribute("aria-label"), ...labels, it.tagName === "SELECT" ? "" : it.textContent]
        .filter(Boolean).join(" ").trim();
    })()`);
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    if (name.test(await focused())) return;
  }
  throw new Error(`no Tab leads to ${name.source}`);
}

/** The path of a fresh sign-in link. */
export async function linkFor(node: TestNode, person: string): Promise<string> {
  const { status, json, text } = await node.ask<{ url: string }>(
    `POST /v1/people/${person}/sign-in-link`,
    { body: {} },
  );
  expect(status, text).toBe(201);
  return new URL(json.url).pathname;
}

/** The page has drawn what it asked for. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor({ state: "attached" });
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
}

/** The same in the dark and on a phone, where other things stand, and none may be wider than the screen. */
export async function seriousEverywhere(page: Page): Promise<readonly string[]> {
  const atDesk = await seriousIn(page);
  const before = page.viewportSize() ?? DESK;
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  const onPhone = await seriousIn(page);
  const wide = await page.evaluate<number>(
    `Math.max(...[document.documentElement, ...document.querySelectorAll("main")].map((each) => each.scrollWidth))`,
  );
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
  return [
    ...atDesk.map((found) => `light: ${found}`),
    ...onPhone.map((found) => `dark: ${found}`),
    ...(wide > PHONE.width ? [`${wide} px wide on a phone`] : []),
  ];
}

/** What axe finds that keeps somebody out, with the places. */
export async function seriousIn(page: Page): Promise<readonly string[]> {
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] })`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => node.html)
          .join(" | ")
          .slice(0, 400)}`,
    );
}
