/** The page ledger for reading: six stations, and what became of it in one sentence. Pure. */
import type { Incident } from "../../contract/incident.ts";
import type { Notification } from "../../contract/page.ts";
import { at, clockText, lengthText } from "../kit/time.ts";
import { later, said, t } from "../kit/words.ts";

export const STATIONS = [
  ["acceptedAt", later("accepted")],
  ["decidedAt", later("decided")],
  ["dueAt", later("due")],
  ["handedOverAt", later("handed over")],
  ["receiptAt", later("receipt")],
  ["acknowledgedAt", later("acknowledged")],
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
        ? // The line is drawn anew every few seconds only, and what was handed over had its time.
          page.state !== "dropped" && (page.handedOverAt !== null || at(page.dueAt) <= now)
        : page[field] !== null || (field === "acceptedAt" && page.decidedAt !== null);
    return passed ? "passed" : page.state === "dropped" ? "dropped" : "open";
  });
  const bad = page.state === "failed" || (page.state === "accepted" && !answered && isOver(page));
  return { stations, outcome: outcomeOf(page, answered, now), bad };
}

const isOver = (page: Notification): boolean => page.acknowledgedAt !== null;

function outcomeOf(page: Notification, answered: boolean, now: number): string {
  const repeat = page.mayRepeat ? ` ${t("It may have arrived twice.")}` : "";
  const time = (iso: string | null): string =>
    iso === null ? "" : clockText(at(iso), { seconds: true });
  switch (page.state) {
    case "accepted": {
      const since = page.receiptAt ?? page.handedOverAt ?? page.decidedAt;
      const delivered = t("Delivered {time}", { time: time(since) });
      if (page.acknowledgedAt === null)
        return t("{delivered}, no answer for {length}.{repeat}", {
          delivered,
          length: lengthText(now - at(since)),
          repeat,
        });
      return answered
        ? t("Acknowledged {time}, {length} after the page.{repeat}", {
            time: time(page.acknowledgedAt),
            length: lengthText(at(page.acknowledgedAt) - at(since)),
            repeat,
          })
        : t("{delivered}, not answered; somebody else acknowledged.{repeat}", {
            delivered,
            repeat,
          });
    }
    case "sending":
      return t("In flight since {time}.{repeat}", {
        time: time(page.handedOverAt ?? page.dueAt),
        repeat,
      });
    case "pending":
      if (at(page.dueAt) > now) return t("Due {time}.{repeat}", { time: time(page.dueAt), repeat });
      if (page.nextTryAt === null || at(page.nextTryAt) <= now)
        return t("Being sent.{repeat}", { repeat });
      return page.handedOverAt === null
        ? t("Waits for its turn by this channel: {time}.", { time: time(page.nextTryAt) })
        : t("Not taken yet; tried again {time}.{repeat}", { time: time(page.nextTryAt), repeat });
    case "failed":
      return t("Failed: {because}.", {
        because: page.because === null ? t("no reason was kept") : said(page.because),
      });
    case "dropped":
      return t("Not sent: {because}.", {
        because: page.because === null ? t("no longer wanted") : said(page.because),
      });
  }
}
