/**
 * TAXII 2.1: one page of the objects of a collection → indicators, read as a STIX bundle's are.
 * https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html
 */
import { instant, SECOND } from "../../../base/instant.ts";
import type { FeedDriver, FeedReply } from "../../../domain/signal/feed.ts";
import { cleanText, clip } from "../../../domain/signal/signal.ts";
import { bodyOf } from "../body.ts";
import { isObject, type Json, Reading } from "../reading.ts";
import { stix } from "./stix.ts";

const MEDIA_TYPE = "application/taxii+json;version=2.1";
const TIMEOUT_MS = 20 * SECOND;

export const taxii: FeedDriver = {
  render({ collection, authorization, addedAfter, nextPage, most }) {
    const url = new URL(collection);
    url.pathname = `${url.pathname.replace(/\/+$/, "").replace(/\/objects$/, "")}/objects/`;
    url.searchParams.set("match[type]", "indicator");
    url.searchParams.set("limit", String(most));
    if (addedAfter !== null) url.searchParams.set("added_after", addedAfter);
    if (nextPage !== null) url.searchParams.set("next", nextPage);
    return {
      via: "http",
      method: "GET",
      url: url.href,
      headers: {
        Accept: MEDIA_TYPE,
        "User-Agent": "Tocsin",
        ...(authorization !== null && { Authorization: authorization }),
      },
      body: null,
      timeoutMs: TIMEOUT_MS,
    };
  },
  read(reply, feedId) {
    if (reply.kind === "error") return failed(reply.because);
    if (reply.kind === "mail") return failed("a mail reply to an HTTP request");
    const read = bodyOf(reply.body);
    const envelope = read.kind === "body" && isObject(read.body) ? read.body : null;
    if (reply.status !== 200)
      return failed(`the server answered ${reply.status}${wordsOf(envelope)}`);
    // A collection without anything new answers with an empty envelope, or with nothing at all.
    if (envelope === null && read.kind !== "empty")
      return failed("the reply is no envelope of objects");
    return pageOf(envelope ?? {}, reply.headers["x-taxii-date-added-last"] ?? null, feedId);
  },
};

const failed = (because: string): FeedReply => ({
  kind: "failed",
  because: clip(cleanText(because), 500),
});

const wordsOf = (envelope: Json | null): string =>
  typeof envelope?.["title"] === "string" ? `: ${envelope["title"]}` : "";

function pageOf(envelope: Json, addedLast: string | null, feedId: string): FeedReply {
  const objects = envelope["objects"];
  // A bundle's own instants are in its objects: when it is read does not matter.
  const found = Array.isArray(objects)
    ? stix.read({ body: { type: "bundle", objects }, headers: {}, now: instant(0) })
    : new Reading();
  const next = envelope["next"];
  return {
    kind: "page",
    indicators: (found.indicators ?? []).map(({ indicator }) => ({
      ...indicator,
      source: `TAXII ${feedId}`,
    })),
    more: envelope["more"] === true,
    nextPage: envelope["more"] === true && typeof next === "string" && next !== "" ? next : null,
    addedLast,
  };
}
