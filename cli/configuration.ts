/** `tocsin apply` and `tocsin export`. */
import { styleText } from "node:util";
import type { Command } from "commander";
import {
  type ApplyReport,
  applyConfiguration,
  exportConfiguration,
  findingText,
  listConfigChanges,
} from "../contract/configuration.ts";
import {
  findObstacles,
  readDirectory,
  writeDirectory,
} from "../server/app/local/configDirectory.ts";
import { type Client, ClientError, orExplain } from "./client.ts";
import {
  addCommand,
  type Cli,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  shownList,
  summaryOf,
} from "./command.ts";
import { type Output, table, terminal } from "./output.ts";
import { localTime } from "./time.ts";

type ApplyOptions = {
  readonly dryRun: boolean;
  readonly take: boolean;
  readonly atOnce?: boolean;
};

/**
 * Applies a directory, or shows what that would change. All findings, here and on the server, are
 * told at once, each with file and line; then a ClientError ends it and nothing was applied.
 */
export async function applyDirectory(
  client: Pick<Client, "call">,
  directory: string,
  options: ApplyOptions,
  output: Output = terminal,
): Promise<ApplyReport> {
  const { request, findings, located } = await readDirectory(directory).catch(
    unreadable(directory),
  );
  if (findings.length > 0) return endWith(findings.map(findingText), output);
  try {
    const report = await client.call(applyConfiguration, { body: { ...request, ...options } });
    return { ...report, text: report.text.map(located) };
  } catch (error) {
    const told = error instanceof ClientError ? error.problem?.params["findings"] : null;
    if (!Array.isArray(told)) throw error;
    return endWith(
      told.map((text) => located(String(text))),
      output,
    );
  }
}

function endWith(findings: readonly string[], output: Output): never {
  for (const text of findings) output.problem(text);
  throw new ClientError(`nothing was applied: ${findings.length} to put right`);
}

const unreadable =
  (directory: string) =>
  (error: unknown): never => {
    const code = (error as { code?: unknown } | null)?.code;
    throw new ClientError(
      `${directory} cannot be read (${typeof code === "string" ? code : "no directory"})`,
    );
  };

/**
 * Writes everything that is configured into a directory. Refuses when a file there differs or is
 * not part of it, unless forced; no file is ever removed. Returns how many files were written.
 */
export async function exportDirectory(
  client: Pick<Client, "call">,
  directory: string,
  options: { readonly force: boolean; readonly set?: string },
  output: Output = terminal,
): Promise<number> {
  const query = options.set === undefined ? {} : { set: options.set };
  const { files } = await client.call(exportConfiguration, { query });
  const obstacles = await findObstacles(directory, files).catch(unreadable(directory));
  for (const obstacle of obstacles) output.problem(options.force ? `note: ${obstacle}` : obstacle);
  if (obstacles.length > 0 && !options.force) {
    throw new ClientError(
      "nothing was written: choose another directory, or --force to replace what differs",
    );
  }
  await writeDirectory(directory, files).catch(unreadable(directory));
  return Object.keys(files).length;
}

/** The commands `apply` and `export`. */
export function registerConfiguration(
  program: Command,
  client: Pick<Client, "call">,
  output: Output = terminal,
): void {
  program
    .command("apply")
    .summary(
      summaryOf("make the configuration what YAML files say", "./bin/tocsin apply DIR --dry-run"),
    )
    .description("make the configuration what the YAML files of a directory say")
    .argument("<dir>", "directory with .yaml files (docs/configuration.md)")
    .option("--dry-run", "show every change and who would be on call; change nothing", false)
    .option("--take", "take over objects that the API or another set owns", false)
    .option(
      "--at-once",
      "changed schedules count now, not when the turns that they touch end",
      false,
    )
    .option("--json", "print the report as JSON", false)
    .action((directory: string, { json, ...options }: ApplyOptions & { json: boolean }) =>
      orExplain(async () => {
        const report = await applyDirectory(client, directory, options, output);
        if (json) return output.line(JSON.stringify(report, null, 2));
        for (const line of report.text) output.line(coloured(line));
      }),
    );
  program
    .command("export")
    .summary(summaryOf("write the configuration as YAML files", "./bin/tocsin export DIR"))
    .description(
      "write everything that is configured as YAML files that apply reads back unchanged",
    )
    .argument("<dir>", "directory to write to")
    .option("--set <name>", "the set that the files belong to")
    .option("--force", "replace files that differ", false)
    .option("--json", "print the result as JSON", false)
    .action((directory: string, options: { set?: string; force: boolean; json: boolean }) =>
      orExplain(async () => {
        const files = await exportDirectory(client, directory, options, output);
        output.line(
          options.json
            ? JSON.stringify({ directory, files })
            : `${files} files written to ${directory}`,
        );
      }),
    );
}

/** The command `config changes`. */
export function registerChanges(program: Command, cli: Cli): void {
  const noun = program.command("config").description("what was changed in the configuration");
  noun.summary(summaryOf("what was changed, by whom", "./bin/tocsin config changes"));
  addCommand(noun, cli, {
    usage: "changes",
    what: "every change with before and after, the newest first",
    example: "./bin/tocsin config changes --limit 10",
    options: [LIMIT_OPTION],
    async run(given) {
      const list = await listUpTo(cli.client, listConfigChanges, { query: {} }, limitOf(given));
      const headings = ["AT", "BY", "CHANGE", "KIND", "OBJECT"];
      const rows = list.items.map(({ at, by, verb, kind, object }) => [
        localTime(at),
        actorText(by),
        verb,
        kind,
        object,
      ]);
      return shownList(list, () => table(headings, rows, cli.width), "Nothing was ever changed.");
    },
  });
}

/** A person by name, a token by its label, and what else acts by its kind. */
function actorText(by: Readonly<Record<string, unknown>>): string {
  const name = by["personId"] ?? by["label"] ?? by["kind"];
  return typeof name === "string" ? name : "–";
}

const COLOURS = { "+": "green", "~": "yellow", "-": "red" } as const;

function coloured(line: string): string {
  const colour =
    COLOURS[line[0] as keyof typeof COLOURS] ?? (line.startsWith("warning:") ? "yellow" : null);
  return colour === null ? line : styleText(colour, line);
}
