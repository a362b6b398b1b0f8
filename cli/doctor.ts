/** `tocsin doctor`: is everything ready for the next incident, and if not, what is to be done. */
import type { Command } from "commander";
import { type ReadinessFinding, readReadiness } from "../contract/readiness.ts";
import { addCommand, type Cli } from "./command.ts";
import { bold, dim, styled } from "./output.ts";
import { localized } from "./time.ts";

const MARKS = {
  ok: { text: "ok     ", style: "green" },
  warning: { text: "warning", style: "yellow" },
  missing: { text: "MISSING", style: "red" },
} as const;

/** Ends with 1 when something is missing, so that a script can wait for readiness. */
export function registerDoctor(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "doctor",
    what: "check readiness; each finding says what to do (exit 1 when something is missing)",
    example: "./bin/tocsin doctor",
    async run() {
      const report = await cli.client.call(readReadiness);
      return {
        value: report,
        exitCode: report.ready ? 0 : 1,
        lines: () => [...report.findings.flatMap(findingLines), "", verdict(report.findings)],
      };
    },
  });
}

const AREA_WIDTH = 12;

function findingLines({ area, level, what, todo }: ReadinessFinding): readonly string[] {
  const indent = " ".repeat(MARKS.ok.text.length + AREA_WIDTH + 4);
  const line = `${styled(MARKS[level])}  ${area.padEnd(AREA_WIDTH)}  ${localized(what)}`;
  return todo === null ? [line] : [line, `${indent}${dim("→")} ${todo}`];
}

function verdict(findings: readonly ReadinessFinding[]): string {
  const missing = findings.filter(({ level }) => level === "missing").length;
  const warnings = findings.filter(({ level }) => level === "warning").length;
  const warned = warnings === 0 ? "" : `, ${warnings} to know about`;
  if (missing === 0) return `${bold("Ready")}: nothing is missing${warned}.`;
  return `${bold("Not ready")}: ${missing} missing${warned}.`;
}
