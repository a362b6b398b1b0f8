/**
 * Builds the web app into web/dist/, beside what is served until it is whole. Run by `npm run build`, and
 * by `tocsin up` and `tocsin demo` when the app is older than its sources.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompress } from "node:zlib";
import { promisify } from "node:util";
import type { InlineConfig } from "vite";
import { doorFile, type DoorHas } from "../web.ts";
import { lightContract } from "./lightContract.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BUILT = join(ROOT, "web/dist");
const STAMP = "built-from";
/** What the app is made of; anything else may change without it. */
const SOURCES = [
  "web",
  "contract",
  "package-lock.json",
  "server/app/local/buildWeb.ts",
  "server/app/local/lightContract.ts",
];

/** What `web/app/drawn.tsx` gives. */
type Drawn = {
  drawFrame(): string;
  drawDoors(): readonly {
    readonly language: string;
    readonly title: string;
    readonly has: DoorHas;
    readonly markup: string;
  }[];
};

/** Builds the app when it is not what its sources say. Without a build tool it is left as it is. */
export async function ensureWebApp(tell: (line: string) => void): Promise<void> {
  if ((await builtFrom()) === (await sourcesHash())) return;
  if (!existsSync(join(ROOT, "node_modules/vite"))) return;
  tell("Building the web app.");
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: "pipe" });
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, "exit")) as [number | null];
  // A server that pages is worth more than its pages: it starts, and says what is missing.
  if (code !== 0) tell(`The web app could not be built: ${said.trim().split("\n").at(-1) ?? ""}`);
}

const builtFrom = (): Promise<string | null> =>
  readFile(join(BUILT, STAMP), "utf8").catch(() => null);

async function sourcesHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const path of await sourceFiles()) {
    hash.update(`${path}\n`);
    hash.update(await readFile(join(ROOT, path)));
  }
  return hash.digest("hex");
}

async function sourceFiles(): Promise<readonly string[]> {
  const lists = await Promise.all(
    SOURCES.map(async (source) => {
      if (source.includes(".")) return [source];
      const found = await readdir(join(ROOT, source), { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
        .filter((path) => !path.startsWith("web/dist") && !path.endsWith(".test.ts"));
    }),
  );
  return lists.flat().toSorted();
}

/** Two builds at once end with one of them in place, whole. */
async function buildWebApp(): Promise<void> {
  // Whoever starts us may be a test; the app is always the one that people get.
  process.env["NODE_ENV"] = "production";
  const { build } = await import("vite");
  const { default: react } = await import("@vitejs/plugin-react");
  const from = await sourcesHash();
  const fresh = `${BUILT}.${process.pid}`;
  try {
    const app: InlineConfig = {
      root: join(ROOT, "web"),
      configFile: false,
      logLevel: "warn",
      plugins: [react(), lightContract(join(ROOT, "contract/"))],
      resolve: { alias: { zod: join(ROOT, "web/kit/shapes.ts") } },
    };
    await build({
      ...app,
      build: {
        outDir: fresh,
        emptyOutDir: true,
        target: "es2023",
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 1_000,
        rolldownOptions: {
          input: [join(ROOT, "web/index.html"), join(ROOT, "web/door.html")],
          output: { codeSplitting: { groups: wholeEntries() } },
        },
      },
    });
    await drawPages(app, fresh);
    await buildWorker(fresh, from);
    await compress(join(fresh, "assets"));
    await writeFile(join(fresh, STAMP), from);
    await rm(`${fresh}.old`, { recursive: true, force: true });
    if (existsSync(BUILT)) await rename(BUILT, `${fresh}.old`);
    await rename(fresh, BUILT).catch((error: unknown) => {
      if (!existsSync(join(BUILT, STAMP))) throw error;
    });
  } finally {
    await rm(`${fresh}.old`, { recursive: true, force: true });
    await rm(fresh, { recursive: true, force: true });
  }
}

const ENTRIES = new Set(
  ["door.tsx", "main.tsx", "early.ts"].map((name) => join(ROOT, "web/app", name)),
);
type Modules = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

/** What a page needs at once comes in few files: many small ones wait for each other on a slow line. */
function wholeEntries() {
  const reached = new Map<string, ReadonlySet<string>>();
  const reachedFrom = (entry: string, modules: Modules): ReadonlySet<string> => {
    const before = reached.get(entry);
    if (before !== undefined) return before;
    const found = new Set([entry]);
    for (const id of found)
      for (const each of modules.getModuleInfo(id)?.importedIds ?? []) found.add(each);
    reached.set(entry, found);
    return found;
  };
  const isIn = (entry: string, id: string, modules: Modules): boolean =>
    reachedFrom(join(ROOT, "web", entry), modules).has(id);
  const group = (name: string, priority: number, takes: (id: string, of: Modules) => boolean) => ({
    debugName: name,
    // An entry does something when it is loaded, so it stays apart from what others load too.
    name: (id: string, modules: Modules) => (!ENTRIES.has(id) && takes(id, modules) ? name : null),
    priority,
  });
  const [home, room, beside] = [
    "home/Home.tsx",
    "incident/WarRoom.tsx",
    "incident/Beside.tsx",
  ] as const;
  return [
    { name: "early", test: /web\/app\/early\.ts$/, priority: 6 },
    { name: "react", test: /node_modules\/(react|react-dom|scheduler)\//, priority: 5 },
    group("door", 4, (id, of) => isIn("app/door.tsx", id, of)),
    group(
      "main",
      3,
      (id, of) => isIn("app/main.tsx", id, of) || (isIn(home, id, of) && isIn(room, id, of)),
    ),
    group("home", 2, (id, of) => isIn(home, id, of)),
    group("room", 1, (id, of) => isIn(room, id, of)),
    group("beside", 0, (id, of) => isIn(beside, id, of)),
  ];
}

/**
 * The app's frame, and the door for each language and whatever an installation may have, drawn before any script. What draws
 * a page for whoever asks stays in `hand/`, whole, so that the server needs no package of the app's for it.
 */
async function drawPages(config: InlineConfig, fresh: string): Promise<void> {
  const { build } = await import("vite");
  const hand = join(fresh, "hand");
  await build({
    ...config,
    publicDir: false,
    define: { "process.env.NODE_ENV": JSON.stringify("production"), localStorage: "undefined" },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: hand,
      target: "es2023",
      rolldownOptions: {
        input: ["drawn.tsx", "drawPage.tsx"].map((name) => join(ROOT, "web/app", name)),
        output: { entryFileNames: "[name].js" },
      },
    },
  });
  const drawn = (await import(join(hand, "drawn.js"))) as Drawn;
  await rm(join(hand, "drawn.js"));
  await drawFrames(fresh, drawn.drawFrame());
  const empty = await readFile(join(fresh, "door.html"), "utf8");
  await rm(join(fresh, "door.html"));
  await mkdir(join(fresh, "door"));
  for (const { language, title, has, markup } of drawn.drawDoors()) {
    const page = empty
      .replace("%LANGUAGE%", language)
      .replace("%TITLE%", title)
      .replace("<!--door-->", () => markup);
    await writeFile(join(fresh, doorFile(language, has)), page);
  }
}

/** What a page's own part is called in the build. */
const PARTS = {
  home: { at: /^home-/i, wide: null },
  incident: { at: /^(room|warroom)-/i, wide: /^beside-/i },
} as const;
/** As in web/incident/room.css: columns stand side by side. */
const WIDE = `media="(min-width: 1201px)"`;

/** The app's page with its frame: what it asks first is asked at once, and the files of home and of an incident come with it. */
async function drawFrames(fresh: string, frame: string): Promise<void> {
  const app = await readFile(join(fresh, "index.html"), "utf8");
  const files = await readdir(join(fresh, "assets"));
  const early = files.find((name) => /^early-.*\.js$/.test(name));
  const ask = `<script type="module" async crossorigin src="/assets/${early}"></script>`;
  const framed = app
    .replace("<!--frame-->", () => frame)
    .replace('<script type="module"', (script) => `${ask}\n    ${script}`);
  const linkTo = (name: string): string =>
    name.endsWith(".css")
      ? `<link rel="stylesheet" crossorigin href="/assets/${name}">`
      : `<link rel="modulepreload" crossorigin href="/assets/${name}">`;
  await writeFile(join(fresh, "bare.html"), app);
  await writeFile(join(fresh, "index.html"), framed);
  // Only fetched: a style for one width would stay in force for none.
  const fetchWide = (name: string): string =>
    name.endsWith(".css")
      ? `<link rel="preload" as="style" crossorigin ${WIDE} href="/assets/${name}">`
      : `<link rel="modulepreload" crossorigin ${WIDE} href="/assets/${name}">`;
  for (const [page, { at, wide }] of Object.entries(PARTS)) {
    const links = [
      ...files.filter((name) => at.test(name)).map(linkTo),
      ...files.filter((name) => wide?.test(name) === true).map(fetchWide),
    ];
    const whole = framed.replace("</head>", () => `${links.join("\n    ")}\n  </head>`);
    await writeFile(join(fresh, `${page}.html`), whole);
    await writeFile(join(fresh, `drawn-${page}.html`), pageToDraw(whole, ask));
  }
}

/**
 * A page as the server fills it (`server/app/drawnPage.ts`): what is drawn needs its style alone, and the
 * script comes when that is seen. Each file is a task of its own, so that no finger waits for all of them.
 */
function pageToDraw(framed: string, ask: string): string {
  const later: string[] = [];
  const bare = framed
    .replace(ask, "")
    .replace(/ *<(?:script type="module"|link rel="(?:modulepreload|preload)").*\n?/g, (line) => {
      later.push(line.trim());
      return "";
    });
  const files = later.flatMap((line) => /modulepreload.*?href="(.*?)"/.exec(line)?.[1] ?? []);
  const runs = files
    .filter((file) => /\/(react|door|main)-/.test(file))
    .map((file) => `<script type="module" crossorigin src="${file}"></script>`);
  const script = later.find((line) => line.startsWith("<script")) ?? "";
  const then = [...later.filter((line) => line !== script), ...runs, script].join("");
  return bare
    .replace(
      `<html lang="en">`,
      `<html lang="%LANGUAGE%" data-scheme="%SCHEME%" data-drawn="%DRAWN%" data-zone="%ZONE%" data-offset="%OFFSET%">`,
    )
    .replace(/<title>.*<\/title>/, "<title>%TITLE%</title>")
    .replace("This page needs script.", "This page needs script: it stands still, as of %STILL%.")
    .replace("</head>", () => `<template id="then">${then}</template>\n    ${ask}\n  </head>`)
    .replace(/<div id="app">.*<\/div>/, `<div id="app">%MARKUP%</div>`)
    .replace("</body>", `<script type="application/json" id="given">%GIVEN%</script>\n  </body>`);
}

/** The service worker: one script that knows the files of this build. */
async function buildWorker(fresh: string, from: string): Promise<void> {
  const { build } = await import("vite");
  const names = (await readdir(join(fresh, "assets"))).filter((name) => /\.(js|css)$/.test(name));
  const files = names.toSorted().map((name) => `/assets/${name}`);
  await build({
    root: join(ROOT, "web"),
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { APP_FILES: JSON.stringify(files), BUILT_FROM: JSON.stringify(from.slice(0, 16)) },
    build: {
      outDir: fresh,
      emptyOutDir: false,
      target: "es2023",
      rollupOptions: {
        input: join(ROOT, "web/offline/worker.ts"),
        output: { format: "iife", entryFileNames: "sw.js" },
      },
    },
  });
}

async function compress(directory: string): Promise<void> {
  const brotli = promisify(brotliCompress);
  for (const name of await readdir(directory)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const path = join(directory, name);
    await writeFile(`${path}.br`, await brotli(await readFile(path)));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWebApp();
