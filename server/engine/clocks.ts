/** Fires the marks of deadlines: at risk, then missed; tells those who can still do something about it. */
import {
  actionItemNumber,
  incidentId,
  incidentNumber,
  type IncidentId,
} from "../../contract/ids.ts";
import { say } from "../../contract/texts.ts";
import { toIso } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { dueMarks, type Mark } from "../domain/deadline/deadline.ts";
import {
  type DeadlineRow,
  findDueDeadlines,
  findNextMark,
  lockDeadline,
  putOffMark,
  saveDeadline,
} from "../domain/deadline/store.ts";
import { chronicle, type Command } from "../domain/incident/commands.ts";
import { pageWords, tellingOf } from "../domain/incident/telling.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { tellPeople } from "../domain/notification/commands.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const LIMIT = 200;

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

export const clocksStep = (parts: EngineParts, others: OtherSubjects): Step => ({
  name: "clocks",
  async run(now) {
    const due = await findDueDeadlines(parts.world.db, now, LIMIT);
    const done = await each(parts, {
      now,
      items: due,
      work: ({ subject, kind }) =>
        asEngine(parts, now, (command) => fire(command, others, subject, kind)),
      putOff: ({ subject, kind }, until) => putOffMark(parts.world.db, subject, kind, until),
    });
    return { done, nextAt: await findNextMark(parts.world.db) };
  },
});

async function fire(
  command: Command,
  others: OtherSubjects,
  subject: string,
  kind: string,
): Promise<void> {
  // The incident is locked before its clocks, here as in every command.
  const incident = subject.startsWith("INC-")
    ? await lockIncident(command.tx, ENGINE_READER, incidentNumber(subject))
    : null;
  const tellOfRun = subject.startsWith("RUN-") ? await others.run(command, subject) : null;
  const row = await lockDeadline(command.tx, subject, kind);
  if (row === null) return;
  const { deadline, fired } = dueMarks(row.deadline, command.now);
  const last = fired.at(-1);
  if (last === undefined) return;
  const changed = { ...row, deadline };
  await saveDeadline(command.tx, changed);
  if (incident !== null) await tellOfClock(command, incident, changed, last);
  else if (tellOfRun !== null) await tellOfRun(changed, last);
  else if (subject.startsWith("runbook:"))
    await others.runbook(command, subject.slice("runbook:".length), changed, last);
  else if (subject.startsWith("AI-"))
    await others.actionItem(command, actionItemNumber(subject), changed, last);
  else if (subject.startsWith("team:"))
    await others.team(command, subject.slice("team:".length), changed, last);
}

/** The commander hears every mark, whoever acknowledged too; the team's manager hears the breach. */
async function tellOfClock(
  command: Command,
  incident: Incident,
  row: DeadlineRow,
  mark: Mark,
): Promise<void> {
  const { tx, world, config, now } = command;
  const { deadline } = row;
  const missed = mark.fraction === 1;
  const params = {
    deadline: deadline.kind,
    due: toIso(deadline.dueAt),
    percent: Math.round(mark.fraction * 100),
  };
  await chronicle(command, incident.number, missed ? "breached" : "at risk", params);
  const manager = config.get("teams", incident.teamIds[0] ?? "")?.body.manager ?? null;
  const people = [incident.commanderId, incident.acknowledgedBy, missed ? manager : null].filter(
    (p) => p !== null,
  );
  const id: IncidentId = incidentId(incident.number);
  const subject = say(missed ? "clock missed subject" : "clock subject", {
    ...params,
    severity: incident.severity,
    incident: id,
  });
  const line = say("clock line", { ...params, incident: id, source: deadline.source });
  // One occasion per due time: a clock that was set anew may warn again.
  const occasion = `${deadline.kind} clock ${params.percent} % of ${deadline.dueAt}`;
  await tellPeople(
    tx,
    world,
    config,
    people,
    {
      ...tellingOf(incident, "notice", occasion, now),
      why: {
        you: { kind: "commander", params: { why: "its clocks are yours" } },
        now: {
          kind: "deadline",
          params: { deadline: deadline.kind, incident: id, percent: String(params.percent) },
        },
      },
      words: (notificationId) => ({
        ...pageWords(command, incident, notificationId, [line]),
        kind: "notice",
        subject,
      }),
    },
    now,
  );
}
