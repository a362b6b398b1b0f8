/** `tocsin changes`: what was deployed and changed, as tools told it; and what of it is near an incident. */
import type { Command } from "commander";
import { type ChangeView, listChanges } from "../contract/deployment.ts";
import {
  addCommand,
  type Cli,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  shownList,
} from "./command.ts";
import { table } from "./output.ts";
import { briefTime, typedInstant } from "./time.ts";

export function registerChange(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "changes",
    what: "deployments and other changes that tools told of, the newest first",
    example: "./bin/tocsin changes --service checkout",
    options: [
      ["--service <service>", "only of this service"],
      ["--since <time>", "not before"],
      ["--until <time>", "not after"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const at = (name: string): string | undefined => {
        const text = given.text(name);
        return text === undefined ? undefined : typedInstant(text, cli.now());
      };
      const query = present({
        service: given.text("service"),
        since: at("since"),
        until: at("until"),
      });
      const list = await listUpTo(cli.client, listChanges, { query }, limitOf(given));
      return shownList(list, (items) => changeTable(items, cli), "No change was told.");
    },
  });
}

const changeTable = (items: readonly ChangeView[], { now, width }: Cli): readonly string[] =>
  table(
    ["AT", "SERVICE", "STATUS", "KIND", "BY", "TITLE"],
    items.map((item) => [
      briefTime(item.at, now()),
      item.service,
      item.status,
      item.kind,
      item.by ?? "–",
      item.title,
    ]),
    width,
  );

export type NearChange = Pick<ChangeView, "title" | "status" | "link"> & {
  readonly because: string;
};
const NEAREST = 5;

/** The nearest changes of an incident, the likeliest cause first. */
export const nearLines = (changes: readonly NearChange[]): readonly string[] => {
  const lines = changes
    .slice(0, NEAREST)
    .map(
      ({ title, status, because, link }) =>
        `${title} (${status}), ${because}${link === null ? "" : `  ${link}`}`,
    );
  const more = changes.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more that are farther away`] : lines;
};
