/** The thread that reads documents one after another; see safely.ts. */
import { parentPort } from "node:worker_threads";
import { READY } from "../../../base/worker.ts";
import { readRunbook } from "./read.ts";
import type { Unread } from "./safely.ts";

parentPort?.on("message", ({ path, bytes }: Unread) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(readRunbook(path, bytes));
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(READY);
