/**
 * The words of a notice about one action item; nothing of a restricted incident stands in a mail.
 */
import { actionItemId, incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { tellingOf, titleFor } from "../incident/telling.ts";
import type { Incident } from "../incident/incident.ts";
import type { Telling } from "../notification/commands.ts";
import { fact } from "../notification/wording.ts";
import type { ActionItem } from "./postmortem.ts";

export type ItemNotice = {
  readonly occasion: string;
  readonly why: Telling["why"]["now"];
  readonly missed: boolean;
};

/** Tells its owner, or whoever looks after the owner, how an action item stands. */
export function itemTelling(
  world: Pick<World, "publicUrl">,
  incident: Incident,
  item: ActionItem,
  { occasion, why, missed }: ItemNotice,
  now: Instant,
): Telling {
  const id = actionItemId(item.number);
  const inIncident = incidentId(incident.number);
  const due = toIso(item.dueAt);
  const title = incident.restricted ? titleFor(incident) : item.title;
  const { priority, status, ownerId: owner } = item;
  const subject = missed ? "action item missed subject" : "action item subject";
  return {
    ...tellingOf(incident, "notice", occasion, now),
    why: { you: { kind: "owner", params: { item: id } }, now: why },
    words: () => ({
      kind: "notice",
      subject: say(subject, { item: id, priority, due, title }),
      lines: [say("action item line", { item: id, incident: inIncident, status, owner })],
      facts: [fact("incident", inIncident), fact("due", due)],
      actions: [
        {
          label: say("open", { incident: inIncident }),
          url: `${world.publicUrl}/incidents/${inIncident}`,
          verb: "open",
        },
      ],
      attachments: [],
      thread: { subjectId: inIncident, sentReference: null },
    }),
  };
}
