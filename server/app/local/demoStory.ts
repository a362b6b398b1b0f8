/**
 * One outage at Acme, from the first warning to the closed incident. Everything in it is done by
 * real requests and told from what the server answers; nothing here decides who is paged or when.
 */
import { z } from "zod";
import { listAlerts } from "../../../contract/alert.ts";
import { readConfigObject } from "../../../contract/configuration.ts";
import * as incidents from "../../../contract/incident.ts";
import type { Incident, IncidentDetail } from "../../../contract/incident.ts";
import { explainNotification, listNotifications } from "../../../contract/page.ts";
import { spoken } from "../../base/duration.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import { acknowledgePath, type NumberedMail } from "./demoMail.ts";
import { paperwork } from "./demoPaperwork.ts";
import { at, type Person, type Stage } from "./demoStage.ts";
import { quiet, timeOf } from "./demoVoice.ts";

const LATENCY = "checkout-latency";
const PAYMENTS = "checkout-payments";
const TIMEOUTS = "checkout-card-processor";

/** Plays it; returns the id of the SEV1. */
export async function playOutage(stage: Stage): Promise<string> {
  await clearLeftovers(stage);
  const small = await warning(stage);
  const fire = await burning(stage);
  const { incident } = fire;
  const second = await nobodyAnswers(stage, fire);
  await acknowledged(stage, incident, second);
  await working(stage, incident, second, small);
  await over(stage, incident, second);
  await paperwork(stage, incident.id, second);
  return incident.id;
}

/** An earlier run that was stopped midway left its incidents open; this one starts afresh. */
async function clearLeftovers({ admin, voice, clock }: Stage): Promise<void> {
  const query = { state: "open", service: "checkout" } as const;
  const { items } = await admin.call(incidents.listIncidents, { query });
  for (const { id } of items) {
    const body = {
      reason: "false alarm",
      note: "Left open by an earlier run of the demo.",
    } as const;
    await admin.call(incidents.cancelIncident, { params: { id }, body });
    voice.tell(clock.now(), `${id} was left open by an earlier run: cancelled.`);
  }
}

const trigger = (dedupKey: string, severity: string, summary: string) => ({
  event_action: "trigger",
  dedup_key: dedupKey,
  payload: { summary, severity, source: "checkout-eu-1", component: "checkout" },
});

/** The incident that the firing alert with this dedup key belongs to. */
const incidentOf = ({ admin, until }: Stage, dedupKey: string): Promise<Incident> =>
  until(`the incident of ${dedupKey}`, async () => {
    const query = { status: "open", service: "checkout", dedupKey } as const;
    const id = (await admin.call(listAlerts, { query })).items[0]?.incident ?? null;
    return id === null ? null : admin.call(incidents.getIncident, { params: { id } });
  });

async function warning(stage: Stage): Promise<Incident> {
  const { voice, clock } = stage;
  voice.chapter("A warning");
  const sentAt = clock.now();
  await stage.monitor(trigger(LATENCY, "warning", "Checkout takes 2.4 s at p95, usually 0.4 s"));
  voice.tell(
    sentAt,
    "Monitoring sends a warning to /v2/enqueue, as it would to PagerDuty.",
    "“Checkout takes 2.4 s at p95, usually 0.4 s”",
  );
  const incident = await incidentOf(stage, LATENCY);
  voice.tell(
    at(incident.declaredAt),
    `${incident.id} is declared: ${incident.severity}.`,
    `Why: ${ruleOf(incident)}.`,
    `It wakes nobody: ${nameOf(stage, incident.commander)} gets one quiet mail and may defer it.`,
  );
  await stage.pass(2 * MINUTE);
  return incident;
}

const ruleOf = ({ rule }: Incident): string =>
  rule === null ? "no rule" : `rule ${rule.id}, ${rule.source}`;

const nameOf = (stage: Stage, id: string | null): string =>
  id === null ? "nobody" : stage.person(id).name;

/** The newest page that somebody got about an incident. */
const pageMail = (stage: Stage, id: string, { address }: Person): NumberedMail | null =>
  stage.mail.find(
    (mail) =>
      mail.to.includes(address) &&
      mail.subject.includes(`${id} `) &&
      acknowledgePath(mail) !== null,
  );

/** The page of one step of the policy, with its reasons; null while there is none. */
async function pageOfStep({ admin }: Stage, id: string, step: number) {
  const query = { incident: id, kind: "page" } as const;
  const { items } = await admin.call(listNotifications, { query });
  const page = items.find(({ occasion }) => occasion.endsWith(`round 1 step ${step}`));
  return page === undefined ? null : admin.call(explainNotification, { params: { id: page.id } });
}

type Burning = { readonly incident: Incident; readonly first: Person; readonly nextAt: Instant };

const Steps = z.object({ steps: z.array(z.object({ timeoutMinutes: z.number() })) });

/** How long the policy of the service lets its first step sleep. */
async function timeoutOfFirstStep({ admin }: Stage): Promise<number> {
  const params = { kind: "escalations", id: "payments" } as const;
  const { body } = await admin.call(readConfigObject, { params });
  return (Steps.parse(body).steps[0]?.timeoutMinutes ?? 0) * MINUTE;
}

async function burning(stage: Stage): Promise<Burning> {
  const { voice, clock, until } = stage;
  voice.chapter("It burns");
  const sentAt = clock.now();
  await stage.monitor(trigger(PAYMENTS, "critical", "14 % of card payments fail"));
  voice.tell(sentAt, "Monitoring sends a critical event: “14 % of card payments fail”.");
  const incident = await incidentOf(stage, PAYMENTS);
  voice.tell(
    at(incident.declaredAt),
    `${incident.id} is declared: ${incident.severity}.`,
    `Why: ${ruleOf(incident)}.`,
    `Commander: ${nameOf(stage, incident.commander)}, platform reliability engineer on call, told by mail.`,
  );
  const page = await until("the first page", () => pageOfStep(stage, incident.id, 1));
  const first = stage.person(page.person ?? "");
  const mail = await until("the first mail", () => pageMail(stage, incident.id, first));
  voice.tell(
    mail.receivedAt,
    `${first.name} is paged by mail.`,
    `Why: ${shortly(page.whyYou)}`,
    `It took ${mail.receivedAt - sentAt} ms from the event to the mailbox.`,
  );
  voice.quote(excerpt(mail));
  voice.aside(`All of it: ${stage.url}/demo/mail/${mail.number}`);
  const nextAt = addMs(at(page.dueAt), await timeoutOfFirstStep(stage));
  return { incident, first, nextAt };
}

/** Reasons name instants to the millisecond; a story does not need them. */
const shortly = (text: string): string =>
  text
    .replace(/^You are/, "is")
    .replace(/, shift \S+ to \S+/, "")
    .replaceAll(/:\d{2}\.\d{3}Z/g, " UTC");

/** What somebody half asleep sees first: the subject, what burns, the link. */
function excerpt(mail: NumberedMail): readonly string[] {
  const link = mail.text.split("\n").find((line) => line.startsWith("Acknowledge: ")) ?? "";
  const next = mail.text.split("\n").find((line) => line.startsWith("If nobody acknowledges"));
  return [mail.subject, ...(next === undefined ? [] : [shortly(next)]), `${link.slice(0, 66)}…`];
}

async function nobodyAnswers(stage: Stage, { incident, first, nextAt }: Burning): Promise<Person> {
  const { voice, clock, until, admin } = stage;
  voice.chapter(`${first.name} does not answer`);
  await stage.pass(40 * SECOND);
  await stage.monitor(trigger(PAYMENTS, "critical", "15 % of card payments fail"));
  await stage.monitor(
    trigger(TIMEOUTS, "critical", "38 % of calls to the card processor time out"),
  );
  const alert = await until("the repeat", async () => {
    const query = { status: "open", service: "checkout", dedupKey: PAYMENTS } as const;
    const found = (await admin.call(listAlerts, { query })).items[0] ?? null;
    return found !== null && found.count > 1 ? found : null;
  });
  const joined = await incidentOf(stage, TIMEOUTS);
  voice.tell(
    clock.now(),
    "Monitoring goes on ringing.",
    `The same event again: still one alert, seen ${alert.count} times.`,
    `A second condition joins ${joined.id}. Nobody is paged twice for it.`,
  );
  const wait = nextAt - clock.now();
  const here = spoken(Math.max(SECOND, wait / stage.speed));
  voice.aside(
    `The policy asks the next person at ${timeOf(nextAt)}, in ${spoken(wait)} (${here} at this speed) …`,
  );
  await stage.pass(Math.max(0, wait - SECOND));
  const page = await until("the second page", () => pageOfStep(stage, incident.id, 2));
  const second = stage.person(page.person ?? "");
  const mail = await until("the second mail", () => pageMail(stage, incident.id, second));
  const waited = spoken(mail.receivedAt - at(incident.declaredAt));
  voice.tell(
    mail.receivedAt,
    `${second.name} is paged, ${waited} after the declaration.`,
    `Why: ${shortly(page.whyYou)}`,
    `Why now: ${shortly(page.whyNow)}`,
  );
  return second;
}

async function acknowledged(stage: Stage, incident: Incident, second: Person): Promise<void> {
  const { voice, clock, until, url, admin } = stage;
  voice.chapter(`${second.name} has it`);
  const mail = await until("the mail", () => pageMail(stage, incident.id, second));
  const link = `${url}${acknowledgePath(mail) ?? ""}`;
  await stage.pass(20 * SECOND);
  await mustBeOk(await fetch(link));
  const looked = await admin.call(incidents.getIncident, { params: { id: incident.id } });
  voice.tell(
    clock.now(),
    "A mail scanner follows the link in the mail.",
    looked.acknowledgedAt === null
      ? "Nothing happens: reading the page acknowledges nothing, only the button does."
      : "It acknowledged, which it must not.",
  );
  await stage.pass(25 * SECOND);
  await mustBeOk(await fetch(link, { method: "POST" }));
  const taken = await admin.call(incidents.getIncident, { params: { id: incident.id } });
  const after = spoken(at(taken.acknowledgedAt) - at(taken.detectedAt));
  voice.tell(
    at(taken.acknowledgedAt),
    `${nameOf(stage, taken.acknowledgedBy)} presses Acknowledge, ${after} after the first signal.`,
    `The escalation stops. ${clockText(taken, "acknowledge")}`,
    "The third step, the head of the team, is never woken.",
  );
}

async function mustBeOk(reply: Response): Promise<void> {
  if (!reply.ok) throw new Error(`the link answered ${reply.status}: ${await reply.text()}`);
}

/** “Promised within 15 min (defaults): kept.” */
function clockText({ deadlines }: IncidentDetail, kind: string): string {
  const clock = deadlines.find((each) => each.kind === kind);
  if (clock === undefined) return "";
  const promised = spoken(at(clock.dueAt) - at(clock.anchorAt));
  const kept = clock.metAt !== null && at(clock.metAt) <= at(clock.dueAt);
  return `Promised within ${promised} (${clock.source}): ${kept ? "kept" : "missed"}.`;
}

async function working(
  stage: Stage,
  incident: Incident,
  who: Person,
  small: Incident,
): Promise<void> {
  const { voice, clock } = stage;
  const params = { id: incident.id };
  const caller = await stage.as(who.id);
  voice.chapter("The work");
  await stage.pass(2 * MINUTE);
  const text = "It began right after checkout 4.12.0 was rolled out. Rolling back to 4.11.3.";
  await caller.call(incidents.addNote, { params, body: { text } });
  voice.tell(clock.now(), `${who.name} writes a note.`, `“${text}”`);
  await caller.call(incidents.mergeIncident, {
    params: { id: small.id },
    body: { into: incident.id },
  });
  voice.tell(
    clock.now(),
    `${small.id} was the same thing: merged into ${incident.id}.`,
    "Its alert moves along, its clocks stop.",
  );
  await stage.pass(MINUTE);
  const before = stage.mail.all().length;
  const update = "Some card payments fail. Other ways to pay work. A rollback is under way.";
  await caller.call(incidents.postUpdate, { params, body: { text: update } });
  const told = await stage.until("the status update's mails", () => {
    const mails = stage.mail
      .all()
      .slice(before)
      .filter((mail) => mail.subject.includes("update"));
    return mails.length < 3 ? null : mails;
  });
  voice.tell(
    clock.now(),
    "A status update tells whoever the policy names for a SEV1.",
    `“${update}”`,
    ...told.map((mail) => quiet(`mail to ${mail.to.join(", ")}`)),
  );
  await stage.pass(6 * MINUTE);
  const body = { customers: "about 1 900 orders", percent: 14, revenue: "38 000 EUR held up" };
  await caller.call(incidents.setImpact, { params, body });
  const mitigated = await caller.call(incidents.mitigateIncident, {
    params,
    body: { text: "Rolled back to 4.11.3 in all three regions." },
  });
  voice.tell(
    at(mitigated.mitigatedAt),
    "Mitigated: users no longer hurt.",
    `Rolled back to 4.11.3. ${clockText(mitigated, "mitigate")}`,
  );
}

async function over(stage: Stage, incident: Incident, who: Person): Promise<void> {
  const { voice, clock } = stage;
  const params = { id: incident.id };
  const caller = await stage.as(who.id);
  voice.chapter("It is over");
  await stage.pass(3 * MINUTE);
  for (const dedup_key of [PAYMENTS, TIMEOUTS, LATENCY]) {
    await stage.monitor({ event_action: "resolve", dedup_key });
  }
  await stage.until("the alerts' end", async () => {
    const query = { status: "open", incident: incident.id } as const;
    return (await caller.call(listAlerts, { query })).items.length === 0 ? true : null;
  });
  voice.tell(
    clock.now(),
    "Monitoring sends resolve three times: every alert has ended.",
    "A person decides that the incident has.",
  );
  await stage.pass(2 * MINUTE);
  const checked =
    "Error rate 0.1 % (usual 0.2 %), p95 0.4 s, no new customer reports for 5 minutes.";
  await caller.call(incidents.recordPiece, {
    params,
    body: { piece: "verification", text: checked },
  });
  const resolved = await caller.call(incidents.resolveIncident, { params });
  const [from, to] = [at(resolved.detectedAt), at(resolved.resolvedAt)];
  voice.tell(
    at(resolved.resolvedAt),
    `${who.name} records the check and resolves ${incident.id}.`,
    `“${checked}”`,
    clockText(resolved, "resolve"),
  );
  voice.aside(`It burned from ${timeOf(from)} to ${timeOf(to)}: ${spoken(to - from)}.`);
}
