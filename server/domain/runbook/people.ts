/** Who stands behind the roles that a document names. */
import type { Target } from "../../../contract/escalation.ts";
import type { RunbookPlan } from "../../../contract/runbook.ts";
import type { Sidecar } from "../../../contract/sidecar.ts";
import type { Queryable } from "../../base/db.ts";
import { type Command, meaningOf } from "../incident/commands.ts";
import { type Carried, phaseOf, sameRole } from "./run.ts";

/** What a sidecar binds a role to; undefined: nothing is said about it. */
export function targetOf(
  settings: Pick<Sidecar, "roles">,
  role: string,
): Target | null | undefined {
  const found = Object.entries(settings.roles).find(([name]) => sameRole(name, role));
  return found?.[1];
}

/** Who was given this role in the incident itself. */
export function holderOf(
  { incident, roles }: Pick<Carried, "incident" | "roles">,
  role: string,
): string | null {
  if (sameRole(role, "incident commander")) return incident?.commanderId ?? null;
  return roles.find((each) => sameRole(each.role, role))?.personId ?? null;
}

/** The person who holds a role of the document now, or null: in the incident first, then by the sidecar. */
export async function personFor(
  command: Pick<Command, "config" | "now"> & { readonly tx: Queryable },
  carried: Pick<Carried, "version" | "incident" | "roles">,
  role: string,
): Promise<string | null> {
  const holder = holderOf(carried, role);
  if (holder !== null) return holder;
  const target = targetOf(carried.version.settings, role);
  if (target === undefined || target === null) return null;
  return (await meaningOf(command, [target]))(target)?.personId ?? null;
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
