/** The pages of the rail, each with its word and the key that goes there. */
import type { IconName } from "../kit/icons.tsx";
import { later } from "../kit/words.ts";

type Entry = {
  readonly to:
    | "/"
    | "/alerts"
    | "/incidents"
    | "/oncall"
    | "/runbooks"
    | "/postmortems"
    | "/services"
    | "/insights";
  readonly word: string;
  readonly icon: IconName;
  readonly key: string;
};

export const PAGES: readonly Entry[] = [
  { to: "/", word: later("Home"), icon: "home", key: "H" },
  { to: "/alerts", word: later("Alerts"), icon: "bell", key: "A" },
  { to: "/incidents", word: later("Incidents"), icon: "flame", key: "I" },
  { to: "/oncall", word: later("On call"), icon: "calendar", key: "O" },
  { to: "/runbooks", word: later("Runbooks"), icon: "book", key: "R" },
  { to: "/postmortems", word: later("Postmortems"), icon: "document", key: "P" },
  { to: "/services", word: later("Services"), icon: "boxes", key: "S" },
  { to: "/insights", word: later("Insights"), icon: "chart", key: "N" },
];

/** In the bar of a phone; the others are found by “Find”. */
export const ON_PHONE: readonly string[] = ["/", "/incidents", "/oncall"];
