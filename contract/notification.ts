/** Channels: the ways to reach people. */
import { z } from "zod";

/** A secret never stands in a file: only the name of the environment variable that holds it. */
export const SecretReference = z
  .string()
  .regex(/^env:[A-Z][A-Z0-9_]*$/, "env:NAME, naming an environment variable");

export const Channel = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("email"), from: z.string().min(3).max(320) }),
  z.strictObject({
    type: z.literal("slack"),
    token: SecretReference,
    signingSecret: SecretReference,
    /** The API's address; another one only for tests and proxies. */
    apiUrl: z.url().default("https://slack.com/api"),
  }),
  z.strictObject({
    type: z.literal("webhook"),
    /** Signs each request: HMAC-SHA-256 over timestamp and body. */
    secret: SecretReference,
  }),
]);
export type Channel = z.infer<typeof Channel>;
