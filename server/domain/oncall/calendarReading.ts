/**
 * Reads a calendar of others in a thread that is stopped when it takes too long: one line of it can say what
 * repeats every second, or on a day that no year has. One thread at a time: a crowd of calendars is a line.
 */
import { Refusal } from "../../base/errors.ts";
import { SECOND } from "../../base/instant.ts";
import { openLine } from "../../base/line.ts";
import { inWorker } from "../../base/worker.ts";
import type { CalendarEvent } from "./ical.ts";
import type { Span } from "./rotation.ts";

const TIMEOUT_MS = 10 * SECOND;
const MEMORY_MB = 256;
/** An ordinary calendar takes a fraction of a second: who waits behind so many may wait for somebody's malice. */
const WAITING_MAX = 4;
const line = openLine({ atOnce: 1, waitingMax: WAITING_MAX });

export type Reading = { readonly span: Span; readonly zone: string };
/** What a thread answers. */
export type CalendarRead =
  | { readonly events: readonly CalendarEvent[] }
  | { readonly problem: string };

type Patience = {
  readonly timeoutMs?: number;
  /** Nobody stands behind it who could send it again: it waits as long as it has to. */
  readonly isPatient?: boolean;
};

/** Its events within the span; refuses what is no calendar, or takes too long to read, and while too many wait. */
export async function eventsOf(
  text: string,
  reading: Reading,
  { timeoutMs = TIMEOUT_MS, isPatient = false }: Patience = {},
): Promise<readonly CalendarEvent[]> {
  const module = new URL("./calendarWorker.ts", import.meta.url);
  const limits = { timeoutMs, memoryMb: MEMORY_MB };
  const turn = line(() => inWorker<CalendarRead>(module, { text, ...reading }, limits), isPatient);
  if (turn === null) throw new Refusal("calendar.busy", { seconds: TIMEOUT_MS / SECOND });
  const work = await turn;
  const read = work.kind === "done" ? work.result : { problem: "it takes too long to read" };
  if ("problem" in read) throw new Refusal("calendar.unreadable", { problem: read.problem });
  return read.events;
}
