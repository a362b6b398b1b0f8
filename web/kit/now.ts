/** The server's time as this browser shows it: one tick for the whole page. */
import { useSyncExternalStore } from "react";

/** How far this machine's clock is behind the server's. */
let offsetMs = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

export const serverNow = (): number => Date.now() + offsetMs;

/** Told with every word from the server that carries its time. */
export function setServerNow(iso: string): void {
  const told = Date.parse(iso);
  if (!Number.isNaN(told)) offsetMs = told - Date.now();
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
  useSyncExternalStore(subscribe, () => Math.floor(serverNow() / stepMs) * stepMs);
