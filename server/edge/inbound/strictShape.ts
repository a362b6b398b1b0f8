/** Strict shapes of Tocsin's own JSON: what a list may look like, and zod's issues in our words. */
import { z } from "zod";
import { cleanText, clip } from "../../domain/signal/signal.ts";
import { fromIso } from "../../base/instant.ts";
import { isObject } from "./reading.ts";

/** How many items one request may carry. */
export const ITEMS_MAX = 1_000;

export type FieldProblem = { readonly field: string; readonly expected: string };

/** The items of a body that is one item, a list, or an object with the list under `name`. */
export function itemsOf(body: unknown, name: string): readonly unknown[] | FieldProblem {
  let items = body;
  if (isObject(body)) {
    if (!Object.hasOwn(body, name)) return [body];
    const stranger = Object.keys(body).find((key) => key !== name);
    if (stranger !== undefined) {
      return { field: pathText([stranger]), expected: `absent: beside ${name} stands nothing` };
    }
    items = body[name];
  }
  const field = items === body ? "body" : name;
  if (!Array.isArray(items)) return { field, expected: "an object or a list of objects" };
  return items.length <= ITEMS_MAX ? items : { field, expected: `at most ${ITEMS_MAX} items` };
}

/** Whether {@link itemsOf} found a problem instead of items. */
export const isFieldProblem = (found: readonly unknown[] | FieldProblem): found is FieldProblem =>
  !Array.isArray(found);

/** A text of 1 to `max` characters that is not blank, cleaned. */
export function text(max: number): z.ZodType<string> {
  const expected = `a text of 1 to ${max} characters`;
  return z.string(expected).regex(/\S/, expected).max(max, expected).transform(cleanText);
}

const A_TIME = "an ISO 8601 time with a zone or offset, such as 2026-11-21T10:00:00Z";

/** A time with a zone or offset, as an Instant. */
export const Time = z.string(A_TIME).transform((value, context) => {
  const at = fromIso(value);
  if (at !== null) return at;
  context.addIssue({ code: "custom", message: A_TIME });
  return z.NEVER;
});

const LABELS = "an object of at most 100 names with short text, number or boolean values";
const LABEL_VALUE = "a text of at most 1024 characters, a number or a boolean";

/** Labels; numbers and booleans become text. */
export const Labels = z
  .record(
    z.string().min(1).max(255).transform(cleanText),
    z
      .union([z.string().max(1_024, LABEL_VALUE), z.number(), z.boolean()], LABEL_VALUE)
      .transform((value) => cleanText(String(value))),
    LABELS,
  )
  .refine((labels) => Object.keys(labels).length <= 100, LABELS);

/** zod's issues as fields and what was expected of them; each shape gives its messages itself. */
export function problemsOf(error: z.ZodError, fields: readonly string[]): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      const expected = `absent: the fields are ${fields.join(", ")}`;
      return issue.keys.map((key) => ({ field: pathText([...issue.path, key]), expected }));
    }
    const expected = issue.code === "invalid_key" ? LABELS : issue.message;
    return [{ field: pathText(issue.path), expected }];
  });
}

/** A path as people write it; the item itself is “body”. Foreign names are cleaned and cut. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? "body" : clip(cleanText(path.map(String).join(".")), 200);
