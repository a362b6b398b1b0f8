/** The thread that draws pages one after another; see safePages.ts. */
import { parentPort } from "node:worker_threads";
import { READY } from "../../base/worker.ts";
import { runbookPage } from "./runbookPage.ts";
import type { Undrawn } from "./safePages.ts";

parentPort?.on("message", ({ document, bytes }: Undrawn) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(runbookPage(document, bytes));
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(READY);
