/** One person gets no more than so many pages in a minute by one way: the rest are told in one more. */
import type { Language } from "../../../contract/language.ts";
import { say } from "../../../contract/texts.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import type { MessageAction } from "./channel.ts";
import type { MessageWords, Notification } from "./notification.ts";
import type { NewNotification } from "./store.ts";
import { wordsOf } from "./pageParts.ts";
import { worded } from "./wording.ts";

/** The subject of pages that stand for several. */
export const FOLD = "fold";

/** Nobody reads more of them in one message; all are behind its last link. */
const LINES = 50;

/** When the page that stands for the rest leaves; null: there is room for this one by itself. */
export function foldsAt(starts: readonly Instant[], limit: number, now: Instant): Instant | null {
  const recent = starts.filter((at) => at > now - MINUTE).toSorted((a, b) => b - a);
  const oldest = recent[limit - 1];
  return oldest === undefined ? null : addMs(oldest, MINUTE);
}

/** The page that stands for others, before it is known which of them are still wanted. */
export function foldOf(
  world: World,
  row: Notification,
  dueAt: Instant,
  now: Instant,
): NewNotification {
  const { personId, channelId, address } = row;
  return {
    id: world.chance.id(now),
    subject: FOLD,
    occasion: `minute until ${dueAt}`,
    personId,
    channelId,
    address,
    kind: "page",
    urgency: "high",
    incidentNumber: null,
    runId: null,
    requestId: null,
    digestAt: null,
    message: foldWords([], row.message.language, world.publicUrl, ({ url }) => url),
    reason: {
      ...row.reason,
      you: { kind: "too many", params: {} },
      now: { kind: "minute over", params: {} },
    },
    acceptedAt: row.acceptedAt,
    decidedAt: now,
    dueAt,
  };
}

/** Each page in one line with its own link, so that each can be acknowledged by itself. */
export function foldWords(
  pages: readonly Notification[],
  language: Language | undefined,
  publicUrl: string,
  linkOf: (action: MessageAction) => string,
): MessageWords {
  const wording = {
    kind: "page" as const,
    subject: say("fold subject", { count: pages.length }),
    lines: [
      ...pages.slice(0, LINES).map((page) => {
        const message = wordsOf(page);
        const action = message.actions.find(({ verb }) => verb === "acknowledge");
        return action === undefined ? message.subject : `${message.subject} ${linkOf(action)}`;
      }),
      ...(pages.length > LINES ? [say("fold more", { count: pages.length - LINES })] : []),
    ],
    facts: [],
    actions: [{ label: say("open all"), url: `${publicUrl}/incidents`, verb: "open" as const }],
    attachments: [],
    thread: null,
  };
  return worded(wording, language ?? "en");
}
