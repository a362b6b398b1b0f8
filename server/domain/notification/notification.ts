/**
 * Any message to a person is a row before it is sent. Its way is the page ledger:
 * accepted → decided → due → handed over → receipt → acknowledged, each with its instant, or an end
 * with its reason. The rules here say when it is tried again and when that must stop.
 */
import type { Language } from "../../../contract/language.ts";
import type { MESSAGES, Said, Text } from "../../../contract/texts.ts";
import type { Instant } from "../../base/instant.ts";
import { addMs, HOUR, MINUTE, SECOND } from "../../base/instant.ts";
import type { Message, Verdict } from "./channel.ts";

export type Urgency = "high" | "low";

/** Why you, why now, why this way: kept as values, put into words by the catalogue. */
export type NotificationReason = {
  readonly you: { readonly kind: string; readonly params: Readonly<Record<string, string>> };
  readonly now: { readonly kind: string; readonly params: Readonly<Record<string, string>> };
  readonly way: { readonly kind: string; readonly params: Readonly<Record<string, string>> };
};

/** A message without what only its own row knows. */
export type MessageWords = Omit<Message, "notificationId" | "idempotencyKey" | "mayRepeat">;

export type SentenceKind = keyof typeof MESSAGES;

/** A sentence of the catalogue by its name. */
export type KeptText = Text | readonly [SentenceKind, Said["params"]];

/** What the words of a page about an incident are made of, besides what its row knows; see pageParts.ts. */
export type PageParts = {
  readonly made: "page";
  /** As of a message: absent, English. */
  readonly language?: Language;
  /** The public address that its links begin with. */
  readonly at: string;
  readonly severity: string;
  /** Neither stands in a message about a restricted incident. */
  readonly open?: { readonly title: string; readonly where: string };
  readonly declared: Instant;
  readonly commander?: string;
  readonly lines: readonly KeptText[];
  /** In place of what the incident is called. */
  readonly subject?: KeptText;
  /** What it asks for, unless it is to be acknowledged. */
  readonly asks?: "answer" | "nothing";
};

export type Notification = {
  readonly id: string;
  readonly subject: string;
  readonly occasion: string;
  readonly personId: string | null;
  readonly channelId: string;
  readonly address: string;
  readonly kind: "page" | "notice";
  readonly urgency: Urgency;
  readonly incidentNumber: number | null;
  readonly runId: string | null;
  /** Read by `wordsOf`: of a page about an incident it is what its words are made of. */
  readonly message: MessageWords | PageParts;
  readonly reason: NotificationReason;
  readonly acceptedAt: Instant | null;
  readonly decidedAt: Instant;
  readonly dueAt: Instant;
  readonly state: "pending" | "sending" | "accepted" | "failed" | "dropped";
  readonly attendAt: Instant | null;
  readonly leaseUntil: Instant | null;
  readonly attempts: number;
  readonly mayRepeat: boolean;
  readonly handedOverAt: Instant | null;
  readonly receiptAt: Instant | null;
  readonly providerId: string | null;
  readonly reference: string | null;
  readonly acknowledgedAt: Instant | null;
  readonly endedBecause: string | null;
  /** Why it is due and not tried yet: its provider wants to be left alone. */
  readonly waitsBecause: string | null;
  /** The request to join that it is about: wanted until that is answered. */
  readonly requestId: string | null;
  /** When it is told together with everything else that waited. */
  readonly digestAt: Instant | null;
};

/** How long another node leaves a claimed send alone when the one that claimed it says nothing more. */
export const LEASE_MS = 15 * SECOND;
/** So long a node says again that its send is under way; then it is taken for lost though the node lives. */
export const LONGEST_SEND_MS = 60 * SECOND;
/** What is left of a lease when it is renewed: a tick of a busy machine may take its time. */
const RENEWED_BEFORE_MS = 11 * SECOND;

/** A send that a node has under way. */
export type Held = {
  readonly id: string;
  readonly attempt: number;
  readonly startedAt: Instant;
  readonly leaseUntil: Instant;
};

/** When a node has to renew a lease, or null: it has lasted long enough. */
export const renewalAt = ({ startedAt, leaseUntil }: Held): Instant | null =>
  leaseUntil >= addMs(startedAt, LONGEST_SEND_MS) ? null : addMs(leaseUntil, -RENEWED_BEFORE_MS);

/** Until when a lease that is renewed now lasts. */
export const renewedUntil = ({ startedAt }: Held, now: Instant): Instant => {
  const [next, last] = [addMs(now, LEASE_MS), addMs(startedAt, LONGEST_SEND_MS)];
  return next < last ? next : last;
};

/** So long a page is tried again that its provider refuses for being too many, however often that was. */
const CROWD_PATIENCE_MS = HOUR;

/** Waits between attempts; after the last the notification has failed. About 25 minutes in all. */
const PAGE_BACKOFF_MS = [5, 10, 20, 40, 60, 120, 240, 480, 480].map((s) => s * SECOND);
const NOTICE_BACKOFF_MS = [1, 2, 5, 10, 30, 60, 120].map((m) => m * MINUTE);

/**
 * After this many failed attempts a page stops waiting for its channel: the escalation goes on to the
 * next person at once, while this one is still being tried.
 */
export const ATTEMPTS_BEFORE_ESCALATING = 3;

export type Aftermath =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "again";
      readonly at: Instant;
      readonly mayRepeat: boolean;
      readonly escalate: boolean;
    }
  | { readonly kind: "failed"; readonly because: string; readonly escalate: boolean };

/** What follows from the reply to attempt number `attempts` (counted from 1). */
export function aftermath(
  notification: Pick<Notification, "kind" | "attempts" | "dueAt">,
  verdict: Verdict,
  now: Instant,
): Aftermath {
  const isPage = notification.kind === "page";
  if (verdict.kind === "accepted") return { kind: "accepted" };
  // Once per notification: at the attempt that ends the patience, or at an earlier definite end.
  const escalate = isPage && notification.attempts === ATTEMPTS_BEFORE_ESCALATING;
  if (verdict.kind === "refused") {
    const early = isPage && notification.attempts <= ATTEMPTS_BEFORE_ESCALATING;
    return { kind: "failed", because: `refused: ${verdict.because}`, escalate: early };
  }
  const waits = isPage ? PAGE_BACKOFF_MS : NOTICE_BACKOFF_MS;
  const isCrowd = isPage && verdict.kind === "retry" && verdict.limits !== undefined;
  const isPatient = isCrowd && now < addMs(notification.dueAt, CROWD_PATIENCE_MS);
  const wait = waits[notification.attempts - 1] ?? (isPatient ? waits.at(-1) : undefined);
  if (wait === undefined)
    return { kind: "failed", because: `gave up: ${verdict.because}`, escalate };
  const asked = verdict.kind === "retry" ? (verdict.afterMs ?? 0) : 0;
  return {
    kind: "again",
    at: addMs(now, Math.max(wait, asked)),
    mayRepeat: verdict.kind === "unknown",
    escalate,
  };
}
