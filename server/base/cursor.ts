/** Cursors of lists: the sort key of the last row, opaque to the caller. */
import { Refusal } from "./errors.ts";

/** A list in descending order of (at, id) goes on after this row. */
export type Cursor = { readonly at: number; readonly id: string };

export const writeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify([cursor.at, cursor.id])).toString("base64url");

/** Reads what {@link writeCursor} wrote; null when absent; refuses anything else. */
export function readCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === "string" && /^[\w-]{1,64}$/.test(value[1])) {
      return { at: value[0] as number, id: value[1] };
    }
  } catch {
    // Falls through to the refusal: what was wrong with it helps nobody.
  }
  throw new Refusal("request.cursor");
}

/** Cuts `limit + 1` rows to a page and says where the next one begins. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => Cursor,
  show: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(show), next: rows.length > limit && last !== undefined ? writeCursor(key(last)) : null };
}
