/** A text message that came back, and a key that was pressed → what is meant. */
import type { PageAnswer } from "../../../../contract/pages.ts";

export type TextReply =
  | { readonly kind: "stop" }
  | { readonly kind: "start" }
  /** `incident`: the number that was named, “1 12” or “ack INC-12”. */
  | { readonly kind: "answer"; readonly answer: PageAnswer; readonly incident: number | null }
  | { readonly kind: "unclear" };

/** The words that carriers ask everybody to honour, alone in their message. */
const STOP = /^(stop|stopp|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt-out)$/;
const START = /^(start|unstop)$/;

const WORDS: readonly (readonly [RegExp, PageAnswer])[] = [
  [/^(1|ack|acknowledge|ok|yes|y|mine|join)$/, "acknowledge"],
  [/^(2|esc|escalate|next)$/, "escalate"],
  [/^(3|no|n|not mine|not-mine|notmine|decline)$/, "not-mine"],
  [/^(4|resolve|resolved|done|fixed)$/, "resolve"],
];

export function readReply(text: string): TextReply {
  const said = text
    .trim()
    .toLowerCase()
    .replace(/[.!]+$/, "")
    .replace(/\s+/g, " ");
  if (STOP.test(said)) return { kind: "stop" };
  if (START.test(said)) return { kind: "start" };
  const [, word = "", number] = /^(.{1,12}?)(?:[ #]+(?:inc-)?(\d{1,9}))?$/.exec(said) ?? [];
  const answer = WORDS.find(([pattern]) => pattern.test(word))?.[1];
  return answer === undefined
    ? { kind: "unclear" }
    : { kind: "answer", answer, incident: number === undefined ? null : Number(number) };
}

export const answerOfKey = (key: string): PageAnswer | null => {
  const reply = /^[1-4]$/.test(key) ? readReply(key) : null;
  return reply?.kind === "answer" ? reply.answer : null;
};

/** A request to join is answered with yes or no; null: with nothing else. */
export const answerToRequest = (answer: PageAnswer): PageAnswer | null =>
  answer === "acknowledge" ? "join" : answer === "not-mine" ? "decline" : null;
