/** `tocsin apply` and `tocsin export`. */
import { styleText } from "node:util";
import type { Command } from "commander";
import {
  type ApplyReport,
  applyConfiguration,
  exportConfiguration,
  findingText,
} from "../contract/configuration.ts";
import {
  findObstacles,
  readDirectory,
  writeDirectory,
} from "../server/app/local/configDirectory.ts";
import { type Client, ClientError, orExplain } from "./client.ts";

/** Where lines go: results to `line`, findings to `problem`. */
export type Output = {
  readonly line: (text: string) => void;
  readonly problem: (text: string) => void;
};

const terminal: Output = {
  line: (text) => process.stdout.write(`${text}\n`),
  problem: (text) => process.stderr.write(`${text}\n`),
};

/**
 * Applies a directory, or shows what that would change. All findings, here and on the server, are
 * told at once, each with file and line; then a ClientError ends it and nothing was applied.
 */
export async function applyDirectory(
  client: Client,
  directory: string,
  options: { readonly dryRun: boolean; readonly take: boolean },
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
  client: Client,
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
  client: Client,
  output: Output = terminal,
): void {
  program
    .command("apply")
    .description("make the configuration what the YAML files of a directory say")
    .argument("<dir>", "directory with .yaml files (docs/configuration.md)")
    .option("--dry-run", "show every change and who would be on call; change nothing", false)
    .option("--take", "take over objects that the API or another set owns", false)
    .option("--json", "print the report as JSON", false)
    .action((directory: string, options: { dryRun: boolean; take: boolean; json: boolean }) =>
      orExplain(async () => {
        const report = await applyDirectory(
          client,
          directory,
          {
            dryRun: options.dryRun,
            take: options.take,
          },
          output,
        );
        if (options.json) return output.line(JSON.stringify(report, null, 2));
        for (const line of report.text) output.line(coloured(line));
      }),
    );
  program
    .command("export")
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

const COLOURS = { "+": "green", "~": "yellow", "-": "red" } as const;

function coloured(line: string): string {
  const colour =
    COLOURS[line[0] as keyof typeof COLOURS] ?? (line.startsWith("warning:") ? "yellow" : null);
  return colour === null ? line : styleText(colour, line);
}
