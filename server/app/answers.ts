/** Answers of people from wherever a page reached them: each is the command that everybody else uses. */
import type { PageAnswer } from "../../contract/pages.ts";
import { madeAt } from "../base/chance.ts";
import type { Queryable } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import type { World } from "../base/world.ts";
import { personSince } from "../domain/account/account.ts";
import { actorOfPerson } from "../domain/account/commands.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";
import { escalate, notMine } from "../domain/incident/escalating.ts";
import type { Incident } from "../domain/incident/incident.ts";
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
  if (person === null) throw new Refusal("page.link_invalid");
  return execute(world, config, person, (command) => ANSWERS[answer](command, incident));
}
