/** What PostgreSQL can keep: no NUL, no half of a surrogate pair, no bottomless nesting. */

export const NESTING_MAX = 100;

type Place = { readonly value: unknown; readonly path: readonly string[] };

/** Whether lists and objects lie within each other more than {@link NESTING_MAX} deep. */
export function isTooDeep(json: unknown): boolean {
  // One level after the other, without recursion: the value may be deeper than any stack.
  let level: object[] = typeof json === "object" && json !== null ? [json] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= NESTING_MAX) return true;
    const next: object[] = [];
    for (const outer of level as readonly Record<string, unknown>[]) {
      for (const name in outer) {
        const inner = outer[name];
        if (typeof inner === "object" && inner !== null) next.push(inner);
      }
    }
    level = next;
  }
  return false;
}

/** False when the text of a JSON value has too few brackets for it to be too deep; looking costs a tenth. */
export function mayBeTooDeep(text: string): boolean {
  let brackets = 0;
  for (const bracket of ["{", "["])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (++brackets > NESTING_MAX) return true;
  return false;
}

/**
 * The path to the first text, or name of a field, that cannot be stored; null when all can be. The
 * value must not be too deep.
 */
export function findUnstorable(json: unknown): readonly string[] | null {
  const waiting: Place[] = [{ value: json, path: [] }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value, path } = place;
    if (typeof value === "string" && !isStorable(value)) return path;
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of Object.entries(value).toReversed()) {
      if (!isStorable(name)) return path;
      waiting.push({ value: inner, path: [...path, name] });
    }
  }
  return null;
}

const isStorable = (text: string): boolean => !text.includes("\u0000") && text.isWellFormed();
