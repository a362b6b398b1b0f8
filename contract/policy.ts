/** Severity policy: what a severity means, and what it promises. */
import { z } from "zod";
import { DurationText, Severity, Slug } from "./ids.ts";
import { type EscalationPolicy, Target } from "./escalation.ts";
import { route } from "./route.ts";
import type { Rule } from "./signal.ts";

const Urgency = z.enum(["high", "low"]);

/** Everything that is said must hold; the first rule that does says the urgency. */
const UrgencyRule = z.strictObject({
  severities: z.array(Severity).min(1).optional(),
  /** The tier of the most important service that is affected. */
  tiers: z.array(z.int().min(1).max(4)).min(1).optional(),
  /** Inside or outside the hours of the team in charge. */
  hours: z.enum(["business", "outside"]).optional(),
  urgency: Urgency,
});
export type UrgencyRule = z.infer<typeof UrgencyRule>;

export const SeverityTerms = z.strictObject({
  means: z.string().max(500).optional(),
  examples: z.array(z.string().max(200)).optional(),
  acknowledge: DurationText.optional(),
  mitigate: DurationText.optional(),
  resolve: DurationText.optional(),
  /**
   * Whether acknowledge, mitigate and resolve count around the clock, or only in the working hours of the
   * owning team's calendar.
   */
  clockHours: z.enum(["always", "business"]).optional(),
  /** The longest silence towards stakeholders while it is open. */
  updateEvery: DurationText.optional(),
  /** Due after resolving; absent: optional. "none" takes a default away. */
  postmortemWithin: z.union([DurationText, z.literal("none")]).optional(),
  /** A review meeting with a calendar invitation. */
  reviewMeeting: z.boolean().optional(),
  /** Who becomes commander when it is declared. */
  commander: Target.optional(),
  /** When the commander is named: at once, or only in business hours (SEV4: backlog). */
  commanderWhen: z.enum(["at once", "may defer", "business hours"]).optional(),
  /** Audiences told when it is declared. */
  tells: z.array(Slug).optional(),
  /** Whether it pages (may wake) or only notifies. */
  urgency: Urgency.optional(),
  /** How long an acknowledge counts while it is not resolved; then it pages again. "none": for ever. */
  acknowledgeLease: z.union([DurationText, z.literal("none")]).optional(),
});
export type SeverityTerms = z.infer<typeof SeverityTerms>;

/** The policy named "default" counts for everybody, one named like a team for that team as well. */
export const SeverityPolicy = z.strictObject({
  name: z.string().min(1).max(120).optional(),
  severities: z.strictObject({
    SEV1: SeverityTerms.optional(),
    SEV2: SeverityTerms.optional(),
    SEV3: SeverityTerms.optional(),
    SEV4: SeverityTerms.optional(),
  }),
  /** Urgency by tier, severity and hours, before what the severity says. */
  urgency: z.array(UrgencyRule).max(50).optional(),
  /** How often open action items are reviewed. Each review is a mail, and the next one begins with it. */
  actionItemReviewEvery: DurationText.refine(
    (text) => /[1-9]/.test(text.split("T")[0] ?? ""),
    "a day or longer, such as P1W",
  ).optional(),
});
export type SeverityPolicy = z.infer<typeof SeverityPolicy>;

/** Where single terms stand written: "runbooks/incident.md:57". */
export type TermSources = Partial<Record<Severity, Partial<Record<keyof SeverityTerms, string>>>>;

/** What a published runbook says in place of what is applied and of the defaults. */
export type PublishedPolicy = {
  readonly runbook: string;
  /** Null: for everybody. */
  readonly team: string | null;
  readonly severities: {
    readonly policy: SeverityPolicy;
    readonly termSources: TermSources;
    readonly source: string;
  } | null;
  readonly rules: readonly {
    readonly id: string;
    readonly body: Rule;
    readonly source: { readonly file: string; readonly line: number };
  }[];
  readonly escalation: {
    readonly body: EscalationPolicy;
    readonly source: string;
    /** Only for incidents like these; empty: for all. */
    readonly when: readonly {
      readonly kinds?: readonly string[] | undefined;
      readonly severities?: readonly string[] | undefined;
      readonly services?: readonly string[] | undefined;
    }[];
  } | null;
  readonly postmortem: {
    readonly source: string;
    readonly sections: readonly {
      readonly title: string;
      readonly line: number;
      /** What people fill in, beside what is known. */
      readonly asks: readonly string[];
    }[];
  } | null;
};

/** What a severity means and promises now, for whoever has to choose one. */
export const SeverityView = z.object({
  severity: Severity,
  means: z.string(),
  examples: z.array(z.string()),
  acknowledge: DurationText,
  mitigate: DurationText,
  resolve: DurationText,
  /** Null: a postmortem is optional. */
  postmortemWithin: DurationText.nullable(),
  urgency: z.enum(["high", "low"]),
});
export type SeverityView = z.infer<typeof SeverityView>;

export const listSeverities = route({
  method: "GET",
  path: "/v1/severities",
  access: "incidents.read",
  tag: "incidents",
  summary: "What each severity means and promises, with examples; as a team's policy has it.",
  query: z.object({ team: Slug.optional() }),
  reply: z.object({ items: z.array(SeverityView) }),
});
