/** Consequences that incidents wait for: a commander when business hours open, a postmortem after resolving. */
import { ENGINE_READER } from "../domain/account/account.ts";
import { type Command, save, termsOf } from "../domain/incident/commands.ts";
import { appointCommander, callIn } from "../domain/incident/calling.ts";
import { isOpen } from "../domain/incident/incident.ts";
import { lockIncident } from "../domain/incident/store.ts";
import {
  findIncidentsToAttend,
  nextIncidentToAttend,
  putOffIncident,
} from "../domain/incident/waiting.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const LIMIT = 100;

/** `afterResolve` belongs to a later noun and is handed in by the wiring. */
export const incidentsStep = (
  parts: EngineParts,
  afterResolve: (command: Command, number: number) => Promise<void>,
): Step => ({
  name: "incidents",
  dueAt: () => nextIncidentToAttend,
  async run(now) {
    const due = await findIncidentsToAttend(parts.world.db, now, LIMIT);
    const done = await each(parts, {
      now,
      items: due,
      work: (number) => asEngine(parts, now, (command) => attend(command, number, afterResolve)),
      putOff: (number, until) => putOffIncident(parts.world.db, number, until),
    });
    return { done, nextAt: null };
  },
});

async function attend(
  command: Command,
  number: number,
  afterResolve: (command: Command, number: number) => Promise<void>,
): Promise<void> {
  const incident = await lockIncident(command.tx, ENGINE_READER, number);
  if (incident === null || incident.attendAt === null || incident.attendAt > command.now) return;
  const settled = await save(command, { ...incident, attendAt: null });
  if (incident.state === "resolved") await afterResolve(command, number);
  else if (isOpen(incident.state) && incident.commanderId === null) {
    const terms = termsOf(command.config, settled);
    const commanded = await appointCommander(command, settled, terms);
    if (commanded.acknowledgedAt === null) await callIn(command, commanded, terms);
  } else if (isOpen(incident.state) && incident.acknowledgedAt === null) {
    await callIn(command, settled, termsOf(command.config, settled));
  }
}
