/** What a reply means for the next attempt, where channels agree. */
import type { Reply } from "../../base/transport.ts";
import { HOUR, SECOND } from "../../base/instant.ts";
import type { Verdict } from "../../domain/notification/channel.ts";

export type HttpReply = Extract<Reply, { kind: "http" }>;

/** No reply at all: surely not handed over is sent again at once, anything else is unknown. */
export function verdictOnError(reply: Extract<Reply, { kind: "error" }>): Verdict {
  return reply.reached === "no"
    ? { kind: "retry", because: reply.because, afterMs: null }
    : { kind: "unknown", because: reply.because };
}

/**
 * The receiver's status: 408, 425, 429 and 503 say that it was not taken and may be later, a redirect or another 4xx
 * that it never will be. With another 5xx it broke, or its gateway lost sight of it, when it may have been taken.
 */
export function verdictOnStatus(reply: HttpReply): Verdict {
  const { status } = reply;
  const because = `the receiver answered ${status}`;
  if (status >= 200 && status < 300) return { kind: "accepted", providerId: null, reference: null };
  if (status >= 300 && status < 400) {
    return { kind: "refused", because: `${because}, a redirect, which is not followed` };
  }
  if (status === 429)
    return { kind: "retry", because, afterMs: retryAfterMs(reply), limits: "unsaid" };
  if ([408, 425, 503].includes(status))
    return { kind: "retry", because, afterMs: retryAfterMs(reply) };
  if (status >= 500) return { kind: "unknown", because };
  return status === 410
    ? { kind: "refused", because, mark: "bounced" }
    : { kind: "refused", because };
}

/**
 * How long the receiver asks to be left alone (RFC 9110, seconds or a date measured against its
 * own Date header). At most an hour: a page that a receiver could put off for a day would be a
 * lost page.
 */
export function retryAfterMs(reply: HttpReply): number | null {
  const asked = reply.headers["retry-after"]?.trim() ?? "";
  const ms = /^\d{1,9}$/.test(asked)
    ? Number(asked) * SECOND
    : Date.parse(asked) - Date.parse(reply.headers["date"] ?? "");
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), HOUR);
}
