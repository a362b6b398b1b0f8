/** Action items: promised changes with an owner and a due time, followed until they are done. */
import { actionItemId, incidentId } from "../../../contract/ids.ts";
import type { Priority } from "../../../contract/postmortem.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { readerOf } from "../account/account.ts";
import { meetClock, recomputeClock, startClock, withdrawClock } from "../deadline/commands.ts";
import { begin, chronicle, type Command, letIn, mustKnowPerson } from "../incident/commands.ts";
import type { Incident } from "../incident/incident.ts";
import { tellPeople } from "../notification/commands.ts";
import { startReviewClock } from "./actionItemClocks.ts";
import { type ItemNotice, itemTelling } from "./actionItemNotice.ts";
import { recordLessons } from "./commands.ts";
import {
  type ActionItem,
  actionItemClock,
  changedItem,
  defaultDueAt,
  isUnfinished,
} from "./postmortem.ts";
import { findActionItem, insertActionItem, nextActionItemNumber, saveActionItem } from "./store.ts";

export type Promised = {
  readonly priority: Priority;
  readonly title: string;
  readonly ownerId: string;
  /** Null: by its priority. */
  readonly dueAt: Instant | null;
  readonly note: string | null;
};

/**
 * Adds an action item, starts its clock and tells its owner, who may see the incident from now on.
 */
export async function addActionItem(
  command: Command,
  incidentNumber: number,
  promised: Promised,
): Promise<ActionItem> {
  const { tx, config, now } = command;
  const incident = await begin(command, incidentNumber, "note", "postmortems.write");
  if (incident.state === "cancelled") {
    throw new Refusal("action_item.not_owed", { id: incidentId(incidentNumber) });
  }
  mustKnowPerson(config, promised.ownerId);
  const { priority, title, ownerId, note } = promised;
  const dueAt = promised.dueAt ?? defaultDueAt(priority, now);
  mustBeAhead(dueAt, now);
  const number = await nextActionItemNumber(tx);
  const item: ActionItem = {
    number,
    incidentNumber,
    priority,
    title,
    ownerId,
    dueAt,
    status: "open",
    doneAt: null,
    createdAt: now,
    note,
  };
  await insertActionItem(tx, item);
  await chronicle(
    command,
    incidentNumber,
    "action item added",
    { item: actionItemId(number), priority, title, owner: ownerId },
    note,
  );
  await startItemClock(command, incident, item);
  await startReviewClock(command, incident.teamIds[0] ?? null);
  await assign(command, incident, item);
  await recordLessons(command, incident);
  return item;
}

export type ActionItemChange = Partial<
  Pick<ActionItem, "status" | "ownerId" | "dueAt"> & { readonly note: string }
>;

/**
 * Changes what is named. Done meets its clock, dropped takes the promise back, open again restarts
 * it.
 */
export async function changeActionItem(
  command: Command,
  number: number,
  change: ActionItemChange,
): Promise<ActionItem> {
  const { tx, config, actor, now } = command;
  const reader = readerOf(actor);
  const seen = await findActionItem(tx, reader, number);
  const id = actionItemId(number);
  if (seen === null) throw new Refusal("action_item.not_found", { id });
  // The incident is locked before what belongs to it; then the item is read as it is now.
  const incident = await begin(command, seen.incidentNumber, "note", "postmortems.write");
  const before = (await findActionItem(tx, reader, number)) ?? seen;
  if (change.ownerId !== undefined) mustKnowPerson(config, change.ownerId);
  if (change.dueAt !== undefined && change.dueAt !== before.dueAt) mustBeAhead(change.dueAt, now);
  const item = changedItem(before, change, now);
  await saveActionItem(tx, item);
  await followClock(command, incident, before, item);
  await chronicleChange(command, before, item, change.note ?? null);
  if (item.ownerId !== before.ownerId) await assign(command, incident, item);
  await recordLessons(command, incident);
  return item;
}

function mustBeAhead(dueAt: Instant, now: Instant): void {
  if (dueAt <= now) throw new Refusal("action_item.due_past", { dueAt: toIso(dueAt) });
}

async function startItemClock(
  command: Command,
  incident: Incident,
  item: ActionItem,
): Promise<void> {
  const subject = actionItemId(item.number);
  const team = incident.teamIds[0] ?? null;
  await startClock(command, subject, team, actionItemClock(item), item.createdAt);
}

async function followClock(
  command: Command,
  incident: Incident,
  before: ActionItem,
  item: ActionItem,
): Promise<void> {
  const subject = actionItemId(item.number);
  if (isUnfinished(before) && item.status === "done") {
    await meetClock(command, subject, "action item");
  } else if (isUnfinished(before) && item.status === "dropped") {
    await withdrawClock(command, subject, "action item", item.note ?? "dropped");
  } else if (!isUnfinished(before) && isUnfinished(item)) {
    await startItemClock(command, incident, item);
    await startReviewClock(command, incident.teamIds[0] ?? null);
  } else if (before.dueAt !== item.dueAt) {
    await recomputeClock(command, subject, actionItemClock(item));
  }
}

async function chronicleChange(
  command: Command,
  before: ActionItem,
  item: ActionItem,
  note: string | null,
): Promise<void> {
  const id = actionItemId(item.number);
  const { incidentNumber, status, ownerId, dueAt } = item;
  if (ownerId !== before.ownerId) {
    await chronicle(command, incidentNumber, "action item owner", { item: id, person: ownerId });
  }
  if (dueAt !== before.dueAt) {
    await chronicle(command, incidentNumber, "action item due", { item: id, due: toIso(dueAt) });
  }
  if (status !== before.status || note !== null) {
    await chronicle(command, incidentNumber, "action item changed", { item: id, status }, note);
  }
}

/** Lets the owner see the incident and says what was promised. */
async function assign(command: Command, incident: Incident, item: ActionItem): Promise<void> {
  const { tx, world, config, now } = command;
  await letIn(command, incident.number, [item.ownerId]);
  const id = actionItemId(item.number);
  const notice: ItemNotice = {
    occasion: `${id} given ${world.chance.id(now)}`,
    why: { kind: "assigned", params: { item: id } },
    missed: false,
  };
  const telling = itemTelling(world, incident, item, notice, now);
  await tellPeople(tx, world, config, [item.ownerId], telling, now);
}
