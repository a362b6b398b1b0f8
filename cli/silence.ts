/** `tocsin silence`: mute alerts for a while, see what is muted, end it. */
import type { Command } from "commander";
import {
  createSilence,
  endSilence,
  listSilences,
  previewSilence,
  type Silence,
  SILENCE_WARNINGS,
} from "../contract/silence.ts";
import { fill } from "../contract/texts.ts";
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
import { bold, idMeant, section, shortId, styled, table } from "./output.ts";
import { briefTime, localTime, typedInstant } from "./time.ts";

export function registerSilence(program: Command, cli: Cli): void {
  const { client } = cli;
  const noun = program
    .command("silence")
    .description("mute alerts until an instant; they stay in every list");
  const example = './bin/tocsin silence create service=checkout --for 2h --reason "index rebuild"';
  noun.summary(summaryOf("create, list and end silences", example));
  addCommand(noun, cli, {
    usage: "create <matchers...>",
    what: "mute the alerts that all matchers mean; --dry-run only shows which fire now",
    example,
    options: [
      ["--reason <text>", "why", "required"],
      ["--for <length>", "how long from its start, such as 30m, 2h, 1d"],
      ["--until <time>", "until when, instead of --for"],
      ["--from <time>", "from when (default: now)"],
      ["--owner <person>", "who answers for it (default: you)"],
      [
        "--repeats <rule>",
        "a recurrence rule such as FREQ=WEEKLY;BYDAY=SU; needs --each and --zone",
      ],
      ["--each <length>", "how long it lasts each time"],
      ["--zone <zone>", "on whose wall clock it repeats, such as Europe/Berlin"],
      ["--dry-run", "show which open alerts it would mean, mute nothing"],
    ],
    async run(given) {
      const matchers = [...given.words];
      const preview = await client.call(previewSilence, { body: { matchers } });
      const firing = preview.items.map(
        (alert) => `${shortId(alert.id)}  ${alert.service}  ${alert.title}`,
      );
      const meant = section(
        preview.more ? "Open alerts that it means, and more" : "Open alerts that it means",
        firing.length === 0 ? ["none"] : firing,
      ).concat(
        preview.warnings.map(({ code, params }) =>
          styled({ text: fill(SILENCE_WARNINGS[code], params), style: "yellow" }),
        ),
      );
      if (given.flag("dryRun")) return { value: preview, lines: () => meant };
      const body = { matchers, reason: given.text("reason") ?? "", ...spanOf(given, cli.now()) };
      const owner = present({ owner: given.text("owner") });
      const made = await client.call(createSilence, { body: { ...body, ...owner } });
      return { value: made, lines: () => [silenceText(made), ...meant] };
    },
  });
  addCommand(noun, cli, {
    usage: "list",
    what: "maintenance windows and silences, with what they hold",
    example: "./bin/tocsin silence list --state active",
    options: [["--state <state>", "active, pending or expired"], LIMIT_OPTION],
    async run(given) {
      const query = present({ state: given.text("state") });
      const list = await listUpTo(client, listSilences, { query }, limitOf(given));
      return shownList(list, (items) => silenceTable(items, cli), "Nothing is silenced.");
    },
  });
  addCommand(noun, cli, {
    usage: "end <id>",
    what: "end a silence now; what still fires is looked at again",
    example: "./bin/tocsin silence end 3f9c2a71d0b4",
    async run(given) {
      const latest = async () =>
        (await client.call(listSilences, { query: { limit: 500 } })).items.filter(
          ({ kind }) => kind === "silence",
        );
      const id = await idMeant("silence", given.arg(0), latest);
      const ended = await client.call(endSilence, { params: { id } });
      const { holds, held, wouldHavePaged } = ended;
      const counts = `It held ${held} alert(s), ${wouldHavePaged} of which would have paged.`;
      const again = holds === 0 ? "" : ` ${holds} still fire and are looked at again now.`;
      return { value: ended, lines: () => [`Ended. ${counts}${again}`] };
    },
  });
}

function spanOf(given: Given, now: number) {
  const from = given.text("from");
  const startsAt = from === undefined ? new Date(now).toISOString() : typedInstant(from, now);
  const [length, until] = [given.text("for"), given.text("until")];
  if ((length === undefined) === (until === undefined))
    throw new ClientError("say when it ends: --for 2h or --until 18:00, one of the two");
  const endsAt = typedInstant(
    until ?? `+${lengthOf(length ?? "")}`,
    until === undefined ? Date.parse(startsAt) : now,
  );
  const [rule, each, zone] = [given.text("repeats"), given.text("each"), given.text("zone")];
  if (rule === undefined) return { startsAt, endsAt };
  if (each === undefined || zone === undefined)
    throw new ClientError("what repeats needs --each <length> and --zone <zone>");
  return { startsAt, endsAt, recurs: { rule, timezone: zone, duration: durationOf(each) } };
}

const LENGTH = /^(\d{1,5})([mhdw])$/;

/** The length as it was typed; refuses what is none, in words. */
function lengthOf(text: string): string {
  if (!LENGTH.test(text)) throw new ClientError(`“${text}” is no length such as 90m, 2h or 1d`);
  return text;
}

/** "90m" as ISO 8601: what people type and what the contract says. */
function durationOf(text: string): string {
  const [, count = "", unit = ""] = LENGTH.exec(lengthOf(text)) ?? [];
  return unit === "m" || unit === "h"
    ? `PT${count}${unit.toUpperCase()}`
    : `P${count}${unit.toUpperCase()}`;
}

const silenceText = (silence: Silence): string =>
  `${bold(shortId(silence.id))} mutes ${silence.matchers.join(" ")} until ${localTime(silence.endsAt)}.`;

function silenceTable(items: readonly Silence[], { now, width }: Cli): readonly string[] {
  const rows = items.map((silence) => [
    silence.kind === "silence" ? shortId(silence.id) : silence.id,
    silence.state,
    silence.now === null ? "–" : briefTime(silence.now.from, now()),
    silence.now === null ? briefTime(silence.endsAt, now()) : briefTime(silence.now.to, now()),
    silence.owner,
    `${silence.holds}/${silence.held}/${silence.wouldHavePaged}`,
    [...silence.services, ...silence.matchers].join(" "),
    silence.reason,
  ]);
  const headings = ["ID", "STATE", "FROM", "TO", "OWNER", "HOLDS/HELD/PAGES", "MUTES", "REASON"];
  return table(headings, rows, width);
}
