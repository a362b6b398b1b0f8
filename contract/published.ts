/** Runbooks as Tocsin keeps them: published versions with their bindings, sources and staleness. */
import { z } from "zod";
import { Risk } from "./action.ts";
import { InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";
import { ByteRange, Confidence, DocumentKind, RunbookDocument, RunbookFinding } from "./runbook.ts";

/** What became of a binding: live; suspended to manual; an orphan, which blocks publishing. */
export const BindingState = z.enum(["live", "suspended", "orphan"]);
export type BindingState = z.infer<typeof BindingState>;

export const BindingView = z.object({
  /** The step it is bound to; null: none fits. */
  step: z.string().nullable(),
  action: z.string(),
  connection: z.string().nullable(),
  mode: z.enum(["suggest", "approve", "auto"]),
  /** As it would run: a connection can raise what the action and the sidecar say. */
  risk: Risk,
  /** The risk that the connection raises it to; null: it raises nothing. */
  raisedTo: Risk.nullable(),
  state: BindingState,
  because: z.string().nullable(),
  /** Its line in the sidecar. */
  line: z.int(),
});
export type BindingView = z.infer<typeof BindingView>;

/** Something to put right in a document (codes of docs/lint.md) or in its sidecar ("sidecar"). */
export const PublishFinding = RunbookFinding.pick({
  level: true,
  line: true,
  message: true,
  said: true,
}).extend({ code: z.string(), file: z.string() });
export type PublishFinding = z.infer<typeof PublishFinding>;

const Source = z.object({
  kind: z.enum(["upload", "folder", "git", "built in"]),
  /** The configured source, or null. */
  id: Slug.nullable(),
  /** The path of the document as shown wherever it acts: "runbooks/data-incident.md". */
  path: z.string(),
  /** The commit of a git source. */
  commit: z.string().nullable(),
});

export const Runbook = z.object({
  id: Slug,
  title: z.string(),
  kind: DocumentKind,
  owner: Slug.nullable(),
  source: Source,
  digest: z.string(),
  /** 1, 2, …: how often it was published. */
  version: z.int(),
  publishedAt: InstantText,
  /** Plans that can be run. */
  plans: z.array(z.object({ id: z.string(), title: z.string(), steps: z.int() })),
  checklists: z.array(z.object({ id: z.string(), title: z.string(), items: z.int() })),
  bound: z.int(),
  suspended: z.int(),
  /** What is wrong with the document by itself, as docs/lint.md tells. */
  findings: z.object({ error: z.int(), warning: z.int(), info: z.int() }),
  /** When somebody must have read it next, and whether that is over. */
  reviewDueAt: InstantText,
  stale: z.boolean(),
});
export type Runbook = z.infer<typeof Runbook>;

/** The three clocks of a step, kept apart. Null: never. */
export const StepFreshness = z.object({
  step: z.string(),
  text: z.string(),
  /** A person pressed "reviewed" on just these words. */
  readAt: InstantText.nullable(),
  readBy: Slug.nullable(),
  /** The last run, or drill, that got to it. */
  exercisedAt: InstantText.nullable(),
  exercisedBy: z.string().nullable(),
  /** What it names changed since it was read. */
  moved: z.array(z.object({ what: z.string(), at: InstantText.nullable() })),
});
export type StepFreshness = z.infer<typeof StepFreshness>;

export const RunbookDetail = Runbook.omit({ findings: true }).extend({
  document: RunbookDocument,
  bindings: z.array(BindingView),
  starts: z.array(z.record(z.string(), z.unknown())),
  schedules: z.array(z.object({ plan: z.string(), every: z.string(), nextAt: InstantText })),
  /** Which of its words replace defaults, for whom. */
  replaces: z.array(z.object({ what: z.string(), for: Slug.nullable(), line: z.int() })),
  findings: z.array(PublishFinding),
  freshness: z.array(StepFreshness),
  /** A review that nobody has done yet. */
  reviewTask: z
    .object({ title: z.string(), owner: Slug.nullable(), openedAt: InstantText })
    .nullable(),
  /** A claim in the document, and nothing more. */
  claimedReview: z.string().nullable(),
});
export type RunbookDetail = z.infer<typeof RunbookDetail>;

const ById = z.object({ id: Slug });
/** Bytes of a document as text; larger ones are refused before they are parsed. */
const DocumentText = z.string().min(1).max(400_000);
const SidecarText = z.string().max(100_000);

export const listRunbooks = route({
  method: "GET",
  path: "/v1/runbooks",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "Published runbooks by name.",
  query: PageQuery.extend({ owner: Slug.optional() }),
  reply: page(Runbook),
});

export const getRunbook = route({
  method: "GET",
  path: "/v1/runbooks/:id",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "One runbook as it was read: plans, policy, forms, bindings, findings and freshness.",
  params: ById,
  query: z.object({ digest: z.string().max(80).optional() }),
  reply: RunbookDetail,
});

export const getRunbookText = route({
  method: "GET",
  path: "/v1/runbooks/:id/document.md",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "The document, byte by byte as it was published.",
  params: ById,
  query: z.object({ digest: z.string().max(80).optional() }),
  reply: z.string(),
});

export const getSidecarText = route({
  method: "GET",
  path: "/v1/runbooks/:id/sidecar.yaml",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "The sidecar, as it was published; empty where there is none.",
  params: ById,
  query: z.object({ digest: z.string().max(80).optional() }),
  reply: z.string(),
});

export const listRunbookVersions = route({
  method: "GET",
  path: "/v1/runbooks/:id/versions",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "Every published version, newest first.",
  params: ById,
  reply: z.object({
    items: z.array(
      z.object({
        digest: z.string(),
        version: z.int(),
        publishedAt: InstantText,
        publishedBy: z.record(z.string(), z.unknown()),
        documentSha256: z.string(),
        sidecarSha256: z.string().nullable(),
        parser: z.string(),
        actions: z.array(z.string()),
        current: z.boolean(),
      }),
    ),
  }),
});

export const MARK_KINDS = [
  "metadata",
  "plan",
  "trigger",
  "phase",
  "condition",
  "step",
  "role",
  "deadline",
  "guard",
  "input",
  "assertion",
  "record",
  "escalation",
  "severity",
  "declares",
  "retention",
  "field",
  "item",
  "finding",
] as const;

/** One thing that was read in the document: the words that it was read from, and why. */
export const PageMark = z.object({
  /** Stands in `data-marks` of the page; the same in every version in which the thing has the same words. */
  id: z.string(),
  kind: z.enum(MARK_KINDS),
  /** The step, phase, plan, form or checklist that it belongs to. */
  of: z.string().nullable(),
  label: z.string(),
  range: ByteRange,
  line: z.int(),
  confidence: Confidence,
  reason: z.string(),
});
export type PageMark = z.infer<typeof PageMark>;

export const getRunbookPage = route({
  method: "GET",
  path: "/v1/runbooks/:id/page",
  access: "runbooks.read",
  tag: "runbooks",
  summary:
    "The document as sanitised HTML whose words carry the marks of what was read in them. A span’s data-marks has the ids of marks; blocks have data-line.",
  params: ById,
  query: z.object({ digest: z.string().max(80).optional() }),
  reply: z.object({
    id: Slug,
    digest: z.string(),
    version: z.int(),
    path: z.string(),
    html: z.string(),
    marks: z.array(PageMark),
  }),
});

const DiffLine = z.object({ mark: z.enum([" ", "-", "+"]), text: z.string() });
/** A stretch in which two texts differ, with some lines around it. Lines count from 1. */
export const DiffHunk = z.object({ before: z.int(), after: z.int(), lines: z.array(DiffLine) });
export type DiffHunk = z.infer<typeof DiffHunk>;

const StepWords = z.object({ id: z.string(), text: z.string(), line: z.int() });

export const getRunbookDiff = route({
  method: "GET",
  path: "/v1/runbooks/:id/diff",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "How two versions differ: the document and the sidecar line by line, and the steps.",
  params: ById,
  query: z.object({
    /** The older one; absent: the one published before `to`. */
    from: z.string().max(80).optional(),
    /** The newer one; absent: the version in use. */
    to: z.string().max(80).optional(),
  }),
  reply: z.object({
    id: Slug,
    /** Null: there is none before, and all is new. */
    from: z.object({ digest: z.string(), version: z.int() }).nullable(),
    to: z.object({ digest: z.string(), version: z.int() }),
    document: z.array(DiffHunk),
    sidecar: z.array(DiffHunk),
    steps: z.array(
      z.object({
        plan: z.string(),
        change: z.enum(["same", "changed", "added", "removed"]),
        before: StepWords.nullable(),
        after: StepWords.nullable(),
      }),
    ),
  }),
});

const PublishReport = z.object({
  id: Slug,
  digest: z.string(),
  version: z.int(),
  /** False: this very version is published already, or it was a dry run. */
  changed: z.boolean(),
  dryRun: z.boolean(),
  kind: DocumentKind,
  plans: z.array(z.object({ id: z.string(), title: z.string(), steps: z.int() })),
  bindings: z.array(BindingView),
  findings: z.array(PublishFinding),
  replaces: z.array(z.object({ what: z.string(), for: Slug.nullable(), line: z.int() })),
});
export type PublishReport = z.infer<typeof PublishReport>;

export const publishRunbook = route({
  method: "POST",
  path: "/v1/runbooks",
  access: "runbooks.publish",
  tag: "runbooks",
  summary: "Publish a document with its sidecar. An orphan binding or another error stops it.",
  body: z.strictObject({
    id: Slug,
    path: z.string().min(1).max(300),
    document: DocumentText,
    sidecar: SidecarText.nullable().default(null),
    dryRun: z.boolean().default(false),
  }),
  reply: PublishReport,
});

export const draftSidecar = route({
  method: "POST",
  path: "/v1/runbooks/draft",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "Draft a sidecar: what the words of a document suggest, and nothing that acts yet.",
  body: z.strictObject({
    path: z.string().min(1).max(300),
    document: DocumentText,
    /** An earlier sidecar, whose bindings are anchored anew to what they fit best. */
    sidecar: SidecarText.nullable().default(null),
    /** The team that is to own it. */
    owner: Slug.optional(),
  }),
  reply: z.object({ sidecar: z.string(), notes: z.array(z.string()) }),
});

export const withdrawRunbook = route({
  method: "DELETE",
  path: "/v1/runbooks/:id",
  access: "runbooks.publish",
  tag: "runbooks",
  summary: "Take a runbook out of use; its versions and runs stay.",
  params: ById,
  reply: z.object({ withdrawn: z.literal(true) }),
});

export const reviewRunbook = route({
  method: "POST",
  path: "/v1/runbooks/:id/review",
  access: "runbooks.run",
  tag: "runbooks",
  summary: "“I have read this”: of the steps named, or of all, in just these words.",
  params: ById,
  body: z.strictObject({
    digest: z.string().min(1).max(80),
    steps: z.array(z.string().max(500)).max(500).optional(),
  }),
  reply: RunbookDetail,
});

/** Where runbooks come from, as configuration states it. */
export const RunbookSource = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("folder"),
    /** An absolute path on the server. */
    path: z.string().regex(/^\/[^\0]{0,400}$/, "an absolute path"),
    everyMinutes: z.int().min(1).max(1_440).default(5),
    teams: z.array(Slug).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal("git"),
    /** https, ssh or a path; never with a password in it. */
    url: z.string().min(1).max(500),
    branch: z
      .string()
      .regex(/^[A-Za-z0-9_][\w./-]{0,100}$/, "a branch name")
      .default("main"),
    folder: z
      .string()
      .regex(/^[\w][\w./ -]{0,200}$/, "a folder of the repository")
      .optional(),
    /** A token for https, in the environment. */
    token: z
      .string()
      .regex(/^env:[A-Z][A-Z0-9_]*$/, "env:NAME")
      .optional(),
    /** The secret that webhooks of the repository are signed with, in the environment. */
    webhook: z
      .string()
      .regex(/^env:[A-Z][A-Z0-9_]*$/, "env:NAME")
      .optional(),
    /** Lets people push better words as branches of their own; absent: they are only offered as patches. */
    fixes: z
      .strictObject({
        /** A token that may push, where `token` may only read. */
        token: z
          .string()
          .regex(/^env:[A-Z][A-Z0-9_]*$/, "env:NAME")
          .optional(),
      })
      .optional(),
    everyMinutes: z.int().min(1).max(1_440).default(5),
    /** Whose runbooks may come from it; absent: everybody's. */
    teams: z.array(Slug).min(1).optional(),
  }),
]);
export type RunbookSource = z.infer<typeof RunbookSource>;

export const pullSource = route({
  method: "POST",
  path: "/v1/runbook-sources/:id/pull",
  access: "runbooks.publish",
  tag: "runbooks",
  summary: "Look at a source now, as a webhook of the repository would ask; the engine does it.",
  params: ById,
  reply: z.object({ source: Slug, asked: z.literal(true) }),
});

export const sourceWebhook = route({
  method: "POST",
  path: "/v1/runbook-sources/:id/webhook",
  access: "key",
  tag: "runbooks",
  summary:
    "A webhook of the repository (GitHub, GitLab, Gitea, Forgejo), signed with the source’s secret: have it looked at soon.",
  params: ById,
  status: 202,
  body: z.unknown(),
  reply: z.object({}),
});

export const listSources = route({
  method: "GET",
  path: "/v1/runbook-sources",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "The configured sources: when each was looked at, its commit, and what failed.",
  reply: z.object({
    items: z.array(
      z.object({
        id: Slug,
        type: z.enum(["folder", "git"]),
        lookedAt: InstantText.nullable(),
        commit: z.string().nullable(),
        failure: z.string().nullable(),
        refused: z.array(z.object({ path: z.string(), because: z.string() })),
      }),
    ),
  }),
});
