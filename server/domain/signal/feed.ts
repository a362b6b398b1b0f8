/** A feed of indicators that is polled page by page. How it is spoken to stands with its protocol in edge/. */
import { MINUTE } from "../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../base/transport.ts";
import type { Indicator } from "./indicator.ts";

export type FeedRequest = {
  readonly feedId: string;
  readonly collection: string;
  /** The value of the header Authorization; null without. */
  readonly authorization: string | null;
  readonly addedAfter: string | null;
  readonly nextPage: string | null;
  /** How many objects a page may have. */
  readonly most: number;
};

export type FeedReply =
  | {
      readonly kind: "page";
      readonly indicators: readonly Indicator[];
      /** The place of the next page; null when this was the last one. */
      readonly nextPage: string | null;
      /** Whether the server has more, which it need not give a place. */
      readonly more: boolean;
      /** When the last object of the page was added, in the server's words. */
      readonly addedLast: string | null;
    }
  | { readonly kind: "failed"; readonly because: string };

/** Speaks one protocol. Pure. */
export type FeedDriver = {
  render(request: FeedRequest): HttpOutbound;
  read(reply: Reply, feedId: string): FeedReply;
};

const PAGE_MOST = 100;
const RETRY_MAX_MS = 30 * MINUTE;

/** Replies are cut when they are long: after each failure half as many objects are asked for. */
export const pageSize = (failures: number): number =>
  Math.max(1, Math.floor(PAGE_MOST / 2 ** Math.min(failures, 10)));

/** A feed that fails is asked again after a minute, then after ever longer times up to half an hour. */
export const feedRetryMs = (failures: number): number =>
  Math.min(MINUTE * 2 ** Math.min(failures - 1, 10), RETRY_MAX_MS);
