/**
 * Lighthouse's figures for sign-in, home and an incident, on a desk and on a phone:
 * `node bench/lighthouse.ts URL SIGN-IN-LINK INCIDENT`, with a server that runs. Lighthouse comes by npx.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const LIGHTHOUSE = "lighthouse@13.5.0";
const PORT = 9_333;
const FORMS = { desk: ["--preset=desktop"], phone: [] } as const;

type Report = {
  readonly categories: Readonly<Record<string, { readonly score: number }>>;
  readonly audits: Readonly<Record<string, { readonly numericValue?: number }>>;
};

async function judge(name: string, url: string): Promise<void> {
  for (const [form, more] of Object.entries(FORMS)) {
    const { stdout } = await promisify(execFile)(
      "npx",
      [
        "--yes",
        LIGHTHOUSE,
        url,
        `--port=${PORT}`,
        "--disable-storage-reset",
        "--quiet",
        "--output=json",
        "--only-categories=performance,accessibility,best-practices",
        ...more,
      ],
      { maxBuffer: 64 * 1_024 * 1_024 },
    );
    const { categories, audits } = JSON.parse(stdout) as Report;
    const scores = Object.entries(categories).map(
      ([category, { score }]) => `${category} ${Math.round(score * 100)}`,
    );
    const ms = (audit: string): string => `${Math.round(audits[audit]?.numericValue ?? NaN)} ms`;
    const blocked = `blocked for ${ms("total-blocking-time")}`;
    const drawn = `largest drawn after ${ms("largest-contentful-paint")}`;
    process.stdout.write(`${name}, ${form}: ${scores.join(", ")}; ${drawn}, ${blocked}\n`);
  }
}

const [url, link, incident] = process.argv.slice(2);
if (url === undefined || link === undefined || incident === undefined) {
  process.stderr.write("node bench/lighthouse.ts URL SIGN-IN-LINK INCIDENT\n");
  process.exit(2);
}
const profile = await mkdtemp(join(tmpdir(), "tocsin-lighthouse-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env["TOCSIN_CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", `--remote-debugging-port=${PORT}`],
});
try {
  await judge("sign-in", new URL("/", url).href);
  const page = await browser.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: /^Sign in/ }).click();
  await page.waitForURL((at) => at.pathname === "/");
  await page.goto("about:blank");
  await judge("home", new URL("/", url).href);
  await judge("incident", new URL(`/incidents/${incident}`, url).href);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
