/** Forms of a document, filled in while it runs; what Tocsin knows already stands in them. */
import { incidentId, runId } from "../../../contract/ids.ts";
import type { FormField, RunbookForm } from "../../../contract/runbook.ts";
import { Refusal } from "../../base/errors.ts";
import { spoken } from "../../base/duration.ts";
import type { Command } from "../incident/commands.ts";
import type { Incident } from "../incident/incident.ts";
import { begin, recount } from "./carry.ts";
import type { Carried } from "./run.ts";
import { saveRun } from "./runStore.ts";

type Value = string | boolean | number;

export async function fillForm(
  command: Command,
  number: number,
  asked: { readonly form: string; readonly values: Readonly<Record<string, Value>> },
): Promise<Carried> {
  const carried = await begin(command, number, false);
  const { run, version } = carried;
  const form = version.plan.forms.find((each) => each.id === asked.form);
  const labels = new Set(
    form?.sections.flatMap((section) => section.fields.map(({ label }) => label)),
  );
  const unknown = Object.keys(asked.values).find((label) => !labels.has(label));
  if (form === undefined || unknown !== undefined)
    throw new Refusal("run.form_unknown", {
      id: runId(number),
      form: asked.form,
      field: unknown ?? "",
    });
  const filled = { ...run.forms[form.id], ...asked.values };
  const fields = Object.keys(asked.values).length;
  await recount(command, run, "form filled", { form: form.title, fields });
  const changed = { ...run, forms: { ...run.forms, [form.id]: filled } };
  await saveRun(command.tx, changed);
  return { ...carried, run: changed };
}

/** What stands in a field: what somebody wrote, otherwise what the incident says. */
export function valueOf(
  { run, incident }: Carried,
  form: RunbookForm,
  field: FormField,
): Value | null {
  const written = run.forms[form.id]?.[field.label];
  if (written !== undefined) return written;
  return incident === null ? null : fromIncident(incident, field.label);
}

function fromIncident(incident: Incident, label: string): Value | null {
  const facts: readonly (readonly [name: RegExp, value: Value | null | undefined])[] = [
    [/incident id/i, incidentId(incident.number)],
    [/^severity$/i, incident.severity],
    [/commander/i, incident.commanderId],
    [/teams? involved/i, incident.teamIds.join(", ") || null],
    [
      /^duration$/i,
      incident.resolvedAt === null ? null : spoken(incident.resolvedAt - incident.detectedAt),
    ],
    [/customer impact/i, incident.impact.customers],
    [/service impact/i, incident.impact.services ?? (incident.services.join(", ") || null)],
    [/revenue impact/i, incident.impact.revenue],
    [/data impact/i, incident.impact.data],
    [/what happened/i, incident.rootCause.whatHappened],
    [/immediate cause/i, incident.rootCause.immediate],
    [/contributing/i, incident.rootCause.contributing],
    [/underlying cause/i, incident.rootCause.underlying],
  ];
  return facts.find(([name]) => name.test(label))?.[1] ?? null;
}
