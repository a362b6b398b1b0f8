/** From list items, paragraphs, fences and tables to steps. */
import type { RootContent } from "mdast";
import type {
  Confidence,
  Evidence,
  RunbookRecord,
  RunbookStep,
  StepAttachment,
  StepKind,
  Substep,
} from "../../../../contract/runbook.ts";
import { AUDIENCE, audienceIn, channelIn } from "./audience.ts";
import { attachmentsOf, attachmentsOfCell, type Item, itemsOf } from "./blocks.ts";
import { deadlinesIn } from "./deadlines.ts";
import { inputsOf } from "./inputs.ts";
import { guardIn } from "./guard.ts";
import { isDestructive, isSaidToBeFinal } from "./commands.ts";
import { impliedIn, instructionIn, isOptional } from "./instruction.ts";
import { slug } from "./outline.ts";
import { roleOfLead, rolesIn } from "./roles.ts";
import { partOf, type Phrase } from "./phrase.ts";
import { assertionIn, stepRecords } from "./records.ts";
import { evidence, type Source, sha256, squeeze } from "./source.ts";
import { isRoleLike } from "./words.ts";

/** A step before its place in a plan gives it an id. */
export type DraftStep = {
  readonly phrase: Phrase;
  readonly kind: StepKind;
  readonly confidence: Confidence;
  readonly reason: string;
  readonly group: string | null;
  readonly checked: boolean | null;
  /** Who does it, where a column of a table or a line above says so. */
  readonly by: { readonly words: Phrase; readonly reason: string } | null;
  /** The words that lead in its list: “If it is full:”. */
  readonly under: Phrase | null;
  /** The other cells of its row in a table, with the names of their columns. */
  readonly beside: readonly { readonly header: string; readonly words: Phrase }[];
  /** Words near it say that it cannot be taken back. */
  readonly isFinal: boolean;
  readonly blocks: RootContent[];
  readonly substeps: Substep[];
};

export type Reading = {
  readonly source: Source;
  readonly records: readonly RunbookRecord[];
};

/** An item of a list as a step: its own words, with everything in it beside it. */
export function stepOfItem(
  source: Source,
  item: Item,
  group: string | null,
  how: {
    readonly confidence: Confidence;
    readonly reason: string;
    /** Whatever stands in a numbered list is meant to be done. */
    readonly isInOrder: boolean;
  },
): DraftStep | null {
  const { phrase } = item;
  if (phrase === null || phrase.text.trim() === "") return null;
  const clear = instructionIn(phrase);
  const instruction = clear ?? impliedIn(phrase);
  return {
    phrase: wordsOf(phrase),
    kind: kindOf(phrase, instruction?.kind ?? "manual"),
    confidence:
      instruction === null
        ? "possible"
        : clear === null || (instruction.confidence === "possible" && !how.isInOrder)
          ? instruction.confidence
          : how.confidence,
    reason:
      instruction === null
        ? `${how.reason}; no verb that we know`
        : `${how.reason}; ${instruction.reason}`,
    group,
    checked: item.checked,
    by: null,
    under: null,
    beside: [],
    isFinal: false,
    blocks: [...item.rest],
    substeps: item.lists.flatMap((list) => substepsOf(source, itemsOf(source, list), 1)),
  };
}

/** A question is for somebody to decide or to look into. */
const kindOf = (phrase: Phrase, kind: StepKind): StepKind =>
  kind === "manual" && /^[^.!?]{3,200}\?(?:\s|$)/.test(phrase.text.trim()) ? "check" : kind;

export function substepsOf(source: Source, items: readonly Item[], depth: number): Substep[] {
  return items.flatMap(({ phrase, checked, lists }) => {
    const inner = lists.flatMap((list) => substepsOf(source, itemsOf(source, list), depth + 1));
    if (phrase === null || phrase.text.trim() === "") return inner;
    const own: Substep = {
      ...evidence(source, phrase.span, "certain", "an item nested in the step"),
      text: squeeze(phrase.text),
      checked,
      depth,
      line: source.lineAt(phrase.span.start),
    };
    return [own, ...inner];
  });
}

/** Words as a step, such as a sentence of a paragraph. */
export function stepOfWords(
  phrase: Phrase,
  group: string | null,
  how: { readonly kind: StepKind; readonly confidence: Confidence; readonly reason: string },
): DraftStep {
  return {
    phrase: wordsOf(phrase),
    kind: kindOf(phrase, how.kind),
    confidence: how.confidence,
    reason: how.reason,
    group,
    checked: null,
    by: null,
    under: null,
    beside: [],
    isFinal: false,
    blocks: [],
    substeps: [],
  };
}

/** Without blanks around it. */
function wordsOf(phrase: Phrase): Phrase {
  const start = phrase.text.length - phrase.text.trimStart().length;
  const end = phrase.text.trimEnd().length;
  return start === 0 && end === phrase.text.length ? phrase : partOf(phrase, start, end);
}

/** The text that a binding's hash stands for: white space and case evened out. */
export const stepHash = (text: string): string => sha256(squeeze(text).toLowerCase());

/** The step as the contract has it. */
export function finishStep(
  reading: Reading,
  draft: DraftStep,
  place: { readonly id: string; readonly path: string; readonly role: string | null },
): RunbookStep {
  const { source, records } = reading;
  const { phrase } = draft;
  const text = squeeze(phrase.text);
  const sources: Record<string, Evidence> = {};
  const roles = rolesIn(phrase);
  const by =
    roles === null && draft.by !== null && isRoleLike(draft.by.words.text) ? draft.by : null;
  if (by !== null) sources["role"] = evidence(source, by.words.span, "certain", by.reason);
  const led =
    roles === null && by === null && draft.under !== null ? roleOfLead(draft.under) : null;
  if (led !== null && draft.under !== null)
    sources["role"] = evidence(
      source,
      draft.under.locate(led.start, led.end),
      led.confidence,
      "the words that lead in its list say who",
    );
  const role = roles?.names[0] ?? led?.names[0] ?? (by === null ? place.role : slug(by.words.text));
  if (roles !== null)
    sources["role"] = evidence(
      source,
      phrase.locate(roles.start, roles.end),
      roles.confidence,
      "who does it, in its own words",
    );
  // What only tells something has conditions too, but none on doing.
  const isVague = draft.kind === "manual" && draft.confidence === "possible";
  const own = isVague ? null : guardIn(phrase);
  const guarded = own === null && !isVague && draft.under !== null ? draft.under : phrase;
  const guard = own ?? (guarded === phrase ? null : guardIn(guarded));
  if (guard !== null)
    sources["guard"] = evidence(
      source,
      guarded.locate(guard.start, guard.end),
      "likely",
      own === null ? "a condition on the list that it stands in" : "a condition on the step",
    );
  const assertion = assertionIn(source, phrase);
  const written = stepRecords(source, phrase, records);
  const attachments: StepAttachment[] = [
    ...draft.beside.flatMap((cell) => attachmentsOfCell(source, cell)),
    ...attachmentsOf(source, draft.blocks),
  ];
  const codes = [phrase, ...draft.beside.map(({ words }) => words)].flatMap((one) => one.codes);
  const audience = draft.kind === "communicate" || AUDIENCE.test(text) ? audienceIn(text) : [];
  // What is left to be written says nothing about the step.
  const said = text.replace(/\bTODO\b.*$/, "");
  const destructive =
    draft.isFinal ||
    isSaidToBeFinal(said) ||
    codes.some(({ value }) => isDestructive(value)) ||
    attachments.some((one) => one.kind === "code" && isDestructive(one.text));
  return {
    ...evidence(source, phrase.span, draft.confidence, draft.reason),
    id: place.id,
    text,
    kind:
      draft.kind === "act"
        ? actKind(text, assertion, written)
        : draft.kind === "check" && destructive
          ? "act"
          : draft.kind,
    role,
    roles: roles === null ? (role === null ? [] : [role]) : [...roles.names],
    deadlines: deadlinesIn(source, phrase).filter((one) => !isWithinGuard(one, sources["guard"])),
    guard: guard?.question ?? null,
    inputs: inputsOf(source, [phrase, ...draft.beside.map(({ words }) => words)], draft.blocks),
    assertion,
    line: source.lineAt(phrase.span.start),
    path: place.path,
    hash: stepHash(text),
    records: written,
    audience: [...audience],
    channel: channelIn(phrase),
    attachments,
    substeps: draft.substeps,
    checked: draft.checked,
    group: draft.group,
    optional: isOptional(said),
    destructive,
    sources,
  };
}

/** “If nobody answers within 10 minutes, …” is a condition and promises nothing. */
const isWithinGuard = (
  { range }: RunbookStep["deadlines"][number],
  guard: Evidence | undefined,
): boolean =>
  guard !== undefined &&
  guard.range.startOffset <= range.startOffset &&
  range.endOffset <= guard.range.endOffset;

/** A query to look at, or a row to write, is more than something to do. */
function actKind(
  text: string,
  assertion: RunbookStep["assertion"],
  records: RunbookStep["records"],
): StepKind {
  if (assertion?.query) return "check";
  const writes = records.some(({ access }) => access === "write");
  return writes &&
    /^(?:if\b.{0,80}:\s)?(?:update|set|mark|record|write|add|file|insert|append)\b/i.test(text)
    ? "record"
    : "act";
}
