/** The front door and the list of incidents. */
import type { Incident } from "../../contract/incident.ts";
import { html, type Html } from "../base/html.ts";
import { incidentRow } from "./incidentPage.ts";
import { listText, type Reading } from "./pageParts.ts";

export type HomeFacts = {
  readonly publicUrl: string;
  /** What burns, as far as the reader may see it; null when nobody is signed in. */
  readonly open: readonly Incident[] | null;
  /** A key that works and its service, where one may be shown; otherwise a placeholder stands there. */
  readonly key: { readonly secret: string; readonly service: string } | null;
  readonly nameOf: (personId: string) => string;
  readonly reading: Reading;
};

/** The body of the front door. */
export function homePage(facts: HomeFacts): Html {
  if (facts.open === null) return strangersPage(facts);
  const { open, nameOf, reading } = facts;
  const look = open.some((each) => each.severity === "SEV1") ? "hot" : "calm";
  const rows = open.map((each) => incidentRow(each, nameOf, reading));
  const elsewhere = html` What is over: <a href="/incidents">all incidents</a>.`;
  return html`<h1>${headline(open)}</h1>
<p>Times are ${reading.zone}.${open.length === 0 ? elsewhere : null}</p>
${open.length === 0 ? null : html`<ul class="rows panel ${look}">${rows}</ul>`}
${firstAlert(facts, open.length === 0 ? "Send an alert" : "Send another alert")}
${lookAround()}`;
}

const NUMBERS = ["Nothing", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/** “One SEV1 and two SEV3 burn.” */
export function headline(open: readonly Pick<Incident, "severity">[]): string {
  if (open.length === 0) return "Nothing burns.";
  const counts = Object.entries(Object.groupBy(open, (each) => each.severity))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([severity, those], index) => {
      const number = NUMBERS[those.length] ?? String(those.length);
      return `${index === 0 ? number : number.toLowerCase()} ${severity}`;
    });
  return `${listText(counts)} ${open.length === 1 ? "burns" : "burn"}.`;
}

const strangersPage = (facts: HomeFacts): Html => html`<h1>Tocsin</h1>
<p>Alerts come in, the right person is paged, the incident is run to its end, the postmortem is
written on time.</p>
<p>You are signed out. Open the one-time link that <code>./bin/tocsin up</code> prints when it starts
to see what burns.</p>
${firstAlert(facts, "Send a first alert")}
${lookAround()}`;

/** The quickest way to hear it ring. A critical alert pages; information does not. */
function firstAlert({ publicUrl, key }: HomeFacts, heading: string): Html {
  const secret = key?.secret ?? "YOUR-INTAKE-KEY";
  const what = key === null ? "Checkout is down" : `${key.service} is down`;
  return html`<section class="panel teach"><h2>${heading}</h2>
<pre>curl ${publicUrl}/v2/enqueue -d '{
  "routing_key": "${secret}", "event_action": "trigger", "dedup_key": "try-1",
  "payload": { "summary": "${what}", "source": "laptop", "severity": "critical" } }'</pre>
<p>It pages whoever is on call. With <code>"severity": "info"</code> it is recorded and wakes
nobody; with <code>"event_action": "resolve"</code> and the same <code>dedup_key</code> the alert is
over.</p></section>`;
}

const lookAround = (): Html => html`<h2>Look around</h2>
<p><a href="/incidents">Incidents</a> · <a href="/docs">the API for reading</a> ·
<a href="/openapi.json">as OpenAPI 3.1</a> ·
<a href="/metrics">metrics</a> · <a href="/readyz">readiness</a></p>
<p>On the command line: <code>./bin/tocsin incidents</code>, <code>./bin/tocsin doctor</code>,
<code>./bin/tocsin --help</code>.</p>`;

export type ListFacts = {
  readonly incidents: readonly Incident[];
  readonly filter: "open" | "all";
  /** Where the next part of the list is, or null. */
  readonly nextUrl: string | null;
  readonly nameOf: (personId: string) => string;
  readonly reading: Reading;
};

/** The body of the list of incidents. */
export function incidentsPage({ incidents, filter, nextUrl, nameOf, reading }: ListFacts): Html {
  const choice = (to: string, name: string, current: boolean): Html =>
    current ? html`<b>${name}</b>` : html`<a href="${to}">${name}</a>`;
  const rows = incidents.map((each) => incidentRow(each, nameOf, reading));
  return html`<h1>Incidents</h1>
<p>${choice("/incidents", "All", filter === "all")} ·
${choice("/incidents?state=open", "Open", filter === "open")} · newest first, times are ${reading.zone}</p>
${
  incidents.length === 0
    ? html`<p>${filter === "open" ? "Nothing burns." : "No incident yet."}
The <a href="/">front page</a> shows how to send an alert.</p>`
    : html`<ul class="rows panel">${rows}</ul>`
}
${nextUrl === null ? null : html`<p><a href="${nextUrl}">Older incidents</a></p>`}`;
}
