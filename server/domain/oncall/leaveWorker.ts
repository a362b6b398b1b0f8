/** A thread that reads the calendar of somebody's leave, so that it can be stopped. */
import { parentPort, workerData } from "node:worker_threads";
import { Refusal } from "../../base/errors.ts";
import { leaveIn, type LeaveFacts } from "./leave.ts";

const { text, facts } = workerData as { readonly text: string; readonly facts: LeaveFacts };

function read() {
  try {
    return { leave: leaveIn(text, facts) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { because: error.message };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(read());
