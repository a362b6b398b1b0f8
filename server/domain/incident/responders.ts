/** More people for an incident: each is asked, paged until they answer, and joins or declines. */
import { askSchedule } from "../oncall/asking.ts";
import { holdersOf } from "../oncall/oncall.ts";
import type { Target } from "../../../contract/escalation.ts";
import { incidentId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import { ENGINE_READER } from "../account/account.ts";
import { peopleOf } from "../escalation/escalation.ts";
import { tellPeople, type Telling } from "../notification/commands.ts";
import { endRequestPages } from "../notification/store.ts";
import { begin, chronicle, type Command, letIn, mustBePerson, nameOf } from "./commands.ts";
import { mustKnow } from "./escalating.ts";
import { type Incident, isOpen } from "./incident.ts";
import {
  findOpenRequest,
  insertRequest,
  lockRequest,
  type ResponderRequest,
  saveRequest,
} from "./responderStore.ts";
import { insertRole, lockIncident } from "./store.ts";
import { pageParts, tellingOf, tellOne } from "./telling.ts";

/** Whoever does not answer is paged so often; then the asker hears that there was no answer. */
const MOST_PAGES = 3;
const AGAIN_MS = 5 * MINUTE;

/** What a request that is due leads to. */
const requestMove = (request: Pick<ResponderRequest, "pages">): "page" | "give up" =>
  request.pages < MOST_PAGES ? "page" : "give up";

/** Asks people to join. Who was asked already and has not answered is not asked twice. */
export async function addResponders(
  command: Command,
  number: number,
  to: readonly Target[],
  message: string | null,
): Promise<Incident> {
  const { tx, world, config, now } = command;
  const incident = await begin(command, number, "add-responders");
  for (const target of to) mustKnow(config, target);
  const people = await peopleMeant(command, to);
  if (people.length === 0) throw new Refusal("incident.nobody_meant", { id: incidentId(number) });
  for (const personId of people) {
    if ((await findOpenRequest(tx, number, personId)) !== null) continue;
    const request: ResponderRequest = {
      id: world.chance.id(now),
      incidentNumber: number,
      personId,
      askedBy: nameOf(config, command.actor),
      message,
      askedAt: now,
      pages: 0,
      attendAt: now,
      answer: null,
      answeredAt: null,
    };
    await insertRequest(tx, request);
    await letIn(command, number, [personId]);
    await chronicle(command, number, "responder asked", { person: personId }, message);
    await pageRequest(command, incident, request);
  }
  return incident;
}

async function peopleMeant(command: Command, to: readonly Target[]): Promise<readonly string[]> {
  const { tx, config, now } = command;
  const onCall = new Map<string, readonly string[]>();
  for (const target of to) {
    if (!("schedule" in target)) continue;
    const answer = await askSchedule(tx, config, target.schedule, now);
    onCall.set(target.schedule, answer === null ? [] : holdersOf(answer));
  }
  return peopleOf(
    { notify: [...to], timeoutMinutes: 1 },
    {
      onCall: (schedule) => onCall.get(schedule) ?? [],
      members: (team) => command.config.get("teams", team)?.body.members ?? [],
    },
  )
    .map(({ personId }) => personId)
    .filter((personId) => command.config.get("people", personId) !== null);
}

async function pageRequest(
  command: Command,
  incident: Incident,
  request: ResponderRequest,
): Promise<void> {
  const { tx, world, config, now } = command;
  const id = incidentId(incident.number);
  const { askedBy, personId, message } = request;
  const telling: Telling = {
    ...tellingOf(incident, "page", `${request.id} asked ${request.pages + 1}`, now),
    requestId: request.id,
    why: {
      you: { kind: "asked to join", params: { person: askedBy, incident: id } },
      now: { kind: "asked", params: {} },
    },
    words: () => {
      const line = say("join line", { person: askedBy, incident: id });
      const lines = [line, ...(message === null || incident.restricted ? [] : [message])];
      const subject = say("join subject", { incident: id, person: askedBy });
      return pageParts(command, incident, lines, { subject, asks: "answer" });
    },
  };
  const { unreachable } = await tellPeople(tx, world, config, [personId], telling, now);
  if (unreachable.length > 0)
    await chronicle(command, incident.number, "unreachable", { person: personId });
  await saveRequest(tx, { ...request, pages: request.pages + 1, attendAt: addMs(now, AGAIN_MS) });
}

/** Whoever was asked joins as a responder, or declines; the asker hears of a no. */
export async function answerRequest(
  command: Command,
  number: number,
  answer: "joined" | "declined",
  because: string | null,
): Promise<Incident> {
  const incident = await begin(command, number, answer === "joined" ? "join" : "decline");
  const person = mustBePerson(command.actor);
  const request = await findOpenRequest(command.tx, number, person);
  if (request === null) throw new Refusal("incident.not_asked", { id: incidentId(number), person });
  if (answer === "joined") await insertRole(command.tx, number, "responder", person, command.now);
  const kind = answer === "joined" ? "responder joined" : "responder declined";
  await chronicle(command, number, kind, { person }, because);
  await settle(command, request, answer);
  if (answer === "declined") await tellAsker(command, incident, request, "declined");
  return incident;
}

async function settle(
  { tx, now }: Command,
  request: ResponderRequest,
  answer: NonNullable<ResponderRequest["answer"]>,
): Promise<void> {
  await saveRequest(tx, { ...request, attendAt: null, answer, answeredAt: now });
  const words = say("request answered", { person: request.personId, answer });
  await endRequestPages(tx, request.id, answer, words, now);
}

/** The asker is who can find somebody else. */
async function tellAsker(
  command: Command,
  incident: Incident,
  { id, askedBy, personId }: ResponderRequest,
  what: "declined" | "unanswered",
): Promise<void> {
  if (command.config.get("people", askedBy) === null) return;
  const incidentName = incidentId(incident.number);
  await tellOne(command, incident, askedBy, `${id} ${what}`, {
    you: { kind: "you asked", params: { person: personId, incident: incidentName } },
    lines: [say(`request ${what}`, { person: personId, incident: incidentName })],
  });
}

/** A request whose time has come: paged again, or told that there is no answer. */
export async function attendRequest(
  command: Command,
  id: string,
  number: number,
): Promise<boolean> {
  const incident = await lockIncident(command.tx, ENGINE_READER, number);
  const request = await lockRequest(command.tx, id);
  if (request === null || !isDue(request, command.now)) return false;
  if (incident === null || !isOpen(incident.state)) {
    await settle(command, request, "over");
  } else if (requestMove(request) === "page") {
    await pageRequest(command, incident, request);
  } else await endRequest(command, incident, request);
  return true;
}

/** Nobody waits for an answer any more, which the asker hears. */
export async function endRequest(
  command: Command,
  incident: Incident,
  request: ResponderRequest,
): Promise<void> {
  await chronicle(command, incident.number, "responder unanswered", { person: request.personId });
  await settle(command, request, "unanswered");
  await tellAsker(command, incident, request, "unanswered");
}

const isDue = ({ attendAt }: ResponderRequest, now: Instant): boolean =>
  attendAt !== null && attendAt <= now;
