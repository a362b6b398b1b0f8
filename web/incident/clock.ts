/** Clocks of an incident: which ends next, how it stands, the verb that stops it. Pure. */
import type { DeadlineKind, DeadlineView } from "../../contract/deadline.ts";
import { at, countdown, lengthText } from "../kit/time.ts";
import { later, said, t } from "../kit/words.ts";

/** What has to be done, as a verb of the incident. */
const STOPS: Readonly<Partial<Record<DeadlineKind, VerbName>>> = {
  acknowledge: "acknowledge",
  mitigate: "mitigate",
  resolve: "resolve",
  "status update": "update",
};
export type VerbName = "acknowledge" | "mitigate" | "resolve" | "update";

export type ClockStanding = "running" | "at risk" | "over" | "paused" | "kept" | "late";

export type ClockFace = {
  readonly kind: DeadlineKind;
  readonly standing: ClockStanding;
  /** “4:12” left, “3:12” over, “4 min of 15 min” when kept. */
  readonly time: string;
  /** Of the length, 0 to 1. */
  readonly used: number;
  readonly dueAt: number;
  readonly verb: VerbName | null;
};

const NOUNS: Readonly<Record<DeadlineKind, string>> = {
  acknowledge: later("Acknowledge"),
  mitigate: later("Mitigate"),
  resolve: later("Resolve"),
  "status update": later("Status update"),
  postmortem: later("Postmortem"),
  "action item": later("Action item"),
  "action item review": later("Review of action items"),
  "runbook step": later("Step"),
  "runbook phase": later("Phase"),
  "runbook review": later("Reading of a runbook"),
};
export const clockNoun = (kind: DeadlineKind): string => said(NOUNS[kind]);

/** “to mitigate”, “update”: beside a time. */
const SHORT: Readonly<Record<DeadlineKind, string>> = {
  acknowledge: later("to acknowledge"),
  mitigate: later("to mitigate"),
  resolve: later("to resolve"),
  "status update": later("update"),
  postmortem: later("postmortem"),
  "action item": later("action item"),
  "action item review": later("review"),
  "runbook step": later("step"),
  "runbook phase": later("phase"),
  "runbook review": later("reading"),
};
export const clockShort = (kind: DeadlineKind): string => said(SHORT[kind]);

export function clockFace(clock: DeadlineView, now: number): ClockFace {
  const [start, due] = [at(clock.anchorAt), at(clock.dueAt)];
  const length = Math.max(1, due - start);
  const face = { kind: clock.kind, dueAt: due, verb: STOPS[clock.kind] ?? null };
  if (clock.metAt !== null) {
    const met = at(clock.metAt);
    const standing = met <= due ? "kept" : "late";
    const time = t("{used} of {length}", {
      used: lengthText(met - start),
      length: lengthText(length),
    });
    return { ...face, standing, time, used: (met - start) / length, verb: null };
  }
  if (clock.state === "paused")
    return { ...face, standing: "paused", time: t("paused"), used: (now - start) / length };
  const used = (now - start) / length;
  const over = clock.state === "breached" || now >= due;
  const risk = clock.atRisk || used >= 0.75;
  const standing = over ? "over" : risk ? "at risk" : "running";
  return { ...face, standing, time: countdown(due - now), used };
}

const isOpen = ({ state, metAt }: DeadlineView): boolean =>
  metAt === null && (state === "running" || state === "breached");

/** Paperwork does not burn; it is never an incident's next clock while another runs. */
const isPaper = ({ kind }: DeadlineView): boolean =>
  kind === "postmortem" || kind === "action item" || kind === "action item review";

/** The soonest promise that is still open; a missed one stays until it is kept. */
export function nextClock(clocks: readonly DeadlineView[]): DeadlineView | null {
  const [first] = clocks
    .filter(isOpen)
    .toSorted((a, b) => Number(isPaper(a)) - Number(isPaper(b)) || at(a.dueAt) - at(b.dueAt));
  return first ?? null;
}

/** For the title of the browser's tab: “4:12 update”. */
export function tabTitle(clocks: readonly DeadlineView[], now: number): string {
  const next = nextClock(clocks);
  if (next === null) return "";
  const face = clockFace(next, now);
  const time = face.standing === "over" ? `+${face.time}` : face.time;
  return `${time} ${clockShort(next.kind)}`;
}
