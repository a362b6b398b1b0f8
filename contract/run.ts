/** Runs: a plan of a pinned runbook version being carried out, step by step. */
import { z } from "zod";
import { Risk } from "./action.ts";
import { DeadlineView } from "./deadline.ts";
import { IncidentId, InstantText, RunId, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";
import { StepAttachment, StepKind } from "./runbook.ts";

export const StepState = z.enum([
  "pending",
  "in progress",
  "done",
  "skipped",
  "not applicable",
  "failed",
  "withdrawn",
]);
export type StepState = z.infer<typeof StepState>;

export const RunState = z.enum(["running", "finished", "abandoned"]);
export type RunState = z.infer<typeof RunState>;

const By = z.object({ kind: z.string(), id: z.string().nullable() });

/** One go at an action: what went in, what came out, redacted and capped. */
export const Attempt = z.object({
  id: z.uuid(),
  attempt: z.int(),
  purpose: z.enum(["run", "dry run", "undo"]),
  state: z.enum(["asked", "due", "under way", "done", "failed", "unknown", "refused"]),
  askedBy: By,
  approvedBy: By.nullable(),
  askedAt: InstantText,
  endedAt: InstantText.nullable(),
  input: z.record(z.string(), z.unknown()),
  output: z.record(z.string(), z.unknown()).nullable(),
  /** In a sentence: what came of it. */
  learned: z.string().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

const StepAutomation = z.object({
  action: z.string(),
  mode: z.enum(["suggest", "approve", "auto"]),
  risk: Risk,
  state: z.enum(["live", "suspended"]),
  /** Why it is suspended, or what it waits for. */
  because: z.string().nullable(),
  canDryRun: z.boolean(),
  canUndo: z.boolean(),
  attempts: z.array(Attempt),
  /** Three failures: it asks a person. */
  stopped: z.boolean(),
});

export const RunStep = z.object({
  id: z.string(),
  phase: z.string(),
  text: z.string(),
  /** With the inputs put in. */
  resolvedText: z.string(),
  kind: StepKind,
  line: z.int(),
  state: StepState,
  because: z.string().nullable(),
  role: z.string().nullable(),
  assignee: Slug.nullable(),
  startedAt: InstantText.nullable(),
  endedAt: InstantText.nullable(),
  endedBy: By.nullable(),
  late: z.boolean(),
  guard: z
    .object({ question: z.string(), answer: z.enum(["yes", "no"]).nullable(), by: By.nullable() })
    .nullable(),
  inputs: z.array(z.string()),
  missingInputs: z.array(z.string()),
  assertion: z
    .object({ text: z.string(), expect: z.string(), result: z.enum(["held", "broken"]).nullable() })
    .nullable(),
  records: z.array(z.object({ table: z.string(), columns: z.array(z.string()) })),
  audience: z.array(z.string()),
  substeps: z.array(z.string()),
  attachments: z.array(StepAttachment),
  deadlines: z.array(DeadlineView),
  automation: StepAutomation.nullable(),
});
export type RunStep = z.infer<typeof RunStep>;

export const RunPhase = z.object({
  id: z.string(),
  title: z.string(),
  role: z.string().nullable(),
  appliesWhen: z.string().nullable(),
  gate: z.enum(["advisory", "required"]),
  enteredAt: InstantText.nullable(),
  steps: z.array(RunStep),
});
export type RunPhase = z.infer<typeof RunPhase>;

export const Run = z.object({
  id: RunId,
  runbook: Slug,
  digest: z.string(),
  plan: z.string(),
  title: z.string(),
  state: RunState,
  incident: IncidentId.nullable(),
  team: Slug.nullable(),
  drill: z.boolean(),
  startedAt: InstantText,
  endedAt: InstantText.nullable(),
  startedBy: By,
  /** "by hand", or the rule or schedule of the sidecar. */
  because: z.string(),
  stepsSettled: z.int(),
  stepsAll: z.int(),
});
export type Run = z.infer<typeof Run>;

const FormView = z.object({
  id: z.string(),
  title: z.string(),
  sections: z.array(
    z.object({
      title: z.string(),
      fields: z.array(
        z.object({
          label: z.string(),
          type: z.string(),
          options: z.array(z.string()),
          value: z.unknown(),
        }),
      ),
    }),
  ),
});

export const RunRecord = z.object({
  table: z.string(),
  id: z.string(),
  values: z.record(z.string(), z.unknown()),
});

export const RunDetail = Run.extend({
  source: z.object({ path: z.string(), version: z.int() }),
  /** The runbook moved on while this run goes on. */
  newer: z.object({ digest: z.string(), changedSteps: z.int(), banner: z.string() }).nullable(),
  phases: z.array(RunPhase),
  inputs: z.array(
    z.object({
      name: z.string(),
      description: z.string().nullable(),
      value: z.string().nullable(),
    }),
  ),
  forms: z.array(FormView),
  escalation: z.array(
    z.object({ role: z.string(), people: z.array(Slug), after: z.string().nullable() }),
  ),
  conditionalEscalations: z.array(
    z.object({ to: z.array(z.string()), condition: z.string().nullable() }),
  ),
  records: z.array(RunRecord),
  fixes: z.array(
    z.object({ id: z.uuid(), step: z.string(), line: z.int(), by: By, at: InstantText }),
  ),
  /** Better words on their way to the repository of the document, or there. */
  fixBranches: z.array(
    z.object({
      branch: z.string(),
      state: z.enum(["due", "under way", "pushed", "failed"]),
      commit: z.string().nullable(),
      because: z.string().nullable(),
      by: By,
      at: InstantText,
    }),
  ),
});
export type RunDetail = z.infer<typeof RunDetail>;

const ById = z.object({ id: RunId });
const Words = z.string().trim().min(1).max(2_000);
const StepId = z.string().min(1).max(500);
const InputValues = z.record(z.string().min(1).max(100), z.string().max(4_000));

export const startRun = route({
  method: "POST",
  path: "/v1/runs",
  access: "runbooks.run",
  tag: "runs",
  summary: "Start a run of a published runbook, for an incident or by itself.",
  status: 201,
  body: z.strictObject({
    runbook: Slug,
    /** May be left out where the document has one plan. */
    plan: z.string().max(200).optional(),
    incident: IncidentId.optional(),
    inputs: InputValues.default({}),
    drill: z.boolean().default(false),
  }),
  reply: RunDetail,
});

export const listRuns = route({
  method: "GET",
  path: "/v1/runs",
  access: "runbooks.read",
  tag: "runs",
  summary: "Runs, newest first.",
  query: PageQuery.extend({
    incident: IncidentId.optional(),
    runbook: Slug.optional(),
    state: RunState.optional(),
  }),
  reply: page(Run),
});

export const getRun = route({
  method: "GET",
  path: "/v1/runs/:id",
  access: "runbooks.read",
  tag: "runs",
  summary: "One run: phases, steps with state, clocks, automation, forms and records.",
  params: ById,
  reply: RunDetail,
});

export const exportRun = route({
  method: "GET",
  path: "/v1/runs/:id/run.md",
  access: "runbooks.read",
  tag: "runs",
  summary:
    "The run as a Markdown page with tick boxes: to print, to keep, or to go on with by hand.",
  params: ById,
  reply: z.string(),
});

export const RunEvent = z.object({
  id: z.uuid(),
  at: InstantText,
  kind: z.string(),
  actor: By,
  params: z.record(z.string(), z.unknown()).optional(),
  text: z.string(),
});
export type RunEvent = z.infer<typeof RunEvent>;

export const getRunTimeline = route({
  method: "GET",
  path: "/v1/runs/:id/timeline",
  access: "runbooks.read",
  tag: "runs",
  summary: "What happened in a run, oldest first.",
  params: ById,
  query: PageQuery,
  reply: page(RunEvent),
});

/** One verb on one run: POST /v1/runs/RUN-1/{name}. */
const verb = <B extends z.ZodType>(name: string, summary: string, body: B) =>
  route({
    method: "POST",
    path: `/v1/runs/:id/${name}`,
    access: "runbooks.run",
    tag: "runs",
    summary,
    params: ById,
    body,
    reply: RunDetail,
  });

const OfStep = z.strictObject({ step: StepId });
const WithReason = OfStep.extend({ because: Words });

export const beginStep = verb("begin-step", "“I am on it.”", OfStep);
export const doneStep = verb(
  "done-step",
  "A step is done.",
  OfStep.extend({ note: Words.optional() }),
);
export const skipStep = verb("skip-step", "A step is left out, for a reason.", WithReason);
export const dismissStep = verb(
  "dismiss-step",
  "A step does not apply here.",
  OfStep.extend({ because: Words.optional() }),
);
export const failStep = verb("fail-step", "A step was tried and did not work.", WithReason);
export const reopenStep = verb("reopen-step", "A settled step is pending again.", WithReason);
export const assignStep = verb(
  "assign-step",
  "Give a step to somebody.",
  OfStep.extend({ person: Slug }),
);
export const answerGuard = verb(
  "answer",
  "Answer the question before a step; no: it does not apply.",
  OfStep.extend({ answer: z.enum(["yes", "no"]) }),
);
export const giveInputs = verb(
  "inputs",
  "Give the values that steps ask for.",
  z.strictObject({ inputs: InputValues }),
);
export const fillForm = verb(
  "form",
  "Fill in fields of a form.",
  z.strictObject({
    form: z.string().max(200),
    values: z.record(
      z.string().min(1).max(400),
      z.union([z.string().max(20_000), z.boolean(), z.number()]),
    ),
  }),
);
export const runAction = verb(
  "run-action",
  "Run the action that a step is bound to. A destructive one then waits for a second person.",
  OfStep.extend({ dryRun: z.boolean().default(false) }),
);
export const approveAction = verb(
  "approve-action",
  "Agree, as a second person, to a destructive action.",
  OfStep,
);
export const refuseAction = verb(
  "refuse-action",
  "Refuse an action that waits for a second person.",
  WithReason,
);
export const undoAction = verb("undo-action", "Take back what an action did.", OfStep);
export const writeRecord = verb(
  "record",
  "Write a record that a step asks for, or complete one.",
  z.strictObject({
    table: z.string().regex(/^[a-z][a-z0-9_]{0,60}$/, "a table such as data_incident"),
    step: StepId.optional(),
    values: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,60}$/), z.string().max(20_000)),
  }),
);
export const proposeFix = verb(
  "fix",
  "Propose better words for a step: kept as a patch to the document, which stays as it is.",
  OfStep.extend({ text: z.string().trim().min(1).max(4_000) }),
);
export const escalateRun = verb(
  "escalate",
  "Tell whom the document names for a condition, such as a data protection officer.",
  z.strictObject({ to: z.string().min(1).max(200), because: Words }),
);
export const rebaseRun = verb(
  "rebase",
  "Go on with the newest version; what is done stays done.",
  z.strictObject({ digest: z.string().min(1).max(80) }),
);
export const finishRun = verb(
  "finish",
  "End a run. Steps that are still open are named, unless a reason is given.",
  z.strictObject({ because: Words.optional() }).nullish(),
);
export const abandonRun = verb(
  "abandon",
  "Stop a run without finishing it.",
  z.strictObject({ because: Words }),
);

export const getRunChanges = route({
  method: "GET",
  path: "/v1/runs/:id/changes",
  access: "runbooks.read",
  tag: "runs",
  summary: "How the newest version differs from the pinned one, step by step.",
  params: ById,
  reply: z.object({
    pinned: z.string(),
    newest: z.string(),
    steps: z.array(
      z.object({
        change: z.enum(["same", "changed", "added", "removed"]),
        before: z.object({ id: z.string(), text: z.string(), state: StepState }).nullable(),
        after: z.object({ id: z.string(), text: z.string() }).nullable(),
      }),
    ),
  }),
});

export const getFixes = route({
  method: "GET",
  path: "/v1/runs/:id/fixes.patch",
  access: "runbooks.read",
  tag: "runs",
  summary: "The proposed words as a patch that git apply takes.",
  params: ById,
  reply: z.string(),
});

export const getFixMail = route({
  method: "GET",
  path: "/v1/runs/:id/fixes.mbox",
  access: "runbooks.read",
  tag: "runs",
  summary: "The same patch as a mail, with its reason, that git am takes.",
  params: ById,
  reply: z.string(),
});

export const pushFixes = route({
  method: "POST",
  path: "/v1/runs/:id/push-fixes",
  access: "runbooks.publish",
  tag: "runs",
  summary:
    "Have the proposed words committed on a new branch tocsin/fix-… and pushed to the git source, where it takes them.",
  params: ById,
  reply: RunDetail,
});

const TableName = z.object({ table: z.string().regex(/^[a-z][a-z0-9_]{0,60}$/) });

export const listRecords = route({
  method: "GET",
  path: "/v1/records/:table",
  access: "runbooks.read",
  tag: "runs",
  summary: "Rows that runs wrote: governance_change_log, data_incident and others; newest first.",
  params: TableName,
  query: PageQuery,
  reply: page(
    RunRecord.extend({
      run: RunId.nullable(),
      incident: IncidentId.nullable(),
      updatedAt: InstantText,
    }),
  ),
});

export const exportRecords = route({
  method: "GET",
  path: "/v1/records/:table/rows.csv",
  access: "runbooks.read",
  tag: "runs",
  summary: "The same rows as CSV.",
  params: TableName,
  reply: z.string(),
});

export const SafeModeView = z.object({
  /** What is stale: a dashboard, a table, or "all". */
  scope: z.string(),
  on: z.boolean(),
  message: z.string(),
  since: InstantText,
  incident: IncidentId.nullable(),
});

export const getSafeMode = route({
  method: "GET",
  path: "/v1/safe-mode",
  access: "runbooks.read",
  tag: "runs",
  summary: "Which dashboards show a Safe Mode banner now; dashboards ask here.",
  reply: z.object({ items: z.array(SafeModeView) }),
});
