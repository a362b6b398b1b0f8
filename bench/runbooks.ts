/**
 * Reads and lints 500 documents as the command does, in threads, and tells how long it took. The promise is
 * five seconds. Documents: our own and, where it is there, the corpus beside the project, over and over.
 *
 *   node bench/runbooks.ts [count]
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readRunbook } from "../server/domain/runbook/reading/read.ts";
import { openReader } from "../server/domain/runbook/reading/safely.ts";

const COUNT = Number(process.argv[2] ?? 500);
const PROMISED_MS = 5000;

const under = (path: string): readonly Buffer[] => {
  const folder = fileURLToPath(new URL(path, import.meta.url));
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => readFileSync(`${folder}${name}`));
};

const corpus = ["runbooks", "postmortems"].flatMap((name) => under(`../../shared/corpus/${name}/`));
const documents = [...under("../server/domain/runbook/reading/golden/"), ...corpus];
// Each is a document of its own: a line at its end makes its bytes differ.
const all = Array.from({ length: COUNT }, (_, index) =>
  Buffer.concat([
    documents[index % documents.length] ?? Buffer.alloc(0),
    Buffer.from(`\n${index}\n`),
  ]),
);
const megabytes = all.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1024 / 1024;

const start = performance.now();
const reader = openReader();
const read = await Promise.all(all.map((bytes, index) => reader.read(`${index}.md`, bytes)));
await reader.close();
const inThreads = performance.now() - start;

const findings = read.reduce((sum, document) => sum + document.findings.length, 0);
const steps = read.flatMap(({ plans }) =>
  plans.flatMap(({ phases }) => phases.flatMap((phase) => phase.steps)),
);
const alone = performance.now();
for (const [index, bytes] of all.entries()) readRunbook(`${index}.md`, bytes);
const inOne = performance.now() - alone;

process.stdout.write(
  `${COUNT} documents (${documents.length} different, ${megabytes.toFixed(1)} MB): ${(inThreads / 1000).toFixed(2)} s in threads, ` +
    `${(inOne / 1000).toFixed(2)} s in one; ${steps.length} steps, ${findings} findings; promised: ${PROMISED_MS / 1000} s\n`,
);
process.exitCode = inThreads <= PROMISED_MS ? 0 : 1;
