/** Message → signed JSON request to any receiver. Sample: golden/webhook.page.json */
import { hmacSha256 } from "../../base/crypto.ts";
import { type Instant, SECOND, toIso } from "../../base/instant.ts";
import { type ChannelDriver, type Message, secretOf } from "../../domain/notification/channel.ts";
import { verdictOnError, verdictOnStatus } from "./verdict.ts";
import { oneLine } from "./words.ts";

export const webhook: ChannelDriver = {
  render(message, address, settings, now) {
    const body = JSON.stringify(bodyOf(message, settings.publicUrl, now));
    return {
      via: "http",
      method: "POST",
      url: address,
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "Tocsin",
        "Idempotency-Key": oneLine(message.idempotencyKey),
        "Tocsin-Signature": signatureOf(body, secretOf(settings, "secret"), now),
      },
      body,
      timeoutMs: 10 * SECOND,
    };
  },
  update: null, // a receiver learns of changes by its own subscription, not by a rewritten request
  verdict(reply) {
    if (reply.kind === "error") return verdictOnError(reply);
    if (reply.kind === "http") return verdictOnStatus(reply);
    return { kind: "unknown", because: "a mail reply to an HTTP request" };
  },
};

/** The time is signed with the body, so that a caught request cannot be played again later. */
function signatureOf(body: string, secret: string, now: Instant): string {
  const seconds = Math.floor(now / SECOND);
  return `t=${seconds},v1=${hmacSha256(secret, `${seconds}.${body}`).toString("hex")}`;
}

const bodyOf = (message: Message, publicUrl: string, now: Instant) => ({
  type: `notification.${message.kind}`,
  id: message.notificationId,
  idempotencyKey: message.idempotencyKey,
  sentAt: toIso(now),
  subjectId: message.thread?.subjectId ?? null,
  subject: message.subject,
  lines: message.lines,
  facts: message.facts,
  actions: message.actions,
  attachments: message.attachments,
  mayRepeat: message.mayRepeat,
  from: publicUrl,
});
