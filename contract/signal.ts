/** What arrives and what decides about it: intake keys, rules, sustained conditions. */
import { z } from "zod";
import { calmFields } from "./calm.ts";
import { FixedDuration, PositiveDuration } from "./duration.ts";
import { Severity, Slug } from "./ids.ts";

/** The four words Tocsin keeps of every tool's own scale. */
export const AlertSeverity = z.enum(["critical", "error", "warning", "info"]);
export type AlertSeverity = z.infer<typeof AlertSeverity>;

const ValueExpression = z.string().min(1).max(4_000);

/** CEL over `body`, for a tool that no adapter knows; what gives nothing is found by the usual names. */
export const IntakeMapping = z.strictObject({
  title: ValueExpression,
  /** critical, error, warning or info, or a word that means one of them. */
  severity: ValueExpression.optional(),
  /** firing, acknowledged or resolved, or a word that means one of them. */
  status: ValueExpression.optional(),
  dedupKey: ValueExpression.optional(),
  service: ValueExpression.optional(),
  source: ValueExpression.optional(),
  link: ValueExpression.optional(),
  startedAt: ValueExpression.optional(),
});
export type IntakeMapping = z.infer<typeof IntakeMapping>;

/** `env:NAME`, `sha256:<64 hex>`, or in a sample directory `sample:<the secret itself>`. */
export const KeySecret = z
  .string()
  .regex(
    /^(env:[A-Z][A-Z0-9_]*|sha256:[0-9a-f]{64}|sample:[\x21-\x7e]{4,128})$/,
    "env:NAME or sha256:<64 hex>",
  );

/** What a token says of itself: what has a field of its own here, and times. None of it tells the sender. */
const OF_EVERY_TOKEN: readonly string[] = ["iss", "aud", "exp", "nbf", "iat", "jti"];
/** What every application of one tenant or domain has in common: they may be asked for, but never alone. */
const OF_MANY_SENDERS: readonly string[] = ["tid", "ver", "idp", "hd", "typ", "email_verified"];

const tellsSender = (claim: string): boolean =>
  !OF_EVERY_TOKEN.includes(claim) && !OF_MANY_SENDERS.includes(claim);

/** Whose tokens prove the sender, where its cloud's OpenID provider issues them (decisions/0133). */
export const SignedBy = z.strictObject({
  /** The provider, exactly as its tokens name it in `iss`; under it lies its discovery document. */
  issuer: z
    .string()
    .max(500)
    .regex(
      /^https:\/\/[^\s?#@]+$/,
      "the https address of an OpenID provider, as its tokens name it",
    )
    .refine(URL.canParse, "the https address of an OpenID provider, as its tokens name it"),
  /** What `aud` has to be, or hold. */
  audience: z.string().min(1).max(1_000),
  /** What else a token has to say, by the name of the claim; of a claim that is a list, one has to be it. */
  claims: z
    .record(z.string().min(1).max(100), z.string().min(1).max(1_000))
    .refine((claims) => Object.keys(claims).some(tellsSender), {
      message:
        "at least one claim that only the sender's tokens have, such as email or appid: others can have tokens made for the same audience",
    })
    .refine((claims) => !Object.keys(claims).some((name) => OF_EVERY_TOKEN.includes(name)), {
      message: `none of ${OF_EVERY_TOKEN.join(", ")}: issuer and audience have fields of their own, and the times are always checked`,
    }),
});
export type SignedBy = z.infer<typeof SignedBy>;

export const IntakeKey = z.strictObject({
  /** The service that alerts belong to, unless a label names another one. */
  service: Slug,
  /** The label whose value names the service, where the tool sends one. */
  serviceLabel: z.string().min(1).max(100).optional(),
  secret: KeySecret,
  /** `env:NAME` of the secret with which the tool signs, or which it shows; then nothing else is accepted. */
  signedWith: z
    .string()
    .regex(/^env:[A-Z][A-Z0-9_]*$/, "env:NAME")
    .optional(),
  /** Whose token every request has to carry as its bearer token; then nothing else is accepted. */
  signedBy: SignedBy.optional(),
  /** How to read the JSON of a tool that no adapter knows. */
  mapping: IntakeMapping.optional(),
  description: z.string().max(500).optional(),
});
export type IntakeKey = z.infer<typeof IntakeKey>;

/** A number over time, judged by a pure function of samples and `now`. */
export const Condition = z
  .strictObject({
    /** The name of the measurement, as pushed, or the PromQL query that yields it. */
    measure: z.string().min(1).max(200).optional(),
    promql: z.strictObject({ server: z.url(), query: z.string().min(1).max(4_000) }).optional(),
    comparator: z.enum([">", ">=", "<", "<="]),
    threshold: z.number(),
    /** Upper end, included, of a band such as 5–10 %: what follows it starts “> 10”. */
    upTo: z.number().optional(),
    /** For people: "%", "s". Percentages are written 0–100. */
    unit: z.string().max(20).optional(),
    /** When given, threshold and upTo are factors of the mean over this length of time. */
    baseline: PositiveDuration.optional(),
    /** It must hold for longer than this, without a gap; PT0S: at the first sample. */
    sustained: FixedDuration.default("PT0S"),
    /** A hole between samples longer than this is a gap: neither health nor sickness. */
    gap: PositiveDuration.default("PT2M"),
  })
  .refine(({ measure, promql }) => (measure === undefined) !== (promql === undefined), {
    path: ["measure"],
    message: "either measure or promql",
  })
  .refine(
    ({ comparator, threshold, upTo }) =>
      upTo === undefined || (comparator.startsWith(">") && upTo > threshold),
    {
      path: ["upTo"],
      message: "only with > or >=, and above the threshold",
    },
  );
export type Condition = z.infer<typeof Condition>;

export const Rule = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    /** The rule that must match first; where no rule within that one matches, it decides itself. */
    within: Slug.optional(),
    /** Equality checks that come before CEL: a rule that they exclude costs nothing. */
    services: z.array(Slug).optional(),
    keys: z.array(Slug).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    /** CEL over the alert; absent means always. */
    when: z.string().max(4_000).optional(),
    /** Or a number over time instead of an alert. */
    condition: Condition.optional(),
    then: z.union([
      z.strictObject({ declare: Severity, autoResolve: z.boolean().default(false) }),
      z.strictObject({ record: z.literal(true) }),
    ]),
    /** Smaller comes first; the first rule that matches decides. */
    order: z.int().min(0).max(1_000_000).default(1_000),
    ...calmFields,
  })
  .refine(({ when, condition }) => when === undefined || condition === undefined, {
    path: ["condition"],
    message: "a rule asks about an alert (when) or about a number over time (condition), not both",
  });
export type Rule = z.infer<typeof Rule>;
