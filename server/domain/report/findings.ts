/** The words that all areas of the readiness check share. */
import type { ReadinessArea, ReadinessFinding } from "../../../contract/readiness.ts";

/** So many single things are named in one finding; the rest is counted. */
const NAMED = 5;

/** Findings of one area; when none of them is missing, the area first says that it is well. */
export function orAllWell(
  area: ReadinessArea,
  well: string,
  findings: readonly ReadinessFinding[],
): readonly ReadinessFinding[] {
  if (findings.some(({ level }) => level === "missing")) return findings;
  return [{ area, level: "ok", what: well, todo: null }, ...findings];
}

type Maker = (what: string, todo: string) => ReadinessFinding;

export const missingIn =
  (area: ReadinessArea): Maker =>
  (what, todo) => ({ area, level: "missing", what, todo });

export const warningIn =
  (area: ReadinessArea): Maker =>
  (what, todo) => ({ area, level: "warning", what, todo });

/** "a, b, c, d, e and 4 more". */
export function named(names: readonly string[]): string {
  const more = names.length - NAMED;
  if (more > 0) return `${names.slice(0, NAMED).join(", ")} and ${more} more`;
  return names.join(", ");
}
