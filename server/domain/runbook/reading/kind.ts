/** What a document is as a whole, why, and what each of its sections is. */
import type {
  Confidence,
  DocumentKind,
  RunbookPolicy,
  RunbookSection,
  SectionKind,
} from "../../../../contract/runbook.ts";
import type { FoundPlan } from "./plans.ts";
import { type Section, sectionsOf } from "./outline.ts";
import { evidence, type Source, type Span } from "./source.ts";
import { classOfTitle } from "./words.ts";

export type Kinded = {
  readonly kind: DocumentKind;
  readonly reason: string;
  readonly confidence: Confidence;
};

export type Parts = {
  readonly plans: readonly FoundPlan[];
  readonly policy: RunbookPolicy;
  readonly formSections: ReadonlySet<Section>;
  readonly isWholeForm: boolean;
  readonly checklistSections: ReadonlySet<Section>;
  readonly policySections: ReadonlySet<Section>;
  readonly graphSections: ReadonlySet<Section>;
  readonly followUpSections: ReadonlySet<Section>;
  readonly isSkill: boolean;
  readonly isReport: boolean;
};

export function kindOfDocument(top: Section, parts: Parts): Kinded {
  const { plans, policy } = parts;
  const [first] = plans;
  if (parts.isWholeForm)
    return {
      kind: "form",
      reason: "most of its sections hold nothing but blanks to fill",
      confidence: "likely",
    };
  if (plans.length >= 2)
    return {
      kind: "multi-runbook",
      reason: `${plans.length} sections are plans of their own`,
      confidence: plans.every(({ style }) => style === "trigger") ? "certain" : "likely",
    };
  if (first?.style === "alert")
    return { kind: "alert-runbook", reason: first.plan.reason, confidence: "likely" };
  if (first !== undefined && !isMostlyPolicy(policy, first))
    return {
      kind: "procedure",
      reason: first.plan.reason,
      confidence: first.style === "plain" ? "possible" : "certain",
    };
  if (policy.severities.length >= 2 && !parts.isSkill)
    return {
      kind: "policy",
      reason: "a table or list of severities with what they promise",
      confidence: "likely",
    };
  if (policy.triggers.length > 0 && !parts.isSkill)
    return { kind: "policy", reason: "lists of what declares an incident", confidence: "likely" };
  if (parts.formSections.size > 0)
    return { kind: "form", reason: "a template with blanks to fill", confidence: "likely" };
  if (parts.checklistSections.size > 0 && !parts.isSkill && !parts.isReport)
    return {
      kind: "checklist",
      reason: "lists of things to go through, with no trigger",
      confidence: "likely",
    };
  return { kind: "reference", reason: whyReference(top, parts), confidence: "likely" };
}

/** A few imperative words beside a table of severities make no procedure. */
const isMostlyPolicy = (policy: RunbookPolicy, { plan, style }: FoundPlan): boolean =>
  style === "plain" &&
  policy.severities.length >= 2 &&
  plan.phases.reduce((sum, { steps }) => sum + steps.length, 0) < policy.severities.length * 2;

function whyReference(top: Section, { isSkill, isReport }: Parts): string {
  const sections = [...sectionsOf(top)].length;
  const none = "no trigger, no numbered phases or steps, no diagnosis or mitigation";
  if (isReport)
    return "a report of an incident that is over: it tells what happened, not what to do";
  if (isSkill)
    return `a description of a skill: ${none} among its ${sections} headings, so nothing to run`;
  return `${none}, and no list of instructions below a heading that promises any`;
}

/** The sections that are one thing, whole; they do not overlap. */
export function sectionKinds(
  source: Source,
  top: Section,
  parts: Parts,
  front: Span | null,
): RunbookSection[] {
  const found: RunbookSection[] = [];
  const planRoots = new Map(parts.plans.map((one) => [one.root, one]));
  const planSections = new Set(parts.plans.flatMap(({ sections }) => [...sections]));
  const kindOf = (section: Section): readonly [SectionKind, string] => {
    if (parts.formSections.has(section)) return ["form", "a template with blanks to fill"];
    if (parts.policySections.has(section))
      return ["policy", "severities, promises or what declares an incident"];
    if (parts.graphSections.has(section)) return ["graph", "a flowchart"];
    if (parts.followUpSections.has(section))
      return ["follow-ups", "what is still to be done on the document"];
    if (parts.checklistSections.has(section)) return ["checklist", "a list to go through"];
    const root = planRoots.get(section);
    const isAlert = parts.plans.some(({ style }) => style === "alert");
    if (section === top)
      return planSections.has(top)
        ? ["procedure", "it holds steps of a plan"]
        : ["reference", "words before the first heading"];
    if (root !== undefined) return ["procedure", root.plan.reason];
    if (planSections.has(section))
      return isAlert
        ? ["alert-runbook", "how to look into an alert, or how to mend it"]
        : ["procedure", "it holds steps of a plan"];
    if (isAlert && ["impact", "diagnose", "mitigate"].includes(classOfTitle(section.title)))
      return ["alert-runbook", "what an alert means"];
    return ["reference", "nothing in it is to be run"];
  };
  const emit = (
    section: Section,
    span: Span,
    [kind, reason]: readonly [SectionKind, string],
  ): void => {
    if (span.end <= span.start) return;
    found.push({
      ...evidence(source, span, kind === "reference" ? "likely" : "certain", reason),
      kind,
      title: section.title,
      line: source.lineAt(span.start),
    });
  };
  const walk = (section: Section): void => {
    const own = kindOf(section);
    const below = [...sectionsOf(section)];
    const isOne = below.every(
      (other) => own[0] === kindOf(other)[0] || isWhole(own[0], kindOf(other)[0]),
    );
    if (isOne) return emit(section, section.span, own);
    const first = section.children[0];
    emit(section, { start: section.span.start, end: first?.span.start ?? section.span.end }, own);
    for (const child of section.children) walk(child);
  };
  if (front !== null)
    found.push({
      ...evidence(source, front, "certain", "what the document says about itself"),
      kind: "metadata",
      title: "",
      line: source.lineAt(front.start),
    });
  const [first] = top.children;
  const start = top.blocks[0]?.position?.start.offset;
  if (start !== undefined)
    emit(top, { start, end: first?.span.start ?? top.span.end }, kindOf(top));
  for (const child of top.children) walk(child);
  return found;
}

/** What stands inside of these belongs to them, unless it is something of its own. */
const isWhole = (outer: SectionKind, inner: SectionKind): boolean =>
  inner === "reference" &&
  (outer === "procedure" || outer === "form" || outer === "checklist" || outer === "follow-ups");
