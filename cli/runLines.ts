/** How a run is shown: its steps with the numbers that commands take. */
import type { RunDetail, RunStep } from "../contract/run.ts";
import type { Cli } from "./command.ts";
import { bold, dim, facts, section } from "./output.ts";
import { briefTime, localTime } from "./time.ts";

type Detail = RunDetail;
type Step = RunStep;

export const everyStep = (run: Detail): readonly Step[] =>
  run.phases.flatMap((phase) => phase.steps);

export const numberOf = (run: Detail, step: Step): number =>
  everyStep(run).findIndex(({ id }) => id === step.id) + 1;

const MARKS: Readonly<Record<string, string>> = {
  done: "[x]",
  skipped: "[-]",
  "not applicable": "[-]",
  withdrawn: "[-]",
  failed: "[!]",
  "in progress": "[~]",
  pending: "[ ]",
};

/** A run as people read it: steps with their numbers, which the commands take. */
export function runLines(run: Detail, { now }: Cli): readonly string[] {
  const clock = (step: Step): string | null => {
    const [first] = step.deadlines;
    return first === undefined
      ? null
      : `${first.state === "running" ? "due" : first.state} ${briefTime(first.dueAt, now())}`;
  };
  const line = (step: Step): string => {
    const automation = step.automation;
    const notes = [
      step.state === "pending" ? null : step.state,
      step.assignee,
      clock(step),
      step.late ? "late" : null,
      step.guard !== null && step.guard.answer === null ? `asks: ${step.guard.question}` : null,
      automation === null ? null : `${automation.action}${automation.stopped ? ", stopped" : ""}`,
      automation?.state === "suspended" ? "suspended" : null,
      automation?.attempts.at(-1)?.learned ?? null,
      step.because,
    ].filter((note) => note !== null);
    const said = notes.length === 0 ? "" : dim(`  (${notes.join("; ")})`);
    return `${MARKS[step.state] ?? "[ ]"} ${String(numberOf(run, step)).padStart(2)}  ${step.resolvedText}${said}`;
  };
  return [
    bold(`${run.id}: ${run.title}`),
    ...facts([
      ["State", run.state],
      ["Incident", run.incident],
      [
        "Runbook",
        `${run.runbook} (${run.source.path}, version ${run.source.version}, ${run.digest.slice(0, 12)})`,
      ],
      ["Started", `${localTime(run.startedAt)}, ${run.because}`],
      ["Steps", `${run.stepsSettled} of ${run.stepsAll} settled`],
      ["Newer", run.newer?.banner ?? null],
    ]),
    ...run.phases.flatMap((phase) =>
      section(`${phase.title}${phase.gate === "required" ? " (gate)" : ""}`, phase.steps.map(line)),
    ),
    ...section(
      "Values",
      run.inputs.map(({ name, value }) => `${name}: ${value ?? "not given"}`),
    ),
    ...section(
      "Records",
      run.records.map(({ table: name, id }) => `${name} ${id}`),
    ),
    ...section(
      `Better words (runbook patch ${run.id.slice("RUN-".length)})`,
      run.fixes.map(({ line, by }) => `line ${line}, by ${by.id ?? by.kind}`),
    ),
    ...section(
      "Branches",
      run.fixBranches.map(({ branch, state, because }) => `${branch}: ${because ?? state}`),
    ),
  ];
}
