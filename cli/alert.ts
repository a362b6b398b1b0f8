/** `tocsin alerts` and `tocsin alert show`, and `tocsin send`, which makes one. */
import type { Command } from "commander";
import { type Alert, getAlert, listAlerts } from "../contract/alert.ts";
import { enqueuePagerDuty } from "../contract/intake.ts";
import { ClientError } from "./client.ts";
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
  severityCell,
  shortId,
  stateCell,
  styled,
  table,
} from "./output.ts";
import { briefTime, exactTime, localTime } from "./time.ts";

export function registerAlert(program: Command, cli: Cli): void {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "alerts",
    what: "list alerts, the newest first",
    example: "./bin/tocsin alerts --status open --service checkout",
    options: [
      ["--status <status>", "open, firing, acknowledged or resolved"],
      ["--severity <severity>", "critical, error, warning or info"],
      ["--service <service>", "only of this service"],
      ["--incident <incident>", "only of this incident"],
      ["--dedup-key <key>", "only with this dedup key"],
      ["--key <key>", "only such as came by this intake key"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const incident = given.text("incident");
      const query = present({
        status: given.text("status"),
        severity: given.text("severity"),
        service: given.text("service"),
        incident: incident === undefined ? undefined : incidentIdFrom(incident),
        dedupKey: given.text("dedupKey"),
        key: given.text("key"),
      });
      const list = await listUpTo(client, listAlerts, { query }, limitOf(given));
      return shownList(list, (items) => alertTable(items, cli), "No alert.");
    },
  });
  const noun = program.command("alert").description("one alert");
  noun.summary(
    summaryOf("one alert, with the decision it led to", "./bin/tocsin alert show 3f9c2a71d0b4"),
  );
  addCommand(noun, cli, {
    usage: "show <id>",
    what: "one alert with its decision and latest signals; the end of its id will do",
    example: "./bin/tocsin alert show 3f9c2a71d0b4",
    async run(given) {
      const latest = async () => (await client.call(listAlerts, { query: { limit: 500 } })).items;
      const id = await idMeant("alert", given.arg(0), latest);
      const alert = await client.call(getAlert, { params: { id } });
      const signals = alert.signals.map(
        ({ receivedAt, adapter, action, decision }) =>
          `${exactTime(receivedAt)}  ${action} by ${adapter}: ${decision.because}`,
      );
      return { value: alert, lines: () => [...alertLines(alert), ...section("Signals", signals)] };
    },
  });
}

function alertTable(items: readonly Alert[], { now, width }: Cli): readonly string[] {
  const rows = items.map((alert) => [
    shortId(alert.id),
    alert.suppressed === null && alert.hold?.until == null
      ? stateCell(alert.status)
      : { text: alert.suppressed === null ? "waiting" : "suppressed", style: "dim" as const },
    severityCell(alert.severity),
    alert.service,
    String(alert.count),
    briefTime(alert.lastReceivedAt, now()),
    alert.incident ?? "–",
    alert.title,
  ]);
  const headings = ["ID", "STATUS", "SEVERITY", "SERVICE", "COUNT", "LAST", "INCIDENT", "TITLE"];
  return table(headings, rows, width);
}

function alertLines(alert: Alert): readonly string[] {
  const { rule, source, because, outcome } = alert.decision;
  const status = styled(stateCell(alert.status));
  const first = localTime(alert.firstReceivedAt);
  const closed =
    alert.closedAt === null ? null : `${localTime(alert.closedAt)}: ${alert.closedBecause ?? ""}`;
  return [
    `${bold(alert.title)}  ${styled(severityCell(alert.severity))}  ${status}`,
    ...facts([
      ["Id", alert.id],
      ["Service", alert.service],
      ["Dedup key", `${alert.dedupKey} (by key ${alert.key})`],
      ["Received", `${alert.count} times, ${first} to ${localTime(alert.lastReceivedAt)}`],
      ["Closed", closed],
      ["Decision", `${outcome}: ${because}`],
      ["Rule", rule === null ? "none" : `${rule} (${source ?? "?"})`],
      ["Waits", waitText(alert)],
      ["Suppressed", suppressedText(alert)],
      ["Incident", alert.incident],
      ["Link", alert.link],
      [
        "Labels",
        Object.entries(alert.labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(", ") || null,
      ],
    ]),
  ];
}

function waitText({ hold, status, incident }: Alert): string | null {
  if (hold === null) return null;
  const since = localTime(hold.since);
  if (hold.until !== null) return `since ${since}, until ${localTime(hold.until)}. ${hold.text}`;
  if (incident !== null) return `waited from ${since} on. ${hold.text}`;
  const end = status === "resolved" ? "until it was over" : "and declares nothing by itself";
  return `from ${since} ${end}. ${hold.text}`;
}

const suppressedText = ({ suppressed }: Alert): string | null =>
  suppressed === null
    ? null
    : `by ${suppressed.by} of ${suppressed.owner} until ${localTime(suppressed.until)}: ${suppressed.reason}`;

/** Sends an event as PagerDuty's tools do: for first steps, and to try a key. */
export function registerSend(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "send",
    what: "send a test event through the intake, as a monitoring tool would",
    example:
      './bin/tocsin send --key acme-checkout --severity critical --summary "Checkout is down"',
    options: [
      ["--key <key>", "the intake key", "required"],
      ["--summary <text>", "what is wrong"],
      ["--severity <severity>", "critical, error, warning or info (default: critical)"],
      ["--source <name>", "what it comes from (default: tocsin send)"],
      ["--dedup-key <key>", "the identity of the condition; needed to resolve it"],
      ["--resolve", "the condition is over"],
      ["--acknowledge", "somebody has it, says the tool"],
    ],
    async run(given) {
      const action = given.flag("resolve")
        ? "resolve"
        : given.flag("acknowledge")
          ? "acknowledge"
          : "trigger";
      const [summary, dedupKey] = [given.text("summary"), given.text("dedupKey")];
      if (action === "trigger" && summary === undefined)
        throw new ClientError("say what is wrong: --summary");
      if (action !== "trigger" && dedupKey === undefined)
        throw new ClientError(`--${action} needs --dedup-key`);
      const severity = given.text("severity") ?? "critical";
      const payload = { summary, source: given.text("source") ?? "tocsin send", severity };
      const body = present({
        routing_key: given.text("key"),
        event_action: action,
        dedup_key: dedupKey,
        payload: action === "trigger" ? payload : undefined,
      });
      const reply = await cli.keyless.call(enqueuePagerDuty, { body });
      const lines = [`Accepted as ${reply.dedup_key}.`];
      if (action === "trigger") {
        const key = given.text("key") ?? "";
        lines.push("What it led to: ./bin/tocsin alerts, ./bin/tocsin incidents.");
        const over = `--resolve --dedup-key ${reply.dedup_key}`;
        lines.push(`When it is over: ./bin/tocsin send --key ${key} ${over}`);
      }
      return { value: reply, lines: () => lines };
    },
  });
}
