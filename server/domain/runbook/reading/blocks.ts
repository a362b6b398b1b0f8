/** Looking at blocks: items, labels, attachments. */
import type { List, ListItem, Nodes, Paragraph, RootContent } from "mdast";
import type { StepAttachment } from "../../../../contract/runbook.ts";
import { placeholdersIn } from "./placeholders.ts";
import { type Phrase, phraseOf, spanOf } from "./phrase.ts";
import { evidence, type Source, squeeze } from "./source.ts";

export type Item = {
  readonly node: ListItem;
  /** Its own words; null where it begins with something else, such as a fence. */
  readonly phrase: Phrase | null;
  readonly checked: boolean | null;
  readonly lists: readonly List[];
  /** Everything else in it. */
  readonly rest: readonly RootContent[];
};

export function itemsOf(source: Source, list: List): readonly Item[] {
  return list.children.map((node) => {
    const [first, ...others] = node.children;
    const own = first?.type === "paragraph" ? first : null;
    const inner = own === null ? node.children : others;
    return {
      node,
      phrase: own === null ? null : phraseOf(source.text, own),
      checked: node.checked ?? null,
      lists: inner.filter((child) => child.type === "list"),
      rest: inner.filter((child) => child.type !== "list"),
    };
  });
}

/** A paragraph of nothing but bold words, or that ends with a colon: it names what follows. */
export function labelOf(phrase: Phrase): string | null {
  const text = squeeze(phrase.text);
  if (text.length > 140) return null;
  // Whole sentences in bold are stressed, and name nothing.
  if (/[.!?]\s+\S/.test(text.replace(/\b(?:e\.g|i\.e|vs|etc|no)\./gi, ""))) return null;
  const lead = phrase.lead;
  if (lead !== null && /^[\s:.]{0,4}$/.test(phrase.text.slice(lead.end)))
    return text.replace(/:$/, "").trim();
  return text.endsWith(":") && text.length <= 90 && !/[.!?]\s/.test(text)
    ? text.slice(0, -1)
    : null;
}

/** True for a label that stands in bold, as a heading would. */
export const isBoldLabel = (phrase: Phrase): boolean =>
  phrase.lead !== null &&
  labelOf(phrase) !== null &&
  /^[\s:.]{0,4}$/.test(phrase.text.slice(phrase.lead.end));

const ADMONITION = /^(?:!!!|\?\?\?\+?|:::)\s?\{?\.?[a-z]/i;
/** “!!! note …”, “::: warning”: a box beside the text. */
export const isAdmonition = (source: Source, node: Nodes): boolean =>
  node.type === "paragraph" &&
  ADMONITION.test(source.text.slice(spanOf(node).start, spanOf(node).start + 24));

/** Boxes' indented bodies are no code. */
export function withoutAdmonitions(
  source: Source,
  blocks: readonly RootContent[],
): readonly RootContent[] {
  const kept: RootContent[] = [];
  let inBox = false;
  for (const block of blocks) {
    const isBox = isAdmonition(source, block);
    const isIndented = block.type === "code" && !isFence(source, block);
    if (!isBox && !(inBox && isIndented)) kept.push(block);
    inBox = isBox || (inBox && isIndented);
  }
  return kept;
}

export const isFence = (source: Source, node: Nodes): boolean =>
  /^\s{0,3}(?:`{3}|~{3})/.test(source.text.slice(spanOf(node).start, spanOf(node).start + 8));

const PROMPT =
  /^\s{0,8}(?:\$|#|>|PS [A-Z]:\\\S{0,60}>|[\w.-]{1,30}@[\w.-]{1,40}[:~][^\s#$]{0,40}[#$]|sh-\d\.\d[#$]|[\w.-]{1,24}=[#>])\s+\S/;
const SHELL = /^(?:sh|shell|bash|zsh|console|shell-session|terminal|powershell|cmd|)$/i;

/** Lines with a prompt and lines without: commands and what they printed. */
export function isTranscript(language: string | null, text: string): boolean {
  if (!SHELL.test(language ?? "")) return false;
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  let prompts = 0;
  let output = 0;
  let continues = false;
  for (const line of lines) {
    const isPrompt =
      /^\s{0,8}[$>]\s+\S/.test(line) || (PROMPT.test(line) && !/^\s{0,8}#/.test(line));
    if (isPrompt) prompts++;
    else if (!continues && !/^\s*(?:#|\||&&|\\|[)}\]"'`])/.test(line)) output++;
    continues = /(?:\\|\||&&|\{|\(|'|")\s*$/.test(line.slice(-20));
  }
  return prompts > 0 && output > 0;
}

export function attachmentsOf(source: Source, blocks: readonly RootContent[]): StepAttachment[] {
  return withoutAdmonitions(source, blocks).flatMap((block): StepAttachment[] => {
    const span = spanOf(block);
    const line = source.lineAt(span.start);
    const plain = { language: null, target: null, transcript: false, placeholders: [], line };
    if (block.type === "code")
      return [
        {
          ...evidence(
            source,
            span,
            "certain",
            "a block of code, to copy; it is never run from here",
          ),
          ...plain,
          kind: "code",
          language: block.lang ?? null,
          text: block.value,
          transcript: isTranscript(block.lang ?? null, block.value),
          placeholders: [...new Set(placeholdersIn(block.value, true).map(({ raw }) => raw))],
        },
      ];
    if (block.type === "table")
      return [
        {
          ...evidence(source, span, "certain", "a table beside the step"),
          ...plain,
          kind: "table",
          text: source.text.slice(span.start, span.end),
        },
      ];
    if (block.type === "blockquote")
      return [
        {
          ...evidence(source, span, "certain", "a quoted block beside the step"),
          ...plain,
          kind: "quote",
          text: source.text.slice(span.start, span.end),
        },
      ];
    if (block.type === "paragraph") return [...imagesOf(source, block), ...noteOf(source, block)];
    return [];
  });
}

/** A cell beside a step in its row: a command to copy, or a note under its column's name. */
export function attachmentsOfCell(
  source: Source,
  { header, words }: { readonly header: string; readonly words: Phrase },
): StepAttachment[] {
  const text = squeeze(words.text);
  const [code] = words.codes;
  if (text === "") return [];
  const isCode = code !== undefined && code.value.trim() === words.text.trim();
  return [
    {
      ...evidence(
        source,
        words.span,
        "certain",
        `a cell of the step's row, in the column “${header}”`,
      ),
      kind: isCode ? "code" : "note",
      language: null,
      target: null,
      text: isCode ? code.value : `${header}: ${text}`,
      transcript: false,
      placeholders: isCode ? placeholdersIn(code.value, true).map(({ raw }) => raw) : [],
      line: source.lineAt(words.span.start),
    },
  ];
}

function imagesOf(source: Source, block: Paragraph): StepAttachment[] {
  return block.children.flatMap((child): StepAttachment[] =>
    child.type === "image"
      ? [
          {
            ...evidence(source, spanOf(child), "certain", "a picture beside the step"),
            kind: "image",
            language: null,
            target: child.url,
            text: child.alt ?? "",
            transcript: false,
            placeholders: [],
            line: source.lineAt(spanOf(child).start),
          },
        ]
      : [],
  );
}

function noteOf(source: Source, block: Paragraph): StepAttachment[] {
  const phrase = phraseOf(source.text, block);
  const text = squeeze(phrase.text);
  if (text === "" || block.children.every(({ type }) => type === "image")) return [];
  return [
    {
      ...evidence(source, phrase.span, "certain", "a paragraph below the step"),
      kind: "note",
      language: null,
      target: null,
      text,
      transcript: false,
      placeholders: [],
      line: source.lineAt(phrase.span.start),
    },
  ];
}
