/** What the palette offers beside pages: each page adds what can be done on it. */
import { useEffect, useRef, useSyncExternalStore } from "react";

export type Offer = {
  readonly words: string;
  /** Other words by which it is found. */
  readonly also?: string;
  /** Why it cannot be done now. */
  readonly because?: string | null;
  readonly run: () => void;
};

const pages = new Set<{ current: readonly Offer[] }>();
const watchers = new Set<() => void>();
let known: readonly Offer[] = [];

function publish(): void {
  known = [...pages].flatMap((page) => page.current);
  watchers.forEach((tell) => tell());
}

export function useOffers(offers: readonly Offer[]): void {
  const held = useRef(offers);
  held.current = offers;
  const said = offers.map(({ words, because }) => `${words}\n${because ?? ""}`).join("\n");
  useEffect(() => publish(), [said]);
  useEffect(() => {
    pages.add(held);
    publish();
    return () => {
      pages.delete(held);
      publish();
    };
  }, []);
}

export const useKnownOffers = (): readonly Offer[] =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => known,
  );
