/**
 * Proves that no page of an incident was lost. Every page has six links, each with its instant or with the
 * recorded reason for which it ended; and every step that an escalation has left behind paged somebody or says
 * that nobody was there. What is neither is missing. Pure: the rows and `now` in, the proof out.
 */
import type { ProofLink } from "../../../contract/proof.ts";
import { incidentId } from "../../../contract/ids.ts";
import { PROOF_LINKS } from "../../../contract/proof.ts";
import { MAX_SKEW_MS } from "../../base/clock.ts";
import { spoken } from "../../base/duration.ts";
import { type Instant, instant, mustBeInstant, SECOND, toIso } from "../../base/instant.ts";
import { occasionOf, type Run } from "../escalation/escalation.ts";
import type { Incident } from "../incident/incident.ts";
import { isOpen } from "../incident/incident.ts";
import type { Notification } from "../notification/notification.ts";

export type ProofAttempt = {
  readonly attempt: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly verdict: "in flight" | "accepted" | "retry" | "refused" | "unknown";
  readonly mayRepeat: boolean;
};

export type ProofFacts = {
  readonly incident: Pick<
    Incident,
    "state" | "acknowledgedAt" | "acknowledgedBy" | "resolvedAt" | "deferredFor" | "mergedInto"
  >;
  /** Whether a signal declared it, and the decision about that signal is there. */
  readonly declaredBy: "person" | "signal" | "signal without decision";
  readonly pages: readonly (Notification & { readonly tries: readonly ProofAttempt[] })[];
  readonly runs: readonly Run[];
  /** Steps of which the timeline says that there was nobody to page, or that they were not meant. */
  readonly nobody: readonly {
    readonly step: number;
    readonly round: number;
    readonly at: Instant;
  }[];
  /** Who had it and since when, in order: who has it now need not be who answered an earlier page. */
  readonly acknowledges: readonly { readonly at: Instant; readonly by: string }[];
  readonly ledgerFault: string | null;
};

export type Proof = {
  readonly pages: readonly { readonly links: readonly ProofLink[]; readonly holds: boolean }[];
  readonly missing: readonly string[];
  readonly holds: boolean;
};

/** A node that was killed lets go of what it had claimed after its lease; later than this is late. */
const GRACE_MS = 90 * SECOND;

export function prove(facts: ProofFacts, now: Instant): Proof {
  const pages = facts.pages.map((page) => {
    const links = linksOf(facts, page, now);
    return { links, holds: links.every(({ state }) => state !== "missing") };
  });
  const missing = [
    ...(facts.declaredBy === "signal without decision"
      ? ["The signal that declared it has no recorded decision."]
      : []),
    ...facts.runs.flatMap((run) => stepsWithoutPage(facts, run)),
    ...facts.pages.flatMap(brokenRules(facts)),
    ...(facts.ledgerFault === null ? [] : [`Its ledger does not verify: ${facts.ledgerFault}.`]),
  ];
  return { pages, missing, holds: missing.length === 0 && pages.every(({ holds }) => holds) };
}

type Page = ProofFacts["pages"][number];
type Found = Omit<ProofLink, "link">;

const proved = (at: Instant, because: string): Found => ({
  state: "proved",
  at: toIso(at),
  because,
});
const without = (state: "waiting" | "ended" | "missing", because: string): Found => ({
  state,
  at: null,
  because,
});

function linksOf(facts: ProofFacts, page: Page, now: Instant): readonly ProofLink[] {
  const found: Readonly<Record<(typeof PROOF_LINKS)[number], Found>> = {
    accepted:
      page.acceptedAt === null
        ? without("missing", "nothing says what it was about")
        : proved(page.acceptedAt, "what happened came in"),
    decided: proved(page.decidedAt, `${page.occasion.replace(/^\S+ /, "")} of the escalation`),
    due: due(page),
    "handed over": handedOver(page, now),
    receipt: receiptOf(page, now),
    acknowledged: acknowledged(facts, page, now),
  };
  return inOrder(PROOF_LINKS.map((link) => ({ link, ...found[link] })));
}

/** The engine decides a step when its time has come, so a moment after it; how long after is told. */
function due({ dueAt, decidedAt }: Page): Found {
  if (dueAt >= decidedAt) return proved(dueAt, "its time");
  const late = decidedAt - dueAt;
  const passed = late < SECOND ? `${late} ms` : spoken(late);
  return proved(decidedAt, `at once: its time had come ${passed} before`);
}

/** Each node may be as far as that from the database's clock, one before it and another behind. */
const CLOCKS_APART_MS = 2 * MAX_SKEW_MS;

/**
 * An instant before the one of an earlier link proves nothing, unless two nodes wrote them whose clocks may
 * differ by as much. Only a receipt may come after the acknowledge: of a page that was in flight when another
 * one was answered.
 */
function inOrder(links: readonly ProofLink[]): readonly ProofLink[] {
  let latest = instant(0);
  return links.map((link) => {
    if (link.at === null || link.link === "acknowledged") return link;
    const at = mustBeInstant(link.at, link.link);
    if (at < latest - CLOCKS_APART_MS)
      return {
        ...link,
        state: "missing",
        because: `it stands before the link before it (${toIso(latest)})`,
      };
    if (at > latest) latest = at;
    return link;
  });
}

function handedOver(page: Page, now: Instant): Found {
  if (page.handedOverAt !== null) return proved(page.handedOverAt, `attempt 1 of ${page.attempts}`);
  if (page.state === "dropped" || page.state === "failed")
    return ended(page, "it was never handed over");
  if (page.attendAt === null) return without("missing", "nothing will hand it over");
  return now <= page.attendAt + GRACE_MS
    ? without("waiting", `to be handed over at ${toIso(page.attendAt)}`)
    : without("missing", `nobody has handed it over since ${toIso(page.attendAt)}`);
}

const ended = (page: Page, otherwise: string): Found =>
  page.endedBecause === null
    ? without("missing", `${otherwise}, and nothing says why`)
    : without("ended", `${page.state}: ${page.endedBecause}`);

function receiptOf(page: Page, now: Instant): Found {
  if (page.receiptAt !== null)
    return proved(
      page.receiptAt,
      page.providerId === null ? "taken" : `taken as ${page.providerId}`,
    );
  switch (page.state) {
    case "accepted":
      return without("missing", "taken, and nothing says when");
    case "failed":
    case "dropped":
      return ended(page, "it ended without a receipt");
    case "pending":
    case "sending": {
      const { attendAt } = page;
      if (attendAt === null) return without("missing", "no reply, and nothing tries again");
      const what = page.state === "sending" ? "no reply yet; taken for lost" : "tried again";
      return now <= attendAt + GRACE_MS
        ? without("waiting", `${what} at ${toIso(attendAt)}`)
        : without("missing", `${what} at ${toIso(attendAt)}, which has passed`);
    }
  }
}

function acknowledged(
  { incident, runs, acknowledges }: ProofFacts,
  page: Page,
  now: Instant,
): Found {
  const had = page.acknowledgedAt;
  if (had !== null) {
    const by = acknowledges.findLast(({ at }) => at <= had)?.by ?? incident.acknowledgedBy;
    return proved(had, `by ${by ?? "somebody"}`);
  }
  if (page.requestId !== null)
    return without("ended", "it asked somebody to join, which needs no acknowledge");
  // What a run leads to at its end, such as a page to the manager, belongs to no step of it.
  const run = runs.find(({ id }) => id === page.runId) ?? runs.at(-1) ?? null;
  const stopped = run?.stoppedBecause ?? null;
  if (incident.acknowledgedAt !== null)
    return without("ended", `${incident.acknowledgedBy ?? "somebody"} had it without this page`);
  if (incident.mergedInto !== null)
    return without("ended", `it was merged into ${incidentId(incident.mergedInto)}`);
  if (!isOpen(incident.state)) return without("ended", `it is ${incident.state}`);
  if (stopped === "policy exhausted")
    return without("ended", "nobody answered, to the policy's end");
  const active = runs.find(({ stoppedAt }) => stoppedAt === null);
  if (active?.dueAt === null && incident.deferredFor !== null)
    return without("waiting", "put off while another incident burns");
  if (active?.dueAt != null && now <= active.dueAt + GRACE_MS)
    return without("waiting", `the next step pages at ${toIso(active.dueAt)}`);
  if (stopped !== null) return without("ended", stopped);
  return without("missing", "nobody has acknowledged, and nothing is due");
}

/** Every step that a run has left behind paged somebody, or the timeline says that there was nobody. */
function stepsWithoutPage({ pages, nobody }: ProofFacts, run: Run): readonly string[] {
  const missing: string[] = [];
  // Another run may have gone through the same steps, before it or after.
  const [from, until] = [run.startedAt - CLOCKS_APART_MS, run.stoppedAt ?? Infinity];
  const said = nobody.filter(({ at }) => at >= from && at <= until + CLOCKS_APART_MS);
  for (let round = 0; round <= run.round; round++) {
    const steps = round < run.round ? run.policy.steps.length : run.stepIndex;
    for (let stepIndex = 0; stepIndex < steps; stepIndex++) {
      const occasion = occasionOf({ id: run.id, round, stepIndex });
      const place = { step: stepIndex + 1, round: round + 1 };
      if (pages.some((page) => page.occasion === occasion)) continue;
      if (said.some((entry) => entry.step === place.step && entry.round === place.round)) continue;
      missing.push(
        `Step ${place.step} of round ${place.round} (${run.policyId}) paged nobody, and nothing says why.`,
      );
    }
  }
  return missing;
}

/** Sends that should not have been. */
const brokenRules =
  ({ incident }: ProofFacts) =>
  (page: Page): readonly string[] => {
    const broken: string[] = [];
    const { acknowledgedAt } = incident;
    const late = page.tries.find(
      ({ startedAt }) =>
        page.requestId === null && acknowledgedAt !== null && startedAt > acknowledgedAt,
    );
    if (late !== undefined)
      broken.push(
        `A send of page ${page.id} began at ${toIso(late.startedAt)}, after the acknowledge.`,
      );
    page.tries.forEach((each, position) => {
      const before = page.tries.slice(0, position);
      const repeats = before.some(({ verdict }) => verdict === "accepted" || verdict === "unknown");
      if (repeats && !each.mayRepeat)
        broken.push(`Attempt ${each.attempt} of page ${page.id} repeats one and does not say so.`);
    });
    return broken;
  };
