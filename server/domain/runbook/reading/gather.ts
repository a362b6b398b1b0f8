/** All steps that one section's blocks hold, in the order of the document. */
import type { Code, RootContent } from "mdast";
import { type Item, isBoldLabel, itemsOf, labelOf, withoutAdmonitions } from "./blocks.ts";
import { gridsIn } from "./grid.ts";
import { isCommand, isSaidToBeFinal, kindOfCode } from "./commands.ts";
import { impliedIn, instructionIn } from "./instruction.ts";
import { type Phrase, partOf, phraseOf, sentencesOf } from "./phrase.ts";
import type { Source } from "./source.ts";
import { type DraftStep, stepOfItem, stepOfWords, substepsOf } from "./steps.ts";
import { classOfTitle, isDoing, isIdle, VERB_KINDS } from "./words.ts";

/**
 * How much is taken for an instruction. "all": below a heading that promises steps, also what only tells
 * something. "told": what begins with a verb. "lists": only lists, most of whose items do.
 */
export type Appetite = "all" | "told" | "lists";

export type Gathered = {
  readonly steps: readonly DraftStep[];
  /** Paragraphs that tell nothing to do. */
  readonly remarks: readonly Phrase[];
};

type Gathering = {
  readonly source: Source;
  appetite: Appetite;
  readonly steps: DraftStep[];
  readonly remarks: Phrase[];
  /** The heading above, where it tells what to do. */
  readonly titled: Phrase | null;
  group: string | null;
  /** Words that told no instruction: a fence behind them makes them one. */
  context: {
    readonly phrase: Phrase;
    readonly block: RootContent | null;
    /** A label that was put nowhere yet. */
    readonly label?: RootContent;
  } | null;
  /** “Do the following:”, which is a step only where the list behind it holds none. */
  lead: DraftStep | null;
  /** The bold words right above, which name what follows. */
  label: Phrase | null;
  /** The paragraph right above told what to do. */
  isToldAbove: boolean;
  /** “Delegate to: …” above the steps. */
  by: DraftStep["by"];
};

/** Below such a label stands what is no instruction. */
const ASIDE =
  /^(?:notes?|please note|tips?|warning|caution|important|example|for example|e\.g|output|expected (?:output|result)s?|result|see|see also|context|pitfalls?|references?|where|remember(?! to)|background|why|rationale|symptoms?|possible causes|likely causes|common causes|causes|output should|you should see|sample|delegate to|responsible|assigned to|owner)\b/i;

export function gather(
  source: Source,
  blocks: readonly RootContent[],
  appetite: Appetite,
  group: string | null,
  title: Phrase | null = null,
): Gathered {
  const titled = title !== null && instructionIn(title) !== null ? title : null;
  const gathering: Gathering = {
    source,
    appetite,
    steps: [],
    remarks: [],
    titled,
    group,
    context: null,
    lead: null,
    label: null,
    isToldAbove: false,
    by: null,
  };
  let aside = false;
  const shown = withoutAdmonitions(source, blocks);
  for (const [at, block] of shown.entries()) {
    if (block.type !== "list") keepLead(gathering, block);
    if (block.type === "paragraph") {
      const phrase = withoutNumber(phraseOf(source.text, block));
      const by = doerIn(phrase);
      if (by !== null) {
        gathering.by = by;
        continue;
      }
      const label = labelOf(phrase);
      if (label !== null && !isTold(phrase, appetite)) {
        aside = ASIDE.test(label) || (isBoldLabel(phrase) && isIdle(classOfTitle(label)));
        if (isBoldLabel(phrase) && !aside) gathering.group = label;
        if (isBoldLabel(phrase) && appetite === "told")
          gathering.appetite = isDoing(classOfTitle(label)) ? "all" : "told";
        gathering.context = isBoldLabel(phrase) ? null : { phrase, block: null, label: block };
        gathering.label = isBoldLabel(phrase) && !aside ? phrase : null;
        continue;
      }
      aside &&= label !== null || ASIDE.test(phrase.text);
      gathering.label = null;
      if (!aside) fromParagraph(gathering, phrase, block, shown[at + 1]);
      continue;
    }
    if (block.type === "list" && !aside)
      fromList(gathering, itemsOf(source, block), block.ordered ?? false);
    else if (block.type === "code" && !aside) fromFence(gathering, block);
    else if (block.type === "table" && !aside) fromTable(gathering, block);
    else if (block.type === "code" || block.type === "blockquote") attach(gathering, block);
    aside = false;
    gathering.label = null;
    gathering.isToldAbove = false;
  }
  keepLead(gathering, null);
  const { by, steps, remarks } = gathering;
  return {
    steps: by === null ? steps : steps.map((step) => ({ ...step, by: step.by ?? by })),
    remarks,
  };
}

const NUMBER = /^(?:\d{1,2}(?:\.\d{1,2}){1,4}\.?|\(?[a-z\d]{1,2}\))\s{1,4}(?=\S)/i;

/** “4.2 The engineer verifies …”: a number that is typed, not made by Markdown. */
function withoutNumber(phrase: Phrase): Phrase {
  const found = NUMBER.exec(phrase.text);
  return found === null ? phrase : partOf(phrase, found[0].length, phrase.text.length);
}

const DOER =
  /^\W{0,3}(?:delegated? to|owners?|owned by|responsible(?: party| person| team| role)?|assigned to|assignee|performed by|executed by|done by|who|role|actor|dri)\s{0,2}:\s{0,4}(?=\S)/i;

/** “Owner: Marketing Team”: who does what follows. */
function doerIn(phrase: Phrase): DraftStep["by"] {
  const found = phrase.text.length > 120 ? null : DOER.exec(phrase.text);
  if (found === null || phrase.text.includes("\n")) return null;
  const words = partOf(phrase, found[0].length, phrase.text.trimEnd().replace(/[.;]$/, "").length);
  return words.text.length > 60 ? null : { words, reason: "a line above the steps says who" };
}

/** What was to lead in a list and led to none is a step after all. */
function keepLead(gathering: Gathering, next: RootContent | null): void {
  const { lead, steps } = gathering;
  if (lead === null) return;
  // Bold words between it and its lists are their names.
  const isName = next?.type === "paragraph" && isBoldLabel(phraseOf(gathering.source.text, next));
  if (!isName) steps.push(lead);
  gathering.lead = null;
}

/** “Run this:” tells something, though it ends like a label. */
const isTold = (phrase: Phrase, appetite: Appetite): boolean => {
  if (appetite === "lists" || isBoldLabel(phrase)) return false;
  const instruction = instructionIn(phrase);
  // “Search methods:” names, “Run the following:” tells.
  return (
    instruction !== null &&
    (instruction.confidence === "certain" || phrase.text.split(" ").length >= 4)
  );
};

function attach({ steps }: Gathering, block: RootContent): void {
  steps.at(-1)?.blocks.push(block);
}

/** Where to read on is no step. */
const POINTS =
  /^(?:if|when)\b[^.]{0,100}, (?:please )?(?:see|refer to|consult|visit) the (?:following|related)\b|^(?:please )?(?:see|refer to|read|consult|visit)\b|^(?:for|in order to|to)\b[^.]{0,200}?,? (?:please )?(?:see|refer to|read|consult|visit)\b|^(?:you|we) (?:can|may) also (?:see|read|review|refer to|consult|visit|find)\b.{0,160}\b(?:details|information|reading|instructions)\b/i;
const TODO = /^(?:TODO|TBD|FIXME|TBC)\b/;

/** Each sentence that tells to do something is a step; what tells nothing is a note on the one before. */
function fromParagraph(
  gathering: Gathering,
  phrase: Phrase,
  block: RootContent,
  next: RootContent | undefined,
): void {
  const { steps, appetite, group, remarks } = gathering;
  const isNote =
    (phrase.lead !== null && isCaution(phrase.lead.text)) ||
    ASIDE.test(phrase.text) ||
    isOnlyALink(phrase);
  const told =
    appetite === "lists" || isNote
      ? []
      : sentencesOf(phrase).flatMap((sentence) => {
          const instruction =
            POINTS.test(sentence.text) || ASIDE.test(sentence.text)
              ? null
              : instructionIn(sentence);
          return instruction === null ? [] : [{ sentence, instruction }];
        });
  for (const { sentence, instruction } of told)
    steps.push(
      stepOfWords(sentence, group, {
        ...instruction,
        confidence: instruction.confidence === "certain" ? "likely" : instruction.confidence,
        reason: `a sentence of a paragraph; ${instruction.reason}`,
      }),
    );
  gathering.isToldAbove = told.length > 0;
  const latest = steps.at(-1);
  if (told.length > 0 && latest !== undefined && isSaidToBeFinal(phrase.text))
    steps[steps.length - 1] = { ...latest, isFinal: true };
  const last = told.at(-1)?.sentence.text.trim() ?? "";
  if (last.endsWith(":") && phrase.text.trimEnd().endsWith(last) && leadsIn(gathering, next)) {
    gathering.lead = steps.pop() ?? null;
    gathering.context =
      gathering.lead === null ? null : { phrase: gathering.lead.phrase, block: null };
    return;
  }
  if (told.length > 0) {
    gathering.context = null;
    return;
  }
  if (!isNote && !POINTS.test(phrase.text) && !TODO.test(phrase.text.trim())) remarks.push(phrase);
  gathering.context = isNote ? null : { phrase, block };
  attach(gathering, block);
}

/** A list follows, or bold words that name one. */
const leadsIn = ({ source }: Gathering, next: RootContent | undefined): boolean =>
  next?.type === "list" || (next?.type === "paragraph" && isBoldLabel(phraseOf(source.text, next)));

const isOnlyALink = ({ links, span }: Phrase): boolean =>
  links.length === 1 && links[0]?.span.start === span.start && links[0].span.end === span.end;

const isCaution = (lead: string): boolean =>
  /^\W{0,3}(?:note|notice|warning|caution|important|danger|tip|info|remember|warning\/danger|attention|nb)\b/i.test(
    lead,
  );

function fromList(gathering: Gathering, all: readonly Item[], isOrdered: boolean): void {
  const { source, appetite, steps, group, context, lead } = gathering;
  const items = all.filter(
    ({ phrase, lists }) => phrase === null || lists.length > 0 || !isBlank(phrase),
  );
  const told = items.filter(({ phrase }) => phrase !== null && isToldItem(phrase));
  const share = items.length === 0 ? 0 : told.length / items.length;
  const isTask = items.some(({ checked }) => checked !== null);
  const enough =
    appetite === "all"
      ? ((isOrdered || isTask) && !(told.length === 0 && areDescriptions(items))) || share >= 0.3
      : isOrdered || isTask
        ? share >= 0.5
        : share >= 0.6;
  gathering.context = null;
  gathering.lead = null;
  // “Use these as a starting point:” leads to choices, not to steps.
  const isMenu = context !== null && MENU.test(context.phrase.text.slice(-120));
  if (!enough || (isMenu && !isOrdered && !isTask)) {
    if (lead !== null) steps.push(lead);
    // Examples and choices below a step explain it.
    if (context !== null && context.block === null && steps.length > 0)
      steps.at(-1)?.substeps.push(...substepsOf(source, all, 1));
    return;
  }
  const marker = isTask
    ? "a box to tick"
    : isOrdered
      ? "an item of a numbered list"
      : "an item of a list";
  const under =
    context !== null && context.phrase.text.trimEnd().endsWith(":") ? context.phrase : null;
  const isUnordered = !isOrdered && !isTask;
  let isBegun = false;
  for (const item of items) {
    const isClear = item.phrase !== null && isToldItem(item.phrase);
    // “Write the timeline. – When it began. – Find out who …”: the first of these are parts of what was told.
    if (!isClear && isUnordered && !isBegun && gathering.isToldAbove && item.lists.length === 0) {
      steps.at(-1)?.substeps.push(...substepsOf(source, [item], 1));
      continue;
    }
    // What only describes, in a list without order, goes with the step before it.
    if (!isClear && isUnordered && item.phrase !== null && describes(item.phrase)) {
      for (const block of item.node.children) if (isBegun) attach(gathering, block);
      continue;
    }
    const step = stepOfItem(source, item, group, {
      confidence: isOrdered || isTask || appetite === "all" ? "certain" : "likely",
      reason: marker,
      isInOrder: isOrdered || isTask,
    });
    if (step !== null) steps.push({ ...step, under });
    else if (item.rest.length > 0) for (const block of item.rest) attach(gathering, block);
    isBegun ||= step !== null;
  }
}

const MENU =
  /\b(?:starting points?|examples?|inspiration|ideas|(?:could|may|might) include|for instance|things like)\b[^.]{0,60}:\s*$/i;

const isToldItem = (phrase: Phrase): boolean => {
  if (instructionIn(phrase) !== null || impliedIn(phrase) !== null) return true;
  return /\?\s{0,2}$/.test(phrase.text);
};

/** Code around a whole sentence: a question of a template, or what is left to do. */
function isBlank({ text, codes }: Phrase): boolean {
  const [code] = codes;
  if (code === undefined || codes.length > 1 || code.value.length < text.trim().length)
    return false;
  return (
    TODO.test(code.value) || (/[?.]$/.test(code.value.trim()) && code.value.split(" ").length >= 4)
  );
}

const TELLS =
  /\b(?:is|are|was|were|makes?|provides?|allows?|enables?|helps?|contains?|shows?|means?|will|might|may|has|have|there['’]s)\b/i;
/** A sentence about something, not about what to do. */
const describes = ({ text, lead }: Phrase): boolean => {
  const words = text.slice(lead?.end ?? 0, (lead?.end ?? 0) + 120);
  return (
    text.length > 40 &&
    !text.includes("?") &&
    TELLS.test(words) &&
    !/\b(?:must|should)\b/i.test(words)
  );
};
const areDescriptions = (items: readonly Item[]): boolean => {
  const told = items.filter(({ phrase }) => phrase !== null && describes(phrase));
  return told.length >= 2 && told.length * 10 >= items.length * 7;
};

/** A fence belongs to the words above it; where those told nothing yet, they are a step now. */
function fromFence(gathering: Gathering, block: Code): void {
  const { steps, group, context, appetite, titled, label } = gathering;
  const named = label === null || appetite === "lists" ? null : stepOfLabel(label, block);
  if (named !== null) steps.push(named);
  else if (
    titled !== null &&
    steps.length === 0 &&
    context?.phrase.text.trim().endsWith(":") !== true
  ) {
    const step = stepOfWords(titled, group, {
      kind: instructionIn(titled)?.kind ?? "act",
      confidence: "likely",
      reason: "a heading that tells what to do, with a block of code below it",
    });
    if (context?.block) step.blocks.push(context.block);
    steps.push(step);
  } else if (context !== null && appetite !== "lists" && !isShown(context.phrase, block)) {
    const before = steps.at(-1);
    if (context.block !== null && before?.blocks.at(-1) === context.block) before.blocks.pop();
    const last = sentencesOf(context.phrase).at(-1) ?? context.phrase;
    steps.push(
      stepOfWords(last, group, {
        kind: instructionIn(last)?.kind ?? kindOfCode(block.value) ?? "check",
        confidence: "likely",
        reason: "words with a block of code behind them",
      }),
    );
  } else if (context?.label !== undefined) attach(gathering, context.label);
  gathering.context = null;
  attach(gathering, block);
}

/** Hints at something to do, in a paragraph that tells no single thing. */
const HINT =
  /\b(?:can|should|must|needs? to|ha(?:s|ve) to|way is to|best to|be sure to)\s(?:\w+ly |also |then |be )?([a-z-]{3,20})/gi;
const ASKS =
  /(?:^|[.!]\s)(?:what|which|who|when|where|why|how|is|are|was|were|does|do|did|has|have|can|could|should|any)\s[^.!?]{8,300}\?\s{0,2}$/i;
/** True where a paragraph below a heading that promises steps may be one. */
export const mayBeStep = ({ text }: Phrase): boolean =>
  ASKS.test(text) ||
  isCommand(text) ||
  /^same (?:procedures?|steps?|process)\b/i.test(text) ||
  [...text.slice(0, 2000).matchAll(HINT)].some(([, verb = ""]) => isVerb(verb.toLowerCase()));

/** “restart”, “restarted”, “stopped”; what is “used” or “seen” is hardly to be done. */
const isVerb = (word: string): boolean =>
  !/^(?:use|used|see|help|find|found|read|be|done|made|note)$/.test(word) &&
  [word, word.replace(/d$/, ""), word.replace(/ed$/, ""), word.replace(/(.)\1ed$/, "$1")].some(
    (one) => VERB_KINDS.has(one),
  );

/** “**Check the daemon:**” and “**Diagnosis**”, with a block of code right below. */
function stepOfLabel(label: Phrase, block: Code): DraftStep | null {
  const words = labelOf(label) ?? "";
  const kind =
    instructionIn(label)?.kind ?? (isDoing(classOfTitle(words)) ? kindOfCode(block.value) : null);
  if (kind === null || isShown(label, block)) return null;
  return stepOfWords(label, null, {
    kind,
    confidence: "likely",
    reason: "bold words with a block of code behind them",
  });
}

const SHOWN =
  /\b(?:examples?|looks? (?:like|similar)|similar to|sample|output|response|result|returns?|should see|would see|e\.g\.|for instance)\b/i;
const DATA =
  /^(?:json|json5|ya?ml|toml|ini|xml|html|log|logs|text|txt|output|csv|diff|properties|conf|nginx|markdown|md)$/i;

/** Code that shows how something looks is nothing to run. */
const isShown = (context: Phrase, block: Code): boolean =>
  instructionIn(context) === null &&
  (SHOWN.test(context.text.slice(-160)) || DATA.test(block.lang ?? ""));

const STEP_COLUMN =
  /^(?:steps?|actions?|tasks?|what to do|activity|instructions?|procedure|check|command)\b/i;
const BESIDE_STEPS =
  /^(?:commands?|who|role|owner|responsible|expected\b.{0,20}|result|outcome|verification|rollback|undo|notes?|details?|how)$/i;
const NOT_STEPS = /\b(?:due|assignee|event|time \(|definition|ticket)\b/i;
const BY_COLUMN = /\b(?:owner|role|who|responsible|team|by)\b/i;

/** A table with a column of steps or actions: a step for each row. */
function fromTable(gathering: Gathering, block: RootContent): void {
  const { source, steps, group, appetite } = gathering;
  const [grid] = gridsIn(source, block);
  if (grid === undefined) return attach(gathering, block);
  const headers = grid.header.map(({ text }) => text.trim());
  const columns = headers.flatMap((header, at) => (STEP_COLUMN.test(header) ? [at] : []));
  const numbered =
    columns.length > 1 &&
    grid.rows.every((row) => (row[columns[0] ?? 0]?.text.trim().length ?? 0) <= 8);
  const column = numbered ? columns[1] : columns[0];
  if (column === undefined || headers.some((header) => NOT_STEPS.test(header))) {
    const { label } = gathering;
    const told = label === null || appetite === "lists" ? null : instructionIn(label);
    if (label !== null && told !== null)
      steps.push(
        stepOfWords(label, null, {
          ...told,
          confidence: "likely",
          reason: `bold words with a table behind them; ${told.reason}`,
        }),
      );
    return attach(gathering, block);
  }
  const onlyNumbers = grid.rows.every((row) =>
    /^\W{0,2}\d{0,3}\W{0,2}$/.test(row[column]?.text ?? ""),
  );
  const from = onlyNumbers ? column + 1 : column;
  const told = grid.rows.filter(
    (row) => row[from] !== undefined && instructionIn(row[from]) !== null,
  );
  if (told.length * 2 < grid.rows.length) return attach(gathering, block);
  // Where nothing promises steps, its columns must leave no doubt.
  if (appetite === "lists" && !headers.some((header) => BESIDE_STEPS.test(header)))
    return attach(gathering, block);
  const byColumn = headers.findIndex((header, at) => at !== from && BY_COLUMN.test(header));
  for (const row of grid.rows) {
    const cell = row[from];
    if (cell === undefined || cell.text.trim() === "") continue;
    const step = stepOfWords(cell, group, {
      kind: instructionIn(cell)?.kind ?? "manual",
      confidence: "likely",
      reason: `a row of a table, in its column “${headers[from] ?? ""}”`,
    });
    const words = byColumn < 0 ? undefined : row[byColumn];
    const by = words === undefined ? null : { words, reason: "a column of the table says who" };
    const others = headers.map((header, at) => ({ header, words: row[at] ?? null, at }));
    const beside = others.flatMap(({ header, words: other, at }) =>
      other === null || at === from || at === byColumn || (at < from && !BESIDE_STEPS.test(header))
        ? []
        : [{ header, words: other }],
    );
    steps.push({ ...step, by, beside });
  }
}
