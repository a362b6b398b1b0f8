/** Who is told about an incident, and in which words: pages, notices to people, notices to audiences. */
import { incidentId } from "../../../contract/ids.ts";
import { say, sentence, type Text } from "../../../contract/texts.ts";
import type { Instant } from "../../base/instant.ts";
import { personOf } from "../account/account.ts";
import { hasBeenTold, insertNotifications, type NewNotification } from "../notification/store.ts";
import { tellPeople, type Telling, tellingsOf, tellingsTo } from "../notification/commands.ts";
import type { PageParts } from "../notification/notification.ts";
import { keptText } from "../notification/pageParts.ts";
import { fact } from "../notification/wording.ts";
import type { EffectiveTerms } from "../policy/policy.ts";
import { chronicleAll, type Command, type Fact, urgencyOf } from "./commands.ts";
import { type Incident, isOpen, type Paging } from "./incident.ts";

/** The part of a telling that an incident decides. */
export function tellingOf(
  incident: Pick<Incident, "number" | "detectedAt">,
  kind: "page" | "notice",
  occasion: string,
  now: Instant,
): Pick<
  Telling,
  "subject" | "occasion" | "kind" | "urgency" | "incidentNumber" | "runId" | "acceptedAt" | "dueAt"
> {
  return {
    subject: incidentId(incident.number),
    occasion,
    kind,
    urgency: kind === "page" ? "high" : "low",
    incidentNumber: incident.number,
    runId: null,
    acceptedAt: incident.detectedAt,
    dueAt: now,
  };
}

/** What a restricted incident shows to a mail server: nothing of its contents. */
export const titleFor = (incident: Pick<Incident, "restricted" | "title">): Text =>
  incident.restricted ? say("restricted title") : incident.title;

/** What a page or notice about an incident is made of, besides what its row knows. */
export function pageParts(
  { world }: Pick<Command, "world">,
  incident: Paging,
  lines: readonly Text[],
  special: { readonly subject?: Text; readonly asks?: PageParts["asks"] } = {},
): PageParts {
  const { severity, title, services, regions, declaredAt, commanderId, restricted } = incident;
  const { subject, asks } = special;
  return {
    made: "page",
    at: world.publicUrl,
    severity,
    ...(!restricted && { open: { title, where: [...services, ...regions].join(", ") } }),
    declared: declaredAt,
    ...(commanderId !== null && { commander: commanderId }),
    lines: lines.map(keptText),
    ...(subject !== undefined && { subject: keptText(subject) }),
    ...(asks !== undefined && { asks }),
  };
}

/** Tells the audiences of the severity that it was declared. */
export async function tellAudiences(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
): Promise<void> {
  const facts: Fact[] = [];
  const rows = audiencesTold(command, incident, terms, facts);
  await insertNotifications(command.tx, rows);
  await chronicleAll(command, facts);
}

/** What the audiences of the severity are told, and that they are; never about a restricted incident. */
export function audiencesTold(
  command: Command,
  incident: Incident,
  terms: EffectiveTerms,
  facts: Fact[],
): readonly NewNotification[] {
  if (incident.restricted) return [];
  return terms.tells.flatMap(({ value: audience }) => {
    const told = audienceTold(command, incident, audience, `declared ${incident.severity}`, {
      now: {
        kind: "declared",
        params: { incident: incidentId(incident.number), severity: incident.severity },
      },
      subject: say("declared subject", {
        severity: incident.severity,
        incident: incidentId(incident.number),
        title: incident.title,
      }),
      lines: incident.summary === null ? [] : [incident.summary],
    });
    if (told === null) return [];
    const params = { audience, severity: incident.severity };
    facts.push({ number: incident.number, kind: "audience told", params });
    return told;
  });
}

type AudienceNews = {
  readonly now: Telling["why"]["now"];
  readonly subject: Text;
  readonly lines: readonly Text[];
};

/** Writes one notice to everybody of an audience; false when the audience has nobody to tell. */
export async function tellAudience(
  command: Command,
  incident: Incident,
  audience: string,
  occasion: string,
  what: AudienceNews,
): Promise<boolean> {
  const told = audienceTold(command, incident, audience, occasion, what);
  await insertNotifications(command.tx, told ?? []);
  return told !== null;
}

/** One notice to everybody of an audience; null when the audience has nobody to tell. */
function audienceTold(
  command: Command,
  incident: Incident,
  audience: string,
  occasion: string,
  what: AudienceNews,
): readonly NewNotification[] | null {
  const { world, config, now } = command;
  const found = config.get("audiences", audience);
  if (found === null || found.body.people.length + found.body.contacts.length === 0) return null;
  const id = incidentId(incident.number);
  const telling: Telling = {
    ...tellingOf(incident, "notice", `${occasion} to ${audience}`, now),
    why: { you: { kind: "audience", params: { audience: found.body.name } }, now: what.now },
    words: () => ({
      kind: "notice",
      subject: what.subject,
      lines: what.lines,
      facts: [
        fact("incident", id),
        fact("severity", incident.severity),
        fact("state", sentence(incident.state)),
        fact("affected", [...incident.services, ...incident.regions].join(", ")),
      ],
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
  };
  return [
    ...tellingsOf(world, config, found.body.people, telling, now).rows,
    ...tellingsTo(world, found.body.contacts, telling, now),
  ];
}

export type News = {
  /** What happened; it may happen again at another time. */
  readonly occasion: string;
  readonly now: Telling["why"]["now"];
  readonly lines: readonly Text[];
};

/** A notice to the commander and to whoever acknowledged, apart from the one who acts. */
export async function tellThoseWhoHaveIt(
  command: Command,
  incident: Incident,
  { occasion, now, lines }: News,
): Promise<void> {
  const { commanderId, acknowledgedBy } = incident;
  for (const person of new Set([commanderId, acknowledgedBy])) {
    if (person === null || person === personOf(command.actor)) continue;
    const you: Telling["why"]["you"] =
      person === commanderId
        ? { kind: "commander", params: { why: "it is yours" } }
        : { kind: "has it", params: { incident: incidentId(incident.number) } };
    await tellOne(command, incident, person, `${occasion} ${command.now}`, { you, now, lines });
  }
}

/**
 * How urgent a word is to somebody whom an incident asks for something now: as urgent as the incident. What comes next may
 * be a page, so that a word about one that burns waits for no quiet hours.
 */
export const urgencyToThoseAsked = (
  { config, now }: Pick<Command, "config" | "now">,
  incident: Incident,
): Telling["urgency"] => (isOpen(incident.state) ? urgencyOf(config, incident, now).value : "low");

/** A notice to one person about an incident. */
export async function tellOne(
  command: Command,
  incident: Incident,
  personId: string,
  occasion: string,
  what: {
    readonly you: Telling["why"]["you"];
    readonly now?: Telling["why"]["now"];
    readonly subject?: Text;
    readonly lines?: readonly Text[];
  },
): Promise<void> {
  const { tx, world, config, now } = command;
  const id = incidentId(incident.number);
  const { severity } = incident;
  const telling: Telling = {
    ...tellingOf(incident, "notice", occasion, now),
    urgency: urgencyToThoseAsked(command, incident),
    why: { you: what.you, now: what.now ?? { kind: "asked", params: {} } },
    words: () => ({
      kind: "notice",
      subject:
        what.subject ?? say("page subject", { severity, incident: id, title: titleFor(incident) }),
      lines: what.lines ?? [],
      facts: [fact("incident", id), fact("severity", severity)],
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
  };
  await tellPeople(tx, world, config, [personId], telling, now);
}

/** The acknowledge dropped the commander's page before it left: they still have to know. */
export async function tellUnawareCommander(
  command: Command,
  incident: Incident,
  answered: Text,
): Promise<void> {
  const { commanderId, number } = incident;
  if (commanderId === null || commanderId === personOf(command.actor)) return;
  if (await hasBeenTold(command.tx, number, commanderId)) return;
  await tellOne(command, incident, commanderId, "acknowledged before the page", {
    you: { kind: "commander", params: { why: "severity policy" } },
    subject: say("page subject", {
      severity: incident.severity,
      incident: incidentId(number),
      title: titleFor(incident),
    }),
    lines: [say("page command"), answered],
  });
}
