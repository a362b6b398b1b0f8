/**
 * What a Markdown document says, read as a runbook: plans with phases and steps, severity policy, forms,
 * checklists, records, graphs and findings. Scripts rely on these names. Nothing in here runs anything.
 */
import { z } from "zod";
import { DurationText } from "./ids.ts";
import { route, Sentence } from "./route.ts";

/**
 * Part of the document, in bytes of its UTF-8: from the first to behind the last. Documents that are no
 * UTF-8 are refused, so the bytes of a range are always whole characters.
 */
export const ByteRange = z.object({
  startOffset: z.int().nonnegative(),
  endOffset: z.int().nonnegative(),
});
export type ByteRange = z.infer<typeof ByteRange>;

/** Certain: counts as it stands. Likely and possible: suggestions, which the owner accepts once. */
export const Confidence = z.enum(["certain", "likely", "possible"]);
export type Confidence = z.infer<typeof Confidence>;

/** Where something was read, and why it was taken for what it is. `quote` is the text of `range`. */
export const Evidence = z.object({
  range: ByteRange,
  quote: z.string(),
  confidence: Confidence,
  reason: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

const Line = z.int().min(1);

export const DOCUMENT_KINDS = [
  "procedure",
  "alert-runbook",
  "multi-runbook",
  "policy",
  "form",
  "checklist",
  "reference",
] as const;
export const DocumentKind = z.enum(DOCUMENT_KINDS);
export type DocumentKind = z.infer<typeof DocumentKind>;

/** The kind of one section: those of a document, and what only a part of one can be. */
export const SectionKind = z.enum([...DOCUMENT_KINDS, "graph", "metadata", "follow-ups"]);
export type SectionKind = z.infer<typeof SectionKind>;

/** Sections do not overlap; `range` and `quote` are the whole of one, with its heading. */
export const RunbookSection = Evidence.extend({
  kind: SectionKind,
  title: z.string(),
  line: Line,
});
export type RunbookSection = z.infer<typeof RunbookSection>;

/** From when a deadline counts. */
export const DeadlineAnchor = z.enum([
  "incident declared",
  "page sent",
  "plan started",
  "phase entered",
  "step entered",
  "incident mitigated",
  "incident resolved",
  "unknown",
]);
export type DeadlineAnchor = z.infer<typeof DeadlineAnchor>;

export const RunbookDeadline = Evidence.extend({
  iso: DurationText,
  anchor: DeadlineAnchor,
  /** The severity it holds for, as the document calls it; null: for all. */
  severity: z.string().nullable(),
  /** True: every `iso` again, until the phase ends. */
  repeats: z.boolean(),
  /** "business": days and hours count in a working calendar. */
  calendar: z.enum(["always", "business"]),
  line: Line,
});
export type RunbookDeadline = z.infer<typeof RunbookDeadline>;

export const StepKind = z.enum([
  "check",
  "act",
  "decide",
  "communicate",
  "record",
  "wait",
  "form",
  "manual",
]);
export type StepKind = z.infer<typeof StepKind>;

/** A value that somebody must give before the step: `$NAME`, `<name>`, `{{name}}`, `[Name]`. */
export const RunbookInput = Evidence.extend({
  name: z.string(),
  type: z.enum(["text", "severity", "duration", "number", "url", "boolean", "list"]),
  /** What the document says about it. */
  description: z.string().nullable(),
  line: Line,
});
export type RunbookInput = z.infer<typeof RunbookInput>;

/** What must come out of a look at data; carried out only where a sidecar binds it. */
export const RunbookAssertion = Evidence.extend({
  text: z.string(),
  query: z.string().nullable(),
  expect: z.enum(["zero", "none", "some", "true"]),
});
export type RunbookAssertion = z.infer<typeof RunbookAssertion>;

/** A record that is due at a step: a row, or a column set to a value. */
export const StepRecord = Evidence.extend({
  table: z.string(),
  columns: z.array(z.string()),
  /** The values that the step sets; empty: a row is written or completed. */
  sets: z.array(z.object({ column: z.string(), value: z.string() })),
  access: z.enum(["write", "read"]),
});
export type StepRecord = z.infer<typeof StepRecord>;

/** Shown beside a step, to copy or to look at; never executed. */
export const StepAttachment = Evidence.extend({
  kind: z.enum(["code", "table", "quote", "image", "link", "note"]),
  /** The fence's word, the link's or image's address. */
  language: z.string().nullable(),
  target: z.string().nullable(),
  text: z.string(),
  /** A transcript: prompts and their output together, so that it cannot be copied as it stands. */
  transcript: z.boolean(),
  placeholders: z.array(z.string()),
  line: Line,
});
export type StepAttachment = z.infer<typeof StepAttachment>;

export const Substep = Evidence.extend({
  text: z.string(),
  checked: z.boolean().nullable(),
  depth: z.int().min(1),
  line: Line,
});
export type Substep = z.infer<typeof Substep>;

/**
 * One instruction. `range` and `quote` are its own words, without its marker and what is nested in it; with
 * `path` and `hash` they anchor a binding. Every step is manual until a sidecar says otherwise.
 */
export const RunbookStep = Evidence.extend({
  /** Unique in the document, made from its plan, its phase and its words: "plan/phase/words". */
  id: z.string(),
  text: z.string(),
  kind: StepKind,
  /** Who does it: a name such as "primary-on-call"; `sources.role` has the document's words. */
  role: z.string().nullable(),
  /** All of them, where the document names several. */
  roles: z.array(z.string()),
  deadlines: z.array(RunbookDeadline),
  /** A question to answer with yes or no before the step. */
  guard: z.string().nullable(),
  inputs: z.array(RunbookInput),
  assertion: RunbookAssertion.nullable(),
  line: Line,
  /** "plan/phase": with `quote` and `hash`, the anchor of a binding. */
  path: z.string(),
  /** SHA-256 of the text, with white space and case evened out. */
  hash: z.string(),
  records: z.array(StepRecord),
  /** Whom a communication is for, and the channel the document names. */
  audience: z.array(z.string()),
  channel: z.string().nullable(),
  attachments: z.array(StepAttachment),
  substeps: z.array(Substep),
  checked: z.boolean().nullable(),
  /** The sub-heading or label that it stands under, within its phase. */
  group: z.string().nullable(),
  /** The document says that it may be left out. */
  optional: z.boolean(),
  /** Says of itself that it cannot be taken back, or does what cannot. */
  destructive: z.boolean(),
  /** Where single values were read, when that is not the step's own range: "role", "guard". */
  sources: z.record(z.string(), Evidence),
});
export type RunbookStep = z.infer<typeof RunbookStep>;

export const RunbookPhase = Evidence.extend({
  /** Unique in its plan. */
  id: z.string(),
  title: z.string(),
  role: z.string().nullable(),
  /** A condition on the whole phase: "for S3 growth"; null: always. */
  appliesWhen: z.string().nullable(),
  steps: z.array(RunbookStep),
  deadlines: z.array(RunbookDeadline),
  line: Line,
  sources: z.record(z.string(), Evidence),
});
export type RunbookPhase = z.infer<typeof RunbookPhase>;

/** One rung of an escalation path, in order. */
export const EscalationLevel = Evidence.extend({
  role: z.string(),
  /** How long the level before has; null: the document does not say. */
  after: DurationText.nullable(),
  line: Line,
});
export type EscalationLevel = z.infer<typeof EscalationLevel>;

/** "Escalate to X if …": a person judges the condition. */
export const ConditionalEscalation = Evidence.extend({
  to: z.array(z.string()),
  condition: z.string().nullable(),
  line: Line,
});
export type ConditionalEscalation = z.infer<typeof ConditionalEscalation>;

export const RunbookPlan = Evidence.extend({
  /** Unique in the document. */
  id: z.string(),
  title: z.string(),
  /** What starts it, in the document's words. */
  trigger: z.string().nullable(),
  /** For alert runbooks: the alert's name. */
  alert: z.string().nullable(),
  phases: z.array(RunbookPhase),
  escalation: z.array(EscalationLevel),
  conditionalEscalations: z.array(ConditionalEscalation),
  /** Promises about the whole of it: "DSAR SLA (30 days)". */
  deadlines: z.array(RunbookDeadline),
  inputs: z.array(RunbookInput),
  /** The whole of it, from its heading to its end. */
  extent: ByteRange,
  line: Line,
  sources: z.record(z.string(), Evidence),
});
export type RunbookPlan = z.infer<typeof RunbookPlan>;

export const ChecklistItem = Evidence.extend({
  text: z.string(),
  checked: z.boolean().nullable(),
  /** 0: an item of the list itself; 1: below one. */
  depth: z.int().nonnegative(),
  line: Line,
});
export type ChecklistItem = z.infer<typeof ChecklistItem>;

/** Reusable, with no clock and no trigger. */
export const RunbookChecklist = Evidence.extend({
  id: z.string(),
  title: z.string(),
  items: z.array(ChecklistItem),
  line: Line,
});
export type RunbookChecklist = z.infer<typeof RunbookChecklist>;

export const PolicySeverity = Evidence.extend({
  name: z.string(),
  acknowledge: DurationText.nullable(),
  mitigate: DurationText.nullable(),
  resolve: DurationText.nullable(),
  /** The longest silence towards stakeholders. */
  updateEvery: DurationText.nullable(),
  /** Whether its durations count in business hours only. */
  calendar: z.enum(["always", "business"]),
  definition: z.string().nullable(),
  examples: z.array(z.string()),
  communication: z.string().nullable(),
  response: z.string().nullable(),
  /** Whom the document makes commander, in its words. */
  commander: z.string().nullable(),
  line: Line,
  sources: z.record(z.string(), Evidence),
});
export type PolicySeverity = z.infer<typeof PolicySeverity>;

export const Comparator = z.enum([">", ">=", "<", "<=", "=", "between"]);
export type Comparator = z.infer<typeof Comparator>;

/** What declares an incident by itself; without a number a person must judge it. */
export const PolicyTrigger = Evidence.extend({
  severity: z.string(),
  text: z.string(),
  measure: z.string().nullable(),
  comparator: Comparator.nullable(),
  threshold: z.number().nullable(),
  /** The upper end of "between". */
  thresholdTo: z.number().nullable(),
  /** "%", "ms", "s", "x baseline", or the word that the document counts in. */
  unit: z.string().nullable(),
  percentile: z.string().nullable(),
  /** How long it must last. */
  window: DurationText.nullable(),
  line: Line,
});
export type PolicyTrigger = z.infer<typeof PolicyTrigger>;

/** "7 years": how long something is kept; no deadline. */
export const RetentionRule = Evidence.extend({
  text: z.string(),
  keep: DurationText,
  line: Line,
});
export type RetentionRule = z.infer<typeof RetentionRule>;

export const RunbookPolicy = z.object({
  severities: z.array(PolicySeverity),
  triggers: z.array(PolicyTrigger),
  retention: z.array(RetentionRule),
});
export type RunbookPolicy = z.infer<typeof RunbookPolicy>;

export const FormField = Evidence.extend({
  label: z.string(),
  type: z.enum(["text", "select", "boolean", "list", "grid", "number", "person", "instant"]),
  /** Of a select; the columns of a grid. */
  options: z.array(z.string()),
  hint: z.string().nullable(),
  /** Filled in from the incident: "[Auto-generated]", its timeline, its duration. */
  prefilled: z.boolean(),
  line: Line,
});
export type FormField = z.infer<typeof FormField>;

export const FormSection = Evidence.extend({
  title: z.string(),
  fields: z.array(FormField),
  line: Line,
});
export type FormSection = z.infer<typeof FormSection>;

export const RunbookForm = Evidence.extend({
  id: z.string(),
  title: z.string(),
  sections: z.array(FormSection),
  deadlines: z.array(RunbookDeadline),
  /** The severities it may be left out for. */
  optionalFor: z.array(z.string()),
  line: Line,
});
export type RunbookForm = z.infer<typeof RunbookForm>;

export const RunbookRecord = Evidence.extend({
  table: z.string(),
  columns: z.array(z.string()),
  line: Line,
});
export type RunbookRecord = z.infer<typeof RunbookRecord>;

export const GraphNode = Evidence.extend({
  id: z.string(),
  label: z.string(),
  shape: z.enum(["box", "round", "stadium", "decision", "circle", "other"]),
  line: Line,
});
export type GraphNode = z.infer<typeof GraphNode>;

export const GraphEdge = Evidence.extend({
  from: z.string(),
  to: z.string(),
  label: z.string().nullable(),
  line: Line,
});
export type GraphEdge = z.infer<typeof GraphEdge>;

/** A flowchart of the document: something to check against, never what is executed. */
export const RunbookGraph = Evidence.extend({
  nodes: z.array(GraphNode),
  edges: z.array(GraphEdge),
  line: Line,
});
export type RunbookGraph = z.infer<typeof RunbookGraph>;

export const FindingLevel = z.enum(["error", "warning", "info"]);
export type FindingLevel = z.infer<typeof FindingLevel>;

/** Codes are stable; docs/lint.md tells each with its reason and its remedy. */
export const RunbookFinding = z.object({
  code: z.string().regex(/^[EWI][0-9]{3}$/),
  level: FindingLevel,
  line: Line,
  message: z.string(),
  /** What the message is made of, for whoever says it in another language. */
  said: Sentence.optional(),
  range: ByteRange,
  quote: z.string(),
});
export type RunbookFinding = z.infer<typeof RunbookFinding>;

export const METADATA_FORMS = [
  "yaml",
  "toml",
  "underscore-rule",
  "key-value lines",
  "block quote",
  "html comment",
  "prose",
] as const;

export const MetadataEntry = Evidence.extend({
  key: z.string(),
  value: z.string(),
  form: z.enum(METADATA_FORMS),
  line: Line,
});
export type MetadataEntry = z.infer<typeof MetadataEntry>;

/**
 * What the document says about itself: the names below as understood from their synonyms, and beside them
 * every key as the document writes it (in lower case, words joined by “_”).
 */
export const RunbookMetadata = z.looseObject({
  /** The forms it was found in, first things first; empty: none. */
  forms: z.array(z.enum(METADATA_FORMS)),
  title: z.string().nullable(),
  owner: z.string().nullable(),
  status: z.string().nullable(),
  version: z.string().nullable(),
  /** A claim: somebody wrote that it was reviewed then. */
  lastReviewed: z.string().nullable(),
  /** Not a review. */
  lastUpdated: z.string().nullable(),
  entries: z.array(MetadataEntry),
});
export type RunbookMetadata = z.infer<typeof RunbookMetadata>;

/** Another file or place that the document names; whether it is there, only its folder can tell. */
export const RunbookLink = Evidence.extend({
  target: z.string(),
  line: Line,
});
export type RunbookLink = z.infer<typeof RunbookLink>;

/** Absent parts are empty lists, or null where there is at most one. */
export const RunbookDocument = z.object({
  path: z.string(),
  /** Of the bytes as they are. */
  sha256: z.string(),
  /** Changes whenever the same document may read differently. */
  parser: z.string(),
  kind: DocumentKind,
  /** Why it is of that kind. */
  reason: z.string(),
  confidence: Confidence,
  title: z.string(),
  metadata: RunbookMetadata,
  sections: z.array(RunbookSection),
  plans: z.array(RunbookPlan),
  checklists: z.array(RunbookChecklist),
  policy: RunbookPolicy,
  forms: z.array(RunbookForm),
  records: z.array(RunbookRecord),
  inputs: z.array(RunbookInput),
  /** The first escalation path of the document, whether it stands in a plan or beside. */
  escalation: z.array(EscalationLevel),
  graphs: z.array(RunbookGraph),
  graph: RunbookGraph.nullable(),
  /** Things the document says are still to be done on it. */
  followUps: z.array(ChecklistItem),
  /** Relative links and files named in it. */
  links: z.array(RunbookLink),
  findings: z.array(RunbookFinding),
});
export type RunbookDocument = z.infer<typeof RunbookDocument>;

/** The name that findings show; nothing is opened by it. */
const DocumentQuery = z.object({ path: z.string().min(1).max(500).default("document.md") });

export const parseRunbook = route({
  method: "POST",
  path: "/v1/runbooks/parse",
  access: "runbooks.read",
  tag: "runbooks",
  summary:
    "Reads a Markdown document (the body, as text/markdown or a JSON text) as a runbook. Nothing is kept or run.",
  query: DocumentQuery,
  body: z.string(),
  reply: RunbookDocument,
});

export const lintRunbook = route({
  method: "POST",
  path: "/v1/runbooks/lint",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "What is wrong with a Markdown document, as findings or as SARIF.",
  query: DocumentQuery.extend({ format: z.enum(["json", "sarif"]).default("json") }),
  body: z.string(),
  reply: z.union([
    RunbookDocument.pick({ path: true, sha256: true, kind: true, findings: true }),
    z.object({ version: z.literal("2.1.0") }).loose(),
  ]),
});
