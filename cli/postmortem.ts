/** `tocsin postmortem` and the action items that follow from it. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import {
  type ActionItem,
  type ActionItemStatus,
  addActionItem,
  changeActionItem,
  editSection,
  exportPostmortemHtml,
  exportPostmortemMarkdown,
  getPostmortem,
  listActionItems,
  type Postmortem,
  type Priority,
  publishPostmortem,
  SECTION_KEYS,
} from "../contract/postmortem.ts";
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
  summaryOf,
} from "./command.ts";
import { unusable, writeTo } from "./files.ts";
import { bold, dim, facts, incidentIdFrom, table } from "./output.ts";
import { briefTime, localTime, typedInstant } from "./time.ts";

export function registerPostmortem(program: Command, cli: Cli): void {
  const noun = program
    .command("postmortem")
    .description("the review of an incident, in nine sections");
  noun.summary(
    summaryOf("show, edit, publish and export a postmortem", "./bin/tocsin postmortem show 12"),
  );
  addCommand(noun, cli, {
    usage: "show <incident>",
    what: "the nine sections as Markdown, with state and due time",
    example: "./bin/tocsin postmortem show 12",
    async run(given) {
      const params = { id: incidentIdFrom(given.arg(0)) };
      const postmortem = await cli.client.call(getPostmortem, { params });
      return { value: postmortem, lines: () => postmortemLines(postmortem) };
    },
  });
  addEdit(noun, cli);
  addCommand(noun, cli, {
    usage: "publish <incident>",
    what: "share it with audiences (default: engineering and leadership)",
    example: "./bin/tocsin postmortem publish 12 --audience engineering,executives",
    options: [["--audience <audience>", "who may read it; may be repeated", "list"]],
    async run(given) {
      const params = { id: incidentIdFrom(given.arg(0)) };
      const body = { audiences: [...given.list("audience")] };
      const published = await cli.client.call(publishPostmortem, { params, body });
      const audiences = published.audiences.join(", ");
      const line = `The postmortem of ${params.id} is shared with ${audiences}.`;
      return { value: published, lines: () => [line] };
    },
  });
  addCommand(noun, cli, {
    usage: "export <incident>",
    what: "write it as one Markdown or HTML file, or to standard output",
    example: "./bin/tocsin postmortem export 12 --html --out INC-12.html",
    options: [
      ["--html", "a page without scripts instead of Markdown"],
      ["--out <file>", "where to write it"],
    ],
    async run(given) {
      const params = { id: incidentIdFrom(given.arg(0)) };
      const route = given.flag("html") ? exportPostmortemHtml : exportPostmortemMarkdown;
      const text = await cli.client.text(route, { params });
      const file = given.text("out");
      if (file === undefined) return { value: { text }, lines: () => [text.trimEnd()] };
      await writeTo(file, text);
      return { value: { file }, lines: () => [`Written to ${file}.`] };
    },
  });
}

function addEdit(noun: Command, cli: Cli): void {
  addCommand(noun, cli, {
    usage: "edit <incident> <section>",
    what: "replace the Markdown of a section: from a file, standard input, or in $EDITOR",
    example: "./bin/tocsin postmortem edit 12 root-cause --file root-cause.md",
    options: [["--file <file>", "where the new text stands; “-” is standard input"]],
    async run(given) {
      const id = incidentIdFrom(given.arg(0));
      const key = SECTION_KEYS.find((known) => known === given.arg(1));
      if (key === undefined) throw new ClientError(`the sections are ${SECTION_KEYS.join(", ")}`);
      const { sections } = await cli.client.call(getPostmortem, { params: { id } });
      const before = sections.find((section) => section.key === key);
      if (before === undefined) throw new ClientError(`${id} has no section ${key}`);
      const body = await newText(given.text("file"), before.body);
      if (body === before.body) return { value: before, lines: () => ["Nothing was changed."] };
      const after = await cli.client.call(editSection, {
        params: { id, key },
        body: { body, version: before.version },
      });
      return {
        value: after,
        lines: () => [`${after.title} of ${id} is now at version ${after.version}.`],
      };
    },
  });
}

async function newText(file: string | undefined, before: string): Promise<string> {
  if (file !== undefined && file !== "-") return readFile(file, "utf8").catch(unusable(file));
  if (file === "-" || !process.stdin.isTTY) {
    let text = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
    if (text.trim() !== "") return text;
    throw new ClientError("standard input is empty; give the text there or by --file");
  }
  const editor = process.env["VISUAL"] || process.env["EDITOR"];
  if (!editor) throw new ClientError("give the text by --file or standard input, or set EDITOR");
  return edited(editor, before);
}

/** The text as somebody leaves it in their editor. */
async function edited(editor: string, before: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tocsin-"));
  const file = join(directory, "section.md");
  try {
    await writeFile(file, before, { mode: 0o600 });
    // The variable may hold arguments (“code --wait”), which only a shell takes apart.
    const child = spawn("sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("exit", resolve);
    });
    if (code !== 0)
      throw new ClientError(`${editor} ended with ${code ?? "a signal"}; nothing was changed`);
    return await readFile(file, "utf8");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function postmortemLines(postmortem: Postmortem): readonly string[] {
  const { incident, state, required, dueAt, overdue, publishedAt, audiences } = postmortem;
  const due = dueAt === null ? "no due time" : `${localTime(dueAt)}${overdue ? ", overdue" : ""}`;
  const shared =
    publishedAt === null ? null : `${localTime(publishedAt)}, with ${audiences.join(", ")}`;
  return [
    bold(`Postmortem of ${incident}`),
    ...facts([
      ["State", state],
      ["Due", required || dueAt !== null ? due : "optional"],
      ["Shared", shared],
    ]),
    ...postmortem.sections.flatMap(({ key, title, body }) => [
      "",
      `${bold(`## ${title}`)} ${dim(`(${key})`)}`,
      "",
      body.trimEnd(),
    ]),
  ];
}

export function registerActionItem(program: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "action-items",
    what: "list action items, the earliest due first",
    example: "./bin/tocsin action-items --overdue --owner lena",
    options: [
      ["--status <status>", "unfinished, open, in progress, done or dropped"],
      ["--owner <person>", "only of this person"],
      ["--incident <incident>", "only of this incident"],
      ["--priority <priority>", "P0, P1 or P2"],
      ["--overdue", "only those whose due time has passed"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const incident = given.text("incident");
      const query = present({
        status: given.text("status"),
        owner: given.text("owner"),
        incident: incident === undefined ? undefined : incidentIdFrom(incident),
        priority: given.text("priority")?.toUpperCase(),
        overdue: given.flag("overdue") ? "true" : undefined,
      });
      const list = await listUpTo(client, listActionItems, { query }, limitOf(given));
      return shownList(list, (items) => itemTable(items, cli), "No action item.");
    },
  });
  const noun = program
    .command("action-item")
    .description("a promised change, with owner and due date");
  noun.summary(
    summaryOf(
      "add an action item, or change one",
      "./bin/tocsin action-item set AI-3 --status done",
    ),
  );
  addCommand(noun, cli, {
    usage: "add <incident> <title...>",
    what: "promise a change",
    example:
      './bin/tocsin action-item add 12 "Alert on it" --priority P1 --owner lena --due 2026-12-01',
    options: [
      ["--priority <priority>", "P0, P1 or P2", "required"],
      ["--owner <person>", "who does it", "required"],
      ["--due <time>", "until when (default: 7, 30 or 90 days by priority)"],
      ["--note <text>", "more about it"],
    ],
    async run(given) {
      const body = present({
        priority: (given.text("priority") ?? "").toUpperCase() as Priority,
        title: given.arg(1),
        owner: given.text("owner") ?? "",
        dueAt: dueOf(given, cli),
        note: given.text("note"),
      });
      const params = { id: incidentIdFrom(given.arg(0)) };
      const item = await client.call(addActionItem, { params, body });
      return { value: item, lines: () => [itemText(item)] };
    },
  });
  addCommand(noun, cli, {
    usage: "set <item>",
    what: "change status, owner, due time or note",
    example: "./bin/tocsin action-item set AI-3 --status done",
    options: [
      ["--status <status>", "open, in progress, done or dropped"],
      ["--owner <person>", "who does it"],
      ["--due <time>", "until when"],
      ["--note <text>", "more about it"],
    ],
    async run(given) {
      const body = present({
        status: given.text("status") as ActionItemStatus | undefined,
        owner: given.text("owner"),
        dueAt: dueOf(given, cli),
        note: given.text("note"),
      });
      if (Object.keys(body).length === 0)
        throw new ClientError("say what changes: --status, --owner, --due or --note");
      const item = await client.call(changeActionItem, {
        params: { id: itemIdFrom(given.arg(0)) },
        body,
      });
      return { value: item, lines: () => [itemText(item)] };
    },
  });
}

function dueOf(given: Given, cli: Cli): string | undefined {
  const due = given.text("due");
  return due === undefined ? undefined : typedInstant(due, cli.now());
}

/** AI-3 from “AI-3”, “ai-3” or “3”. */
function itemIdFrom(text: string): string {
  const number = /^(?:ai-)?([1-9][0-9]{0,8})$/i.exec(text.trim())?.[1];
  if (number === undefined)
    throw new ClientError(`“${text}” is no action item id such as AI-3 or 3`);
  return `AI-${number}`;
}

const itemText = ({ id, priority, title, owner, status, dueAt }: ActionItem): string =>
  `${bold(id)} ${priority} of ${owner}, ${status}, due ${localTime(dueAt)}: ${title}`;

function itemTable(items: readonly ActionItem[], { now, width }: Cli): readonly string[] {
  const rows = items.map((item) => [
    item.id,
    item.priority,
    item.overdue ? { text: "overdue", style: "red" as const } : item.status,
    item.owner,
    briefTime(item.dueAt, now()),
    item.incident,
    item.title,
  ]);
  return table(["ID", "PRIO", "STATUS", "OWNER", "DUE", "INCIDENT", "TITLE"], rows, width);
}
