/** "I have read this": of just these words. And what follows when nobody has for too long. */
import { say } from "../../../contract/texts.ts";
import { addDuration } from "../../base/duration.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import { inWords } from "../../base/words.ts";
import { actorRef, allow, may } from "../account/account.ts";
import type { Mark } from "../deadline/deadline.ts";
import type { DeadlineRow } from "../deadline/store.ts";
import { startClock } from "../deadline/commands.ts";
import { type Command, mustBePerson } from "../incident/commands.ts";
import { tellPeople } from "../notification/commands.ts";
import { fact } from "../notification/wording.ts";
import { namedNow } from "./freshness.ts";
import { closeTask, forgetNamed, markRead, openTask, rememberNamed } from "./freshnessStore.ts";
import { runnable, type RunbookRow, stepsOfPlan, type Version } from "./version.ts";
import { findCurrent, lockRunbook, saveRunbook } from "./versionStore.ts";

/** Marks steps, or all of them, as read; once all are, the next reading is due again later. */
export async function review(
  command: Command,
  id: string,
  asked: { readonly digest: string; readonly steps: readonly string[] | undefined },
): Promise<{ readonly row: RunbookRow; readonly version: Version }> {
  const { tx, world, actor, now } = command;
  const row = await lockRunbook(tx, id);
  const version = row === null ? null : await findCurrent(tx, id);
  if (row === null || version === null) throw new Refusal("runbook.not_found", { id });
  if (row.ownerTeam !== null || !may(actor, "runbooks.run", "any"))
    allow(actor, "runbooks.run", row.ownerTeam);
  const reader = mustBePerson(actor);
  if (asked.digest !== version.digest)
    throw new Refusal("runbook.digest_old", { id, digest: version.digest });
  const all = runnable(version.plan).flatMap((plan) => stepsOfPlan(plan));
  const read =
    asked.steps === undefined ? all : all.filter((step) => asked.steps?.includes(step.id));
  await markRead(
    tx,
    id,
    read.map((step) => step.hash),
    now,
    reader,
  );
  await seeAnew(command, version, new Set(read.map((step) => step.hash)));
  const whole = asked.steps === undefined;
  const after = whole
    ? { ...row, reviewDueAt: addDuration(now, version.settings.reviewEvery) }
    : row;
  if (whole) {
    await saveRunbook(tx, after, now);
    await closeTask(tx, id, now);
    await startReviewClock(command, after, version);
  }
  await record(tx, world, {
    stream: `runbook:${id}`,
    at: now,
    actorRef: actorRef(actor),
    action: "runbook read",
    objectRef: `runbook:${version.digest}`,
    payload: { steps: read.map((step) => step.id), whole },
  });
  return { row: after, version };
}

/** Whoever read a step saw what it names as it is now. */
async function seeAnew(
  { tx, config, now }: Command,
  version: Version,
  hashes: ReadonlySet<string>,
): Promise<void> {
  const rows = await namedNow(tx, config, version);
  await forgetNamed(tx, version.runbookId, [...hashes]);
  await rememberNamed(
    tx,
    version.runbookId,
    rows.filter(({ stepHash }) => hashes.has(stepHash)),
    now,
  );
}

/** The clock of the next reading. */
export async function startReviewClock(
  command: Command,
  row: RunbookRow,
  version: Version,
): Promise<void> {
  await startClock(
    command,
    `runbook:${row.id}`,
    row.ownerTeam,
    {
      kind: "runbook review",
      length: { iso: version.settings.reviewEvery, unit: "running" },
      calendarId: null,
      source: version.path,
    },
    command.now,
  );
}

/** Nobody has read it for too long: a task for its owner. It goes on working as it is. */
export async function reviewMark(
  command: Command,
  id: string,
  { deadline }: DeadlineRow,
  mark: Mark,
): Promise<void> {
  if (mark.fraction !== 1) return;
  const { tx, world, config, now } = command;
  const row = await lockRunbook(tx, id);
  const version = await findCurrent(tx, id);
  if (row === null || version === null) return;
  const owner = config.get("teams", row.ownerTeam ?? "")?.body.manager ?? null;
  const since = toIso(deadline.anchorAt).slice(0, 10);
  const subject = say("runbook review subject", { runbook: id, since });
  const opened = await openTask(
    tx,
    { id: world.chance.id(now), runbookId: id, title: inWords(subject, "en"), ownerId: owner },
    now,
  );
  if (!opened || owner === null) return;
  await tellPeople(
    tx,
    world,
    config,
    [owner],
    {
      subject: `runbook:${id}`,
      occasion: `review ${deadline.dueAt}`,
      kind: "notice",
      urgency: "low",
      incidentNumber: null,
      runId: null,
      acceptedAt: null,
      dueAt: now,
      why: {
        you: { kind: "manager", params: { team: row.ownerTeam ?? "" } },
        now: { kind: "runbook review", params: { runbook: id } },
      },
      words: () => ({
        kind: "notice",
        subject,
        lines: [say("runbook review line", { path: version.path })],
        facts: [fact("runbook", `${row.title} (${version.path})`)],
        actions: [
          {
            label: say("open runbook", { runbook: id }),
            url: `${world.publicUrl}/runbooks/${id}`,
            verb: "open",
          },
        ],
        attachments: [],
        thread: null,
      }),
    },
    now,
  );
}
