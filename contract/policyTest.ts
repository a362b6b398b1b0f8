/** Policy tests: given these alerts at these times, expect these incidents, people, channels and silences. */
import { z } from "zod";
import { FixedDuration, PositiveDuration } from "./duration.ts";
import { InstantText, Severity, Slug } from "./ids.ts";
import { MatcherText } from "./matcher.ts";
import { AlertSeverity } from "./signal.ts";

/** A length of time since the start of the test. */
const Since = FixedDuration;

const GivenAlert = z.strictObject({
  at: Since.default("PT0S"),
  /** The intake key by which it comes. */
  key: Slug,
  title: z.string().min(1).max(1_024),
  severity: AlertSeverity,
  labels: z.record(z.string(), z.string()).default({}),
  source: z.string().min(1).max(1_024).optional(),
  /** What the tool calls the condition; its title unless said otherwise. */
  dedupKey: z.string().min(1).max(255).optional(),
  /** When it is over; absent: it fires to the end. */
  until: Since.optional(),
});

/** A number over time, as a tool would push it: once, or again and again. */
const GivenMeasurement = z
  .strictObject({
    at: Since.default("PT0S"),
    key: Slug,
    measure: z.string().min(1).max(200),
    value: z.number(),
    /** How often it is sent, until when. */
    every: PositiveDuration.optional(),
    until: Since.optional(),
  })
  .refine(({ every, until }) => (every === undefined) === (until === undefined), {
    path: ["until"],
    message: "beside every, and only there: until when it is sent",
  });

const GivenSilence = z.strictObject({
  at: Since.default("PT0S"),
  matchers: z.array(MatcherText).min(1),
  owner: Slug,
  for: PositiveDuration,
});

const GivenAcknowledge = z.strictObject({
  at: Since,
  person: Slug,
  /** The incident, counted from 1 in the order of declaration. */
  incident: z.int().min(1),
});

const ExpectedIncident = z.strictObject({
  severity: Severity.optional(),
  title: z.string().optional(),
  service: Slug.optional(),
  rule: Slug.optional(),
  state: z.enum(["declared", "mitigated", "resolved", "closed", "cancelled"]).optional(),
  /** How many alerts belong to it. */
  alerts: z.int().optional(),
  /** It was merged into another one. */
  merged: z.boolean().optional(),
});

const ExpectedPage = z.strictObject({
  person: Slug,
  channel: Slug.optional(),
  incident: z.int().min(1).optional(),
  /** When it was handed over, exactly. */
  at: Since.optional(),
  /** Or by when at the latest. */
  within: Since.optional(),
});

export const PolicyTest = z
  .strictObject({
    start: InstantText,
    /** How long it is watched. */
    lasts: PositiveDuration.default("PT1H"),
    alerts: z.array(GivenAlert).max(10_000).default([]),
    measurements: z.array(GivenMeasurement).max(1_000).default([]),
    silences: z.array(GivenSilence).default([]),
    acknowledges: z.array(GivenAcknowledge).default([]),
    /** Each list that is stated is the whole list: what is missing and what is too much both fail. */
    expect: z.strictObject({
      incidents: z.array(ExpectedIncident).optional(),
      pages: z.array(ExpectedPage).optional(),
      /** Titles of alerts that a silence or maintenance held. */
      silenced: z.array(z.string()).optional(),
      /** Titles of alerts that are in no incident at the end. */
      quiet: z.array(z.string()).optional(),
    }),
  })
  .refine(({ alerts, measurements }) => alerts.length + measurements.length > 0, {
    path: ["alerts"],
    message: "at least one alert or measurement",
  });
export type PolicyTest = z.infer<typeof PolicyTest>;

export const PolicyTests = z.strictObject({ tests: z.record(z.string(), PolicyTest) });
