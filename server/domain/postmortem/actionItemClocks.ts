/**
 * What the clocks of action items lead to: reminders of each, and the recurring review of all of a
 * team.
 */
import { actionItemId, incidentId } from "../../../contract/ids.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { assert } from "../../base/errors.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import { actorRef, ENGINE_READER } from "../account/account.ts";
import { whoMaySee } from "../comms/share.ts";
import { startClock, withdrawClock } from "../deadline/commands.ts";
import { isSettled, type Mark } from "../deadline/deadline.ts";
import { type DeadlineRow, lockDeadline } from "../deadline/store.ts";
import { chronicle, type Command } from "../incident/commands.ts";
import { findIncident } from "../incident/store.ts";
import { fact } from "../notification/wording.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { runbookLayers } from "../policy/published.ts";
import { actionItemReview, policyLayers, type Sourced } from "../policy/policy.ts";
import { type ItemNotice, itemTelling } from "./actionItemNotice.ts";
import { isOverdue, isUnfinished, REVIEW_LIMIT } from "./postmortem.ts";
import { findActionItem, listOpenItemsOfTeam, type TeamItem } from "./store.ts";

/** What the engine's clock step does when a mark of an action item or of a team's review fires. */
export const actionItemMarks = {
  actionItem: remindActionItem,
  team: (command: Command, teamId: string, _row: DeadlineRow, mark: Mark): Promise<void> =>
    // A review is no promise that can be at risk: only its due time counts.
    mark.fraction === 1 ? reviewActionItems(command, teamId) : Promise.resolve(),
};

/** Reminds the owner; of a miss the manager of the team in charge hears too. */
async function remindActionItem(
  command: Command,
  number: number,
  { deadline }: DeadlineRow,
  mark: Mark,
): Promise<void> {
  const { tx, world, config, now } = command;
  const item = await findActionItem(tx, ENGINE_READER, number);
  if (item === null || !isUnfinished(item)) return;
  const incident = await findIncident(tx, ENGINE_READER, item.incidentNumber);
  assert(incident, "an action item has its incident");
  const id = actionItemId(number);
  const missed = mark.fraction === 1;
  const due = toIso(deadline.dueAt);
  const percent = Math.round(mark.fraction * 100);
  const fact = missed ? "breached" : "at risk";
  await chronicle(command, incident.number, fact, { deadline: id, due, percent });
  const manager = config.get("teams", incident.teamIds[0] ?? "")?.body.manager;
  const managers = missed && manager !== undefined ? [manager] : [];
  const people = await whoMaySee(command, incident, [...new Set([item.ownerId, ...managers])]);
  const notice: ItemNotice = {
    occasion: `${id} clock ${percent} % of ${deadline.dueAt}`,
    why: { kind: "reminder", params: { item: id, due } },
    missed,
  };
  const telling = itemTelling(world, incident, item, notice, now);
  await tellPeople(tx, world, config, people, telling, now);
}

const REVIEW = "action item review";
const subjectOf = (teamId: string): string => `team:${teamId}`;

const reviewEvery = (command: Pick<Command, "config">, teamId: string): Sourced<string> =>
  actionItemReview(
    policyLayers({
      runbooks: runbookLayers(command.config, teamId),
      applied: command.config.all("policies"),
      team: teamId,
    }),
  );

/** Starts the recurring review of a team's action items, unless it is running. */
export async function startReviewClock(command: Command, teamId: string | null): Promise<void> {
  if (teamId === null) return;
  const running = await lockDeadline(command.tx, subjectOf(teamId), REVIEW);
  if (running !== null && !isSettled(running.deadline)) return;
  await restartReview(command, teamId);
}

async function restartReview(command: Command, teamId: string): Promise<void> {
  const { value, source } = reviewEvery(command, teamId);
  const length = { iso: value, unit: "running" } as const;
  const spec = { kind: REVIEW, length, calendarId: null, source } as const;
  await startClock(command, subjectOf(teamId), teamId, spec, command.now);
}

/**
 * The recurring review of a team's open action items: its manager hears of all, each owner of their
 * own, what is overdue first. The clock starts again, until nothing is open. Called when it is due.
 */
async function reviewActionItems(command: Command, teamId: string): Promise<void> {
  const { tx, world, config, actor, now } = command;
  const items = await listOpenItemsOfTeam(tx, teamId, REVIEW_LIMIT);
  if (items.length === 0) {
    await withdrawClock(command, subjectOf(teamId), REVIEW, "no open action items");
    return;
  }
  const manager = config.get("teams", teamId)?.body.manager;
  const owners = new Set(items.map((item) => item.ownerId));
  for (const owner of owners) {
    if (owner === manager) continue;
    const own = items.filter((item) => item.ownerId === owner);
    await tellList(command, teamId, owner, "owner", own);
  }
  if (manager !== undefined) await tellList(command, teamId, manager, "manager", items);
  const team = config.get("teams", teamId);
  await record(tx, world, {
    stream: `team:${team?.ref ?? "removed"}`,
    at: now,
    actorRef: actorRef(actor),
    action: "action items reviewed",
    objectRef: `team:${team?.ref ?? "removed"}`,
    payload: { items: items.map((item) => actionItemId(item.number)) },
  });
  await restartReview(command, teamId);
}

async function tellList(
  command: Command,
  teamId: string,
  personId: string,
  as: "owner" | "manager",
  items: readonly TeamItem[],
): Promise<void> {
  const { tx, world, config, now } = command;
  const team = config.get("teams", teamId)?.body.name ?? teamId;
  const every = reviewEvery(command, teamId).value;
  const overdue = items.filter((item) => isOverdue(item, now)).length;
  const count = items.length;
  const telling: Telling = {
    subject: subjectOf(teamId),
    occasion: `${REVIEW} ${toIso(now)}`,
    kind: "notice",
    urgency: "low",
    incidentNumber: null,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why: {
      you:
        as === "manager"
          ? { kind: "manager", params: { team } }
          : {
              kind: "owner",
              params: { item: items.map((i) => actionItemId(i.number)).join(", ") },
            },
      now: { kind: "review", params: { team, every } },
    },
    words: () => ({
      kind: "notice",
      subject: say("review list subject", { count, team, overdue }),
      lines: items.map((item) => reviewLine(item, now)),
      facts: [fact("open", String(count)), fact("overdue", String(overdue))],
      actions: [],
      attachments: [],
      thread: null,
    }),
  };
  await tellPeople(tx, world, config, [personId], telling, now);
}

/** One line of the list; of a restricted incident it says no more than that something is owed. */
const reviewLine = (item: TeamItem, now: Instant): Text =>
  say("review list line", {
    item: actionItemId(item.number),
    priority: item.priority,
    incident: incidentId(item.incidentNumber),
    owner: item.ownerId,
    title: item.restricted ? say("restricted title") : item.title,
    when: say(isOverdue(item, now) ? "overdue since" : "due on", { due: toIso(item.dueAt) }),
  });
