/** Dividing a body: one object, a list that the tool itself has, or lines. What is none is refused. */
import { type AdapterInput, type ReadResult } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";

/** A body of one object, which is item 0. */
export const readObject =
  (expected: string, one: (reading: Reading, body: Json, input: AdapterInput) => void) =>
  (input: AdapterInput): ReadResult => {
    if (!isObject(input.body)) return refusedWhole("body", expected);
    const reading = new Reading();
    one(reading, input.body, input);
    return reading;
  };

/** A body that the tool divides itself: `divide` gives its items, or null when it is not the tool's. */
export const readItems =
  (
    expected: string,
    divide: (body: Json) => readonly unknown[] | null,
    one: (reading: Reading, index: number, item: Json, body: Json) => void,
  ) =>
  ({ body }: AdapterInput): ReadResult => {
    const items = isObject(body) ? divide(body) : null;
    if (items === null || !isObject(body)) return refusedWhole("body", expected);
    const reading = new Reading();
    if (items.length === 0) reading.find(0, "body", "an empty list: no alert");
    items.forEach((item, index) => {
      if (isObject(item)) one(reading, index, item, body);
      else reading.refuse(index, "item", "an object");
    });
    return reading;
  };

const LINES_MAX = 1_000;
/** Longer than any sensor writes; what looks into a line stays quick whoever wrote it. */
const LINE_MAX = 64 * 1_024;

/** The filled lines of a text, each an item; a list is of lines that are divided already. */
export function readLines(
  text: string | readonly string[],
  expected: string,
  one: (reading: Reading, index: number, line: string) => void,
): ReadResult {
  const all = typeof text === "string" ? text.split("\n") : text;
  const lines = all.filter((line) => line.trim() !== "");
  if (lines.length === 0) return refusedWhole("body", expected);
  if (lines.length > LINES_MAX) return refusedWhole("body", `at most ${LINES_MAX} lines`);
  const reading = new Reading();
  lines.forEach((line, index) => {
    if (line.length <= LINE_MAX) one(reading, index, line.trim());
    else reading.refuse(index, "line", `at most ${LINE_MAX} characters`);
  });
  return reading;
}
