/** The review meeting of a postmortem: a task with a date, and an invitation for calendars. */
import { incidentId } from "../../../contract/ids.ts";
import { say, type Text } from "../../../contract/texts.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { inWords } from "../../base/words.ts";
import { whoMaySee } from "../comms/share.ts";
import type { Snapshot } from "../config/config.ts";
import { chronicle, type Command } from "../incident/commands.ts";
import { tellingOf, titleFor } from "../incident/telling.ts";
import type { Incident } from "../incident/incident.ts";
import { addTask } from "../incident/record.ts";
import { listRoles, listTasks } from "../incident/store.ts";
import { contactsOf, tellAddresses, tellPeople, type Telling } from "../notification/commands.ts";
import { fact } from "../notification/wording.ts";
import { type Attendee, invitation, INVITATION_TYPE } from "./invitation.ts";
import { when } from "./markdown.ts";
import { meetingAt, postmortemUrl } from "./postmortem.ts";

const KIND = "review meeting";

/** Opens the task and sends the invitation; one that is still open stands. */
export async function callMeeting(
  command: Command,
  incident: Incident,
  postmortemDueAt: Instant,
): Promise<void> {
  const { tx, config } = command;
  const { number } = incident;
  const meetings = (await listTasks(tx, number)).filter((task) => task.kind === KIND);
  if (meetings.some((task) => task.doneAt === null)) return;
  const commander =
    incident.commanderId === null ? null : config.get("people", incident.commanderId);
  const calendarId = config.get("teams", incident.teamIds[0] ?? "")?.body.calendar;
  const calendar = calendarId === undefined ? null : config.get("calendars", calendarId);
  const zone = commander?.body.timezone ?? "UTC";
  const at = meetingAt(postmortemDueAt, calendar?.body ?? null, zone);
  const title = `Review the postmortem of ${incidentId(number)}`;
  await addTask(command, number, { kind: KIND, title, ownerId: commander?.id ?? null, dueAt: at });
  await chronicle(command, number, "review meeting", { at: toIso(at) });
  await invite(command, incident, at, meetings.length + 1);
}

/**
 * Invites commander, responders and the managers of the teams, as far as they may see the incident.
 */
async function invite(
  command: Command,
  incident: Incident,
  at: Instant,
  ordinal: number,
): Promise<void> {
  const { tx, world, config, now } = command;
  const roles = await listRoles(tx, incident.number);
  const managers = incident.teamIds.map((team) => config.get("teams", team)?.body.manager);
  const wanted = [incident.commanderId, ...roles.map((role) => role.personId), ...managers];
  const named = [...new Set(wanted)].filter((id) => typeof id === "string");
  const people = await whoMaySee(command, incident, named);
  const attendees = people.map((id) => attendeeOf(config, id));
  const organizer = attendees[0];
  if (organizer === undefined) return;
  const id = incidentId(incident.number);
  const subject = say("review subject", { incident: id, title: titleFor(incident) });
  const url = postmortemUrl(world.publicUrl, incident.number);
  const file = invitation(
    {
      uid: `${id}-review-${ordinal}@${new URL(world.publicUrl).hostname}`,
      at,
      // One file for all who are invited.
      title: inWords(subject, "en"),
      description: url,
      url,
      organizer,
      attendees,
    },
    now,
  );
  const telling = invitationNotice(command, incident, { at, ordinal, subject, url, file });
  const { byContact, byMail } = waysOf(config, people);
  await tellPeople(tx, world, config, byContact, telling, now);
  await tellAddresses(tx, world, byMail, telling, now);
}

function attendeeOf(config: Snapshot, personId: string): Attendee {
  const person = config.get("people", personId)?.body;
  return { name: person?.name ?? personId, email: person?.email ?? "" };
}

function invitationNotice(
  command: Command,
  incident: Incident,
  facts: { at: Instant; ordinal: number; subject: Text; url: string; file: string },
): Telling {
  const id = incidentId(incident.number);
  return {
    ...tellingOf(incident, "notice", `${KIND} ${facts.ordinal}`, command.now),
    why: {
      you: { kind: "role in incident", params: { role: "invited to the review", incident: id } },
      now: { kind: "review meeting", params: { incident: id } },
    },
    words: () => ({
      kind: "notice",
      subject: facts.subject,
      lines: [say("review line", { incident: id, at: when(facts.at) })],
      facts: [fact("incident", id), fact("review meeting", when(facts.at))],
      actions: [{ label: say("open", { incident: id }), url: facts.url, verb: "open" }],
      attachments: [{ name: `review-${id}.ics`, type: INVITATION_TYPE, content: facts.file }],
      thread: { subjectId: id, sentReference: null },
    }),
  };
}

type Address = { readonly channel: string; readonly address: string };

/**
 * An invitation only works as a mail, so whoever is told elsewhere first gets it at a mail address.
 * Without any mail channel everybody is told in their usual way.
 */
function waysOf(
  config: Snapshot,
  people: readonly string[],
): { readonly byContact: readonly string[]; readonly byMail: readonly Address[] } {
  const isMail = (channelId: string): boolean =>
    config.get("channels", channelId)?.body.type === "email";
  const anyMail = config.all("channels").find((channel) => isMail(channel.id));
  const byContact: string[] = [];
  const byMail: Address[] = [];
  for (const id of people) {
    const contacts = contactsOf(config, id, "low");
    const first = contacts[0];
    const mail = contacts.find((contact) => isMail(contact.channelId));
    const address = config.get("people", id)?.body.email;
    if (first !== undefined && mail === first) byContact.push(id);
    else if (mail !== undefined) byMail.push({ channel: mail.channelId, address: mail.address });
    else if (anyMail !== undefined && address !== undefined) {
      byMail.push({ channel: anyMail.id, address });
    } else byContact.push(id);
  }
  return { byContact, byMail };
}
