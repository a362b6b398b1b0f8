/** `tocsin insights`: how fast, what was kept, who was woken, which rules are noise. */
import type { Command } from "commander";
import * as contract from "../contract/insights.ts";
import { ClientError } from "./client.ts";
import { addCommand, type Cli, type Given, present } from "./command.ts";
import { writeTo } from "./files.ts";
import { bold, table } from "./output.ts";
import { localTime, spanText, typedInstant } from "./time.ts";

export function registerInsights(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "insights <topic>",
    what: `how it went: ${contract.INSIGHT_TOPICS.join(", ")}`,
    example: "./bin/tocsin insights times",
    options: [
      ["--from <time>", "incidents declared from then on (default 90 days before the end)"],
      ["--to <time>", "incidents declared before then (default now)"],
      ["--team <id>", "only incidents of this team"],
      ["--csv <file>", "write the rows behind it there as CSV"],
    ],
    async run(given) {
      const topic = contract.InsightTopic.safeParse(given.arg(0));
      if (!topic.success)
        throw new ClientError(
          `“${given.arg(0)}” is no topic: ${contract.INSIGHT_TOPICS.join(", ")}`,
        );
      const query = queryOf(given, cli);
      const file = given.text("csv");
      if (file === undefined) return shown(topic.data, query, cli);
      const params = { topic: topic.data };
      await writeTo(file, await cli.client.text(contract.exportInsights, { params, query }));
      return { value: { file }, lines: () => [`Written to ${file}.`] };
    },
  });
}

type Query = { readonly from?: string; readonly to?: string; readonly team?: string };

function queryOf(given: Given, cli: Cli): Query {
  const instant = (name: string): string | undefined => {
    const text = given.text(name);
    return text === undefined ? undefined : typedInstant(text, cli.now());
  };
  return present({ from: instant("from"), to: instant("to"), team: given.text("team") });
}

async function shown(topic: contract.InsightTopic, query: Query, { client, width }: Cli) {
  const time = (ms: number | null): string => (ms === null ? "" : spanText(ms));
  switch (topic) {
    case "times": {
      const value = await client.call(contract.readTimes, { query });
      const rows = value.distributions.map((row) => [
        row.kind,
        row.severity,
        String(row.count),
        time(row.medianMs),
        time(row.p90Ms),
        time(row.longestMs),
        String(row.open),
        String(row.invalid),
      ]);
      const head = ["TIME TO", "SEVERITY", "COUNT", "MEDIAN", "90 %", "LONGEST", "OPEN", "INVALID"];
      const invalid = value.invalid.map((row) => `${row.incident} ${row.kind}: ${row.because}`);
      return {
        value,
        lines: () => [
          spanLine(value),
          ...lines(head, rows, width),
          ...(invalid.length === 0
            ? []
            : ["", bold("Invalid, and in no number above"), ...invalid]),
        ],
      };
    }
    case "promises": {
      const value = await client.call(contract.readPromises, { query });
      const rows = value.rows.map((row) => [
        row.severity,
        row.kind,
        ...[row.kept, row.late, row.missed, row.running].map(String),
      ]);
      const head = ["SEVERITY", "PROMISE", "KEPT", "LATE", "MISSED", "RUNNING"];
      return { value, lines: () => [spanLine(value), ...lines(head, rows, width)] };
    }
    case "pages": {
      const value = await client.call(contract.readPageCounts, { query });
      const rows = value.rows.map((row) => [
        row.name,
        ...[row.pages, row.atNight, row.nights, row.acknowledged].map(String),
        row.zone,
      ]);
      const head = ["PERSON", "PAGES", "AT NIGHT", "NIGHTS", "ACKNOWLEDGED", "ZONE"];
      return { value, lines: () => [spanLine(value), ...lines(head, rows, width)] };
    }
    case "rules": {
      const value = await client.call(contract.readNoisyRules, { query });
      const rows = value.rows.map((row) => [
        row.rule,
        row.source,
        ...[row.incidents, row.paged, row.acted, row.falseAlarms].map(String),
      ]);
      const head = ["RULE", "SOURCE", "INCIDENTS", "PAGED", "ACTED", "FALSE ALARMS"];
      return { value, lines: () => [spanLine(value), ...lines(head, rows, width)] };
    }
  }
}

const spanLine = ({ from, to }: { readonly from: string; readonly to: string }): string =>
  `Incidents declared from ${localTime(from)} to ${localTime(to)}`;

const lines = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] => (rows.length === 0 ? ["None."] : table(head, rows, width));
