/**
 * The two halves of Web Push that no push service may read or write for us: the payload, encrypted for one
 * browser (RFC 8291, one record of RFC 8188), and the signature that says who sends (VAPID, RFC 8292).
 */
import { createCipheriv, createECDH, createPrivateKey, hkdfSync, sign } from "node:crypto";
import { type Instant, SECOND } from "./instant.ts";

const CURVE = "prime256v1";
/** All of it is one record, which push services take up to this size. */
const RECORD_BYTES = 4_096;
const HEADER_BYTES = 16 + 4 + 1 + 65;
const TAG_BYTES = 16;
/** What a payload may have at most; the last byte marks the last record. */
export const PUSH_PAYLOAD_BYTES = RECORD_BYTES - HEADER_BYTES - TAG_BYTES - 1;

export type KeyPair = { readonly publicKey: Buffer; readonly privateKey: Buffer };

/** The pair of a private key; null for the one number in four thousand million that is none. */
export function keyPairOf(privateKey: Buffer): KeyPair | null {
  const pair = createECDH(CURVE);
  try {
    pair.setPrivateKey(privateKey);
  } catch {
    return null;
  }
  return { publicKey: pair.getPublicKey(), privateKey };
}

/** Whether a browser's key is a point of the curve. */
export function isPublicKey(key: Buffer): boolean {
  if (key.length !== 65) return false;
  const any = createECDH(CURVE);
  any.generateKeys();
  try {
    any.computeSecret(key);
    return true;
  } catch {
    return false;
  }
}

/** What the browser gave with its subscription. */
export type Receiver = { readonly publicKey: Buffer; readonly auth: Buffer };

/** Encrypts for one browser. Pair and salt belong to this one payload: used for another, they would give both away. */
export function sealForBrowser(
  payload: Buffer,
  receiver: Receiver,
  once: { readonly pair: KeyPair; readonly salt: Buffer },
): Buffer {
  const own = createECDH(CURVE);
  own.setPrivateKey(once.pair.privateKey);
  const shared = own.computeSecret(receiver.publicKey);
  const sender = once.pair.publicKey;
  const about = Buffer.concat([Buffer.from("WebPush: info\0"), receiver.publicKey, sender]);
  const secret = derive(receiver.auth, shared, about, 32);
  const key = derive(once.salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derive(once.salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(RECORD_BYTES);
  return Buffer.concat([
    once.salt,
    size,
    Buffer.of(sender.length),
    sender,
    cipher.update(payload),
    cipher.update(Buffer.of(2)), // the last record
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

const derive = (salt: Buffer, secret: Buffer, about: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, salt, about, length));

/** The Authorization header for one push service until an instant, which may be a day ahead at most. */
export function vapid(
  pair: KeyPair,
  { audience, subject, until }: { audience: string; subject: string; until: Instant },
): string {
  const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { aud: audience, exp: Math.floor(until / SECOND), sub: subject };
  const signed = `${text({ typ: "JWT", alg: "ES256" })}.${text(claims)}`;
  const key = createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      d: pair.privateKey.toString("base64url"),
      x: pair.publicKey.subarray(1, 33).toString("base64url"),
      y: pair.publicKey.subarray(33).toString("base64url"),
    },
  });
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  const token = `${signed}.${signature.toString("base64url")}`;
  return `vapid t=${token}, k=${pair.publicKey.toString("base64url")}`;
}
