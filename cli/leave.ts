/** `tocsin leave`, `conflicts` and `schedule import`: calendars from outside, and what they say about shifts. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { importCalendar, listConflicts, listHolidays, putLeave } from "../contract/leave.ts";
import { ClientError } from "./client.ts";
import { addCommand, type Cli, present } from "./command.ts";
import { table } from "./output.ts";
import { localTime, typedInstant } from "./time.ts";

const calendarIn = (file: string): Promise<string> =>
  readFile(file, "utf8").catch(() => {
    throw new ClientError(`${file} cannot be read`);
  });

export function registerLeave(program: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "leave <person> <file>",
    what: "when somebody is away, from a calendar file; replaces what was said before and moves no shift",
    example: "./bin/tocsin leave lena leave.ics --only leave",
    options: [["--only <word>", "only events with this word in their title"]],
    async run(given) {
      const body = present({ calendar: await calendarIn(given.arg(1)), only: given.text("only") });
      const said = await client.call(putLeave, { params: { id: given.arg(0) }, body });
      const rows = said.items.map(({ startsAt, endsAt }) => [
        localTime(startsAt),
        localTime(endsAt),
      ]);
      return {
        value: said,
        lines: () =>
          rows.length === 0
            ? ["Nothing is to come in it."]
            : [...table(["AWAY FROM", "TO"], rows, cli.width), "See: ./bin/tocsin conflicts"],
      };
    },
  });
  addCommand(program, cli, {
    usage: "conflicts",
    what: "shifts of the eight weeks to come that fall into leave or a public holiday, and who could take them",
    example: "./bin/tocsin conflicts --schedule payments-primary",
    options: [["--schedule <schedule>", "only of this schedule"]],
    async run(given) {
      const query = present({ schedule: given.text("schedule") });
      const found = await client.call(listConflicts, { params: {}, query });
      const rows = found.items.map(({ schedule, person, startsAt, endsAt, holiday, proposals }) => [
        schedule,
        person,
        localTime(startsAt),
        localTime(endsAt),
        holiday ?? "leave",
        proposals.map((each) => `${each.person} (${each.hours} h)`).join(", ") || "nobody is free",
      ]);
      const headings = ["SCHEDULE", "AWAY", "FROM", "TO", "BECAUSE", "COULD TAKE IT"];
      return {
        value: found,
        lines: () =>
          rows.length === 0
            ? ["Nobody is on call while they are away."]
            : table(headings, rows, cli.width),
      };
    },
  });
  addCommand(program, cli, {
    usage: "holidays",
    what: "public holidays of the countries that people and schedules name, and whose they are",
    example: "./bin/tocsin holidays --to +1y",
    options: [
      ["--from <time>", "from when (default: now)"],
      ["--to <time>", "until when (default: eight weeks later)"],
    ],
    async run(given) {
      const instant = (name: string): string | undefined => {
        const text = given.text(name);
        return text === undefined ? undefined : typedInstant(text, cli.now());
      };
      const query = present({ from: instant("from"), to: instant("to") });
      const found = await client.call(listHolidays, { params: {}, query });
      const rows = found.items.map(({ date, name, country, people }) => [
        date,
        country,
        name,
        people.join(", "),
      ]);
      return {
        value: found,
        exitCode: found.unknown.length > 0 ? 1 : 0,
        lines: () => [
          ...(rows.length === 0
            ? ["None. People and schedules may name a country: country: DE-BY"]
            : table(["DAY", "COUNTRY", "HOLIDAY", "WHOSE"], rows, cli.width)),
          ...found.unknown.map((place) => `No holidays are known of ${place}.`),
        ],
      };
    },
  });
  addCommand(program, cli, {
    usage: "import-calendar <schedule> <file>",
    what: "where the shifts of a calendar file differ from the schedule; --save makes overrides of them",
    example: "./bin/tocsin import-calendar payments-primary old-tool.ics",
    options: [
      ["--from <time>", "from when (default: now)"],
      ["--to <time>", "until when (default: eight weeks later)"],
      ["--people <title=person>", "who is meant by a title that is no id, name or address", "list"],
      ["--save", "make overrides of the differences"],
    ],
    async run(given) {
      const instant = (name: string): string | undefined => {
        const text = given.text(name);
        return text === undefined ? undefined : typedInstant(text, cli.now());
      };
      const people = peopleMeant(given.list("people"));
      const span = present({ from: instant("from"), to: instant("to") });
      const calendar = await calendarIn(given.arg(1));
      const body = { calendar, people, ...span, dryRun: !given.flag("save") };
      const read = await client.call(importCalendar, { params: { id: given.arg(0) }, body });
      const rows = read.differences.map(({ startsAt, endsAt, before, after }) => [
        localTime(startsAt),
        localTime(endsAt),
        before ?? "nobody",
        after,
      ]);
      const kept = read.dryRun ? "Nothing was changed: --save makes overrides of them." : "Saved.";
      return {
        value: read,
        exitCode: read.unknown.length > 0 ? 1 : 0,
        lines: () => [
          `${read.shifts} shifts in the calendar, ${rows.length} differences.`,
          ...(rows.length === 0 ? [] : table(["FROM", "TO", "BEFORE", "AFTER"], rows, cli.width)),
          ...read.unknown.map(
            (title) => `Nobody knows who “${title}” is: --people "${title}=PERSON"`,
          ),
          ...(rows.length === 0 ? [] : [kept]),
        ],
      };
    },
  });
}

/** Who is meant by which title. Lists are cut at commas, and titles such as “Ox, Ann” have one before their “=”. */
function peopleMeant(pieces: readonly string[]): Readonly<Record<string, string>> {
  const meant: [title: string, person: string][] = [];
  let begun: readonly string[] = [];
  for (const piece of pieces) {
    const pair = [...begun, piece].join(",");
    const at = pair.lastIndexOf("=");
    begun = at > 0 ? [] : [...begun, piece];
    if (at > 0) meant.push([pair.slice(0, at), pair.slice(at + 1)]);
  }
  if (begun.length > 0) throw new ClientError(`“${begun.join(",")}” is not TITLE=PERSON`);
  return Object.fromEntries(meant);
}
