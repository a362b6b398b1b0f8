/** `tocsin who`, `schedules`, `shifts` and `override`. */
import type { Command } from "commander";
import { giveFeed, renewFeed } from "../contract/feed.ts";
import {
  addOverride,
  endOverride,
  explainOnCall,
  listOverrides,
  listSchedules,
  listShifts,
  type OverrideView,
  takeShift,
} from "../contract/schedule.ts";
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
import { ClientError } from "./client.ts";
import { bold, idMeant, section, shortId, table } from "./output.ts";
import { briefTime, localized, localTime, typedInstant } from "./time.ts";

export function registerOnCall(program: Command, cli: Cli): void {
  const { client } = cli;
  const optionalInstant = (given: Given, option: string): string | undefined => {
    const text = given.text(option);
    return text === undefined ? undefined : typedInstant(text, cli.now());
  };
  addCommand(program, cli, {
    usage: "who <schedule>",
    what: "who is on call, until when, who is next, and why",
    example: './bin/tocsin who payments-primary --at "2026-12-24 03:00"',
    options: [["--at <time>", "at this instant (default: now)"]],
    async run(given) {
      const query = present({ at: optionalInstant(given, "at") });
      const answer = await client.call(explainOnCall, { params: { id: given.arg(0) }, query });
      const until = answer.until === null ? "" : ` until ${localTime(answer.until)}`;
      const next =
        answer.next === null
          ? []
          : [
              `then ${together(answer.next.person, answer.next.others ?? []) ?? "nobody"} from ${localTime(answer.next.at)}`,
            ];
      return {
        value: answer,
        lines: () => [
          `${bold(answer.person ?? "nobody")} at ${localTime(answer.at)}${until}`,
          ...(answer.others.length === 0 ? [] : [`together with ${answer.others.join(", ")}`]),
          ...(answer.shadows.length === 0 ? [] : [`shadowed by ${answer.shadows.join(", ")}`]),
          ...next,
          ...section(
            "Why, from the top of the stack",
            answer.reasons.map(({ text }) => localized(text)),
          ),
        ],
      };
    },
  });
  addCommand(program, cli, {
    usage: "schedules",
    what: "list schedules with who is on call now",
    example: "./bin/tocsin schedules",
    options: [LIMIT_OPTION],
    async run(given) {
      const list = await listUpTo(client, listSchedules, { query: {} }, limitOf(given));
      const rows = (items: typeof list.items) =>
        items.map(({ id, onCall, others, until, timezone, name }) => [
          id,
          together(onCall, others) ?? { text: "nobody", style: "red" as const },
          until === null ? "–" : briefTime(until, cli.now()),
          timezone,
          name,
        ]);
      const headings = ["ID", "ON CALL", "UNTIL", "ZONE", "NAME"];
      return shownList(
        list,
        (items) => table(headings, rows(items), cli.width),
        "No schedule is configured.",
      );
    },
  });
  addCommand(program, cli, {
    usage: "shifts <schedule>",
    what: "the shifts of a span, gaps included",
    example: "./bin/tocsin shifts payments-primary --to +4w",
    options: [
      ["--from <time>", "from when (default: now)"],
      ["--to <time>", "until when (default: two weeks later)"],
    ],
    async run(given) {
      const query = present({
        from: optionalInstant(given, "from"),
        to: optionalInstant(given, "to"),
      });
      const shifts = await client.call(listShifts, { params: { id: given.arg(0) }, query });
      const rows = shifts.items.map(({ startsAt, endsAt, person, others, layer, override }) => [
        localTime(startsAt),
        localTime(endsAt),
        together(person, others) ?? { text: "nobody", style: "red" as const },
        override === null ? (layer ?? "gap") : `override ${shortId(override)}`,
      ]);
      return {
        value: shifts,
        lines: () => table(["FROM", "TO", "ON CALL", "BY"], rows, cli.width),
      };
    },
  });
  registerTake(program, cli);
  registerOverride(program, cli);
  registerCalendar(program, cli);
}

/** Everybody who holds it; null is nobody. */
const together = (person: string | null, others: readonly string[]): string | null =>
  person === null ? null : [person, ...others].join(" + ");

function registerCalendar(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "calendar <id>",
    what: "the secret address of a schedule's calendar, or of your own, for a calendar program",
    example: "./bin/tocsin calendar payments-primary",
    options: [
      ["--person", "the id is a person's: all shifts of theirs"],
      ["--renew", "give a new address; the one before stops working"],
    ],
    async run(given) {
      const params = {
        of: given.flag("person") ? ("person" as const) : ("schedule" as const),
        id: given.arg(0),
      };
      const feed = await cli.client.call(given.flag("renew") ? renewFeed : giveFeed, { params });
      return { value: feed, lines: () => [feed.url] };
    },
  });
}

function registerTake(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "take <schedule>",
    what: "take the shift that is under way, until it ends; whoever had it is told",
    example: "./bin/tocsin take payments-primary",
    options: [
      ["--person <person>", "somebody else takes it (default: you)"],
      ["--replaces <person>", "whose place, where several hold it together"],
      ["--to <time>", "until when (default: the end of the shift)"],
      ["--reason <text>", "why"],
    ],
    async run(given) {
      const to = given.text("to");
      const body = present({
        person: given.text("person"),
        replaces: given.text("replaces"),
        endsAt: to === undefined ? undefined : typedInstant(to, cli.now()),
        reason: given.text("reason"),
      });
      const made = await cli.client.call(takeShift, { params: { id: given.arg(0) }, body });
      return { value: made, lines: () => [`${overrideText(made)} Its id: ${shortId(made.id)}.`] };
    },
  });
}

function registerOverride(program: Command, cli: Cli): void {
  const { client } = cli;
  const noun = program
    .command("override")
    .description("one person takes over from another for a span");
  noun.summary(
    summaryOf(
      "add, list and remove overrides",
      "./bin/tocsin override add payments-primary lena --to +8h",
    ),
  );
  addCommand(noun, cli, {
    usage: "add <schedule> <person>",
    what: "let a person take the schedule, or one other's shifts",
    example: "./bin/tocsin override add payments-primary lena --from 2026-12-24 --to 2026-12-27",
    options: [
      ["--to <time>", "until when", "required"],
      ["--from <time>", "from when (default: now)"],
      ["--replaces <person>", "only while this person would hold it"],
      ["--reason <text>", "why"],
    ],
    async run(given) {
      const now = cli.now();
      const body = present({
        person: given.arg(1),
        startsAt: typedInstant(given.text("from") ?? new Date(now).toISOString(), now),
        endsAt: typedInstant(given.text("to") ?? "", now),
        replaces: given.text("replaces"),
        reason: given.text("reason"),
      });
      const made = await client.call(addOverride, { params: { id: given.arg(0) }, body });
      return { value: made, lines: () => [`${overrideText(made)} Its id: ${shortId(made.id)}.`] };
    },
  });
  addCommand(noun, cli, {
    usage: "list <schedule>",
    what: "overrides that are in force or to come",
    example: "./bin/tocsin override list payments-primary",
    options: [["--from <time>", "that end after this instant (default: now)"], LIMIT_OPTION],
    async run(given) {
      const from = given.text("from");
      const query = from === undefined ? {} : { from: typedInstant(from, cli.now()) };
      const list = await listUpTo(
        client,
        listOverrides,
        { params: { id: given.arg(0) }, query },
        limitOf(given),
      );
      return shownList(list, (items) => overrideTable(items, cli), "No override.");
    },
  });
  addCommand(noun, cli, {
    usage: "remove <id>",
    what: "take an override back; one that has begun ends now",
    example: "./bin/tocsin override remove 3f9c2a71d0b4 --schedule payments-primary",
    options: [["--schedule <schedule>", "where it is; only needed for the end of an id"]],
    async run(given) {
      const id = await overrideMeant(cli, given);
      const ended = await client.call(endOverride, { params: { id } });
      return { value: ended, lines: () => [`Taken back. ${overrideText(ended)}`] };
    },
  });
}

/** A whole id says all; its end has to be looked up in the schedule. */
function overrideMeant(cli: Cli, given: Given): Promise<string> {
  const schedule = given.text("schedule");
  return idMeant("override", given.arg(0), async () => {
    if (schedule === undefined)
      throw new ClientError("give the whole id, or say in which --schedule it is");
    const input = { params: { id: schedule }, query: { limit: 500 } };
    return (await cli.client.call(listOverrides, input)).items;
  });
}

function overrideText({ schedule, person, replaces, startsAt, endsAt }: OverrideView): string {
  const whom = replaces === null ? "" : ` for ${replaces}`;
  return `${person} takes ${schedule}${whom} from ${localTime(startsAt)} to ${localTime(endsAt)}.`;
}

function overrideTable(items: readonly OverrideView[], { width }: Cli): readonly string[] {
  const rows = items.map(({ id, startsAt, endsAt, person, replaces, reason }) => [
    shortId(id),
    localTime(startsAt),
    localTime(endsAt),
    person,
    replaces ?? "everybody",
    reason ?? "",
  ]);
  return table(["ID", "FROM", "TO", "PERSON", "REPLACES", "REASON"], rows, width);
}
