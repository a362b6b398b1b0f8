/** The proof of an incident's pages: from the accepted signal to the acknowledge, link by link. */
import { z } from "zod";
import { IncidentId, InstantText, Severity, Slug } from "./ids.ts";
import { Attempt } from "./page.ts";
import { route } from "./route.ts";

/** The links of every page, in their order. */
export const PROOF_LINKS = [
  "accepted",
  "decided",
  "due",
  "handed over",
  "receipt",
  "acknowledged",
] as const;

/**
 * `proved`: it happened, at this instant. `waiting`: its time has not passed. `ended`: it did not happen and never
 * will, for a recorded reason. `missing`: it should have happened and nothing says why it did not.
 */
export const LinkState = z.enum(["proved", "waiting", "ended", "missing"]);

export const ProofLink = z.object({
  link: z.enum(PROOF_LINKS),
  state: LinkState,
  at: InstantText.nullable(),
  /** The recorded reason, or what is missing; instants in it are ISO 8601 in UTC. */
  because: z.string(),
});
export type ProofLink = z.infer<typeof ProofLink>;

export const PageProof = z.object({
  page: z.uuid(),
  person: Slug.nullable(),
  channel: Slug,
  /** Which step of which round. */
  occasion: z.string(),
  /** The channel's own name of the message, where it gave one. */
  providerId: z.string().nullable(),
  links: z.array(ProofLink),
  attempts: z.array(Attempt),
  holds: z.boolean(),
});
export type PageProof = z.infer<typeof PageProof>;

export const ProofSignal = z.object({
  alert: z.uuid(),
  signal: z.uuid(),
  receivedAt: InstantText,
  key: z.string(),
  adapter: z.string(),
  /** Which rule, which line of which file, what it led to. */
  rule: z.string().nullable(),
  source: z.string().nullable(),
  outcome: z.string(),
});

export const IncidentProof = z.object({
  incident: IncidentId,
  severity: Severity,
  state: z.string(),
  /** When it was looked at; what is waiting may be proved later. */
  at: InstantText,
  /** No link is missing. */
  holds: z.boolean(),
  /** The signal that it began with; null when a person declared it, or its alerts went on to another. */
  signal: ProofSignal.nullable(),
  pages: z.array(PageProof),
  /** What is missing beyond single pages, as sentences. */
  missing: z.array(z.string()),
  ledger: z.object({
    leaves: z.int(),
    /** Entries that are no leaves yet; they become so within seconds. */
    waiting: z.int(),
    /** Null: index, chain and hashes agree. */
    fault: z.string().nullable(),
  }),
});
export type IncidentProof = z.infer<typeof IncidentProof>;

export const proveIncident = route({
  method: "GET",
  path: "/v1/incidents/:id/proof",
  access: "pages.read",
  tag: "pages",
  summary:
    "Every page of an incident from the accepted signal to the acknowledge; what is missing.",
  params: z.object({ id: IncidentId }),
  reply: IncidentProof,
});
