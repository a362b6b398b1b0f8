/** What configuration says of the people of schedules: where they live, and who speaks for them. Pure. */
import { peopleOfLayer, type Schedule } from "../../../contract/oncall.ts";
import { Refusal } from "../../base/errors.ts";
import { type Actor, may, personOf } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";

/** By which clock somebody lives: their own, or that of the first schedule in which they have turns. */
export const zoneOf = (config: Snapshot, person: string): string =>
  config.get("people", person)?.body.timezone ?? scheduleOf(config, person)?.timezone ?? "UTC";

/** Whose public holidays somebody has; null: nobody said. */
export const placeOf = (config: Snapshot, person: string): string | null =>
  config.get("people", person)?.body.country ?? scheduleOf(config, person)?.country ?? null;

const scheduleOf = (config: Snapshot, person: string): Schedule | null =>
  config
    .all("schedules")
    .find(({ body }) => body.layers.some((layer) => peopleOfLayer(layer).includes(person)))?.body ??
  null;

/** Of themselves, of the people of a team that the actor manages, or of everybody for an admin. */
export function mustSpeakFor(config: Snapshot, actor: Actor, person: string): { ref: string } {
  const found = config.get("people", person);
  if (found === null) throw new Refusal("incident.unknown_person", { person });
  const teams = config.all("teams").filter(({ body }) => body.members.includes(person));
  const isAllowed =
    personOf(actor) === person ||
    may(actor, "config.write", null) ||
    teams.some(({ id }) => may(actor, "oncall.manage", id));
  if (!isAllowed) throw new Refusal("leave.not_yours", { person });
  return { ref: found.ref };
}
