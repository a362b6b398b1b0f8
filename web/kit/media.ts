/** What the window is like, and what may wait until the page stands. */
import { startTransition, useEffect, useState, useSyncExternalStore } from "react";

export const useMatches = (query: string): boolean =>
  useSyncExternalStore(
    (tell) => {
      const list = matchMedia(query);
      list.addEventListener("change", tell);
      return () => list.removeEventListener("change", tell);
    },
    () => matchMedia(query).matches,
    // Drawn by the server, which does not know: narrow first.
    () => true,
  );

/** So long the parts of a column wait for the slowest of them. */
const TOGETHER_MS = 1_500;

/**
 * Whether what stands one below the other may be drawn: at once, when no part of it is waited for any more, since a part that came
 * later would move all that stands below it. It stays drawn from then on.
 */
export function useTogether(...waits: readonly boolean[]): boolean {
  const late = useLater(TOGETHER_MS);
  const [stands, setStands] = useState(false);
  const may = stands || late || !waits.includes(true);
  if (may && !stands) setStands(true);
  return may;
}

/** True some time after the page was first drawn; what comes of it gives way to whoever types or taps. */
export function useLater(ms: number): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => startTransition(() => setLater(true)), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return later;
}
