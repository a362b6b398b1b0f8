/**
 * The page behind the signed link of a page, for somebody woken at night: what burns, why you, what
 * happens if you do not answer, one button. Afterwards it says that you have it, or who has.
 */
import { incidentId } from "../../contract/ids.ts";
import type { PageAnswer, PressedAnswer } from "../../contract/pages.ts";
import type { Language } from "../../contract/language.ts";
import { type ReasonKind, REASONS, say, sentence } from "../../contract/texts.ts";
import { spoken } from "../base/duration.ts";
import { html, type Html } from "../base/html.ts";
import { inWords, later, type Speaker, speaker, wordIn } from "../base/words.ts";
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
  tParts,
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
  language: Language,
): PressedAnswer {
  const said = (...what: Parameters<typeof say>): string => inWords(say(...what), language);
  const standing = standingOf(incident, row.personId);
  const { state, acknowledgedBy: by } = incident;
  if (standing === "over") return { done: true, said: said("pressed over", { state }) };
  if (refusal !== null) return { done: standing === "somebody has it", said: refusal };
  if (row.requestId !== null) return { done: true, said: said("pressed join") };
  if (standing === "you have it") return { done: true, said: said("pressed yours") };
  const theirs =
    by === null ? said("pressed tool") : said("pressed theirs", { person: nameOf(by) });
  return { done: standing === "somebody has it", said: theirs };
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
  const { services, regions, restricted } = incident;
  const named = restricted ? [] : services.length > 0 ? services : regions;
  const where = listText(speaker(reading.language), named);
  return tParts(reading.language, "{incident}. Since {time}.", {
    incident: `${incidentId(incident.number)}${where === "" ? "" : `, ${where}`}`,
    time: timeMark(incident.detectedAt, reading),
  });
}

const speakerOf = ({ reading }: Pick<AcknowledgeFacts, "reading">): Speaker =>
  speaker(reading.language);
const titled = ({ incident, reading }: AcknowledgeFacts): string =>
  inWords(titleFor(incident), reading.language);

function askingPage(facts: AcknowledgeFacts): Html {
  const { row, incident, reading, nameOf, ladder } = facts;
  const paged = row.handedOverAt ?? row.dueAt;
  const next = ladder.upcoming[0];
  const t = speakerOf(facts);
  const commander =
    incident.commanderId === null
      ? html`<span class="nobody">${t("Nobody yet.")}</span>`
      : incident.commanderId === row.personId
        ? t("You are the incident commander.")
        : t("{person} is the incident commander.", { person: nameOf(incident.commanderId) });
  const time = timeMark(paged, reading, true);
  const aside = tParts(reading.language, "paged {time}", { time });
  const under = html`${about(facts)} ${t("Nobody has it yet.")}`;
  return html`${head(facts, HEAT[incident.severity], aside, titled(facts), under)}
<section class="lines">
${refused(facts)}
${line(ICONS.eye, t("Why you"), html`<p>${reason(facts, row.reason.you)}</p>`)}
${line(ICONS.flame, t("Why now"), html`<p>${declaredBy(facts)} ${reason(facts, row.reason.now)}</p>`)}
${line(ICONS.up, t("If you do not answer"), ladderList(facts))}
${line(ICONS.person, t("Who commands"), html`<p>${commander}</p>`)}
</section>
<footer>${next === undefined ? null : nextPaged(facts, next)}
${meantFirst(facts)}</footer>`;
}

/** What the link was for stands first; a press it needs all the same, because mail scanners follow links. */
function meantFirst(facts: AcknowledgeFacts): Html {
  const { meant } = facts;
  const t = speakerOf(facts);
  const takes = t("I have it: stops the escalation, resolves nothing");
  const goes = t("the next one is paged instead of me");
  const asks = t("I need the next one: they are paged now");
  if (meant === "escalate")
    return html`<form method="post" action="?answer=escalate"><button>${t("Escalate")}<small>${asks}</small></button></form>
${other("acknowledge", t("Acknowledge"), takes)}`;
  if (meant === "not-mine")
    return html`<form method="post" action="?answer=not-mine"><button>${t("Not mine")}<small>${goes}</small></button></form>
${other("acknowledge", t("Acknowledge"), takes)}`;
  if (meant === "resolve")
    return html`<form method="post" action="?answer=resolve"><button>${t("Resolved")}<small>${t("the cause is gone")}</small></button></form>
${other("acknowledge", t("Acknowledge"), takes)}`;
  return html`<form method="post">
<button>${t("Acknowledge")}<small>${takes}</small></button>
</form>${other("not-mine", t("Not mine"), goes)}`;
}

/** Another answer than the first, in quieter dress. */
const other = (answer: PageAnswer, label: string, means: string): Html =>
  html`<form method="post" action="?answer=${answer}"><button class="second">${label}<small>${means}</small></button></form>`;

/** Somebody asks this person to join; who has the incident does not matter. */
function requestPage(facts: AcknowledgeFacts, request: ResponderRequest): Html {
  const { incident, reading, nameOf } = facts;
  const id = incidentId(incident.number);
  const asker = nameOf(request.askedBy);
  const t = speakerOf(facts);
  const person = asker;
  const time = timeMark(request.askedAt, reading, true);
  const aside = tParts(reading.language, "asked {time}", { time });
  const message = request.message === null || incident.restricted ? null : request.message;
  const heading =
    request.answer === null
      ? t("{person} asks you to join", { person })
      : wordIn(ANSWERED[request.answer], reading.language);
  const has =
    incident.acknowledgedBy === null
      ? t("Nobody yet.")
      : t("{person} has it.", { person: nameOf(incident.acknowledgedBy) });
  return html`${head(facts, request.answer === null ? "soon" : "calm", aside, heading, subtitle(facts))}
<section class="lines">
${refused(facts)}
${message === null ? null : line(ICONS.eye, t("{person} says", { person }), html`<p>${message}</p>`)}
${line(ICONS.person, t("Who has it"), html`<p>${has}</p>`)}
</section>
<footer>${
    request.answer === null
      ? html`<form method="post" action="?answer=join">
<button>${t("Join")}<small>${t("I come: you become a responder")}</small></button>
</form>${other("decline", t("I cannot"), t("{person} hears of it and asks somebody else", { person }))}`
      : null
  }
${opens(facts, id)}</footer>`;
}

const ANSWERED = {
  joined: later("You have joined"),
  declined: later("You have declined"),
  unanswered: later("Nobody waits for an answer any more"),
  over: later("It is over"),
} as const;

function opens(facts: AcknowledgeFacts, incident: string): Html {
  const t = speakerOf(facts);
  return html`<a class="button" href="/incidents/${incident}">${t("Open {incident}", { incident })}</a>`;
}

/** A time and not a countdown: without script a countdown would lie a second later. */
const nextPaged = (facts: AcknowledgeFacts, next: Rung): Html =>
  html`<div class="next"><span>${whoNext(facts, next)}</span>
<b>${timeMark(next.at, facts.reading, true)}</b></div>`;

function whoNext(facts: AcknowledgeFacts, { people }: Rung): string {
  const { nameOf, row } = facts;
  const t = speakerOf(facts);
  if (people.length === 0) return t("The next step is paged at");
  if (people.length === 1 && people[0] === row.personId) return t("You are paged at");
  const who = listText(t, people.map(nameOf));
  return t("{who} {count:is|are} paged at", { who, count: people.length });
}

const reason = (
  { reading }: AcknowledgeFacts,
  { kind, params }: Notification["reason"]["you"],
): string => {
  const template = REASONS[kind as ReasonKind] ?? kind;
  return inReadersTime(inWords(sentence(template, params), reading.language), reading);
};

function declaredBy(facts: AcknowledgeFacts): string | null {
  const { ruleId, ruleFile, ruleLine, restricted } = facts.incident;
  if (ruleId === null || restricted) return null;
  const where = ruleFile === null ? "" : ` (${ruleFile}:${ruleLine ?? 1})`;
  const t = speakerOf(facts);
  return t("Declared by rule {rule}.", { rule: `${ruleId}${where}` });
}

function refused({ refusal, reading }: AcknowledgeFacts): Html | null {
  if (refusal === null) return null;
  const t = speaker(reading.language);
  return line(ICONS.cross, t("Not done"), html`<p>${inReadersTime(refusal, reading)}</p>`);
}

/** Who was paged, you in blue, and who comes next with the time. */
function ladderList(facts: AcknowledgeFacts): Html {
  const { ladder, reading, nameOf, row, incident } = facts;
  const t = speakerOf(facts);
  if (ladder.upcoming.length === 0) {
    const why =
      incident.deferredFor === null
        ? t("No further step is planned: the clocks of the incident go on.")
        : t("It is put off while {incident} burns.", {
            incident: incidentId(incident.deferredFor),
          });
    return html`<p>${why}</p>`;
  }
  const past = ladder.paged.map((rung) => {
    const you = row.personId !== null && rung.people.includes(row.personId);
    const who = you
      ? t("You, by {channel}", { channel: row.channelId })
      : listText(t, rung.people.map(nameOf));
    const look = you ? "at" : "past";
    return html`<li class="${look}"><span>${who}, ${timeMark(rung.at, reading)}</span></li>`;
  });
  const next = ladder.upcoming.map((rung) => {
    const by = rung.by.length === 0 ? "" : ` (${listText(t, rung.by)})`;
    const you = rung.people.length === 1 && rung.people[0] === row.personId;
    const who =
      rung.people.length === 0
        ? html`<span class="nobody">${t("Nobody")}</span>`
        : you
          ? t("You again")
          : listText(t, rung.people.map(nameOf));
    const time = timeMark(rung.at, reading);
    return html`<li><span>${tParts(reading.language, "{who}, at {time}", { who: html`${who}${by}`, time })}</span></li>`;
  });
  return html`<ol class="ladder">${past}${next}</ol>`;
}

function takenPage(facts: AcknowledgeFacts): Html {
  const { incident, reading, ladder, clocks } = facts;
  const at = incident.acknowledgedAt ?? reading.now;
  const id = incidentId(incident.number);
  const running = clocks.filter((clock) => clock.state === "running");
  const { language } = reading;
  const t = speaker(language);
  const left =
    ladder.inFlight === 0
      ? t("Nobody else is paged for this.")
      : t("Nobody else is paged for this; what was already handed over may still arrive.");
  const aside = tParts(language, "acknowledged {time}", { time: timeMark(at, reading, true) });
  const clocksLeft = running.map((clock) => {
    const kind = capital(wordIn(clock.kind, language));
    const time = timeMark(clock.dueAt, reading);
    return html`<li>${tParts(language, "{kind} due {time}", { kind, time })}</li>`;
  });
  const took = t("It took {length} from the first signal.", {
    length: spoken(at - incident.detectedAt),
  });
  return html`${head(facts, "mine", aside, t("You have it"), subtitle(facts))}
<section class="lines">
${refused(facts)}
${line(ICONS.tick, t("The escalation has stopped"), html`<p>${left} ${took}</p>`)}
${running.length === 0 ? null : line(ICONS.clock, t("What runs now"), html`<ul>${clocksLeft}</ul>`)}
${line(ICONS.flame, t("What next"), html`<p>${t("Say what you see in a note, tell stakeholders with a status update, mitigate when users no longer hurt, resolve when the cause is gone.")}</p>`)}
</section>
<footer>${other("escalate", t("Escalate"), t("I need the next one: they are paged now"))}
${other("resolve", t("Resolved"), t("the cause is gone"))}
${opens(facts, id)}</footer>`;
}

/** What the page was about, where the heading says something else. */
const subtitle = (facts: AcknowledgeFacts): Html => html`${titled(facts)}. ${about(facts)}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function noEffect(facts: AcknowledgeFacts): string | null {
  const t = speakerOf(facts);
  return facts.refusal === null ? null : t("Your press changed nothing.");
}

function othersPage(facts: AcknowledgeFacts): Html {
  const { incident, reading, nameOf } = facts;
  const at = incident.acknowledgedAt ?? reading.now;
  const { language } = reading;
  const t = speaker(language);
  const who = incident.acknowledgedBy === null ? t("A tool") : nameOf(incident.acknowledgedBy);
  const id = incidentId(incident.number);
  const time = timeMark(at, reading, true);
  const heading =
    facts.refusal === null ? t("You can put the phone down") : t("{who} was faster", { who });
  const aside = tParts(language, "acknowledged {time}", { time });
  const took = tParts(language, "{who} acknowledged {incident} at {time}.", {
    who,
    incident: id,
    time,
  });
  return html`${head(facts, "calm", aside, t("{who} has it", { who }), subtitle(facts))}
<section class="lines">
${line(
  ICONS.tick,
  heading,
  html`<p>${took} ${noEffect(facts)}
${t("Nobody else is paged for this.")}</p>`,
)}
${line(ICONS.eye, t("Why you were paged"), html`<p>${reason(facts, facts.row.reason.you)}</p>`)}
</section>
<footer>${opens(facts, id)}</footer>`;
}

function overPage(facts: AcknowledgeFacts): Html {
  const { incident, reading } = facts;
  const id = incidentId(incident.number);
  const at = incident.closedAt ?? incident.resolvedAt;
  const { language } = reading;
  const t = speaker(language);
  const state = wordIn(incident.state, language);
  const why = incident.cancelledBecause;
  const because = why === null ? "" : ` (${wordIn(why, language)})`;
  const how =
    at === null
      ? t("{incident} is {state}.", { incident: id, state: `${state}${because}` })
      : tParts(language, "{incident} is {state} since {time}.", {
          incident: id,
          state,
          time: timeMark(at, reading),
        });
  return html`${head(facts, "calm", html`${state}`, t("It is over"), subtitle(facts))}
<section class="lines">
${line(ICONS.tick, t("Nothing is asked of you"), html`<p>${how} ${noEffect(facts)}</p>`)}
${line(ICONS.eye, t("Why you were paged"), html`<p>${reason(facts, facts.row.reason.you)}</p>`)}
</section>
<footer>${opens(facts, id)}</footer>`;
}
