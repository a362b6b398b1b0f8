/** `tocsin leave-feed`: the calendar at an address that somebody's leave is read from. */
import type { Command } from "commander";
import {
  type LeaveFeed,
  putLeaveFeed,
  readLeaveFeed,
  removeLeaveFeed,
} from "../contract/leaveFeed.ts";
import { addCommand, type Cli, present, summaryOf } from "./command.ts";
import { localTime } from "./time.ts";

export function registerLeaveFeed(program: Command, cli: Cli): void {
  const { client } = cli;
  const noun = program
    .command("leave-feed")
    .description("the calendar at an address that somebody's leave is read from, every hour");
  noun.summary(
    summaryOf(
      "read leave from a calendar at an address",
      "./bin/tocsin leave-feed set lena https://calendar.example/secret.ics",
    ),
  );
  addCommand(noun, cli, {
    usage: "set <person> <url>",
    what: "read it from this address from now on; it is kept sealed and never shown again",
    example: "./bin/tocsin leave-feed set lena https://calendar.example/secret.ics --only leave",
    options: [["--only <word>", "only events with this word in their title"]],
    async run(given) {
      const body = present({ url: given.arg(1), only: given.text("only") });
      const feed = await client.call(putLeaveFeed, { params: { id: given.arg(0) }, body });
      return { value: feed, lines: () => linesOf(feed) };
    },
  });
  addCommand(noun, cli, {
    usage: "show <person>",
    what: "where it is read from, how that went, and what it says",
    example: "./bin/tocsin leave-feed show lena",
    options: [],
    async run(given) {
      const { feed } = await client.call(readLeaveFeed, { params: { id: given.arg(0) } });
      const lines = () => (feed === null ? ["No calendar is read."] : linesOf(feed));
      return { value: feed, exitCode: feed?.failure == null ? 0 : 1, lines };
    },
  });
  addCommand(noun, cli, {
    usage: "remove <person>",
    what: "read it no more; the leave to come that it said is gone",
    example: "./bin/tocsin leave-feed remove lena",
    options: [],
    async run(given) {
      const done = await client.call(removeLeaveFeed, { params: { id: given.arg(0) } });
      return {
        value: done,
        lines: () => [done.removed ? "It is read no more." : "No calendar was read."],
      };
    },
  });
}

const linesOf = (feed: LeaveFeed): readonly string[] => [
  `From ${feed.host}${feed.only === null ? "" : `, events with “${feed.only}”`}, next at ${localTime(feed.nextAt)}.`,
  feed.readAt === null ? "It was not read yet." : `Read as a whole at ${localTime(feed.readAt)}.`,
  ...(feed.failure === null
    ? []
    : [`It cannot be read since ${localTime(feed.failingSince ?? feed.saidAt)}: ${feed.failure}.`]),
  ...feed.leave.map(
    ({ startsAt, endsAt }) => `Away from ${localTime(startsAt)} to ${localTime(endsAt)}.`,
  ),
];
