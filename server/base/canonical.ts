/**
 * Canonical JSON (RFC 8785): names in the order of their UTF-16 units, nothing that JSON has no words for. Every entry of
 * the ledger is written by it. What has its names in that order already, as most has, is written by the engine itself.
 */
export const canonicalJson = (value: unknown): string =>
  isInOrder(value) ? JSON.stringify(value) : written(value);

function isInOrder(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  if (hasOwnWords(value)) return false;
  const names = Object.keys(value);
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!;
    if (at > 0 && names[at - 1]! > name) return false;
    if (!name.isWellFormed() || !isInOrder((value as Members)[name])) return false;
  }
  return true;
}

type Members = Readonly<Record<string, unknown>>;

/** A date, for example. */
const hasOwnWords = (value: object): value is { toJSON(): unknown } =>
  "toJSON" in value && typeof value.toJSON === "function";

function written(value: unknown): string {
  if (typeof value === "string") return text(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new RangeError(`no JSON: ${value}`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map((item) => (item === undefined ? "null" : written(item))).join(",")}]`;
  if (hasOwnWords(value)) return written(value.toJSON());
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${text(name)}:${written(member)}`).join(",")}}`;
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new RangeError("no JSON: half of a character");
  return JSON.stringify(value);
}
