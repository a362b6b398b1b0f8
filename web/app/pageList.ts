/** The pages of the rail, each with its word and the key that goes there. */
import type { IconName } from "../kit/icons.tsx";

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
  { to: "/", word: "Home", icon: "home", key: "H" },
  { to: "/alerts", word: "Alerts", icon: "bell", key: "A" },
  { to: "/incidents", word: "Incidents", icon: "flame", key: "I" },
  { to: "/oncall", word: "On call", icon: "calendar", key: "O" },
  { to: "/runbooks", word: "Runbooks", icon: "book", key: "R" },
  { to: "/postmortems", word: "Postmortems", icon: "document", key: "P" },
  { to: "/services", word: "Services", icon: "boxes", key: "S" },
  { to: "/insights", word: "Insights", icon: "chart", key: "N" },
];
