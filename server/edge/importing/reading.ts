/** Reads entities of an export by their documented shapes; what does not fit is named with its file. */
import { z } from "zod";
import { expectationsOf, pathText } from "../../../contract/expected.ts";
import type { ImportDraft } from "./imported.ts";

export type Item = { readonly file: string; readonly value: Readonly<Record<string, unknown>> };

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The items that fit; each other one is a note. */
export function readItems<T extends z.ZodType>(
  draft: ImportDraft,
  what: string,
  shape: T,
  items: readonly Item[],
): readonly z.output<T>[] {
  const lost: Item["value"][] = [];
  const found = items.flatMap(({ file, value }) => {
    const read = shape.safeParse(value);
    if (read.success) return [read.data];
    lost.push(value);
    const problems = expectationsOf(shape, read.error).map(
      ({ path, expected }) => `${pathText(path)}: ${expected}`,
    );
    draft.note(`${file}: a ${what} could not be read: ${problems[0] ?? ""}`);
    return [];
  });
  if (what === "schedule") loseUnread(draft, lost, found);
  return found;
}

/** Schedules that could be read nowhere: one that a list holds shortened may stand in a file of its own as well. */
function loseUnread(
  draft: ImportDraft,
  lost: readonly Item["value"][],
  found: readonly unknown[],
): void {
  const read = new Set(found.map((each) => (isObject(each) ? each["id"] : undefined)));
  for (const { id, name } of lost)
    if (id === undefined || !read.has(id)) {
      const words = [name, id].find((each) => typeof each === "string" && each !== "");
      draft.loseSchedule(String(words ?? "a schedule without a name"), "it could not be read");
    }
}

/** Reads those of mixed items that look like one kind. */
export const sorter =
  (draft: ImportDraft, items: readonly Item[]) =>
  <T extends z.ZodType>(
    what: string,
    shape: T,
    is: (value: Item["value"]) => boolean,
  ): readonly z.output<T>[] =>
    readItems(
      draft,
      what,
      shape,
      items.filter(({ value }) => is(value)),
    );

/** The value of any of these keys as a list, from every document that has one. */
export const itemsUnder = (
  documents: readonly { readonly file: string; readonly value: unknown }[],
  ...keys: readonly string[]
): readonly Item[] =>
  documents.flatMap(({ file, value }) => {
    if (!isObject(value)) return [];
    return keys.flatMap((key) => listOf(value[key]).map((item) => ({ file, value: item })));
  });

/** A list of objects, one object alone, or the nodes of a connection. */
export function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  return Array.isArray(value["nodes"]) ? value["nodes"].filter(isObject) : [value];
}

/** What is the same thing twice, once in a list and once by itself with more: the later of each id counts. */
export const byId = <T extends { readonly id: string }>(items: readonly T[]): readonly T[] => [
  ...new Map(items.map((item) => [item.id, item])).values(),
];
