/** The pages of the rail, each with its word and the key that goes there. */
import type { IconName } from "../kit/icons.tsx";

type Entry = {
  readonly to: "/" | "/incidents";
  readonly word: string;
  readonly icon: IconName;
  readonly key: string;
};

export const PAGES: readonly Entry[] = [
  { to: "/", word: "Home", icon: "home", key: "H" },
  { to: "/incidents", word: "Incidents", icon: "flame", key: "I" },
];
