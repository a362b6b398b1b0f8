/**
 * This browser as a device that pages ring in. It asks for the permission only when somebody presses the
 * button; afterwards it only keeps what was allowed, and gives it back when it is no longer theirs.
 */
import { allowDevice, listDevices } from "../../contract/device.ts";
import { call } from "../kit/call.ts";
import { t } from "../kit/words.ts";
import { deviceName } from "./deviceName.ts";

const KEPT = "tocsin.device";
type Kept = { readonly person: string; readonly id: string; readonly endpoint?: string };

/** The device that this browser is, for whom; null: none. */
export function keptDevice(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

export type CannotWake = "insecure" | "home screen" | "no push" | "denied";

/** Why pages cannot ring here; null: they can. */
export function whyNotWake(): CannotWake | null {
  if (!isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis))
    // Phones of one maker push only to what was put on the home screen.
    return /iPhone|iPad/.test(navigator.userAgent) ? "home screen" : "no push";
  return Notification.permission === "denied" ? "denied" : null;
}

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (each) =>
    each.charCodeAt(0),
  );

/** Subscribes at the browser's push service and lets the server know. */
export async function wakeHere(person: string, senderKey: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted")
    throw new Error(t("the browser did not allow it"));
  const { pushManager } = await navigator.serviceWorker.ready;
  const applicationServerKey = bytesOf(senderKey);
  const before = await pushManager.getSubscription();
  // One of another installation, or of a key that is no more, is of no use.
  if (before !== null && !isSame(before.options.applicationServerKey, applicationServerKey))
    await before.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await tell(person, subscription);
}

const isSame = (before: ArrayBuffer | null, now: Uint8Array): boolean =>
  before !== null && String(new Uint8Array(before)) === String(now);

/** `instead`: the address that it had before, under which the server knows it. */
async function tell(
  person: string,
  subscription: PushSubscription,
  instead?: string,
): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const body = {
    name: deviceName(navigator.userAgent),
    subscription: {
      endpoint: endpoint ?? "",
      keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" },
    },
    ...(instead !== undefined && { instead }),
  };
  const { id } = await call(allowDevice, { body });
  localStorage.setItem(KEPT, JSON.stringify({ person, id, endpoint }));
}

/** Pages ring here no more; what the server still knows ends by itself. */
export async function forgetDevice(): Promise<void> {
  if (keptDevice() === null) return;
  localStorage.removeItem(KEPT);
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/**
 * After signing in: what this person allowed here goes on under the new session, unless they removed it
 * elsewhere. Somebody else's is given back: their pages are not for whoever sits here now.
 */
export async function keepDevice(person: string | null): Promise<void> {
  const kept = keptDevice();
  if (kept === null) return;
  if (kept.person !== person) return forgetDevice();
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = (await registration?.pushManager.getSubscription()) ?? null;
  const { items } = await call(listDevices);
  const known = items.find(({ id }) => id === kept.id);
  // A push service that gave the browser another address says “gone” of the one before (worker.ts).
  const isOther = subscription !== null && subscription.endpoint !== kept.endpoint;
  const goesOn = known !== undefined && (known.ended?.because !== "gone" || isOther);
  if (goesOn && subscription !== null)
    await tell(person, subscription, isOther ? kept.endpoint : undefined);
  else await forgetDevice();
}
