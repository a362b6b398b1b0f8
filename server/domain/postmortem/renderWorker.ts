/** The thread that renders one document; see render.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { Document } from "./document.ts";
import { toHtmlPage } from "./documentPage.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(toHtmlPage(workerData as Document));
