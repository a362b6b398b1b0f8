/** Fires the marks of deadlines: at risk, then missed; tells those who can still do something about it. */
import {
  actionItemNumber,
  incidentId,
  incidentNumber,
  type IncidentId,
} from "../../contract/ids.ts";
import { say } from "../../contract/texts.ts";
import { pipelined } from "../base/db.ts";
import { type Instant, toIso } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { dueMarks, type Mark } from "../domain/deadline/deadline.ts";
import {
  type DeadlineRow,
  findDueDeadlines,
  lockDeadline,
  lockDueDeadlines,
  nextMark,
  putOffMark,
  saveDeadline,
  saveDeadlines,
} from "../domain/deadline/store.ts";
import { chronicleAll, type Command, type Fact } from "../domain/incident/commands.ts";
import { pageParts, tellingOf, urgencyToThoseAsked } from "../domain/incident/telling.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { lockIncidents } from "../domain/incident/store.ts";
import { tellingsOf, type Telling } from "../domain/notification/commands.ts";
import { insertNotifications, type NewNotification } from "../domain/notification/store.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts, inSets } from "./parts.ts";

const LIMIT = 500;

/** What subjects other than incidents do when one of their marks fires. */
export type OtherSubjects = {
  actionItem(command: Command, number: number, row: DeadlineRow, mark: Mark): Promise<void>;
  team(command: Command, teamId: string, row: DeadlineRow, mark: Mark): Promise<void>;
  /** Locks the run of a clock before the clock, and says what its mark leads to. */
  run(
    command: Command,
    subject: string,
  ): Promise<((row: DeadlineRow, mark: Mark) => Promise<void>) | null>;
  runbook(command: Command, runbookId: string, row: DeadlineRow, mark: Mark): Promise<void>;
};

type DueClock = { readonly subject: string; readonly kind: string };

const isOfIncident = ({ subject }: DueClock): boolean => subject.startsWith("INC-");

export const clocksStep = (parts: EngineParts, others: OtherSubjects): Step => ({
  name: "clocks",
  dueAt: () => nextMark,
  async run(now) {
    const due = await findDueDeadlines(parts.world.db, now, LIMIT);
    const rest = due.filter((clock) => !isOfIncident(clock));
    const done = await inSets(parts, {
      now,
      // Clocks of incidents together; what other subjects do is theirs, one by one.
      sets: [due.filter(isOfIncident), ...rest.map((clock) => [clock])],
      work: (set) =>
        asEngine<number | void>(parts, now, (command) =>
          isOfIncident(set[0]!) ? fireAll(command, set) : fire(command, others, set[0]!),
        ),
      putOff: ({ subject, kind }, until) => putOffMark(parts.world.db, subject, kind, until),
    });
    return { done, nextAt: null };
  },
});

async function fire(
  command: Command,
  others: OtherSubjects,
  { subject, kind }: DueClock,
): Promise<void> {
  const tellOfRun = subject.startsWith("RUN-") ? await others.run(command, subject) : null;
  const row = await lockDeadline(command.tx, subject, kind);
  const fired = row === null ? null : firedOf(row, command.now);
  if (fired === null) return;
  const { changed, mark } = fired;
  await saveDeadline(command.tx, changed);
  if (tellOfRun !== null) await tellOfRun(changed, mark);
  else if (subject.startsWith("runbook:"))
    await others.runbook(command, subject.slice("runbook:".length), changed, mark);
  else if (subject.startsWith("AI-"))
    await others.actionItem(command, actionItemNumber(subject), changed, mark);
  else if (subject.startsWith("team:"))
    await others.team(command, subject.slice("team:".length), changed, mark);
}

/** The clock after the last of its marks that have come; null when none has. */
function firedOf(
  row: DeadlineRow,
  now: Instant,
): { readonly changed: DeadlineRow; readonly mark: Mark } | null {
  const { deadline, fired } = dueMarks(row.deadline, now);
  const mark = fired.at(-1);
  return mark === undefined ? null : { changed: { ...row, deadline }, mark };
}

/** The incidents are locked before their clocks, here as in every command. */
async function fireAll(command: Command, clocks: readonly DueClock[]): Promise<number> {
  const { tx, now } = command;
  const numbers = [...new Set(clocks.map(({ subject }) => incidentNumber(subject)))];
  const incidents = new Map(
    (await lockIncidents(tx, ENGINE_READER, numbers)).map((each) => [
      incidentId(each.number),
      each,
    ]),
  );
  const rows = await lockDueDeadlines(tx, [...incidents.keys()], now);
  const changes: DeadlineRow[] = [];
  const facts: Fact[] = [];
  const notices: NewNotification[] = [];
  for (const row of rows) {
    const fired = firedOf(row, now);
    if (fired === null) continue;
    changes.push(fired.changed);
    const told = tellingOfClock(
      command,
      incidents.get(incidentId(incidentNumber(row.subject)))!,
      fired,
    );
    facts.push(told.fact);
    notices.push(...told.rows);
  }
  await pipelined([
    saveDeadlines(tx, changes),
    chronicleAll(command, facts),
    insertNotifications(tx, notices),
  ]);
  return changes.length;
}

/** The commander hears every mark, whoever acknowledged too; the team's manager hears the breach. */
function tellingOfClock(
  command: Command,
  incident: Incident,
  { changed, mark }: { readonly changed: DeadlineRow; readonly mark: Mark },
): { readonly fact: Fact; readonly rows: readonly NewNotification[] } {
  const { world, config, now } = command;
  const { deadline } = changed;
  const missed = mark.fraction === 1;
  const params = {
    deadline: deadline.kind,
    due: toIso(deadline.dueAt),
    percent: Math.round(mark.fraction * 100),
  };
  const manager = config.get("teams", incident.teamIds[0] ?? "")?.body.manager ?? null;
  const asked = [incident.commanderId, incident.acknowledgedBy].filter((p) => p !== null);
  const others = missed && manager !== null && !asked.includes(manager) ? [manager] : [];
  const id: IncidentId = incidentId(incident.number);
  const subject = say(missed ? "clock missed subject" : "clock subject", {
    ...params,
    severity: incident.severity,
    incident: id,
  });
  const line = say("clock line", { ...params, incident: id, source: deadline.source });
  // One occasion per due time: a clock that was set anew may warn again.
  const occasion = `${deadline.kind} clock ${params.percent} % of ${deadline.dueAt}`;
  const telling: Telling = {
    ...tellingOf(incident, "notice", occasion, now),
    why: {
      you: { kind: "commander", params: { why: "its clocks are yours" } },
      now: {
        kind: "deadline",
        params: { deadline: deadline.kind, incident: id, percent: String(params.percent) },
      },
    },
    words: () => pageParts(command, incident, [line], { subject }),
  };
  const urgent: Telling = { ...telling, urgency: urgencyToThoseAsked(command, incident) };
  return {
    fact: { number: incident.number, kind: missed ? "breached" : "at risk", params },
    rows: [
      ...tellingsOf(world, config, asked, urgent, now).rows,
      ...tellingsOf(world, config, others, telling, now).rows,
    ],
  };
}
