/**
 * Samples → what becomes of them, as written down in golden/*.expected.json: our own samples, and,
 * where it lies beside the project, what real tools sent. To write down what a new sample gives, put
 * its name there with null and run with TOCSIN_WRITE_GOLDEN=1; then read it against the vendor's page.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { TriedFile } from "../../../contract/intake.ts";
import { tryFiles } from "../../app/local/tryIntake.ts";
import { ADAPTERS } from "./index.ts";
import { golden, goldenNames, NOW } from "./golden/samples.ts";

/** Of a file with very many alerts the first ones stand for all, beside their number. */
type Become = Omit<TriedFile, "file"> & { readonly alertsInAll?: number };
type Expected = Record<string, Become | null>;

const SHOWN_MAX = 20;

const FOLDER = new URL("golden/", import.meta.url);
const CORPUS = new URL("../../../../shared/corpus/", import.meta.url);
const WRITING = process.env["TOCSIN_WRITE_GOLDEN"] !== undefined;
const tables = readdirSync(FOLDER).filter((name) => name.endsWith(".expected.json"));
const corpusThere = existsSync(CORPUS);
if (!corpusThere) console.log("skipped: ../shared/corpus is not beside the project");

const tableOf = (name: string): Expected =>
  JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Expected;

async function become(path: string): Promise<Become> {
  const tried = await tryFiles([path], { now: NOW });
  const { file: _, ...rest } = tried[0]!.shown;
  if (rest.alerts.length <= SHOWN_MAX) return rest;
  return { ...rest, alerts: rest.alerts.slice(0, 5), alertsInAll: rest.alerts.length };
}

for (const table of tables) {
  const expected = tableOf(table);
  const written: Expected = {};

  describe(table, () => {
    for (const name of Object.keys(expected)) {
      const isCorpus = name.includes("/");
      test.skipIf(isCorpus && !corpusThere)(name, async () => {
        const path = fileURLToPath(new URL(name, isCorpus ? CORPUS : FOLDER));
        const found = await become(path);
        if (WRITING) written[name] = found;
        else expect(found).toEqual(expected[name]);
      });
    }
    afterAll(() => {
      if (!WRITING) return;
      const text = `${JSON.stringify({ ...expected, ...written }, null, 2)}\n`;
      writeFileSync(new URL(table, FOLDER), text);
    });
  });
}

const NOT_SIGNALS = /^(measurements|prometheus-query)\.|^cloud-events\.binary/;

test("every sample is written down", () => {
  const known = new Set(tables.flatMap((table) => Object.keys(tableOf(table))));
  const names = goldenNames().filter((name) => !NOT_SIGNALS.test(name));
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

test("a sample is recognised by its own tool, and by no other as surely", () => {
  for (const table of tables) {
    for (const [name, one] of Object.entries(tableOf(table))) {
      if (name.includes("/") || one === null) continue;
      if (one.tool === null || one.tool === "generic") continue;
      const input = { body: golden(name), headers: {}, now: NOW };
      const own = ADAPTERS.get(one.tool)?.recognise?.(input) ?? 0;
      const others = [...ADAPTERS.values()]
        .filter(({ about }) => about.id !== one.tool)
        .filter((adapter) => (adapter.recognise?.(input) ?? 0) >= own);
      // What comes in an envelope is recognised once it is opened.
      if (own > 0) expect([name, ...others.map(({ about }) => about.id)]).toEqual([name]);
    }
  }
});
