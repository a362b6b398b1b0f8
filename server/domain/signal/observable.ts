/**
 * Observables: the addresses, names and hashes that a security alert speaks of, in the normal form of
 * an indicator's value, so that what a sensor saw and what a feed warns of are compared letter by letter.
 */
import { isIP } from "node:net";
import { type IndicatorType } from "./indicator.ts";
import { cleanText, fits } from "./signal.ts";

export type ObservableType = Exclude<IndicatorType, "other">;
export type Observable = { readonly type: ObservableType; readonly value: string };

/** What a sensor calls a value; an address is either of two types. */
export type ObservableKind = ObservableType | "ip";

export const OBSERVABLE_MAX = 1_024;

const HASH_LENGTH = { md5: 32, sha1: 40, sha256: 64 } as const;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$/;
const EMAIL = /^[^\s@"<>]{1,64}@([^\s@"<>]{3,253})$/;

/** The value in its normal form; null when it is no such thing. “hxxp” and “[.]” are undone. */
export function observable(kind: ObservableKind, raw: unknown): Observable | null {
  if (typeof raw !== "string" || raw.length > 4 * OBSERVABLE_MAX) return null;
  const text = refanged(cleanText(raw).trim());
  const found = kind === "ip" || kind === "ipv4" || kind === "ipv6" ? address(text) : null;
  if (found !== null) return kind === "ip" || kind === found.type ? found : null;
  if (kind === "ip" || kind === "ipv4" || kind === "ipv6") return null;
  const value = normal(kind, text);
  return value === null || !fits(value, OBSERVABLE_MAX) ? null : { type: kind, value };
}

/** What a text is by its form alone; a file name cannot be told from other words. */
export function observableOf(raw: unknown): Observable | null {
  for (const kind of ["ip", "sha256", "sha1", "md5", "url", "email", "domain"] as const) {
    const found = observable(kind, raw);
    if (found !== null) return found;
  }
  return null;
}

const refanged = (text: string): string =>
  text.replace(/^hxxp/i, "http").replaceAll("[.]", ".").replaceAll("[:]", ":");

function normal(type: Exclude<ObservableType, "ipv4" | "ipv6">, text: string): string | null {
  switch (type) {
    case "domain":
      return domain(text);
    case "url":
      return /^(https?|ftp):\/\//i.test(text) ? (URL.parse(text)?.href ?? null) : null;
    case "email": {
      const host = EMAIL.exec(text)?.[1];
      return host !== undefined && domain(host) !== null ? text.toLowerCase() : null;
    }
    case "md5":
    case "sha1":
    case "sha256": {
      const hash = text.toLowerCase();
      // Nothing but zeros is how sensors write that they have none.
      const written = hash.length === HASH_LENGTH[type] && /^[0-9a-f]+$/.test(hash);
      return written && !/^0+$/.test(hash) ? hash : null;
    }
    case "file name":
      return fileName(text);
  }
}

function domain(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, "");
  return DOMAIN.test(name) ? name : null;
}

/** An address in its shortest form, as URL parsers write it. A range is no observable. */
function address(text: string): Observable | null {
  const family = isIP(text);
  if (family === 4) return { type: "ipv4", value: text };
  if (family === 0) return null;
  const host = URL.parse(`http://[${text.split("%")[0]!}]/`)?.hostname;
  if (host === undefined) return null;
  const inner = mapped(host);
  return inner === null
    ? { type: "ipv6", value: host.slice(1, -1) }
    : { type: "ipv4", value: inner };
}

/** The IPv4 address inside ::ffff:a.b.c.d, which URL parsers write as two hexadecimal groups. */
function mapped(host: string): string | null {
  const groups = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(host);
  if (groups === null) return null;
  const [high, low] = [parseInt(groups[1]!, 16), parseInt(groups[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The last part of a path, Windows or POSIX, in lower case: feeds and sensors differ in folders. */
function fileName(path: string): string | null {
  const name = path.split(/[\\/]/).at(-1)!.toLowerCase();
  return name === "" || name === "." || name === ".." ? null : name;
}
