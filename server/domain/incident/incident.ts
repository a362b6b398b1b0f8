/**
 * Incidents: declared → mitigated → resolved → closed; may be cancelled, may reopen. The table below
 * says what may be done in which state; everything else about a verb is its own facts.
 */
import type {
  AcceptancePiece,
  Impact,
  IncidentState,
  RootCause,
} from "../../../contract/incident.ts";
import type { IncidentKind, Severity } from "../../../contract/ids.ts";
import { incidentId } from "../../../contract/ids.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";
import { isRun } from "../policy/policy.ts";

export type Incident = {
  readonly number: number;
  readonly title: string;
  readonly kind: IncidentKind;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly serviceId: string | null;
  readonly services: readonly string[];
  readonly regions: readonly string[];
  readonly teamIds: readonly string[];
  readonly ruleId: string | null;
  /** Its group, where its rule groups otherwise than by service. */
  readonly groupKey: string | null;
  /** When alerts last joined it. */
  readonly joinedAt: Instant | null;
  readonly ruleFile: string | null;
  readonly ruleLine: number | null;
  readonly summary: string | null;
  readonly impact: Impact;
  readonly rootCause: Partial<RootCause>;
  readonly commanderId: string | null;
  readonly offeredCommanderId: string | null;
  readonly acknowledgedBy: string | null;
  readonly detectedAt: Instant;
  readonly declaredAt: Instant;
  readonly acknowledgedAt: Instant | null;
  readonly mitigatedAt: Instant | null;
  readonly resolvedAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly cancelledBecause: string | null;
  readonly mergedInto: number | null;
  readonly autoResolve: boolean;
  readonly deferredFor: number | null;
  readonly deferredBecause: string | null;
  readonly restricted: boolean;
  readonly declaredBy: ActorMark;
  readonly attendAt: Instant | null;
};

const DRILL = "drill:";

/** The name in the place of a rule's by which the incident of a drill is known; no rule is called so. */
export const drillRule = (drill: string): string => `${DRILL}${drill}`;

/** What a page about it says, and what decides whether one is sent. Of a crowd the rest would be read for nothing. */
export type Paging = Pick<
  Incident,
  | "number"
  | "title"
  | "severity"
  | "state"
  | "services"
  | "regions"
  | "teamIds"
  | "commanderId"
  | "detectedAt"
  | "declaredAt"
  | "acknowledgedAt"
  | "restricted"
>;

export const isDrill = ({ ruleId }: Pick<Incident, "ruleId">): boolean =>
  ruleId?.startsWith(DRILL) === true;

export const isOpen = (state: IncidentState): boolean =>
  state === "declared" || state === "mitigated";

/** Verb → the states that allow it. */
export const ALLOWED = {
  acknowledge: ["declared", "mitigated"],
  escalate: ["declared", "mitigated"],
  reassign: ["declared", "mitigated"],
  "not-mine": ["declared", "mitigated"],
  renew: ["declared", "mitigated"],
  "add-responders": ["declared", "mitigated"],
  join: ["declared", "mitigated"],
  decline: ["declared", "mitigated"],
  defer: ["declared"],
  severity: ["declared", "mitigated"],
  role: ["declared", "mitigated", "resolved"],
  "release-role": ["declared", "mitigated", "resolved"],
  "hand-over": ["declared", "mitigated", "resolved"],
  "accept-command": ["declared", "mitigated", "resolved"],
  "decline-command": ["declared", "mitigated", "resolved"],
  note: ["declared", "mitigated", "resolved", "closed", "cancelled"],
  task: ["declared", "mitigated", "resolved"],
  "finish-task": ["declared", "mitigated", "resolved", "closed"],
  update: ["declared", "mitigated", "resolved"],
  attach: ["declared", "mitigated", "resolved"],
  impact: ["declared", "mitigated", "resolved", "closed"],
  "root-cause": ["declared", "mitigated", "resolved", "closed"],
  record: ["declared", "mitigated", "resolved"],
  merge: ["declared", "mitigated"],
  mitigate: ["declared"],
  resolve: ["declared", "mitigated"],
  reopen: ["resolved", "closed"],
  close: ["resolved"],
  cancel: ["declared", "mitigated"],
  restrict: ["declared", "mitigated", "resolved", "closed", "cancelled"],
} as const satisfies Record<string, readonly IncidentState[]>;

export type Verb = keyof typeof ALLOWED;

/** The verbs that a state allows, in the order of the table. */
export const allowedVerbs = (state: IncidentState): Verb[] =>
  (Object.keys(ALLOWED) as Verb[]).filter((verb) =>
    (ALLOWED[verb] as readonly string[]).includes(state),
  );

/** Refuses a verb that the state does not allow, saying what is allowed now. */
export function mustAllow(
  incident: Pick<Incident, "number" | "state" | "mergedInto">,
  verb: Verb,
): void {
  if ((ALLOWED[verb] as readonly string[]).includes(incident.state)) return;
  throw new Refusal("incident.wrong_state", {
    id: incidentId(incident.number),
    state:
      incident.mergedInto === null
        ? incident.state
        : `merged into ${incidentId(incident.mergedInto)}`,
    verb,
    allowed: allowedVerbs(incident.state),
  });
}

const PIECES: readonly AcceptancePiece[] = [
  "containment",
  "verification",
  "evidence",
  "stakeholders",
  "root cause",
  "lessons",
];

/**
 * What must be shown before this incident may be closed. SEV4 is tracked, not run, and owes nothing;
 * lessons are owed where the policy demands a postmortem.
 */
export function owedPieces(
  severity: Severity,
  postmortemRequired: boolean,
): readonly AcceptancePiece[] {
  if (!isRun(severity)) return [];
  return PIECES.filter((piece) => piece !== "lessons" || postmortemRequired);
}

/** The owed pieces that are not there yet. */
export const missingPieces = (
  owed: readonly AcceptancePiece[],
  recorded: readonly { readonly piece: AcceptancePiece }[],
): readonly AcceptancePiece[] =>
  owed.filter((piece) => !recorded.some((row) => row.piece === piece));

/** What each piece asks for, said in refusals: the name first, so that it is found by it. */
export const PIECE_HELP: Record<AcceptancePiece, string> = {
  containment: "containment (mitigated within its SLA, or the breach explained)",
  verification: "verification (metrics normal, error rate below its baseline, no customer reports)",
  evidence: "evidence (what was preserved and where)",
  stakeholders: "stakeholders (a status update or a recorded notification)",
  "root cause": "root cause (documented)",
  lessons: "lessons (a published postmortem with an assigned action item)",
};

/** Whether this person has it already; refuses where somebody else has. */
export function isTheirs(incident: Incident, personId: string | null): boolean {
  const { number, acknowledgedAt, acknowledgedBy } = incident;
  if (acknowledgedAt === null) return false;
  if (personId !== null && acknowledgedBy === personId) return true;
  throw new Refusal("incident.already_acknowledged", {
    id: incidentId(number),
    by: acknowledgedBy ?? "a token",
    at: toIso(acknowledgedAt),
  });
}
