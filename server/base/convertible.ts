/**
 * JSON whose objects can be turned into primitives. An object with a `toString` and a `valueOf` of its own cannot: whatever
 * compares it throws, also zod, which measures all that has a length before it asks what it is.
 */
import type { z } from "zod";

const CONVERSIONS: ReadonlySet<string> = new Set(["toString", "valueOf"]);

/** The same without these keys. */
export function convertible(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convertible);
  if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !CONVERSIONS.has(key))
      .map(([key, inner]) => [key, convertible(inner)]),
  );
}

/** What `read` makes of it; where that throws, of what can be converted. */
export function convertedIfNeeded<T>(value: unknown, read: (value: unknown) => T): T {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return read(convertible(value));
  }
}

/** zod's own, of whatever somebody may send. */
export const safeParse = <S extends z.ZodType>(
  shape: S,
  value: unknown,
): z.ZodSafeParseResult<z.output<S>> => convertedIfNeeded(value, (given) => shape.safeParse(given));
