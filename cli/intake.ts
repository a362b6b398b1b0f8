/** `tocsin intake`: what a payload would become before a tool sends it, and what a storm left over. */
import type { Command } from "commander";
import type { TriedFile } from "../contract/intake.ts";
import {
  dropSetAside,
  getSetAside,
  listSetAside,
  retrySetAside,
  type SetAside,
  type SetAsideDetail,
} from "../contract/setAside.ts";
import { ClientError } from "./client.ts";
import {
  addCommand,
  type Cli,
  type Given,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  shownList,
  summaryOf,
} from "./command.ts";
import { bold, facts, section, severityCell, stateCell, styled, table } from "./output.ts";
import { briefTime, localTime, spanText } from "./time.ts";

export function registerIntake(program: Command, cli: Cli): void {
  const noun = program
    .command("intake")
    .description("what tools send, and what could not be stored");
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
      const tried = await tryFiles(given.words, {
        tool: given.text("tool"),
        config: given.text("config"),
        key: given.text("key"),
        now: cli.now() as Parameters<typeof tryFiles>[1]["now"],
      });
      const rows = tried.map(({ shown }) => shown);
      const unread = tried.filter(({ unreadable }) => unreadable !== null);
      for (const { shown, unreadable } of unread)
        cli.output.problem(`tocsin: ${shown.file} cannot be read (${unreadable})`);
      const nothing = tried.every(({ refused, shown }) => refused && shown.alerts.length === 0);
      return {
        value: rows,
        rows,
        lines: () =>
          tried.flatMap((one) =>
            one.unreadable === null ? linesOf(one.shown, one.decisions) : [],
          ),
        ...((nothing || unread.length > 0) && { exitCode: 2 }),
      };
    },
  });
  registerSetAside(noun, cli);
}

/** What a storm left over: accepted, and then not storable. */
function registerSetAside(noun: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(noun, cli, {
    usage: "set-aside",
    what: "what was accepted in a storm and could not be stored, with the reason",
    example: "./bin/tocsin intake set-aside",
    options: [LIMIT_OPTION],
    async run(given) {
      const list = await listUpTo(client, listSetAside, { query: {} }, limitOf(given));
      return shownList(list, (items) => setAsideTable(items, cli), "Nothing is set aside.");
    },
  });
  addCommand(noun, cli, {
    usage: "show <id>",
    what: "one of them as it came",
    example: "./bin/tocsin intake show 3",
    async run(given) {
      const detail = await client.call(getSetAside, { params: { id: numberOf(given) } });
      return { value: detail, lines: () => setAsideLines(detail) };
    },
  });
  addCommand(noun, cli, {
    usage: "retry <id>",
    what: "try it again after a mend, as if it had just come",
    example: "./bin/tocsin intake retry 3",
    async run(given) {
      const tried = await client.call(retrySetAside, { params: { id: numberOf(given) } });
      const lines = tried.accepted.map(({ dedupKey, what }) => `${dedupKey}: ${what}`);
      return { value: tried, lines: () => lines };
    },
  });
  addCommand(noun, cli, {
    usage: "drop <id>",
    what: "let it go for good; who did it and why is kept",
    example: './bin/tocsin intake drop 3 --because "sent again by hand"',
    options: [["--because <text>", "the reason, recorded", "required"]],
    async run(given) {
      const body = { because: given.text("because") ?? "" };
      const gone = await client.call(dropSetAside, { params: { id: numberOf(given) }, body });
      return { value: gone, lines: () => ["Dropped."] };
    },
  });
}

function numberOf(given: Given): number {
  const text = given.arg(0);
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new ClientError(`“${text}” is no number that intake set-aside lists`);
  return Number(text);
}

function setAsideTable(items: readonly SetAside[], { now, width }: Cli): readonly string[] {
  const rows = items.map(({ id, key, receivedAt, because }) => [
    `${id}`,
    key,
    briefTime(receivedAt, now()),
    spanText(now() - Date.parse(receivedAt)),
    because,
  ]);
  return table(["ID", "KEY", "RECEIVED", "AGE", "BECAUSE"], rows, width);
}

function setAsideLines(detail: SetAsideDetail): readonly string[] {
  const { id, key, receivedAt, setAsideAt, because, signals, raw } = detail;
  return [
    `${bold(`${id}`)} by key ${key}`,
    ...facts([
      ["Received", localTime(receivedAt)],
      ["Set aside", localTime(setAsideAt)],
      ["Because", because],
    ]),
    ...(signals === null
      ? ["Its seal cannot be opened with the keys of this installation."]
      : section(
          "Signals",
          signals.map(
            ({ action, severity, service, title, dedupKey }) =>
              `${action} ${severity ?? ""} ${service}: ${title} (${dedupKey})`,
          ),
        )),
    ...(raw === null ? [] : section("As it came", raw.replace(/[^\P{Cc}\n\t]/gu, "�").split("\n"))),
  ];
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
