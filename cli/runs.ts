/** `tocsin runbook run`, `step`, `runs` and what else there is to do with a run. */
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { z } from "zod";
import type { Route } from "../contract/route.ts";
import * as contract from "../contract/run.ts";
import { ClientError } from "./client.ts";
import {
  addCommand,
  type Cli,
  type Given,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  type Shown,
  shownList,
  summaryOf,
} from "./command.ts";
import { writeTo } from "./files.ts";
import { bold, facts, incidentIdFrom, table } from "./output.ts";
import { inputsFrom } from "./runbooks.ts";
import { everyStep, numberOf, runLines } from "./runLines.ts";
import { briefTime, localTime } from "./time.ts";

type Detail = contract.RunDetail;
type Step = contract.RunStep;

/** RUN-12 from “RUN-12”, “run-12” or “12”. */
export function runIdFrom(text: string): string {
  const number = /^(?:run-)?([1-9][0-9]{0,8})$/i.exec(text.trim())?.[1];
  if (number === undefined) throw new ClientError(`“${text}” is no run id such as RUN-4 or 4`);
  return `RUN-${number}`;
}

/** The step that people mean by its number in the list, its id, or the end of its id. */
export function stepMeant(run: Detail, given: string): string {
  const steps = everyStep(run);
  const byNumber = /^\d{1,4}$/.test(given) ? steps[Number(given) - 1] : undefined;
  if (byNumber !== undefined) return byNumber.id;
  const found = steps.filter(({ id }) => id === given || id.endsWith(`/${given}`));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new ClientError(`“${given}” names no single step of ${run.id}: give its number or id`);
  return only.id;
}

export function registerRuns(noun: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(noun, cli, {
    usage: "runs",
    what: "list runs, the newest first",
    example: "./bin/tocsin runbook runs --incident 12",
    options: [
      ["--incident <id>", "only of this incident"],
      ["--runbook <id>", "only of this runbook"],
      ["--state <state>", "running, finished or abandoned"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const incident = given.text("incident");
      const query = present({
        incident: incident === undefined ? undefined : incidentIdFrom(incident),
        runbook: given.text("runbook"),
        state: given.text("state"),
      });
      const list = await listUpTo(client, contract.listRuns, { query }, limitOf(given));
      return shownList(list, (items) => runTable(items, cli), "No run.");
    },
  });
  addCommand(noun, cli, {
    usage: "status <run>",
    what: "one run: its phases and steps, numbered",
    example: "./bin/tocsin runbook status 4",
    run: (given) => show(cli, given),
  });
  addCommand(noun, cli, {
    usage: "run <run>",
    what: "walk through the steps of a run in the terminal, ticking them off",
    example: "./bin/tocsin runbook run 4",
    async run(given) {
      const run = await walk(cli, runIdFrom(given.arg(0)));
      return { value: run, lines: () => runLines(run, cli) };
    },
  });
  addCommand(noun, cli, {
    usage: "export <run>",
    what: "a run as a Markdown page with tick boxes",
    example: "./bin/tocsin runbook export 4 --output run-4.md",
    options: [["--output <file>", "write it there instead of printing it"]],
    run: (given) => text(cli, given, contract.exportRun),
  });
  addCommand(noun, cli, {
    usage: "push-fixes <run>",
    what: "have the better words pushed to the git source, as a branch of their own",
    example: "./bin/tocsin runbook push-fixes 4",
    async run(given) {
      const run = await client.call(contract.pushFixes, {
        params: { id: runIdFrom(given.arg(0)) },
      });
      const asked = run.fixBranches.at(-1);
      return { value: run, lines: () => [`Asked for ${asked?.branch ?? "a branch"}.`] };
    },
  });
  addCommand(noun, cli, {
    usage: "patch <run>",
    what: "the better words that were proposed, as a patch to the document",
    example: "./bin/tocsin runbook patch 4 --output better.patch",
    options: [
      ["--output <file>", "write it there instead of printing it"],
      ["--mail", "as a mail that git am takes"],
    ],
    run: (given) => text(cli, given, given.flag("mail") ? contract.getFixMail : contract.getFixes),
  });
  addCommand(noun, cli, {
    usage: "changes <run>",
    what: "how the newest version differs from the one a run is pinned to",
    example: "./bin/tocsin runbook changes 4",
    async run(given) {
      const params = { id: runIdFrom(given.arg(0)) };
      const changes = await client.call(contract.getRunChanges, { params });
      const rows = changes.steps
        .filter(({ change }) => change !== "same")
        .map(({ change, before, after }) => [change, before?.text ?? "", after?.text ?? ""]);
      const lines = () =>
        rows.length === 0
          ? ["No step differs."]
          : table(["CHANGE", "BEFORE", "AFTER"], rows, cli.width);
      return { value: changes, lines };
    },
  });
  registerRunVerbs(noun, cli);
  registerSteps(noun, cli);
}

/** A verb of a run, with the run as it is afterwards. */
async function act<B extends z.ZodType>(
  cli: Cli,
  route: Route<z.ZodType<unknown, { id: string }>, z.ZodType, B, z.ZodType<Detail>>,
  id: string,
  body: z.input<B>,
): Promise<Shown> {
  const run = await cli.client.call(route, { params: { id }, body });
  return { value: run, lines: () => runLines(run, cli) };
}

function registerRunVerbs(noun: Command, cli: Cli): void {
  addCommand(noun, cli, {
    usage: "input <run> <pairs...>",
    what: "give values that steps ask for",
    example: "./bin/tocsin runbook input 4 REGION=eu-west",
    run: (given) =>
      act(cli, contract.giveInputs, runIdFrom(given.arg(0)), {
        inputs: inputsFrom(given.words),
      }),
  });
  addCommand(noun, cli, {
    usage: "record <run> <table> [pairs...]",
    what: "write a record, or complete the one that the run began",
    example: "./bin/tocsin runbook record 4 data_incident impact=late rca=schema",
    options: [["--step <step>", "the step that asks for it, with the values it sets"]],
    async run(given) {
      const id = runIdFrom(given.arg(0));
      const run = await cli.client.call(contract.getRun, { params: { id } });
      const step = given.text("step");
      return act(cli, contract.writeRecord, id, {
        table: given.arg(1),
        values: inputsFrom(given.words),
        ...(step === undefined ? {} : { step: stepMeant(run, step) }),
      });
    },
  });
  addCommand(noun, cli, {
    usage: "escalate <run> <role> <because...>",
    what: "tell whom the document names, such as a data protection officer",
    example: "./bin/tocsin runbook escalate 4 chief-data-officer regulatory reporting is touched",
    run: (given) =>
      act(cli, contract.escalateRun, runIdFrom(given.arg(0)), {
        to: given.arg(1),
        because: given.arg(2),
      }),
  });
  addCommand(noun, cli, {
    usage: "rebase <run>",
    what: "go on with the newest version; what is done stays done",
    example: "./bin/tocsin runbook rebase 4",
    async run(given) {
      const params = { id: runIdFrom(given.arg(0)) };
      const { newest } = await cli.client.call(contract.getRunChanges, { params });
      return act(cli, contract.rebaseRun, params.id, { digest: newest });
    },
  });
  addCommand(noun, cli, {
    usage: "finish <run> [because...]",
    what: "end a run; with a reason also while steps are open",
    example: "./bin/tocsin runbook finish 4",
    run(given) {
      const because = given.args[1];
      const body = because === undefined ? {} : { because };
      return act(cli, contract.finishRun, runIdFrom(given.arg(0)), body);
    },
  });
  addCommand(noun, cli, {
    usage: "abandon <run> <because...>",
    what: "stop a run without finishing it",
    example: "./bin/tocsin runbook abandon 4 the other runbook fits better",
    run: (given) =>
      act(cli, contract.abandonRun, runIdFrom(given.arg(0)), { because: given.arg(1) }),
  });
  addCommand(noun, cli, {
    usage: "records <table>",
    what: "rows that runs wrote, such as data_incident and governance_change_log",
    example: "./bin/tocsin runbook records data_incident",
    options: [LIMIT_OPTION],
    async run(given) {
      const params = { table: given.arg(0) };
      const list = await listUpTo(
        cli.client,
        contract.listRecords,
        { params, query: {} },
        limitOf(given),
      );
      return shownList(
        list,
        (items) =>
          table(
            ["ID", "RUN", "VALUES"],
            items.map(({ id, run, values }) => [
              id,
              run ?? "",
              Object.entries(values)
                .map(([name, value]) => `${name}: ${String(value)}`)
                .join("; "),
            ]),
            cli.width,
          ),
        "No row.",
      );
    },
  });
}

type OfStep = Route<z.ZodType<unknown, { id: string }>, z.ZodType, z.ZodType, z.ZodType<Detail>>;

/** Name, what it does, what comes after the step, the route, and the body it makes of that. */
const STEP_VERBS: readonly (readonly [
  usage: string,
  what: string,
  example: string,
  route: OfStep,
  body: (given: Given) => object,
])[] = [
  ["begin <run> <step>", "“I am on it”", "4 2", contract.beginStep as OfStep, () => ({})],
  ["done <run> <step> [note...]", "a step is done", "4 2", contract.doneStep as OfStep, noteOf],
  [
    "skip <run> <step> <because...>",
    "leave a step out, for a reason",
    "4 2 the provider told us",
    contract.skipStep as OfStep,
    reasonOf,
  ],
  [
    "dismiss <run> <step> [because...]",
    "a step does not apply",
    "4 2",
    contract.dismissStep as OfStep,
    optionalReasonOf,
  ],
  [
    "fail <run> <step> <because...>",
    "a step was tried and did not work",
    "4 2 no access",
    contract.failStep as OfStep,
    reasonOf,
  ],
  [
    "reopen <run> <step> <because...>",
    "a settled step is pending again",
    "4 2 it came back",
    contract.reopenStep as OfStep,
    reasonOf,
  ],
  [
    "assign <run> <step> <person>",
    "give a step to somebody",
    "4 2 lena",
    contract.assignStep as OfStep,
    (given) => ({ person: given.arg(2) }),
  ],
  [
    "answer <run> <step> <answer>",
    "answer the question before a step: yes or no",
    "4 2 yes",
    contract.answerGuard as OfStep,
    (given) => ({ answer: given.arg(2) }),
  ],
  [
    "fix <run> <step> <text...>",
    "propose better words for a step",
    "4 2 Look at the new dashboard.",
    contract.proposeFix as OfStep,
    (given) => ({ text: given.arg(2) }),
  ],
  [
    "try <run> <step>",
    "show what a step's action would do",
    "4 2",
    contract.runAction as OfStep,
    () => ({ dryRun: true }),
  ],
  ["do <run> <step>", "run a step's action", "4 2", contract.runAction as OfStep, () => ({})],
  [
    "approve <run> <step>",
    "agree, as a second person, to an action that may destroy",
    "4 2",
    contract.approveAction as OfStep,
    () => ({}),
  ],
  [
    "refuse <run> <step> <because...>",
    "refuse such an action",
    "4 2 the wrong table",
    contract.refuseAction as OfStep,
    reasonOf,
  ],
  [
    "undo <run> <step>",
    "take back what a step's action did",
    "4 2",
    contract.undoAction as OfStep,
    () => ({}),
  ],
];

function noteOf(given: Given): object {
  const note = given.args[2];
  return note === undefined ? {} : { note };
}
function reasonOf(given: Given): object {
  return { because: given.arg(2) };
}
function optionalReasonOf(given: Given): object {
  const because = given.args[2];
  return because === undefined ? {} : { because };
}

function registerSteps(noun: Command, cli: Cli): void {
  const step = noun.command("step").description("a step of a run: tick it off, or run its action");
  step.summary(
    summaryOf("tick a step off, or run its action", "./bin/tocsin runbook step done 4 2"),
  );
  for (const [usage, what, example, route, bodyFor] of STEP_VERBS) {
    addCommand(step, cli, {
      usage,
      what,
      example: `./bin/tocsin runbook step ${usage.split(" ")[0]} ${example}`,
      async run(given) {
        const params = { id: runIdFrom(given.arg(0)) };
        const run = await cli.client.call(contract.getRun, { params });
        const body = { step: stepMeant(run, given.arg(1)), ...bodyFor(given) };
        return act(cli, route, params.id, body);
      },
    });
  }
}

async function show(cli: Cli, given: Given): Promise<Shown> {
  const params = { id: runIdFrom(given.arg(0)) };
  const run = await cli.client.call(contract.getRun, { params });
  return { value: run, lines: () => runLines(run, cli) };
}

async function text(
  cli: Cli,
  given: Given,
  route: Route<z.ZodType<unknown, { id: string }>, z.ZodType, z.ZodType, z.ZodString>,
): Promise<Shown> {
  const page = await cli.client.text(route, { params: { id: runIdFrom(given.arg(0)) } });
  const file = given.text("output");
  if (file === undefined) return { value: { text: page }, lines: () => page.trimEnd().split("\n") };
  await writeTo(file, page);
  return { value: { file }, lines: () => [`Written to ${file}.`] };
}

/** Step after step: what it says, and what the person makes of it. Ends with the run or on “q”. */
async function walk(cli: Cli, id: string): Promise<Detail> {
  const { client, output } = cli;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const lines = asking[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    process.stderr.write(question);
    const line = await lines.next();
    return line.done === true ? "q" : line.value.trim();
  };
  let run = await client.call(contract.getRun, { params: { id } });
  const left = new Set<string>();
  try {
    for (;;) {
      const next = everyStep(run).find(
        (step) => ["pending", "in progress", "failed"].includes(step.state) && !left.has(step.id),
      );
      if (next === undefined || run.state !== "running") return run;
      for (const line of stepLines(next, run)) output.line(line);
      const answer = await ask(WHAT);
      if (answer === "q") return run;
      const body = await bodyFor(answer, next, ask);
      if (body === null) {
        left.add(next.id);
        continue;
      }
      run = await client.call(body.route, { params: { id }, body: body.body });
    }
  } finally {
    asking.close();
  }
}

const WHAT = "[d]one, [s]kip, [n]ot applicable, [f]ailed, [a]ction, [Enter] later, [q]uit: ";

async function bodyFor(
  answer: string,
  { id: step }: Step,
  ask: (question: string) => Promise<string>,
): Promise<{ readonly route: OfStep; readonly body: object } | null> {
  const because = async (): Promise<string> => (await ask("Why? ")) || "no reason given";
  switch (answer.toLowerCase()) {
    case "d":
    case "x":
      return { route: contract.doneStep as OfStep, body: { step } };
    case "s":
      return { route: contract.skipStep as OfStep, body: { step, because: await because() } };
    case "n":
      return { route: contract.dismissStep as OfStep, body: { step } };
    case "f":
      return { route: contract.failStep as OfStep, body: { step, because: await because() } };
    case "a":
      return { route: contract.runAction as OfStep, body: { step } };
    default:
      return null;
  }
}

const stepLines = (step: Step, run: Detail): readonly string[] => [
  "",
  bold(`${numberOf(run, step)}. ${step.resolvedText}`),
  ...facts([
    ["Phase", run.phases.find((phase) => phase.id === step.phase)?.title ?? null],
    ["Who", step.assignee ?? step.role],
    ["Due", step.deadlines[0] === undefined ? null : localTime(step.deadlines[0].dueAt)],
    ["Question", step.guard?.question ?? null],
    ["Missing", step.missingInputs.join(", ") || null],
    [
      "Action",
      step.automation === null ? null : `${step.automation.action} (${step.automation.risk})`,
    ],
  ]).map((line) => `   ${line}`),
  ...step.substeps.map((each) => `   - ${each}`),
];

const runTable = (items: readonly contract.Run[], { now, width }: Cli): readonly string[] =>
  table(
    ["RUN", "STATE", "STEPS", "INCIDENT", "STARTED", "RUNBOOK", "TITLE"],
    items.map((run) => [
      run.id,
      run.drill ? `${run.state}, drill` : run.state,
      `${run.stepsSettled}/${run.stepsAll}`,
      run.incident ?? "",
      briefTime(run.startedAt, now()),
      run.runbook,
      run.title,
    ]),
    width,
  );
