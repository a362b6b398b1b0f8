/** The page's side of what is kept for times without a network: it begins, and it ends with the session. */
import { forgetDevice } from "./device.ts";
import { forgetQueue } from "./queue.ts";

/** Registers the worker; browsers have one only over TLS and on this machine. */
export function keepForOffline(): void {
  if (!("serviceWorker" in navigator)) return;
  // Without it everything works that needs a network.
  navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}

/** Answers by their addresses. */
export type Kept = readonly (readonly [address: string, answer: unknown])[];

/** Gives the worker what came with the page, which it has not seen; who reads comes first. */
export function keepGiven(answers: Kept): void {
  const given: Kept = answers.map(([address, answer]) => [address, JSON.stringify(answer)]);
  navigator.serviceWorker?.controller?.postMessage(given);
}

/** Takes away all that was read, all that waits to be sent, and that pages ring here; the app itself may stay. */
export async function forgetEverything(): Promise<void> {
  forgetQueue();
  await forgetDevice().catch(() => undefined);
  if (!("caches" in globalThis)) return;
  await caches.delete("read");
}
