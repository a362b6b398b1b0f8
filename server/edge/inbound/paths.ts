/**
 * Looking into nested JSON by a path such as `resources.0.id`. Tools that flatten write the whole path,
 * or a part of it, as one name (`kibana.alert.rule.name`): both are found.
 */
import { type Instant } from "../../base/instant.ts";
import { type Json, isObject, type Reading, scalarText } from "./reading.ts";
import { momentOf } from "./times.ts";

/** What stands at the path; undefined when nothing does. */
export function dig(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Json)[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(value, head)) continue;
    const found = dig((value as Json)[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text, number or boolean at the first path that holds one, as trimmed text. */
export function textAt(value: unknown, ...paths: readonly string[]): string | null {
  for (const path of paths) {
    const text = scalarText(dig(value, path))?.trim() ?? "";
    if (text !== "") return text;
  }
  return null;
}

/** The number at the first path that holds one, also when it is written as text. */
export function numberAt(value: unknown, ...paths: readonly string[]): number | null {
  for (const path of paths) {
    const found = dig(value, path);
    const number = typeof found === "string" && found.trim() !== "" ? Number(found) : found;
    if (typeof number === "number" && Number.isFinite(number)) return number;
  }
  return null;
}

/** The list at a path; a lone object is a list of one, anything else an empty one. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = dig(value, path);
  if (Array.isArray(found)) return found;
  return isObject(found) ? [found] : [];
}

/** The first path whose time can be read; one that is there but cannot be read is told. */
export function timeAt(
  reading: Reading,
  index: number,
  item: unknown,
  ...paths: readonly string[]
): Instant | null {
  for (const path of paths) {
    const value = dig(item, path);
    if (value === undefined || value === null || value === "" || value === 0) continue;
    const at = momentOf(value);
    if (at !== null) return at;
    if (!isNever(value)) reading.find(index, path, "not a time that could be read: left out");
  }
  return null;
}

/** How languages write “never”: the year 1, or 1970. */
const isNever = (value: unknown): boolean =>
  typeof value === "string" && /^(0001|1970)-01-01/.test(value);
