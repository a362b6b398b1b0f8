/** An iCalendar file at an address, asked for only when it changed (RFC 9110, sections 13 and 15.4.5). */
import { SECOND } from "../../base/instant.ts";
import type { CalendarAnswer, CalendarDriver } from "../../domain/oncall/leaveFeed.ts";
import { cleanText, clip } from "../../domain/signal/signal.ts";

const TIMEOUT_MS = 20 * SECOND;
/** As much as may be said by hand. */
const MOST_BYTES = 1_000_000;

export const calendarFeed: CalendarDriver = {
  render: ({ url, etag, lastModified }) => ({
    via: "http",
    method: "GET",
    url,
    headers: {
      Accept: "text/calendar",
      "User-Agent": "Tocsin",
      ...(etag !== null && { "If-None-Match": etag }),
      ...(etag === null && lastModified !== null && { "If-Modified-Since": lastModified }),
    },
    body: null,
    replyBytes: MOST_BYTES,
    timeoutMs: TIMEOUT_MS,
  }),
  read(reply) {
    if (reply.kind === "error") return failed(reply.because);
    if (reply.kind === "mail") return failed("a mail reply to an HTTP request");
    const { status, headers, body } = reply;
    if (status === 304) return { kind: "unchanged" };
    if (status >= 300 && status < 400)
      return failed(`the server answered ${status}: it has moved, say its new address`);
    if (status !== 200) return failed(`the server answered ${status}`, [404, 410].includes(status));
    if (reply.isCut === true) return failed("it is longer than a megabyte");
    const { etag = null, "last-modified": lastModified = null } = headers;
    return { kind: "calendar", text: body, etag: etag?.slice(0, 500) ?? null, lastModified };
  },
};

const failed = (because: string, isGone = false): CalendarAnswer => ({
  kind: "failed",
  because: clip(cleanText(because), 300),
  isGone,
});
