/**
 * The page behind the signed link of a page, for somebody woken at night: what burns, why you, what
 * happens if you do not answer, one button. Afterwards it says that you have it, or who has.
 */
import { incidentId } from "../../contract/ids.ts";
import type { PageAnswer, PressedAnswer } from "../../contract/pages.ts";
import { fill, type ReasonKind, REASONS, say } from "../../contract/texts.ts";
import { spoken } from "../base/duration.ts";
import { html, type Html } from "../base/html.ts";
import type { Deadline } from "../domain/deadline/deadline.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import type { ResponderRequest } from "../domain/incident/responderStore.ts";
import { titleFor } from "../domain/incident/telling.ts";
import type { Notification } from "../domain/notification/notification.ts";
import type { Ladder, Rung } from "./ladder.ts";
import {
  ICONS,
  inReadersTime,
  line,
  listText,
  type Reading,
  severityMark,
  timeMark,
} from "./pageParts.ts";

export type AcknowledgeFacts = {
  readonly row: Notification;
  readonly incident: Incident;
  readonly nameOf: (personId: string) => string;
  readonly ladder: Ladder;
  readonly clocks: readonly Deadline[];
  /** The request to join that the page is about; null: the page is of the escalation. */
  readonly request: ResponderRequest | null;
  /** The answer that the link was for, where it was not for the first. */
  readonly meant: PageAnswer | null;
  /** Why the press of a moment ago did nothing. */
  readonly refusal: string | null;
  readonly reading: Reading;
};

/** What the page is about now; each has its own face. */
export type Standing = "yours to take" | "you have it" | "somebody has it" | "over";

/** Over comes first: nobody is asked for anything any more. */
export function standingOf(incident: Incident, personId: string | null): Standing {
  if (!isOpen(incident.state)) return "over";
  if (incident.acknowledgedAt === null) return "yours to take";
  return incident.acknowledgedBy !== null && incident.acknowledgedBy === personId
    ? "you have it"
    : "somebody has it";
}

/** The body of the page. */
export function acknowledgePage(facts: AcknowledgeFacts): Html {
  if (facts.request !== null && isOpen(facts.incident.state))
    return requestPage(facts, facts.request);
  switch (standingOf(facts.incident, facts.row.personId)) {
    case "yours to take":
      return askingPage(facts);
    case "you have it":
      return takenPage(facts);
    case "somebody has it":
      return othersPage(facts);
    case "over":
      return overPage(facts);
  }
}

/** What a press did, in one sentence. */
export function pressedAnswer(
  row: Notification,
  incident: Incident,
  refusal: string | null,
  nameOf: (personId: string) => string,
): PressedAnswer {
  const standing = standingOf(incident, row.personId);
  if (standing === "over") return { done: true, said: say("pressed over", { ...incident }) };
  if (refusal !== null) return { done: standing === "somebody has it", said: refusal };
  if (row.requestId !== null) return { done: true, said: say("pressed join") };
  if (standing === "you have it") return { done: true, said: say("pressed yours") };
  const by = incident.acknowledgedBy;
  const person = by === null ? "A tool" : nameOf(by);
  return { done: standing === "somebody has it", said: say("pressed theirs", { person }) };
}

const HEAT = { SEV1: "hot", SEV2: "soon", SEV3: "mild", SEV4: "calm" } as const;

function head(
  facts: AcknowledgeFacts,
  look: string,
  aside: Html | null,
  heading: string,
  under: Html,
): Html {
  const mark = severityMark(facts.incident.severity);
  return html`<header class="${look}"><div class="top">${mark}<span>${aside}</span></div>
<h1>${heading}</h1><p>${under}</p></header>`;
}

/** “INC-2, checkout. Burning since 14:02.” A restricted incident tells only its number. */
function about({ incident, reading }: AcknowledgeFacts): Html {
  const where = incident.restricted
    ? ""
    : listText(incident.services.length > 0 ? incident.services : incident.regions);
  const since = timeMark(incident.detectedAt, reading);
  return html`${incidentId(incident.number)}${where === "" ? "" : `, ${where}`}. Since ${since}.`;
}

function askingPage(facts: AcknowledgeFacts): Html {
  const { row, incident, reading, nameOf, ladder } = facts;
  const paged = row.handedOverAt ?? row.dueAt;
  const next = ladder.upcoming[0];
  const commander =
    incident.commanderId === null
      ? html`<span class="nobody">Nobody yet.</span>`
      : incident.commanderId === row.personId
        ? "You are the incident commander."
        : `${nameOf(incident.commanderId)} is the incident commander.`;
  const aside = html`paged ${timeMark(paged, reading, true)}`;
  const under = html`${about(facts)} Nobody has it yet.`;
  return html`${head(facts, HEAT[incident.severity], aside, titleFor(incident), under)}
<section class="lines">
${refused(facts)}
${line(ICONS.eye, "Why you", html`<p>${reason(facts, row.reason.you)}</p>`)}
${line(ICONS.flame, "Why now", html`<p>${declaredBy(facts)} ${reason(facts, row.reason.now)}</p>`)}
${line(ICONS.up, "If you do not answer", ladderList(facts))}
${line(ICONS.person, "Who commands", html`<p>${commander}</p>`)}
</section>
<footer>${next === undefined ? null : nextPaged(facts, next)}
${meantFirst(facts)}</footer>`;
}

/** What the link was for stands first; a press it needs all the same, because mail scanners follow links. */
function meantFirst({ meant }: AcknowledgeFacts): Html {
  const takes = "I have it: stops the escalation, resolves nothing";
  const goes = "the next one is paged instead of me";
  const asks = "I need the next one: they are paged now";
  if (meant === "escalate")
    return html`<form method="post" action="?answer=escalate"><button>Escalate<small>${asks}</small></button></form>
${other("acknowledge", "Acknowledge", takes)}`;
  if (meant === "not-mine")
    return html`<form method="post" action="?answer=not-mine"><button>Not mine<small>${goes}</small></button></form>
${other("acknowledge", "Acknowledge", takes)}`;
  return html`<form method="post">
<button>Acknowledge<small>${takes}</small></button>
</form>${other("not-mine", "Not mine", goes)}`;
}

/** Another answer than the first, in quieter dress. */
const other = (answer: PageAnswer, label: string, means: string): Html =>
  html`<form method="post" action="?answer=${answer}"><button class="second">${label}<small>${means}</small></button></form>`;

/** Somebody asks this person to join; who has the incident does not matter. */
function requestPage(facts: AcknowledgeFacts, request: ResponderRequest): Html {
  const { incident, reading, nameOf } = facts;
  const id = incidentId(incident.number);
  const asker = nameOf(request.askedBy);
  const aside = html`asked ${timeMark(request.askedAt, reading, true)}`;
  const message = request.message === null || incident.restricted ? null : request.message;
  const heading = request.answer === null ? `${asker} asks you to join` : ANSWERED[request.answer];
  return html`${head(facts, request.answer === null ? "soon" : "calm", aside, heading, titled(facts))}
<section class="lines">
${refused(facts)}
${message === null ? null : line(ICONS.eye, `${asker} says`, html`<p>${message}</p>`)}
${line(ICONS.person, "Who has it", html`<p>${incident.acknowledgedBy === null ? "Nobody yet." : `${nameOf(incident.acknowledgedBy)} has it.`}</p>`)}
</section>
<footer>${
    request.answer === null
      ? html`<form method="post" action="?answer=join">
<button>Join<small>I come: you become a responder</small></button>
</form>${other("decline", "I cannot", `${asker} hears of it and asks somebody else`)}`
      : null
  }
<a class="button" href="/incidents/${id}">Open ${id}</a></footer>`;
}

const ANSWERED = {
  joined: "You have joined",
  declined: "You have declined",
  unanswered: "Nobody waits for an answer any more",
  over: "It is over",
} as const;

/** A time and not a countdown: without script a countdown would lie a second later. */
const nextPaged = (facts: AcknowledgeFacts, next: Rung): Html =>
  html`<div class="next"><span>${whoNext(facts, next)} paged at</span>
<b>${timeMark(next.at, facts.reading, true)}</b></div>`;

const isAre = (people: readonly string[]): string => (people.length > 1 ? "are" : "is");

function whoNext({ nameOf, row }: AcknowledgeFacts, rung: Rung): string {
  if (rung.people.length === 0) return "The next step is";
  if (rung.people.length === 1 && rung.people[0] === row.personId) return "You are";
  return `${listText(rung.people.map(nameOf))} ${isAre(rung.people)}`;
}

const reason = (
  { reading }: AcknowledgeFacts,
  { kind, params }: Notification["reason"]["you"],
): string => inReadersTime(fill(REASONS[kind as ReasonKind] ?? kind, params), reading);

function declaredBy({ incident }: AcknowledgeFacts): string | null {
  if (incident.ruleId === null || incident.restricted) return null;
  const where =
    incident.ruleFile === null ? "" : ` (${incident.ruleFile}:${incident.ruleLine ?? 1})`;
  return `Declared by rule ${incident.ruleId}${where}.`;
}

const refused = ({ refusal, reading }: AcknowledgeFacts): Html | null =>
  refusal === null
    ? null
    : line(ICONS.cross, "Not done", html`<p>${inReadersTime(refusal, reading)}</p>`);

/** Who was paged, you in blue, and who comes next with the time. */
function ladderList(facts: AcknowledgeFacts): Html {
  const { ladder, reading, nameOf, row, incident } = facts;
  if (ladder.upcoming.length === 0) {
    const why =
      incident.deferredFor === null
        ? "No further step is planned: the clocks of the incident go on."
        : `It is put off while ${incidentId(incident.deferredFor)} burns.`;
    return html`<p>${why}</p>`;
  }
  const past = ladder.paged.map((rung) => {
    const you = row.personId !== null && rung.people.includes(row.personId);
    const who = you ? `You, by ${row.channelId}` : listText(rung.people.map(nameOf));
    const look = you ? "at" : "past";
    return html`<li class="${look}"><span>${who}, ${timeMark(rung.at, reading)}</span></li>`;
  });
  const next = ladder.upcoming.map((rung) => {
    const by = rung.by.length === 0 ? "" : ` (${listText(rung.by)})`;
    const you = rung.people.length === 1 && rung.people[0] === row.personId;
    const who =
      rung.people.length === 0
        ? html`<span class="nobody">Nobody</span>`
        : you
          ? "You again"
          : listText(rung.people.map(nameOf));
    return html`<li><span>${who}${by}, at ${timeMark(rung.at, reading)}</span></li>`;
  });
  return html`<ol class="ladder">${past}${next}</ol>`;
}

function takenPage(facts: AcknowledgeFacts): Html {
  const { incident, reading, ladder, clocks } = facts;
  const at = incident.acknowledgedAt ?? reading.now;
  const id = incidentId(incident.number);
  const running = clocks.filter((clock) => clock.state === "running");
  const left =
    ladder.inFlight === 0
      ? "Nobody else is paged for this."
      : "Nobody else is paged for this; what was already handed over may still arrive.";
  const aside = html`acknowledged ${timeMark(at, reading, true)}`;
  const clocksLeft = running.map(
    (clock) => html`<li>${capital(clock.kind)} due ${timeMark(clock.dueAt, reading)}</li>`,
  );
  const took = spoken(at - incident.detectedAt);
  return html`${head(facts, "mine", aside, "You have it", titled(facts))}
<section class="lines">
${refused(facts)}
${line(ICONS.tick, "The escalation has stopped", html`<p>${left} It took ${took} from the first signal.</p>`)}
${running.length === 0 ? null : line(ICONS.clock, "What runs now", html`<ul>${clocksLeft}</ul>`)}
${line(ICONS.flame, "What next", WHAT_NEXT)}
</section>
<footer>${other("escalate", "Escalate", "I need the next one: they are paged now")}
${other("resolve", "Resolved", "the cause is gone")}
<a class="button" href="/incidents/${id}">Open ${id}</a></footer>`;
}

const WHAT_NEXT = html`<p>Say what you see in a note, tell stakeholders with a status update,
mitigate when users no longer hurt, resolve when the cause is gone.</p>`;

/** What the page was about, where the heading says something else. */
const titled = (facts: AcknowledgeFacts): Html =>
  html`${titleFor(facts.incident)}. ${about(facts)}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const NO_EFFECT = "Your press changed nothing.";

function othersPage(facts: AcknowledgeFacts): Html {
  const { incident, reading, nameOf } = facts;
  const at = incident.acknowledgedAt ?? reading.now;
  const who = incident.acknowledgedBy === null ? "A tool" : nameOf(incident.acknowledgedBy);
  const id = incidentId(incident.number);
  const pressed = facts.refusal !== null;
  const exactly = timeMark(at, reading, true);
  const heading = pressed ? `${who} was faster` : "You can put the phone down";
  return html`${head(facts, "calm", html`acknowledged ${exactly}`, `${who} has it`, titled(facts))}
<section class="lines">
${line(
  ICONS.tick,
  heading,
  html`<p>${who} acknowledged ${id} at ${exactly}. ${pressed ? NO_EFFECT : null}
Nobody else is paged for this.</p>`,
)}
${line(ICONS.eye, "Why you were paged", html`<p>${reason(facts, facts.row.reason.you)}</p>`)}
</section>
<footer><a class="button" href="/incidents/${id}">Open ${id}</a></footer>`;
}

function overPage(facts: AcknowledgeFacts): Html {
  const { incident, reading } = facts;
  const id = incidentId(incident.number);
  const at = incident.closedAt ?? incident.resolvedAt;
  const because = incident.cancelledBecause === null ? "" : ` (${incident.cancelledBecause})`;
  const how =
    at === null
      ? html`${incident.state}${because}`
      : html`${incident.state} at ${timeMark(at, reading)}`;
  const pressed = facts.refusal !== null;
  return html`${head(facts, "calm", html`${incident.state}`, "It is over", titled(facts))}
<section class="lines">
${line(ICONS.tick, "Nothing is asked of you", html`<p>${id} is ${how}. ${pressed ? NO_EFFECT : null}</p>`)}
${line(ICONS.eye, "Why you were paged", html`<p>${reason(facts, facts.row.reason.you)}</p>`)}
</section>
<footer><a class="button" href="/incidents/${id}">Open ${id}</a></footer>`;
}
