/** `tocsin drills` and `tocsin drill start`: trying the way to people, and how it went. */
import type { Command } from "commander";
import { type DrillRecord, listDrills, startDrill } from "../contract/drill.ts";
import {
  addCommand,
  type Cli,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  shownList,
  summaryOf,
} from "./command.ts";
import { bold } from "./output.ts";
import { briefTime } from "./time.ts";

export function registerDrill(program: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "drills",
    what: "drills that were held, the newest first: who was reached how fast",
    example: "./bin/tocsin drills --drill weekly",
    options: [["--drill <drill>", "only this one"], LIMIT_OPTION],
    async run(given) {
      const query = present({ drill: given.text("drill") });
      const list = await listUpTo(client, listDrills, { query }, limitOf(given));
      const lines = (items: readonly DrillRecord[]) =>
        items.flatMap((item) => drillLines(item, cli));
      return shownList(list, lines, "No drill was held.");
    },
  });
  const noun = program.command("drill").description("one drill");
  noun.summary(summaryOf("hold a drill", "./bin/tocsin drill start weekly"));
  addCommand(noun, cli, {
    usage: "start <drill>",
    what: "hold a configured drill now: it pages, marked DRILL",
    example: "./bin/tocsin drill start weekly",
    async run(given) {
      const held = await client.call(startDrill, { params: { id: given.arg(0) } });
      return { value: held, lines: () => drillLines(held, cli) };
    },
  });
}

function drillLines(record: DrillRecord, { now }: Cli): readonly string[] {
  const { drill, service, incident, outcome, startedAt, because } = record;
  const by = record.acknowledgedBy === null ? "" : ` by ${record.acknowledgedBy}`;
  return [
    `${bold(drill)}  ${briefTime(startedAt, now())}  ${service}  ${outcome}${by}  (${incident}, ${because})`,
    ...record.pages.map(
      (page) =>
        `  ${page.person} by ${page.channel}: ${page.state}${after(", sent", page.handedOverAfterMs)}${after(", answered", page.acknowledgedAfterMs)}`,
    ),
  ];
}

const after = (words: string, ms: number | null): string =>
  ms === null ? "" : `${words} after ${(ms / 1_000).toFixed(1)} s`;
