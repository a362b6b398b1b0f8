/** Message → mail (RFC 5322); an SMTP reply → verdict. Sample: golden/email.page.html.txt */
import { assert } from "../../base/errors.ts";
import { SECOND } from "../../base/instant.ts";
import type { MailOutbound, Reply } from "../../base/transport.ts";
import type {
  ChannelDriver,
  ChannelSettings,
  Message,
  Verdict,
} from "../../domain/notification/channel.ts";
import { htmlOf } from "./emailHtml.ts";
import { verdictOnError } from "./verdict.ts";
import { cut, oneLine, repeatNote } from "./words.ts";

const SUBJECT_LIMIT = 200;

export const email: ChannelDriver = {
  render(message, address, settings) {
    assert(settings.channel.type === "email", "mail is rendered for a mail channel");
    return {
      via: "mail",
      from: oneLine(settings.channel.from),
      to: oneLine(address),
      subject: cut(oneLine(message.subject), SUBJECT_LIMIT),
      text: textOf(message, settings),
      html: htmlOf(message, settings).toString(),
      messageId: messageIdOf(message.notificationId),
      headers: headersOf(message),
      attachments: message.attachments.map((file) => ({
        name: oneLine(file.name),
        type: oneLine(file.type),
        content: file.content,
      })),
      timeoutMs: 30 * SECOND,
    };
  },
  update: null, // a sent mail cannot be changed
  verdict: verdictOf,
};

const messageIdOf = (id: string): string => `${id.replace(/[^A-Za-z0-9._-]/g, "-")}@tocsin.host`;

function headersOf(message: Message): MailOutbound["headers"] {
  const urgent = { "X-Priority": "1 (Highest)", Importance: "high", Priority: "urgent" };
  return {
    // Keeps vacation notices from answering, and other people's mail robots from looping with us.
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "X-Tocsin-Notification": oneLine(message.notificationId),
    ...(message.kind === "page" ? urgent : {}),
    // A root that was never sent: mail programs still show all its children as one conversation.
    ...(message.thread && { References: `<${messageIdOf(message.thread.subjectId)}>` }),
  };
}

function textOf(message: Message, settings: ChannelSettings): string {
  const facts = message.facts.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`);
  const actions = message.actions.map(({ label, url }) => `${oneLine(label)}: ${oneLine(url)}`);
  const paragraphs = [
    oneLine(message.subject),
    message.lines.join("\n"),
    facts.join("\n"),
    actions.join("\n"),
    message.mayRepeat ? repeatNote(message) : "",
    `-- \n${settings.productName} · ${settings.publicUrl} · ${message.notificationId}`,
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== "").join("\n\n")}\n`;
}

function verdictOf(reply: Reply): Verdict {
  if (reply.kind === "error") return verdictOnError(reply);
  if (reply.kind === "http") return { kind: "unknown", because: "an HTTP reply to a mail" };
  const because = oneLine(`the mail server answered ${reply.text || reply.code}`);
  if (reply.code >= 200 && reply.code < 300) {
    const [, queueId = null] = /\bqueued as ([\w.-]+)/i.exec(reply.text) ?? [];
    return { kind: "accepted", providerId: queueId, reference: null };
  }
  if (reply.code >= 400 && reply.code < 500) return { kind: "retry", because, afterMs: null };
  if (reply.code >= 500 && reply.code < 600)
    return isNobody(reply)
      ? { kind: "refused", because, mark: "bounced" }
      : { kind: "refused", because };
  return { kind: "unknown", because };
}

/** No such mailbox (RFC 5321, 3463), rather than a refusal of this mail for what it is or whence it comes. */
const isNobody = ({ code, text }: Extract<Reply, { kind: "mail" }>): boolean =>
  [550, 551, 553, 556].includes(code) && !/\b5\.7\.\d|spam|policy|relay|block/i.test(text);
