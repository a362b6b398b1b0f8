/** The thread that puts one document on pages; see render.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { type Pages, toPdf } from "../../base/markdownPdf.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(await toPdf(workerData as Pages));
