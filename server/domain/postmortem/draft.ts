/**
 * Facts → the nine sections as Markdown, with everything that is known filled in. What only people
 * can know is asked for, in a slanted line that they replace.
 */
import type { TimelineEntry } from "../../../contract/incident.ts";
import type { PublishedPolicy } from "../../../contract/policy.ts";
import type { RunFact } from "../runbook/runFacts.ts";
import { formAsks } from "./form.ts";
import { actionItemId, incidentId } from "../../../contract/ids.ts";
import { spoken } from "../../base/duration.ts";
import type { Instant } from "../../base/instant.ts";
import type { Deadline } from "../deadline/deadline.ts";
import type { Incident } from "../incident/incident.ts";
import type { AcceptanceRow } from "../incident/store.ts";
import { ask, blocks, bullets, plain, table, when } from "./markdown.ts";
import { type ActionItem, type Draft, isOverdue } from "./postmortem.ts";
import { timelineTable } from "./timelineTable.ts";

export type DraftFacts = {
  readonly incident: Incident;
  readonly roles: readonly { readonly role: string; readonly personId: string }[];
  /** The clocks of the incident. */
  readonly deadlines: readonly Deadline[];
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** There are more entries than these. */
  readonly timelineIsCut: boolean;
  readonly alertCount: number;
  readonly updateCount: number;
  readonly acceptance: readonly AcceptanceRow[];
  readonly actionItems: readonly ActionItem[];
  /** The runbooks that were carried out. */
  readonly runs: readonly RunFact[];
  /** The form of a published runbook, where one counts. */
  readonly form: PublishedPolicy["postmortem"];
  /** What people and teams are called; the id of one who is gone. */
  readonly personName: (id: string) => string;
  readonly teamName: (id: string) => string;
};

/** Drafts all nine sections. */
export const draftSections = (facts: DraftFacts, now: Instant): Draft =>
  formAsks(facts.form, drafted(facts, now));

const drafted = (facts: DraftFacts, now: Instant): Draft => ({
  summary: summary(facts),
  impact: impact(facts),
  timeline: timelineTable(facts),
  "root-cause": rootCause(facts.incident),
  "went-well": wentWell(facts),
  "went-poorly": wentPoorly(facts),
  "action-items": actionItemsTable(facts, now),
  prevention: prevention(facts),
  lessons: lessons(),
});

function summary(facts: DraftFacts): string {
  const { incident, personName, teamName } = facts;
  const { detectedAt, acknowledgedAt, mitigatedAt, resolvedAt } = incident;
  const since = (at: Instant | null): string | null =>
    at === null ? null : `${when(at)} (${spoken(at - detectedAt)} after detection)`;
  const acknowledgedBy =
    incident.acknowledgedBy === null ? "" : ` by ${personName(incident.acknowledgedBy)}`;
  const acknowledged = since(acknowledgedAt);
  const rows: readonly (readonly [string, string | number | null])[] = [
    ["Incident", `${incidentId(incident.number)}: ${incident.title}`],
    ["Severity", incident.severity],
    ["Detected", when(detectedAt)],
    ["Declared", `${when(incident.declaredAt)} ${declaredBy(incident, personName)}`],
    ["Acknowledged", acknowledged === null ? "never" : `${acknowledged}${acknowledgedBy}`],
    ["Mitigated", since(mitigatedAt)],
    ["Resolved", since(resolvedAt)],
    ["Duration", resolvedAt === null ? null : spoken(resolvedAt - detectedAt)],
    ["Commander", incident.commanderId === null ? "nobody" : personName(incident.commanderId)],
    ["Roles", facts.roles.map((r) => `${personName(r.personId)} (${r.role})`).join(", ") || null],
    ["Teams", incident.teamIds.map(teamName).join(", ") || null],
    ["Services", incident.services.join(", ") || null],
    ["Regions", incident.regions.join(", ") || null],
    ["Alerts", facts.alertCount],
    ...facts.runs.map(
      ({ id, title, path, version, digest }) =>
        [`Runbook ${id}`, `${title} (${path}, version ${version}, digest ${digest})`] as const,
    ),
  ];
  return blocks(incident.summary, table(["Fact", "Value"], rows));
}

function declaredBy(incident: Incident, personName: (id: string) => string): string {
  if (incident.ruleId !== null) {
    const where =
      incident.ruleFile === null ? "" : ` (${incident.ruleFile}:${incident.ruleLine ?? 1})`;
    return `by rule ${incident.ruleId}${where}`;
  }
  const by = incident.declaredBy;
  return by.kind === "person" ? `by ${personName(by.personId)}` : "by a tool";
}

function impact({ incident, deadlines, timeline }: DraftFacts): string {
  const { customers, percent, services, revenue, data } = incident.impact;
  const people = [customers, percent === undefined ? undefined : `${percent} % of customers`];
  const stated: readonly (readonly [string, string | undefined])[] = [
    ["Customers", people.filter((part) => part !== undefined).join("; ") || undefined],
    ["Services", services ?? (incident.services.join(", ") || undefined)],
    ["Revenue", revenue],
    ["Data", data],
  ];
  const rows = stated.map(([name, value]) => [name, value ?? "not stated"] as const);
  const promises = deadlines.filter((clock) => PROMISES.includes(clock.kind));
  const missed = promises.some(isMissed) || timeline.some((entry) => entry.kind === "breached");
  return blocks(
    table(["Affected", "How"], rows),
    `**SLA ${missed ? "breached" : "kept"}.**`,
    promises.length > 0 &&
      table(
        ["Promise", "Due", "Kept", "Verdict", "Source"],
        promises.map((clock) => [
          clock.kind,
          when(clock.dueAt),
          clock.metAt === null ? null : when(clock.metAt),
          verdict(clock),
          clock.source,
        ]),
      ),
  );
}

/** The clocks that make up the SLA. */
const PROMISES: readonly string[] = ["acknowledge", "mitigate", "resolve"];

const isMissed = (clock: Deadline): boolean => clock.breachedAt !== null;

function verdict(clock: Deadline): string {
  if (clock.state === "withdrawn") return `no longer owed: ${clock.withdrawnBecause ?? ""}`;
  if (clock.breachedAt !== null) {
    return clock.metAt === null ? "missed" : `missed by ${spoken(clock.metAt - clock.breachedAt)}`;
  }
  return clock.metAt === null ? clock.state : `${spoken(clock.dueAt - clock.metAt)} to spare`;
}

function rootCause({ rootCause: cause }: Incident): string {
  const part = (heading: string, text: string | undefined, question: string): string =>
    `### ${heading}\n\n${text === undefined || text.trim() === "" ? ask(question) : text}`;
  return blocks(
    part("What happened", cause.whatHappened, "What happened, step by step?"),
    part("Immediate cause", cause.immediate, "What set it off?"),
    part(
      "Contributing factors",
      cause.contributing,
      "What made it worse, longer or harder to see?",
    ),
    part("Underlying cause", cause.underlying, "Why was it possible at all?"),
  );
}

function wentWell(facts: DraftFacts): string {
  const { incident, deadlines, updateCount, acceptance } = facts;
  const kept = deadlines.filter(
    (clock) => PROMISES.includes(clock.kind) && clock.metAt !== null && clock.breachedAt === null,
  );
  const verified = acceptance.find((row) => row.piece === "verification" && !row.overridden);
  const lines = [
    ...(incident.ruleId === null
      ? []
      : [`Found by monitoring: rule ${plain(incident.ruleId)} declared it.`]),
    ...kept.map((clock) => `Kept: the ${clock.kind} clock, with ${verdict(clock)}.`),
    ...(updateCount > 0 ? [`Stakeholders heard ${times(updateCount, "status update")}.`] : []),
    ...(verified === undefined ? [] : [`Recovery was verified: ${plain(verified.text)}`]),
  ];
  return blocks(bullets(lines), ask("What else helped, and should stay as it is?"));
}

function wentPoorly(facts: DraftFacts): string {
  const { incident, deadlines, timeline } = facts;
  const count = (kind: string): number => timeline.filter((entry) => entry.kind === kind).length;
  const missed = deadlines.filter(isMissed);
  const known = missed.map((clock) => clock.kind as string);
  // A clock that was started anew forgot its breach; the timeline did not.
  const earlier = timeline.filter(
    (entry) => entry.kind === "breached" && !known.includes(String(entry.params["deadline"])),
  );
  const { acknowledgedAt, detectedAt } = incident;
  const rounds = timeline.filter(isUnansweredStep).length;
  const counted: readonly (readonly [number, string])[] = [
    [rounds, `${times(rounds, "page")} went unanswered, so the next step was paged.`],
    [count("policy exhausted"), "Nobody answered until the escalation policy was exhausted."],
    [count("page failed"), `${times(count("page failed"), "page")} could not be delivered.`],
    [
      count("unreachable"),
      `${times(count("unreachable"), "person", "people")} on call could not be reached.`,
    ],
    [
      count("nobody to page"),
      `${times(count("nobody to page"), "step")} of the policy reached nobody: a gap in on-call.`,
    ],
    [count("no escalation policy"), "The service had no escalation policy."],
    [count("no commander"), "Nobody could be named commander at first."],
    [count("reopened"), `It was reopened ${times(count("reopened"), "time")}.`],
  ];
  const lines = [
    ...missed.map(
      (clock) => `Missed: the ${clock.kind} clock, due ${when(clock.dueAt)} (${verdict(clock)}).`,
    ),
    ...earlier.map((entry) => plain(entry.text)),
    ...(acknowledgedAt === null
      ? ["Nobody acknowledged it."]
      : [`It took ${spoken(acknowledgedAt - detectedAt)} from detection until somebody had it.`]),
    ...(incident.ruleId === null ? ["No rule declared it: a person had to notice."] : []),
    ...counted.filter(([number]) => number > 0).map(([, line]) => line),
    ...facts.runs.flatMap(notDone),
  ];
  return blocks(bullets(lines), ask("What else hindered, and what was luck?"));
}

/** Steps of a run that were left out, came late or did not work, each with its reason. */
function notDone({ id, skipped, late, failed }: RunFact): readonly string[] {
  const said = (because: string | null): string => (because === null ? "" : `: ${plain(because)}`);
  return [
    ...skipped.map(({ text, because }) => `${id}: skipped “${plain(text)}”${said(because)}`),
    ...late.map((text) => `${id}: late with “${plain(text)}”.`),
    ...failed.map(({ text, because }) => `${id}: failed at “${plain(text)}”${said(because)}`),
  ];
}

/** A step after the first one, or a later round: nobody had answered the one before. */
const isUnansweredStep = ({ kind, params }: TimelineEntry): boolean =>
  kind === "paged" && (Number(params["step"]) > 1 || Number(params["round"]) > 1);

const times = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

function actionItemsTable({ actionItems, personName }: DraftFacts, now: Instant): string {
  if (actionItems.length === 0)
    return ask("None yet. Which change keeps this from happening again?");
  return table(
    ["Id", "Priority", "Action", "Owner", "Due", "Status"],
    actionItems.map((item) => [
      actionItemId(item.number),
      item.priority,
      item.title,
      personName(item.ownerId),
      when(item.dueAt).slice(0, 10),
      isOverdue(item, now) ? `${item.status}, overdue` : item.status,
    ]),
  );
}

function prevention({ incident }: DraftFacts): string {
  const delay = spoken(incident.declaredAt - incident.detectedAt);
  const found =
    incident.ruleId === null
      ? "No rule found it; a person did."
      : `Rule ${plain(incident.ruleId)} found it ${delay} after the first signal.`;
  return blocks(
    `### Monitoring\n\n${found}\n\n${ask("Which signal would have shown it earlier?")}`,
    `### Testing\n\n${ask("Which test would have stopped it before production?")}`,
    `### Documentation\n\n${ask("Which runbook was missing, wrong or not found?")}`,
    `### Architecture\n\n${ask("Which change would make this kind of failure harmless?")}`,
  );
}

const lessons = (): string =>
  blocks(
    ask("What do we know now that we did not know before?"),
    ask("What should other teams learn from it?"),
  );
