/** `tocsin load`: who was on call and woken how much, and what is wrong with the weeks to come. */
import type { Command } from "commander";
import { exportLoad, readLoad } from "../contract/load.ts";
import { addCommand, type Cli, present } from "./command.ts";
import { writeTo } from "./files.ts";
import { section, table } from "./output.ts";
import { localTime, typedInstant } from "./time.ts";

export function registerLoad(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "load",
    what: "hours, nights, weekends, holidays and pages of everybody, and what is wrong with the weeks to come",
    example: "./bin/tocsin load --from 2026-11-01 --to 2026-12-01 --csv november.csv",
    options: [
      ["--from <time>", "from when (default: four weeks before the end)"],
      ["--to <time>", "until when (default: now)"],
      ["--schedule <schedule>", "only of this schedule, and pages that came while they held it"],
      ["--csv <file>", "write it there as CSV, for whoever pays"],
    ],
    async run(given) {
      const instant = (name: string): string | undefined => {
        const text = given.text(name);
        return text === undefined ? undefined : typedInstant(text, cli.now());
      };
      const query = present({
        from: instant("from"),
        to: instant("to"),
        schedule: given.text("schedule"),
      });
      const file = given.text("csv");
      if (file !== undefined) {
        await writeTo(file, await cli.client.text(exportLoad, { params: {}, query }));
        return { value: { file }, lines: () => [`Written to ${file}.`] };
      }
      const load = await cli.client.call(readLoad, { query });
      const rows = load.people.map((line) => [
        line.person,
        ...[line.hours, line.nightHours, line.weekendHours, line.holidayHours].map(String),
        ...[line.shifts, line.pages, line.sleepPages].map(String),
      ]);
      const headings = [
        "PERSON",
        "HOURS",
        "NIGHT",
        "WEEKEND",
        "HOLIDAY",
        "SHIFTS",
        "PAGES",
        "AT NIGHT",
      ];
      return {
        value: load,
        lines: () => [
          `${localTime(load.from)} to ${localTime(load.to)}`,
          ...(rows.length === 0 ? ["Nobody was on call."] : table(headings, rows, cli.width)),
          ...section(
            "In the eight weeks to come",
            load.findings.map(
              ({ schedule, person, startsAt, text, kind }) =>
                `${schedule}: ${person ?? "nobody"}: ${text}${kind === "single point of failure" ? "" : `, first at ${localTime(startsAt)}`}.`,
            ),
          ),
        ],
      };
    },
  });
}
