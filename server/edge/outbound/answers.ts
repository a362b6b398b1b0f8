/** The answers to a page besides its first, where a channel can offer them: buttons of their own, or links. */
import type { PageAnswer } from "../../../contract/pages.ts";
import type { Message } from "../../domain/notification/channel.ts";

type Other = { readonly answer: PageAnswer; readonly label: string; readonly url: string };

const OTHERS = [
  { answer: "not-mine", label: "Not mine" },
  { answer: "escalate", label: "Escalate" },
] as const;

/** None where nobody is asked: a notice, a page that somebody has by now, a page that is about no incident. */
export function otherAnswers({ kind, actions, thread }: Message): readonly Other[] {
  const first = actions.find(({ verb }) => verb === "acknowledge");
  if (kind !== "page" || first === undefined || thread === null) return [];
  const mark = first.url.includes("?") ? "&" : "?";
  return OTHERS.map((each) => ({ ...each, url: `${first.url}${mark}answer=${each.answer}` }));
}
