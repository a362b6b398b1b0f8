/**
 * Reads a calendar of others in a thread that is stopped when it takes too long: one line of it can say what
 * repeats every second, or on a day that no year has.
 */
import { Refusal } from "../../base/errors.ts";
import { SECOND } from "../../base/instant.ts";
import { inWorker } from "../../base/worker.ts";
import type { CalendarEvent } from "./ical.ts";
import type { Span } from "./rotation.ts";

const TIMEOUT_MS = 10 * SECOND;
const MEMORY_MB = 256;

export type Reading = { readonly span: Span; readonly zone: string };
/** What a thread answers. */
export type CalendarRead =
  | { readonly events: readonly CalendarEvent[] }
  | { readonly problem: string };

/** Its events within the span; refuses what is no calendar, or takes too long to read. */
export async function eventsOf(
  text: string,
  reading: Reading,
  timeoutMs = TIMEOUT_MS,
): Promise<readonly CalendarEvent[]> {
  const module = new URL("./calendarWorker.ts", import.meta.url);
  const limits = { timeoutMs, memoryMb: MEMORY_MB };
  const work = await inWorker<CalendarRead>(module, { text, ...reading }, limits);
  const read = work.kind === "done" ? work.result : { problem: "it takes too long to read" };
  if ("problem" in read) throw new Refusal("calendar.unreadable", { problem: read.problem });
  return read.events;
}
