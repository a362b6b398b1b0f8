/** An apply in words: a diff that somebody reads before saying yes. */
import { type ConfigFinding, findingText } from "../../../contract/configuration.ts";
import type { FieldChange, ObjectChange, OnCallChange } from "../../../contract/configuration.ts";
import type { Change } from "./apply.ts";
import { sourceText } from "./config.ts";
import { differences } from "./difference.ts";
import { ON_CALL_DAYS } from "./oncallDiff.ts";

const SIGNS = { create: "+", update: "~", remove: "-" } as const;

/** One change as data. Taking an object over from somebody shows as its field “owner”. */
export function presentChange(change: Change): ObjectChange {
  const { verb, before, after } = change;
  const shown = after ?? before;
  const owner: readonly FieldChange[] =
    verb === "update" && ownerText(before) !== ownerText(after)
      ? [{ path: "owner", before: ownerText(before), after: ownerText(after) }]
      : [];
  const fields = verb === "update" ? [...owner, ...differences(before.body, after.body)] : [];
  return { verb, kind: shown.kind, id: shown.id, source: shown.source, fields };
}

const ownerText = (entry: Parameters<typeof sourceText>[0]): string =>
  entry.source === null ? sourceText(entry) : (entry.source.file.split("/")[0] ?? "");

/** The whole report, line by line; lines of changes begin with +, ~, - or =. */
export function reportText(report: {
  readonly dryRun: boolean;
  readonly changes: readonly ObjectChange[];
  readonly unchanged: number;
  readonly warnings: readonly ConfigFinding[];
  readonly onCall: readonly OnCallChange[];
}): string[] {
  const lines = report.changes.flatMap(changeLines);
  lines.push(`= ${report.unchanged} unchanged`);
  if (report.onCall.length > 0) lines.push("", "On call", ...report.onCall.flatMap(onCallLines));
  if (report.warnings.length > 0) {
    lines.push("", ...report.warnings.map((warning) => `warning: ${findingText(warning)}`));
  }
  return [...lines, "", summaryOf(report)];
}

function changeLines({ verb, kind, id, source, fields }: ObjectChange): readonly string[] {
  const place = source === null ? "" : `  (${source.file}:${source.line})`;
  return [
    `${SIGNS[verb]} ${kind}.${id}${place}`,
    ...fields.map(
      ({ path, before, after }) => `    ${path}: ${valueText(before)} → ${valueText(after)}`,
    ),
  ];
}

const valueText = (value: unknown): string => (value === null ? "(absent)" : JSON.stringify(value));

function onCallLines(change: OnCallChange): readonly string[] {
  const { schedule, changes, countsFrom, moments, hours } = change;
  const counts = countsFrom === null ? "" : `, counts from ${minuteText(countsFrom)}`;
  return [
    `  ${schedule}${changes ? "" : " (as before)"}${counts}`,
    ...moments.map(({ at, before, after }, index) => {
      const when = `${minuteText(at)}${index === 0 ? " (now)" : ""}`;
      const who = changes ? `${before ?? "nobody"} → ${after ?? "nobody"}` : (after ?? "nobody");
      return `    ${when}: ${who}`;
    }),
    ...hours.map(
      ({ person, before, after }) =>
        `    ${person}: ${before} h → ${after} h within ${ON_CALL_DAYS} days`,
    ),
  ];
}

const minuteText = (at: string): string => `${at.slice(0, 16).replace("T", " ")} UTC`;

function summaryOf({
  dryRun,
  changes,
}: {
  dryRun: boolean;
  changes: readonly ObjectChange[];
}): string {
  if (changes.length === 0) return "Nothing to change: everything is as the files say.";
  const count = (verb: ObjectChange["verb"]): number =>
    changes.filter((change) => change.verb === verb).length;
  const [created, updated, removed] = [count("create"), count("update"), count("remove")];
  return dryRun
    ? `Dry run, nothing was changed: ${created} to create, ${updated} to update, ${removed} to remove.`
    : `Applied: ${created} created, ${updated} updated, ${removed} removed.`;
}
