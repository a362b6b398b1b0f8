/** Who hears about a run: that a second person is needed, that automation stopped, that a clock ran out. */
import { runId } from "../../../contract/ids.ts";
import type { RunbookStep } from "../../../contract/runbook.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { toIso } from "../../base/instant.ts";
import { personOf } from "../account/account.ts";
import type { Mark } from "../deadline/deadline.ts";
import type { DeadlineRow } from "../deadline/store.ts";
import { type Command, letIn, nameOf } from "../incident/commands.ts";
import { titleFor, urgencyToThoseAsked } from "../incident/telling.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { fact } from "../notification/wording.ts";
import type { AttemptRow } from "./attemptStore.ts";
import { incidentOf } from "./carry.ts";
import { concerned } from "./people.ts";
import type { Carried } from "./run.ts";

type What = {
  readonly kind: "page" | "notice";
  /** Once for each person. */
  readonly occasion: string;
  readonly you: Telling["why"]["you"];
  readonly now: Telling["why"]["now"];
  readonly subject: Text;
  readonly lines: readonly Text[];
};

/** Words about a run. Of a restricted incident no step and no title stand in a mail. */
export async function tellOfRun(
  command: Command,
  carried: Carried,
  people: readonly string[],
  what: What,
): Promise<void> {
  const { tx, world, config, now } = command;
  const { run, incident, version } = carried;
  const id = runId(run.number);
  const restricted = incident?.restricted === true;
  if (incident !== null) await letIn(command, incident.number, people);
  const inIncident = incidentOf(run);
  const telling: Telling = {
    subject: id,
    occasion: what.occasion,
    kind: what.kind,
    urgency:
      what.kind === "page"
        ? "high"
        : incident === null
          ? "low"
          : urgencyToThoseAsked(command, incident),
    incidentNumber: run.incidentNumber,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why: { you: what.you, now: what.now },
    words: () => ({
      kind: what.kind,
      subject: restricted ? say("run restricted subject", { run: id }) : what.subject,
      lines: restricted ? [] : what.lines,
      facts: [
        fact("run", id),
        ...(inIncident === null ? [] : [fact("incident", inIncident)]),
        ...(incident === null ? [] : [fact("title", titleFor(incident))]),
        fact("runbook", restricted ? run.runbookId : `${run.title} (${version.path})`),
      ],
      actions: [
        {
          label: say("open run", { run: id }),
          url: `${world.publicUrl}/runs/${id}`,
          verb: "open",
        },
      ],
      attachments: [],
      thread: { subjectId: inIncident ?? id, sentReference: null },
    }),
  };
  await tellPeople(tx, world, config, people, telling, now);
}

const mine = (carried: Carried, step: RunbookStep): Telling["why"]["you"] => ({
  kind: "step",
  params: { step: step.text, run: runId(carried.run.number) },
});

/** Everybody concerned but the one who asks, and the manager of the owning team, who can be the second. */
export async function tellSecondPerson(
  command: Command,
  carried: Carried,
  step: RunbookStep,
  action: string,
): Promise<void> {
  const run = runId(carried.run.number);
  const owner = carried.version.settings.owner ?? carried.run.teamId ?? "";
  const team = command.config.get("teams", owner)?.body;
  const people = [
    ...(await concerned(command, carried, step.id)),
    ...(carried.incident?.restricted === true ? [] : [...(team?.members ?? []), team?.manager]),
  ].filter((person) => person !== undefined && person !== personOf(command.actor));
  const person = nameOf(command.config, command.actor);
  await tellOfRun(command, carried, [...new Set(people as string[])], {
    kind: "page",
    occasion: `second person ${step.id} ${command.now}`,
    you: mine(carried, step),
    now: { kind: "second person", params: { person, action, run } },
    subject: say("second person subject", { run, action }),
    lines: [say("second person line", { person, action, step: step.text })],
  });
}

/** Automation that stopped asks whoever has the step. */
export async function tellStopped(
  command: Command,
  carried: Carried,
  step: RunbookStep,
  attempt: AttemptRow,
): Promise<void> {
  const run = runId(carried.run.number);
  const { action, learned } = attempt;
  await tellOfRun(command, carried, await concerned(command, carried, step.id), {
    kind: "notice",
    occasion: `stopped ${step.id} ${attempt.attempt}`,
    you: mine(carried, step),
    now: { kind: "step stopped", params: { run } },
    subject: say("step stopped subject", { run, action }),
    lines: [say("step stopped line", { step: step.text, learned })],
  });
}

/** A mark of a step's clock: those concerned, and of a miss whoever comes after them as well. */
export async function tellOfClock(
  command: Command,
  carried: Carried,
  { words, people }: { readonly words: string; readonly people: readonly string[] },
  { deadline }: DeadlineRow,
  mark: Mark,
): Promise<void> {
  const run = runId(carried.run.number);
  const percent = Math.round(mark.fraction * 100);
  const due = toIso(deadline.dueAt);
  const params = {
    run,
    step: words,
    percent,
    due,
    title: carried.run.title,
    source: deadline.source,
  };
  await tellOfRun(command, carried, people, {
    kind: "notice",
    occasion: `clock ${words} ${percent} % of ${deadline.dueAt}`,
    you: { kind: "step", params: { step: words, run } },
    now: { kind: "step clock", params: { step: words, run, percent: String(percent) } },
    subject: say(mark.fraction === 1 ? "step missed subject" : "step clock subject", params),
    lines: [say("step clock line", params)],
  });
}
