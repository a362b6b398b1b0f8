/** Six digits that come to an address. They are worked out from the message that carries them and stand in no row. */
import { sameBytes, sha256 } from "../../base/crypto.ts";
import { addMs, DAY, type Instant, later, MINUTE } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";

export const CODE_MS = 10 * MINUTE;
/** After so many wrong ones a code counts no more, and the next one waits until it would have ended. */
export const MOST_TRIES = 5;
/** How soon the next one may be sent: the last may still be on its way. */
export const RESEND_MS = MINUTE;

/**
 * So many codes may go to one address in a day: whoever names a stranger's number must not ring there by our hand, nor
 * guess for long.
 */
export const MOST_CODES = 10;

export type Awaited = {
  readonly codeId: string | null;
  readonly codeUntil: Instant | null;
  readonly codeTries: number;
};

export function codeOf({ keys }: Pick<World, "keys">, notificationId: string): string {
  const number = sha256(keys.sign("address code", notificationId)).readUInt32BE(0) % 1_000_000;
  return String(number).padStart(6, "0");
}

/** When another code may be sent. `sent`: when those of the last day were. */
export function nextCodeAt(
  { codeUntil, codeTries }: Awaited,
  sent: readonly Instant[],
): Instant | null {
  const oldest = sent.toSorted((a, b) => b - a)[MOST_CODES - 1];
  const dayOver = oldest === undefined ? null : addMs(oldest, DAY);
  if (codeUntil === null) return dayOver;
  const soon = codeTries >= MOST_TRIES ? codeUntil : addMs(codeUntil, RESEND_MS - CODE_MS);
  return dayOver === null ? soon : later(dayOver, soon);
}

export type Judged = "right" | "wrong" | "none" | "spent";

export function judgeCode(
  world: Pick<World, "keys">,
  { codeId, codeUntil, codeTries }: Awaited,
  code: string,
  now: Instant,
): Judged {
  if (codeId === null || codeUntil === null || codeUntil <= now) return "none";
  if (codeTries >= MOST_TRIES) return "spent";
  const given = code.replace(/\s/g, "");
  return sameBytes(Buffer.from(given), Buffer.from(codeOf(world, codeId))) ? "right" : "wrong";
}
