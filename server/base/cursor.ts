/** Cursors of lists: the sort key of the last row, opaque to the caller. */
import { Slug } from "../../contract/ids.ts";
import { Refusal } from "./errors.ts";

/** A list in descending order of (at, id) goes on after this row. */
export type Cursor = { readonly at: number; readonly id: string };

export const writeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify([cursor.at, cursor.id])).toString("base64url");

const ID_SHAPES = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  number: /^\d{1,9}$/,
  /** A name, or what stands for none. */
  name: /^(-|[a-z0-9][a-z0-9._-]{0,62})$/,
} as const;

/**
 * Reads what {@link writeCursor} wrote; null when absent; refuses anything else, also the cursor of a
 * list with other ids, which the store could not even compare with its own.
 */
export function readCursor(
  text: string | undefined,
  ids: keyof typeof ID_SHAPES = "uuid",
): Cursor | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (
      Array.isArray(value) &&
      Number.isSafeInteger(value[0]) &&
      typeof value[1] === "string" &&
      ID_SHAPES[ids].test(value[1])
    ) {
      return { at: value[0] as number, id: value[1] };
    }
  } catch {
    // Falls through to the refusal: what was wrong with it helps nobody.
  }
  throw new Refusal("request.cursor");
}

/** The cursor of a list by name: the last name itself. */
export function readNameCursor(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!Slug.safeParse(text).success) throw new Refusal("request.cursor");
  return text;
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
  return {
    items: kept.map(show),
    next: rows.length > limit && last !== undefined ? writeCursor(key(last)) : null,
  };
}
