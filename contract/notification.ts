/** Channels: the ways to reach people. */
import { z } from "zod";
import { PhoneNumber, Slug } from "./ids.ts";

/** A secret never stands in a file: only the name of the environment variable that holds it. */
export const SecretReference = z
  .string()
  .regex(/^env:[A-Z][A-Z0-9_]*$/, "env:NAME, naming an environment variable");

/** How many notices a minute leave by it, instead of what its provider is known to take. Pages never wait. */
const pace = { noticesPerMinute: z.int().min(1).max(6_000).optional() };

/** What text messages and calls share, whichever provider carries them. */
const phone = {
  ...pace,
  /** Our number, as people see it. */
  from: PhoneNumber,
  token: SecretReference,
  /** The channel that takes over when this one fails: the same kind, best of another provider. */
  fallback: Slug.optional(),
  /** When the provider says for so long nothing about what it took, `fallback` takes over; 0: never. */
  receiptWithinSeconds: z.int().min(0).max(900).default(60),
};
const twilio = {
  ...phone,
  account: z.string().regex(/^AC[0-9a-f]{32}$/, "the SID of an account, AC and 32 digits"),
  apiUrl: z.url().default("https://api.twilio.com"),
};
const plivo = {
  ...phone,
  account: z.string().regex(/^[A-Z0-9]{20}$/, "an Auth ID, 20 letters and digits"),
  apiUrl: z.url().default("https://api.plivo.com"),
};

export const Channel = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("email"), from: z.string().min(3).max(320), ...pace }),
  z.strictObject({
    type: z.literal("slack"),
    ...pace,
    token: SecretReference,
    signingSecret: SecretReference,
    /** The API's address; another one only for tests and proxies. */
    apiUrl: z.url().default("https://slack.com/api"),
  }),
  z.strictObject({
    type: z.literal("webhook"),
    ...pace,
    /** Signs each request: HMAC-SHA-256 over timestamp and body. */
    secret: SecretReference,
  }),
  z.strictObject({
    type: z.literal("ntfy"),
    ...pace,
    url: z.url().default("https://ntfy.sh"),
    /** For topics that are not open to everybody. */
    token: SecretReference.optional(),
  }),
  z.strictObject({
    type: z.literal("pushover"),
    ...pace,
    token: SecretReference,
    apiUrl: z.url().default("https://api.pushover.net"),
  }),
  z.strictObject({
    type: z.literal("telegram"),
    ...pace,
    token: SecretReference,
    /** What the bot's webhook was set with: then its buttons answer by themselves, and are no links. */
    webhookSecret: SecretReference.optional(),
    apiUrl: z.url().default("https://api.telegram.org"),
  }),
  z.strictObject({ type: z.literal("twilio-sms"), ...twilio }),
  z.strictObject({ type: z.literal("twilio-voice"), ...twilio }),
  z.strictObject({ type: z.literal("plivo-sms"), ...plivo }),
  z.strictObject({ type: z.literal("plivo-voice"), ...plivo }),
  // The address of each of these is the URL of a webhook, a capability of its own.
  z.strictObject({ type: z.literal("discord"), ...pace }),
  z.strictObject({ type: z.literal("mattermost"), ...pace }),
  z.strictObject({ type: z.literal("teams"), ...pace }),
]);
export type Channel = z.infer<typeof Channel>;

/** The channel of the browsers that people let be woken. It needs no configuration, and no other has its name. */
export const WEB_PUSH = "web-push";
