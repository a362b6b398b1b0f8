/** Drafting, editing and publishing a postmortem, in the caller's transaction. */
import { incidentId } from "../../../contract/ids.ts";
import type { SectionKey } from "../../../contract/postmortem.ts";
import { RECORDED } from "../../../contract/recorded.ts";
import { fill, say } from "../../../contract/texts.ts";
import type { Queryable } from "../../base/db.ts";
import { assert, Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import { actorRef, ENGINE, markOf } from "../account/account.ts";
import { chooseAudiences } from "../comms/comms.ts";
import { share } from "../comms/share.ts";
import type { Snapshot } from "../config/config.ts";
import { meetClock, startClock } from "../deadline/commands.ts";
import { listDeadlines } from "../deadline/store.ts";
import { begin, chronicle, type Command, recordAcceptance, termsOf } from "../incident/commands.ts";
import { titleFor } from "../incident/telling.ts";
import type { Incident } from "../incident/incident.ts";
import { owesPostmortem } from "../incident/respond.ts";
import { listAcceptance } from "../incident/store.ts";
import { draftSections } from "./draft.ts";
import { listFacts } from "./facts.ts";
import { callMeeting } from "./meeting.ts";
import {
  isOver,
  isStale,
  type Postmortem,
  postmortemUrl,
  type Section,
  sectionsAsRead,
  SHARED_BY_DEFAULT,
} from "./postmortem.ts";
import {
  findPostmortem,
  freezeSections,
  insertDraft,
  listItemsOf,
  listSections,
  savePostmortem,
  saveSection,
} from "./store.ts";

/**
 * What resolving leads to: where the policy demands a postmortem, its draft, its clock and its
 * review meeting. Doing it again changes nothing.
 */
export async function ensureDraft(command: Command, number: number): Promise<void> {
  const incident = await begin(command, number, "note");
  // It may have been reopened, or closed by an override, before the engine came.
  if (incident.state !== "resolved" || !owesPostmortem(command, incident)) return;
  await draftOnce(command, incident);
}

/** The postmortem, drafted now when the incident is over and has none; refuses before that. */
export async function postmortemOf(command: Command, number: number): Promise<Postmortem> {
  return mustHave(command, await begin(command, number, "note"));
}

async function mustHave(command: Command, incident: Incident): Promise<Postmortem> {
  if (isOver(incident)) return draftOnce(command, incident);
  const found = await findPostmortem(command.tx, incident.number);
  if (found !== null) return found;
  const id = incidentId(incident.number);
  throw new Refusal("postmortem.not_drafted", { id, state: incident.state });
}

/**
 * The incident is locked, so two nodes at once make one draft; the primary key stands behind that.
 */
async function draftOnce(asked: Command, incident: Incident): Promise<Postmortem> {
  const found = await findPostmortem(asked.tx, incident.number);
  if (found !== null && !isStale(found, incident)) return found;
  // Drafting is Tocsin's own act, whoever asked for it: nobody has edited these words.
  const command = { ...asked, actor: ENGINE };
  const { tx, config, now } = command;
  const postmortem: Postmortem = {
    incidentNumber: incident.number,
    state: "draft",
    required: owesPostmortem(command, incident),
    draftedAt: now,
    publishedAt: null,
    audiences: [],
  };
  if (found === null) {
    const draft = draftSections(await listFacts(tx, config, incident), now);
    const inserted = await insertDraft(tx, postmortem, draft, markOf(ENGINE));
    assert(inserted, "a locked incident gets one draft");
  } else await savePostmortem(tx, postmortem, null);
  await chronicle(command, incident.number, "postmortem drafted");
  // What was closed by an override owes no postmortem any more.
  if (postmortem.required && incident.state === "resolved") await startReview(command, incident);
  return postmortem;
}

/** Starts the clock from the moment it was resolved, and calls the review meeting. */
async function startReview(command: Command, incident: Incident): Promise<void> {
  const { tx, config, now } = command;
  const id = incidentId(incident.number);
  const terms = termsOf(config, incident);
  const { value, source } = terms.postmortemWithin;
  assert(value !== null, "a postmortem that is owed has a time");
  const length = { iso: value, unit: "running" } as const;
  const spec = { kind: "postmortem", length, calendarId: null, source } as const;
  await startClock(command, id, incident.teamIds[0] ?? null, spec, incident.resolvedAt ?? now);
  if (!terms.reviewMeeting.value) return;
  const clocks = await listDeadlines(tx, id);
  const clock = clocks.find((row) => row.deadline.kind === "postmortem");
  assert(clock, "the clock was started");
  await callMeeting(command, incident, clock.deadline.dueAt);
}

/** The nine sections as they are read at `now`. The caller has checked that they may be seen. */
export async function readSections(
  tx: Queryable,
  config: Snapshot,
  incident: Incident,
  postmortem: Postmortem,
  now: Instant,
): Promise<readonly Section[]> {
  const stored = await listSections(tx, incident.number);
  const draft = draftSections(await listFacts(tx, config, incident), now);
  return sectionsAsRead(postmortem, stored, draft);
}

export type SectionEdit = {
  readonly key: SectionKey;
  readonly body: string;
  readonly version: number;
};

/**
 * Replaces the words of a section. Refused, with the newest version and its words, when somebody
 * else changed it since it was read; every version is kept in the ledger's sealed payloads.
 */
export async function editSection(
  command: Command,
  number: number,
  edit: SectionEdit,
): Promise<Section> {
  const { tx, world, config, actor, now } = command;
  const incident = await begin(command, number, "note", "postmortems.write");
  const id = incidentId(number);
  const { key, body } = edit;
  if (key === "action-items") throw new Refusal("postmortem.section_derived", { section: key, id });
  const postmortem = await mustHave(command, incident);
  if (!(await saveSection(tx, number, edit, markOf(actor), now))) {
    const sections = await readSections(tx, config, incident, postmortem, now);
    const current = sections.find((section) => section.key === key);
    const newest = { version: current?.version ?? null, body: current?.body ?? null };
    throw new Refusal("postmortem.section_changed", { section: key, id, ...newest });
  }
  const edited: Section = { key, body, version: edit.version + 1, updatedBy: markOf(actor) };
  await record(tx, world, {
    stream: `incident:${number}`,
    at: now,
    actorRef: actorRef(actor),
    action: "postmortem section edited",
    objectRef: `incident:${number}`,
    payload: { section: key, version: edited.version, body },
  });
  return edited;
}

/**
 * Shares the postmortem with audiences, keeps its words and stops its clock. Doing it again shares
 * it as it is now. With an action item assigned it is the evidence that lessons were learned.
 */
export async function publish(
  command: Command,
  number: number,
  named: readonly string[],
): Promise<Postmortem> {
  const { tx, config, actor, now } = command;
  const incident = await begin(command, number, "note", "postmortems.publish");
  const id = incidentId(number);
  if (!isOver(incident)) {
    throw new Refusal("postmortem.not_over", { id, state: incident.state });
  }
  const postmortem = await mustHave(command, incident);
  const audiences = chooseAudiences({
    incident,
    named,
    defaults: SHARED_BY_DEFAULT,
    find: (name) => config.get("audiences", name)?.body ?? null,
  });
  if (audiences.length === 0) {
    throw new Refusal("postmortem.no_audience", { names: SHARED_BY_DEFAULT });
  }
  await freezeSections(tx, number, await readSections(tx, config, incident, postmortem, now));
  const published: Postmortem = {
    ...postmortem,
    state: "published",
    publishedAt: postmortem.publishedAt ?? now,
    audiences: [...new Set([...postmortem.audiences, ...audiences])],
  };
  await savePostmortem(tx, published, markOf(actor));
  await shareWith(command, incident, audiences);
  await meetClock(command, id, "postmortem");
  await recordLessons(command, incident);
  return published;
}

async function shareWith(
  command: Command,
  incident: Incident,
  audiences: readonly string[],
): Promise<void> {
  const { world, now } = command;
  const incidentName = incidentId(incident.number);
  const url = postmortemUrl(world.publicUrl, incident.number);
  const line = say("postmortem line", { incident: incidentName, url });
  const leftOut = await share(command, incident, audiences, {
    occasion: `postmortem ${world.chance.id(now)}`,
    why: { kind: "shared", params: {} },
    subject: say("postmortem subject", { incident: incidentName, title: titleFor(incident) }),
    lines: [line],
    linesWhenRestricted: [line],
  });
  await chronicle(command, incident.number, "postmortem published", { audiences });
  if (leftOut.length > 0)
    await chronicle(command, incident.number, "not told", { people: leftOut });
}

/** Published and with an action item that somebody owns: lessons were learned. Recorded once. */
export async function recordLessons(command: Command, incident: Incident): Promise<void> {
  const { tx } = command;
  const { number } = incident;
  if ((await findPostmortem(tx, number))?.state !== "published") return;
  const items = (await listItemsOf(tx, number)).filter((item) => item.status !== "dropped");
  if (items.length === 0) return;
  const recorded = await listAcceptance(tx, number);
  if (recorded.some((row) => row.piece === "lessons" && !row.overridden)) return;
  const text = fill(RECORDED.lessons, { count: items.length });
  await recordAcceptance(command, number, "lessons", text);
  await chronicle(command, number, "acceptance recorded", { piece: "lessons" }, text);
}
