/** The end of a deferral: what was put off for a higher severity goes on, and whoever has it hears so. */
import { incidentId } from "../../../contract/ids.ts";
import { sentence, TIMELINE } from "../../../contract/texts.ts";
import { ENGINE_READER } from "../account/account.ts";
import { resumeClock } from "../deadline/commands.ts";
import { resumeEscalation } from "../escalation/commands.ts";
import { chronicle, type Command, save } from "./commands.ts";
import { type Incident, isOpen } from "./incident.ts";
import { listDeferredFor, lockIncident } from "./store.ts";
import { tellThoseWhoHaveIt } from "./telling.ts";

/** What was put off for an incident that no longer burns goes on at once, unless it still has to wait. */
export async function endDeferrals(
  command: Command,
  number: number,
  why: string,
  stillWaits: (waiting: Incident) => boolean = () => false,
): Promise<void> {
  for (const each of await listDeferredFor(command.tx, number)) {
    const waiting = await lockIncident(command.tx, ENGINE_READER, each);
    if (waiting === null || waiting.deferredFor !== number || !isOpen(waiting.state)) continue;
    if (!stillWaits(waiting)) await endDeferral(command, waiting, why);
  }
}

/** Lets one locked incident go on: its clock, its escalation, and a word to its commander. */
export async function endDeferral(
  command: Command,
  waiting: Incident,
  why: string,
): Promise<Incident> {
  const { tx, now } = command;
  const { number } = waiting;
  await resumeClock(command, incidentId(number), "acknowledge");
  await resumeEscalation(tx, number, now);
  await chronicle(command, number, "deferral ended", { why });
  const freed = await save(command, { ...waiting, deferredFor: null, deferredBecause: null });
  await tellThoseWhoHaveIt(command, freed, {
    occasion: "deferral ended",
    now: { kind: "no longer deferred", params: { incident: incidentId(number) } },
    lines: [sentence(TIMELINE["deferral ended"], { why })],
  });
  return freed;
}
