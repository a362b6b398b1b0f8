/**
 * By dependency: the incident of a cause takes in those of the services that depend on it, whichever of
 * them was declared first. A merge like any other: on both timelines, and it can be taken back.
 */
import { incidentId } from "../../contract/ids.ts";
import { say } from "../../contract/texts.ts";
import { addMs } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { causesAmong } from "../domain/catalog/catalog.ts";
import { chronicle, type Command } from "../domain/incident/commands.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { merge } from "../domain/incident/merging.ts";
import { findIncident } from "../domain/incident/store.ts";
import { tellThoseWhoHaveIt } from "../domain/incident/telling.ts";
import { findOpenOf } from "../domain/incident/waiting.ts";
import { calmTerms } from "../domain/signal/waiting.ts";

/**
 * Merges a new incident into that of its cause, or merges those of its dependants into it. Returns the
 * incident in which its alerts go on.
 */
export async function joinCauses(command: Command, declared: Incident): Promise<Incident> {
  const { tx, config, now } = command;
  const { causesMs } = calmTerms(config, declared.ruleId).group;
  const own = declared.serviceId;
  if (causesMs === 0 || own === null || declared.restricted) return declared;
  const since = addMs(now, -causesMs);
  const others = (await findOpenOf(tx, reachOf(command, own), since)).filter(
    ({ number, restricted }) => number !== declared.number && !restricted,
  );
  // The farthest cause is the one to mend; of equals the one that was declared first.
  const causes = others
    .flatMap(({ number, services }) => {
      const path = causesAmong(config, own, services);
      return path === null ? [] : [{ number, path }];
    })
    .toSorted((a, b) => b.path.length - a.path.length || a.number - b.number);
  const cause = causes[0];
  if (cause !== undefined) {
    await tellCause(command, cause.number, declared, { service: own, cause: cause.path.at(-1)! });
    return merge(command, declared.number, cause.number);
  }
  let into = declared;
  for (const { number, services } of others) {
    // One that names this service too is about the cause itself, whatever it took in before.
    if (services.includes(own)) continue;
    const dependant = services.find((service) => causesAmong(config, service, [own]) !== null);
    const incident = dependant === undefined ? null : await findIncident(tx, ENGINE_READER, number);
    if (incident === null || dependant === undefined) continue;
    await tellCause(command, declared.number, incident, { service: dependant, cause: own });
    into = await merge(command, number, declared.number);
  }
  return into;
}

/** Every service that the service needs, or that needs it, however far. */
const reachOf = ({ config }: Pick<Command, "config">, own: string): readonly string[] =>
  config
    .all("services")
    .map(({ id }) => id)
    .filter(
      (id) => causesAmong(config, own, [id]) !== null || causesAmong(config, id, [own]) !== null,
    );

async function tellCause(
  command: Command,
  into: number,
  incident: Incident,
  why: { readonly service: string; readonly cause: string },
): Promise<void> {
  const [id, target] = [incidentId(incident.number), incidentId(into)];
  await chronicle(command, into, "dependants join", { incident: id, ...why });
  // Nobody who was called may be left wondering where it went.
  await tellThoseWhoHaveIt(command, incident, {
    occasion: "taken in",
    now: { kind: "taken in", params: { incident: id } },
    lines: [say("taken in", { incident: id, into: target, ...why })],
  });
}
