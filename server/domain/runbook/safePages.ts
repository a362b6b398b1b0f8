/** Draws pages of documents in a thread that is stopped when one takes too long. */
import type { RunbookDocument } from "../../../contract/runbook.ts";
import { escapeHtml } from "../../base/html.ts";
import { SECOND } from "../../base/instant.ts";
import { openWorkers, type WorkLimits, type Workers } from "../../base/worker.ts";
import type { RunbookPage } from "./runbookPage.ts";

/** What a thread is given. */
export type Undrawn = { readonly document: RunbookDocument; readonly bytes: Uint8Array };

export type PageDrawer = {
  /** Always answers: a document that cannot be drawn in time is shown as its bare text. */
  draw(document: RunbookDocument, bytes: Uint8Array): Promise<RunbookPage>;
  close(): Promise<void>;
};

const LIMITS: WorkLimits = { timeoutMs: 4 * SECOND, memoryMb: 512 };
const THREADS = 1;

export function openDrawer(limits: WorkLimits = LIMITS): PageDrawer {
  const module = new URL("pageWorker.ts", import.meta.url);
  const workers: Workers<Undrawn, RunbookPage> = openWorkers(module, THREADS, limits);
  return {
    async draw(document, bytes) {
      const work = await workers.run({ document, bytes });
      if (work.kind === "done") return work.result;
      const text = Buffer.from(bytes).toString("utf8");
      return { html: `<pre>${escapeHtml(text)}</pre>`, marks: [] };
    },
    close: () => workers.close(),
  };
}
