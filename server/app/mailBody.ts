/** A mail as it was sent → what its adapter reads. */
import PostalMime from "postal-mime";

export async function mailBody(raw: Buffer | string): Promise<Readonly<Record<string, unknown>>> {
  const mail = await PostalMime.parse(raw);
  return {
    subject: mail.subject,
    from: mail.from?.address ?? null,
    date: mail.date ?? null,
    messageId: mail.messageId ?? null,
    text: mail.text ?? mail.html ?? "",
  };
}

const HEAD = /^(?:From [^\n]*\n)?(?:[\w-]{1,80}:[^\n]*\n(?:[ \t][^\n]*\n){0,200}){2,200}\n/;

/** Whether a text is a whole mail, from its first header on. */
export function isMail(text: string): boolean {
  const [head = ""] = HEAD.exec(text.slice(0, 100_000).replaceAll("\r\n", "\n")) ?? [];
  return /^from:/im.test(head) && /^(subject|date|message-id):/im.test(head);
}
