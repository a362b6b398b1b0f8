/** What was read in a document, as marks on its words: what each is, where it stands, and why. */
import type { PageMark } from "../../../contract/published.ts";
import type { ByteRange, Evidence, RunbookDocument } from "../../../contract/runbook.ts";
import { sha256 } from "../../base/crypto.ts";
import { runnable } from "./version.ts";

type Unnamed = Omit<PageMark, "id" | "line" | "range" | "confidence" | "reason"> & {
  readonly at: Pick<Evidence, "range" | "confidence" | "reason" | "quote">;
};

/** In the order of the document; `lineAt` tells the line of a byte. */
export function pageMarks(
  document: RunbookDocument,
  lineAt: (byte: number) => number,
): readonly PageMark[] {
  const given = new Map<string, number>();
  return [...marksOf(document)]
    .filter(({ at: { range } }) => range.endOffset > range.startOffset)
    .toSorted((a, b) => byPlace(a.at.range, b.at.range))
    .map(({ at, kind, of, label }) => {
      // By its words, not by its place: an edit elsewhere leaves its name alone.
      const name = sha256(Buffer.from(JSON.stringify([kind, of, label, at.quote])))
        .toString("hex")
        .slice(0, 12);
      const count = (given.get(name) ?? 0) + 1;
      given.set(name, count);
      return {
        id: count === 1 ? `m${name}` : `m${name}-${count}`,
        kind,
        of,
        label,
        range: at.range,
        line: lineAt(at.range.startOffset),
        confidence: at.confidence,
        reason: at.reason,
      };
    });
}

const byPlace = (a: ByteRange, b: ByteRange): number =>
  a.startOffset - b.startOffset || b.endOffset - a.endOffset;

function* marksOf(document: RunbookDocument): Generator<Unnamed> {
  for (const at of document.metadata.entries)
    yield { kind: "metadata", of: null, label: at.key, at };
  yield* marksOfPlans(document);
  for (const at of document.escalation) yield { kind: "escalation", of: null, label: at.role, at };
  for (const at of document.records) yield { kind: "record", of: null, label: at.table, at };
  for (const at of document.policy.severities)
    yield { kind: "severity", of: null, label: at.name, at };
  for (const at of document.policy.triggers)
    yield { kind: "declares", of: null, label: `declares a ${at.severity}`, at };
  for (const at of document.policy.retention)
    yield { kind: "retention", of: null, label: `kept for ${at.keep}`, at };
  for (const form of document.forms) {
    for (const at of form.deadlines) yield { kind: "deadline", of: form.id, label: at.iso, at };
    for (const { fields } of form.sections)
      for (const at of fields) yield { kind: "field", of: form.id, label: at.label, at };
  }
  for (const list of document.checklists)
    for (const at of list.items) yield { kind: "item", of: list.id, label: at.text, at };
  for (const { code, message, range, quote } of document.findings)
    yield {
      kind: "finding",
      of: null,
      label: code,
      at: { range, quote, confidence: "certain", reason: message },
    };
}

function* marksOfPlans(document: RunbookDocument): Generator<Unnamed> {
  for (const plan of document.plans) {
    yield { kind: "plan", of: plan.id, label: plan.title, at: plan };
    const { trigger } = plan.sources;
    if (trigger !== undefined)
      yield { kind: "trigger", of: plan.id, label: plan.trigger ?? "trigger", at: trigger };
    for (const at of plan.deadlines) yield { kind: "deadline", of: plan.id, label: at.iso, at };
    for (const at of plan.conditionalEscalations)
      yield { kind: "escalation", of: plan.id, label: at.to.join(", "), at };
    for (const phase of plan.phases) {
      const of = `${plan.id}/${phase.id}`;
      yield { kind: "phase", of, label: phase.title, at: phase };
      const { role, appliesWhen } = phase.sources;
      if (role !== undefined) yield { kind: "role", of, label: phase.role ?? "role", at: role };
      if (appliesWhen !== undefined)
        yield { kind: "condition", of, label: phase.appliesWhen ?? "condition", at: appliesWhen };
      for (const at of phase.deadlines) yield { kind: "deadline", of, label: at.iso, at };
    }
  }
  for (const plan of runnable({ ...document, checklists: [] }))
    for (const { steps } of plan.phases)
      for (const step of steps) {
        const of = step.id;
        yield { kind: "step", of, label: step.kind, at: step };
        const { role, guard } = step.sources;
        if (role !== undefined) yield { kind: "role", of, label: step.role ?? "role", at: role };
        if (guard !== undefined)
          yield { kind: "guard", of, label: step.guard ?? "guard", at: guard };
        for (const at of step.deadlines) yield { kind: "deadline", of, label: at.iso, at };
        for (const at of step.inputs) yield { kind: "input", of, label: at.name, at };
        for (const at of step.records) yield { kind: "record", of, label: at.table, at };
        if (step.assertion !== null)
          yield {
            kind: "assertion",
            of,
            label: `expects ${step.assertion.expect}`,
            at: step.assertion,
          };
      }
}
