import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { CONFIG_KINDS } from "../contract/config.ts";

const text = await readFile(new URL("../docs/configuration.md", import.meta.url), "utf8");
const sections = new Map(
  text.split(/^## /m).map((section) => [section.split("\n", 1)[0], section]),
);

/** Every field name in a shape, however deep. */
function fieldsOf(shape: unknown): readonly string[] {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodDefault)
    return fieldsOf(shape.unwrap());
  if (shape instanceof z.ZodArray) return fieldsOf(shape.element);
  if (shape instanceof z.ZodUnion) return shape.options.flatMap(fieldsOf);
  if (!(shape instanceof z.ZodObject)) return [];
  return Object.entries(shape.shape as Record<string, unknown>).flatMap(([name, inner]) => [
    name,
    ...fieldsOf(inner),
  ]);
}

for (const [kind, shape] of Object.entries(CONFIG_KINDS)) {
  test(`every field of ${kind} is documented`, () => {
    const words = new Set((sections.get(kind) ?? "").match(/\w+/g));
    expect(fieldsOf(shape).filter((field) => !words.has(field))).toEqual([]);
  });
}
