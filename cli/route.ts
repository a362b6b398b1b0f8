/** `tocsin route`: where an alert would go, and why, without sending one. */
import type { Command } from "commander";
import { routeAlert, type RoutingAnswer } from "../contract/routing.ts";
import { ClientError } from "./client.ts";
import { addCommand, type Cli, present } from "./command.ts";
import { bold, dim, facts, section } from "./output.ts";
import { localTime } from "./time.ts";

export function registerRoute(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "route",
    what: "where an alert would go now, with every rule that is looked at; nothing is sent",
    example: "./bin/tocsin route --key prometheus --labels alertname=DiskFull,host=db-1",
    options: [
      ["--labels <name=value>", "a label of the alert", "list"],
      ["--key <key>", "the intake key by which it would come"],
      ["--service <service>", "its service (default: what the key and the tables say)"],
      ["--severity <severity>", "critical, error, warning or info (default: critical)"],
      ["--title <text>", "its title"],
      ["--source <name>", "what it comes from"],
    ],
    async run(given) {
      const labels = wholeLabels(given.list("labels")).map((text): [string, string] => {
        const at = text.indexOf("=");
        if (at < 1) throw new ClientError(`“${text}” is no label such as host=db-1`);
        return [text.slice(0, at), text.slice(at + 1)];
      });
      const body = present({
        key: given.text("key"),
        service: given.text("service"),
        severity: given.text("severity"),
        title: given.text("title"),
        source: given.text("source"),
        labels: Object.fromEntries(labels),
      });
      const answer = await cli.client.call(routeAlert, { body: body as never });
      return { value: answer, lines: () => answerLines(answer) };
    },
  });
}

/** Commas separate labels and may stand in a value as well: what has no “=” belongs to the one before. */
const wholeLabels = (parts: readonly string[]): readonly string[] =>
  parts.reduce<string[]>((labels, part) => {
    const last = labels.at(-1);
    if (last === undefined || part.includes("=")) return [...labels, part];
    return [...labels.slice(0, -1), `${last},${part}`];
  }, []);

function answerLines(answer: RoutingAnswer): readonly string[] {
  const { service, suppressed } = answer;
  const catalogue = [
    service.team === null ? "not in the catalogue" : `team ${service.team}`,
    ...(service.tier === null ? [] : [`tier ${service.tier}`]),
    ...(service.runbook === null ? [] : [`runbook ${service.runbook}`]),
  ];
  const what =
    answer.outcome === "declare" ? `declares ${answer.severity ?? ""}` : "is recorded only";
  const by = answer.rule === null ? "no rule matches" : `rule ${answer.rule} (${answer.source})`;
  return [
    bold(`It ${what}: ${by}.`),
    ...facts([
      ["Service", `${service.id}: ${catalogue.join(", ")}`],
      ["Pages by", service.escalation ?? "nobody: the service has no escalation policy"],
      ["Tables", answer.tables.join(", ") || null],
      [
        "Went on without",
        answer.unanswered.map(({ table, because }) => `${table}: ${because}`).join("; ") || null,
      ],
      ["Group", answer.group],
      ["Waits", answer.waits.join("; ") || null],
      [
        "Suppressed",
        suppressed === null
          ? null
          : `by ${suppressed.by} until ${localTime(suppressed.until)}: ${suppressed.reason}`,
      ],
      ["Joins", answer.joins],
    ]),
    ...section(
      "Rules that were looked at",
      answer.looks.map(({ rule, source, depth, matches, why }) => {
        const indent = "  ".repeat(depth);
        return matches
          ? `${indent}${bold(rule)} matches ${dim(source)}`
          : `${indent}${rule}: ${why ?? "does not match"} ${dim(source)}`;
      }),
    ),
  ];
}
