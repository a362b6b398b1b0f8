/** Severities with their promises, what declares an incident by itself, and how long things are kept. */
import type { List, RootContent } from "mdast";
import type {
  PolicySeverity,
  PolicyTrigger,
  RetentionRule,
  RunbookPolicy,
} from "../../../../contract/runbook.ts";
import { isBoldLabel, itemsOf, labelOf } from "./blocks.ts";
import { findDurations } from "./durations.ts";
import { gridsIn } from "./grid.ts";
import { measureIn } from "./measure.ts";
import { isWithin, type Section, sectionsOf } from "./outline.ts";
import { linesOf, partOf, type Phrase, phraseOf } from "./phrase.ts";
import {
  type Fact,
  mergeSeverities,
  type Row,
  severityRows,
  type TimeField,
} from "./policyTables.ts";
import { severitiesIn, severitiesMeant, severityOfCell } from "./severity.ts";
import { evidence, type Source, squeeze } from "./source.ts";

export type PolicyRead = {
  readonly policy: RunbookPolicy;
  readonly sections: ReadonlySet<Section>;
  readonly blocks: ReadonlySet<RootContent>;
  readonly conflicts: readonly (readonly [Fact, Fact])[];
  /** Severities whose commander is named, with the words: “immediately assigned”. */
  readonly assignments: readonly { readonly severity: string; readonly phrase: Phrase }[];
};

type Found = {
  readonly rows: Row[];
  readonly triggers: PolicyTrigger[];
  readonly assignments: { severity: string; phrase: Phrase }[];
  readonly sections: Set<Section>;
  readonly blocks: Set<RootContent>;
};

const DECLARES =
  /\b(?:auto(?:matic(?:ally)?|mated)?[- ]?(?:incident )?(?:declar\w{1,7}|escalat\w{1,5}|page|paging|trigger\w{0,5})|declar(?:e|ation|ed)\b.{0,30}(?:when|if|trigger|criteri)|(?:incident )?declaration|triggers?|trigger (?:conditions?|criteria)|criteria|conditions|thresholds?)\b/i;
const ASSIGNS =
  /\b(?:commander|ic|on-?call|owner)\b.{0,30}\b(?:assign\w{0,6}|rules?|selection)\b|\bassign\w{0,6}\b.{0,30}\bcommander\b/i;

export function readPolicy(source: Source, top: Section, skip: ReadonlySet<Section>): PolicyRead {
  const found: Found = {
    rows: [],
    triggers: [],
    assignments: [],
    sections: new Set(),
    blocks: new Set(),
  };
  for (const section of [top, ...sectionsOf(top)]) {
    if (isWithin(section, skip)) continue;
    readTables(source, section, found);
    readLists(source, section, found);
    readSeveritySection(source, section, found);
  }
  const { severities, conflicts } = mergeSeverities(source, found.rows);
  return {
    policy: {
      severities: withCommanders(source, severities, found),
      triggers: found.triggers,
      retention: readRetention(source, top, skip),
    },
    sections: found.sections,
    blocks: found.blocks,
    conflicts,
    assignments: found.assignments,
  };
}

function readTables(source: Source, section: Section, found: Found): void {
  for (const block of section.blocks) {
    for (const grid of gridsIn(source, block)) {
      const rows = severityRows(grid);
      if (rows.length === 0) continue;
      found.rows.push(...rows);
      found.sections.add(section);
      found.blocks.add(block);
      const condition = grid.header.findIndex(({ text }) =>
        /\b(?:trigger|condition|criteria|threshold)s?\b/i.test(text),
      );
      if (condition <= 0) continue;
      for (const cells of grid.rows) {
        const severity = severityOfCell(cells[0]?.text ?? "");
        const cell = cells[condition];
        if (severity === null || cell === undefined) continue;
        // Criteria define a severity; what declares one by itself has a number.
        const isDefining = !/\b(?:trigger|threshold)/i.test(grid.header[condition]?.text ?? "");
        for (const line of linesOf(cell))
          if (!isDefining || measureIn(line.text).comparator !== null)
            pushTrigger(source, severity, line, "a column of conditions", found);
      }
    }
  }
}

/** Lists below a label or heading that says what they are, and items that begin with a severity. */
function readLists(source: Source, section: Section, found: Found): void {
  let label = section.heading?.text ?? "";
  const heading = label;
  // Bold words begin a part of their own, whatever the heading says.
  let isOwn = false;
  for (const block of section.blocks) {
    if (block.type === "paragraph") {
      const phrase = phraseOf(source.text, block);
      isOwn = isBoldLabel(phrase) && severitiesIn(phrase.text).length === 0;
      label = labelOf(phrase) ?? (phrase.text.trim().endsWith(":") ? phrase.text : label);
      continue;
    }
    if (block.type !== "list") continue;
    const used =
      readAssignments(source, block, label, found) ||
      readTriggerList(source, block, isOwn ? label : `${heading} / ${label}`, label, found) ||
      readPromises(source, block, found);
    if (used) {
      found.sections.add(section);
      found.blocks.add(block);
    }
    label = heading;
    isOwn = false;
  }
}

function readTriggerList(
  source: Source,
  list: List,
  context: string,
  label: string,
  found: Found,
): boolean {
  if (!DECLARES.test(context)) return false;
  const [named] = severitiesIn(label);
  const [above] = severitiesIn(context);
  const common = named?.name ?? severityOfCell(label) ?? above?.name ?? null;
  let count = 0;
  for (const { phrase, lists } of itemsOf(source, list)) {
    if (phrase === null) continue;
    const own = severityOfCell(phrase.text);
    if (own !== null && lists.length > 0) {
      for (const inner of lists)
        for (const item of itemsOf(source, inner))
          if (item.phrase !== null) {
            pushTrigger(
              source,
              own,
              item.phrase,
              `an item below “${squeeze(phrase.text).slice(0, 60)}”`,
              found,
            );
            count++;
          }
      continue;
    }
    const colon = phrase.text.indexOf(":");
    if (own !== null && colon > 0 && colon < 40) {
      pushTrigger(
        source,
        own,
        trimmed(phrase, colon + 1),
        "an item that begins with a severity",
        found,
      );
      count++;
    } else if (common !== null && own === null) {
      pushTrigger(source, common, phrase, `an item below “${squeeze(label).slice(0, 60)}”`, found);
      count++;
    }
  }
  return count > 0;
}

const trimmed = (phrase: Phrase, from: number): Phrase => {
  const rest = phrase.text.slice(from);
  return partOf(phrase, from + (rest.length - rest.trimStart().length), phrase.text.length);
};

function pushTrigger(
  source: Source,
  severity: string,
  phrase: Phrase,
  where: string,
  found: Found,
): void {
  const text = squeeze(phrase.text);
  if (text === "") return;
  const measured = measureIn(text);
  const how =
    measured.comparator === null ? "without a number, so a person judges it" : "with a number";
  found.triggers.push({
    ...evidence(
      source,
      phrase.span,
      measured.comparator === null ? "likely" : "certain",
      `${where}, ${how}`,
    ),
    severity,
    text,
    ...measured,
    line: source.lineAt(phrase.span.start),
  });
}

/** “SEV1/SEV2: on-call engineer, immediately”. */
function readAssignments(source: Source, list: List, label: string, found: Found): boolean {
  if (!ASSIGNS.test(label)) return false;
  for (const { phrase } of itemsOf(source, list)) {
    const colon = phrase?.text.indexOf(":") ?? -1;
    if (phrase === null || colon <= 0) continue;
    for (const severity of severitiesMeant(phrase.text.slice(0, colon)))
      found.assignments.push({ severity, phrase: trimmed(phrase, colon + 1) });
  }
  return true;
}

const VERBS: readonly (readonly [TimeField, RegExp])[] = [
  ["updateEvery", /\b(?:updates?|every|cadence)\b/i],
  [
    "acknowledge",
    /\b(?:ack\w{0,10}|respon[ds]\w{0,4}|engage\w{0,4}|pick(?:ed)?[ -]?up|triage\w{0,2}|initial)\b/i,
  ],
  ["mitigate", /\b(?:mitigat\w{1,5}|contain\w{0,5}|workaround|stabili\w{1,5}|restor\w{1,6})\b/i],
  ["resolve", /\b(?:resol\w{1,6}|fix\w{0,2}|close\w?|recover\w{0,3})\b/i],
];

/** “SEV1: acknowledge within 15 minutes, resolve within 4 hours”. */
function readPromises(source: Source, list: List, found: Found): boolean {
  const rows = itemsOf(source, list).flatMap(({ phrase, lists }): Row[] => {
    if (phrase === null) return [];
    const severity = severityOfCell(phrase.text);
    if (severity === null) return [];
    const parts = [
      phrase,
      ...lists.flatMap((inner) => itemsOf(source, inner).flatMap((item) => item.phrase ?? [])),
    ];
    const facts = parts.flatMap((part) => promisesIn(part, severity));
    const name =
      phrase.lead === null ? partOf(phrase, 0, Math.min(phrase.text.length, 40)) : phrase;
    return facts.length === 0 ? [] : [{ severity, name, facts, texts: {}, examples: null }];
  });
  if (rows.length < 2) return false;
  found.rows.push(...rows);
  return true;
}

function promisesIn(phrase: Phrase, severity: string): readonly Fact[] {
  const durations = findDurations(phrase.text);
  const taken = new Set<TimeField>();
  return durations.flatMap(({ iso, calendar, start, end }, index): Fact[] => {
    const from = index === 0 ? 0 : (durations[index - 1]?.end ?? 0);
    const before = phrase.text.slice(from, start);
    const after = phrase.text.slice(end, durations[index + 1]?.start ?? phrase.text.length);
    const field =
      VERBS.find(([, verb]) => verb.test(before))?.[0] ??
      VERBS.find(([, verb]) => verb.test(after.slice(0, 30)))?.[0];
    if (field === undefined || taken.has(field)) return [];
    taken.add(field);
    const cell = partOf(phrase, start, end);
    return [
      { severity, field, iso, calendar, cell, column: squeeze(before).slice(-40), isExact: false },
    ];
  });
}

/** A heading that is a severity, with “Response time: 15 minutes” below it. */
function readSeveritySection(source: Source, section: Section, found: Found): void {
  if (section.heading === null) return;
  const severity = severityOfCell(section.title);
  const siblings =
    section.parent?.children.filter(({ title }) => severityOfCell(title) !== null) ?? [];
  if (severity === null || siblings.length < 2) return;
  const phrases = section.blocks.flatMap((block): readonly Phrase[] => {
    if (block.type === "paragraph") return linesOf(phraseOf(source.text, block));
    return block.type === "list"
      ? itemsOf(source, block).flatMap(({ phrase }) => phrase ?? [])
      : [];
  });
  const facts = phrases.flatMap((phrase) => promisesIn(phrase, severity));
  const labelled = (pattern: RegExp): Phrase | undefined => {
    const line = phrases.find(({ text }) => pattern.test(text.slice(0, 40)) && text.includes(":"));
    return line === undefined ? undefined : trimmed(line, line.text.indexOf(":") + 1);
  };
  const definition = labelled(/^\W{0,3}(?:definition|description|impact|meaning)\b/i);
  const communication = labelled(/^\W{0,3}(?:communication|notif|stakeholders)\b/i);
  if (facts.length === 0 && definition === undefined) return;
  found.sections.add(section);
  found.rows.push({
    severity,
    name: section.heading,
    facts,
    texts: { ...(definition && { definition }), ...(communication && { communication }) },
    examples: labelled(/^\W{0,3}examples?\b/i) ?? null,
  });
}

function withCommanders(
  source: Source,
  severities: readonly PolicySeverity[],
  found: Found,
): PolicySeverity[] {
  return severities.map((severity) => {
    const said = found.assignments.find((one) => one.severity === severity.name);
    if (said === undefined) return severity;
    const spot = evidence(source, said.phrase.span, "likely", "an item of the list of assignments");
    return {
      ...severity,
      commander: squeeze(said.phrase.text),
      sources: { ...severity.sources, commander: spot },
    };
  });
}

const KEEPS =
  /\b(?:retain\w{0,3}|retention|kept|keep|preserv\w{1,4}|accessible|archiv\w{1,4}|stored?|available)\b/i;

/** “logs accessible for 7 years” is no deadline. */
function readRetention(source: Source, top: Section, skip: ReadonlySet<Section>): RetentionRule[] {
  const rules: RetentionRule[] = [];
  const look = (phrase: Phrase): void => {
    if (!KEEPS.test(phrase.text)) return;
    for (const { iso, start, end } of findDurations(phrase.text.slice(0, 2000))) {
      if (
        !/\b(?:for|of|at least|:)\s*(?:at least |up to |a minimum of )?$/i.test(
          phrase.text.slice(Math.max(0, start - 24), start),
        )
      )
        continue;
      if (!/[YMW]|\d\dD|[3-9]D/.test(iso) || iso.includes("T")) continue;
      rules.push({
        ...evidence(source, phrase.locate(start, end), "likely", "how long something is kept"),
        text: squeeze(phrase.text).slice(0, 400),
        keep: iso,
        line: source.lineAt(phrase.locate(start, end).start),
      });
      return;
    }
  };
  const walk = (blocks: readonly RootContent[]): void => {
    for (const block of blocks) {
      if (block.type === "paragraph") look(phraseOf(source.text, block));
      if (block.type === "list")
        for (const item of block.children) walk(item.children as readonly RootContent[]);
    }
  };
  for (const section of [top, ...sectionsOf(top)])
    if (!isWithin(section, skip)) walk(section.blocks);
  return rules;
}
