/**
 * Tells audiences something about an incident; about a restricted one only people who may see it.
 */
import { incidentId } from "../../../contract/ids.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { readerOf } from "../account/account.ts";
import type { Command } from "../incident/commands.ts";
import { tellAudience, tellingOf } from "../incident/telling.ts";
import type { Incident } from "../incident/incident.ts";
import { tellPeople } from "../notification/commands.ts";
import type { NotificationReason } from "../notification/notification.ts";
import { fact } from "../notification/wording.ts";
import { listSeeing } from "./store.ts";

export type Sharing = {
  /** Once for each person and address. */
  readonly occasion: string;
  readonly why: NotificationReason["now"];
  readonly subject: Text;
  readonly lines: readonly Text[];
  /** What a mail about a restricted incident says instead: that there is something to read. */
  readonly linesWhenRestricted: readonly Text[];
};

/**
 * Writes a notice to each audience. Returns the people who were left out, because they may not see
 * it.
 */
export async function share(
  command: Command,
  incident: Incident,
  audiences: readonly string[],
  sharing: Sharing,
): Promise<readonly string[]> {
  if (incident.restricted) return shareRestricted(command, incident, audiences, sharing);
  const { occasion, why, subject, lines } = sharing;
  for (const audience of audiences) {
    await tellAudience(command, incident, audience, occasion, { now: why, subject, lines });
  }
  return [];
}

async function shareRestricted(
  command: Command,
  incident: Incident,
  audiences: readonly string[],
  sharing: Sharing,
): Promise<readonly string[]> {
  const { tx, world, config, now } = command;
  const id = incidentId(incident.number);
  const people = [
    ...new Set(audiences.flatMap((name) => config.get("audiences", name)?.body.people ?? [])),
  ];
  const seeing = await whoMaySee(command, incident, people);
  if (seeing.length === 0) throw new Refusal("comms.nobody_may_see", { id, audiences });
  await tellPeople(
    tx,
    world,
    config,
    seeing,
    {
      ...tellingOf(incident, "notice", sharing.occasion, now),
      why: {
        you: { kind: "audience", params: { audience: audiences.join(", ") } },
        now: sharing.why,
      },
      words: () => ({
        kind: "notice",
        subject: sharing.subject,
        lines: sharing.linesWhenRestricted,
        facts: [fact("incident", id)],
        actions: [
          {
            label: say("open", { incident: id }),
            url: `${world.publicUrl}/incidents/${id}`,
            verb: "open",
          },
        ],
        attachments: [],
        thread: { subjectId: id, sentReference: null },
      }),
    },
    now,
  );
  return people.filter((person) => !seeing.includes(person));
}

/** Those of the people who are known and may see the incident, in their order. */
export async function whoMaySee(
  { tx, config }: Pick<Command, "tx" | "config">,
  incident: Pick<Incident, "number" | "restricted">,
  people: readonly string[],
): Promise<readonly string[]> {
  const known = people.flatMap((id) => config.get("people", id) ?? []);
  if (!incident.restricted) return known.map((person) => person.id);
  const readers = known.map(({ id, ref, body }) =>
    readerOf({ kind: "person", personId: id, ref, grants: body.roles }),
  );
  const seeing = new Set(await listSeeing(tx, incident.number, readers));
  return known.map((person) => person.id).filter((id) => seeing.has(id));
}
