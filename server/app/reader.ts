/**
 * How whoever asks for a page reads, as the app told in cookies (`web/app/reader.ts`). They are no secret and no right: what is
 * wrong in them only draws a page that the app draws anew.
 */
import type { Language } from "../../contract/language.ts";
import { cookieNamed } from "./cookies.ts";
import { type Headers, languageFor } from "./language.ts";

export type Reader = {
  readonly language: Language;
  readonly scheme: "system" | "light" | "dark";
  readonly zone: string;
  /** Minutes from their time to UTC at that instant, as a browser counts them. */
  readonly offset: number;
};

const SCHEMES: readonly string[] = ["light", "dark"];

/** `at` is an epoch in milliseconds. */
export function readerOf(headers: Headers, at: number): Reader {
  const told = decoded(cookieNamed(headers, "tocsin-reader") ?? "").split(" ");
  const [scheme = "", , zone = ""] = told;
  const offset = offsetIn(zone, at);
  return {
    language: languageFor(headers),
    scheme: SCHEMES.includes(scheme) ? (scheme as Reader["scheme"]) : "system",
    zone: offset === null ? "UTC" : zone,
    offset: offset ?? 0,
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return "";
  }
}

/** Null where there is no such zone. */
function offsetIn(zone: string, at: number): number | null {
  try {
    const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
    // Zero is never minus zero: it stands in the page.
    return -there.offsetNanoseconds / 60_000_000_000 || 0;
  } catch {
    return null;
  }
}
