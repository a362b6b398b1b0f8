/** `tocsin swap`: a shift for one of a colleague's, or for nothing. */
import type { Command } from "commander";
import {
  acceptSwap,
  askSwap,
  declineSwap,
  listSwaps,
  type Swap,
  withdrawSwap,
} from "../contract/swap.ts";
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
import { idMeant, shortId, table } from "./output.ts";
import { localTime, typedInstant } from "./time.ts";

const SPAN_OPTIONS = [
  ["--from <time>", "from when (default: the shift that is under way or next)"],
  ["--to <time>", "until when"],
  ["--person <person>", "whose shift it is, for a manager of the team (default: you)"],
  ["--reason <text>", "why"],
] as const;

export function registerSwap(program: Command, cli: Cli): void {
  const noun = program.command("swap").description("shifts that people take from each other");
  noun.summary(
    summaryOf("ask for, offer and take shifts", "./bin/tocsin swap offer payments-primary"),
  );
  addCommand(noun, cli, {
    usage: "offer <schedule>",
    what: "offer a shift to everybody of the team; nothing moves before somebody takes it",
    example: "./bin/tocsin swap offer payments-primary --from 2026-12-24 --to 2026-12-27",
    options: SPAN_OPTIONS,
    run: (given) => ask(cli, given, undefined),
  });
  addCommand(noun, cli, {
    usage: "ask <schedule> <person>",
    what: "ask a colleague to take a shift, perhaps for one of theirs",
    example: "./bin/tocsin swap ask payments-primary noah --return-from +7d --return-to +14d",
    options: [
      ...SPAN_OPTIONS,
      ["--return-from <time>", "you take theirs in exchange, from when"],
      ["--return-to <time>", "until when"],
    ],
    run: (given) => ask(cli, given, given.arg(1)),
  });
  addCommand(noun, cli, {
    usage: "list",
    what: "shifts that are offered or asked for",
    example: "./bin/tocsin swap list",
    options: [
      ["--schedule <schedule>", "of this schedule"],
      ["--all", "with those that were answered or are over"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const query = {
        ...present({ schedule: given.text("schedule") }),
        all: given.flag("all") ? ("true" as const) : ("false" as const),
      };
      const list = await listUpTo(cli.client, listSwaps, { query }, limitOf(given));
      return shownList(list, (items) => swapTable(items, cli.width), "No shift is offered.");
    },
  });
  addCommand(noun, cli, {
    usage: "accept <id>",
    what: "take the shift; both sides and the team hear of it",
    example: "./bin/tocsin swap accept 3f9c2a71d0b4",
    options: [["--person <person>", "who takes it, for a manager of the team (default: you)"]],
    async run(given) {
      const params = { id: await swapMeant(cli, given) };
      const body = present({ person: given.text("person") });
      return said(await cli.client.call(acceptSwap, { params, body }));
    },
  });
  for (const [verb, what, route] of [
    ["decline", "say no to a shift that you were asked for", declineSwap],
    ["withdraw", "take back what you asked or offered", withdrawSwap],
  ] as const)
    addCommand(noun, cli, {
      usage: `${verb} <id>`,
      what,
      example: `./bin/tocsin swap ${verb} 3f9c2a71d0b4`,
      async run(given) {
        const params = { id: await swapMeant(cli, given) };
        return said(await cli.client.call(route, { params }));
      },
    });
}

async function ask(cli: Cli, given: Given, to: string | undefined) {
  const body = present({
    from: given.text("person"),
    to,
    span: spanOf(cli, given, "from", "to"),
    inReturn: spanOf(cli, given, "returnFrom", "returnTo"),
    reason: given.text("reason"),
  });
  return said(await cli.client.call(askSwap, { params: { id: given.arg(0) }, body }));
}

function spanOf(cli: Cli, given: Given, from: string, to: string) {
  const [start, end] = [given.text(from), given.text(to)];
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined)
    throw new ClientError("give both ends of the span, or neither");
  return { startsAt: typedInstant(start, cli.now()), endsAt: typedInstant(end, cli.now()) };
}

const swapMeant = (cli: Cli, given: Given): Promise<string> =>
  idMeant("swap", given.arg(0), async () => {
    const query = { all: "true" as const, limit: 500 };
    return (await cli.client.call(listSwaps, { query })).items;
  });

const said = (swap: Swap) => ({
  value: swap,
  lines: () => [`${swapText(swap)} Its id: ${shortId(swap.id)}.`],
});

function swapText({ schedule, from, to, takenBy, state, startsAt, endsAt }: Swap): string {
  const span = `${schedule} from ${localTime(startsAt)} to ${localTime(endsAt)}`;
  if (takenBy !== null) return `${takenBy} takes ${span} from ${from}.`;
  const asked = to === null ? `${from} offers ${span}` : `${from} asks ${to} to take ${span}`;
  return state === "open" ? `${asked}.` : `${asked}: ${state}.`;
}

function swapTable(items: readonly Swap[], width: number): readonly string[] {
  const rows = items.map((swap) => [
    shortId(swap.id),
    swap.state,
    swap.schedule,
    localTime(swap.startsAt),
    localTime(swap.endsAt),
    swap.from,
    swap.takenBy ?? swap.to ?? "anybody",
    swap.inReturn === null ? "" : `for ${localTime(swap.inReturn.startsAt)}`,
  ]);
  const headings = ["ID", "STATE", "SCHEDULE", "FROM", "TO", "OF", "TAKES IT", "IN EXCHANGE"];
  return table(headings, rows, width);
}
