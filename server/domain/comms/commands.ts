/** Status updates: words for stakeholders, and the clock of the next one. */
import { incidentId } from "../../../contract/ids.ts";
import { RECORDED } from "../../../contract/recorded.ts";
import { fill, say } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { markOf } from "../account/account.ts";
import { startClock } from "../deadline/commands.ts";
import { begin, chronicle, type Command, recordAcceptance, termsOf } from "../incident/commands.ts";
import { calendarOf, clocksOf } from "../incident/declare.ts";
import { titleFor } from "../incident/telling.ts";
import { type Incident, isOpen } from "../incident/incident.ts";
import { chooseAudiences } from "./comms.ts";
import { share } from "./share.ts";
import { insertStatusUpdate } from "./store.ts";

export type Update = { readonly text: string; readonly audiences: readonly string[] };

/**
 * Tells stakeholders where it stands: the audiences named, otherwise those of the severity. Counts
 * as evidence that they were notified, and starts the time until the next update is owed afresh.
 */
export async function postUpdate(
  command: Command,
  number: number,
  { text, audiences }: Update,
): Promise<Incident> {
  const { tx, world, config, actor, now } = command;
  const incident = await begin(command, number, "update");
  const terms = termsOf(config, incident);
  const chosen = chooseAudiences({
    incident,
    named: audiences,
    defaults: terms.tells.map((told) => told.value),
    find: (name) => config.get("audiences", name)?.body ?? null,
  });
  if (chosen.length === 0) throw new Refusal("incident.no_audience");
  const id = incidentId(number);
  const update = world.chance.id(now);
  await insertStatusUpdate(
    tx,
    number,
    { id: update, audiences: chosen, text, at: now },
    markOf(actor),
  );
  const leftOut = await share(command, incident, chosen, {
    occasion: `update ${update}`,
    why: { kind: "update", params: {} },
    subject: say("update subject", {
      severity: incident.severity,
      incident: id,
      title: titleFor(incident),
    }),
    lines: [text],
    linesWhenRestricted: [say("update restricted", { incident: id })],
  });
  await chronicle(command, number, "status update", { audiences: chosen, update }, text);
  if (leftOut.length > 0) await chronicle(command, number, "not told", { people: leftOut });
  await recordAcceptance(
    command,
    number,
    "stakeholders",
    fill(RECORDED.told, { audiences: chosen }),
  );
  const clock = clocksOf(terms, calendarOf(command.config, incident)).find(
    (spec) => spec.kind === "status update",
  );
  if (clock !== undefined && isOpen(incident.state)) {
    await startClock(command, id, incident.teamIds[0] ?? null, clock, now);
  }
  return incident;
}
