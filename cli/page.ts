/** `tocsin pages` and `tocsin explain page`: the ledger of every page. */
import type { Command } from "commander";
import {
  type Explanation,
  explainNotification,
  listNotifications,
  type Notification,
} from "../contract/page.ts";
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
import {
  bold,
  facts,
  idMeant,
  incidentIdFrom,
  section,
  shortId,
  stateCell,
  styled,
  table,
} from "./output.ts";
import { briefTime, exactTime, localized } from "./time.ts";

export function registerPage(program: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "pages",
    what: "list pages and notices, the newest first",
    example: "./bin/tocsin pages --incident 12",
    options: [
      ["--incident <incident>", "only of this incident"],
      ["--person <person>", "only to this person"],
      ["--kind <kind>", "page or notice"],
      ["--state <state>", "pending, sending, accepted, failed or dropped"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const incident = given.text("incident");
      const query = present({
        incident: incident === undefined ? undefined : incidentIdFrom(incident),
        person: given.text("person"),
        kind: given.text("kind"),
        state: given.text("state"),
      });
      const list = await listUpTo(client, listNotifications, { query }, limitOf(given));
      return shownList(list, (items) => pageTable(items, cli), "No page.");
    },
  });
  const noun = program.command("explain").description("why something happened");
  noun.summary(summaryOf("why something happened", "./bin/tocsin explain page 3f9c2a71d0b4"));
  addCommand(noun, cli, {
    usage: "page <id>",
    what: "why you, why now, why this way; with every instant and attempt",
    example: "./bin/tocsin explain page 3f9c2a71d0b4",
    async run(given) {
      const latest = async () =>
        (await client.call(listNotifications, { query: { limit: 500 } })).items;
      const id = await idMeant("page", given.arg(0), latest);
      const page = await client.call(explainNotification, { params: { id } });
      return { value: page, lines: () => explanationLines(page) };
    },
  });
}

function pageTable(items: readonly Notification[], { now, width }: Cli): readonly string[] {
  const rows = items.map((page) => [
    shortId(page.id),
    page.kind,
    page.person ?? "–",
    page.channel,
    stateCell(stateText(page)),
    briefTime(page.dueAt, now()),
    page.title,
  ]);
  return table(["ID", "KIND", "PERSON", "CHANNEL", "STATE", "DUE", "TITLE"], rows, width);
}

const stateText = (page: Notification): string => {
  if (page.inFlight) return "in flight";
  return page.state === "accepted" && page.acknowledgedAt !== null ? "acknowledged" : page.state;
};

function explanationLines(page: Explanation): readonly string[] {
  const instant = (at: string | null): string => (at === null ? "–" : exactTime(at));
  const attempts = page.attempts.map(
    ({ attempt, startedAt, endedAt, verdict, because, mayRepeat }) => {
      const end = endedAt === null ? "no reply yet" : `ended ${exactTime(endedAt)}`;
      const repeat = mayRepeat ? ", may repeat an earlier one" : "";
      const why = because === null ? "" : ` (${because})`;
      const how = `${styled(stateCell(verdict))}${why}${repeat}`;
      return `${attempt}. started ${exactTime(startedAt)}, ${end}: ${how}`;
    },
  );
  const why = page.because === null ? "" : ` (${page.because})`;
  const state = `${styled(stateCell(stateText(page)))}${why}`;
  return [
    bold(page.title),
    `${page.kind} to ${page.person ?? "an audience"} by ${page.channel}: ${state}`,
    "",
    ...facts([
      ["Why you", localized(page.whyYou)],
      ["Why now", localized(page.whyNow)],
      ["Why this way", localized(page.whyThisWay)],
    ]),
    ...section("Ledger", [
      `accepted      ${instant(page.acceptedAt)}`,
      `decided       ${instant(page.decidedAt)}`,
      `due           ${instant(page.dueAt)}`,
      ...(page.nextTryAt === null || page.nextTryAt === page.dueAt
        ? []
        : [`tried next    ${exactTime(page.nextTryAt)}`]),
      `handed over   ${instant(page.handedOverAt)}`,
      `receipt       ${instant(page.receiptAt)}`,
      ...(page.delivery === null
        ? []
        : [
            `delivery      ${page.delivery.at === null ? "" : `${instant(page.delivery.at)}  `}${page.delivery.said}`,
          ]),
      `acknowledged  ${instant(page.acknowledgedAt)}`,
    ]),
    ...section("Attempts", attempts),
    ...(page.inFlight ? ["", "In flight: handed over, the channel has not replied yet."] : []),
    ...(page.mayRepeat ? ["", "May repeat: an attempt before it may have arrived."] : []),
  ];
}
