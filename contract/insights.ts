/** Insights: how it went, as distributions with counts. What cannot be right is shown as that, never averaged. */
import { z } from "zod";
import { IncidentId, InstantText, Severity, Slug } from "./ids.ts";
import { route } from "./route.ts";

export const INSIGHT_TOPICS = ["times", "promises", "pages", "rules"] as const;
export const InsightTopic = z.enum(INSIGHT_TOPICS);
export type InsightTopic = z.infer<typeof InsightTopic>;

/** Incidents declared from the one to before the other; absent: the last 90 days. */
const Span = z.object({
  from: InstantText.optional(),
  to: InstantText.optional(),
  team: Slug.optional(),
});
const Within = { from: InstantText, to: InstantText };

export const TimeKind = z.enum(["acknowledge", "mitigate", "resolve"]);
export type TimeKind = z.infer<typeof TimeKind>;

const About = {
  incident: IncidentId,
  title: z.string(),
  severity: Severity,
  declaredAt: InstantText,
};

/** Of an incident, from when it was detected. */
export const TimePoint = z.object({ ...About, kind: TimeKind, ms: z.number() });
export type TimePoint = z.infer<typeof TimePoint>;

export const Distribution = z.object({
  kind: TimeKind,
  severity: Severity,
  count: z.int(),
  /** Null where there is none. */
  medianMs: z.number().nullable(),
  p90Ms: z.number().nullable(),
  longestMs: z.number().nullable(),
  /** Incidents that are not there yet. */
  open: z.int(),
  invalid: z.int(),
});
export type Distribution = z.infer<typeof Distribution>;

export const readTimes = route({
  method: "GET",
  path: "/v1/insights/times",
  access: "incidents.read",
  tag: "insights",
  summary: "How long it took to acknowledge, mitigate and resolve: each incident, and medians.",
  query: Span,
  reply: z.object({
    ...Within,
    distributions: z.array(Distribution),
    points: z.array(TimePoint),
    /** Timestamps that cannot be right, each with what is wrong with it. */
    invalid: z.array(z.object({ ...About, kind: TimeKind, because: z.string() })),
    /** More incidents than are read at once: the newest are counted. */
    cut: z.boolean(),
  }),
});

export const readPromises = route({
  method: "GET",
  path: "/v1/insights/promises",
  access: "incidents.read",
  tag: "insights",
  summary: "Which promises of the policy were kept, by severity.",
  query: Span,
  reply: z.object({
    ...Within,
    rows: z.array(
      z.object({
        severity: Severity,
        kind: z.string(),
        kept: z.int(),
        late: z.int(),
        /** Missed and still open. */
        missed: z.int(),
        running: z.int(),
      }),
    ),
  }),
});

export const readPageCounts = route({
  method: "GET",
  path: "/v1/insights/pages",
  access: "incidents.read",
  tag: "insights",
  summary: "Whom the pages reached, and how many of them at night in the person’s own zone.",
  query: Span,
  reply: z.object({
    ...Within,
    /** Night is from the first hour to before the second. */
    night: z.object({ from: z.int(), to: z.int() }),
    rows: z.array(
      z.object({
        person: Slug,
        name: z.string(),
        zone: z.string(),
        /** Incidents that rang this person: several messages of one page count once. */
        pages: z.int(),
        atNight: z.int(),
        /** Nights in which the person was woken. */
        nights: z.int(),
        acknowledged: z.int(),
      }),
    ),
  }),
});

export const readNoisyRules = route({
  method: "GET",
  path: "/v1/insights/rules",
  access: "incidents.read",
  tag: "insights",
  summary: "Which rules paged how often, and how often somebody then did something.",
  query: Span,
  reply: z.object({
    ...Within,
    rows: z.array(
      z.object({
        rule: z.string(),
        /** File and line. */
        source: z.string(),
        incidents: z.int(),
        paged: z.int(),
        /** A person did more than acknowledge or cancel it. */
        acted: z.int(),
        falseAlarms: z.int(),
      }),
    ),
  }),
});

export const exportInsights = route({
  method: "GET",
  path: "/v1/insights/:topic/rows.csv",
  access: "incidents.read",
  tag: "insights",
  summary: "The rows of a topic as CSV: times, promises, pages or rules.",
  params: z.object({ topic: InsightTopic }),
  query: Span,
  reply: z.string(),
});
