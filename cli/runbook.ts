/** Runbooks as documents: what they say, and what is wrong with them. */
import type { Command } from "commander";
import type { RunbookDocument, RunbookFinding } from "../contract/runbook.ts";
import { ClientError } from "./client.ts";
import { addCommand, type Cli, type Shown, summaryOf } from "./command.ts";
import { bold, dim, facts, section, styled, type Cell } from "./output.ts";

const FORMATS = ["text", "json", "sarif"] as const;
const FAIL_ON = ["error", "warning", "info", "never"] as const;
const LEVELS = ["error", "warning", "info"] as const;
/** Something was found; 2 is for what could not be done. */
const FOUND = 1;

export function registerRunbook(program: Command, cli: Cli): Command {
  const noun = program
    .command("runbook")
    .description("runbooks: Markdown documents that say what to do");
  noun.summary(
    summaryOf("read and check runbook documents", "./bin/tocsin runbook lint runbook.md"),
  );
  addCommand(noun, cli, {
    usage: "parse <files...>",
    what: "show what documents say when they are read as runbooks, without a server",
    example: "./bin/tocsin runbook parse runbook.md --json",
    async run(given) {
      const { readDocuments } = await import("../server/app/local/runbook.ts");
      const documents = await readDocuments(given.words);
      return {
        value: documents.length === 1 ? documents[0] : documents,
        lines: () => documents.flatMap(documentLines),
      };
    },
  });
  addCommand(noun, cli, {
    usage: "lint <files...>",
    what: "tell what is wrong with runbook documents, without a server",
    example: "./bin/tocsin runbook lint runbooks/*.md --format sarif > runbooks.sarif",
    options: [
      ["--format <format>", "text (default), json or sarif"],
      ["--baseline <file>", "leave out the findings that this file accepts"],
      ["--write-baseline <file>", "accept everything that is found now"],
      [
        "--fail-on <level>",
        "exit with 1 from this level on: error (default), warning, info or never",
      ],
    ],
    run: (given) =>
      lint(given.words, {
        format: oneOf(
          FORMATS,
          given.flag("json") ? "json" : (given.text("format") ?? "text"),
          "--format",
        ),
        failOn: oneOf(FAIL_ON, given.text("failOn") ?? "error", "--fail-on"),
        baseline: given.text("baseline"),
        accept: given.text("writeBaseline"),
      }),
  });
  return noun;
}

type LintOptions = {
  readonly format: (typeof FORMATS)[number];
  readonly failOn: (typeof FAIL_ON)[number];
  readonly baseline: string | undefined;
  readonly accept: string | undefined;
};

async function lint(paths: readonly string[], options: LintOptions): Promise<Shown> {
  const local = await import("../server/app/local/runbook.ts");
  const { documents, accepted } = await local.lintDocuments(paths, options.baseline);
  if (options.accept !== undefined) await local.writeBaseline(options.accept, documents);
  const findings = documents.map(({ path, sha256, kind, findings: found }) => ({
    path,
    sha256,
    kind,
    findings: found,
  }));
  const value =
    options.format === "sarif"
      ? local.sarifOf(documents)
      : findings.length === 1
        ? findings[0]
        : findings;
  const worst = LEVELS.slice(0, LEVELS.findIndex((level) => level === options.failOn) + 1);
  const fails = documents.some((document) =>
    document.findings.some(({ level }) => worst.includes(level)),
  );
  return {
    value,
    lines: () =>
      options.format === "text"
        ? findingLines(documents, accepted)
        : [JSON.stringify(value, null, 2)],
    ...(fails && options.accept === undefined && { exitCode: FOUND }),
  };
}

function oneOf<T extends string>(allowed: readonly T[], given: string, option: string): T {
  const found = allowed.find((one) => one === given);
  if (found === undefined)
    throw new ClientError(`${option} is one of ${allowed.join(", ")}, not “${given}”`);
  return found;
}

const STYLES = { error: "red", warning: "yellow", info: "dim" } as const;

const findingLine = (path: string, { level, code, line, message }: RunbookFinding): string => {
  const cell: Cell = { text: code, style: STYLES[level] };
  return `${path}:${line}  ${styled(cell)}  ${message}`;
};

function findingLines(documents: readonly RunbookDocument[], accepted: number): readonly string[] {
  const all = documents.flatMap(({ findings }) => findings);
  const count = (level: RunbookFinding["level"]): number =>
    all.filter((one) => one.level === level).length;
  const known = accepted === 0 ? "" : `, ${accepted} accepted by the baseline`;
  return [
    ...documents.flatMap(({ path, findings }) => findings.map((one) => findingLine(path, one))),
    dim(
      `${documents.length} read: ${count("error")} errors, ${count("warning")} warnings, ${count("info")} notes${known}. docs/lint.md tells each code.`,
    ),
  ];
}

function documentLines(document: RunbookDocument): readonly string[] {
  const { metadata, policy } = document;
  const steps = document.plans.flatMap(({ phases }) => phases.flatMap((phase) => phase.steps));
  return [
    bold(`${document.path}: ${document.title}`),
    ...facts([
      ["  Kind", `${document.kind}: ${document.reason}`],
      ["  Owner", metadata.owner],
      ["  Status", metadata.status],
      ["  Reviewed", metadata.lastReviewed],
      ["  Steps", steps.length === 0 ? null : `${steps.length} in ${document.plans.length} plans`],
    ]),
    ...document.plans.flatMap(planLines),
    ...section("Policy", [
      ...policy.severities.map(
        ({ name, acknowledge, mitigate, resolve }) =>
          `${name}: acknowledge ${acknowledge ?? "–"}, mitigate ${mitigate ?? "–"}, resolve ${resolve ?? "–"}`,
      ),
      ...policy.triggers.map(({ severity, text }) => `${severity} when: ${text}`),
    ]),
    ...section(
      "Forms",
      document.forms.map(({ title, sections }) => `${title}: ${sections.length} sections`),
    ),
    ...section(
      "Checklists",
      document.checklists.map(({ title, items }) => `${title}: ${items.length} items`),
    ),
    ...section(
      "Records",
      document.records.map(({ table, columns }) => `${table} (${columns.join(", ")})`),
    ),
    ...section(
      "Findings",
      document.findings.map((one) => findingLine(document.path, one)),
    ),
    "",
  ];
}

function planLines({
  title,
  trigger,
  phases,
  escalation,
}: RunbookDocument["plans"][number]): readonly string[] {
  return section(title, [
    ...(trigger === null ? [] : [`when: ${trigger}`]),
    ...phases.flatMap((phase) => [
      `${phase.title}${phase.role === null ? "" : ` (${phase.role})`}`,
      ...phase.steps.map(({ text, kind, guard, deadlines }) => {
        const due = deadlines
          .map(({ iso, repeats }) => `, ${repeats ? "every" : "within"} ${iso}`)
          .join("");
        return `  ${kind.padEnd(11)} ${text}${guard === null ? "" : dim(`  if: ${guard}`)}${dim(due)}`;
      }),
    ]),
    ...(escalation.length === 0
      ? []
      : [`escalation: ${escalation.map(({ role }) => role).join(" → ")}`]),
  ]);
}
