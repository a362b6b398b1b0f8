/**
 * The sidecar `name.tocsin.yaml` beside a runbook `name.md`: the only thing that lets a step run an
 * action. The document says what and when, the sidecar how, and the configured connections what at all.
 */
import { z } from "zod";
import { Risk } from "./action.ts";
import { Target } from "./escalation.ts";
import { DurationText, Severity, Slug, Zone } from "./ids.ts";

/** Where a binding belongs: the phase's path, the step's own words, and their hash. */
export const Anchor = z.strictObject({
  path: z.string().min(1).max(500),
  quote: z.string().min(1).max(4_000),
  hash: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hex, as runbook bind writes it"),
});
export type Anchor = z.infer<typeof Anchor>;

const ActionName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+@[1-9][0-9]{0,3}$/, "an action such as sql.assert@1");

const Parameters = z.record(z.string(), z.unknown());

export const Binding = z.strictObject({
  step: Anchor,
  action: ActionName,
  with: Parameters.default({}),
  /** suggest: shown beside the step. approve: a click runs it. auto: runs by itself, if it only reads. */
  mode: z.enum(["suggest", "approve", "auto"]).default("approve"),
  /** Raises the action's own risk; it cannot lower it. */
  risk: Risk.optional(),
  timeout: DurationText.optional(),
  /** What later steps call its output: `${output.name.field}`. */
  as: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,40}$/, "a short name such as rows_left")
    .optional(),
});
export type Binding = z.infer<typeof Binding>;

/** Every condition that is stated must hold. */
export const StartRule = z.strictObject({
  /** The plan's id; may be left out where the document has one plan. */
  plan: z.string().min(1).max(200).optional(),
  kinds: z.array(z.string().min(1).max(40)).min(1).optional(),
  severities: z.array(Severity).min(1).optional(),
  services: z.array(Slug).min(1).optional(),
  /** The title of an alert of the incident, or its label `alertname`. */
  alert: z.string().min(1).max(200).optional(),
});
export type StartRule = z.infer<typeof StartRule>;

export const RunSchedule = z.strictObject({
  plan: z.string().min(1).max(200).optional(),
  every: DurationText.refine((text) => /[1-9]/.test(text.split("T")[0] ?? ""), "a day or longer"),
  /** The first day, from which the others are counted. */
  startsOn: z.iso.date(),
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 09:00")
    .default("09:00"),
  timezone: Zone.default("UTC"),
});
export type RunSchedule = z.infer<typeof RunSchedule>;

/** A role of the document: a person, or whoever is on call; null leaves it to whoever takes it. */
const RoleTarget = Target.nullable();

export const Sidecar = z.strictObject({
  tocsin: z.literal(1),
  /** The team that owns the runbook. */
  owner: Slug.optional(),
  /** Who answers for each role that the document names. */
  roles: z.record(z.string().min(1).max(200), RoleTarget).default({}),
  /** The working calendar of business days. */
  calendar: Slug.optional(),
  /** What the document measures, by the names of measurements: "error rate": error_rate. */
  signals: z.record(z.string().min(1).max(200), z.string().min(1).max(200)).default({}),
  /** What of the document replaces the defaults. */
  accepted: z.array(z.enum(["severities", "triggers", "escalation", "postmortem"])).default([]),
  /** For whom it does: the owning team, or everybody. */
  policyFor: z.enum(["owner", "everybody"]).default("owner"),
  starts: z.array(StartRule).max(50).default([]),
  schedules: z.array(RunSchedule).max(20).default([]),
  /** Phases ("plan/phase") whose steps must be settled before a later phase begins. */
  gates: z.array(z.string().min(1).max(500)).max(100).default([]),
  /** After how long without being read it asks for a review. */
  reviewEvery: DurationText.default("P6M"),
  bindings: z.array(Binding).max(200).default([]),
});
export type Sidecar = z.infer<typeof Sidecar>;
