/** Holds drills when they are due, and ends those that somebody answered or nobody did. */
import { transact } from "../base/db.ts";
import { addMs, type Instant, toIso } from "../base/instant.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import type { Command } from "../domain/incident/commands.ts";
import { beginDrill, nextDrillAt, plansOf, TOO_LATE_MS } from "../domain/incident/drill.ts";
import {
  type DrillRow,
  endDrill,
  findOverDrills,
  findRunning,
  keepPlans,
  lockDuePlans,
  nextDrill,
  savePlan,
} from "../domain/incident/drillStore.ts";
import { isOpen } from "../domain/incident/incident.ts";
import { cancel } from "../domain/incident/respond.ts";
import { lockIncident } from "../domain/incident/store.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

export function drillsStep(parts: EngineParts): Step {
  const { world } = parts;
  let keptFor: number | null = null;
  return {
    name: "drills",
    dueAt: (now) => dueUnlessChanged(keptFor, nextDrill(now)),
    async run(now) {
      const config = await parts.config(world.db);
      if (keptFor !== config.version)
        await transact(world.db, (tx) => keepPlans(tx, plansOf(config, now)));
      keptFor = config.version;
      const begun = await asEngine(parts, now, (command) => beginDue(command));
      const over = await findOverDrills(world.db, now);
      for (const drill of over) await asEngine(parts, now, (command) => end(command, drill));
      return { done: begun + over.length, nextAt: null };
    },
  };
}

/** One that is long overdue, because no node was there, is left out: nobody expects it any more. */
async function beginDue(command: Command): Promise<number> {
  const { tx, config, now, world } = command;
  const due = await lockDuePlans(tx, now);
  for (const plan of due) {
    const entry = config.get("drills", plan.drillId);
    const nextAt = entry === null ? null : nextDrillAt(entry, now);
    // Gone with a newer configuration, which takes the plan away as well.
    await savePlan(tx, { ...plan, nextAt: nextAt ?? addMs(now, TOO_LATE_MS) });
    if (entry === null || now - plan.nextAt > TOO_LATE_MS) continue;
    if ((await findRunning(tx, plan.drillId)) !== null) continue;
    if (config.get("services", entry.body.service) === null) continue;
    const drill = await beginDrill(command, entry, `planned for ${toIso(plan.nextAt)}`);
    if (drill === null)
      world.log.warn("a drill of the same name is still running", { drill: plan.drillId });
  }
  return due.length;
}

async function end(command: Command, drill: DrillRow): Promise<void> {
  const { tx, now } = command;
  const incident = await lockIncident(tx, ENGINE_READER, drill.incidentNumber);
  if (incident !== null && isOpen(incident.state))
    await cancel(command, drill.incidentNumber, { reason: "drill", of: null, note: null });
  await endDrill(tx, drill.id, answered(incident?.acknowledgedAt ?? null), now);
}

const answered = (at: Instant | null): "answered" | "unanswered" =>
  at === null ? "unanswered" : "answered";
