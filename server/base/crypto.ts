/**
 * Keys derived from the one master key (TOCSIN_KEY): each purpose gets its own by HKDF, so that a link
 * can never be taken for a stored payload. AES-256-GCM seals, HMAC-SHA-256 signs, SHA-256 hashes tokens.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";
import type { Chance } from "./chance.ts";

export type Keyring = {
  /** Encrypts and authenticates; the result is version, nonce, tag and ciphertext in one buffer. */
  seal(purpose: string, plain: Buffer, chance: Chance): Buffer;
  /** Opens what {@link Keyring.seal} made; throws when it was altered or another key made it. */
  open(purpose: string, sealed: Buffer): Buffer;
  /** A short unguessable signature (22 characters, 128 bits) over the text, for links. */
  sign(purpose: string, text: string): string;
  /** Compares in constant time. */
  verify(purpose: string, text: string, signature: string): boolean;
};

/** In one call: making an object to hash with took longer than most of what is hashed. */
export const sha256 = (data: string | Buffer): Buffer => hash("sha256", data, "buffer");
export const sha256Hex = (data: string | Buffer): string => hash("sha256", data, "hex");
export const hmacSha256 = (key: string | Buffer, data: string | Buffer): Buffer =>
  createHmac("sha256", key).update(data).digest();
export const hmacSha512 = (key: string | Buffer, data: string | Buffer): Buffer =>
  createHmac("sha512", key).update(data).digest();

/** Equal in constant time, whatever the lengths. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => timingSafeEqual(sha256(a), sha256(b));

/** What is stored of a high-entropy token: enough to recognise it, useless to whoever reads it. */
export const tokenHash = (token: string): Buffer => sha256(`tocsin-token:${token}`);

/** A keyring over the master key, which is 32 bytes or any text of at least 16 characters. */
export function keyring(master: Buffer): Keyring {
  const keys = new Map<string, Buffer>();
  const keyFor = (purpose: string): Buffer => {
    let key = keys.get(purpose);
    if (key === undefined) {
      key = Buffer.from(hkdfSync("sha256", master, "tocsin", purpose, 32));
      keys.set(purpose, key);
    }
    return key;
  };
  return {
    seal(purpose, plain, chance) {
      const nonce = chance.bytes(12);
      const cipher = createCipheriv("aes-256-gcm", keyFor(`seal:${purpose}`), nonce);
      const sealed = Buffer.allocUnsafe(29 + plain.length);
      sealed[0] = 1;
      sealed.set(nonce, 1);
      sealed.set(cipher.update(plain), 29);
      // A mode of streams holds nothing back for its end.
      cipher.final();
      sealed.set(cipher.getAuthTag(), 13);
      return sealed;
    },
    open(purpose, sealed) {
      if (sealed[0] !== 1) throw new Error("sealed by an unknown version");
      const opener = createDecipheriv(
        "aes-256-gcm",
        keyFor(`seal:${purpose}`),
        sealed.subarray(1, 13),
      );
      opener.setAuthTag(sealed.subarray(13, 29));
      return Buffer.concat([opener.update(sealed.subarray(29)), opener.final()]);
    },
    sign: (purpose, text) =>
      hmacSha256(keyFor(`sign:${purpose}`), text).toString("base64url", 0, 16),
    verify(purpose, text, signature) {
      return sameBytes(Buffer.from(this.sign(purpose, text)), Buffer.from(signature));
    },
  };
}
