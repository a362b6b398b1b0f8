/** Small manners of text that every channel needs. */
import { say } from "../../../contract/texts.ts";
import { inWords } from "../../base/words.ts";
import type { Message } from "../../domain/notification/channel.ts";

/** A sentence of ours beside what the message says, in its language. */
export const sayIn = (
  { language = "en" }: Pick<Message, "language">,
  kind: Parameters<typeof say>[0],
): string => inWords(say(kind), language);

export const repeatNote = (message: Pick<Message, "language">): string =>
  sayIn(message, "may repeat");

/** One line without control characters: line breaks in a header would start a new one. */
export const oneLine = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is removed here
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();

/**
 * The text, cut with an ellipsis so that `measure` of it stays within the limit; no half
 * characters.
 */
export function cut(text: string, limit: number, measure = (part: string) => part.length): string {
  if (measure(text) <= limit) return text;
  let kept = "";
  let size = measure("…");
  for (const character of text) {
    size += measure(character);
    if (size > limit) break;
    kept += character;
  }
  return `${kept}…`;
}
