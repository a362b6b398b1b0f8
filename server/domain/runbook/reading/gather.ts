/** All steps that one section's blocks hold, in the order of the document. */
import type { Code, RootContent } from "mdast";
import { type Item, isBoldLabel, itemsOf, labelOf, withoutAdmonitions } from "./blocks.ts";
import { gridsIn } from "./grid.ts";
import { instructionIn } from "./instruction.ts";
import { type Phrase, phraseOf, sentencesOf } from "./phrase.ts";
import type { Source } from "./source.ts";
import { type DraftStep, stepOfItem, stepOfWords, substepsOf } from "./steps.ts";
import { classOfTitle, isIdle } from "./words.ts";

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
  readonly appetite: Appetite;
  readonly steps: DraftStep[];
  readonly remarks: Phrase[];
  /** The heading above, where it tells what to do. */
  readonly titled: Phrase | null;
  group: string | null;
  /** Words that told no instruction: a fence behind them makes them one. */
  context: { readonly phrase: Phrase; readonly block: RootContent | null } | null;
};

/** Below such a label stands what is no instruction. */
const ASIDE =
  /^(?:notes?|please note|tips?|warning|caution|important|example|for example|e\.g|output|expected (?:output|result)s?|result|see|see also|context|pitfalls?|references?|where|remember|background|why|rationale|symptoms?|possible causes|likely causes|common causes|causes|output should|you should see|sample|delegate to|responsible|assigned to|owner)\b/i;

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
  };
  let aside = false;
  for (const block of withoutAdmonitions(source, blocks)) {
    if (block.type === "paragraph") {
      const phrase = phraseOf(source.text, block);
      const label = labelOf(phrase);
      if (label !== null && !isTold(phrase, appetite)) {
        aside = ASIDE.test(label) || (isBoldLabel(phrase) && isIdle(classOfTitle(label)));
        if (isBoldLabel(phrase) && !aside) gathering.group = label;
        gathering.context = isBoldLabel(phrase) ? null : { phrase, block: null };
        continue;
      }
      aside &&= label !== null || ASIDE.test(phrase.text);
      if (!aside) fromParagraph(gathering, phrase, block);
      continue;
    }
    if (block.type === "list" && !aside)
      fromList(gathering, itemsOf(source, block), block.ordered ?? false);
    else if (block.type === "code" && !aside) fromFence(gathering, block);
    else if (block.type === "table" && !aside) fromTable(gathering, block);
    else if (block.type === "code" || block.type === "blockquote") attach(gathering, block);
    aside = false;
  }
  return gathering;
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
  /^(?:please )?(?:see|refer to|read|consult|visit)\b|^(?:for|in order to|to)\b[^,]{0,160},? (?:please )?(?:see|refer to|read|consult|visit)\b/i;
const TODO = /^(?:TODO|TBD|FIXME|TBC)\b/;

/** Each sentence that tells to do something is a step; what tells nothing is a note on the one before. */
function fromParagraph(gathering: Gathering, phrase: Phrase, block: RootContent): void {
  const { steps, appetite, group, remarks } = gathering;
  const isNote = (phrase.lead !== null && isCaution(phrase.lead.text)) || ASIDE.test(phrase.text);
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
  if (told.length > 0) {
    gathering.context = null;
    return;
  }
  if (!isNote && !POINTS.test(phrase.text) && !TODO.test(phrase.text.trim())) remarks.push(phrase);
  gathering.context = isNote ? null : { phrase, block };
  attach(gathering, block);
}

const isCaution = (lead: string): boolean =>
  /^\W{0,3}(?:note|notice|warning|caution|important|danger|tip|info|remember|warning\/danger|attention|nb)\b/i.test(
    lead,
  );

function fromList(gathering: Gathering, items: readonly Item[], isOrdered: boolean): void {
  const { source, appetite, steps, group, context } = gathering;
  const told = items.filter(({ phrase }) => phrase !== null && isToldItem(phrase));
  const share = items.length === 0 ? 0 : told.length / items.length;
  const isTask = items.some(({ checked }) => checked !== null);
  const enough =
    appetite === "all"
      ? isOrdered || isTask || share >= 0.3
      : isOrdered || isTask
        ? share >= 0.5
        : share >= 0.6;
  gathering.context = null;
  if (!enough) {
    // Examples and choices below a step explain it.
    if (context !== null && context.block === null && steps.length > 0)
      steps.at(-1)?.substeps.push(...substepsOf(source, items, 1));
    return;
  }
  const marker = isTask
    ? "a box to tick"
    : isOrdered
      ? "an item of a numbered list"
      : "an item of a list";
  for (const item of items) {
    const step = stepOfItem(source, item, group, {
      confidence: isOrdered || isTask || appetite === "all" ? "certain" : "likely",
      reason: marker,
    });
    if (step !== null) steps.push(step);
    else if (item.rest.length > 0) for (const block of item.rest) attach(gathering, block);
  }
}

const isToldItem = (phrase: Phrase): boolean => {
  if (instructionIn(phrase) !== null) return true;
  return /\?\s{0,2}$/.test(phrase.text);
};

/** A fence belongs to the words above it; where those told nothing yet, they are a step now. */
function fromFence(gathering: Gathering, block: Code): void {
  const { steps, group, context, appetite, titled } = gathering;
  if (titled !== null && steps.length === 0 && context?.phrase.text.trim().endsWith(":") !== true) {
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
        kind: instructionIn(last)?.kind ?? "check",
        confidence: "likely",
        reason: "words with a block of code behind them",
      }),
    );
  }
  gathering.context = null;
  attach(gathering, block);
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
const NOT_STEPS = /\b(?:due|assignee|event|time \(|definition|ticket)\b/i;
const BY_COLUMN = /\b(?:owner|role|who|responsible|team|by)\b/i;

/** A table with a column of steps or actions: a step for each row. */
function fromTable(gathering: Gathering, block: RootContent): void {
  const { source, steps, group, appetite } = gathering;
  const [grid] = gridsIn(source, block);
  if (grid === undefined || appetite === "lists") return attach(gathering, block);
  const headers = grid.header.map(({ text }) => text.trim());
  const columns = headers.flatMap((header, at) => (STEP_COLUMN.test(header) ? [at] : []));
  const numbered =
    columns.length > 1 &&
    grid.rows.every((row) => (row[columns[0] ?? 0]?.text.trim().length ?? 0) <= 8);
  const column = numbered ? columns[1] : columns[0];
  if (column === undefined || headers.some((header) => NOT_STEPS.test(header)))
    return attach(gathering, block);
  const onlyNumbers = grid.rows.every((row) =>
    /^\W{0,2}\d{0,3}\W{0,2}$/.test(row[column]?.text ?? ""),
  );
  const from = onlyNumbers ? column + 1 : column;
  const told = grid.rows.filter(
    (row) => row[from] !== undefined && instructionIn(row[from]) !== null,
  );
  if (told.length * 2 < grid.rows.length) return attach(gathering, block);
  const byColumn = headers.findIndex((header, at) => at !== from && BY_COLUMN.test(header));
  for (const row of grid.rows) {
    const cell = row[from];
    if (cell === undefined || cell.text.trim() === "") continue;
    const step = stepOfWords(cell, group, {
      kind: instructionIn(cell)?.kind ?? "manual",
      confidence: "likely",
      reason: `a row of a table, in its column “${headers[from] ?? ""}”`,
    });
    steps.push({ ...step, by: (byColumn < 0 ? undefined : row[byColumn]) ?? null });
  }
}
