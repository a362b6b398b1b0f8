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
  );

/** True some time after the page was first drawn; what comes of it gives way to whoever types or taps. */
export function useLater(ms: number): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => startTransition(() => setLater(true)), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return later;
}
