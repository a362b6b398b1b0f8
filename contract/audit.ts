/** The audit trail: who changed access, configuration, duty and what is said quiet, from the ledger. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

/** What it is about. Incidents and runs keep timelines of their own; signals are no doing of anybody. */
export const AUDIT_PARTS = ["access", "config", "oncall", "silences", "runbook"] as const;
export const AuditPart = z.enum(AUDIT_PARTS);
export type AuditPart = z.infer<typeof AuditPart>;

/** As far as it is still known: the ledger itself holds no name. */
const Named = z.object({ kind: z.string(), id: z.string().nullable() });

export const AuditEntry = z.object({
  id: z.int(),
  at: InstantText,
  part: AuditPart,
  by: Named,
  /** Such as “signed in by passkey” or “config update”. */
  action: z.string(),
  about: Named,
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const listAudit = route({
  method: "GET",
  path: "/v1/audit",
  access: "audit.read",
  tag: "access",
  summary: "Who changed access, configuration, duty, silences and runbooks, newest first.",
  query: PageQuery.extend({
    part: AuditPart.optional(),
    /** What this person did, and what was done to their access. */
    person: Slug.optional(),
    since: InstantText.optional(),
    until: InstantText.optional(),
  }),
  reply: page(AuditEntry),
});
