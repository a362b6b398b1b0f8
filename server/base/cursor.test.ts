import { describe, expect, test } from "vitest";
import { readCursor, readNameCursor, toPage, writeCursor } from "./cursor.ts";
import { Refusal } from "./errors.ts";

const ID = "0199c0de-0000-7000-8000-000000000001";
const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a cursor", () => {
  test("comes back as it was written", () => {
    expect(readCursor(writeCursor({ at: -5, id: ID }))).toEqual({ at: -5, id: ID });
    expect(readCursor(writeCursor({ at: 7, id: "12" }), "number")).toEqual({ at: 7, id: "12" });
    expect(readCursor(undefined)).toBeNull();
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["noise", "%%%"],
    ["no list", encoded({ at: 1, id: ID })],
    ["a fraction for a time", encoded([1.5, ID])],
    ["a time beyond counting", encoded([1e300, ID])],
    ["the id of a list by number", encoded([1, "12"])],
    ["an id with SQL in it", encoded([1, "x' or true--"])],
  ] as const) {
    test(`that is ${what} is refused`, () => {
      expect(() => readCursor(text)).toThrow(Refusal);
      expect(() => readCursor(text)).toThrow(/cursor/);
    });
  }

  test("of a list by number refuses UUIDs and more digits than an integer has", () => {
    expect(() => readCursor(encoded([1, ID]), "number")).toThrow(Refusal);
    expect(() => readCursor(encoded([1, "1234567890"]), "number")).toThrow(Refusal);
  });

  test("of a list by name is a name", () => {
    expect(readNameCursor(undefined)).toBeNull();
    expect(readNameCursor("till")).toBe("till");
    expect(() => readNameCursor("Not a name")).toThrow(Refusal);
  });
});

describe("a page", () => {
  const key = (row: number) => ({ at: row, id: ID });
  const show = (row: number) => ({ row });

  test("has a next one only when there are more rows", () => {
    const full = toPage([3, 2, 1], 2, key, show);
    expect(full.items).toEqual([{ row: 3 }, { row: 2 }]);
    expect(readCursor(full.next ?? undefined)).toEqual({ at: 2, id: ID });
    expect(toPage([3, 2], 2, key, show).next).toBeNull();
    expect(toPage([], 2, key, show)).toEqual({ items: [], next: null });
  });
});
