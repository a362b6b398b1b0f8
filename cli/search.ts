/** `tocsin search`: incidents, alerts, runbooks, services, people and schedules by their words. */
import type { Command } from "commander";
import { FoundKind, search } from "../contract/search.ts";
import { ClientError } from "./client.ts";
import { addCommand, type Cli, LIMIT_OPTION, limitOf } from "./command.ts";
import { dim, table } from "./output.ts";
import { briefTime, localTime } from "./time.ts";

export function registerSearch(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "search <words...>",
    what: "find incidents, alerts, runbooks, services, people and schedules",
    example: "./bin/tocsin search card payments",
    options: [["--kind <kind>", `only ${FoundKind.options.join(", ")}`], LIMIT_OPTION],
    async run(given) {
      const kind = FoundKind.safeParse(given.text("kind"));
      if (given.text("kind") !== undefined && !kind.success)
        throw new ClientError(
          `“${given.text("kind")}” is no kind: ${FoundKind.options.join(", ")}`,
        );
      const query = {
        q: given.arg(0),
        limit: Math.min(limitOf(given), 50),
        ...(kind.success && { kind: kind.data }),
      };
      const found = await cli.client.call(search, { query });
      return { value: found, lines: () => linesOf(found, cli) };
    },
  });
}

type Answer = (typeof search)["reply"]["_output"];

function linesOf({ items, more, alertsBackTo }: Answer, { now, width }: Cli): readonly string[] {
  const rows = items.map(({ kind, id, title, detail, excerpt, severity, at }) => [
    kind,
    kind === "alert" ? id.slice(-12) : id,
    at === null ? "" : briefTime(at, now()),
    [severity, detail].filter(Boolean).join(", "),
    excerpt === null ? title : `${title}: ${excerpt}`,
  ]);
  return [
    ...(rows.length === 0
      ? ["Nothing holds all of these words."]
      : table(["KIND", "ID", "SINCE", "", "WHAT"], rows, width)),
    ...(more.length === 0 ? [] : [dim(`There is more of: ${more.join(", ")} (--kind, --limit).`)]),
    ...(alertsBackTo === null
      ? []
      : [dim(`Closed alerts were looked through back to ${localTime(alertsBackTo)}.`)]),
  ];
}
