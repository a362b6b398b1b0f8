/**
 * A page about an incident, kept as what its words are made of. Of a crowd of pages the words were most of what the store
 * read, wrote and logged. What the row itself knows is not said again, and a link is signed when it leaves.
 */
import { incidentId } from "../../../contract/ids.ts";
import { MESSAGES, type Said, say, sentence, type Text } from "../../../contract/texts.ts";
import { toIso } from "../../base/instant.ts";
import type { Keyring } from "../../base/crypto.ts";
import type { MessageAction } from "./channel.ts";
import type {
  KeptText,
  MessageWords,
  Notification,
  PageParts,
  SentenceKind,
} from "./notification.ts";
import { fact, worded, type Wording } from "./wording.ts";

const KINDS = new Map<string, SentenceKind>(
  Object.entries(MESSAGES).map(([kind, template]) => [template, kind as SentenceKind]),
);

export function keptText(text: Text): KeptText {
  if (typeof text === "string") return text;
  const kind = KINDS.get(text.template);
  return kind === undefined ? text : [kind, text.params];
}

const isNamed = (text: KeptText): text is readonly [SentenceKind, Said["params"]] =>
  Array.isArray(text);

/** A sentence that a later version took out of the catalogue is said by its name. */
const textOf = (text: KeptText): Text =>
  isNamed(text) ? sentence(MESSAGES[text[0]] ?? text[0], text[1]) : text;

type Row = Pick<Notification, "id" | "kind" | "incidentNumber" | "acceptedAt" | "message">;

/** What a row says. */
export const wordsOf = (row: Row): MessageWords => {
  const { message } = row;
  return "made" in message ? worded(wordingOf(row, message), message.language ?? "en") : message;
};

/** The same as it stands in a row that nodes of the version before send as it is. */
export function signedWords(row: Row, keys: Keyring): MessageWords {
  const words = wordsOf(row);
  return { ...words, actions: words.actions.map((action) => signedAction(keys, action)) };
}

/** The link with which the person who got a message can act without signing in. */
export const signedAction = (
  keys: Pick<Keyring, "sign">,
  { signed, ...action }: MessageAction,
): MessageAction =>
  signed === undefined
    ? action
    : { ...action, url: `${action.url}.${keys.sign(signed.purpose, signed.text)}` };

function wordingOf(row: Row, parts: PageParts): Wording {
  const incident = incidentId(row.incidentNumber ?? 0);
  const { at, severity, open, asks } = parts;
  const title = open === undefined ? say("restricted title") : open.title;
  const asksFor = {
    label: say(asks === "answer" ? "answer" : "acknowledge"),
    url: `${at}/a/${row.id}`,
    verb: "acknowledge" as const,
    signed: { purpose: "acknowledge", text: row.id },
  };
  return {
    kind: row.kind,
    subject:
      parts.subject === undefined
        ? say("page subject", { severity, incident, title })
        : textOf(parts.subject),
    lines: [
      ...(open === undefined ? [] : [say("page what", { severity, services: open.where, title })]),
      say("page how long", {
        detected: toIso(row.acceptedAt ?? parts.declared),
        declared: toIso(parts.declared),
      }),
      ...parts.lines.map(textOf),
    ],
    facts: [
      fact("incident", incident),
      fact("severity", severity),
      ...(open === undefined ? [] : [fact("affected", open.where)]),
      fact("commander", parts.commander ?? say("nobody yet")),
    ],
    actions: [
      ...(asks === "nothing" ? [] : [asksFor]),
      { label: say("open", { incident }), url: `${at}/incidents/${incident}`, verb: "open" },
    ],
    attachments: [],
    thread: { subjectId: incident, sentReference: null },
  };
}
