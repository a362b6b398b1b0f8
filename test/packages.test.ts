/**
 * What can be scanned without asking anybody: that every package is pinned by its hash and runs nothing when it
 * is installed, that code imports what is declared and nothing is declared in vain, under which licences we
 * pass it on, and that no secret was committed. What needs a service is a command in SECURITY.md.
 */
import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { builtinModules } from "node:module";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { whenNeeded } from "../server/base/whenNeeded.ts";

const ROOT = new URL("..", import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, ROOT), "utf8");

type Locked = {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
};
const lock = JSON.parse(await read("package-lock.json")) as { packages: Record<string, Locked> };
const manifest = JSON.parse(await read("package.json")) as Record<
  "dependencies" | "devDependencies" | "optionalDependencies",
  Record<string, string>
>;
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

test("every package that is installed here is pinned by its SHA-512 and by nobody's address", () => {
  const foreign = ({ os, optional }: Locked) => optional === true && os !== undefined;
  const loose = packages.filter(
    ([, each]) => !each.integrity?.startsWith("sha512-") && !foreign(each),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"] as const)
    for (const [name, version] of Object.entries(manifest[kind]))
      expect([name, version]).toEqual([name, expect.stringMatching(/^(npm:.+@)?\d+\.\d+\.\d+/)]);
});

test("nothing runs when it is installed", async () => {
  expect(await read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
});

/** Packages whose licence stands in a file and not in their manifest: MIT. */
const READ_BY_EYE = new Set(["node_modules/format", "node_modules/png-js"]);
/** May be passed on with a work under any licence; MPL-2.0 asks only for its own files. */
const LICENCES = new Set(
  "MIT ISC BSD-2-Clause BSD-3-Clause Apache-2.0 0BSD BlueOak-1.0.0 Unlicense MIT-0 Zlib MPL-2.0 PSF-2.0 CC0-1.0 CC-BY-3.0".split(
    " ",
  ),
);

test("every package that is shipped has a licence that allows it", () => {
  const wrong = packages
    .filter(([path, { dev, os }]) => dev !== true && os === undefined && !READ_BY_EYE.has(path))
    .filter(([, { license = "none" }]) =>
      license
        .replaceAll(/[()]/g, "")
        .split(/ (?:AND|OR) /)
        .some((each) => !LICENCES.has(each)),
    );
  expect(wrong.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

const tracked = (
  await promisify(execFile)("git", ["-C", ROOT.pathname, "ls-files", "-z"], {
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => ({ stdout: "" }))
).stdout
  .split("\0")
  .filter((path) => path !== "");

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const IMPORTS =
  /(?:^|\n)\s*(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|(?:^|\n)\s*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"|@import\s+"([^"]+)"/g;

async function importedBy(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    const text = await read(path);
    for (const [, from, bare, lazy, css] of text.matchAll(IMPORTS)) {
      const specifier = from ?? bare ?? lazy ?? css ?? "";
      if (
        /^[@a-z]/.test(specifier) &&
        !/^(node:|\.)/.test(specifier) &&
        !builtinModules.includes(specifier)
      )
        found.add(packageOf(specifier));
    }
  }
  return found;
}

const CODE = /\.(ts|tsx|css)$/;
/** Used by name on the command line, or as types of what is imported. */
const TOOLS = new Set(["oxfmt", "oxlint", "oxlint-tsgolint", "typescript", "@vitest/coverage-v8"]);

test.skipIf(tracked.length === 0)(
  "code imports what is declared, and nothing is declared in vain",
  async () => {
    const code = tracked.filter((path) => CODE.test(path));
    const all = await importedBy(code);
    const { dependencies, devDependencies } = manifest;
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
    const known = (name: string): boolean => declared.has(name) || declared.has(`@types/${name}`);
    expect([...all].filter((name) => !known(name))).toEqual([]);
    const vain = [...declared].filter((name) => {
      const typed = name.replace(/^@types\//, "").replace("__", "/");
      return (
        !all.has(name) &&
        !TOOLS.has(name) &&
        !(name.startsWith("@types/") && (typed === "node" || all.has(typed)))
      );
    });
    expect(vain).toEqual([]);
  },
);

/** What builds the web app runs in a process of its own. */
const OF_THE_BUILD = "server/app/local/buildWeb.ts";

test.skipIf(tracked.length === 0)(
  "what is loaded only when it is needed can be loaded, the way it will be",
  async () => {
    const needed = new Map<string, () => unknown>();
    for (const path of tracked.filter((each) => /^server\/.*\.ts$/.test(each))) {
      if (path === OF_THE_BUILD || path.endsWith(".test.ts")) continue;
      const text = await read(path);
      for (const [, name = ""] of text.matchAll(/\bwhenNeeded\(\s*"([^"]+)"/g))
        needed.set(name, whenNeeded(name as Parameters<typeof whenNeeded>[0]));
      for (const [, name = ""] of text.matchAll(/(?<!typeof )\bimport\(\s*"([^".][^"]*)"/g))
        needed.set(name, () => import(name));
    }
    expect(needed.size).toBeGreaterThan(10);
    for (const [name, get] of needed) expect([name, Boolean(await get())]).toEqual([name, true]);
  },
);

const SECRETS: Readonly<Record<string, RegExp>> = {
  "a private key": /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
  "an AWS key": /\bAKIA[0-9A-Z]{16}\b/,
  "a Slack token": /\bxox[abprs]-[0-9]{6,}-[0-9A-Za-z-]{10,}/,
  "a GitHub token": /\bgh[pousr]_[0-9A-Za-z]{36}\b/,
  "a Google key": /\bAIza[0-9A-Za-z_-]{35}\b/,
  "a Stripe key": /\bsk_live_[0-9A-Za-z]{16,}/,
};
const LARGEST = 1_000_000;

test.skipIf(tracked.length === 0)("no secret was committed", async () => {
  const found: string[] = [];
  for (const path of tracked.filter((each) => !/\.(png|ico)$/.test(each))) {
    const file = new URL(path, ROOT);
    const size = await stat(file).then(
      ({ size: bytes }) => bytes,
      () => Infinity,
    );
    if (size > LARGEST) continue;
    const text = await readFile(file, "utf8");
    for (const [what, pattern] of Object.entries(SECRETS))
      if (pattern.test(text)) found.push(`${path}: ${what}`);
  }
  expect(found).toEqual([]);
});
