/**
 * What a document says about itself, in whichever of seven forms: front matter (YAML, TOML, rules), a
 * comment, “Key: value” lines below the title, bold keys in a block quote, a date in prose.
 */
import type { RootContent } from "mdast";
import type { MetadataEntry, RunbookMetadata } from "../../../../contract/runbook.ts";
import type { FrontMatter } from "./frontMatter.ts";
import { keyOf, unquoted } from "./frontMatter.ts";
import type { Section } from "./outline.ts";
import { linesOf, partOf, type Phrase, phraseOf } from "./phrase.ts";
import { evidence, type Source, type Span, squeeze } from "./source.ts";

export type Metadata = {
  readonly value: RunbookMetadata;
  /** Blocks that hold nothing but metadata. */
  readonly blocks: ReadonlySet<RootContent>;
};

type Known = "title" | "owner" | "status" | "version" | "lastReviewed" | "lastUpdated";

const SYNONYMS: Readonly<Record<Known, readonly string[]>> = {
  title: ["title", "name", "runbook", "runbook_name", "document_title", "playbook"],
  owner: [
    "owner",
    "owners",
    "team",
    "owning_team",
    "maintainer",
    "maintainers",
    "maintained_by",
    "document_owner",
    "service_owner",
    "runbook_owner",
    "owned_by",
    "verantwortlich",
    "propriétaire",
    "responsable",
    "propietario",
    "eigenaar",
  ],
  status: ["status", "state", "document_status", "lifecycle"],
  version: ["version", "revision", "document_version", "playbook_version", "runbook_version"],
  lastReviewed: [
    "last_reviewed",
    "last_reviewed_on",
    "last_reviewed_at",
    "reviewed",
    "reviewed_on",
    "last_review",
    "review_date",
    "last_review_date",
    "last_verified",
    "last_tested",
    "date_reviewed",
    "last_validated",
    "zuletzt_geprüft",
    "dernière_révision",
    "última_revisión",
  ],
  lastUpdated: [
    "last_updated",
    "updated",
    "last_modified",
    "updated_on",
    "last_update",
    "modified",
    "last_edited",
    "last_edited_time",
    "date",
  ],
};

/** Keys that count below a title; elsewhere “Note: …” would be one too. */
const PLAIN_KEYS = new Set([
  ...Object.values(SYNONYMS).flat(),
  ..."scope severity tier service services category tags contact approver approved_by classification reviewers reviewer next_review next_review_date review_cadence review_cycle created effective_date issue_date audience applies_to time_required task prerequisites estimated_time difficulty risk_level department on_call escalation pager id priority type effective document_id last_exercised".split(
    " ",
  ),
]);

const KEY_VALUE = /^(\p{L}[\p{L}0-9 /_-]{0,34}?)\s{0,2}:\s{1,4}(\S[\s\S]*)$/u;
/** “Owner: A · Reviewed: B” on one line. */
const BESIDE = /\s[\u00B7\u2022|]\s/gu;
const PROSE_REVIEW =
  /\b(?:last|was last|were last)\s+(reviewed|tested|updated|verified|exercised)(?:\s+and\s+\w+)?\s+(?:on|in|at)\s+(\S{1,40}(?:\s\d{1,2},?\s\d{4}|\s\w{3,9}\s\d{4})?)/gi;

export function readMetadata(source: Source, top: Section, front: FrontMatter | null): Metadata {
  const entries: MetadataEntry[] = [...(front?.entries ?? [])];
  const blocks = new Set<RootContent>();
  for (const section of headSections(top)) {
    for (const block of section.blocks.slice(0, 12)) {
      const found = entriesOf(source, block);
      if (found.length === 0) continue;
      entries.push(...found);
      if (found.some(({ form }) => form !== "prose")) blocks.add(block);
    }
  }
  const forms = [...new Set(entries.map(({ form }) => form))];
  return { value: { ...asWritten(entries), ...understood(entries), forms, entries }, blocks };
}

/** What stands before the first heading and directly below the title. */
function headSections(top: Section): readonly Section[] {
  const [first] = top.children;
  const titled = first !== undefined && top.children.length >= 1 ? [first] : [];
  const inner = first?.children.find(({ title }) =>
    /^(?:(?:runbook|document|page) )?(?:metadata|information|info|details|control|properties)$/i.test(
      title,
    ),
  );
  return [top, ...titled, ...(inner === undefined ? [] : [inner])];
}

function entriesOf(source: Source, block: RootContent): readonly MetadataEntry[] {
  if (block.type === "paragraph")
    return ofParagraph(source, phraseOf(source.text, block), "key-value lines");
  if (block.type === "blockquote")
    return block.children.flatMap((child) =>
      child.type === "paragraph"
        ? ofParagraph(source, phraseOf(source.text, child), "block quote")
        : [],
    );
  if (block.type === "list" && !(block.ordered ?? false)) {
    const found = block.children.map((item) => {
      const [first] = item.children;
      return item.children.length === 1 && first?.type === "paragraph"
        ? ofParagraph(source, phraseOf(source.text, first), "key-value lines")
        : [];
    });
    return found.every((entries) => entries.length === 1) ? found.flat() : [];
  }
  if (block.type === "table") {
    const rows = block.children.map((row) =>
      row.children.map((cell) => phraseOf(source.text, cell)),
    );
    if (!rows.every((row) => row.length === 2)) return [];
    const found = rows.flatMap(([key, value]) =>
      key === undefined || value === undefined
        ? []
        : [
            entry(
              source,
              key.text,
              value.text,
              { start: key.span.start, end: value.span.end },
              "key-value lines",
            ),
          ],
    );
    const known = found.filter(({ key }) => PLAIN_KEYS.has(key));
    return known.length >= 2 ? found.filter(({ key }) => !["", "field", "item"].includes(key)) : [];
  }
  return [];
}

function ofParagraph(
  source: Source,
  phrase: Phrase,
  form: "key-value lines" | "block quote",
): readonly MetadataEntry[] {
  const lines = linesOf(phrase).flatMap(partsOfLine);
  const found = lines.map((line) => {
    const match = KEY_VALUE.exec(line.text);
    if (match === null) return null;
    const [, key = "", value = ""] = match;
    const isKnown = PLAIN_KEYS.has(keyOf(key));
    return isKnown ? entry(source, key, value, line.span, form) : null;
  });
  const entries = found.filter((one) => one !== null);
  if (entries.length > 0 && (entries.length * 2 >= lines.length || form === "block quote"))
    return entries;
  return ofProse(source, phrase);
}

/** The pairs of a line that holds several; the line itself where it does not. */
function partsOfLine(line: Phrase): readonly Phrase[] {
  const marks = [...line.text.matchAll(BESIDE)];
  if (marks.length === 0 || marks.length > 8) return [line];
  const parts: Phrase[] = [];
  let start = 0;
  for (const [from, to] of [
    ...marks.map((mark) => [mark.index, mark.index + mark[0].length] as const),
    [line.text.length, 0] as const,
  ]) {
    parts.push(partOf(line, start, from));
    start = to;
  }
  return parts.every(({ text }) => KEY_VALUE.test(text)) ? parts : [line];
}

function ofProse(source: Source, phrase: Phrase): readonly MetadataEntry[] {
  return [...phrase.text.slice(0, 4000).matchAll(PROSE_REVIEW)].map((match) => {
    const [whole, verb = "", date = ""] = match;
    const span = phrase.locate(match.index, match.index + whole.length);
    const value = date.replace(/[.,;]$/, "");
    return {
      ...entry(source, `last ${verb}`, value, span, "prose"),
      confidence: "possible" as const,
      reason: "a date of review in a sentence",
    };
  });
}

const REASONS = {
  "key-value lines": "a line “key: value” near the title",
  "block quote": "a bold key in a quoted block near the title",
  prose: "a sentence",
};

const entry = (
  source: Source,
  key: string,
  value: string,
  span: Span,
  form: keyof typeof REASONS,
): MetadataEntry => ({
  ...evidence(source, span, form === "prose" ? "possible" : "likely", REASONS[form]),
  key: keyOf(key),
  value: unquoted(value),
  form,
  line: source.lineAt(span.start),
});

/** The keys as the document writes them; the first of two equal ones counts. */
function asWritten(entries: readonly MetadataEntry[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of entries)
    if (!values.has(key) && key !== "" && key !== "__proto__") values.set(key, value);
  return Object.fromEntries(values);
}

/** A blank in a template tells nothing. */
const isGiven = (value: string): boolean =>
  value !== "" &&
  !/^(?:\{\{.{0,60}\}\}|\[.{0,80}\]|<.{0,80}>|YYYY-MM-DD|TBD|TODO|N\/A|none|unknown|-{1,3})$/i.test(
    value,
  );

function understood(entries: readonly MetadataEntry[]): Record<Known, string | null> {
  const value = (known: Known): string | null => {
    for (const synonym of SYNONYMS[known]) {
      const found = entries.find(({ key, value: text }) => key === synonym && isGiven(text));
      if (found !== undefined) return squeeze(found.value);
    }
    // “owner_chat”, “owner_team”: whoever is meant, somebody owns it.
    const similar = entries.find(({ key }) => known === "owner" && key.startsWith("owner_"));
    return similar === undefined || similar.value === "" ? null : similar.value;
  };
  return {
    title: value("title"),
    owner: value("owner"),
    status: value("status"),
    version: value("version"),
    lastReviewed: value("lastReviewed"),
    lastUpdated: value("lastUpdated"),
  };
}
