/**
 * A pressed button in Slack → what it asks for. Pure; the route hands in the raw body and the
 * time.
 */
import { z } from "zod";
import { hmacSha256, sameBytes } from "../../base/crypto.ts";
import { assert, Refusal } from "../../base/errors.ts";
import { type Instant, MINUTE, SECOND } from "../../base/instant.ts";

export type SlackPress =
  | {
      readonly verb: "acknowledge" | "not-mine" | "escalate" | "resolve";
      readonly notificationId: string;
      readonly slackUserId: string;
      /** Where an answer may be posted for half an hour, in the place the button stood. */
      readonly responseUrl: string;
    }
  /** A link was followed; Slack reports that too and only wants a 200. */
  | { readonly verb: "open" };

export type SignedRequest = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as they came: a re-serialised form would not carry the same signature. */
  readonly rawBody: Buffer;
};

const WINDOW_MS = 5 * MINUTE;

/**
 * Reads one interaction. Refuses what is not signed with the secret, what was signed more than five
 * minutes from `now` (a caught request must not acknowledge next week's page), and what is no press
 * of one of our buttons.
 */
export function readSlackInteraction(
  request: SignedRequest,
  signingSecret: string,
  now: Instant,
): SlackPress {
  verifySignature(request, signingSecret, now);
  const form = new URLSearchParams(request.rawBody.toString("utf8"));
  const press = Press.safeParse(jsonOrNull(form.get("payload")));
  if (!press.success) throw new Refusal("chat.not_a_press");
  const { actions, user, response_url: responseUrl } = press.data;
  const [action] = actions;
  if (action.action_id.startsWith("open-")) return { verb: "open" };
  const verb = ANSWERS.find((answer) => answer === action.action_id);
  if (verb === undefined || !action.value || responseUrl === undefined) {
    throw new Refusal("chat.not_a_press");
  }
  return {
    verb,
    notificationId: action.value,
    slackUserId: user.id,
    responseUrl,
  };
}

const ANSWERS = ["acknowledge", "not-mine", "escalate", "resolve"] as const;

const Press = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: z.string().regex(/^[A-Z0-9]{2,32}$/) }),
  response_url: z.url({ protocol: /^https?$/ }).optional(),
  actions: z.tuple([
    z.object({ action_id: z.string().max(255), value: z.string().max(2_000).optional() }),
  ]),
});

function verifySignature({ headers, rawBody }: SignedRequest, secret: string, now: Instant): void {
  assert(secret !== "", "a signature is never checked with an empty secret");
  const timestamp = headers["x-slack-request-timestamp"];
  const signature = headers["x-slack-signature"];
  if (typeof timestamp !== "string" || typeof signature !== "string") {
    throw new Refusal("chat.signature");
  }
  const base = Buffer.concat([Buffer.from(`v0:${timestamp}:`), rawBody]);
  const expected = `v0=${hmacSha256(secret, base).toString("hex")}`;
  if (!sameBytes(Buffer.from(signature), Buffer.from(expected))) {
    throw new Refusal("chat.signature");
  }
  const signedAt = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * SECOND : Number.NaN;
  if (!(Math.abs(now - signedAt) <= WINDOW_MS)) throw new Refusal("chat.stale");
}

function jsonOrNull(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null;
  }
}
