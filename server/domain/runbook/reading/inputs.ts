/** What somebody must give before a step: its blanks, and the inputs that a document declares. */
import type { RootContent } from "mdast";
import type { RunbookInput } from "../../../../contract/runbook.ts";
import { type Item, itemsOf } from "./blocks.ts";
import type { Section } from "./outline.ts";
import { type Placeholder, placeholdersIn } from "./placeholders.ts";
import { type Phrase, phraseOf, spanOf } from "./phrase.ts";
import { evidence, type Source, type Span, squeeze } from "./source.ts";

const EXAMPLE =
  /^\W{0,3}(?:here(?:['’]s| is) an? |an? )?(?:example|sample)\b|\bfor example\b[^.]{0,60}:\s*$|\blooks? (?:like|similar)\b/i;

const TYPES: readonly (readonly [RunbookInput["type"], RegExp])[] = [
  ["severity", /severity|priority/i],
  ["duration", /duration|timeout|interval|frequency|sla\b/i],
  ["url", /url|link|uri|endpoint/i],
  ["number", /\b(?:count|number|replicas|percent|port|size|limit)\b|_(?:COUNT|NUMBER|PORT|SIZE)$/i],
  ["list", /areas|services|regions|tables|datasets|hosts|list\b/i],
];

export const inputType = (name: string, description: string | null): RunbookInput["type"] =>
  TYPES.find(([, pattern]) => pattern.test(name) || pattern.test(description ?? ""))?.[0] ?? "text";

/** The blanks in the words of a step and in the code beside it; each once. */
export function inputsOf(
  source: Source,
  phrases: readonly Phrase[],
  blocks: readonly RootContent[],
): RunbookInput[] {
  const found = new Map<string, RunbookInput>();
  const add = ({ name }: Placeholder, span: Span, reason: string): void => {
    if (!found.has(name)) found.set(name, inputAt(source, name, null, span, reason));
  };
  for (const phrase of phrases) {
    for (const code of phrase.codes)
      for (const blank of placeholdersIn(code.value, true))
        add(blank, phrase.locate(code.at + blank.start, code.at + blank.end), "a blank in code");
    for (const blank of placeholdersIn(phrase.text, false))
      if (!phrase.codes.some(({ at, value }) => at < blank.end && blank.start < at + value.length))
        add(blank, phrase.locate(blank.start, blank.end), "a blank in the words");
    for (const tag of phrase.tags)
      for (const blank of placeholdersIn(tag.value, true))
        add(blank, tag.span, "a blank in the words");
  }
  for (const [at, block] of blocks.entries()) {
    // What an example shows is not asked for.
    const above = blocks[at - 1];
    if (above?.type === "paragraph" && EXAMPLE.test(phraseOf(source.text, above).text)) continue;
    if (block.type !== "code") continue;
    const span = spanOf(block);
    const raw = source.text.slice(span.start, span.end);
    for (const blank of placeholdersIn(raw, true))
      add(
        blank,
        { start: span.start + blank.start, end: span.start + blank.end },
        "a blank in code",
      );
  }
  return [...found.values()];
}

function inputAt(
  source: Source,
  name: string,
  description: string | null,
  span: Span,
  reason: string,
): RunbookInput {
  return {
    ...evidence(source, span, "likely", reason),
    name,
    type: inputType(name, description),
    description,
    line: source.lineAt(span.start),
  };
}

/** A section “Inputs” whose items begin with a name in code: “`$SEVERITY` — how bad it is”. */
export function declaredInputs(source: Source, section: Section): RunbookInput[] {
  if (!/^(?:inputs?|parameters|variables|arguments|input parameters)\b/i.test(section.title))
    return [];
  return section.blocks.flatMap((block) =>
    block.type === "list" ? itemsOf(source, block).flatMap((item) => declared(source, item)) : [],
  );
}

function declared(source: Source, { phrase }: Item): RunbookInput[] {
  const code = phrase?.codes[0];
  if (phrase === null || code === undefined || code.at > 0) return [];
  const name = /^[$<{@[]{0,2}([\w -]{1,60})[}>@\]]{0,2}$/.exec(code.value.trim())?.[1]?.trim();
  if (name === undefined) return [];
  const description = squeeze(phrase.text.slice(code.value.length)).replace(
    /^[\s:\u2013\u2014-]{1,4}/u,
    "",
  );
  const input = inputAt(source, name, description, phrase.span, "an item of the list of inputs");
  return [{ ...input, confidence: "certain" }];
}
