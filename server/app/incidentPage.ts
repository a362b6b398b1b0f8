/** One incident for reading: what burns, which clocks run, who has it, what happened, what is owed. */
import type { Alert } from "../../contract/alert.ts";
import type { DeadlineView } from "../../contract/deadline.ts";
import type { Incident, IncidentDetail, TimelineEntry } from "../../contract/incident.ts";
import type { Notification } from "../../contract/page.ts";
import { fill, TIMELINE, type TimelineKind } from "../../contract/texts.ts";
import { spoken } from "../base/duration.ts";
import { html, type Html } from "../base/html.ts";
import { fromIso, type Instant, instant, MINUTE } from "../base/instant.ts";
import { PIECE_HELP } from "../domain/incident/incident.ts";
import {
  inReadersTime,
  listText,
  type Reading,
  severityMark,
  timeMark,
  timeText,
} from "./pageParts.ts";

export type IncidentFacts = {
  readonly incident: IncidentDetail;
  readonly timeline: readonly TimelineEntry[];
  /** There are more entries than these. */
  readonly timelineIsCut: boolean;
  /** Oldest first; null when the reader may not see pages. */
  readonly pages: readonly Notification[] | null;
  readonly alerts: readonly Alert[] | null;
  readonly nameOf: (personId: string) => string;
  readonly reading: Reading;
};

const at = (iso: string): Instant => fromIso(iso) ?? instant(0);
const when = (iso: string, { reading }: Pick<IncidentFacts, "reading">, seconds = false): Html =>
  timeMark(at(iso), reading, seconds);

/** The body of the page. */
export function incidentPage(facts: IncidentFacts): Html {
  // What closing needs matters most once it is resolved; before that, who was woken does.
  const resolved = facts.incident.state === "resolved";
  const clocks = facts.incident.deadlines.filter((clock) => clock.state !== "withdrawn");
  return html`${head(facts)}
<ul class="clocks" aria-label="Clocks">${clocks.map((clock) => clockCard(facts, clock))}</ul>
<div class="columns"><div>${timeline(facts)}</div>
<div>${people(facts)}${resolved ? gate(facts) : null}${pages(facts)}${alerts(facts)}
${updates(facts)}${tasks(facts)}${resolved ? null : gate(facts)}${causes(facts)}</div></div>
<p class="foot">Times are ${facts.reading.zone}. On the command line:
<code>./bin/tocsin incident show ${facts.incident.id}</code>.</p>`;
}

const PATH = ["declared", "mitigated", "resolved", "closed"] as const;

function head(facts: IncidentFacts): Html {
  const { incident } = facts;
  const path = incident.state === "cancelled" ? (["declared", "cancelled"] as const) : PATH;
  const burns = incident.state === "declared" || incident.state === "mitigated";
  const end = incident.resolvedAt === null ? facts.reading.now : at(incident.resolvedAt);
  const lasted = spoken(end - at(incident.detectedAt));
  const rule =
    incident.rule === null
      ? byWhom(facts)
      : html`rule <b>${incident.rule.id}</b>, ${incident.rule.source}`;
  const states = path.map((state) =>
    state === incident.state
      ? html`<li aria-current="step"><span>${state}</span></li>`
      : html`<li><span>${state}</span></li>`,
  );
  return html`<header><div class="head">${severityMark(incident.severity)}
<span class="quiet">${incident.id}</span><ol class="path" aria-label="State">${states}</ol>
<h1>${incident.title}</h1></div>
<div class="facts"><span>Affected <b>${affected(incident)}</b></span>
<span>Detected ${when(incident.detectedAt, facts, true)}</span>
<span>${burns ? "Burns for" : "Lasted"} <b>${lasted}</b></span><span>Declared by ${rule}</span>
${incident.restricted ? html`<span><b>Only named people may see it</b></span>` : null}</div>
${elsewhere(incident)}</header>`;
}

const affected = ({ services, regions }: Incident): string => listText([...services, ...regions]);

/** What the head says in sentences, and where there is more to read. */
function elsewhere(incident: IncidentDetail): Html {
  const { id, summary, mergedInto, deferred } = incident;
  const reviewed = incident.deadlines.some((clock) => clock.kind === "postmortem");
  const link = (other: string): Html => html`<a href="/incidents/${other}">${other}</a>`;
  return html`
${reviewed ? html`<p><a href="/v1/incidents/${id}/postmortem.html">Read the postmortem</a></p>` : null}
${summary === null ? null : html`<p>${summary}</p>`}
${mergedInto === null ? null : html`<p>Merged into ${link(mergedInto)}.</p>`}
${
  deferred === null
    ? null
    : html`<p>Put off while ${link(deferred.incident)} burns: ${deferred.because}</p>`
}`;
}

const byWhom = ({ incident: { declaredBy }, nameOf }: IncidentFacts): Html =>
  declaredBy.kind === "person" && declaredBy.id !== null
    ? html`<b>${nameOf(declaredBy.id)}</b>`
    : html`${declaredBy.kind}${declaredBy.id === null ? "" : ` ${declaredBy.id}`}`;

/** State is told by words first: due, at risk, missed, waits, kept. */
function clockCard(facts: IncidentFacts, clock: DeadlineView): Html {
  const { now } = facts.reading;
  const name = html`<span>${capital(clock.kind)}</span>`;
  const source = html`<small>${clock.source}</small>`;
  const due = at(clock.dueAt);
  if (clock.metAt !== null) {
    const used = spoken(at(clock.metAt) - at(clock.anchorAt));
    const promised = spoken(due - at(clock.anchorAt));
    const kept = at(clock.metAt) <= due;
    return html`<li class="${kept ? "kept" : "late"}">${name}<b>${kept ? "✓ kept" : "met late"}</b>
${used} of ${promised}${source}</li>`;
  }
  if (clock.state === "paused") {
    return html`<li class="paused">${name}<b>waits</b>${clock.pausedBecause ?? ""}${source}</li>`;
  }
  if (clock.state === "breached") {
    const paper = clock.kind === "postmortem";
    return html`<li class="${paper ? "late" : "over"}">${name}<b>missed</b>
${spoken(now - due)} over, due ${when(clock.dueAt, facts)}${source}</li>`;
  }
  const risk = clock.atRisk;
  const left = spoken(Math.max(0, due - now));
  return html`<li class="${risk ? "risk" : "runs"}">${name}<b>${timeText(due, facts.reading)}</b>
${risk ? "at risk, " : ""}${left} left${source}</li>`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function people(facts: IncidentFacts): Html {
  const { incident, nameOf } = facts;
  const named = (id: string | null): Html =>
    id === null ? html`<span class="nobody">nobody</span>` : html`<b>${nameOf(id)}</b>`;
  const taken =
    incident.acknowledgedAt === null ? null : html`, ${when(incident.acknowledgedAt, facts, true)}`;
  const has =
    incident.acknowledgedAt !== null && incident.acknowledgedBy === null
      ? html`a tool`
      : named(incident.acknowledgedBy);
  const offered =
    incident.offeredCommander === null
      ? null
      : html`, offered to ${named(incident.offeredCommander)}`;
  return html`<h2>Who has it</h2><ul class="plain panel">
<li>Commander ${named(incident.commander)}${offered}</li>
<li>Acknowledged by ${has}${taken}</li>
${incident.roles.map(({ role, person }) => html`<li>${capital(role)} ${named(person)}</li>`)}</ul>`;
}

const TURNS: ReadonlySet<string> = new Set([
  "declared",
  "declared by rule",
  "acknowledged",
  "severity changed",
  "mitigated",
  "resolved",
  "resolved by alerts",
  "reopened",
  "reopened by alert",
  "closed",
  "cancelled",
  "merged",
  "policy exhausted",
  "breached",
]);
const SILENCE_MS = 5 * MINUTE;

function timeline(facts: IncidentFacts): Html {
  let before: Instant | null = null;
  const entries = facts.timeline.map((entry) => {
    const then = at(entry.at);
    const silent = before === null ? 0 : then - before;
    before = then;
    const gap =
      silent < SILENCE_MS
        ? null
        : html`<li class="silence">${spoken(silent)} without an entry</li>`;
    const { sentence, words } = wordsOf(facts, entry);
    const said = words === "" ? null : html`<blockquote>${words}</blockquote>`;
    return html`${gap}<li>${timeMark(then, facts.reading, true)}
<div class="${TURNS.has(entry.kind) ? "turn" : "entry"}">${sentence}
<small>${authorOf(facts, entry)}</small>${said}</div></li>`;
  });
  const more = facts.timelineIsCut
    ? html`<p>There is more: <code>GET /v1/incidents/${facts.incident.id}/timeline</code>.</p>`
    : null;
  return html`<h2>Timeline <small>oldest first</small></h2>
<ol class="timeline">${entries}</ol>${more}`;
}

/** The catalogue's sentence with names and the reader's times, apart from what a person wrote. */
function wordsOf(facts: IncidentFacts, entry: TimelineEntry): { sentence: string; words: string } {
  if (entry.kind === "note") return { sentence: "Note", words: entry.text };
  const template = TIMELINE[entry.kind as TimelineKind] ?? entry.text;
  const plain = fill(template, entry.params);
  if (!entry.text.startsWith(plain))
    return { sentence: inReadersTime(entry.text, facts.reading), words: "" };
  const params = Object.fromEntries(
    Object.entries(entry.params).map(([key, value]) => [key, readable(facts, key, value)]),
  );
  return {
    sentence: inReadersTime(fill(template, params), facts.reading),
    words: entry.text.slice(plain.length).trim(),
  };
}

const PERSON_PARAMS: ReadonlySet<string> = new Set(["person", "people", "before"]);

function readable({ nameOf }: IncidentFacts, key: string, value: unknown): unknown {
  if (!PERSON_PARAMS.has(key)) return value;
  if (Array.isArray(value)) return listText(value.map((each) => nameOf(String(each))));
  return typeof value === "string" ? nameOf(value) : value;
}

function authorOf({ nameOf }: IncidentFacts, { actor }: TimelineEntry): string {
  if (actor.kind === "engine") return "Tocsin";
  if (actor.id === null) return actor.kind;
  return actor.kind === "person" ? nameOf(actor.id) : `${actor.kind} ${actor.id}`;
}

const STATIONS = [
  "acceptedAt",
  "decidedAt",
  "dueAt",
  "handedOverAt",
  "receiptAt",
  "acknowledgedAt",
] as const;

/** Six stations a page goes through; what became of it is said in a sentence. */
function pages(facts: IncidentFacts): Html | null {
  const shown = facts.pages?.filter((page) => page.kind === "page");
  if (shown === undefined) return null;
  if (shown.length === 0)
    return html`<h2>Pages</h2><ul class="plain panel"><li>Nobody was paged for this.</li></ul>`;
  const rows = shown.map((page) => {
    const segments = STATIONS.map((station) => {
      const open = page.state === "dropped" ? "dropped" : "open";
      return html`<i class="${reached(facts, page, station) ? "gone" : open}"></i>`;
    });
    const to = page.person === null ? "an audience" : facts.nameOf(page.person);
    return html`<li><div class="to"><b>${to}</b><span class="quiet">${page.channel}</span></div>
<div class="steps" aria-hidden="true">${segments}</div><p>${outcome(facts, page)}</p></li>`;
  });
  return html`<h2>Pages <small>accepted to acknowledged</small></h2>
<ul class="ledger panel">${rows}</ul>`;
}

/** Somebody else's acknowledge ends a page as well, but does not answer it. */
const answeredBy = ({ incident }: IncidentFacts, page: Notification): boolean =>
  page.acknowledgedAt !== null && page.person !== null && page.person === incident.acknowledgedBy;

function reached(
  facts: IncidentFacts,
  page: Notification,
  station: (typeof STATIONS)[number],
): boolean {
  if (station === "acknowledgedAt") return answeredBy(facts, page);
  if (station === "dueAt") return page.state !== "dropped" && at(page.dueAt) <= facts.reading.now;
  return page[station] !== null;
}

function outcome(facts: IncidentFacts, page: Notification): Html {
  const repeat = page.mayRepeat ? " It may have arrived twice." : "";
  switch (page.state) {
    case "accepted": {
      const delivered = html`Delivered ${when(page.receiptAt ?? page.decidedAt, facts, true)}`;
      if (page.acknowledgedAt === null) return html`${delivered}, no answer yet.${repeat}`;
      const whose = answeredBy(facts, page)
        ? "acknowledged"
        : "not answered; somebody else acknowledged";
      return html`${delivered}, ${whose} ${when(page.acknowledgedAt, facts, true)}.${repeat}`;
    }
    case "sending":
      return html`In flight since ${when(page.handedOverAt ?? page.dueAt, facts, true)}.${repeat}`;
    case "pending":
      return html`Due ${when(page.dueAt, facts, true)}.${repeat}`;
    case "failed":
      return html`Failed: ${page.because ?? "no reason was kept"}.`;
    case "dropped":
      return html`Not sent: ${page.because ?? "no longer wanted"}.`;
  }
}

/** What closing asks for: a named fact, or what is missing. */
function gate({ incident, reading }: IncidentFacts): Html | null {
  const pieces = incident.acceptance.filter((piece) => piece.needed || piece.text !== null);
  if (pieces.length === 0) return null;
  const missing = pieces.filter((piece) => piece.needed && piece.text === null).length;
  const state =
    incident.state === "closed" ? "closed" : missing === 0 ? "all there" : `${missing} missing`;
  return html`<h2>To close it <small>${state}</small></h2><ul class="gate panel">${pieces.map(
    (piece) => {
      if (piece.text === null)
        return html`<li class="missing"><div><b>${capital(piece.piece)} is missing</b>
<p>${helpOf(piece.piece)}</p></div></li>`;
      const overridden = piece.overridden ? " (closed without it)" : null;
      return html`<li><div><b>${capital(piece.piece)}</b>${overridden}
<p>${inReadersTime(piece.text, reading)}</p></div></li>`;
    },
  )}</ul>`;
}

/** The words in brackets: the name stands before them already. */
const helpOf = (piece: keyof typeof PIECE_HELP): string =>
  capital(PIECE_HELP[piece].replace(/^[^(]*\((.*)\)$/, "$1"));

function alerts(facts: IncidentFacts): Html | null {
  const shown = facts.alerts;
  if (shown === null || shown.length === 0) return null;
  const firing = shown.filter((alert) => alert.status !== "resolved").length;
  return html`<h2>Alerts <small>${facts.incident.alertCount} in all, ${firing} open</small></h2>
<ul class="plain panel">${shown.map(
    (alert) =>
      html`<li><b>${alert.title}</b><p>${alert.status}, ${alert.severity}, seen ${alert.count}
${alert.count === 1 ? "time" : "times"}, first ${when(alert.firstReceivedAt, facts, true)}</p></li>`,
  )}</ul>`;
}

function updates(facts: IncidentFacts): Html | null {
  const { statusUpdates } = facts.incident;
  if (statusUpdates.length === 0) return null;
  return html`<h2>Status updates</h2><ul class="plain panel">${statusUpdates.map(
    (update) =>
      html`<li>${update.text}
<p>${when(update.at, facts)} to ${listText(update.audiences)}</p></li>`,
  )}</ul>`;
}

function tasks(facts: IncidentFacts): Html | null {
  const { incident, nameOf } = facts;
  if (incident.tasks.length === 0) return null;
  return html`<h2>Tasks</h2><ul class="plain panel">${incident.tasks.map(
    (task) =>
      html`<li>${task.doneAt === null ? "○" : "✓"} ${task.title}
<p>${task.owner === null ? "nobody" : nameOf(task.owner)}${
        task.dueAt === null ? null : html`, due ${when(task.dueAt, facts)}`
      }</p></li>`,
  )}</ul>`;
}

const IMPACT = {
  customers: "Customers",
  percent: "Percent",
  services: "Services",
  revenue: "Revenue",
  data: "Data",
} as const;
const CAUSE = {
  whatHappened: "What happened",
  immediate: "Immediate",
  contributing: "Contributing",
  underlying: "Underlying",
} as const;

function causes({ incident }: IncidentFacts): Html {
  const rows = (
    heading: string,
    names: Readonly<Record<string, string>>,
    values: Readonly<Record<string, unknown>>,
  ): Html | null => {
    const known = Object.entries(names).filter(
      ([key]) => values[key] !== undefined && values[key] !== "",
    );
    if (known.length === 0) return null;
    return html`<h2>${heading}</h2><ul class="plain panel">${known.map(
      ([key, name]) => html`<li><b>${name}</b><p>${String(values[key])}</p></li>`,
    )}</ul>`;
  };
  return html`${rows("Impact", IMPACT, incident.impact)}
${rows("Root cause", CAUSE, incident.rootCause)}`;
}

/** A row of a list of incidents. */
export function incidentRow(
  incident: Incident,
  nameOf: (id: string) => string,
  reading: Reading,
): Html {
  const has =
    incident.commander === null
      ? html`<span class="nobody">Nobody</span>`
      : html`${nameOf(incident.commander)}`;
  const acknowledged = incident.acknowledgedAt === null ? "not acknowledged" : "acknowledged";
  const open = incident.state === "declared" || incident.state === "mitigated";
  const since = timeMark(at(incident.declaredAt), reading);
  return html`<li>${severityMark(incident.severity)}
<div><a href="/incidents/${incident.id}">${incident.title}</a>
<small>${incident.id}, ${affected(incident)}</small></div>
<div>${has}<small>commander</small></div>
<div>${incident.state}<small>${open ? `${acknowledged}, ` : null}since ${since}</small></div></li>`;
}
