/** Comparing what a sender proved itself with. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function sameText(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** HMAC-SHA-256 of a raw body in hexadecimal digits. */
export const hmacHex = (secret: string, body: Buffer): string =>
  createHmac("sha256", secret).update(body).digest("hex");
