/**
 * Renders a document in a thread of its own: a few kilobytes of crafted Markdown can keep the parser
 * busy for minutes (its emphasis rules are quadratic), and pages must go out meanwhile.
 */
import { openLine } from "../../base/line.ts";
import { type Work, inWorker, type WorkLimits } from "../../base/worker.ts";
import { SECOND } from "../../base/instant.ts";
import { type Document, toMarkdown } from "./document.ts";

const LIMITS: WorkLimits = { timeoutMs: 15 * SECOND, memoryMb: 256 };
/** One thread at a time; of what comes on top of those that wait, none is rendered. */
const line = openLine({ atOnce: 1, waitingMax: 8 });

/** The page as HTML; null when it could not be rendered within its limits. */
export async function renderPage(
  document: Document,
  limits: WorkLimits = LIMITS,
): Promise<string | null> {
  const module = new URL("renderWorker.ts", import.meta.url);
  const work: Work<string> | null = await line(() => inWorker(module, document, limits));
  return work?.kind === "done" ? work.result : null;
}

/** The same on pages; null when it could not be within its limits. */
export async function renderPdf(
  document: Document,
  limits: WorkLimits = LIMITS,
): Promise<Buffer | null> {
  const module = new URL("../../base/pdfWorker.ts", import.meta.url);
  const { title, standing } = document;
  const pages = { title, markdown: toMarkdown(document), foot: `${title}. ${standing}` };
  const work: Work<Uint8Array> | null = await line(() => inWorker(module, pages, limits));
  return work?.kind === "done" ? Buffer.from(work.result) : null;
}
