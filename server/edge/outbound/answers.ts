/** The answers to a page besides its first, where a channel can offer them: buttons of their own, or links. */
import type { PageAnswer } from "../../../contract/pages.ts";
import type { Message, MessageAction } from "../../domain/notification/channel.ts";
import { sayIn } from "./words.ts";

type Other = { readonly answer: PageAnswer; readonly label: string; readonly url: string };

const OTHERS = [
  { answer: "not-mine", label: "not mine" },
  { answer: "escalate", label: "escalate" },
  { answer: "resolve", label: "it is over" },
] as const;
/** Whoever is asked to join says yes or no; by a button no is what “not mine” is of a page. */
const OF_A_REQUEST = [{ answer: "not-mine", label: "i cannot" }] as const;

/** Whether it asks somebody to join instead of paging them. */
const isRequest = (message: Message, label: string): boolean => label === sayIn(message, "answer");

/** What a button says that answers as it is pressed: behind “Answer” nothing is asked any more. */
export const pressLabel = (message: Message, { label }: Pick<MessageAction, "label">): string =>
  isRequest(message, label) ? sayIn(message, "i join") : label;

/** None where nobody is asked: a notice, a page that somebody has by now, a page that is about no incident. */
export function otherAnswers(message: Message): readonly Other[] {
  const { kind, actions, thread } = message;
  const first = actions.find(({ verb }) => verb === "acknowledge");
  if (kind !== "page" || first === undefined || thread === null) return [];
  const mark = first.url.includes("?") ? "&" : "?";
  const others = isRequest(message, first.label) ? OF_A_REQUEST : OTHERS;
  return others.map(({ answer, label }) => ({
    answer,
    label: sayIn(message, label),
    url: `${first.url}${mark}answer=${answer}`,
  }));
}
