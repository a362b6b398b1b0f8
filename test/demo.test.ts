/** The demo as a new user runs it: a real node with its own PostgreSQL, real HTTP, real mail. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openClient } from "../cli/client.ts";
import { applyDirectory } from "../cli/configuration.ts";
import { demo, type DemoOptions } from "../server/app/local/demo.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tocsin-demo-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const SAMPLE = fileURLToPath(new URL("../examples/acme", import.meta.url));
const silent = { line: () => undefined, problem: () => undefined };

/** As cli/local.ts does it, with lines kept. */
function options(env: DemoOptions["env"], rest: Partial<DemoOptions> = {}) {
  const lines: string[] = [];
  const all: DemoOptions = {
    env: { TOCSIN_PORT: "0", ...env },
    speed: 1_000,
    once: true,
    print: (line) => void lines.push(stripVTControlCharacters(line)),
    connect: openClient,
    async applySample(server) {
      const how = { dryRun: false, take: false };
      const report = await applyDirectory(openClient(server), SAMPLE, how, silent);
      return report.changes.length + report.unchanged;
    },
    stopped: new Promise(() => undefined),
    ...rest,
  };
  return { all, lines };
}

const shown = (lines: readonly string[], text: string): string =>
  lines.find((line) => line.includes(text)) ?? `no line with “${text}”`;

test("an outage is told to its end; a second run starts afresh, stays up, shows the mails", async () => {
  const env = { TOCSIN_DATA: join(root, "data") };
  const first = options(env);
  expect(await demo(first.all)).toBe(0);
  for (const text of [
    "INC-1 is declared: SEV3.",
    "INC-2 is declared: SEV1.",
    "A second condition joins INC-2.",
    "is paged, 5 min after the declaration.",
    "Nothing happens: reading the page acknowledges nothing",
    "INC-1 was the same thing: merged into INC-2.",
    "The postmortem is drafted: 9 sections, due 48 h after the resolve",
    "missing: root cause",
    "INC-2 is closed, with all its evidence.",
    "3 pages sent, 0 after the acknowledge.",
    "Proved: no link is missing",
    "The timeline of INC-2",
  ]) {
    expect(shown(first.lines, text)).toContain(text);
  }

  let stop = (): void => undefined;
  let mails = "";
  let page = "";
  const second = options(env, {
    once: false,
    stopped: new Promise<void>((resolve) => {
      stop = resolve;
    }),
    print: (line) => {
      second.lines.push(line);
      if (line.includes("Ctrl-C ends it")) void visit().finally(stop);
    },
  });
  const visit = async (): Promise<void> => {
    const url = /http:\S+\/demo\/mail/.exec(second.lines.join("\n"))?.[0] ?? "";
    mails = await (await fetch(url)).text();
    const paths = [...mails.matchAll(/href="(\/demo\/mail\/\d+)">\[SEV1\] INC-4 14/g)];
    const texts = await Promise.all(
      paths.map(async ([, path = ""]) => (await fetch(new URL(path, url))).text()),
    );
    page = texts.join("\n");
  };
  expect(await demo(second.all)).toBe(0);
  expect(shown(second.lines, "INC-4 is closed")).toContain("with all its evidence");
  expect(mails).toContain("[SEV1] INC-4 declared: 14 % of card payments fail");
  expect(page).toMatch(/Acknowledge: <a href="\/a\/[^"]+">/);
  expect(page).toContain("&lt;!doctype html&gt;");
  expect(page.match(/<html/g)).toHaveLength(page.match(/<\/html>/g)?.length ?? 0);
}, 120_000);

test("a directory with data that no demo made is left alone", async () => {
  await writeFile(join(root, "precious"), "");
  await expect(demo(options({ TOCSIN_DATA: root }).all)).rejects.toThrow(
    "the demo leaves it alone",
  );
});

test("a taken port is told in one line before anything starts", async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, "127.0.0.1", listening));
  const TOCSIN_PORT = String((taken.address() as AddressInfo).port);
  const asked = options({ TOCSIN_DATA: join(root, "other"), TOCSIN_PORT });
  await expect(demo(asked.all)).rejects.toThrow(`Port ${TOCSIN_PORT} of 127.0.0.1 is taken`);
  await new Promise((closed) => taken.close(closed));
});

test("a speed that makes no sense is refused", async () => {
  for (const speed of [0, -1, Number.NaN, 1e9]) {
    await expect(demo({ ...options({}).all, speed })).rejects.toThrow("--speed");
  }
});
