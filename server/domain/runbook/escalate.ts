/** "Escalate to X if …": a person judges the condition and has those told whom the document names. */
import { runId } from "../../../contract/ids.ts";
import { say } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import type { Command } from "../incident/commands.ts";
import { begin, recount } from "./carry.ts";
import { personFor } from "./people.ts";
import { type Carried, sameRole } from "./run.ts";
import { tellOfRun } from "./telling.ts";

export async function escalateTo(
  command: Command,
  number: number,
  asked: { readonly to: string; readonly because: string },
): Promise<Carried> {
  const carried = await begin(command, number);
  const { plan, run } = carried;
  const named = [
    ...plan.escalation.map(({ role }) => role),
    ...plan.conditionalEscalations.flatMap(({ to }) => to),
  ];
  const role = named.find((each) => sameRole(each, asked.to));
  const person = role === undefined ? null : await personFor(command, carried, role);
  const id = runId(number);
  if (role === undefined || person === null)
    throw new Refusal("run.role_unknown", { id, role: asked.to });
  await tellOfRun(command, carried, [person], {
    kind: "page",
    occasion: `escalated to ${role} ${command.now}`,
    you: { kind: "escalated by runbook", params: { runbook: run.runbookId, role } },
    now: { kind: "asked", params: {} },
    subject: say("run escalated subject", { run: id, role }),
    lines: [asked.because],
  });
  await recount(command, run, "run escalated", { people: [person], role }, asked.because);
  return carried;
}
