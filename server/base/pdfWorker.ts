/** A thread that puts one document on pages, so that it can be stopped. */
import { parentPort, workerData } from "node:worker_threads";
import { type Pages, toPdf } from "./markdownPdf.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(await toPdf(workerData as Pages));
