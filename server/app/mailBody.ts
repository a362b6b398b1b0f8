/** A mail as it was sent → what its adapter reads. */
import PostalMime, { type Email } from "postal-mime";
import { htmlText } from "../base/htmlText.ts";

/** `cut`: whether the end of the mail was let go because it was too long to be kept. */
export async function mailBody(
  raw: Buffer | string,
  cut = false,
): Promise<Readonly<Record<string, unknown>>> {
  const mail = await PostalMime.parse(raw);
  const plain = mail.text?.trim() ?? "";
  return {
    subject: mail.subject,
    from: mail.from?.address ?? null,
    date: mail.date ?? null,
    messageId: mail.messageId ?? null,
    text: plain === "" ? htmlText(mail.html ?? "") : plain,
    ...(cut && { cut }),
    automatic: automaticIn(mail),
  };
}

/** Programs that answer for people who are away write it in the language of these. */
const AWAY =
  /^\s*(?:automatic reply|auto(?:matic)?[- ]?repl(?:y|ied)|out of (?:the )?office|automatische antwort|abwesenheitsnotiz|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord)\b/i;

/**
 * What a program sent by itself in answer to a mail, by its headers (RFC 3834, 3464, 8098, 5546); null for every
 * other mail. “auto-generated” alone is what monitoring says of its own mails too.
 */
function automaticIn(mail: Email): string | null {
  const header = (name: string): string =>
    mail.headers
      .find(({ key }) => key === name)
      ?.value.trim()
      .toLowerCase() ?? "";
  const type = header("content-type");
  if (type.startsWith("multipart/report")) {
    if (type.includes("disposition-notification")) return "a receipt";
    if (type.includes("delivery-status")) return "word of a mail that was not delivered";
  }
  const from = mail.from?.address?.toLowerCase() ?? "";
  if (from.startsWith("mailer-daemon@")) return "word of a mail that was not delivered";
  if (
    header("auto-submitted").startsWith("auto-replied") ||
    header("precedence") === "auto_reply" ||
    header("x-autoreply") !== "" ||
    header("x-autorespond") !== "" ||
    AWAY.test(mail.subject ?? "")
  )
    return "an automatic answer";
  const invites = mail.attachments.some(
    ({ mimeType, method }) => mimeType === "text/calendar" && (method ?? "") !== "",
  );
  return invites ? "an invitation to a meeting" : null;
}

const HEAD = /^(?:From [^\n]*\n)?(?:[\w-]{1,80}:[^\n]*\n(?:[ \t][^\n]*\n){0,200}){2,200}\n/;

/** Whether a text is a whole mail, from its first header on. */
export function isMail(text: string): boolean {
  const [head = ""] = HEAD.exec(text.slice(0, 100_000).replaceAll("\r\n", "\n")) ?? [];
  return /^from:/im.test(head) && /^(subject|date|message-id):/im.test(head);
}
