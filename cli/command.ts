/** The form that every command has: arguments, options, --json, an example, an answer. */
import type { Command } from "commander";
import type { z } from "zod";
import type { Route } from "../contract/route.ts";
import { type Client, ClientError } from "./client.ts";
import { dim, type Output, wrapped } from "./output.ts";

/** What commands reach outside with; tests hand in their own. */
export type Cli = {
  readonly client: Client;
  /** Speaks without a token: the intake asks for a key of its own. */
  readonly keyless: Client;
  readonly output: Output;
  readonly now: () => number;
  /** Columns of the terminal; infinite where the output is read by a program. */
  readonly width: number;
  readonly exit: (code: number) => void;
};

/** What a command was given. Several words of one argument are joined by spaces. */
export type Given = {
  readonly args: readonly string[];
  /** The argument that must be there, by its place. */
  readonly arg: (at: number) => string;
  /** The words of a last argument that takes several, one by one. */
  readonly words: readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly list: (option: string) => readonly string[];
  readonly flag: (option: string) => boolean;
};

/** The same answer twice: as a value for --json, and as lines for people. */
export type Shown = {
  readonly value: unknown;
  /** Several values that programs read one by one: with --json each is one line, in place of `value`. */
  readonly rows?: readonly unknown[];
  readonly lines: () => readonly string[];
  readonly exitCode?: number;
};

/** "required": the command does not run without it. "list": may be repeated, or hold commas. */
type OptionSpec = readonly [flags: string, what: string, kind?: "required" | "list"];

export type Spec = {
  /** "note <id> <text...>". */
  readonly usage: string;
  readonly what: string;
  readonly example: string;
  readonly options?: readonly OptionSpec[];
  readonly run: (given: Given) => Promise<Shown>;
};

/** How a command stands in the list of its group: what it does, and an example to copy. */
export const summaryOf = (what: string, example: string): string => `${what}\n${dim(example)}`;

/** Adds a command that shows what it did, to a program or below a noun. */
export function addCommand(parent: Command, cli: Cli, spec: Spec): void {
  const command = parent
    .command(spec.usage)
    .summary(summaryOf(spec.what, spec.example))
    .description(spec.what)
    .option("--json", "print JSON, with times in UTC", false)
    .addHelpText("after", `\nExample:\n  ${spec.example}`);
  for (const [flags, what, kind] of spec.options ?? []) {
    if (kind === "required") command.requiredOption(flags, what);
    else if (kind === "list") command.option(flags, what, collect, []);
    else command.option(flags, what);
  }
  command.action(async () => {
    const given = givenTo(command);
    const { value, rows, lines, exitCode } = await spec.run(given);
    if (given.flag("json")) {
      const printed = rows?.map((row) => JSON.stringify(row)) ?? [JSON.stringify(value, null, 2)];
      for (const line of printed) cli.output.line(line);
    } else {
      const shown = lines().flatMap((text) => text.split("\n"));
      for (const line of shown.flatMap((text) => wrapped(text, cli.width))) cli.output.line(line);
    }
    if (exitCode !== undefined) cli.exit(exitCode);
  });
}

const collect = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(",").filter((part) => part !== ""),
];

function givenTo(command: Command): Given {
  const options = command.opts<Readonly<Record<string, unknown>>>();
  const args = command.processedArgs.flatMap((value: unknown) => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [value.join(" ")];
    return typeof value === "string" ? [value] : [];
  });
  const last: unknown = command.processedArgs.at(-1);
  return {
    args,
    words: Array.isArray(last) ? (last as string[]) : [],
    arg: (at) => args[at] ?? "",
    text: (option) => (typeof options[option] === "string" ? options[option] : undefined),
    list: (option) => (Array.isArray(options[option]) ? (options[option] as string[]) : []),
    flag: (option) => options[option] === true,
  };
}

/** The object without what is undefined, so that it is not sent. */
export const present = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as never;

type Listing<T> = { readonly items: readonly T[]; readonly next: string | null };

/** The first `limit` entries of a list, in as many requests as the server wants. */
export async function listUpTo<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, T>(
  client: Client,
  route: Route<P, Q, B, z.ZodType<{ items: T[]; next: string | null }>>,
  input: { readonly params?: z.input<P>; readonly query: object },
  limit: number,
): Promise<Listing<T>> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const query = {
      ...input.query,
      limit: Math.min(limit - items.length, 500),
      ...(next !== null && { cursor: next }),
    };
    const page: Listing<T> = await client.call(route, {
      ...(input.params !== undefined && { params: input.params }),
      query: query as z.input<Q>,
    });
    items.push(...page.items);
    next = page.next;
  } while (next !== null && items.length < limit);
  return { items, next };
}

const LIMIT = 50;
export const LIMIT_OPTION: OptionSpec = [
  "--limit <number>",
  `at most this many (default ${LIMIT})`,
];
/** How many entries of a list are wanted; a {@link ClientError} for anything but a whole number from 1, or “all”. */
export function limitOf(given: Given): number {
  const text = given.text("limit");
  if (text === undefined) return LIMIT;
  if (text === "all") return Number.POSITIVE_INFINITY;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new ClientError(`“${text}” is no limit: a number such as 50, or all`);
}

/** A list as a table; says so when it is empty or when there is more. */
export function shownList<T>(
  list: Listing<T>,
  lines: (items: readonly T[]) => readonly string[],
  none: string,
): Shown {
  return {
    value: list,
    lines: () => {
      if (list.items.length === 0) return [none];
      return list.next === null
        ? lines(list.items)
        : [...lines(list.items), dim("There is more: --limit shows it.")];
    },
  };
}
