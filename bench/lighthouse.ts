/**
 * Lighthouse's figures for sign-in, home, a burning and a closed incident, on a desk and on a phone:
 * `node bench/lighthouse.ts URL SIGN-IN-LINK BURNING CLOSED [RUNS] [ONLY]`, with a server that runs. Every
 * run has a browser of its own that has never seen the page; told is the median. Lighthouse comes by npx.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BrowserContext, chromium } from "playwright-core";

const LIGHTHOUSE = "lighthouse@13.5.0";
const PORT = Number(process.env["TOCSIN_BENCH_PORT"] ?? 9_333);
const FORMS = { desk: ["--preset=desktop"], phone: [] } as const;
const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;
const TIMES = {
  "largest-contentful-paint": "largest drawn after",
  "total-blocking-time": "blocked for",
  "cumulative-layout-shift": "shifted by",
} as const;

type Report = {
  readonly categories: Readonly<Record<string, { readonly score: number }>>;
  readonly audits: Readonly<Record<string, { readonly numericValue?: number }>>;
};
type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

/** Gives a browser with nothing kept in it to what wants one, and takes it away again. */
async function freshBrowser<T>(use: (browser: BrowserContext) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "tocsin-lighthouse-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["TOCSIN_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", `--remote-debugging-port=${PORT}`],
  });
  try {
    return await use(browser);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}

const signIn = (link: string): Promise<Cookies> =>
  freshBrowser(async (browser) => {
    const page = await browser.newPage();
    await page.goto(link);
    await page.getByRole("button", { name: /^Sign in/ }).click();
    await page.waitForURL((at) => at.pathname === "/");
    return browser.cookies();
  });

const judge = (url: string, more: readonly string[], cookies: Cookies): Promise<Report> =>
  freshBrowser(async (browser) => {
    await browser.addCookies(cookies);
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
        `--only-categories=${CATEGORIES.join(",")}`,
        ...more,
      ],
      { maxBuffer: 64 * 1_024 * 1_024 },
    );
    return JSON.parse(stdout) as Report;
  });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** “98 (97 98 99)”: the median, and every run behind it. */
const told = (values: readonly number[]): string =>
  `${median(values)}${values.length === 1 ? "" : ` (${values.join(" ")})`}`;

const [url, link, burning, closed, runs = "5", only = ""] = process.argv.slice(2);
if (url === undefined || link === undefined || burning === undefined || closed === undefined) {
  process.stderr.write(
    "node bench/lighthouse.ts URL SIGN-IN-LINK BURNING-INCIDENT CLOSED-INCIDENT [RUNS] [ONLY]\n",
  );
  process.exit(2);
}
const session = await signIn(link);
const pages = [
  ["sign-in", "/", []],
  ["home", "/", session],
  ["burning incident", `/incidents/${burning}`, session],
  ["closed incident", `/incidents/${closed}`, session],
] as const;
for (const [page, path, cookies] of pages) {
  for (const [form, more] of Object.entries(FORMS)) {
    const name = `${page}, ${form}`;
    if (!name.includes(only)) continue;
    const reports: Report[] = [];
    for (let run = 0; run < Number(runs); run++)
      reports.push(await judge(new URL(path, url).href, more, [...cookies]));
    const scores = CATEGORIES.map(
      (category) =>
        `${category} ${told(
          reports.map(({ categories }) => Math.round((categories[category]?.score ?? NaN) * 100)),
        )}`,
    );
    const times = Object.entries(TIMES).map(([audit, words]) => {
      const values = reports.map(({ audits }) => audits[audit]?.numericValue ?? NaN);
      return audit === "cumulative-layout-shift"
        ? `${words} ${Math.max(...values).toFixed(3)} at most`
        : `${words} ${told(values.map(Math.round))} ms`;
    });
    process.stdout.write(`${name}: ${[...scores, ...times].join("; ")}\n`);
  }
}
