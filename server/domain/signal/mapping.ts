/** How a key reads the JSON of a tool that no adapter knows: expressions over `body`, compiled once. */
import type { IntakeMapping } from "../../../contract/signal.ts";
import { compileValue } from "./cel.ts";

type Field = keyof IntakeMapping;
export type MappedFields = Readonly<Partial<Record<Field, string>>>;

/** What the expressions say of a body; a field whose expression gives nothing is absent. */
export type Mapping = (body: unknown) => MappedFields;

export function compileMapping(mapping: IntakeMapping): Mapping {
  const compiled = Object.entries(mapping).flatMap(([field, source]) => {
    const value = compileValue(source);
    return "error" in value ? [] : [[field as Field, value] as const];
  });
  return (body) => {
    const fields: Partial<Record<Field, string>> = {};
    for (const [field, { evaluate }] of compiled) {
      const text = evaluate(body)?.trim() ?? "";
      if (text !== "") fields[field] = text;
    }
    return fields;
  };
}

/** Each expression that cannot be compiled, by its field. */
export const mappingProblems = (
  mapping: IntakeMapping,
): readonly { readonly field: string; readonly problem: string }[] =>
  Object.entries(mapping).flatMap(([field, source]) => {
    const value = compileValue(source);
    return "error" in value
      ? [{ field, problem: `column ${value.position.column}: ${value.error}` }]
      : [];
  });
