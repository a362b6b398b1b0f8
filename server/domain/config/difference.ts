/** What differs between two states of an object, field by field. */
import { isDeepStrictEqual } from "node:util";
import type { FieldChange } from "../../../contract/configuration.ts";
import { maskSecret } from "./secrets.ts";

/** Equal as JSON: the order of keys does not matter, that of lists does. */
export const sameBody = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/** The fields in which two bodies differ; what is absent on one side is null there. */
export function differences(before: unknown, after: unknown, path = ""): readonly FieldChange[] {
  if (sameBody(before, after)) return [];
  if (isComposed(before) && isComposed(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      differences(before[name], after[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return [{ path, before: shown(path, before), after: shown(path, after) }];
}

/** Composed of named parts, or a list of such; a list of plain words is one value. */
function isComposed(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) || value.some((item) => typeof item === "object");
}

const shown = (path: string, value: unknown): unknown =>
  (path === "secret" ? maskSecret(value) : value) ?? null;
