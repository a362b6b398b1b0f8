/** A thread that reads a calendar of others, so that it can be stopped. */
import { parentPort, workerData } from "node:worker_threads";
import { Refusal } from "../../base/errors.ts";
import { readCalendar } from "./ical.ts";
import type { CalendarRead, Reading } from "./calendarReading.ts";

const { text, ...reading } = workerData as Reading & { readonly text: string };

function read(): CalendarRead {
  try {
    return { events: readCalendar(text, reading) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problem: String(error.params["problem"]) };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(read());
