/** `tocsin intake try`: what a payload would become, before a tool sends it. */
import type { Command } from "commander";
import type { TriedFile } from "../contract/intake.ts";
import { addCommand, type Cli, summaryOf } from "./command.ts";
import { bold, facts, severityCell, stateCell, styled } from "./output.ts";

export function registerIntake(program: Command, cli: Cli): void {
  const noun = program.command("intake").description("what tools send");
  noun.summary(summaryOf("what tools send", "./bin/tocsin intake try alert.json"));
  addCommand(noun, cli, {
    usage: "try <files...>",
    what: "show what payloads would become, without a server",
    example: "./bin/tocsin intake try alert.json --config examples/acme",
    options: [
      ["--tool <tool>", "the tool that sends them; recognised when absent"],
      ["--config <directory>", "show also what the rules of this configuration would do"],
      ["--key <key>", "the intake key of that configuration (default: its first)"],
    ],
    async run(given) {
      const { tryFiles } = await import("../server/app/local/tryIntake.ts");
      const { tried, unreadable } = await tryFiles(given.words, {
        tool: given.text("tool"),
        config: given.text("config"),
        key: given.text("key"),
        now: cli.now() as Parameters<typeof tryFiles>[1]["now"],
      });
      const rows = tried.map(({ shown }) => shown);
      for (const problem of unreadable) cli.output.problem(`tocsin: ${problem}`);
      const nothing = tried.every(({ refused, shown }) => refused && shown.alerts.length === 0);
      return {
        value: rows,
        rows,
        lines: () => tried.flatMap(({ shown, decisions }) => linesOf(shown, decisions)),
        ...((nothing || unreadable.length > 0) && { exitCode: 2 }),
      };
    },
  });
}

function linesOf(shown: TriedFile, decisions: readonly string[]): readonly string[] {
  return [
    `${bold(shown.file)}: ${shown.tool}`,
    ...shown.alerts.flatMap((alert, at) => [
      `  ${bold(alert.title)}  ${styled(severityCell(alert.severity ?? "info"))}  ${styled(stateCell(alert.status))}`,
      ...facts([
        ["  Dedup key", alert.dedupKey ?? "none: every message is an alert of its own"],
        ["  Service", alert.service],
        ["  Link", alert.link],
        ["  Started", alert.startedAt],
        ["  Would do", decisions[at] ?? null],
      ]),
    ]),
    ...shown.changes.map(({ kind, title, status }) => `  ${kind}: ${title} (${status})`),
    ...shown.indicators.map(({ type, value, source }) => `  ${type}: ${value} (${source})`),
    ...shown.findings.map((finding) => `  ${finding}`),
  ];
}
