/** What makes many alerts one calm incident: grouping, holding back, inhibition, and tables that enrich. */
import { z } from "zod";
import { PositiveDuration } from "./duration.ts";
import { MatcherText } from "./matcher.ts";
import { SecretReference } from "./notification.ts";

const LabelName = z.string().min(1).max(255);

/** Which alerts of a rule are one incident, and how long the first one waits for the others. */
export const Grouping = z.strictObject({
  /** One incident for each combination of their values; absent: one for the service. */
  by: z.array(LabelName).max(20).default([]),
  /** Alerts of different services are one incident when everything else agrees. */
  acrossServices: z.boolean().default(false),
  /** The first alert of a new incident waits for others. What is critical or a SEV1 does not. */
  wait: PositiveDuration.optional(),
  /** An open incident is joined at most this often. What is critical or a SEV1 joins at once. */
  interval: PositiveDuration.optional(),
  /**
   * An incident of a service that this one depends on, declared within this time, takes this one in;
   * and one of this service takes in those of the services that depend on it.
   */
  causes: PositiveDuration.optional(),
});
export type Grouping = z.infer<typeof Grouping>;

/** Declares only when so many alerts of one group came within a window. */
export const AtLeast = z.strictObject({
  count: z.int().min(2).max(10_000),
  within: PositiveDuration,
});

/** An alert that fired so often within a window waits until it has fired without a break. */
export const Flapping = z.strictObject({
  times: z.int().min(2).max(1_000),
  within: PositiveDuration,
  steady: PositiveDuration,
});

/** What a rule may say about waiting; the rules within it inherit what they do not say themselves. */
export const calmFields = {
  group: Grouping.optional(),
  atLeast: AtLeast.optional(),
  /** Declares only what has fired so long: what is over earlier was a transient. */
  holdBack: PositiveDuration.optional(),
  flapping: Flapping.optional(),
};

/** While an alert of the source fires, those of the target wait. */
export const Inhibition = z.strictObject({
  description: z.string().max(500).optional(),
  source: z.array(MatcherText).min(1).max(50),
  target: z.array(MatcherText).min(1).max(50),
  /** Only where both have the same values under these names. */
  equal: z.array(LabelName).max(20).default([]),
});
export type Inhibition = z.infer<typeof Inhibition>;

/**
 * A table that adds labels: the row whose columns `match` have an alert's values gives the others as
 * labels. It never overwrites what a tool said, but a column `service` chooses the service.
 */
export const Table = z
  .strictObject({
    description: z.string().max(500).optional(),
    /** A CSV file beside the YAML, with a line of headings; instead of columns and rows. */
    file: z.string().min(1).max(300).optional(),
    match: z.array(LabelName).min(1).max(5),
    /** Or asked over HTTP: an address in which {label} stands for the value of a label of `match`. */
    url: z
      .string()
      .max(2_000)
      .regex(
        /^https?:\/\/[^/{}?#@\s]+(\/[^\s]*)?$/,
        "an http or https address whose host has no {label}",
      )
      .optional(),
    /** Which values of the JSON that it answers become which labels: label to path, as owner.team. */
    take: z.record(LabelName, z.string().min(1).max(255)).default({}),
    /** A bearer token. */
    token: SecretReference.optional(),
    /** How long an alert waits for the answer, three seconds at most; one unless said otherwise. */
    timeout: PositiveDuration.optional(),
    /** How long an answer is believed; ten minutes unless said otherwise. */
    keep: PositiveDuration.optional(),
    columns: z
      .array(LabelName)
      .max(50)
      .refine((names) => names.length !== 1, "none, or at least two")
      .default([]),
    rows: z
      .array(z.array(z.string().max(1_024)))
      .max(50_000)
      .default([]),
  })
  .refine(
    ({ match, columns, url }) => url !== undefined || match.every((name) => columns.includes(name)),
    {
      path: ["match"],
      message: "names of columns",
    },
  )
  .refine(
    ({ url, file, columns }) => url === undefined || (file === undefined && columns.length === 0),
    {
      path: ["url"],
      message: "alone: a table has either an address, a file, or columns and rows",
    },
  )
  .refine(({ url, take }) => (url === undefined) === (Object.keys(take).length === 0), {
    path: ["take"],
    message: "labels to take from the answer, where and only where there is an address",
  })
  .refine(
    ({ url, match }) =>
      [...(url ?? "").matchAll(/\{([^{}]*)\}/g)].every(([, name]) => match.includes(name ?? "")),
    { path: ["url"], message: "an address whose {labels} stand in match" },
  )
  .refine(({ columns, rows }) => rows.every((row) => row.length === columns.length), {
    path: ["rows"],
    message: "as many values as there are columns, in every row",
  });
export type Table = z.infer<typeof Table>;
