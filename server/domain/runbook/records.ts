/**
 * Records that runs write. The two that the analytics procedures keep are tables with their columns; any
 * other that a document names is kept by the columns that it gives. A button writes, never the document.
 */
import { incidentId, runId } from "../../../contract/ids.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import type { Command } from "../incident/commands.ts";
import { begin, mustHaveStep, recount } from "./carry.ts";
import { progress } from "./progress.ts";
import type { Carried } from "./run.ts";
import { findRecord, KNOWN_TABLES, saveRecord } from "./recordStore.ts";
import { stepsOfPlan } from "./version.ts";

export type Writing = {
  readonly table: string;
  readonly step: string | undefined;
  readonly values: Readonly<Record<string, string>>;
};

/** The columns of a table: ours, or those that the document gives it. */
function columnsOf({ version, plan }: Carried, table: string): readonly string[] {
  const known = KNOWN_TABLES[table];
  if (known !== undefined) return known;
  const named = [
    ...version.plan.records,
    ...stepsOfPlan(plan).flatMap((step) => step.records),
  ].filter((record) => record.table === table);
  const columns = named.flatMap((record) => [
    ...record.columns,
    ...("sets" in record ? record.sets.map((set) => set.column) : []),
  ]);
  return [...new Set(columns)];
}

/** Writes a row, or completes the one that this run began. */
export async function writeRecord(
  command: Command,
  number: number,
  { table, step: stepId, values: given }: Writing,
): Promise<Carried> {
  const carried = await begin(command, number, false);
  const step = stepId === undefined ? null : mustHaveStep(carried, stepId).step;
  const columns = columnsOf(carried, table);
  if (columns.length === 0) throw new Refusal("record.table_unknown", { table });
  const asked = step?.records.find((record) => record.table === table)?.sets ?? [];
  const values = { ...Object.fromEntries(asked.map((set) => [set.column, set.value])), ...given };
  for (const column of Object.keys(values))
    if (!columns.includes(column))
      throw new Refusal("record.column_unknown", { table, column, columns });
  const key = columns[0] ?? "id";
  const id = values[key] ?? usualId(carried, table);
  const before = await findRecord(command.tx, table, id);
  const { incidentNumber } = carried.run;
  const isOurs =
    before === null ||
    before.runNumber === number ||
    (incidentNumber !== null && before.incidentNumber === incidentNumber);
  if (!isOurs) throw new Refusal("record.taken", { table, id });
  const filled =
    before === null ? { ...usual(carried, table), ...values } : { ...before.values, ...values };
  await saveRecord(
    command.tx,
    {
      table,
      id,
      values: { ...filled, [key]: id },
      runNumber: number,
      incidentNumber: carried.run.incidentNumber,
    },
    command.now,
  );
  await recount(command, carried.run, "record written", {
    table,
    record: id,
    values: Object.keys(values),
  });
  return carried.run.state === "running" ? progress(command, carried) : carried;
}

function usualId({ run }: Carried, table: string): string {
  if (table === "governance_change_log") return `CHG-${run.number}`;
  return run.incidentNumber === null ? runId(run.number) : incidentId(run.incidentNumber);
}

/** What Tocsin knows already, for a row that begins. */
function usual({ run, incident }: Carried, table: string): Readonly<Record<string, string>> {
  if (table === "governance_change_log") {
    const by = run.startedBy;
    const name = by.kind === "person" ? by.personId : by.kind === "token" ? by.label : by.kind;
    return { submitted_by: name, status: "submitted" };
  }
  if (table !== "data_incident" || incident === null) return {};
  const impact = Object.entries(incident.impact).map(([name, value]) => `${name}: ${value}`);
  return {
    start_at: toIso(incident.detectedAt),
    ...(incident.resolvedAt === null ? {} : { end_at: toIso(incident.resolvedAt) }),
    ...(impact.length === 0 ? {} : { impact: impact.join("; ") }),
    ...(incident.rootCause.whatHappened === undefined
      ? {}
      : { rca: incident.rootCause.whatHappened }),
  };
}
