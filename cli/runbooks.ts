/** `tocsin runbook`: publish documents with their sidecars, look at what is published, start runs. */
import { readFile } from "node:fs/promises";
import { basename, isAbsolute, relative } from "node:path";
import type { Command } from "commander";
import { listActions } from "../contract/action.ts";
import {
  draftSidecar,
  getRunbook,
  getRunbookDiff,
  listRunbooks,
  listRunbookVersions,
  listSources,
  type PublishReport,
  publishRunbook,
  pullSource,
  reviewRunbook,
  type Runbook,
  type RunbookDetail,
  withdrawRunbook,
} from "../contract/published.ts";
import { startRun } from "../contract/run.ts";
import { diffLines } from "./diffLines.ts";
import { ClientError } from "./client.ts";
import {
  addCommand,
  type Cli,
  type Given,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  shownList,
} from "./command.ts";
import { writeTo } from "./files.ts";
import { facts, incidentIdFrom, section, table } from "./output.ts";
import { runLines } from "./runLines.ts";
import { briefTime, localTime } from "./time.ts";

export function registerRunbooks(noun: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(noun, cli, {
    usage: "list",
    what: "published runbooks",
    example: "./bin/tocsin runbook list",
    options: [["--owner <team>", "only of this team"], LIMIT_OPTION],
    async run(given) {
      const query = present({ owner: given.text("owner") });
      const list = await listUpTo(client, listRunbooks, { query }, limitOf(given));
      return shownList(list, (items) => runbookTable(items, cli), "No runbook is published.");
    },
  });
  addCommand(noun, cli, {
    usage: "show <runbook>",
    what: "a published runbook: plans, bindings, what it replaces, and how fresh it is",
    example: "./bin/tocsin runbook show data-incident",
    async run(given) {
      const runbook = await client.call(getRunbook, { params: { id: given.arg(0) } });
      return { value: runbook, lines: () => runbookLines(runbook, cli) };
    },
  });
  addCommand(noun, cli, {
    usage: "versions <runbook>",
    what: "every published version, newest first",
    example: "./bin/tocsin runbook versions data-incident",
    async run(given) {
      const list = await client.call(listRunbookVersions, { params: { id: given.arg(0) } });
      const rows = list.items.map((version) => [
        String(version.version),
        version.digest.slice(0, 12),
        briefTime(version.publishedAt, cli.now()),
        version.current ? "in use" : "",
      ]);
      return {
        value: list,
        lines: () => table(["VERSION", "DIGEST", "PUBLISHED", ""], rows, cli.width),
      };
    },
  });
  addCommand(noun, cli, {
    usage: "diff <runbook>",
    what: "how two versions differ: step by step, then line by line",
    example: "./bin/tocsin runbook diff data-incident",
    options: [
      ["--from <digest>", "the older version; the one before when absent"],
      ["--to <digest>", "the newer version; the one in use when absent"],
    ],
    async run(given) {
      const query = present({ from: given.text("from"), to: given.text("to") });
      const diff = await client.call(getRunbookDiff, { params: { id: given.arg(0) }, query });
      return { value: diff, lines: () => diffLines(diff) };
    },
  });
  addCommand(noun, cli, {
    usage: "publish <file>",
    what: "publish a document with the sidecar beside it",
    example: "./bin/tocsin runbook publish runbooks/data-incident.md --dry-run",
    options: [
      ["--id <id>", "its name; that of the file when absent"],
      ["--sidecar <file>", "another sidecar than name.tocsin.yaml"],
      ["--dry-run", "only say what would be published"],
    ],
    async run(given) {
      const path = given.arg(0);
      const body = {
        id: given.text("id") ?? idFrom(path),
        path: shownPath(path),
        document: await readText(path),
        sidecar: await sidecarFor(given, path),
        dryRun: given.flag("dryRun"),
      };
      const report = await client.call(publishRunbook, { body });
      const isBad = report.findings.some(({ level }) => level === "error");
      return {
        value: report,
        lines: () => publishedLines(report),
        ...(isBad ? { exitCode: 1 } : {}),
      };
    },
  });
  addCommand(noun, cli, {
    usage: "bind <file>",
    what: "draft a sidecar from the words of a document, or anchor an earlier one anew",
    example: "./bin/tocsin runbook bind runbooks/data-incident.md --draft --write",
    options: [
      ["--draft", "from the words alone, leaving out the sidecar that is there"],
      ["--owner <team>", "the team that is to own it"],
      ["--sidecar <file>", "another sidecar than name.tocsin.yaml"],
      ["--write", "write it beside the document instead of printing it"],
    ],
    async run(given) {
      const path = given.arg(0);
      const before = given.flag("draft") ? null : await sidecarFor(given, path);
      const owner = given.text("owner");
      const document = await readText(path);
      const body = { path: shownPath(path), document, sidecar: before, ...present({ owner }) };
      const drafted = await client.call(draftSidecar, { body });
      const target = given.text("sidecar") ?? sidecarName(path);
      if (given.flag("write")) await writeTo(target, drafted.sidecar);
      const shown = given.flag("write") ? [`Written to ${target}.`] : [drafted.sidecar.trimEnd()];
      return {
        value: drafted,
        lines: () => [...shown, ...drafted.notes.map((note) => `# ${note}`)],
      };
    },
  });
  addCommand(noun, cli, {
    usage: "start <runbook>",
    what: "start a run",
    example: "./bin/tocsin runbook start data-incident --incident 12",
    options: [
      ["--plan <plan>", "which plan, where the document has several"],
      ["--incident <id>", "the incident that it is for"],
      ["--input <name=value>", "a value that its steps ask for", "list"],
      ["--drill", "an exercise"],
    ],
    async run(given) {
      const incident = given.text("incident");
      const body = present({
        runbook: given.arg(0),
        plan: given.text("plan"),
        incident: incident === undefined ? undefined : incidentIdFrom(incident),
        inputs: inputsFrom(given.list("input")),
        drill: given.flag("drill"),
      });
      const run = await client.call(startRun, { body });
      return { value: run, lines: () => runLines(run, cli) };
    },
  });
  addCommand(noun, cli, {
    usage: "review <runbook>",
    what: "“I have read this”: the version in use, or some steps of it",
    example: "./bin/tocsin runbook review data-incident",
    options: [["--step <id>", "only this step", "list"]],
    async run(given) {
      const params = { id: given.arg(0) };
      const { digest } = await client.call(getRunbook, { params });
      const steps = given.list("step");
      const body = { digest, ...(steps.length === 0 ? {} : { steps: [...steps] }) };
      const runbook = await client.call(reviewRunbook, { params, body });
      const due = localTime(runbook.reviewDueAt);
      return { value: runbook, lines: () => [`Read. The next reading is due ${due}.`] };
    },
  });
  addCommand(noun, cli, {
    usage: "withdraw <runbook>",
    what: "take a runbook out of use; its runs go on",
    example: "./bin/tocsin runbook withdraw old-checkout",
    async run(given) {
      const gone = await client.call(withdrawRunbook, { params: { id: given.arg(0) } });
      return { value: gone, lines: () => [`${given.arg(0)} is withdrawn.`] };
    },
  });
  registerPlaces(noun, cli);
}

function registerPlaces(noun: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(noun, cli, {
    usage: "actions",
    what: "what a step can be bound to",
    example: "./bin/tocsin runbook actions",
    async run() {
      const list = await client.call(listActions);
      const rows = list.items.map((action) => [
        action.action,
        action.risk,
        action.connection ?? "",
        [action.dryRun ? "dry run" : null, action.undo ? "undo" : null].filter(Boolean).join(", "),
        action.title,
      ]);
      const headings = ["ACTION", "RISK", "CONNECTION", "CAN", "WHAT"];
      return { value: list, lines: () => table(headings, rows, cli.width) };
    },
  });
  addCommand(noun, cli, {
    usage: "sources",
    what: "where runbooks come from, and what failed there",
    example: "./bin/tocsin runbook sources",
    async run() {
      const list = await client.call(listSources);
      const rows = list.items.map((source) => [
        source.id,
        source.type,
        source.lookedAt === null ? "not yet" : briefTime(source.lookedAt, cli.now()),
        source.commit?.slice(0, 12) ?? "",
        source.failure ??
          source.refused.map(({ path, because }) => `${path}: ${because}`).join("; "),
      ]);
      const headings = ["SOURCE", "TYPE", "LOOKED AT", "COMMIT", "FAILED"];
      return {
        value: list,
        lines: () =>
          rows.length === 0 ? ["No source is configured."] : table(headings, rows, cli.width),
      };
    },
  });
  addCommand(noun, cli, {
    usage: "pull <source>",
    what: "look at a source now",
    example: "./bin/tocsin runbook pull handbook",
    async run(given) {
      const asked = await client.call(pullSource, { params: { id: given.arg(0) } });
      return { value: asked, lines: () => [`Asked: see ./bin/tocsin runbook sources.`] };
    },
  });
}

const sidecarName = (path: string): string =>
  `${path.replace(/\.(md|markdown)$/i, "")}.tocsin.yaml`;

/** As it stands below here; nobody else knows the folders of this machine. */
function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith("..") || isAbsolute(below) ? basename(path) : below;
}

/** “Data Incident.md” → data-incident. */
const idFrom = (path: string): string =>
  basename(path)
    .replace(/\.(md|markdown)$/i, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 63);

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unreadable";
    throw new ClientError(`${path} cannot be read (${code})`);
  }
}

async function sidecarFor(given: Given, path: string): Promise<string | null> {
  const named = given.text("sidecar");
  if (named !== undefined) return readText(named);
  return readFile(sidecarName(path), "utf8").catch(() => null);
}

/** “name=value”, each. */
export function inputsFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new ClientError(`“${pair}” is not name=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

const runbookTable = (items: readonly Runbook[], { now, width }: Cli): readonly string[] =>
  table(
    ["RUNBOOK", "OWNER", "VERSION", "STEPS", "BOUND", "READ", "TITLE"],
    items.map((item) => [
      item.id,
      item.owner ?? "nobody",
      String(item.version),
      String(item.plans.reduce((sum, plan) => sum + plan.steps, 0)),
      item.suspended === 0 ? String(item.bound) : `${item.bound} (${item.suspended} suspended)`,
      item.stale
        ? { text: "due", style: "yellow" as const }
        : `due ${briefTime(item.reviewDueAt, now())}`,
      item.title,
    ]),
    width,
  );

function runbookLines(runbook: RunbookDetail, { width }: Cli): readonly string[] {
  const plans = runbook.plans.map(({ id, title, steps }) => `${id}: ${title} (${steps} steps)`);
  const lists = runbook.checklists.map(
    ({ id, title, items }) => `${id}: ${title} (${items} items)`,
  );
  const bindings = runbook.bindings.map((bound) => [
    bound.action,
    bound.mode,
    bound.risk,
    bound.state === "live" ? "live" : { text: bound.state, style: "yellow" as const },
    bound.because ?? bound.step ?? "",
  ]);
  return [
    ...facts([
      ["Runbook", `${runbook.id}: ${runbook.title}`],
      ["Kind", runbook.kind],
      ["Owner", runbook.owner],
      ["From", `${runbook.source.path} (${runbook.source.kind})`],
      ["Version", `${runbook.version}, ${runbook.digest.slice(0, 12)}`],
      ["Published", localTime(runbook.publishedAt)],
      ["To be read by", `${localTime(runbook.reviewDueAt)}${runbook.stale ? " (overdue)" : ""}`],
      ["Claims a review", runbook.claimedReview],
    ]),
    ...section("Plans", plans),
    ...section("Checklists", lists),
    ...section(
      "Bindings",
      bindings.length === 0
        ? []
        : table(["ACTION", "MODE", "RISK", "STATE", "STEP"], bindings, width - 2),
    ),
    ...section(
      "In place of the defaults",
      runbook.replaces.map(
        ({ what, for: whom, line }) => `${what}, for ${whom ?? "everybody"} (line ${line})`,
      ),
    ),
    ...section("To put right", runbook.findings.map(findingLine)),
  ];
}

const findingLine = (finding: PublishReport["findings"][number]): string =>
  `${finding.file}:${finding.line}: ${finding.level} ${finding.code}: ${finding.message}`;

function publishedLines(report: PublishReport): readonly string[] {
  const what = report.dryRun
    ? "Would publish"
    : report.changed
      ? "Published"
      : "Published already, nothing changed:";
  const live = report.bindings.filter(({ state }) => state === "live").length;
  return [
    `${what} ${report.id}, version ${report.version} (${report.digest.slice(0, 12)}), a ${report.kind}.`,
    ...section(
      "Plans",
      report.plans.map(({ id, title, steps }) => `${id}: ${title} (${steps} steps)`),
    ),
    ...section(
      "Bindings",
      report.bindings.length === 0
        ? []
        : [`${live} live, ${report.bindings.length - live} manual until confirmed`],
    ),
    ...section(
      "In place of the defaults",
      report.replaces.map(
        ({ what: part, for: whom, line }) => `${part}, for ${whom ?? "everybody"} (line ${line})`,
      ),
    ),
    ...section("To put right", report.findings.map(findingLine)),
  ];
}
