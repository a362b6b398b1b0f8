/** `tocsin incidents`, `incident show`, `incident timeline` and `incident declare`. */
import type { Command } from "commander";
import { listIncidentChanges } from "../contract/deployment.ts";
import { SEVERITIES, type Severity } from "../contract/ids.ts";
import {
  declareIncident,
  getIncident,
  getTimeline,
  type Incident,
  type IncidentDetail,
  listIncidents,
  type TimelineEntry,
} from "../contract/incident.ts";
import { listSeverities } from "../contract/policy.ts";
import { type NearChange, nearLines } from "./change.ts";
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
import {
  bold,
  facts,
  incidentIdFrom,
  section,
  severityCell,
  shortId,
  stateCell,
  styled,
  table,
} from "./output.ts";
import { briefTime, exactTime, localized, localTime, spanText, typedInstant } from "./time.ts";

/** A timeline is read from its beginning, and as a whole. */
const TIMELINE_LIMIT = 1_000;

/** The commands that read incidents, and `declare`. Returns the noun, for its verbs. */
export function registerIncident(program: Command, cli: Cli): Command {
  const { client } = cli;
  addCommand(program, cli, {
    usage: "incidents",
    what: "list incidents, the newest first",
    example: "./bin/tocsin incidents --state open --severity SEV1",
    options: [
      ["--state <state>", "open, declared, mitigated, resolved, closed or cancelled"],
      ["--severity <severity>", "SEV1 to SEV4"],
      ["--service <service>", "only of this service"],
      ["--commander <person>", "only those this person commands"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const query = present({
        state: given.text("state"),
        severity: given.text("severity")?.toUpperCase(),
        service: given.text("service"),
        commander: given.text("commander"),
      });
      const list = await listUpTo(client, listIncidents, { query }, limitOf(given));
      return shownList(list, (items) => incidentTable(items, cli), "No incident.");
    },
  });
  const noun = program
    .command("incident")
    .description("one incident: read it, declare it, and all its verbs");
  noun.summary(
    summaryOf(
      `one incident: ${bold("show, timeline, declare")} and every verb`,
      "./bin/tocsin incident show 12",
    ),
  );
  addCommand(noun, cli, {
    usage: "show <id>",
    what: "one incident with its clocks, roles, tasks and evidence",
    example: "./bin/tocsin incident show INC-12",
    async run(given) {
      const params = { id: incidentIdFrom(given.arg(0)) };
      const [incident, { changes }] = await Promise.all([
        client.call(getIncident, { params }),
        client.call(listIncidentChanges, { params }),
      ]);
      return { value: incident, lines: () => incidentLines(incident, changes, cli.now()) };
    },
  });
  addCommand(noun, cli, {
    usage: "timeline <id>",
    what: "what happened, the oldest first",
    example: "./bin/tocsin incident timeline 12",
    options: [["--limit <number>", `at most this many entries (default ${TIMELINE_LIMIT})`]],
    async run(given) {
      const params = { id: incidentIdFrom(given.arg(0)) };
      const limit = given.text("limit") === undefined ? TIMELINE_LIMIT : limitOf(given);
      const list = await listUpTo(client, getTimeline, { params, query: {} }, limit);
      return shownList(list, timelineLines, "Nothing has happened.");
    },
  });
  addDeclare(noun, cli);
  return noun;
}

function addDeclare(noun: Command, cli: Cli): void {
  addCommand(noun, cli, {
    usage: "declare",
    what: "declare an incident; without enough said it shows examples of each severity",
    example:
      './bin/tocsin incident declare --title "Checkout fails" --severity SEV1 --service checkout',
    options: [
      ["--title <title>", "what is wrong, in one line"],
      ["--severity <severity>", "SEV1 to SEV4"],
      ["--service <service>", "an affected service; may be repeated", "list"],
      ["--region <region>", "an affected region; may be repeated", "list"],
      ["--summary <text>", "what is known"],
      ["--detected <time>", "when the first sign was seen (default: now)"],
      ["--restricted", "only named people may see it"],
      ["--reader <person>", "who may see a restricted one; may be repeated", "list"],
    ],
    async run(given) {
      const missing = missingToDeclare(given);
      if (missing.length > 0) await explainDeclaring(cli, missing);
      const detected = given.text("detected");
      const body = present({
        title: given.text("title") ?? "",
        severity: (given.text("severity") ?? "").toUpperCase() as Severity,
        services: [...given.list("service")],
        regions: [...given.list("region")],
        summary: given.text("summary"),
        detectedAt: detected === undefined ? undefined : typedInstant(detected, cli.now()),
        restricted: given.flag("restricted"),
        readers: [...given.list("reader")],
      });
      const incident = await cli.client.call(declareIncident, { body });
      return { value: incident, lines: () => outcomeLines(incident) };
    },
  });
}

function missingToDeclare(given: Given): readonly string[] {
  const severity = given.text("severity")?.toUpperCase();
  return [
    ...(given.text("title") === undefined ? ["--title"] : []),
    ...(SEVERITIES.some((known) => known === severity) ? [] : ["--severity (SEV1 to SEV4)"]),
    ...(given.list("service").length + given.list("region").length === 0
      ? ["--service or --region"]
      : []),
  ];
}

/** Whoever declares sees what the severities mean, then what was left out. */
async function explainDeclaring(cli: Cli, missing: readonly string[]): Promise<never> {
  const { items } = await cli.client.call(listSeverities);
  for (const { severity, means, examples } of items) {
    cli.output.problem(`${styled(severityCell(severity))}  ${means}`);
    if (examples.length > 0) cli.output.problem(`      For example: ${examples.join("; ")}.`);
  }
  throw new ClientError(`to declare, say also ${missing.join(", ")}`);
}

/** What a verb leaves behind: the incident in one line, and what now waits for somebody. */
export function outcomeLines(incident: IncidentDetail): readonly string[] {
  const { id, severity, state, title, commander, offeredCommander, acceptance } = incident;
  const command = commander === null ? "no commander yet" : `commander ${commander}`;
  const owed = acceptance.filter(({ needed, text }) => needed && text === null);
  const now = `${styled(severityCell(severity))} ${styled(stateCell(state))}`;
  return [
    `${bold(id)} ${now}, ${command}: ${title}`,
    ...(offeredCommander === null ? [] : [`The command is offered to ${offeredCommander}.`]),
    ...(state === "resolved" && owed.length > 0
      ? [`Needed to close: ${owed.map(({ piece }) => piece).join(", ")}.`]
      : []),
  ];
}

function incidentTable(items: readonly Incident[], { now, width }: Cli): readonly string[] {
  const rows = items.map((incident) => [
    incident.id,
    severityCell(incident.severity),
    stateCell(incident.state),
    incident.service ?? incident.regions[0] ?? "–",
    incident.commander ?? "–",
    briefTime(incident.declaredAt, now()),
    incident.title,
  ]);
  return table(["ID", "SEV", "STATE", "SERVICE", "COMMANDER", "DECLARED", "TITLE"], rows, width);
}

function incidentLines(
  incident: IncidentDetail,
  changes: readonly NearChange[],
  now: number,
): readonly string[] {
  const { id, severity, state, title, allowed } = incident;
  return [
    `${bold(id)}  ${styled(severityCell(severity))}  ${styled(stateCell(state))}  ${bold(title)}`,
    ...factLines(incident, now),
    ...section("Clocks", clockLines(incident, now)),
    ...section(
      "Roles",
      incident.roles.map(({ role, person }) => `${role}: ${person}`),
    ),
    ...(changes.length === 0
      ? []
      : section("Changes near it, the likeliest first", nearLines(changes))),
    ...section("Tasks", taskLines(incident)),
    ...section("Evidence", evidenceLines(incident)),
    ...section(
      "Status updates",
      incident.statusUpdates.map(
        ({ at, audiences, text }) => `${localTime(at)} to ${audiences.join(", ")}: ${text}`,
      ),
    ),
    "",
    `Possible now: ${allowed.join(", ")}.`,
  ];
}

function factLines(incident: IncidentDetail, now: number): readonly string[] {
  const { acknowledgedAt, acknowledgedBy, deferred, rule } = incident;
  const told = (at: string | null): string | null => (at === null ? null : localTime(at));
  const since = (at: string): string => `${localTime(at)} (${spanText(now - Date.parse(at))} ago)`;
  return facts([
    ["Services", incident.services.join(", ") || null],
    ["Regions", incident.regions.join(", ") || null],
    ["Team", incident.team],
    ["Commander", incident.commander ?? "nobody yet"],
    ["Command offered to", incident.offeredCommander],
    ["Summary", incident.summary],
    ["Detected", since(incident.detectedAt)],
    ["Declared", since(incident.declaredAt)],
    [
      "Declared by",
      rule === null
        ? (incident.declaredBy.id ?? incident.declaredBy.kind)
        : `rule ${rule.id} (${rule.source})`,
    ],
    [
      "Acknowledged",
      acknowledgedAt === null ? null : `${localTime(acknowledgedAt)} by ${acknowledgedBy ?? "?"}`,
    ],
    ["Mitigated", told(incident.mitigatedAt)],
    ["Resolved", told(incident.resolvedAt)],
    ["Closed", told(incident.closedAt)],
    ["Cancelled", incident.cancelledBecause],
    ["Merged into", incident.mergedInto],
    [
      "Deferred",
      deferred === null ? null : `while ${deferred.incident} burns: ${deferred.because}`,
    ],
    ["Restricted", incident.restricted ? "only named people may see it" : null],
    ["Alerts", String(incident.alertCount)],
    ["Root cause", incident.rootCause.whatHappened ?? null],
    ...Object.entries(incident.impact).map(
      ([name, value]) => [`Impact, ${name}`, String(value)] as const,
    ),
  ]);
}

function clockLines({ deadlines }: IncidentDetail, now: number): readonly string[] {
  return deadlines.map(({ kind, state, dueAt, atRisk, pausedBecause, metAt, source }) => {
    const away = Date.parse(dueAt) - now;
    const left = away >= 0 ? `in ${spanText(away)}` : `${spanText(away)} ago`;
    const due =
      state === "running" ? `due ${localTime(dueAt)} (${left})` : `due ${localTime(dueAt)}`;
    const more = [
      atRisk && state === "running" ? "at risk" : "",
      pausedBecause === null ? "" : `paused: ${pausedBecause}`,
      metAt === null ? "" : `met ${localTime(metAt)}`,
    ].filter((part) => part !== "");
    return [`${kind.padEnd(18)} ${styled(stateCell(state))}, ${due}`, ...more, source].join(", ");
  });
}

const taskLines = ({ tasks }: IncidentDetail): readonly string[] =>
  tasks.map(({ id, title, owner, dueAt, doneAt }) => {
    const mark = doneAt === null ? "[ ]" : "[x]";
    const due = dueAt === null ? "" : `, due ${localTime(dueAt)}`;
    return `${mark} ${shortId(id)} ${title}${owner === null ? "" : ` (${owner}${due})`}`;
  });

const evidenceLines = ({ acceptance }: IncidentDetail): readonly string[] =>
  acceptance.map(({ piece, needed, text, overridden }) => {
    if (text === null) return `[ ] ${piece}${needed ? " (needed to close)" : ""}`;
    return `[x] ${piece}: ${overridden ? "overridden, " : ""}${text}`;
  });

const timelineLines = (entries: readonly TimelineEntry[]): readonly string[] =>
  entries.map(({ at, actor, text }) => {
    const who = actor.kind === "engine" ? "" : ` [${actor.id ?? actor.kind}]`;
    return `${exactTime(at)}${who}  ${localized(text)}`;
  });
