/**
 * What the server has drawn stands before the app does (decisions/0074). Until the app has taken it over it draws the
 * same: for the same instant, and what depends on the window as if nobody knew it.
 */
import { startTransition, useEffect, useState } from "react";

/** The instant that it is drawn for; null: nothing stands ahead. */
let drawnAt: number | null = null;

let after: () => void = () => undefined;

export const drawnInstant = (): number | null => drawnAt;

/** It is there from now on, or is drawn anew (null); when the app has taken its place, that is told. */
export function standsAhead(instant: number | null, whenTaken: () => void = () => undefined): void {
  [drawnAt, after] = [instant, whenTaken];
}

/** What comes from now on is drawn by the app alone. */
export function takenOver(): void {
  const tell = after;
  [drawnAt, after] = [null, () => undefined];
  tell();
}

/** Whether this part is still as the server drew it; what comes after gives way to whoever types or taps. */
export function useAhead(): boolean {
  const [ahead, setAhead] = useState(() => drawnAt !== null);
  useEffect(() => {
    if (ahead) startTransition(() => setAhead(false));
  }, [ahead]);
  return ahead;
}
