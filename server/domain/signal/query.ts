/**
 * Numbers that are fetched instead of pushed: a query that is polled. What is asked of the foreign
 * system, and how often, is here; how it is spoken to stands with its tool in edge/.
 */
import { type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../base/transport.ts";

/** One number of a reply, with the labels that tell it from the reply's other ones. */
export type QueryNumber = {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: Instant;
};

/** Numbers, or in words why there are none: nothing is known then, as in any gap. */
export type QueryReply =
  | { readonly kind: "numbers"; readonly numbers: readonly QueryNumber[] }
  | { readonly kind: "failed"; readonly because: string };

/** Speaks to one kind of foreign system. Pure. */
export type QueryDriver = {
  /** The request that evaluates the query at an instant. */
  render(query: { readonly server: string; readonly query: string }, at: Instant): HttpOutbound;
  read(reply: Reply): QueryReply;
};

/** A poll is given up after this; the samples of half a minute later then speak for themselves. */
export const QUERY_TIMEOUT_MS = 10 * SECOND;

const POLL_MIN_MS = 15 * SECOND;
const POLL_MAX_MS = MINUTE;
const POLLS_PER_GAP = 4;

/**
 * How often a query is asked: four times in the gap that its rule allows, so that two lost replies
 * are no gap yet, but at least every minute and at most every 15 seconds. Every 30 seconds with the
 * default gap of 2 minutes.
 */
export const pollEveryMs = (gapMs: number): number =>
  Math.min(Math.max(gapMs / POLLS_PER_GAP, POLL_MIN_MS), POLL_MAX_MS);

/**
 * How long after its nth failure in a row a query is asked again: it doubles up to a minute. No
 * longer, because a monitoring system that is back must not stay unheard while it matters most.
 */
export const retryAfterMs = (failures: number): number =>
  Math.min(POLL_MIN_MS * 2 ** Math.min(failures - 1, 10), POLL_MAX_MS);
