/** Templates to fill in: sections with blanks, such as a postmortem's. */
import type { RootContent, Table } from "mdast";
import type {
  FormField,
  FormSection,
  RunbookDeadline,
  RunbookForm,
} from "../../../../contract/runbook.ts";
import { type Item, itemsOf, labelOf } from "./blocks.ts";
import { deadlinesIn } from "./deadlines.ts";
import { isWithin, type Section, sectionsOf, slug } from "./outline.ts";
import { afterLead } from "./instruction.ts";
import { linesOf, type Phrase, phraseOf, spanOf } from "./phrase.ts";
import { severitiesMeant } from "./severity.ts";
import { evidence, type Source, type Span, squeeze } from "./source.ts";
import { classOfTitle } from "./words.ts";

export type FormsRead = {
  readonly forms: readonly RunbookForm[];
  readonly sections: ReadonlySet<Section>;
  /** The whole document is one form. */
  readonly isWhole: boolean;
};

const BRACKETS = /^\W{0,3}\[(?![ xX]\])[^\]\n]{1,300}\](?!\()/;
const ANY_BRACKETS =
  /\[(?![ xX]\])[^\]\n]{2,300}\](?![([])|\{\{[^}\n]{1,60}\}\}|<(?:insert|your|name|date|time|yyyy)[^>\n]{0,60}>|\b(?:HH:MM|YYYY-MM-DD|XX:XX|TBD|DD\/MM)\b|\?{2,3}%?|_{4,80}/i;
const EVERY_BRACKETS = new RegExp(ANY_BRACKETS.source, "gi");
const REPORT =
  /\b(?:post-?mortem|post-?incident|incident report|incident review|rca|retrospective|after-?action)\b/i;

export function readForms(
  source: Source,
  top: Section,
  documentTitle: string,
  unique: (id: string) => string,
): FormsRead {
  const found: Section[] = [];
  const sections = new Set<Section>();
  for (const section of sectionsOf(top)) {
    if (isWithin(section, sections) || classOfTitle(section.title) !== "form") continue;
    if (blanksIn(source, section) < 2) continue;
    found.push(section);
    sections.add(section);
  }
  const whole = wholeForm(source, top, sections);
  if (whole !== null) {
    const form = formOf(source, whole, documentTitle, unique);
    return { forms: [form], sections: new Set([top, ...sectionsOf(top)]), isWhole: true };
  }
  const forms = found.map((section) => formOf(source, section, documentTitle, unique));
  const below = found.flatMap((section) => [section, ...sectionsOf(section)]);
  const isWhole = found.length === 1 && top.children.length === 1 && top.children[0] === found[0];
  return { forms, sections: new Set(below), isWhole };
}

/** A document most of whose sections are empty or hold nothing but blanks. */
function wholeForm(source: Source, top: Section, parts: ReadonlySet<Section>): Section | null {
  const leaves = [...sectionsOf(top)].filter(
    (section) => section.children.length === 0 && !isWithin(section, parts),
  );
  if (leaves.length < 4) return null;
  const blank = leaves.filter((section) => isBlank(source, section));
  const titles = [top, ...sectionsOf(top)].map(({ title }) => title);
  const first = top.children.find(({ children }) => children.length > 0) ?? top;
  const isNamed =
    REPORT.test(`${source.path} ${titles[1] ?? ""}`) ||
    /\btemplate\b/i.test(`${titles[1] ?? ""} ${source.path}`);
  const reports = titles.filter((title) => classOfTitle(title) === "report").length;
  const share = blank.length / leaves.length;
  if (share >= 0.6 || (share >= 0.35 && (isNamed || reports >= 3)))
    return top.children.length === 1 ? first : top;
  return null;
}

function isBlank(source: Source, section: Section): boolean {
  const blocks = section.blocks.filter(({ type }) => type !== "thematicBreak");
  if (blocks.length === 0) return true;
  return blocks.every((block) => isBlankBlock(source, block));
}

function isBlankBlock(source: Source, block: RootContent): boolean {
  switch (block.type) {
    case "paragraph": {
      const phrase = phraseOf(source.text, block);
      const text = phrase.text.trim();
      return (
        phrase.isItalic ||
        text === "" ||
        text === "_" ||
        BRACKETS.test(text) ||
        /:\s{0,4}$/.test(text) ||
        (text.length < 200 && ANY_BRACKETS.test(text))
      );
    }
    case "blockquote":
      return true;
    case "html":
      return block.value.trim().startsWith("<!--");
    case "list":
      return itemsOf(source, block).every(
        ({ phrase, lists }) =>
          phrase === null ||
          phrase.isItalic ||
          phrase.text.trim() === "" ||
          ANY_BRACKETS.test(phrase.text) ||
          /:\s{0,4}$/.test(phrase.text.trim()) ||
          lists.some((list) => isBlankBlock(source, list)),
      );
    case "table":
      return (
        block.children.length <= 1 ||
        cellsOf(source, block).filter(({ text }) => isBlankCell(text)).length * 2 >=
          cellsOf(source, block).length
      );
    default:
      return false;
  }
}

const cellsOf = (source: Source, table: Table): readonly Phrase[] =>
  table.children.slice(1).flatMap((row) => row.children.map((cell) => phraseOf(source.text, cell)));
const isBlankCell = (text: string): boolean =>
  text.trim() === "" || ANY_BRACKETS.test(text) || /^[-_?.\s]{1,20}$/.test(text);

/** How many blanks it and everything below it hold, up to what is worth counting. */
function blanksIn(source: Source, section: Section): number {
  let count = 0;
  for (const part of [section, ...sectionsOf(section)]) {
    if (part !== section && part.blocks.length === 0 && part.children.length === 0) count++;
    for (const block of part.blocks) {
      const { start, end } = spanOf(block);
      const text = source.text.slice(start, Math.min(end, start + 4000));
      const blanks = text.match(EVERY_BRACKETS)?.length ?? 0;
      if (blanks > 0) count += blanks;
      else if (block.type !== "code" && isBlankBlock(source, block)) count++;
    }
    if (count >= 4) return count;
  }
  return count;
}

function formOf(
  source: Source,
  section: Section,
  documentTitle: string,
  unique: (id: string) => string,
): RunbookForm {
  const { heading } = section;
  const span: Span =
    heading?.span ??
    (section.blocks[0] === undefined ? { start: 0, end: 0 } : spanOf(section.blocks[0]));
  const title = section.title === "" ? documentTitle : section.title;
  const intro = section.blocks.flatMap((block) =>
    block.type === "paragraph" || block.type === "blockquote"
      ? linesOf(phraseOf(source.text, block))
      : [],
  );
  const own = fieldsOf(source, section.blocks, title).filter(
    ({ label }) => !/^(?:required|optional|mandatory) for\b/i.test(label),
  );
  const inner = section.children.map((child) => sectionOf(source, child));
  const line = source.lineAt(span.start);
  const head: FormSection[] =
    own.length > 0 || inner.length === 0
      ? [
          {
            ...evidence(source, span, "likely", "fields directly below the title"),
            title,
            fields: own,
            line,
          },
        ]
      : [];
  const anchor = {
    anchor: "incident resolved" as const,
    why: "assumed: a report is due after the incident is resolved",
  };
  return {
    ...evidence(
      source,
      span,
      heading === null ? "likely" : "certain",
      "a template: its sections hold blanks to fill",
    ),
    id: unique(slug(title)),
    title,
    sections:
      inner.length === 0 ? head : [...head.filter(({ fields }) => fields.length > 0), ...inner],
    deadlines: oncePerPromise(intro.flatMap((line) => deadlinesIn(source, line, anchor))),
    optionalFor: intro.flatMap((line) =>
      /\boptional for\b/i.test(line.text) ? severitiesMeant(line.text) : [],
    ),
    line,
  };
}

/** What is said twice is promised once. */
const oncePerPromise = (deadlines: readonly RunbookDeadline[]): RunbookDeadline[] =>
  [
    ...new Map(
      deadlines
        .toReversed()
        .map((one) => [`${one.iso} ${one.severity ?? ""} ${one.calendar}`, one] as const),
    ).values(),
  ].toReversed();

function sectionOf(source: Source, section: Section): FormSection {
  const span = section.heading?.span ?? section.span;
  const fields = [
    ...fieldsOf(source, section.blocks, section.title),
    ...[...sectionsOf(section)].flatMap((inner) => {
      const own = fieldsOf(source, inner.blocks, inner.title);
      return own.length > 0 || inner.children.length > 0 ? own : [blankField(source, inner)];
    }),
  ];
  return {
    ...evidence(source, span, "certain", "a section of the template"),
    title: section.title,
    fields: fields.length > 0 ? fields : [blankField(source, section)],
    line: source.lineAt(span.start),
  };
}

const blankField = (source: Source, section: Section): FormField => ({
  ...evidence(
    source,
    section.heading?.span ?? section.span,
    "likely",
    "a section without words, to be written",
  ),
  label: section.title,
  type: "text",
  options: [],
  hint: null,
  prefilled: isPrefilled(section.title, ""),
  line: section.line,
});

function fieldsOf(source: Source, blocks: readonly RootContent[], title: string): FormField[] {
  const fields: FormField[] = [];
  let label: string | null = null;
  for (const block of blocks) {
    if (block.type === "paragraph") {
      const phrase = phraseOf(source.text, block);
      for (const line of linesOf(phrase)) {
        const named = labelOf(line);
        if (named !== null && !BRACKETS.test(line.text)) {
          label = named;
          continue;
        }
        const field = fieldOfLine(source, line, label ?? title);
        if (field !== null) {
          fields.push(field);
          label = null;
        }
      }
    } else if (block.type === "list") {
      fields.push(...fieldsOfList(source, itemsOf(source, block), label ?? title));
      label = null;
    } else if (block.type === "table") {
      const pairs = pairsOf(source, block);
      fields.push(...(pairs.length > 0 ? pairs : [grid(source, block, label ?? title)]));
    }
  }
  if (label !== null && fields.every((field) => field.label !== label)) {
    const last = blocks.findLast(({ type }) => type === "paragraph");
    const phrase = last === undefined ? null : phraseOf(source.text, last);
    if (phrase !== null) fields.push(field(source, phrase, label, ""));
  }
  return fields;
}

/** “**Label:** [hint]”, “Label: A / B / C”, “[hint]”, “_hint_”. */
function fieldOfLine(source: Source, phrase: Phrase, above: string): FormField | null {
  const { text, lead } = phrase;
  const colon = text.indexOf(":");
  if (lead !== null && (/:\s{0,3}$/.test(lead.text) || /^\s{0,2}:/.test(text.slice(lead.end)))) {
    const value = afterLead(phrase).text;
    return field(source, phrase, lead.text.replace(/[:\s]{1,4}$/, ""), value);
  }
  if (BRACKETS.test(text) || phrase.isItalic || text.trim() === "_")
    return field(source, phrase, above, text);
  const hasBlank =
    ANY_BRACKETS.test(text.slice(colon)) || optionsIn(text.slice(colon + 1)).length >= 3;
  if (colon > 0 && colon <= 60 && hasBlank)
    return field(source, phrase, text.slice(0, colon).trim(), text.slice(colon + 1));
  return null;
}

function fieldsOfList(source: Source, items: readonly Item[], title: string): FormField[] {
  const single = items.map(({ phrase }) =>
    phrase === null ? null : fieldOfLine(source, phrase, title),
  );
  const named = single.filter((one) => one !== null && one.label !== title);
  if (named.length > 0)
    return items.flatMap(({ phrase, lists }, index) => {
      const own = single[index];
      const inner = lists.flatMap((list) =>
        fieldsOfList(source, itemsOf(source, list), own?.label ?? title),
      );
      if (inner.length > 0 && own !== null && own !== undefined && own.hint === null) return inner;
      return own === null || own === undefined ? (phrase === null ? [] : inner) : [own, ...inner];
    });
  const hints = items.flatMap(({ phrase }) => (phrase === null ? [] : [phrase]));
  const [first] = hints;
  const last = hints.at(-1);
  const areBlanks =
    single.some((one) => one !== null) || hints.some(({ text }) => text.trim() === "");
  if (first === undefined || last === undefined || !areBlanks) return [];
  const span = { start: first.span.start, end: Math.max(first.span.end, last.span.end) };
  return [
    {
      ...evidence(source, span, "likely", "a list of blanks: as many entries as are needed"),
      label: title,
      type: "list",
      options: [],
      hint: hints
        .map(({ text }) => hintOf(text))
        .join("; ")
        .slice(0, 600),
      prefilled: false,
      line: source.lineAt(span.start),
    },
  ];
}

/** “| Severity | | Date | |”: cells that name the blank beside them. */
function pairsOf(source: Source, table: Table): FormField[] {
  const rows = table.children.map((row) => row.children.map((cell) => phraseOf(source.text, cell)));
  const [header = [], ...others] = rows;
  const isEven = header.length % 2 === 0 && rows.every((row) => row.length === header.length);
  const hasBlankHead = header.some(({ text }, at) => at % 2 === 1 && text.trim() === "");
  const values = others.flatMap((row) => row.filter((_, at) => at % 2 === 1));
  const blank = values.filter(({ text }) => text.trim() === "" || /^\W{0,3}[?[_]/.test(text));
  if (!isEven || !hasBlankHead || others.length === 0 || blank.length * 10 < values.length * 8)
    return [];
  return rows.flatMap((row) =>
    row.flatMap((name, at): FormField[] => {
      const value = row[at + 1];
      if (at % 2 === 1 || value === undefined || name.text.trim() === "") return [];
      const made = field(source, name, name.text, value.text);
      const span = { start: name.span.start, end: Math.max(name.span.end, value.span.end) };
      return [
        { ...made, ...evidence(source, span, "likely", "a cell that names the blank beside it") },
      ];
    }),
  );
}

function grid(source: Source, table: Table, title: string): FormField {
  const [header] = table.children;
  const columns = (header?.children ?? []).map((cell) => squeeze(phraseOf(source.text, cell).text));
  return {
    ...evidence(source, spanOf(table), "likely", "a table whose rows are to be filled in"),
    label: title,
    type: "grid",
    options: columns,
    hint: null,
    prefilled: isPrefilled(title, ""),
    line: source.lineAt(spanOf(table).start),
  };
}

function field(source: Source, phrase: Phrase, label: string, value: string): FormField {
  const hint = hintOf(value);
  const options = optionsIn(value);
  return {
    ...evidence(source, phrase.span, "likely", "a label with a blank"),
    label: squeeze(label),
    type: options.length > 0 ? "select" : typeOf(label, hint),
    options,
    hint: hint === "" || options.length > 0 ? null : hint,
    prefilled: isPrefilled(label, hint),
    line: source.lineAt(phrase.span.start),
  };
}

const hintOf = (value: string): string =>
  squeeze(value)
    .replace(/^\[([^\]]{0,300})\]\.?$/, "$1")
    .slice(0, 300);

/** “SEV1 / SEV2 / SEV3”; “yes/no” is no choice of words but a boolean. */
function optionsIn(value: string): string[] {
  const bare = squeeze(value).replace(/^\[([^\]]{0,300})\]$/, "$1");
  const parts = bare.split(/\s?[/|]\s?/).map((part) => part.trim());
  const isChoice =
    parts.length >= 2 &&
    parts.every((part) => part !== "" && part.length <= 24 && part.split(" ").length <= 3);
  if (!isChoice || /^yes\b/i.test(bare) || /https?:/i.test(bare)) return [];
  return parts.length >= 3 || parts.every((part) => /^[A-Z\d][^\s]*$/.test(part)) ? parts : [];
}

const TYPES: readonly (readonly [FormField["type"], RegExp])[] = [
  ["boolean", /^(?:yes\s?\/\s?no|y\/n|true\s?\/\s?false)/i],
  ["person", /^(?:name|names?\b|person|assignee|your name|who\b)/i],
  ["number", /^(?:number|count|amount|how many|#|%|\?{1,3})/i],
  ["list", /^(?:list|all |names of)/i],
  ["instant", /^(?:date|time|when|hh:mm|yyyy|timestamp)(?! from)/i],
];
const LABELS: readonly (readonly [FormField["type"], RegExp])[] = [
  ["person", /\b(?:owner|commander|lead|author|reporter|reported by|responder)\b/i],
  ["instant", /\b(?:date|time|started?|ended?|detected|resolved) ?(?:at|time)?$/i],
];

const typeOf = (label: string, hint: string): FormField["type"] =>
  TYPES.find(([, pattern]) => pattern.test(hint))?.[0] ??
  (hint === "" ? (LABELS.find(([, pattern]) => pattern.test(label))?.[0] ?? "text") : "text");

/** What the incident knows already. */
const isPrefilled = (label: string, hint: string): boolean =>
  /^auto-?(?:matically )?(?:generated|filled|populated)/i.test(hint) ||
  /^(?:(?:incident )?timeline|(?:incident )?duration|severity|incident (?:id|number|commander|severity|timeline)|time to \w{3,12}|teams involved)$/i.test(
    label,
  );
