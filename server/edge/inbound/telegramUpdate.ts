/** A pressed button in Telegram → what it asks for. Pure; proved by the secret that the webhook was set with. */
import { z } from "zod";
import type { PageAnswer } from "../../../contract/pages.ts";
import { sameBytes } from "../../base/crypto.ts";
import { Refusal } from "../../base/errors.ts";

export type TelegramPress = {
  readonly answer: PageAnswer;
  readonly notificationId: string;
  /** The id of whoever pressed, which is that of their own chat with the bot. */
  readonly userId: string;
  readonly queryId: string;
};

const ANSWERS: Readonly<Record<string, PageAnswer>> = {
  acknowledge: "acknowledge",
  "not-mine": "not-mine",
  escalate: "escalate",
  resolve: "resolve",
};

const Update = z.object({
  callback_query: z.object({
    id: z.string().max(64),
    from: z.object({ id: z.int() }),
    data: z.string().max(64),
  }),
});

/** What a button carries: 64 bytes are all that Telegram takes. */
export const pressData = (answer: PageAnswer, notificationId: string): string =>
  `${answer} ${notificationId}`;

/** Null for what is no press: whatever else people write to the bot. */
export function readTelegramUpdate(
  headers: Readonly<Record<string, string | undefined>>,
  body: unknown,
  secret: string,
): TelegramPress | null {
  const shown = headers["x-telegram-bot-api-secret-token"] ?? "";
  if (secret === "" || !sameBytes(Buffer.from(shown), Buffer.from(secret)))
    throw new Refusal("chat.signature");
  const update = Update.safeParse(body);
  if (!update.success) return null;
  const { id, from, data } = update.data.callback_query;
  const [, word = "", notificationId] = /^([a-z-]+) ([0-9a-f-]{36})$/.exec(data) ?? [];
  const answer = ANSWERS[word];
  if (answer === undefined || notificationId === undefined) return null;
  return { answer, notificationId, userId: String(from.id), queryId: id };
}
