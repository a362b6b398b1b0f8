/** The server's time as this browser shows it: one tick for the whole page. */
import { useSyncExternalStore } from "react";
import { drawnInstant } from "./ahead.ts";

/** How far this machine's clock is behind the server's. */
let offsetMs = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

export const serverNow = (): number => Date.now() + offsetMs;

let lastTold = "";

/** Told with every word from the server that carries its time, and when that came. */
export function setServerNow(iso: string, cameAt: number = Date.now()): void {
  const told = Date.parse(iso);
  // The same word again has only grown older.
  if (Number.isNaN(told) || iso === lastTold) return;
  lastTold = iso;
  offsetMs = told - cameAt;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 250);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Now, in steps: whoever shows minutes is drawn once a minute. */
export const useNow = (stepMs = 60_000): number =>
  useSyncExternalStore(
    subscribe,
    () => step(serverNow(), stepMs),
    () => step(drawnInstant() ?? serverNow(), stepMs),
  );

const step = (instant: number, ms: number): number => Math.floor(instant / ms) * ms;
