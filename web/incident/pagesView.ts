/** The page ledger for reading: six stations, and what became of it in one sentence. Pure. */
import type { Incident } from "../../contract/incident.ts";
import type { Notification } from "../../contract/page.ts";
import { at, clockText, lengthText } from "../kit/time.ts";

export const STATIONS = [
  ["acceptedAt", "accepted"],
  ["decidedAt", "decided"],
  ["dueAt", "due"],
  ["handedOverAt", "handed over"],
  ["receiptAt", "receipt"],
  ["acknowledgedAt", "acknowledged"],
] as const;

export type Station = "passed" | "open" | "dropped" | "unanswered" | "answered";

export type PageView = {
  readonly stations: readonly Station[];
  readonly outcome: string;
  readonly bad: boolean;
};

type About = Pick<Incident, "acknowledgedBy" | "state">;

export function pageView(page: Notification, incident: About, now: number): PageView {
  // Somebody else's acknowledge ends a page as well, but does not answer it.
  const answered =
    page.acknowledgedAt !== null && page.person !== null && page.person === incident.acknowledgedBy;
  const stations = STATIONS.map(([field]): Station => {
    if (field === "acknowledgedAt") {
      if (answered) return "answered";
      if (page.state === "dropped" || page.state === "failed") return "dropped";
      return page.acknowledgedAt === null ? "open" : "unanswered";
    }
    const passed =
      field === "dueAt"
        ? page.state !== "dropped" && at(page.dueAt) <= now
        : page[field] !== null || (field === "acceptedAt" && page.decidedAt !== null);
    return passed ? "passed" : page.state === "dropped" ? "dropped" : "open";
  });
  const bad = page.state === "failed" || (page.state === "accepted" && !answered && isOver(page));
  return { stations, outcome: outcomeOf(page, answered, now), bad };
}

const isOver = (page: Notification): boolean => page.acknowledgedAt !== null;

function outcomeOf(page: Notification, answered: boolean, now: number): string {
  const repeat = page.mayRepeat ? " It may have arrived twice." : "";
  const time = (iso: string | null): string =>
    iso === null ? "" : clockText(at(iso), { seconds: true });
  switch (page.state) {
    case "accepted": {
      const since = page.receiptAt ?? page.handedOverAt ?? page.decidedAt;
      const delivered = `Delivered ${time(since)}`;
      if (page.acknowledgedAt === null)
        return `${delivered}, no answer for ${lengthText(now - at(since))}.${repeat}`;
      return answered
        ? `Acknowledged ${time(page.acknowledgedAt)}, ${lengthText(at(page.acknowledgedAt) - at(since))} after the page.${repeat}`
        : `${delivered}, not answered; somebody else acknowledged.${repeat}`;
    }
    case "sending":
      return `In flight since ${time(page.handedOverAt ?? page.dueAt)}.${repeat}`;
    case "pending":
      return at(page.dueAt) > now ? `Due ${time(page.dueAt)}.${repeat}` : `Being sent.${repeat}`;
    case "failed":
      return `Failed: ${page.because ?? "no reason was kept"}.`;
    case "dropped":
      return `Not sent: ${page.because ?? "no longer wanted"}.`;
  }
}
