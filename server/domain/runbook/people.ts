/** Who stands behind the roles that a document names. */
import type { Target } from "../../../contract/escalation.ts";
import type { RunbookPlan } from "../../../contract/runbook.ts";
import type { Sidecar } from "../../../contract/sidecar.ts";
import type { Queryable } from "../../base/db.ts";
import { type Command, resolveTarget } from "../incident/commands.ts";
import { type Carried, phaseOf, sameRole } from "./run.ts";

/** What a sidecar binds a role to; undefined: nothing is said about it. */
export function targetOf(
  settings: Pick<Sidecar, "roles">,
  role: string,
): Target | null | undefined {
  const found = Object.entries(settings.roles).find(([name]) => sameRole(name, role));
  return found?.[1];
}

/** The person who holds a role of the document now, or null. */
export async function personFor(
  command: Pick<Command, "config" | "now"> & { readonly tx: Queryable },
  carried: Pick<Carried, "version" | "incident">,
  role: string,
): Promise<string | null> {
  const target = targetOf(carried.version.settings, role);
  if (target !== undefined && target !== null)
    return (await resolveTarget(command, target))?.personId ?? null;
  return sameRole(role, "incident commander") ? (carried.incident?.commanderId ?? null) : null;
}

/** The role that a step is for: its own, otherwise its phase's. */
export function roleOf(plan: RunbookPlan, stepId: string): string | null {
  const phase = phaseOf(plan, stepId);
  const step = phase?.steps.find((each) => each.id === stepId);
  return step?.role ?? phase?.role ?? null;
}

/** Who should hear about a step: whoever has it, or leads the incident, or started the run. */
export async function concerned(
  command: Command,
  carried: Carried,
  stepId: string,
): Promise<readonly string[]> {
  const row = carried.steps.find((each) => each.stepId === stepId);
  const role = roleOf(carried.plan, stepId);
  const { incident, run } = carried;
  const owner = row?.assignee ?? (role === null ? null : await personFor(command, carried, role));
  const lead = incident?.commanderId ?? null;
  const starter = run.startedBy.kind === "person" ? run.startedBy.personId : null;
  const first = owner ?? lead ?? starter;
  const found = [first, lead].filter((person) => person !== null);
  if (found.length > 0) return [...new Set(found)];
  const manager = command.config.get("teams", run.teamId ?? "")?.body.manager;
  return manager === undefined ? [] : [manager];
}
