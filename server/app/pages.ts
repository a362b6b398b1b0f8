/**
 * Pages without script. The acknowledge link is a capability for the one person it was sent to: GET only
 * shows what burns, because mail scanners follow links; POST acts.
 */
import { readFile } from "node:fs/promises";
import { incidentId } from "../../contract/ids.ts";
import * as contract from "../../contract/pages.ts";
import { fill, type ReasonKind, REASONS } from "../../contract/texts.ts";
import { type Queryable, transact } from "../base/db.ts";
import { spoken } from "../base/duration.ts";
import { Refusal } from "../base/errors.ts";
import { html, type Html } from "../base/html.ts";
import { type Instant, toIso } from "../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE_READER } from "../domain/account/account.ts";
import { actorOfPerson, signInByLink } from "../domain/account/commands.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { listRuns } from "../domain/escalation/store.ts";
import { titleFor } from "../domain/incident/declare.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { acknowledge } from "../domain/incident/respond.ts";
import { execute } from "../domain/incident/routes.ts";
import { findIncident } from "../domain/incident/store.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { findNotification } from "../domain/notification/store.ts";
import { readSlackInteraction } from "../edge/inbound/slackInteraction.ts";

/** `__Host-` needs TLS; plain http is for trying out on this machine. */
export const SESSION_COOKIES: readonly string[] = ["__Host-tocsin", "tocsin"];
const SESSION_SECONDS = 7 * 24 * 3_600;

/** A whole page around its body. */
export const wholePage = (title: string, body: Html, wide = false): Raw =>
  new Raw(
    "text/html; charset=utf-8",
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<title>${title} · Tocsin</title>
<link rel="stylesheet" href="/tocsin.css">
</head>
<body><main class="${wide ? "wide" : "narrow"}">${body}</main></body>
</html>`.toString(),
    { "cache-control": "no-store", "referrer-policy": "no-referrer" },
  );

export function pageRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  const find = async (token: string): Promise<{ row: Notification; incident: Incident }> => {
    const id = linkTarget(world, token);
    const row = await findNotification(world.db, ENGINE_READER, id);
    const incident =
      row?.incidentNumber == null ? null : await findIncident(world.db, ENGINE_READER, row.incidentNumber);
    if (row === null || incident === null) throw new Refusal("page.link_invalid");
    return { row, incident };
  };

  /** Acknowledges in the name of the person whom the notification was sent to. */
  const acknowledgeFor = async (row: Notification, incident: Incident): Promise<Incident> => {
    const person = row.personId === null ? null : actorOfPerson(await config(world.db), row.personId);
    if (person === null) throw new Refusal("page.link_invalid");
    return execute(world, config, person, (command) => acknowledge(command, incident.number));
  };

  return [
    bind(contract.showAcknowledge, async ({ params }) => {
      const { row, incident } = await find(params.token);
      const now = world.clock.now();
      return pageOf(row, incident, await nextStep(world, incident, now), now, null);
    }),
    bind(contract.pressAcknowledge, async ({ params }) => {
      const { row, incident } = await find(params.token);
      const now = world.clock.now();
      try {
        return pageOf(row, await acknowledgeFor(row, incident), null, now, null);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === "page.link_invalid") throw error;
        const current = (await findIncident(world.db, ENGINE_READER, incident.number)) ?? incident;
        return pageOf(row, current, null, now, error.message);
      }
    }),
    bind(contract.showSignIn, async () =>
      wholePage(
        "Sign in",
        html`<header class="calm"><div class="top"><span>Tocsin</span></div><h1>Sign in as administrator</h1>
<p>This link works once.</p></header><section></section>
<footer><form method="post"><button>Sign in<small>Opens a session for seven days</small></button></form></footer>`,
      ),
    ),
    bind(contract.pressSignIn, async ({ params }) => {
      const cookie = await transact(world.db, (tx) => signInByLink(tx, world, params.token, world.clock.now()));
      const secure = world.publicUrl.startsWith("https:");
      const name = secure ? "__Host-tocsin" : "tocsin";
      const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_SECONDS}${secure ? "; Secure" : ""}`;
      return new Raw("text/plain", "", { location: "/", "set-cookie": `${name}=${cookie}; ${attributes}` }, 303);
    }),
    bind(contract.frontDoor, async () => wholePage("Welcome", frontDoor(world), true)),
    bind(contract.styleSheet, async () =>
      new Raw("text/css; charset=utf-8", await readFile(new URL("tocsin.css", import.meta.url), "utf8"), {
        "cache-control": "public, max-age=300",
      }),
    ),
    bind(contract.slackInteraction, async ({ params, request }) => {
      const channel = (await config(world.db)).get("channels", params.channel)?.body;
      const secret = channel?.type === "slack" ? world.secret(channel.signingSecret) : null;
      if (secret === null) throw new Refusal("page.link_invalid");
      const press = readSlackInteraction(request, secret, world.clock.now());
      if (press.verb !== "acknowledge") return {};
      const row = await findNotification(world.db, ENGINE_READER, press.notificationId);
      if (row === null || row.incidentNumber === null || row.channelId !== params.channel) throw new Refusal("page.link_invalid");
      const incident = await findIncident(world.db, ENGINE_READER, row.incidentNumber);
      if (incident === null) throw new Refusal("page.link_invalid");
      const presser = personOfAddress(await config(world.db), params.channel, press.slackUserId) ?? row.personId;
      await acknowledgeFor({ ...row, personId: presser }, incident).catch((error: unknown) => {
        // Somebody was faster: Slack wants a 200, and the message already says who has it.
        if (!(error instanceof Refusal)) throw error;
      });
      return {};
    }),
  ];
}

/** Whoever pressed the button, where configuration knows their address on the channel. */
function personOfAddress(config: Snapshot, channel: string, address: string): string | null {
  const found = config
    .all("people")
    .find((person) => person.body.contacts.some((c) => c.channel === channel && c.address === address));
  return found?.id ?? null;
}

function linkTarget(world: World, token: string): string {
  const dot = token.lastIndexOf(".");
  const [id, signature] = [token.slice(0, dot), token.slice(dot + 1)];
  const isId = /^[0-9a-f-]{36}$/.test(id);
  if (!isId || !world.keys.verify("acknowledge", id, signature)) throw new Refusal("page.link_invalid");
  return id;
}

type NextStep = { readonly at: Instant; readonly inMs: number };

async function nextStep(world: World, incident: Incident, now: Instant): Promise<NextStep | null> {
  const active = (await listRuns(world.db, incident.number)).find((run) => run.stoppedAt === null);
  const at = active?.dueAt ?? null;
  return at === null || incident.acknowledgedAt !== null ? null : { at, inMs: at - now };
}

const inWords = (reason: { kind: string; params: Readonly<Record<string, string>> }): string =>
  fill(REASONS[reason.kind as ReasonKind] ?? reason.kind, reason.params);

/** What burns, why this person, what happens next, and one button when it helps. */
function pageOf(row: Notification, incident: Incident, next: NextStep | null, now: Instant, refusal: string | null): Raw {
  const id = incidentId(incident.number);
  const open = isOpen(incident.state);
  const has = incident.acknowledgedAt === null ? null : (incident.acknowledgedBy ?? "somebody");
  const status =
    has !== null
      ? `Acknowledged by ${has} at ${toIso(incident.acknowledgedAt ?? now)}.`
      : open
        ? "Nobody has it yet."
        : `It is ${incident.state}.`;
  const where = incident.restricted ? "" : [...incident.services, ...incident.regions].join(", ");
  const button = html`<footer><form method="post">
<button>Acknowledge<small>I have it: stops the escalation, resolves nothing</small></button></form></footer>`;
  return wholePage(
    `${incident.severity} ${id}`,
    html`<header class="${has !== null || !open ? "calm" : "burning"}"><div class="top"><span>${incident.severity}</span>
<span>declared ${spoken(now - incident.declaredAt)} ago</span></div>
<h1>${titleFor(incident)}</h1><p>${id}${where === "" ? "" : `, ${where}`}. <strong>${status}</strong></p></header>
<section><dl>
${refusal === null ? null : html`<div><dt>Not done</dt><dd>${refusal}</dd></div>`}
<div><dt>Why you</dt><dd>${inWords(row.reason.you)}</dd></div>
<div><dt>Why now</dt><dd>${inWords(row.reason.now)}</dd></div>
${next === null ? null : html`<div><dt>If you do not answer</dt><dd>The next step pages ${next.inMs > 0 ? `in ${spoken(next.inMs)}` : "now"}, at ${toIso(next.at)}.</dd></div>`}
<div><dt>What next</dt><dd>${has !== null ? html`You can close this page. Work on it with <code>./bin/tocsin incident show ${id}</code>.` : html`Acknowledge to tell everybody that you have it.`}</dd></div>
</dl></section>
${open && has === null ? button : null}`,
  );
}

const frontDoor = (world: World): Html => html`<h1>Tocsin</h1>
<p>Alerts come in, the right person is paged, the incident is run to its end, the postmortem is written on time.</p>
<h2>Send a first alert</h2>
<pre>curl -s ${world.publicUrl}/v2/enqueue -H 'content-type: application/json' -d '{
  "routing_key": "YOUR-INTAKE-KEY", "event_action": "trigger",
  "payload": { "summary": "Checkout is down", "source": "laptop", "severity": "critical" } }'</pre>
<h2>Look around</h2>
<p><a href="/docs">The API for reading</a> · <a href="/openapi.json">as OpenAPI 3.1</a> · <a href="/metrics">metrics</a> ·
<a href="/readyz">readiness</a></p>
<p>On the command line: <code>./bin/tocsin incidents</code>, <code>./bin/tocsin doctor</code>, <code>./bin/tocsin --help</code>.</p>`;
