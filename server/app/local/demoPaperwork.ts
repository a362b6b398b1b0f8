/** The end of the demo's outage: the postmortem, the refused close, what was missing, the close. */
import * as incidents from "../../../contract/incident.ts";
import * as postmortems from "../../../contract/postmortem.ts";
import { HOUR, MINUTE } from "../../base/instant.ts";
import { at, type Person, problemOf, type Stage } from "./demoStage.ts";

/** From resolved to closed. */
export async function paperwork(stage: Stage, id: string, who: Person): Promise<void> {
  const { voice } = stage;
  voice.chapter("The paperwork");
  await drafted(stage, id, who);
  await refused(stage, id, who);
  await supplied(stage, id, who);
  const caller = await stage.as(who.id);
  const closed = await caller.call(incidents.closeIncident, { params: { id } });
  voice.tell(at(closed.closedAt), `${id} is closed, with all its evidence.`);
}

/** The engine drafts it by itself; asking before that would draft it as well. */
async function drafted(stage: Stage, id: string, who: Person): Promise<void> {
  const caller = await stage.as(who.id);
  const due = await stage.until("the postmortem's clock", async () => {
    const { deadlines } = await caller.call(incidents.getIncident, { params: { id } });
    return deadlines.find((clock) => clock.kind === "postmortem") ?? null;
  });
  const { sections } = await caller.call(postmortems.getPostmortem, { params: { id } });
  const hours = Math.round((at(due.dueAt) - at(due.anchorAt)) / HOUR);
  stage.voice.tell(
    stage.clock.now(),
    `The postmortem is drafted: ${sections.length} sections, due ${hours} h after the resolve (${due.source}).`,
    `Filled in: ${sections
      .slice(0, 3)
      .map((section) => section.title.toLowerCase())
      .join(", ")} and what else is known.`,
    `A review meeting is called, with an invitation by mail.`,
  );
}

async function refused(stage: Stage, id: string, who: Person): Promise<void> {
  const caller = await stage.as(who.id);
  await stage.pass(MINUTE);
  try {
    await caller.call(incidents.closeIncident, { params: { id } });
  } catch (error) {
    const problem = problemOf(error);
    if (problem?.code !== "incident.evidence_missing") throw error;
    const missing = problem.params["missing"];
    const pieces = Array.isArray(missing) ? missing.map(String) : [problem.detail];
    stage.voice.tell(
      stage.clock.now(),
      `${who.name} tries to close ${id}: refused, by name.`,
      ...pieces.map((piece) => `missing: ${piece}`),
    );
    return;
  }
  throw new Error("an incident without root cause was closed, which must not happen");
}

const ROOT_CAUSE = {
  whatHappened: "Checkout 4.12.0 opened a new connection for every call to the card processor.",
  immediate: "The connection limit of the payment gateway was reached.",
  contributing: "The load test used a stub of the card processor without a limit.",
  underlying: "Connection limits of others are not part of the release checklist.",
};

/** What was missing is written down, by a person, each piece a request of its own. */
async function supplied(stage: Stage, id: string, who: Person): Promise<void> {
  const { voice, clock } = stage;
  const caller = await stage.as(who.id);
  const params = { id };
  await stage.pass(MINUTE);
  await caller.call(incidents.setRootCause, { params, body: ROOT_CAUSE });
  voice.tell(clock.now(), "The root cause is documented.", `“${ROOT_CAUSE.whatHappened}”`);
  const kept =
    "Gateway logs and connection graphs of the hour, in the archive of the payments team.";
  await caller.call(incidents.recordPiece, { params, body: { piece: "evidence", text: kept } });
  voice.tell(clock.now(), "Evidence is recorded: what was preserved, and where.");
  await stage.pass(MINUTE);
  const item = await caller.call(postmortems.addActionItem, {
    params,
    body: {
      priority: "P1",
      title: "Add connection limits to the release checklist",
      owner: who.id,
    },
  });
  voice.tell(
    clock.now(),
    `Action item ${item.id} (${item.priority}): ${item.title}.`,
    `Owner ${who.name}, due ${item.dueAt.slice(0, 10)}, reminded until it is done.`,
  );
  const draft = await caller.call(postmortems.getPostmortem, { params });
  const lessons = draft.sections.find((section) => section.key === "lessons");
  await caller.call(postmortems.editSection, {
    params: { id, key: "lessons" },
    body: {
      body: "Rolling back first and asking later cost us nothing.",
      version: lessons?.version ?? 1,
    },
  });
  const published = await caller.call(postmortems.publishPostmortem, { params });
  voice.tell(
    clock.now(),
    "The postmortem is published.",
    `Shared with ${published.audiences.join(" and ")}.`,
  );
}
