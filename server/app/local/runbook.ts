/** `tocsin runbook parse` and `lint`: documents of this machine, read without a server and without a trace. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { RunbookDocument } from "../../../contract/runbook.ts";
import { Refusal } from "../../base/errors.ts";
import { Baseline, baselineOf, withoutAccepted } from "../../domain/runbook/reading/baseline.ts";
import { filesLinked, withDeadLinks } from "../../domain/runbook/reading/deadLinks.ts";
import { MAX_BYTES } from "../../domain/runbook/reading/limits.ts";
import { refused } from "../../domain/runbook/reading/refused.ts";
import { openReader, type RunbookReader } from "../../domain/runbook/reading/safely.ts";
import { toSarif } from "../../domain/runbook/reading/sarif.ts";
import { withSidecar } from "../../domain/runbook/lintSidecar.ts";
import { sidecarPath } from "../../domain/runbook/sidecar.ts";
import { ACTIONS } from "../../edge/actions/index.ts";

/** Reads them side by side; links to files that are not there become findings. */
export async function readDocuments(paths: readonly string[]): Promise<RunbookDocument[]> {
  const reader = openReader();
  try {
    return await Promise.all(paths.map((path) => readOne(reader, path)));
  } finally {
    await reader.close();
  }
}

async function readOne(reader: RunbookReader, path: string): Promise<RunbookDocument> {
  const facts = await stat(path).catch((error: unknown) => unreadable(path, error));
  if (!facts.isFile()) throw new Refusal("runbook.unreadable", { path, problem: "it is no file" });
  if (facts.size > MAX_BYTES) return tooLarge(path, facts.size);
  const bytes = await readFile(path).catch((error: unknown) => unreadable(path, error));
  const document = await reader.read(path, bytes);
  const folder = dirname(path);
  // Beside the document, or from where the command runs: both are how people name files.
  const missing = filesLinked(document).filter(
    (file) => !existsSync(resolve(folder, file)) && !existsSync(resolve(file)),
  );
  return withDeadLinks(document, new Set(missing));
}

/** Whatever its size, its hash is told and its bytes are not kept. */
async function tooLarge(path: string, size: number): Promise<RunbookDocument> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  const document = refused(path, new Uint8Array(), "E001", 1, { size, limit: MAX_BYTES });
  return { ...document, sha256: hash.digest("hex") };
}

function unreadable(path: string, error: unknown): never {
  const code = (error as { code?: unknown } | null)?.code;
  throw new Refusal("runbook.unreadable", { path, problem: typeof code === "string" ? code : "" });
}

export type Linted = {
  readonly documents: readonly RunbookDocument[];
  /** How many findings the baseline takes away. */
  readonly accepted: number;
};

export async function lintDocuments(
  paths: readonly string[],
  baseline: string | undefined,
): Promise<Linted> {
  const known =
    baseline === undefined ? { version: 1 as const, accepted: [] } : await readBaseline(baseline);
  const documents = await Promise.all((await readDocuments(paths)).map(besideSidecar));
  const linted = documents.map((document) => withoutAccepted(document, known));
  return {
    documents: linted.map(({ document }) => document),
    accepted: linted.reduce((sum, { accepted }) => sum + accepted, 0),
  };
}

/** With what its sidecar says, where one lies beside it. */
async function besideSidecar(document: RunbookDocument): Promise<RunbookDocument> {
  const file = sidecarPath(document.path);
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? document : withSidecar(document, { file, text }, ACTIONS);
}

async function readBaseline(path: string): Promise<Baseline> {
  const text = await readFile(path, "utf8").catch((error: unknown) => unreadable(path, error));
  try {
    return Baseline.parse(JSON.parse(text));
  } catch {
    throw new Refusal("runbook.not_a_baseline", { path });
  }
}

/** Accepts everything that is found now. */
export async function writeBaseline(
  path: string,
  documents: readonly RunbookDocument[],
): Promise<void> {
  await writeFile(path, `${JSON.stringify(baselineOf(documents), null, 2)}\n`).catch(
    (error: unknown) => unreadable(path, error),
  );
}

export const sarifOf = (documents: readonly RunbookDocument[]): object => toSarif(documents);
