/** The answers to a page besides its first, where a channel can offer them: buttons of their own, or links. */
import type { PageAnswer } from "../../../contract/pages.ts";
import type { Message } from "../../domain/notification/channel.ts";
import { sayIn } from "./words.ts";

type Other = { readonly answer: PageAnswer; readonly label: string; readonly url: string };

const OTHERS = [
  { answer: "not-mine", label: "not mine" },
  { answer: "escalate", label: "escalate" },
] as const;

/** None where nobody is asked: a notice, a page that somebody has by now, a page that is about no incident. */
export function otherAnswers(message: Message): readonly Other[] {
  const { kind, actions, thread } = message;
  const first = actions.find(({ verb }) => verb === "acknowledge");
  if (kind !== "page" || first === undefined || thread === null) return [];
  const mark = first.url.includes("?") ? "&" : "?";
  return OTHERS.map(({ answer, label }) => ({
    answer,
    label: sayIn(message, label),
    url: `${first.url}${mark}answer=${answer}`,
  }));
}
