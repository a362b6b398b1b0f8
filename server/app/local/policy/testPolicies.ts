/** `tocsin test`: plays the policy tests of a directory, and finds rules that no test would miss. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type DesiredObject, findingText } from "../../../../contract/configuration.ts";
import { openDb } from "../../../base/db.ts";
import { Refusal } from "../../../base/errors.ts";
import { migrate } from "../../../base/migrate.ts";
import { readDirectory } from "../configDirectory.ts";
import { startEmbeddedPostgres } from "../postgres.ts";
import { differences } from "./judge.ts";
import { play, PLAYED_SET } from "./play.ts";
import { type NamedTest, readTests } from "./readTests.ts";
import { variants } from "./variants.ts";

export type TestResult = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly passed: boolean;
  /** What differs, line by line. */
  readonly diff: readonly string[];
};

export type Mutant = {
  /** "rules.critical-is-sev1", or a clause of it: "rules.critical-is-sev1.holdBack". */
  readonly removed: string;
  readonly source: string;
  /** The first test that fails without it; null: no test misses it. */
  readonly missedBy: string | null;
};

export type PolicyReport = {
  readonly findings: readonly string[];
  readonly tests: readonly TestResult[];
  /** Null unless asked for, or when a test fails as it is. */
  readonly mutants: readonly Mutant[] | null;
};

export type TestOptions = {
  readonly mutate: boolean;
  /** Told as soon as each test is over. */
  readonly onResult: (result: TestResult) => void;
};

export async function testPolicies(directory: string, options: TestOptions): Promise<PolicyReport> {
  const { request, findings, located } = await readDirectory(directory);
  const read = await readTests(directory, findings.length === 0 ? request.objects : null);
  const all = [...findings, ...read.findings].map(findingText);
  if (all.length > 0 || read.tests.length === 0) return { findings: all, tests: [], mutants: null };
  // The set of a play has a name of its own; what is refused of it stands in the files of the directory.
  const wrongIn = ({ params }: Refusal): readonly string[] =>
    [params["findings"]]
      .flat()
      .map((text) => located(String(text).replace(`${PLAYED_SET}/`, `${request.set}/`)));
  return withStores(async (store) => {
    const run = (test: NamedTest, objects: readonly DesiredObject[]) =>
      store((url) => runOne(url, objects, test));
    const tests: TestResult[] = [];
    for (const test of read.tests) {
      const result = await run(test, request.objects).catch(refusedBy);
      if (result instanceof Refusal) return { findings: wrongIn(result), tests: [], mutants: null };
      tests.push(result);
      options.onResult(result);
    }
    const sound = tests.every(({ passed }) => passed);
    const mutants = options.mutate && sound ? await mutate(request.objects, read.tests, run) : null;
    return { findings: [], tests, mutants };
  });
}

/** What an application of the whole configuration found; every other error is one. */
function refusedBy(error: unknown): Refusal {
  if (error instanceof Refusal && error.code === "config.findings") return error;
  throw error;
}

async function runOne(
  url: string,
  objects: readonly DesiredObject[],
  { name, file, line, test }: NamedTest,
): Promise<TestResult> {
  const { outcome, faults } = await play(url, objects, test);
  const diff = [...faults, ...differences(test.expect, outcome)];
  return { name, file, line, passed: diff.length === 0, diff };
}

type Run = (test: NamedTest, objects: readonly DesiredObject[]) => Promise<TestResult>;

/** Without each rule in turn, and without each of its clauses about waiting, until a test fails. */
async function mutate(
  objects: readonly DesiredObject[],
  tests: readonly NamedTest[],
  run: Run,
): Promise<readonly Mutant[]> {
  const mutants: Mutant[] = [];
  for (const { removed, source, rest } of variants(objects)) {
    let missedBy: string | null = null;
    for (const test of tests) {
      const result = await run(test, rest);
      if (result.passed) continue;
      missedBy = test.name;
      break;
    }
    mutants.push({ removed, source, missedBy });
  }
  return mutants;
}

type Store = <T>(work: (url: string) => Promise<T>) => Promise<T>;

/** A PostgreSQL of its own for the run, with a fresh database for each play. */
async function withStores<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "tocsin-policy-"));
  const postgres = await startEmbeddedPostgres({ dataDirectory: directory, log: () => undefined });
  try {
    const url = (name: string): string => {
      const address = new URL(postgres.url);
      address.pathname = `/${name}`;
      return address.href;
    };
    await statement(postgres.url, "create database policy_template");
    const template = { url: url("policy_template"), maxConnections: 1, name: "tocsin test" };
    const db = openDb({ ...template, onFault: () => undefined });
    await migrate(db, new URL("../../../schema/", import.meta.url));
    await db.destroy();
    let counter = 0;
    return await work(async (play) => {
      const name = `policy_${counter++}`;
      await statement(postgres.url, `create database ${name} template policy_template`);
      try {
        return await play(url(name));
      } finally {
        await statement(postgres.url, `drop database if exists ${name} with (force)`);
      }
    });
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function statement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
