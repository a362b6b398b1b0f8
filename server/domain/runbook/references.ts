/**
 * `${input.name}`, `${incident.id}`, `${run.id}`, `${output.name.field}`: how a binding names values of a
 * run. A reference is a whole value, so it can bring a text but never change what a statement, a path or
 * a header is; only in prose for people may it stand within words.
 */
import type { AnyAction } from "./action.ts";

export type Values = {
  readonly input: Readonly<Record<string, string>>;
  readonly incident: Readonly<Record<string, string>>;
  readonly run: Readonly<Record<string, string>>;
  readonly output: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const REFERENCE = /\$\{(input|incident|run|output)\.([\w.-]{1,200})\}/g;
const WHOLE = /^\$\{(input|incident|run|output)\.([\w.-]{1,200})\}$/;

export type Resolved = {
  readonly value: Readonly<Record<string, unknown>>;
  /** References that nobody has given a value for: "input.user_id". */
  readonly missing: readonly string[];
  /** What a sidecar may not do. */
  readonly faults: readonly string[];
};

/** Puts the values of a run in the places that name them. */
export function resolve(
  given: Readonly<Record<string, unknown>>,
  action: Pick<AnyAction, "prose" | "fixed">,
  values: Values,
): Resolved {
  const missing = new Set<string>();
  const faults: string[] = [];
  const put = (value: unknown, field: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => put(item, field));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, put(inner, field)]),
      );
    if (typeof value !== "string" || !value.includes("${")) return value;
    if (action.fixed.includes(field)) {
      faults.push(`${field}: no value of a run may stand here`);
      return value;
    }
    const whole = WHOLE.exec(value);
    if (whole !== null) {
      const found = look(values, whole[1] ?? "", whole[2] ?? "");
      if (found === undefined) missing.add(`${whole[1]}.${whole[2]}`);
      return found ?? null;
    }
    if (!action.prose.includes(field)) {
      faults.push(`${field}: a reference is a whole value here, not part of one`);
      return value;
    }
    return value.replace(REFERENCE, (_, scope: string, name: string) => {
      const found = look(values, scope, name);
      if (found === undefined) missing.add(`${scope}.${name}`);
      return found === undefined ? "?" : String(found);
    });
  };
  const value = Object.fromEntries(
    Object.entries(given).map(([field, inner]) => [field, put(inner, field)]),
  );
  return { value, missing: [...missing], faults };
}

function look(values: Values, scope: string, name: string): unknown {
  if (scope === "output") {
    const [of = "", ...path] = name.split(".");
    let found: unknown = Object.hasOwn(values.output, of) ? values.output[of] : undefined;
    for (const part of path)
      found =
        typeof found === "object" && found !== null && Object.hasOwn(found, part)
          ? (found as Record<string, unknown>)[part]
          : undefined;
    return found;
  }
  const from = values[scope as "input" | "incident" | "run"];
  return Object.hasOwn(from, name) ? from[name] : undefined;
}
