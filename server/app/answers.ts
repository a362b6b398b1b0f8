/** Answers of people from wherever a page reached them: each is the command that everybody else uses. */
import { incidentId } from "../../contract/ids.ts";
import type { PageAnswer } from "../../contract/pages.ts";
import { madeAt } from "../base/chance.ts";
import type { Queryable } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import type { World } from "../base/world.ts";
import { personSince, type Reader, readerOf } from "../domain/account/account.ts";
import { actorOfPerson } from "../domain/account/commands.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";
import { escalate, notMine } from "../domain/incident/escalating.ts";
import { type Incident, isTheirs, mustAllow } from "../domain/incident/incident.ts";
import { findOpenRequest } from "../domain/incident/responderStore.ts";
import { findIncident } from "../domain/incident/store.ts";
import { answerRequest } from "../domain/incident/responders.ts";
import { acknowledge, resolve } from "../domain/incident/respond.ts";
import { execute } from "../domain/incident/routes.ts";
import type { Notification } from "../domain/notification/notification.ts";

const ANSWERS: Readonly<
  Record<PageAnswer, (command: Command, number: number) => Promise<Incident>>
> = {
  acknowledge,
  "not-mine": (command, number) => notMine(command, number, null),
  escalate: (command, number) => escalate(command, number, null),
  resolve: (command, number) => resolve(command, number, null),
  join: (command, number) => answerRequest(command, number, "joined", null),
  decline: (command, number) => answerRequest(command, number, "declined", null),
};

/** What the one button of a message means. */
export const answerOf = (row: Pick<Notification, "requestId">): PageAnswer =>
  row.requestId === null ? "acknowledge" : "join";

/** Whose a page is: whoever got it, unless their id stands for somebody else by now; null: nobody's. */
export function ownerOf(
  config: Snapshot,
  { id, personId }: Pick<Notification, "id" | "personId">,
): string | null {
  const person = personId === null ? null : config.get("people", personId);
  return person === null || madeAt(id) < personSince(person.ref) ? null : personId;
}

/** Answers in the name of a person. */
export async function answerAs(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  personId: string | null,
  incident: number,
  answer: PageAnswer,
): Promise<Incident> {
  const person = personId === null ? null : actorOfPerson(await config(world.db), personId);
  if (personId === null || person === null) throw new Refusal("page.link_invalid");
  const settled = await settledAnswer(world.db, readerOf(person), { personId, incident, answer });
  if (settled !== null) return settled;
  return execute(world, config, person, (command) => ANSWERS[answer](command, incident));
}

type Answer = {
  readonly personId: string;
  readonly incident: number;
  readonly answer: PageAnswer;
};

/**
 * A look without the incident's lock: what would be refused with it is refused now, and what somebody has said already is
 * said. Whoever presses a hundred times keeps nobody waiting who needs the lock.
 */
async function settledAnswer(
  tx: Queryable,
  reader: Reader,
  { personId, incident: number, answer }: Answer,
): Promise<Incident | null> {
  const incident = await findIncident(tx, reader, number);
  if (incident === null) throw new Refusal("incident.not_found", { id: incidentId(number) });
  mustAllow(incident, answer);
  if (answer === "acknowledge" && isTheirs(incident, personId)) return incident;
  if (answer === "not-mine") isTheirs(incident, personId);
  const isReply = answer === "join" || answer === "decline";
  if (isReply && (await findOpenRequest(tx, number, personId)) === null)
    throw new Refusal("incident.not_asked", { id: incidentId(number), person: personId });
  return null;
}
