/**
 * Reads a Markdown document as a runbook. Pure and deterministic: bytes in, what they say out. Nothing
 * of the document is executed, fetched or changed, and whatever it holds, an answer comes back.
 */
import type { Root } from "mdast";
import type {
  EscalationLevel,
  RunbookDocument,
  RunbookInput,
} from "../../../../contract/runbook.ts";
import { readChecklists, readFollowUps, linksOf } from "./checklists.ts";
import { escalationIn } from "./escalation.ts";
import { readForms } from "./forms.ts";
import { type FrontMatter, frontMatterOf } from "./frontMatter.ts";
import { graphsOf } from "./graph.ts";
import { declaredInputs } from "./inputs.ts";
import { kindOfDocument, type Parts, sectionKinds } from "./kind.ts";
import { deepestNesting, MAX_DEPTH } from "./limits.ts";
import { lint } from "./lint.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import { depthOf, outlineOf, parseMarkdown, type Section, sectionsOf, unique } from "./outline.ts";
import { findPlans } from "./plans.ts";
import { readPolicy } from "./policy.ts";
import { recordsOf } from "./records.ts";
import { bareName, nameOf, PARSER_VERSION, refused, tooLarge } from "./refused.ts";
import { decode, openSource, type Source, squeeze } from "./source.ts";
import { classOfTitle, phaseTitle } from "./words.ts";

/** Reads one document. `path` is only its name; nothing is opened. */
export function readRunbook(path: string, bytes: Uint8Array): RunbookDocument {
  const large = tooLarge(path, bytes);
  if (large !== null) return large;
  const decoded = decode(bytes);
  if (decoded === null) return refused(path, bytes, "E003", 1, {});
  const nesting = deepestNesting(decoded);
  if (nesting.depth > MAX_DEPTH)
    return refused(path, bytes, "E002", nesting.line, { depth: nesting.depth, limit: MAX_DEPTH });
  const source = openSource(path, bytes, decoded);
  const front = frontMatterOf(source);
  const root = parseMarkdown(withoutFront(source.text, front));
  const depth = depthOf(root);
  if (depth > MAX_DEPTH * 2) return refused(path, bytes, "E002", 1, { depth, limit: MAX_DEPTH });
  return understand(source, root, front);
}

/** Blanks in place of front matter, so that all offsets stay what they are. */
function withoutFront(text: string, front: FrontMatter | null): string {
  if (front === null) return text;
  const { start, end } = front.span;
  return `${text.slice(0, start)}${text.slice(start, end).replace(/[^\r\n]/g, " ")}${text.slice(end)}`;
}

function understand(source: Source, root: Root, front: FrontMatter | null): RunbookDocument {
  const top = outlineOf(source, root);
  const claimed = readMetadata(source, top, front);
  const title = titleOfDocument(source, top, claimed.value.title);
  const isSkill = isSkillLike(front);
  const giveId = unique();
  const forms = readForms(source, top, title, giveId);
  const isReport = isReportLike(source, top, forms.sections);
  const metadata = isReport ? withoutItsDate(claimed) : claimed;
  const policy = readPolicy(source, top, forms.sections);
  const records = recordsOf(source, top);
  const inputs = [...sectionsOf(top)].flatMap((section) => declaredInputs(source, section));
  const graphs = graphsOf(source, top);
  const followUps = readFollowUps(source, top);
  const plans =
    isReport || forms.isWhole
      ? []
      : findPlans({
          source,
          top,
          title,
          records,
          inputs,
          skip: new Set([...forms.sections, ...followUps.sections]),
          without: new Set<unknown>([...metadata.blocks, ...policy.blocks]),
          onlyNumbered: isSkill,
        });
  const planSections = new Set(plans.flatMap(({ sections }) => [...sections]));
  const taken = new Set([...planSections, ...forms.sections, ...followUps.sections]);
  const checklists = readChecklists(source, top, taken, isSkill, giveId);
  const parts: Parts = {
    plans,
    policy: policy.policy,
    formSections: forms.sections,
    isWholeForm: forms.isWhole,
    checklistSections: checklists.sections,
    policySections: policy.sections,
    graphSections: new Set(graphs.map(({ section }) => section)),
    followUpSections: followUps.sections,
    isSkill,
    isReport,
  };
  const { kind, reason, confidence } = kindOfDocument(top, parts);
  const document: RunbookDocument = {
    path: source.path,
    sha256: source.sha256,
    parser: PARSER_VERSION,
    kind,
    reason,
    confidence,
    title,
    metadata: metadata.value,
    sections: sectionKinds(source, top, parts, front?.span ?? null),
    plans: plans.map(({ plan }) => plan),
    checklists: [...checklists.checklists],
    policy: policy.policy,
    forms: [...forms.forms],
    records,
    inputs: oncePerName(inputs),
    escalation: escalationOf(source, top),
    graphs: graphs.map(({ graph }) => graph),
    graph: graphs[0]?.graph ?? null,
    followUps: followUps.items,
    links: linksOf(source, top),
    findings: [],
  };
  const findings = lint({ source, top, root, front, document, policy, isSkill, isReport });
  return { ...document, findings: [...findings] };
}

function titleOfDocument(source: Source, top: Section, claimed: string | null): string {
  const first = [...sectionsOf(top)].find(({ depth }) => depth === 1) ?? null;
  const [earliest] = top.children;
  const isNumbered = first !== null && phaseTitle(first.title) !== null;
  if (first !== null && !isNumbered) return squeeze(first.heading?.text ?? first.title);
  if (claimed !== null) return claimed;
  const isLone = top.children.length === 1 && classOfTitle(earliest?.title ?? "") !== "impact";
  return isLone && earliest !== undefined ? earliest.title : bareName(source.path);
}

/** Front matter of an agent's skill or command: a name and what it is for. */
function isSkillLike(front: FrontMatter | null): boolean {
  const keys = new Set(front?.entries.map(({ key }) => key));
  return (
    (keys.has("name") && keys.has("description")) ||
    (keys.has("description") && (keys.has("argument_hint") || keys.has("allowed_tools")))
  );
}

/** Headings of a report, with words below them: what happened, not what to do. */
function isReportLike(source: Source, top: Section, skip: ReadonlySet<Section>): boolean {
  const sections = [...sectionsOf(top)].filter((section) => !skip.has(section));
  const reports = sections.filter(({ title }) => classOfTitle(title) === "report");
  const phases = sections.filter(({ title }) => phaseTitle(title) !== null);
  if (phases.length >= 2) return false;
  const named = /\b(?:post-?mortem|incident report|incident review|root cause analysis)\b/i.test(
    `${nameOf(source.path)} ${top.children[0]?.title ?? ""}`,
  );
  return reports.length >= 2 || (reports.length === 1 && named);
}

/** The date of a report is that of the incident. */
function withoutItsDate(read: Metadata): Metadata {
  const { lastUpdated, entries } = read.value;
  const from = entries.find(({ value }) => value === lastUpdated);
  return from?.key === "date" ? { ...read, value: { ...read.value, lastUpdated: null } } : read;
}

const escalationOf = (source: Source, top: Section): EscalationLevel[] =>
  [top, ...sectionsOf(top)]
    .map((section) => escalationIn(source, section))
    .find((levels) => levels.length > 0) ?? [];

const oncePerName = (inputs: readonly RunbookInput[]): RunbookInput[] => [
  ...new Map(inputs.map((input) => [input.name, input])).values(),
];
