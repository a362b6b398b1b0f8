import { expect, test } from "vitest";
import { textOf } from "./charsets.ts";

const TEXT = '{"title":"Zahlung für Köln fehlgeschlagen €"}';
const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

for (const [what, body, type] of [
  ["UTF-8", Buffer.from(TEXT), "application/json"],
  ["UTF-8 behind its mark", Buffer.from(`\ufeff${TEXT}`), ""],
  ["UTF-8 that says so", Buffer.from(TEXT), "application/json; charset=utf-8"],
  ["UTF-8 in a charset nobody knows", Buffer.from(TEXT), "text/plain; charset=klingon"],
  ["UTF-16 behind its mark", Buffer.from(`\ufeff${TEXT}`, "utf16le"), ""],
  ["UTF-16 the other way round", utf16be(`\ufeff${TEXT}`), ""],
  [
    "UTF-16 whose mark outdoes what was said",
    utf16be(`\ufeff${TEXT}`),
    "text/plain; charset=utf-8",
  ],
  ["UTF-16 without a mark", Buffer.from(TEXT, "utf16le"), "application/json"],
  ["UTF-16 without a mark, the other way round", utf16be(TEXT), "application/json"],
  [
    "a charset that is told",
    Buffer.from(TEXT.replace("€", "\x80"), "latin1"),
    'text/plain;charset="ISO-8859-1"',
  ],
  [
    "single bytes of which nobody says what they are",
    Buffer.from(TEXT.replace("€", "\x80"), "latin1"),
    "",
  ],
] as const)
  test(`reads ${what}`, () => expect(textOf(body, type)).toBe(TEXT));

test("reads what was cut within a character up to there", () => {
  const cut = Buffer.from("Köln: Zahlung fü").subarray(0, -1);
  expect(textOf(cut)).toBe("Köln: Zahlung f\ufffd");
});

for (const [what, body] of [
  ["an archive", Buffer.from("1f8b0800000000000003edc1", "hex")],
  ["a picture", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
] as const)
  test(`knows ${what} from a text`, () => expect(textOf(body)).toBeNull());

test("reads nothing as no text at all", () => expect(textOf(Buffer.alloc(0))).toBe(""));
