/** Postmortems and action items as people see them. */
import { actionItemId, incidentId } from "../../../contract/ids.ts";
import {
  type ActionItem as ActionItemView,
  type Postmortem as PostmortemView,
  type PostmortemSection,
  SECTION_TITLES,
} from "../../../contract/postmortem.ts";
import type { Queryable } from "../../base/db.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import { listDeadlines } from "../deadline/store.ts";
import type { Incident } from "../incident/incident.ts";
import { readSections } from "./commands.ts";
import type { Document } from "./document.ts";
import { when } from "./markdown.ts";
import { type ActionItem, isOverdue, type Postmortem, type Section } from "./postmortem.ts";
import { listItemsOf } from "./store.ts";

export const sectionView = ({ key, body, version }: Section): PostmortemSection => ({
  key,
  title: SECTION_TITLES[key],
  body,
  version,
});

export const actionItemView = (item: ActionItem, now: Instant): ActionItemView => ({
  id: actionItemId(item.number),
  incident: incidentId(item.incidentNumber),
  priority: item.priority,
  title: item.title,
  owner: item.ownerId,
  dueAt: toIso(item.dueAt),
  status: item.status,
  overdue: isOverdue(item, now),
  createdAt: toIso(item.createdAt),
  doneAt: toIsoOrNull(item.doneAt),
  note: item.note,
});

/** The whole postmortem with its clock and action items. */
export async function presentPostmortem(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
  postmortem: Postmortem,
  now: Instant,
): Promise<PostmortemView> {
  const id = incidentId(incident.number);
  const clocks = await listDeadlines(tx, id);
  const clock = clocks.find((row) => row.deadline.kind === "postmortem")?.deadline ?? null;
  const owed = clock !== null && (clock.state === "running" || clock.state === "breached");
  const sections = await readSections(tx, config, incident, postmortem, now);
  const items = await listItemsOf(tx, incident.number);
  return {
    incident: id,
    state: postmortem.state,
    required: postmortem.required,
    dueAt: clock === null || clock.state === "withdrawn" ? null : toIso(clock.dueAt),
    overdue: owed && clock.dueAt < now,
    publishedAt: toIsoOrNull(postmortem.publishedAt),
    audiences: [...postmortem.audiences],
    sections: sections.map(sectionView),
    actionItems: items.map((item) => actionItemView(item, now)),
  };
}

/** The postmortem as a document to export. */
export async function presentDocument(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
  postmortem: Postmortem,
  now: Instant,
): Promise<Document> {
  const { publishedAt } = postmortem;
  return {
    title: `Postmortem of ${incidentId(incident.number)}: ${incident.title}`,
    standing: publishedAt === null ? `Draft of ${when(now)}` : `Published ${when(publishedAt)}`,
    sections: await readSections(tx, config, incident, postmortem, now),
  };
}
