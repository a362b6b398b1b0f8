/** What zod found, in the words people read: where it stands and what was expected there. */
import { z } from "zod";

type Path = readonly (string | number)[];
export type Expectation = { readonly path: Path; readonly expected: string };

/** "people.ann.contacts.0.channel": a path as people write it. */
export const pathText = (path: readonly PropertyKey[]): string => path.map(String).join(".");

/**
 * Everything that is wrong with a value, one line each. No line repeats the value: it may be a
 * secret or somebody's address.
 */
export function expectationsOf(shape: z.ZodType, error: z.ZodError): readonly Expectation[] {
  return error.issues.flatMap((issue) => fromIssue(shape, issue, []));
}

type Issue = z.core.$ZodIssue;

function fromIssue(shape: z.ZodType, issue: Issue, before: Path): readonly Expectation[] {
  const path = [...before, ...(issue.path as Path)];
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(shape, path);
      const expected =
        known.length === 0 ? "unknown key" : `unknown key; known: ${known.join(", ")}`;
      return issue.keys.map((key) => ({ path: [...path, key], expected }));
    }
    case "invalid_union":
      return fromUnion(shape, issue.errors, path);
    case "invalid_key":
    case "invalid_element":
      return issue.issues.flatMap((inner) => fromIssue(shape, inner, path));
    default:
      return [{ path, expected: wordsOf(issue) }];
  }
}

/** The form that is nearest to the value speaks; where none is, all forms are named. */
function fromUnion(
  shape: z.ZodType,
  forms: readonly (readonly Issue[])[],
  path: Path,
): readonly Expectation[] {
  const least = Math.min(...forms.map((issues) => issues.length));
  const nearest = forms.filter((issues) => issues.length === least);
  const only = nearest[0];
  if (nearest.length === 1 && only !== undefined)
    return only.flatMap((issue) => fromIssue(shape, issue, path));
  const names = forms.flatMap((issues) =>
    issues
      .filter((issue) => issue.code !== "unrecognized_keys")
      .slice(0, 1)
      .map((issue) => (issue.path.length === 0 ? wordsOf(issue) : pathText(issue.path))),
  );
  const isMissing = names.length > 0 && names.every((name) => name.startsWith(REQUIRED));
  return [
    { path, expected: `${isMissing ? REQUIRED : "expected "}${orList([...new Set(names)])}` },
  ];
}

const REQUIRED = "required: ";

const orList = (names: readonly string[]): string =>
  names.length === 0
    ? "another value"
    : names.map((name) => name.replace(/^(expected |required: )/, "")).join(" or ");

const UNITS: Readonly<Record<string, string>> = {
  string: " characters",
  array: " entries",
  number: "",
  int: "",
};

const FORMATS: Readonly<Record<string, string>> = {
  email: "an e-mail address",
  url: "an address such as https://example.org",
  date: "a date such as 2026-11-21",
  datetime: "a time with a zone or offset, such as 2026-11-21T10:00:00Z",
  uuid: "an id",
};

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined && /undefined/.test(issue.message)
        ? `${REQUIRED}${typeWord(issue.expected)}`
        : `expected ${typeWord(issue.expected)}`;
    case "invalid_value":
      return `expected ${orList(issue.values.map(choiceText))}`;
    case "invalid_format":
      return `expected ${FORMATS[issue.format] ?? issue.message}`;
    case "too_small":
      return boundText(issue.inclusive === false ? "more than" : "at least", issue.minimum, issue);
    case "too_big":
      return boundText(issue.inclusive === false ? "less than" : "at most", issue.maximum, issue);
    case "custom":
      return `expected ${issue.message}`;
    default:
      return issue.message;
  }
}

const choiceText = (choice: unknown): string =>
  typeof choice === "string" ? choice : String(JSON.stringify(choice));

const boundText = (words: string, bound: number | bigint, { origin }: { origin: string }): string =>
  `expected ${words} ${bound}${UNITS[origin] ?? ""}`;

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys",
  record: "a mapping of keys",
};
const typeWord = (type: string): string => TYPE_WORDS[type] ?? type;

/** The keys that the shape knows at a path; empty where it cannot be told (inside a union). */
function keysAt(shape: z.ZodType, path: Path): readonly string[] {
  let here: unknown = bare(shape);
  for (const part of path) {
    if (here instanceof z.ZodObject)
      here = bare((here.shape as Record<string, unknown>)[String(part)]);
    else if (here instanceof z.ZodArray) here = bare(here.element);
    else if (here instanceof z.ZodRecord) here = bare(here.valueType);
    else return [];
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape as object) : [];
}

function bare(shape: unknown): unknown {
  let here = shape;
  while (
    here instanceof z.ZodOptional ||
    here instanceof z.ZodDefault ||
    here instanceof z.ZodNullable
  ) {
    here = here.unwrap();
  }
  return here;
}
