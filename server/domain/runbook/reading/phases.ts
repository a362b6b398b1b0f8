/** From sections and lists to phases. */
import type { List } from "mdast";
import type { Confidence, StepKind } from "../../../../contract/runbook.ts";
import { type Item, itemsOf } from "./blocks.ts";
import { type Appetite, gather, mayBeStep } from "./gather.ts";
import { isCommand, kindOfCode } from "./commands.ts";
import { afterLead, instructionIn, isDoingTitle } from "./instruction.ts";
import { isWithin, type Section } from "./outline.ts";
import { type Phrase, partOf } from "./phrase.ts";
import type { Source, Span } from "./source.ts";
import { type DraftStep, stepOfItem, stepOfWords } from "./steps.ts";
import {
  classOfTitle,
  isDoing,
  isIdle,
  kindOfTitle,
  phaseTitle,
  type TitleClass,
} from "./words.ts";

export type DraftPhase = {
  readonly title: string;
  readonly titleClass: TitleClass;
  /** What names it: a heading, bold words; null for the one that nothing names. */
  readonly phrase: Phrase | null;
  readonly span: Span;
  readonly confidence: Confidence;
  readonly reason: string;
  readonly steps: DraftStep[];
  /** Where it was found. */
  readonly section: Section;
};

export type Search = {
  readonly source: Source;
  /** Sections that are something else already. */
  readonly skip: ReadonlySet<Section>;
  /** Blocks that are something else already. */
  readonly without: ReadonlySet<unknown>;
  /** Only headings “Phase N” and “Step N” count, as in documents that teach an agent. */
  readonly onlyNumbered: boolean;
};

const blocksOf = (search: Search, section: Section): Section["blocks"] =>
  section.blocks.filter((block) => !search.without.has(block));

/** The sections whose words a phase took in: its own, and those below a heading that is the phase. */
export function coveredBy(draft: DraftPhase): readonly Section[] {
  const { section } = draft;
  if (draft.phrase === null || draft.phrase !== section.heading) return [section];
  const below = (parent: Section): readonly Section[] =>
    parent.children
      .filter(({ title }) => !isOther(classOfTitle(title)))
      .flatMap((child) => [child, ...below(child)]);
  return isDoing(draft.titleClass) ? [section, ...below(section)] : [section];
}

const isOther = (titleClass: TitleClass): boolean =>
  isIdle(titleClass) || ["escalation", "checklist", "form"].includes(titleClass);

/** Sections that hold no steps. What is called an escalation may tell who does what, in order. */
function isPassedOver({ source }: Search, section: Section): boolean {
  const titleClass = classOfTitle(section.title);
  if (titleClass !== "escalation") return isOther(titleClass);
  return !section.blocks.some((block) => {
    if (block.type !== "list" || !(block.ordered ?? false)) return false;
    const items = itemsOf(source, block).flatMap(({ phrase }) => phrase ?? []);
    const led = items.filter((phrase) => phrase.lead !== null);
    const told = led.filter((phrase) => instructionIn(afterLead(phrase)) !== null);
    return led.length === items.length && told.length >= 2 && told.length * 2 >= items.length;
  });
}

/** The phases in a section and below it. `eager`: the section itself promises steps, by its trigger. */
export function phasesOf(
  search: Search,
  section: Section,
  eager: boolean,
  inherited: Appetite = "lists",
): DraftPhase[] {
  if (isWithin(section, search.skip)) return [];
  const titleClass =
    section.heading === null || isDocumentTitle(section) ? "plain" : classOfTitle(section.title);
  if (!eager && isOther(titleClass) && isPassedOver(search, section)) return [];
  if (titleClass === "phase" && section.heading !== null && !eager)
    return [numbered(search, section)];
  if (search.onlyNumbered && isBetweenPhases(section)) return folded(search, section, "phase");
  const isFolded = !eager && isDoing(titleClass) && titleClass !== "procedure";
  const own = search.onlyNumbered
    ? []
    : isFolded
      ? folded(search, section, titleClass)
      : ownPhases(search, section, titleClass, eager, inherited);
  const below = eager
    ? "told"
    : appetiteOf(section, titleClass, eager, inherited) === "lists"
      ? "lists"
      : "told";
  const inner = section.children.flatMap((child) =>
    isFolded && !isOwnPhase(child) ? [] : phasesOf(search, child, false, below),
  );
  return [...own, ...inner];
}

/** The one heading above all others names the document, whatever its words. */
const isDocumentTitle = (section: Section): boolean =>
  section.parent?.parent === null &&
  section.parent.children.length === 1 &&
  section.children.length > 0;

/** “Checkpoint” with numbered phases on both sides: one of the sequence, though it has no number. */
function isBetweenPhases(section: Section): boolean {
  const beside = section.parent?.children ?? [];
  const at = beside.indexOf(section);
  const isPhase = ({ title }: Section): boolean => phaseTitle(title) !== null;
  return beside.slice(0, at).some(isPhase) && beside.slice(at + 1).some(isPhase);
}

/** A sub-heading that is a phase by itself: “Contain” below “Remediate”. */
function isOwnPhase(section: Section): boolean {
  const titleClass = classOfTitle(section.title);
  return ["phase", "lifecycle", "mitigate"].includes(titleClass) || titleClass === "diagnose";
}

/** “Phase 2 – Fix”, with everything below it. Headings “Step N” in a phase are its steps. */
function numbered(search: Search, section: Section): DraftPhase {
  const parts = phaseTitle(section.title);
  const steps = collect(search, section, null, parts?.word ?? "phase");
  if (steps.length === 0) steps.push(...unreadSteps(search, section));
  const { heading } = section;
  if (steps.length === 0 && heading !== null && parts?.word === "step")
    steps.push(
      stepOfWords(titlePhrase(heading), null, {
        kind: kindOfHeading(titlePhrase(heading)),
        confidence: "likely",
        reason: "a heading “Step N” with nothing to do below it",
      }),
    );
  return {
    title: parts?.rest === "" || parts === null ? section.title : parts.rest,
    titleClass: "phase",
    phrase: heading,
    span: heading?.span ?? section.span,
    confidence: "certain",
    reason: "a heading that is numbered as a phase, part or step",
    steps,
    section,
  };
}

const kindOfHeading = (title: Phrase): StepKind =>
  instructionIn(title)?.kind ?? kindOfTitle(title.text) ?? "act";

/** A heading's words behind “Step 3 –”. */
function titlePhrase(heading: Phrase): Phrase {
  const title = heading.text;
  const rest = phaseTitle(title.trim())?.rest ?? "";
  const at = rest === "" ? -1 : title.lastIndexOf(rest);
  return at < 0 ? heading : partOf(heading, at, at + rest.length);
}

/** The items of a numbered phase whose words we cannot read, such as those of another language. */
const unreadSteps = ({ source, without }: Search, section: Section): DraftStep[] =>
  section.blocks.flatMap((block) =>
    block.type === "list" && !without.has(block)
      ? itemsOf(source, block).flatMap(
          (item) =>
            stepOfItem(source, item, null, {
              confidence: "possible",
              reason: "an item below a numbered heading",
              isInOrder: false,
            }) ?? [],
        )
      : [],
  );

/** Steps of a section and of the headings below it, which become groups. */
function collect(
  search: Search,
  section: Section,
  group: string | null,
  word: "phase" | "step" | "heading" | "below a heading",
): DraftStep[] {
  const { source } = search;
  const blocks = blocksOf(search, section);
  const title = section.heading === null ? null : titlePhrase(section.heading);
  const { steps: own, remarks } = gather(source, blocks, "all", group, title);
  const steps = [...own];
  const first = blocks.find(({ type }) => type !== "html" && type !== "thematicBreak");
  if (first?.type === "code" && title !== null && word === "step" && steps.length === 0) {
    const step = stepOfWords(title, group, {
      kind: "act",
      confidence: "likely",
      reason: "a heading with a block of code right below it",
    });
    step.blocks.push(first);
    steps.push(step);
  }
  for (const child of section.children) {
    if (isWithin(child, search.skip) || isPassedOver(search, child)) continue;
    if (word === "heading" && isOwnPhase(child)) continue;
    const parts = phaseTitle(child.title);
    if (word === "phase" && parts?.word === "step" && child.heading !== null)
      steps.push(stepOfHeading(search, child, child.heading));
    else
      steps.push(
        ...collect(search, child, child.title, word === "heading" ? "below a heading" : word),
      );
  }
  if (steps.length === 0)
    for (const remark of remarks.filter(mayBeStep))
      steps.push(
        stepOfWords(remark, group, {
          kind: isCommand(remark.text) ? (kindOfCode(remark.text) ?? "act") : "manual",
          confidence: "possible",
          reason: "a paragraph below a heading that promises steps; it tells no single thing to do",
        }),
      );
  return steps;
}

function stepOfHeading(search: Search, section: Section, heading: Phrase): DraftStep {
  const inner = collect(search, section, null, "step");
  const title = titlePhrase(heading);
  const step = stepOfWords(title, null, {
    kind: kindOfHeading(title),
    confidence: "certain",
    reason: "a heading “Step N” in a phase",
  });
  for (const { phrase, blocks, substeps, checked } of inner) {
    step.blocks.push(...blocks);
    step.substeps.push(
      {
        range: search.source.range(phrase.span.start, phrase.span.end),
        quote: search.source.text.slice(phrase.span.start, phrase.span.end),
        confidence: "likely",
        reason: "an instruction below the step's heading",
        text: phrase.text.replace(/\s+/g, " ").trim(),
        checked,
        depth: 1,
        line: search.source.lineAt(phrase.span.start),
      },
      ...substeps.map((one) => ({ ...one, depth: one.depth + 1 })),
    );
  }
  return step;
}

/** A heading such as “Mitigation” with all below it, as one phase. */
function folded(search: Search, section: Section, titleClass: TitleClass): DraftPhase[] {
  const steps = collect(search, section, null, "heading");
  if (steps.length === 0) return [];
  return [
    {
      title: section.title,
      titleClass,
      phrase: section.heading,
      span: section.heading?.span ?? section.span,
      confidence: "likely",
      reason: `a heading that says what is done below it (“${section.title}”)`,
      steps,
      section,
    },
  ];
}

/** What a section's own blocks hold: phases in a list of bold words, or one phase of steps. */
function ownPhases(
  search: Search,
  section: Section,
  titleClass: TitleClass,
  eager: boolean,
  inherited: Appetite,
): DraftPhase[] {
  const { source } = search;
  const blocks = blocksOf(search, section);
  const phases: DraftPhase[] = [];
  const rest: typeof blocks = [];
  for (const block of blocks) {
    const found =
      block.type === "list"
        ? listPhases(search, section, block, eager || titleClass === "procedure")
        : [];
    if (found.length === 0) rest.push(block);
    phases.push(...found);
  }
  if (phases.length > 0) return phases;
  const { steps } = gather(
    source,
    rest,
    appetiteOf(section, titleClass, eager, inherited),
    null,
    section.heading,
  );
  if (steps.length === 0) return [];
  const isNamed = section.heading !== null;
  const only = steps[0];
  return [
    {
      title: isNamed ? section.title : "Steps",
      titleClass,
      phrase: section.heading,
      span: section.heading?.span ?? only?.phrase.span ?? section.span,
      confidence: eager || titleClass === "procedure" ? "likely" : "possible",
      reason: isNamed
        ? `instructions below the heading “${section.title}”`
        : "instructions before the first heading",
      steps: [...steps],
      section,
    },
  ];
}

function appetiteOf(
  section: Section,
  titleClass: TitleClass,
  eager: boolean,
  inherited: Appetite,
): Appetite {
  if (eager) return "told";
  if (titleClass === "procedure") return "all";
  if (isDocumentTitle(section)) return "lists";
  return titleClass === "how-to" || isDoingTitle(section.title) ? "told" : inherited;
}

/** A list whose items begin with bold words, or with a few words and a list below them. */
function listPhases(search: Search, section: Section, list: List, eager: boolean): DraftPhase[] {
  const { source } = search;
  const items = itemsOf(source, list);
  const isOrdered = list.ordered ?? false;
  if (items.length < 2 || (!isOrdered && !eager)) return [];
  const tagged = taggedPhases(search, section, items);
  if (tagged.length > 0) return tagged;
  const leads = items.filter(
    ({ phrase }) =>
      phrase?.lead !== null && phrase !== null && isTitleLike(phrase.lead?.text ?? ""),
  );
  const nested = items.filter(({ lists }) => lists.length > 0);
  const explained = leads.filter(
    ({ phrase }) => phrase !== null && afterLead(phrase).text.trim().length > 0,
  );
  const isBold = leads.length * 10 >= items.length * 8;
  const areTitles =
    isBold &&
    (nested.length * 2 >= items.length ||
      (isOrdered &&
        explained.length * 10 >= items.length * 8 &&
        nested.length === 0 &&
        eagerFor(section, eager)));
  const arePlain =
    !isBold &&
    isOrdered &&
    nested.length * 10 >= items.length * 7 &&
    items.every(
      ({ phrase, lists }) =>
        phrase !== null &&
        (isShortTitle(phrase.text) || (lists.length === 0 && isIntroduction(phrase.text))),
    );
  if (!areTitles && !arePlain) return [];
  return items.flatMap((item): DraftPhase[] => {
    const { phrase } = item;
    if (phrase === null || (arePlain && item.lists.length === 0 && isIntroduction(phrase.text)))
      return [];
    const lead =
      isBold && phrase.lead !== null
        ? phrase.lead
        : { text: phrase.text, end: phrase.text.length, span: phrase.span };
    const after = isBold ? afterLead(phrase) : null;
    const steps: DraftStep[] = [];
    const head = headOf(phrase, lead);
    const words = after === null ? "" : after.text.trim();
    if (after !== null && words !== "" && !/^\([^()]{0,80}\)\W{0,2}$/.test(words))
      steps.push(
        stepOfWords(after, null, {
          kind: instructionIn(after)?.kind ?? "manual",
          confidence: "likely",
          reason: "the words behind a phase's bold name",
        }),
      );
    const beside = item.node.children.slice(1).filter(({ type }) => type !== "list");
    if (item.lists.length === 0 && steps.length === 0 && beside.length > 0)
      // “**Find the orphans**” with a query below it: the name is what is done.
      steps.push(
        stepOfWords(head, null, {
          kind: kindOfHeading(head),
          confidence: "likely",
          reason: "a phase's name with nothing but code or notes below it",
        }),
      );
    for (const block of item.node.children) {
      if (block.type !== "list") {
        if (block !== item.node.children[0]) steps.at(-1)?.blocks.push(block);
        continue;
      }
      for (const inner of itemsOf(source, block)) {
        const step = stepOfItem(source, inner, null, {
          confidence: "certain",
          reason: "an item below a phase's name",
          isInOrder: true,
        });
        if (step !== null) steps.push(step);
      }
    }
    return [
      {
        title: lead.text.replace(/[\s:.]{1,4}$/, "").trim(),
        titleClass: "phase",
        phrase: head,
        span: head.span,
        confidence: isBold && isOrdered ? "certain" : "likely",
        reason: isBold
          ? "an item that begins with bold words"
          : "a short item with a list below it",
        steps,
        section,
      },
    ];
  });
}

const TAG = /^\[([^\]\n]{3,40})\]\s{1,3}(?=\S)/;

/** “[Containment] Block the address”: items that name their phase in brackets. */
function taggedPhases(search: Search, section: Section, items: readonly Item[]): DraftPhase[] {
  const phases = new Map<string, DraftPhase>();
  for (const item of items) {
    const tag = TAG.exec(item.phrase?.text ?? "");
    if (tag === null || item.phrase === null) return [];
    const words = partOf(item.phrase, tag[0].length, item.phrase.text.length);
    const how = {
      confidence: "certain" as const,
      reason: "an item that names its phase in brackets",
      isInOrder: true,
    };
    const step = stepOfItem(search.source, { ...item, phrase: words }, null, how);
    const name = partOf(item.phrase, 1, 1 + (tag[1]?.length ?? 0));
    const phase = phases.get(name.text.toLowerCase()) ?? {
      title: name.text.trim(),
      titleClass: "phase" as const,
      phrase: name,
      span: name.span,
      ...how,
      steps: [],
      section,
    };
    if (step !== null) phase.steps.push(step);
    phases.set(name.text.toLowerCase(), phase);
  }
  return [...phases.values()];
}

/** The name with the parenthesis behind it, which may hold a role. */
function headOf(phrase: Phrase, lead: { readonly end: number }): Phrase {
  const behind = /^\s{0,3}\([^()]{2,80}\)/.exec(phrase.text.slice(lead.end));
  return partOf(phrase, 0, lead.end + (behind?.[0].length ?? 0));
}

const isShortTitle = (text: string): boolean =>
  isTitleLike(text) && text.length <= 48 && text.split(" ").length <= 5;

/** “Introduction”, “Scope”, with words below it and nothing to do. */
const isIntroduction = (text: string): boolean => {
  const [first = ""] = text.split(/\n|[.:]\s/, 1);
  return isIdle(classOfTitle(first.trim()));
};

const isTitleLike = (text: string): boolean => {
  const bare = text.trim();
  return bare.length > 0 && bare.length <= 70 && !/[.!?]$/.test(bare);
};

/** Bold words with a dash and a sentence: phases where the whole section is that list. */
const eagerFor = (section: Section, eager: boolean): boolean =>
  eager ||
  (section.blocks.filter(({ type }) => type === "list").length === 1 &&
    section.children.length === 0 &&
    !isDoing(classOfTitle(section.title)));
