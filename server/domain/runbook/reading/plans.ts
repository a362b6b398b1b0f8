/** The plans of a document: one for each section with a trigger of its own, or one for the whole. */
import type {
  Evidence,
  RunbookDeadline,
  RunbookInput,
  RunbookPhase,
  RunbookPlan,
  RunbookRecord,
} from "../../../../contract/runbook.ts";
import { itemsOf, labelOf } from "./blocks.ts";
import { deadlinesOfTitle } from "./deadlines.ts";
import { findDurations } from "./durations.ts";
import { conditionalIn, conditionalsOf, escalationIn } from "./escalation.ts";
import { roleOfHeading, roleOfSteps, roleOfTitle } from "./roles.ts";
import { headSpanOf, isWithin, type Section, sectionsOf, slug, unique } from "./outline.ts";
import { coveredBy, type DraftPhase, phasesOf, type Search } from "./phases.ts";
import { linesOf, type Phrase, partOf, phraseOf } from "./phrase.ts";
import { evidence, type Source, squeeze } from "./source.ts";
import { finishStep, type Reading } from "./steps.ts";
import { classOfTitle, isDoing, isRoleLike } from "./words.ts";

export type PlanSearch = Search & {
  readonly top: Section;
  readonly title: string;
  readonly records: readonly RunbookRecord[];
  readonly inputs: readonly RunbookInput[];
};

export type FoundPlan = {
  readonly plan: RunbookPlan;
  readonly root: Section;
  /** The sections that hold its phases. */
  readonly sections: ReadonlySet<Section>;
  readonly style: "trigger" | "alert" | "numbered" | "plain";
};

type Trigger = {
  readonly text: string;
  readonly phrase: Phrase;
  readonly reason: string;
  readonly isLabel: boolean;
  /** The words speak of an alert that fires. */
  readonly isAlert?: boolean;
};

const TRIGGER_LABEL =
  /^\W{0,3}(?:triggers?|triggered by|trigger (?:conditions?|events?|criteria)|when to (?:use|run)(?: this(?: runbook| playbook)?)?|use (?:this )?(?:runbook |playbook )?when|start(?:s|ed)? when|run (?:this )?when|activat(?:e|ion)(?: when)?|symptoms?)\s{0,2}:\s{0,4}/i;

const WHEN_TO_USE = /^when to (?:use|run|follow|activate|invoke)(?: (?:this|it)\b.{0,40})?$/i;

/** “**Trigger:** …” among a section's first blocks, or a heading “Trigger” right below it. */
function triggerOf(source: Source, section: Section): Trigger | null {
  for (const [index, block] of section.blocks.slice(0, 8).entries()) {
    if (block.type !== "paragraph") continue;
    for (const line of linesOf(phraseOf(source.text, block))) {
      const found = TRIGGER_LABEL.exec(line.text);
      if (found === null) continue;
      const rest = partOf(line, found[0].length, line.text.length);
      if (rest.text.trim() !== "")
        return {
          text: squeeze(rest.text),
          phrase: rest,
          reason: "words behind a label “Trigger”",
          isLabel: true,
        };
      const next = section.blocks[index + 1];
      const items =
        next?.type === "list" ? itemsOf(source, next).flatMap(({ phrase }) => phrase ?? []) : [];
      const [first] = items;
      if (first !== undefined)
        return {
          text: items.map(({ text }) => squeeze(text)).join("; "),
          phrase: first,
          reason: "a list behind a label “Trigger”",
          isLabel: true,
        };
    }
  }
  const child = section.children.find(
    ({ title }) => classOfTitle(title) === "trigger" || WHEN_TO_USE.test(title),
  );
  const phrases = child === undefined ? [] : phrasesIn(source, child);
  const [first] = phrases;
  return first === undefined
    ? null
    : {
        text: phrases
          .map(({ text }) => squeeze(text))
          .join("; ")
          .slice(0, 1000),
        phrase: first,
        reason: "words below a heading “Trigger”",
        isLabel: false,
      };
}

const phrasesIn = (source: Source, section: Section): readonly Phrase[] =>
  section.blocks.flatMap((block) => {
    if (block.type === "paragraph") return [phraseOf(source.text, block)];
    return block.type === "list"
      ? itemsOf(source, block).flatMap(({ phrase }) => phrase ?? [])
      : [];
  });

const ACTIVATES =
  /\b(?:activate|use|run|follow|execute|start|invoke|apply)\s(?:this|the)\s(?:[\w-]{2,24}\s){0,3}(?:workflow|runbook|playbook|procedure|process|plan|document|guide|checklist|page|sop|instructions)\s(?:when(?:ever)?|if|once)\s/i;
const FIRES =
  /\b(?:this|the|an) (?:alert|alarm|monitor|page) (?:that )?(?:will )?(?:fires?|is fired|is triggered|triggers?|is raised|goes off|means|indicates?|signals?|warns)\s(?:you )?(?:when(?:ever)?|if|that|once)\s/i;

/** “Activate this workflow when …” in the first words of a document. */
function spokenTrigger(source: Source, sections: readonly Section[]): Trigger | null {
  for (const section of sections) {
    for (const phrase of phrasesIn(source, section).slice(0, 6)) {
      const fires = FIRES.exec(phrase.text.slice(0, 1200));
      const found = ACTIVATES.exec(phrase.text.slice(0, 1200)) ?? fires;
      if (found === null) continue;
      const from = found.index + found[0].length;
      const end =
        /[.](?:\s|$)|\n\n/.exec(phrase.text.slice(from))?.index ?? phrase.text.length - from;
      const rest = partOf(phrase, from, from + end);
      if (rest.text.trim().length > 3)
        return {
          text: squeeze(rest.text),
          phrase: rest,
          reason: "a sentence that says when to use it",
          isLabel: false,
          isAlert: found === fires,
        };
    }
  }
  return null;
}

/** The few words below “Symptoms” of an alert's runbook. */
function symptomOf(source: Source, root: Section): Trigger | null {
  const section = [...sectionsOf(root)].find(({ title }) => /^symptoms?$/i.test(title.trim()));
  const phrases = section === undefined ? [] : phrasesIn(source, section);
  const [first] = phrases;
  const text = phrases.map((phrase) => squeeze(phrase.text)).join("; ");
  if (first === undefined || phrases.length > 4 || text.length > 300) return null;
  return { text, phrase: first, reason: "the words below “Symptoms”", isLabel: false };
}

const ALERT_NAME = /^`?(?=[A-Za-z0-9_:]{8,80}`?$)[A-Z][a-z0-9]+(?:[A-Z0-9_:][A-Za-z0-9_:]*)+`?$/;
const NAMED_PLAN =
  /^(?:playbook|runbook|scenario|sop|procedure|incident(?: type)?|issue|problem|alert)\s?(?:#?\d{1,2}\b|[:\u2013\u2014-]|[A-Z]\b)/iu;

export function findPlans(search: PlanSearch): readonly FoundPlan[] {
  const { source, top } = search;
  const all = [...sectionsOf(top)].filter((section) => !isWithin(section, search.skip));
  const triggered = all.filter((section) => triggerOf(source, section) !== null);
  // One that holds others with triggers of their own only gathers them.
  const roots = triggered.filter(
    (section) => !triggered.some((other) => other !== section && isBelow(other, section)),
  );
  const give = unique();
  if (roots.length >= 2) return severalPlans(search, roots, give);
  const siblings = search.onlyNumbered ? [] : namedSiblings(search, all);
  if (siblings.length >= 2) return severalPlans(search, siblings, give);
  const [only] = roots;
  const trigger =
    (only === undefined ? null : triggerOf(source, only)) ??
    triggerOf(source, top) ??
    spokenTrigger(source, [top, ...all]);
  const plan = planOf(
    search,
    top,
    trigger,
    only !== undefined && only.children.length === 0 ? only : null,
    give,
  );
  return plan === null ? [] : [plan];
}

const isBelow = (section: Section, ancestor: Section): boolean =>
  section.parent !== null && (section.parent === ancestor || isBelow(section.parent, ancestor));

function severalPlans(
  search: PlanSearch,
  roots: readonly Section[],
  give: (id: string) => string,
): readonly FoundPlan[] {
  const plans = roots.flatMap((root) => {
    const plan = planOf(search, root, triggerOf(search.source, root), root, give);
    return plan === null ? [] : [plan];
  });
  const others = search.onlyNumbered ? [] : besideRoots(search, search.top, roots);
  const beside = others.flatMap((root) => {
    const plan = planOf(search, root, null, null, give);
    return plan === null || plan.plan.phases.flatMap(({ steps }) => steps).length < 2 ? [] : [plan];
  });
  return [...plans, ...beside].toSorted((a, b) => a.plan.line - b.plan.line);
}

/** Sections without a trigger that are procedures all the same, beside those that have one. */
function besideRoots(
  search: PlanSearch,
  parent: Section,
  roots: readonly Section[],
): readonly Section[] {
  return parent.children.flatMap((section): readonly Section[] => {
    if (roots.includes(section) || isWithin(section, search.skip)) return [];
    if (roots.some((root) => isBelow(root, section))) return besideRoots(search, section, roots);
    const doing = phasesOf(search, section, false).filter(
      ({ titleClass }) => isDoing(titleClass) || titleClass === "how-to",
    );
    return doing.length > 0 ? [section] : [];
  });
}

/** Headings side by side that are alerts' names, or “Playbook 1: …”, each with steps. */
function namedSiblings(search: PlanSearch, all: readonly Section[]): readonly Section[] {
  for (const parent of [search.top, ...all]) {
    const named = parent.children.filter(
      (section) =>
        (ALERT_NAME.test(section.title) ||
          NAMED_PLAN.test(section.heading?.text.trim() ?? "") ||
          NAMED_PLAN.test(section.title)) &&
        phasesOf(search, section, true).some(({ steps }) => steps.length > 0),
    );
    if (named.length >= 2) return named;
  }
  return [];
}

function planOf(
  search: PlanSearch,
  root: Section,
  said: Trigger | null,
  eagerRoot: Section | null,
  give: (id: string) => string,
): FoundPlan | null {
  const { source } = search;
  const drafts = (
    root === search.top && eagerRoot !== null
      ? phasesBeside(search, root, eagerRoot)
      : phasesOf(search, root, eagerRoot === root)
  ).filter(({ steps, titleClass }) => steps.length > 0 || titleClass === "phase");
  if (drafts.every(({ steps }) => steps.length === 0)) return null;
  const title = root === search.top ? search.title : root.title;
  const id = give(slug(title));
  const isAlert = isAlertStyle(search.top, drafts, said?.isAlert === true);
  const trigger = said ?? (isAlert ? symptomOf(source, root) : null);
  const phases = finishPhases(search, drafts, id, isAlert);
  const span = headSpanOf(
    root.heading === null && root.children[0] !== undefined ? root.children[0] : root,
  );
  const within = [root, ...sectionsOf(root)].filter((section) => !isWithin(section, search.skip));
  const escalation =
    within.map((section) => escalationIn(source, section)).find((levels) => levels.length > 0) ??
    [];
  const sources: Record<string, Evidence> = {};
  if (trigger !== null)
    sources["trigger"] = evidence(
      source,
      trigger.phrase.span,
      trigger.isLabel ? "certain" : "likely",
      trigger.reason,
    );
  const isNumbered = drafts.some(({ titleClass }) => titleClass === "phase");
  const style =
    trigger?.isLabel === true ? "trigger" : isNumbered ? "numbered" : isAlert ? "alert" : "plain";
  const plan: RunbookPlan = {
    ...evidence(
      source,
      span,
      style === "plain" ? "possible" : style === "alert" ? "likely" : "certain",
      REASONS[style],
    ),
    id,
    title,
    trigger: trigger?.text ?? null,
    alert: isAlert || ALERT_NAME.test(title) ? alertName(search, title) : null,
    phases,
    escalation,
    conditionalEscalations: [
      ...within.flatMap((section) => conditionalsOf(source, section)),
      ...drafts.flatMap(({ steps }) =>
        steps
          .filter(({ reason }) => !reason.startsWith("a sentence of"))
          .flatMap(({ phrase }) => conditionalIn(source, phrase)),
      ),
    ],
    deadlines: within.flatMap((section) => slasIn(source, section)),
    inputs: inputsOfPlan(search, phases),
    extent: source.range(root.span.start, root.span.end),
    line: source.lineAt(span.start),
    sources,
  };
  return { plan, root, sections: new Set(drafts.flatMap(coveredBy)), style };
}

const REASONS = {
  trigger: "a section with a trigger",
  numbered: "headings or bold items that are phases",
  alert: "headings of an alert's runbook: what it means, how to look into it, how to mend it",
  plain: "instructions below headings",
} as const;

/** A single section with a trigger and a list, in a document that has other instructions too. */
function phasesBeside(search: PlanSearch, root: Section, eager: Section): DraftPhase[] {
  const all = phasesOf(search, root, false);
  if (all.some(({ section }) => section === eager || isBelow(section, eager))) return all;
  return [...phasesOf(search, eager, true), ...all].toSorted((a, b) => a.span.start - b.span.start);
}

/** Meaning or impact, or words about the alert; and diagnosis or mitigation. */
function isAlertStyle(top: Section, drafts: readonly DraftPhase[], isSpokenOf: boolean): boolean {
  const classes = [...sectionsOf(top)].map(({ title }) => classOfTitle(title));
  return (
    (isSpokenOf || classes.includes("impact")) &&
    drafts.some(({ titleClass }) => titleClass === "diagnose" || titleClass === "mitigate") &&
    !drafts.some(({ titleClass }) => titleClass === "phase")
  );
}

function alertName({ source }: PlanSearch, title: string): string | null {
  const bare = title.replaceAll("`", "");
  // Words joined by capitals or underscores; a file's name with dashes is none.
  if (/^[A-Za-z][A-Za-z0-9_:]{5,120}$/.test(bare) && /[a-z0-9][A-Z]|_/.test(bare)) return bare;
  const file = source.path.replace(/^.*[/\\]/, "").replace(/\.[a-z]{1,8}$/i, "");
  return /^[A-Z][A-Za-z0-9]{5,100}$/.test(file) ? file : null;
}

const APPLIES =
  /\((?<inner>(?:if|when|only|for|unless|sev|p\d)\b[^()]{1,80})\)|^(?<title>(?:if|when|for|in case of)\s[^()]{3,100})$/i;

function finishPhases(
  search: PlanSearch,
  drafts: readonly DraftPhase[],
  planId: string,
  isAlert: boolean,
): RunbookPhase[] {
  const { source } = search;
  const reading: Reading = { source, records: search.records };
  const givePhase = unique();
  const giveStep = unique();
  return drafts.map((draft): RunbookPhase => {
    const fixed =
      draft.titleClass === "diagnose"
        ? "diagnose"
        : draft.titleClass === "mitigate"
          ? "mitigate"
          : null;
    const text = draft.phrase?.text ?? draft.title;
    const named = roleOfTitle(text.trim()) ?? roleOfSteps(text);
    const role = named ?? roleOfHeading(text.trim());
    const applies = APPLIES.exec(draft.title)?.groups ?? APPLIES.exec(text.trim())?.groups;
    const bare = withoutParenthesis(
      draft.title,
      named !== null || applies?.["inner"] !== undefined,
    );
    const id = givePhase(isAlert && fixed !== null ? fixed : slug(bare));
    const path = `${planId}/${id}`;
    const sources: Record<string, Evidence> = {};
    if (role !== null && draft.phrase !== null)
      sources["role"] = evidence(
        source,
        draft.phrase.locate(role.start, role.end),
        role.confidence,
        "the role in the parenthesis behind the phase's name",
      );
    const above = role === null ? doerOf(draft) : null;
    if (above !== null)
      sources["role"] = evidence(source, above.words.span, "likely", above.reason);
    const phaseRole = role?.names[0] ?? (above === null ? null : slug(above.words.text));
    return {
      ...evidence(source, draft.span, draft.confidence, draft.reason),
      id,
      title: bare,
      role: phaseRole,
      appliesWhen: (applies?.["inner"] ?? applies?.["title"] ?? null)?.trim() ?? null,
      steps: draft.steps.map((step) => {
        const words = slug(squeeze(step.phrase.text).split(" ").slice(0, 8).join(" "));
        return finishStep(reading, step, {
          id: giveStep(`${path}/${words}`),
          path,
          role: phaseRole,
        });
      }),
      deadlines: draft.phrase === null ? [] : deadlinesOfTitle(source, draft.phrase),
      line: source.lineAt(draft.span.start),
      sources,
    };
  });
}

/** The one whom a line above the steps gives them all. */
function doerOf({ steps }: DraftPhase): DraftPhase["steps"][number]["by"] {
  const by = steps[0]?.by ?? null;
  const isSame = by !== null && isRoleLike(by.words.text) && steps.every((step) => step.by === by);
  return isSame ? by : null;
}

const withoutParenthesis = (title: string, drop: boolean): string => {
  const bare = drop
    ? title.replace(/\s{0,3}\([^()]{2,90}\)\s{0,3}:?$/, "")
    : title.replace(/\s{0,3}\((?:steps?|parts?|items?)\s[\d\s\u2013-]{1,12}\)$/iu, "");
  return bare.trim() === "" ? title : bare.trim();
};

function inputsOfPlan(search: PlanSearch, phases: readonly RunbookPhase[]): RunbookInput[] {
  const found = new Map<string, RunbookInput>();
  const known = new Map(search.inputs.map((input) => [input.name, input]));
  for (const { steps } of phases)
    for (const { inputs } of steps)
      for (const input of inputs)
        if (!found.has(input.name)) found.set(input.name, known.get(input.name) ?? input);
  return [...found.values()];
}

const SLA = /\bSLA\b[^\n.\d]{0,40}?\(?\s?[>\u2265<\u2264]?\s?(?=\d)/giu;

/** “if DSAR SLA (> 30 days) at risk”: a promise about the whole. */
function slasIn(source: Source, section: Section): RunbookDeadline[] {
  if (classOfTitle(section.title) === "policy") return [];
  return section.blocks.flatMap((block): RunbookDeadline[] => {
    if (block.type !== "paragraph") return [];
    const phrase = phraseOf(source.text, block);
    if (labelOf(phrase) !== null) return [];
    return [...phrase.text.slice(0, 2000).matchAll(SLA)].flatMap((found) => {
      const from = found.index + found[0].length;
      const [first] = findDurations(phrase.text.slice(from, from + 40));
      if (first === undefined || first.start > 0) return [];
      const span = phrase.locate(from, from + first.end);
      return [
        {
          ...evidence(
            source,
            span,
            "possible",
            "a length of time behind “SLA”; when to warn is not said",
          ),
          iso: first.iso,
          anchor: "plan started" as const,
          severity: null,
          repeats: false,
          calendar: first.calendar,
          line: source.lineAt(span.start),
        },
      ];
    });
  });
}
