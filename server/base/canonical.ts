/**
 * Canonical JSON (RFC 8785): names in the order of their UTF-16 units, nothing that JSON has no words for. Every entry of
 * the ledger is written by it.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return text(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new RangeError(`no JSON: ${value}`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) {
    let items = "";
    for (const item of value as readonly unknown[])
      items += `${items === "" ? "" : ","}${item === undefined ? "null" : canonicalJson(item)}`;
    return `[${items}]`;
  }
  const given = value as Readonly<Record<string, unknown>>;
  let members = "";
  for (const name of inOrder(Object.keys(given))) {
    const member = given[name];
    if (member === undefined) continue;
    members += `${members === "" ? "" : ","}${text(name)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** Most are written in their order. */
function inOrder(names: string[]): readonly string[] {
  for (let at = 1; at < names.length; at++) if (names[at - 1]! > names[at]!) return names.sort();
  return names;
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new RangeError("no JSON: half of a character");
  return JSON.stringify(value);
}
