/** A run as a Markdown page with tick boxes: to print, to keep, or to go on with by hand. */
import type { RunDetail, RunEvent, RunStep } from "../../../contract/run.ts";
import { type Instant, toIso } from "../../base/instant.ts";

const BOX: Readonly<Record<string, string>> = {
  done: "[x]",
  skipped: "[-]",
  "not applicable": "[-]",
  withdrawn: "[-]",
  failed: "[!]",
  "in progress": "[ ]",
  pending: "[ ]",
};

/** Text of others in a line of ours: no line break, no markup that would change the page. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]<>#|]/g, (sign) => `\\${sign}`)
    .trim();

export function exportedRun(run: RunDetail, events: readonly RunEvent[], now: Instant): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ["Run", run.id],
    ["Incident", run.incident],
    ["Runbook", `${run.runbook} (${run.source.path}, version ${run.source.version})`],
    ["Digest", run.digest],
    ["Started", `${run.startedAt} ${run.because}`],
    ["State", run.state],
    ["Settled", `${run.stepsSettled} of ${run.stepsAll} steps`],
    ["Printed", toIso(now)],
  ];
  const blocks = [
    `# ${plain(run.title)}${run.drill ? " (drill)" : ""}`,
    facts
      .flatMap(([name, value]) => (value === null ? [] : [`- ${name}: ${plain(value)}`]))
      .join("\n"),
    ...(run.newer === null ? [] : [`> ${plain(run.newer.banner)}`]),
    ...inputsBlock(run),
    ...run.phases.map(phaseBlock),
    ...escalationBlock(run),
    ...recordsBlock(run),
    `## Timeline\n\n${events.map((event) => `- ${event.at} ${plain(event.text)}`).join("\n")}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function inputsBlock({ inputs }: RunDetail): readonly string[] {
  if (inputs.length === 0) return [];
  const lines = inputs.map(
    ({ name, value }) => `- ${plain(name)}: ${value === null ? "________" : plain(value)}`,
  );
  return [`## Values\n\n${lines.join("\n")}`];
}

function phaseBlock(phase: RunDetail["phases"][number]): string {
  const marks = [
    phase.role === null ? null : plain(phase.role),
    phase.gate === "required" ? "a gate" : null,
    phase.appliesWhen === null ? null : plain(phase.appliesWhen),
  ].filter((mark) => mark !== null);
  const heading = `## ${plain(phase.title)}${marks.length === 0 ? "" : ` (${marks.join("; ")})`}`;
  return `${heading}\n\n${phase.steps.map(stepLines).join("\n")}`;
}

function stepLines(step: RunStep): string {
  const facts = [
    step.assignee === null
      ? step.role === null
        ? null
        : `for ${step.role}`
      : `of ${step.assignee}`,
    step.endedAt === null ? null : `${step.state} ${step.endedAt}`,
    step.late ? "late" : null,
    ...step.deadlines.map(({ dueAt, state }) => `due ${dueAt} (${state})`),
    step.because,
  ].filter((fact) => fact !== null);
  const more = [
    ...(step.guard === null
      ? []
      : [`  - ${plain(step.guard.question)} ${step.guard.answer ?? "yes / no"}`]),
    ...step.substeps.map((text) => `  - ${plain(text)}`),
    ...(step.assertion === null
      ? []
      : [
          `  - to prove: ${plain(step.assertion.text)} (${step.assertion.result ?? "not looked at"})`,
        ]),
    ...(step.automation === null
      ? []
      : [
          `  - action ${plain(step.automation.action)}, ${step.automation.state}`,
          ...step.automation.attempts.map(
            ({ attempt, state, learned }) =>
              `    - attempt ${attempt}: ${state}${learned === null ? "" : `: ${plain(learned)}`}`,
          ),
        ]),
  ];
  const said = facts.length === 0 ? "" : ` — ${plain(facts.join("; "))}`;
  return [`- ${BOX[step.state] ?? "[ ]"} ${plain(step.resolvedText)}${said}`, ...more].join("\n");
}

function escalationBlock({ escalation, conditionalEscalations }: RunDetail): readonly string[] {
  const lines = [
    ...escalation.map(({ role, people }, index) => {
      const who = people.length === 0 ? "" : `: ${people.join(", ")}`;
      return `${index + 1}. ${plain(role)}${plain(who)}`;
    }),
    ...conditionalEscalations.map(
      ({ to, condition }) =>
        `- ${plain(to.join(", "))}${condition === null ? "" : ` if ${plain(condition)}`}`,
    ),
  ];
  return lines.length === 0 ? [] : [`## Escalation\n\n${lines.join("\n")}`];
}

function recordsBlock({ records }: RunDetail): readonly string[] {
  if (records.length === 0) return [];
  const lines = records.map(({ table, id, values }) => {
    const cells = Object.entries(values).map(([name, value]) => `${name} ${String(value)}`);
    return `- ${plain(table)} ${plain(id)}: ${plain(cells.join("; "))}`;
  });
  return [`## Records\n\n${lines.join("\n")}`];
}
